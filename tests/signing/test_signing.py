"""A copy is signed, then sealed: PAdES, incremental, timed as told, and never given out broken."""

# pyHanko leaves some of its functions without types.
# mypy: untyped-calls-exclude="pyhanko"

import asyncio
import dataclasses
import errno
import getpass
import os
import re
import shutil
import subprocess
import time
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pikepdf.pdfa
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader

from config.signing import KEY_ROLES, SigningSettings
from domain import clock
from domain.errors import Disposition, KhosoError
from signing.errors import AlreadySigned, CannotSign, CertificateExpired, KeysUnusable, SignatureBroken
from signing.interface import Signers
from signing.keys.credentials import SoftwareKey
from signing.keys.software import software_anchors, software_certificates, software_keys
from signing.pades.check import check_signature
from signing.pades.previous import Beginning
from signing.signer import CredentialSigners, open_signers
from signing.stamps.local import LocalTimeStamps
from signing.verification.verify import open_anchors, verify_pdf
from tests.support.signing_papers import AGENCY, OFFICER, paper, program, settings, with_keys

AT = clock.now()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The place of the keys."""
    return tmp_path_factory.mktemp("signing")


@pytest.fixture(scope="module")
def signers(folder: Path) -> Any:
    """Development keys."""
    with open_signers(settings(folder)) as opened:
        yield opened


@pytest.fixture(scope="module")
def copy(signers: Signers) -> bytes:
    """A signed copy."""
    return signers.sign_copy(paper(), AT)


@pytest.fixture(scope="module")
def sealed(signers: Signers, copy: bytes) -> bytes:
    """A sealed copy."""
    return signers.seal(copy, AT)


def signature(pdf: bytes, field: str) -> dict[str, pikepdf.Object]:
    """The signature dictionary of a field, read by another library than the one that wrote it."""
    with pikepdf.open(BytesIO(pdf)) as document:
        return next(dict(f.V.items()) for f in document.Root.AcroForm.Fields if str(f.T) == field)


def shown(pdf: bytes) -> str:
    """The text of the page with its marks, as poppler reads it."""
    run = subprocess.run([program("pdftotext"), "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return run.stdout.decode()


def test_keys_are_private(signers: Signers, folder: Path) -> None:
    """The keys are made on first run, for the owner only, and say that they are for development only."""
    keys = folder / "keys"
    assert keys.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in keys.iterdir()} == {0o600}
    assert "DEVELOPMENT ONLY" in (keys / "README.txt").read_text(encoding="utf-8")
    assert not (keys / "root.key").exists()
    assert signers.development_only


def test_keys_stay(signers: Signers, folder: Path) -> None:
    """A second start finds the keys of the first, and the anchors need no private key."""
    with open_signers(settings(folder)) as again:
        assert again.anchors() == signers.anchors() == open_anchors(settings(folder))


def test_keys_made_once(tmp_path: Path) -> None:
    """Starts at the same time end up with one authority."""
    with ThreadPoolExecutor(4) as pool:
        roots = {keys.root for keys in pool.map(software_keys, [settings(tmp_path)] * 4)}
    assert len(roots) == 1


def test_keys_after_a_crash(tmp_path: Path) -> None:
    """Keys that were half made when the machine stopped are made anew."""
    (tmp_path / "keys.new").mkdir()
    (tmp_path / "keys.new" / "root.pem").write_bytes(b"half a cert")
    assert software_keys(settings(tmp_path)).officer.person == OFFICER
    assert not (tmp_path / "keys.new").exists()


def test_keys_for_another_name(folder: Path, signers: Signers) -> None:
    """When the settings name another officer than the certificate, work stops: the mark must not lie."""
    del signers
    other = settings(folder).model_copy(update={"officer": "Trần Văn Bình"})
    with pytest.raises(KeysUnusable, match="Trần Văn Bình"):
        software_keys(other)


def test_damaged_keys(tmp_path: Path) -> None:
    """A key folder with a missing or damaged file stops the line and says what to do."""
    software_keys(settings(tmp_path))
    (tmp_path / "keys" / "agency.key").write_bytes(b"?")
    with pytest.raises(KeysUnusable) as caught:
        software_keys(settings(tmp_path))
    assert caught.value.disposition is Disposition.HALT
    assert caught.value.advice


def both_certificates(asked: SigningSettings) -> object:
    """The certificates of both keys."""
    return software_certificates(asked, *KEY_ROLES)


@pytest.mark.parametrize("ask", [software_keys, software_anchors, both_certificates])
@pytest.mark.parametrize(
    ("owner", "remedy"), [("khoso", "Run the command as khoso"), (getpass.getuser(), "chmod -R u+rwX")]
)
def test_keys_that_may_not_be_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ask: Callable[[SigningSettings], object], owner: str, remedy: str
) -> None:
    """Keys that lie there and may not be opened are in order: whose they are is told, and nobody throws them away."""

    def closed(path: Path) -> bytes:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    software_keys(settings(tmp_path))
    monkeypatch.setattr(Path, "read_bytes", closed)
    monkeypatch.setattr(Path, "owner", lambda _: owner)
    with pytest.raises(KeysUnusable, match=f"belongs to the user {owner}") as caught:
        ask(settings(tmp_path))
    assert remedy in caught.value.advice
    assert "move it away" not in caught.value.advice


def test_no_anchors_yet(tmp_path: Path) -> None:
    """Before the first signature there is nothing to trust, and asking for it makes no keys."""
    assert open_anchors(settings(tmp_path)) == ()
    assert not (tmp_path / "keys").exists()


def test_only_grows(copy: bytes, sealed: bytes) -> None:
    """Signing and sealing append to the file: what was signed is a prefix of what is archived."""
    assert sealed.startswith(copy)
    assert len(sealed) - len(copy) < 30_000


def test_fields_before_signatures(copy: bytes) -> None:
    """The agency's field stands on page one, empty, before the digitiser's signature is made."""
    with pikepdf.open(BytesIO(copy)) as document:
        fields = {str(field.T): field for field in document.Root.AcroForm.Fields}
        assert set(fields) == {"SoHoa", "CoQuan"}
        assert "/V" not in fields["CoQuan"]
        assert len(document.pages[0].Annots) == 2


def test_signature_is_pades(sealed: bytes) -> None:
    """Both signatures are PAdES (ETSI.CAdES.detached)."""
    for field in ("SoHoa", "CoQuan"):
        assert signature(sealed, field)["/SubFilter"] == "/ETSI.CAdES.detached"


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Ho_Chi_Minh"])
def test_one_time_everywhere(signers: Signers, zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """/M and the mark show the time that was given, in Viet Nam's zone, whatever the zone of the machine."""
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        pdf = signers.sign_copy(paper(), AT.astimezone(UTC))
    finally:
        monkeypatch.undo()
        time.tzset()
    assert str(signature(pdf, "SoHoa")["/M"]) == AT.strftime("D:%Y%m%d%H%M%S+07'00'")
    assert AT.isoformat() in shown(pdf)


