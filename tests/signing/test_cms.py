"""The signatures are those that pyHanko would make, in a tenth of its time; other programs accept every one of them."""

# pyHanko leaves some of its functions without types.
# mypy: untyped-calls-exclude="pyhanko,pyhanko_certvalidator"

import asyncio
import dataclasses
import hashlib
import subprocess
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from asn1crypto import cms, keys
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from pyhanko.sign.signers import SimpleSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

from domain import clock
from signing.keys.credentials import Algorithm, Credential, PrivateKey, SoftwareKey, as_asn1
from signing.keys.software import SoftwareKeys, make_keys, software_keys
from signing.pades.cms import CmsSigner
from signing.stamps.local import LocalTimeStamps
from signing.verification.verify import verify_pdf
from tests.support.signing_papers import paper, program, settings, with_keys

AT = clock.now()
DIGEST = hashlib.sha256(b"a paper").digest()
KINDS = {
    "PSS 2048": (Algorithm.PSS, 2048),
    "PSS 3072": (Algorithm.PSS, 3072),
    "PKCS#1 2048": (Algorithm.PKCS1, 2048),
    "ECDSA P-256": (Algorithm.ECDSA, 0),
}


@pytest.fixture(scope="module", params=KINDS)
def held(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> SoftwareKeys:
    """Keys of each kind that the law allows (L7.1) or that tokens have (L7.2)."""
    algorithm, bits = KINDS[request.param]

    def new_key() -> PrivateKey:
        return rsa.generate_private_key(65537, bits) if bits else ec.generate_private_key(ec.SECP256R1())

    folder = settings(tmp_path_factory.mktemp("cms"))
    make_keys(folder, new_key)
    made = software_keys(folder)
    officer, agency = (dataclasses.replace(item, algorithm=algorithm) for item in (made.officer, made.agency))
    return dataclasses.replace(made, officer=officer, agency=agency)


@pytest.fixture(scope="module")
def sealed(held: SoftwareKeys) -> bytes:
    """A paper signed and sealed with the keys."""
    signers = with_keys(held)
    return signers.seal(signers.sign_copy(paper(), AT), AT)


@pytest.fixture
def root(held: SoftwareKeys, tmp_path: Path) -> Path:
    """The file of the root certificate."""
    path = tmp_path / "root.pem"
    path.write_bytes(held.root.public_bytes(serialization.Encoding.PEM))
    return path


def by_pyhanko(credential: Credential) -> bytes:
    """The signature that pyHanko itself makes, the oracle of these tests."""
    registry: SimpleCertificateStore = SimpleCertificateStore()
    registry.register_multiple([as_asn1(item) for item in credential.chain])
    assert isinstance(credential.key, SoftwareKey)
    pkcs8 = credential.key.key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    signer = SimpleSigner(
        signing_cert=as_asn1(credential.certificate),
        signing_key=keys.PrivateKeyInfo.load(pkcs8),
        cert_registry=registry,
        signature_mechanism=credential.algorithm.identifier(),
    )
    made: bytes = asyncio.run(signer.async_sign(DIGEST, "sha256", use_pades=True)).dump()
    return made


def without_signature(der: bytes) -> object:
    """All that is in a signature but the number itself, which is random for PSS and ECDSA."""
    content = cms.ContentInfo.load(der, strict=True).native
    del content["content"]["signer_infos"][0]["signature"]
    return content


def test_same_as_pyhanko(held: SoftwareKeys) -> None:
    """A signature has the structure of pyHanko's: attributes, algorithms, certificates; PKCS#1's, each byte of it."""
    ours, theirs = CmsSigner(held.officer).sign(DIGEST), by_pyhanko(held.officer)
    assert without_signature(ours) == without_signature(theirs)
    if held.officer.algorithm is Algorithm.PKCS1:
        assert ours == theirs


def test_distinguished_encoding(held: SoftwareKeys) -> None:
    """OpenSSL, which writes DER, writes the same bytes for what it read (PDF/A-2, 6.4.3)."""
    ours = CmsSigner(held.officer).sign(DIGEST, LocalTimeStamps(held.timestamps).token)
    command = [program("openssl"), "cms", "-cmsout", "-inform", "DER", "-outform", "DER"]
    assert subprocess.run(command, input=ours, capture_output=True, check=True).stdout == ours


def test_announced_size(held: SoftwareKeys) -> None:
    """What is reserved in the file is enough, and not much more."""
    signer, stamps = CmsSigner(held.officer), LocalTimeStamps(held.timestamps)
    for size, made in (
        (signer.size, signer.sign(DIGEST)),
        (signer.size + stamps.size, signer.sign(DIGEST, stamps.token)),
        (stamps.size, stamps.token(DIGEST)),
    ):
        assert len(made) <= size <= len(made) + 2000


def test_attributes_of_pades(held: SoftwareKeys) -> None:
    """The signed attributes are those of PAdES; a signing time is not among them (ETSI EN 319 142-1, 6.3)."""
    (info,) = cms.ContentInfo.load(CmsSigner(held.officer).sign(DIGEST))["content"]["signer_infos"]
    assert [attribute["type"].native for attribute in info["signed_attrs"]] == [
        "content_type",
        "message_digest",
        "signing_certificate_v2",
    ]


def test_pyhanko_verifies(held: SoftwareKeys, sealed: bytes) -> None:
    """PyHanko finds both signatures sound and traces them to the root."""
    anchors = with_keys(held).anchors()
    assert [verdict.problem for verdict in verify_pdf(sealed, anchors, AT)] == ["", ""]


def test_poppler_verifies(sealed: bytes, tmp_path: Path) -> None:
    """Poppler finds both signatures valid."""
    path = tmp_path / "sealed.pdf"
    path.write_bytes(sealed)
    got = subprocess.run([program("pdfsig"), "-nocert", path], capture_output=True, text=True, check=True).stdout
    assert got.count("Signature is Valid.") == 2, got


def contents(sealed: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Each signature of a file with the bytes it covers."""
    with pikepdf.open(BytesIO(sealed)) as document:
        for field in document.Root.AcroForm.Fields:
            first, start, end, rest = (int(number) for number in field.V.ByteRange)
            yield (
                bytes.fromhex(sealed[start + 1 : end - 1].decode()),
                sealed[first : first + start] + sealed[end : end + rest],
            )


def test_openssl_verifies(sealed: bytes, root: Path, tmp_path: Path) -> None:
    """OpenSSL accepts both signatures as CAdES, up to the root, over the bytes of the file."""
    for signature, signed in contents(sealed):
        (tmp_path / "signature").write_bytes(signature)
        (tmp_path / "signed").write_bytes(signed)
        command = f"cms -verify -cades -binary -inform DER -in signature -content signed -CAfile {root} -purpose any"
        run = subprocess.run(
            [program("openssl"), *command.split(), "-out", "out"], cwd=tmp_path, capture_output=True, check=False
        )
        assert run.returncode == 0, run.stderr
        (tmp_path / "signed").write_bytes(signed[:-1] + b"?")
        run = subprocess.run(
            [program("openssl"), *command.split(), "-out", "out"], cwd=tmp_path, capture_output=True, check=False
        )
        assert run.returncode != 0
