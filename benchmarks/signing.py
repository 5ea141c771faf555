"""CPU milliseconds of a signature: ours, pyHanko's as shipped, and what nobody can save.

    python -m benchmarks.signing [ROUNDS]

All ways sign the same ten-page scan of about 2 MB, alternating in one process, so that other work on the machine
weighs on all of them alike; the median of the rounds is told.  The time that the local time stamp authority takes is
measured and left out on both sides.  A mark is three lines of text; pyHanko sets it in its default style with our font.
Keys on a token are those of SoftHSM (Debian package softhsm2), with one session for all documents on both sides.
The last lines tell what two processes do beside one.
"""

# pyHanko leaves some of its functions without types.
# mypy: untyped-calls-exclude="pyhanko,pyhanko_certvalidator"

import dataclasses
import hashlib
import logging
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from io import BytesIO
from itertools import pairwise
from multiprocessing.synchronize import Barrier
from pathlib import Path

import img2pdf
import numpy as np
import pikepdf
import pikepdf.pdfa
import pkcs11
from asn1crypto import cms, keys, tsp
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from PIL import Image
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.font.opentype import GlyphAccumulatorFactory
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.text import TextBoxStyle
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.pkcs11 import PKCS11Signer
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, Signer, SimpleSigner
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.stamp import TextStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

from config.settings import SigningSettings
from domain.clock import now
from pipeline.proof import prove_signature
from signing.cms import CmsSigner
from signing.credentials import Algorithm, Credential, PrivateKey, SoftwareKey, as_asn1
from signing.external import open_credentials
from signing.keys import SoftwareKeys, make_keys, software_keys
from signing.longterm import open_long_term
from signing.marks import Text
from signing.signer import CredentialSigners
from signing.timestamps import LocalTimeStamps
from signing.typeface import FONT_FILE
from signing.update import open_update, write_signature
from tests.pki import serve
from tests.token_case import MODULE, Shelf, ec_key, rsa_key

AT = now()
BOX = (8, 776, 228, 834)
LINES = ("Người số hóa: Nguyễn Thị Ngọc Ánh", AT.isoformat(), "Khóa thử nghiệm (DEVELOPMENT ONLY)")
KINDS: dict[str, tuple[Algorithm, int]] = {
    "RSA-2048 PSS": (Algorithm.PSS, 2048),
    "RSA-2048 PKCS#1": (Algorithm.PKCS1, 2048),
    "RSA-3072 PSS": (Algorithm.PSS, 3072),
    "ECDSA P-256": (Algorithm.ECDSA, 0),
}
Way = Callable[[bytes], bytes]


class Stamps(LocalTimeStamps):
    """The local authority, which also counts its own CPU time."""

    spent = 0.0

    def token(self, digest: bytes) -> bytes:
        """The token; the time it took is noted."""
        began = time.process_time()
        made = super().token(digest)
        Stamps.spent += time.process_time() - began
        return made


class PyHankoStamps(TimeStamper):
    """The same authority for pyHanko."""

    def __init__(self, stamps: Stamps) -> None:
        """Answer with the authority's tokens."""
        super().__init__(include_nonce=False)  # type: ignore[no-untyped-call]
        self._stamps = stamps

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """The token for the request."""
        token = self._stamps.token(req["message_imprint"]["hashed_message"].native)
        return tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": cms.ContentInfo.load(token)})


def scan(pages: int, quality: int) -> bytes:
    """A PDF/A-2b of grey noise on white paper: pages of 200 dpi as large as real ones."""
    random = np.random.default_rng(1)
    paper = np.clip(random.normal(235, 6, (2339, 1654, 3)), 0, 255).astype(np.uint8)
    raster = BytesIO()
    Image.fromarray(paper).save(raster, "JPEG", quality=quality, dpi=(200, 200))
    with pikepdf.open(BytesIO(img2pdf.convert([raster.getvalue()] * pages))) as pdf:
        target = BytesIO()
        pikepdf.pdfa.save(pdf, target, "2b")
    return target.getvalue()


def made_keys(algorithm: Algorithm, bits: int) -> SoftwareKeys:
    """Keys of the kind, in memory."""

    def new_key() -> PrivateKey:
        return rsa.generate_private_key(65537, bits) if bits else ec.generate_private_key(ec.SECP256R1())

    with tempfile.TemporaryDirectory() as folder:
        settings = SigningSettings(keys=Path(folder) / "keys")
        make_keys(settings, new_key)
        held = software_keys(settings)
    officer, agency = (dataclasses.replace(item, algorithm=algorithm) for item in (held.officer, held.agency))
    return dataclasses.replace(held, officer=officer, agency=agency)


def ours(credential: Credential, stamps: Stamps | None, *, with_mark: bool) -> Way:
    """Our way: keys and certificates encoded once, the mark's font cut once."""
    signer = CmsSigner(credential)

    def sign(pdf: bytes) -> bytes:
        with open_update(pdf) as update:

            def prepare(widget: generic.DictionaryObject) -> None:
                if with_mark:
                    mark = Text(LINES, "left").draw(update, 0)
                    widget[pdf_name("/AP")] = generic.DictionaryObject({pdf_name("/N"): mark})

            field = SigFieldSpec("Signature", on_page=0, box=BOX if with_mark else None)
            return write_signature(update, field, signer, AT, stamps, prepare)

    return sign