def test_marks_say_what_the_law_asks(sealed: bytes) -> None:
    """The marks hold the digitiser and the time (law L2.4), the kind of copy, the agency and the time (law L4.3)."""
    text = " ".join(shown(sealed).split())
    assert f"Người số hóa: {OFFICER}" in text
    assert "SAO Y" in text
    assert all(word in text for word in AGENCY.split())
    assert text.count(AT.isoformat()) == 2
    assert text.count("DEVELOPMENT ONLY") == 2


def test_time_needs_a_zone(signers: Signers) -> None:
    """A time without a zone is refused, for it could mean anything."""
    with pytest.raises(ValueError, match="zone"):
        signers.sign_copy(paper(), datetime(2026, 1, 31, 9, 5, 7))  # noqa: DTZ001 - the point of the test


def test_never_twice(signers: Signers, copy: bytes, sealed: bytes) -> None:
    """Nobody signs a document twice; the error says so, and the stage can go on."""
    for act, pdf in ((signers.sign_copy, copy), (signers.sign_copy, sealed), (signers.seal, sealed)):
        with pytest.raises(AlreadySigned):
            act(pdf, AT)


def test_person_signs_first(signers: Signers) -> None:
    """The agency seals only what its officer has signed (law L1.9)."""
    with pytest.raises(CannotSign, match="digitiser"):
        signers.seal(paper(), AT)


@pytest.mark.parametrize("pdf", [b"", b"not a PDF", paper()[:-300]], ids=["empty", "text", "cut"])
def test_unusable_input(signers: Signers, pdf: bytes) -> None:
    """A file that is no sound PDF is held, not signed."""
    with pytest.raises(CannotSign):
        signers.sign_copy(pdf, AT)


