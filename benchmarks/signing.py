"""CPU milliseconds of a signature: ours, pyHanko's as shipped, and what nobody can save.

    python -m benchmarks.signing [ROUNDS]

A ten-page scan of 2 MB gets one signature with a mark of three lines, at every level and by every kind of key.  Ours
ends with the check that everything is held to before it is given out.  pyHanko's is `SimpleSigner` (on a token its
`PKCS11Signer`) as its documentation shows it, with signer and font made once.  Raw is the key's operation and the
SHA-256 of the file.  The ways alternate in one process, so that other work on the machine weighs on all alike; what is
told is the median of this process's CPU time.  Authority and signing service are processes of their own, on loopback;
tokens are those of SoftHSM (Debian package softhsm2).

Then: what a paper costs in the flow, with two signatures and all proof; what memory a file of 112 MB takes there; and
what two processes do beside one.  Goals are printed beside what was measured.
"""

# pyHanko leaves some of its functions without types.
# mypy: untyped-calls-exclude="pyhanko,pyhanko_certvalidator"

import hashlib
import logging
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from io import BytesIO
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pkcs11
from asn1crypto import keys
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.font.opentype import GlyphAccumulatorFactory
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.text import TextBoxStyle
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.pkcs11 import PKCS11Signer
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, Signer, SimpleSigner
from pyhanko.sign.timestamps import HTTPTimeStamper
from pyhanko.stamp import TextStampStyle
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from benchmarks.signflow import flow, memory
from benchmarks.signset import AT, Bench, authority, scan
from config.signing import RemoteSettings
from domain.levels import Level
from signing.keys.credentials import Algorithm, Credential, PrivateKey, SoftwareKey, as_asn1
from signing.keys.remote import open_remote
from signing.keys.token import open_token
from signing.longterm.extend import LongTerm
from signing.marks.marks import Text
from signing.marks.typeface import FONT_FILE
from signing.pades.check import check_signature
from signing.pades.cms import CmsSigner
from signing.pades.update import open_update, write_signature
from tests.support.csc_service import serve_keys
from tests.support.pki import Pki
from tests.support.tokens import MODULE, Shelf, ec_key, rsa_key

FIELD = "Signature"
BOX = (8, 776, 228, 834)
SIZE = (220, 58)
LINES = ("Người số hóa: Nguyễn Thị Ngọc Ánh", AT.isoformat(), "Khóa thử nghiệm (DEVELOPMENT ONLY)")
LEVELS: tuple[Level, ...] = ("B-B", "B-T", "B-LT", "B-LTA")
KINDS: dict[str, tuple[Algorithm, Callable[[], PrivateKey]]] = {
    "RSA-2048 PSS": (Algorithm.PSS, rsa_key),
    "RSA-2048 PKCS#1": (Algorithm.PKCS1, rsa_key),
    "RSA-3072 PSS": (Algorithm.PSS, lambda: rsa_key(3072)),
    "RSA-3072 PKCS#1": (Algorithm.PKCS1, lambda: rsa_key(3072)),
    "ECDSA P-256": (Algorithm.ECDSA, ec_key),
}
GOAL_OF = "RSA-2048 PSS", "B-B"
B_B_MS = 4.0  # the goal
Way = Callable[[bytes], bytes]


def ours(credential: Credential, keeper: LongTerm, level: Level) -> Way:
    """Our way: keys, certificates and proof encoded once, the mark's font cut once."""
    signer = CmsSigner(credential)
    stamps = None if level == "B-B" else keeper.time_stamps

    def sign(pdf: bytes) -> bytes:
        with open_update(pdf) as update:

            def prepare(widget: generic.DictionaryObject) -> None:
                mark = Text(LINES[:2], "left", LINES[2]).draw(update, 0, SIZE)
                widget[pdf_name("/AP")] = generic.DictionaryObject({pdf_name("/N"): mark})

            signed = write_signature(update, SigFieldSpec(FIELD, on_page=0, box=BOX), signer, AT, stamps, prepare)
        check_signature(signed, FIELD, update.beginning)
        return keeper.extend(signed, level).pdf if level in {"B-LT", "B-LTA"} else signed

    return sign