def theirs(credential: Credential, stamps: Stamps | None, *, with_mark: bool) -> Way:
    """PyHanko's way as its documentation shows it, with the signer made once."""
    registry: SimpleCertificateStore = SimpleCertificateStore()
    registry.register_multiple([as_asn1(item) for item in credential.chain])
    signer = SimpleSigner(
        signing_cert=as_asn1(credential.certificate),
        signing_key=keys.PrivateKeyInfo.load(_pkcs8(credential)),
        cert_registry=registry,
        signature_mechanism=credential.algorithm.identifier(),
    )
    return by_pyhanko(signer, stamps, with_mark=with_mark)


def by_pyhanko(signer: Signer, stamps: Stamps | None, *, with_mark: bool) -> Way:
    """PyHanko's way with a signer of its own."""
    metadata = PdfSignatureMetadata(field_name="Signature", md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES)
    style = TextStampStyle(
        stamp_text="\n".join(LINES),
        text_box_style=TextBoxStyle(font=GlyphAccumulatorFactory(str(FONT_FILE)), font_size=10),
    )
    pdf_signer = PdfSigner(
        metadata,
        signer,
        timestamper=PyHankoStamps(stamps) if stamps else None,
        stamp_style=style if with_mark else None,
        new_field_spec=SigFieldSpec("Signature", on_page=0, box=BOX if with_mark else None),
    )

    def sign(pdf: bytes) -> bytes:
        signed: bytes = pdf_signer.sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf))).getvalue()
        return signed

    return sign


def floor(credential: Credential) -> Way:
    """What nobody can save: the digest of the file and the operation of the key."""
    return lambda pdf: credential.sign(hashlib.sha256(pdf).digest())


def _pkcs8(credential: Credential) -> bytes:
    if not isinstance(credential.key, SoftwareKey):
        raise TypeError("only a software key can be given to pyHanko")
    return credential.key.key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def measure(ways: dict[str, Way], pdf: bytes, rounds: int) -> dict[str, float]:
    """The median CPU milliseconds of each way, without what the time stamp authority took."""
    spent: dict[str, list[float]] = {name: [] for name in ways}
    for sign in ways.values():
        sign(pdf)  # first uses load fonts and fill caches
    for _ in range(rounds):
        for name, sign in ways.items():
            began, stamped = time.process_time(), Stamps.spent
            sign(pdf)
            spent[name].append((time.process_time() - began - (Stamps.spent - stamped)) * 1000)
    return {name: statistics.median(times) for name, times in spent.items()}


def levels(pdf: bytes, rounds: int) -> None:
    """The table of the levels and kinds of keys."""
    print(f"\n{len(pdf) / 1e6:.1f} MB, 10 pages; CPU ms a document")
    print(f"{'key':<17}{'level':<6}{'mark':<6}{'ours':>8}{'pyHanko':>9}{'raw':>7}{'pyHanko:ours':>14}{'ours:raw':>10}")
    for name, (algorithm, bits) in KINDS.items():
        held = made_keys(algorithm, bits)
        stamps = Stamps(held.timestamps)
        for level, by in (("B-B", None), ("B-T", stamps)):
            for with_mark in (False, True):
                told = measure(
                    {
                        "ours": ours(held.officer, by, with_mark=with_mark),
                        "theirs": theirs(held.officer, by, with_mark=with_mark),
                        "raw": floor(held.officer),
                    },
                    pdf,
                    rounds,
                )
                mine, other, raw = told["ours"], told["theirs"], told["raw"]
                print(
                    f"{name:<17}{level:<6}{'yes' if with_mark else 'no':<6}{mine:>8.1f}{other:>9.1f}{raw:>7.1f}"
                    f"{other / mine:>14.1f}{mine / raw:>10.1f}"
                )