@examples(max_examples=20)
@given(where=st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=20), mask=st.integers(1, 255))
def test_damaged_input(where: list[float], mask: int, request: pytest.FixtureRequest) -> None:
    """A damaged file is signed soundly or refused with a reason that says what to do; no other error comes out."""
    signers: Signers = request.getfixturevalue("signers")
    copy: bytes = request.getfixturevalue("copy")
    damaged = bytearray(copy)
    for place in where:
        damaged[int(place * len(damaged))] ^= mask
    try:
        sealed = signers.seal(bytes(damaged), AT)
    except KhosoError as error:
        assert error.remedy  # noqa: PT017 - both outcomes are lawful
        return
    assert not any(verdict.problem for verdict in verify_pdf(sealed, signers.anchors(), AT))


@pytest.mark.parametrize("years", [-1, 11])
def test_certificate_out_of_term(signers: Signers, years: int) -> None:
    """Outside the term of the certificate nothing is signed and the line stops."""
    with pytest.raises(CertificateExpired) as caught:
        signers.sign_copy(paper(), AT + timedelta(days=366 * years))
    assert caught.value.disposition is Disposition.HALT


def test_broken_signature_is_kept_back(folder: Path, signers: Signers) -> None:
    """A key that does not belong to its certificate makes a bad signature, which is never given out."""
    del signers
    keys = software_keys(settings(folder))
    wrong = dataclasses.replace(keys.officer, key=SoftwareKey(rsa.generate_private_key(65537, 2048)))
    with pytest.raises(SignatureBroken):
        with_keys(dataclasses.replace(keys, officer=wrong)).sign_copy(paper(), AT)


def test_beginning_was_changed(copy: bytes, sealed: bytes) -> None:
    """A file that does not begin with the one that was signed is kept back, although its signature stands."""
    assert check_signature(sealed, "CoQuan", Beginning(copy))
    with pytest.raises(SignatureBroken, match="does not begin"):
        check_signature(sealed, "CoQuan", Beginning(copy[:-1] + b" "))
    place = copy.index(b"\xff\xd8\xff") + 200
    changed = copy[:place] + bytes([copy[place] ^ 1]) + copy[place + 1 :]
    for beginning in (Beginning(copy), Beginning(changed)):
        with pytest.raises(SignatureBroken):
            check_signature(changed + sealed[len(copy) :], "CoQuan", beginning)


def large_paper() -> bytes:
    """A paper with a page whose picture takes 24 MB."""
    with pikepdf.open(BytesIO(paper())) as pdf:
        pdf.Root.Large = pdf.make_stream(os.urandom(24 << 20))
        target = BytesIO()
        pdf.save(target)
    return target.getvalue()


def test_file_is_in_memory_once(signers: Signers, tmp_path: Path) -> None:
    """What is signed and sealed where it lies needs memory for the result, and little more."""
    place = tmp_path / "paper.pdf"
    place.write_bytes(large_paper())
    size = place.stat().st_size
    signers.seal(signers.sign_copy(paper(), AT), AT)  # fonts and catalogues are read
    tracemalloc.start()
    try:
        for sign in (signers.sign_copy, signers.seal):
            before = tracemalloc.get_traced_memory()[0]
            tracemalloc.reset_peak()
            signed = sign(place, AT)
            # a buffer that grows is given an eighth more, of which nothing is touched
            assert tracemalloc.get_traced_memory()[1] - before < size * 9 / 8 + (8 << 20)
            assert signed.startswith(place.read_bytes())
            place.write_bytes(signed)
            del signed
    finally:
        tracemalloc.stop()
    assert not any(verdict.problem for verdict in verify_pdf(place.read_bytes(), signers.anchors(), AT))


def test_signed_where_it_lies(signers: Signers, copy: bytes, tmp_path: Path) -> None:
    """A file is signed from its place as from memory: what was there before any signature comes first."""
    place, plain = tmp_path / "paper.pdf", paper()
    place.write_bytes(plain)
    marks = signers.place_marks(place, None)
    assert marks == signers.place_marks(plain, None)
    assert signers.sign_copy(place, AT, marks).startswith(plain)
    place.write_bytes(copy)
    sealed = signers.seal(place, AT)
    assert sealed.startswith(copy)
    assert not any(verdict.problem for verdict in verify_pdf(sealed, signers.anchors(), AT))