def theirs(signer: Signer, pki: Pki, level: Level) -> Way:
    """PyHanko's way as its documentation shows it."""
    style = TextStampStyle(
        stamp_text="\n".join(LINES),
        text_box_style=TextBoxStyle(font=GlyphAccumulatorFactory(str(FONT_FILE)), font_size=10),
    )
    root, issuing = (as_asn1(pki.certificate(label)) for label in ("root", "issuing"))

    def sign(pdf: bytes) -> bytes:
        context = ValidationContext(
            trust_roots=[root], other_certs=[issuing], allow_fetching=True, revocation_mode="require"
        )
        metadata = PdfSignatureMetadata(
            field_name=FIELD,
            md_algorithm="sha256",
            subfilter=SigSeedSubFilter.PADES,
            validation_context=context,
            embed_validation_info=level in {"B-LT", "B-LTA"},
            use_pades_lta=level == "B-LTA",
        )
        signed: bytes = (
            PdfSigner(
                metadata,
                signer,
                timestamper=None if level == "B-B" else HTTPTimeStamper(pki.authority("tsa").url),
                stamp_style=style,
                new_field_spec=SigFieldSpec(FIELD, on_page=0, box=BOX),
            )
            .sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)))
            .getvalue()
        )
        return signed

    return sign


def simple(credential: Credential) -> Signer:
    """PyHanko's signer for keys in memory."""
    if not isinstance(credential.key, SoftwareKey):
        raise TypeError("only a software key can be given to pyHanko")
    registry: SimpleCertificateStore = SimpleCertificateStore()
    registry.register_multiple([as_asn1(item) for item in credential.chain])
    der = credential.key.key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return SimpleSigner(
        signing_cert=as_asn1(credential.certificate),
        signing_key=keys.PrivateKeyInfo.load(der),
        cert_registry=registry,
        signature_mechanism=credential.algorithm.identifier(),
    )


def raw(credential: Credential) -> Way:
    """What nobody can save: the digest of the file and the operation of the key."""
    return lambda pdf: credential.sign(hashlib.sha256(pdf).digest())


def measure(ways: dict[str, Way], pdf: bytes, rounds: int) -> dict[str, float]:
    """The median CPU milliseconds of each way."""
    spent: dict[str, list[float]] = {name: [] for name in ways}
    for sign in ways.values():
        sign(pdf)  # first uses load fonts, ask the issuers and fill caches
    for _ in range(rounds):
        for name, sign in ways.items():
            began = time.process_time()
            sign(pdf)
            spent[name].append((time.process_time() - began) * 1000)
    return {name: statistics.median(times) for name, times in spent.items()}


def table(name: str, bench: Bench, credential: Credential, signer: Signer | None, pdf: bytes, rounds: int) -> None:
    """The lines of a kind of key."""
    for level in LEVELS:
        ways = {"ours": ours(credential, bench.keeper, level), "raw": raw(credential)}
        if signer is not None:
            ways["theirs"] = theirs(signer, bench.pki, level)
        measured = measure(ways, pdf, rounds)
        mine, least, other = measured["ours"], measured["raw"], measured.get("theirs")
        beside = f"{other:>9.1f}{other / mine:>14.1f}" if other else f"{'-':>9}{'-':>14}"
        goal = f"   goal {B_B_MS}" if (name, level) == GOAL_OF else ""
        print(f"{name:<22}{level:<6}{mine:>8.1f}{least:>7.1f}{mine / least:>10.1f}{beside}{goal}", flush=True)


def software(pdf: bytes, rounds: int) -> None:
    """Keys in memory."""
    for name, (algorithm, new_key) in KINDS.items():
        with authority(algorithm, new_key) as bench:
            table(name, bench, bench.officer, simple(bench.officer), pdf, rounds)


