"""A development authority: it issues certificates for ten years, and its own key is thrown away with that."""

import os
import shutil
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from domain import clock
from files.durable import flush_folder
from signing.keys.credentials import PrivateKey
from signing.keys.kinds import DEVELOPMENT

ROOT = "root.pem"
LONGEST_NAME = 64  # letters: X.520's bound for commonName and organizationName
LONGEST_COMMON_NAME = 64  # bytes: how `cryptography` reads that bound
_TERM = timedelta(days=3652)
_LONG_TERM = 2 * _TERM  # root and time stamps outlive the signers, so that a time stamp can prove an expired one
_README = """Keys of khoso for DEVELOPMENT ONLY.

Made by this program when they were first needed; the private keys are not encrypted.  Signatures made with them have no
legal value.  Keep root.pem as long as documents signed with these keys are to be checked.
"""


def make_folder(folder: Path, subjects: Mapping[str, tuple[x509.Name, PrivateKey]]) -> None:
    """Make certificates and keys in a folder beside, then rename it: they are there whole or not at all.

    Args:
        folder: where they are put, with the root's certificate.
        subjects: whom each certificate names, and its key, by the name of its files; ``timestamps`` stamps time.
    """
    root_key = ec.generate_private_key(ec.SECP256R1())
    root_name = subject("khoso development root")
    root = _certificate(root_name, root_name, root_key, root_key, is_authority=True)
    new = folder.with_name(folder.name + ".new")
    shutil.rmtree(new, ignore_errors=True)  # left by a crash; the lock says nobody is at work on it
    new.mkdir(mode=0o700)
    _write(new / ROOT, root.public_bytes(serialization.Encoding.PEM))
    _write(new / "README.txt", _README.encode())
    for name, (named, key) in subjects.items():
        certificate = _certificate(named, root_name, key, root_key, is_timestamper=name == "timestamps")
        _write(new / f"{name}.pem", certificate.public_bytes(serialization.Encoding.PEM))
        _write(
            new / f"{name}.key",
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            ),
        )
    flush_folder(new)
    new.rename(folder)
    flush_folder(folder.parent)


def shortened(name: str) -> str:
    """The name, cut after a word and marked with an ellipsis when it is too long for a common name."""
    words = name.split()
    while len(short := " ".join(words) + "…") > 1 and len(short.encode()) > LONGEST_COMMON_NAME:
        words.pop()
    return name if len(name.encode()) <= LONGEST_COMMON_NAME else short


def subject(name: str, organisation: str = "khoso") -> x509.Name:
    """Whom a certificate names, and that it has no legal value."""
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, DEVELOPMENT),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )


def _certificate(
    named: x509.Name,
    issuer: x509.Name,
    key: PrivateKey,
    issuer_key: PrivateKey,
    *,
    is_authority: bool = False,
    is_timestamper: bool = False,
) -> x509.Certificate:
    """A certificate for ten years, or twenty; in force since yesterday so that clocks may differ a little."""
    since: datetime = clock.now() - timedelta(days=1)
    builder = (
        x509.CertificateBuilder()
        .subject_name(named)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(since + (_LONG_TERM if is_authority or is_timestamper else _TERM))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=0 if is_authority else None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
        .add_extension(_key_usage(is_authority=is_authority), critical=True)
    )
    if is_timestamper:  # RFC 3161 2.3: this usage alone, and critical
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    return builder.sign(issuer_key, hashes.SHA256())


def _key_usage(*, is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_authority,
        content_commitment=not is_authority,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        encipher_only=False,
        decipher_only=False,
    )


def _write(path: Path, data: bytes) -> None:
    """Write a file that only its owner can read, down to the disk."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