def test_page_says_what_it_said(signers: Signers) -> None:
    """A page that has its size and its turn from the tree above it keeps them there."""
    with pikepdf.open(BytesIO(paper())) as pdf:
        page = pdf.pages[0].obj
        page.Parent.MediaBox, page.Parent.Rotate = page.MediaBox, 90
        del page.MediaBox
        target = BytesIO()
        pdf.save(target)
    signed = signers.sign_copy(target.getvalue(), AT)
    with pikepdf.open(BytesIO(signed), inherit_page_attributes=False) as pdf:
        assert not {"/MediaBox", "/Rotate"} & pdf.pages[0].obj.keys()
        assert "/Annots" in pdf.pages[0].obj
    assert not any(verdict.problem for verdict in verify_pdf(signed, signers.anchors(), AT))


@pytest.mark.parametrize("kept", ["with a table", "with a stream"])
def test_update_is_written_as_the_file(signers: Signers, kept: str) -> None:
    """What is added has its table of the kind that the file has (ISO 32000-1, 7.5.8.4), and numbers of its own."""
    mode = pikepdf.ObjectStreamMode.disable if kept == "with a table" else pikepdf.ObjectStreamMode.generate
    with pikepdf.open(BytesIO(paper())) as pdf:
        target = BytesIO()
        pdf.save(target, object_stream_mode=mode)
    plain = target.getvalue()
    signed = signers.seal(signers.sign_copy(plain, AT), AT)
    assert (b"\nxref" in signed[len(plain) :]) == (kept == "with a table")
    with pikepdf.open(BytesIO(plain)) as old, pikepdf.open(BytesIO(signed), attempt_recovery=False) as new:
        added = new.get_xref_table().keys() - old.get_xref_table().keys()
        assert min(number for number, _ in added) > max(number for number, _ in old.get_xref_table())
    assert not any(verdict.problem for verdict in verify_pdf(signed, signers.anchors(), AT))


def test_encrypted_is_not_signed(signers: Signers) -> None:
    """A file that is encrypted is refused, also when it opens without a password."""
    with pikepdf.open(BytesIO(paper())) as pdf:
        target = BytesIO()
        pdf.save(target, encryption=pikepdf.Encryption(owner="o", user=""))
    with pytest.raises(CannotSign):
        signers.sign_copy(target.getvalue(), AT)


def test_copy_was_changed(signers: Signers, copy: bytes) -> None:
    """The agency does not seal a copy whose signature is broken, or does not cover all of it."""
    place = copy.index(b"\xff\xd8\xff") + 200  # inside the JPEG data
    with pytest.raises(SignatureBroken, match="other bytes"):
        signers.seal(copy[:place] + bytes([copy[place] ^ 1]) + copy[place + 1 :], AT)
    target = BytesIO()
    writer = IncrementalPdfFileWriter(BytesIO(copy))
    writer.update_root()
    writer.write(target)
    with pytest.raises(SignatureBroken, match="whole file"):
        signers.seal(target.getvalue(), AT)


def test_copy_by_another_officer(folder: Path, signers: Signers, copy: bytes, tmp_path: Path) -> None:
    """A copy that another key signed is sealed when that key leads to an anchor, and held when it does not."""
    del signers
    keys = software_keys(settings(folder))
    renewed = with_keys(dataclasses.replace(keys, officer=keys.agency))
    assert renewed.seal(copy, AT)
    stranger = with_keys(software_keys(settings(tmp_path)))
    with pytest.raises(SignatureBroken, match="unknown"):
        stranger.seal(copy, AT)


def test_wrong_time_stamp(folder: Path, signers: Signers, copy: bytes) -> None:
    """A time stamp over something else is noticed, and the seal is not given out."""
    del signers
    keys = software_keys(settings(folder))

    class Replayed(LocalTimeStamps):
        """An authority that stamps something else."""

        def token(self, digest: bytes) -> bytes:
            """The token for another digest."""
            return super().token(digest[::-1])

    cheated = CredentialSigners(keys.officer, keys.agency, Replayed(keys.timestamps), development_only=True)
    with pytest.raises(SignatureBroken, match="another signature"):
        cheated.seal(copy, AT)