def token(pdf: bytes, rounds: int) -> None:
    """A key on a SoftHSM token, with one session for all documents on both sides."""
    with authority() as bench, tempfile.TemporaryDirectory() as name:
        os.environ["SOFTHSM2_CONF"] = f"{name}/softhsm2.conf"
        shelf = Shelf(Path(name), ec_key)
        shelf.certify("officer", bench.officer)
        shelf.add("desk", "officer")
        with open_token(shelf.token("officer"), Path(name)) as officer:
            (found,) = pkcs11.lib(str(MODULE)).get_tokens("desk")
            signer = PKCS11Signer(
                found.open(),  # the login holds for all sessions of a process
                signing_cert=as_asn1(officer.certificate),
                ca_chain=[as_asn1(item) for item in officer.chain],
                key_label="officer",
                signature_mechanism=officer.algorithm.identifier(),
            )
            table("SoftHSM RSA-2048 PSS", bench, officer, signer, pdf, rounds)


def _serve(pki: Pki, pipe: Connection) -> None:
    with serve_keys(pki) as service:
        service.most = 1000
        pipe.send(service.url)
        pipe.recv()


def remote(pdf: bytes, rounds: int) -> None:
    """A key with a remote service, over HTTP."""
    with authority() as bench, tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        here, there = multiprocessing.Pipe()
        service = multiprocessing.get_context("fork").Process(target=_serve, args=(bench.pki, there), daemon=True)
        service.start()
        stack.callback(service.join)
        stack.callback(here.send, "enough")
        root = Path(name) / "root.pem"
        root.write_bytes(bench.pki.certificate("root").public_bytes(serialization.Encoding.PEM))
        measured = {"url": here.recv(), "credential": "khoso/officer", "certificates": root, "batch": 1000}
        officer = stack.enter_context(open_remote(RemoteSettings.model_validate(measured), Path(name)))
        table("remote RSA-2048 PSS", bench, officer, None, pdf, rounds)


def _work(documents: int, start: Barrier, spent: Connection) -> None:
    """What each of several processes does: sign so many documents, once all are ready."""
    pdf = scan(10, 64)
    with authority() as bench:
        sign = ours(bench.officer, bench.keeper, "B-B")
        sign(pdf)
        start.wait()
        began = time.process_time()
        for _ in range(documents):
            sign(pdf)
        spent.send((time.process_time() - began) / documents)
        start.wait()


def processes(documents: int) -> None:
    """Documents a second of one process and of two, and what CPU time allows when nothing else runs."""
    print("\nB-B with mark, RSA-2048 PSS")
    rates, costs = [], []
    for number in (1, 2):
        start = multiprocessing.Barrier(number + 1)
        here, there = multiprocessing.Pipe()
        pool = [multiprocessing.Process(target=_work, args=(documents, start, there)) for _ in range(number)]
        for process in pool:
            process.start()
        start.wait()
        began = time.perf_counter()
        start.wait()
        rates.append(number * documents / (time.perf_counter() - began))
        costs.append(statistics.mean(here.recv() for _ in pool))
        for process in pool:
            process.join()
        print(f"{number} at once: {rates[-1]:.0f} documents a second, {1000 * costs[-1]:.1f} CPU ms a document")
    print(f"{rates[1] / rates[0]:.2f} times the rate on {len(os.sched_getaffinity(0))} cores; ", end="")
    print(f"{2 * costs[0] / costs[1]:.2f} times by CPU time, were they free")


def main() -> None:
    """Print the tables."""
    logging.disable(logging.WARNING)
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    pdf = scan(10, 64)
    print(f"{len(pdf) / 1e6:.1f} MB, 10 pages, one signature with a mark; CPU ms")
    print(f"{'key':<22}{'level':<6}{'ours':>8}{'raw':>7}{'ours:raw':>10}{'pyHanko':>9}{'pyHanko:ours':>14}")
    for kinds in (software, token, remote):
        kinds(pdf, rounds)
    flow(pdf, rounds)
    memory()
    processes(20 * rounds)


if __name__ == "__main__":
    main()