def tokens(pdf: bytes, rounds: int) -> None:
    """The table of keys on a token: SoftHSM, ours beside pyHanko's signer, both with one session."""
    print(f"\n{'on a token':<29}{'ours':>8}{'pyHanko':>9}{'raw':>7}{'pyHanko:ours':>14}{'ours:raw':>10}")
    for name, (algorithm, bits) in KINDS.items():
        with tempfile.TemporaryDirectory() as folder:
            os.environ["SOFTHSM2_CONF"] = f"{folder}/softhsm2.conf"
            shelf = Shelf(Path(folder), partial(rsa_key, bits) if bits else ec_key)
            shelf.add("desk", "officer", "agency")
            padding = "pkcs1" if algorithm is Algorithm.PKCS1 else "pss"
            with open_credentials(shelf.settings(padding=padding)) as (officer, _):
                (token,) = pkcs11.lib(str(MODULE)).get_tokens("desk")
                session = token.open()  # the login holds for all sessions of a process
                signer = PKCS11Signer(
                    session,
                    signing_cert=as_asn1(officer.certificate),
                    ca_chain=[as_asn1(item) for item in officer.chain],
                    key_label="officer",
                    signature_mechanism=algorithm.identifier(),
                    use_raw_mechanism=algorithm is Algorithm.ECDSA,
                )
                told = measure(
                    {
                        "ours": ours(officer, None, with_mark=False),
                        "theirs": by_pyhanko(signer, None, with_mark=False),
                        "raw": floor(officer),
                    },
                    pdf,
                    rounds,
                )
        mine, other, raw = told["ours"], told["theirs"], told["raw"]
        print(
            f"{name:<17}{'B-B':<6}{'no':<6}{mine:>8.1f}{other:>9.1f}{raw:>7.1f}{other / mine:>14.1f}{mine / raw:>10.1f}"
        )


def stages(rounds: int) -> None:
    """What signing and sealing one page cost in the flow, with checks and proof but without files."""
    pdf = scan(1, 80)
    held = made_keys(Algorithm.PSS, 2048)
    signers = CredentialSigners(held.officer, held.agency, Stamps(held.timestamps), development_only=True)
    copy = signers.sign_copy(pdf, AT)
    sealed = signers.seal(copy, AT)

    def prove(before: bytes, signed: bytes) -> bytes:
        prove_signature(before, signed)
        return signed

    ways: dict[str, Way] = {
        "sign": lambda _: signers.sign_copy(pdf, AT),
        "prove the copy": lambda _: prove(pdf, copy),
        "seal": lambda _: signers.seal(copy, AT),
        "prove the seal": lambda _: prove(copy, sealed),
    }
    told = measure(ways, pdf, rounds)
    print(f"\none page of {len(pdf) / 1e3:.0f} kB, RSA-2048 PSS, checked; CPU ms")
    for name, spent in {**told, "together": sum(told.values())}.items():
        print(f"{name:<17}{spent:>8.1f}")


def long_term(pdf: bytes, rounds: int) -> None:
    """The table of the levels that need authorities: certomancer on loopback, whose time is left out.

    What is told is the CPU time of this thread, HTTP included.
    """
    with tempfile.TemporaryDirectory() as folder, serve(Path(folder), AT) as pki:
        roots = (pki.roots.joinpath("root.der").read_bytes(),)
        with open_long_term(SigningSettings(keys=Path(folder), time_stamps=(pki.authority("tsa"),)), roots) as keeper:
            hands = CredentialSigners(
                pki.credential("officer"), pki.credential("agency"), keeper.time_stamps, keeper, development_only=True
            )
            spent: dict[str, list[float]] = {}
            for _ in range(rounds + 1):
                marks = [time.thread_time()]
                copy = hands.sign_copy(pdf, AT)
                marks.append(time.thread_time())
                sealed = hands.seal(copy, AT)
                marks.append(time.thread_time())
                hands.extend(sealed, "B-LT")
                marks.append(time.thread_time())
                stamped = hands.extend(sealed, "B-LTA").pdf
                marks.append(time.thread_time())
                prove_signature(sealed, stamped)
                marks.append(time.thread_time())
                names = ("sign (B-B)", "seal (B-T)", "extend to B-LT", "extend to B-LTA", "prove B-LTA")
                for name, (began, ended) in zip(names, pairwise(marks), strict=True):
                    spent.setdefault(name, []).append((ended - began) * 1000)
    print(f"\n{len(pdf) / 1e6:.1f} MB, 10 pages, RSA-2048 PSS, with marks, checked; CPU ms")
    for name, times in spent.items():
        print(f"{name:<17}{statistics.median(times[1:]):>8.1f}")


def work(documents: int, start: Barrier) -> None:
    """What each of several processes does: sign so many documents, once all are ready."""
    sign, pdf = ours(made_keys(Algorithm.PSS, 2048).officer, None, with_mark=True), scan(10, 68)
    sign(pdf)
    start.wait()
    for _ in range(documents):
        sign(pdf)


def processes(documents: int) -> None:
    """Documents a second of one process and of two."""
    for number in (1, 2):
        start = multiprocessing.Barrier(number + 1)
        pool = [multiprocessing.Process(target=work, args=(documents, start)) for _ in range(number)]
        for process in pool:
            process.start()
        start.wait()
        began = time.perf_counter()
        for process in pool:
            process.join()
        rate = number * documents / (time.perf_counter() - began)
        print(
            f"{number} process{'es' if number > 1 else ''}: {rate:.0f} documents a second (B-B with mark, RSA-2048 PSS)"
        )


def main() -> None:
    """Print the tables."""
    logging.disable(logging.WARNING)
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    pdf = scan(10, 68)
    levels(pdf, rounds)
    tokens(pdf, rounds)
    stages(rounds)
    long_term(pdf, rounds)
    print()
    processes(20 * rounds)


if __name__ == "__main__":
    main()