def test_root_of_others(folder: Path, tmp_path: Path) -> None:
    """Certificates that the root beside them did not issue are no keys to work with."""
    software_keys(settings(tmp_path))
    shutil.copy(folder / "keys" / "root.pem", tmp_path / "keys" / "root.pem")
    with pytest.raises(KeysUnusable, match="not issued"):
        software_keys(settings(tmp_path))


def test_certificate_for_other_use(folder: Path, signers: Signers) -> None:
    """A certificate that is not for signing does not sign."""
    del signers
    keys = software_keys(settings(folder))
    with pytest.raises(ValueError, match="not for signing"):
        dataclasses.replace(keys.officer, certificate=keys.root, chain=())


def test_metadata_stays(copy: bytes) -> None:
    """Signing leaves the document's metadata alone, in XMP and in Info: who made the file does not change."""
    before = copy[: copy.index(b"%%EOF") + 6]
    with pikepdf.open(BytesIO(before)) as old, pikepdf.open(BytesIO(copy)) as new:
        assert new.Root.Metadata.read_bytes() == old.Root.Metadata.read_bytes()
        assert dict(new.docinfo.items()) == dict(old.docinfo.items())


def test_inside_a_running_loop(signers: Signers) -> None:
    """Signing works in a thread whose event loop is running, and in several threads at once."""

    async def stage() -> bytes:
        return signers.sign_copy(paper(), AT)

    assert asyncio.run(stage())
    with ThreadPoolExecutor(2) as pool:
        assert all(pool.map(lambda pdf: signers.sign_copy(pdf, AT), [paper()] * 4))


def test_pdfa_is_kept(sealed: bytes) -> None:
    """The sealed copy breaks no rule of PDF/A-2b.

    pikepdf's checker knows no forms, so it stops at the form; therefore the file is checked as it is, and once more
    with the two widgets turned into stamps, which it does check: fonts, widths, appearances, metadata.
    """
    report = pikepdf.pdfa.validate_written(BytesIO(sealed), "2b")
    assert not report.violations
    assert [finding.rule for finding in report.unsupported] == ["pikepdf:schema-Catalog"]
    with pikepdf.open(BytesIO(sealed)) as document:
        del document.Root.AcroForm
        del document.Root.Extensions  # ESIC 5, which names the PAdES sub-filter; unknown to the checker
        for widget in document.pages[0].Annots:
            widget.Subtype = pikepdf.Name.Stamp
            for key in ("/FT", "/T", "/V"):
                del widget[key]
        plain = BytesIO()
        document.save(plain, **pikepdf.pdfa.resolve_save_kwargs("2b"))
    report = pikepdf.pdfa.validate_written(plain, "2b")
    assert report.passed, report.summary()


def test_poppler_agrees(sealed: bytes, tmp_path: Path) -> None:
    """Poppler finds both signatures valid, and the seal over the whole file."""
    path = tmp_path / "sealed.pdf"
    path.write_bytes(sealed)
    run = subprocess.run([program("pdfsig"), "-nocert", path], capture_output=True, check=True)
    got = run.stdout.decode()
    assert got.count("Signature is Valid.") == 2
    first, second = got.split("Signature #2")
    assert "Not total document signed" in first
    assert re.search(r"- Total document signed", second)


def test_openssl_agrees(signers: Signers, sealed: bytes, tmp_path: Path) -> None:
    """OpenSSL accepts the time stamp token as RFC 3161 and its certificate for time stamping."""
    signed_data = PdfFileReader(BytesIO(sealed)).embedded_signatures[-1].signed_data
    (info,) = signed_data["signer_infos"]
    token = next(a for a in info["unsigned_attrs"] if a["type"].native == "signature_time_stamp_token")["values"][0]
    (tmp_path / "token").write_bytes(token.dump())
    (tmp_path / "signature").write_bytes(info["signature"].native)
    (tmp_path / "root.der").write_bytes(signers.anchors()[0])
    openssl = program("openssl")
    subprocess.run([openssl, "x509", "-in", "root.der", "-out", "root.pem"], cwd=tmp_path, check=True)
    run = subprocess.run(
        [openssl, "ts", "-verify", "-token_in", "-in", "token", "-data", "signature", "-CAfile", "root.pem"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert b"Verification: OK" in run.stdout, run.stderr
