"""Every known attack on a signed PDF shows in the right one of the four answers, and in no other."""

# pyHanko leaves some of its functions without types.
# mypy: untyped-calls-exclude="pyhanko,pyhanko_certvalidator"

import hashlib
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from asn1crypto import cms
from cryptography import x509
from hypothesis import given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, append_signature_field
from pyhanko.sign.signers import PdfTimeStamper
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko.sign.validation.dss import DocumentSecurityStore

from domain.errors import NotValid
from signing.interface import SignatureVerdict
from signing.keys.credentials import Algorithm, Credential, PrivateKey, SoftwareKey
from signing.pades.cms import CmsSigner
from signing.verification.changes import is_odd
from signing.verification.verify import verify_pdf
from tests.support.issuers import DAY, START, Issuer, rsa_key
from tests.support.signing_papers import paper, program

Answers = dict[str, object]
GOOD: Answers = {"intact": True, "changes": (), "time": "claimed", "trust": "trusted", "weak": ()}


def answers(verdict: SignatureVerdict) -> Answers:
    """The four answers, and what is weak."""
    return {name: getattr(verdict, name) for name in GOOD}


@dataclass(frozen=True)
class Case:
    """An issuer, a person's key and certificate of it, and a paper that the person signed."""

    issuer: Issuer
    key: PrivateKey
    certificate: x509.Certificate
    signed: bytes

    def verdict(self, pdf: bytes, days: int = 0) -> SignatureVerdict:
        """The verdict on the oldest signature, as of so many days from now."""
        return verify_pdf(pdf, self.issuer.anchors, START + days * DAY)[0]


@pytest.fixture(scope="module")
def case() -> Case:
    """A signed paper that nobody attacked."""
    issuer, key = Issuer(), rsa_key()
    certificate = issuer.certificate(key)
    return Case(issuer, key, certificate, issuer.sign(form(), key, certificate))


def form() -> bytes:
    """A paper with a form field to fill in, and a layer."""
    target = BytesIO()
    with pikepdf.open(BytesIO(paper())) as document:
        look = document.make_stream(b"", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form, BBox=[0, 0, 9, 9])
        field = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot,
            Subtype=pikepdf.Name.Widget,
            FT=pikepdf.Name.Tx,
            T="note",
            V="",
            Rect=[50, 50, 90, 60],
            AP=pikepdf.Dictionary(N=look),
        )
        field = document.make_indirect(field)
        document.pages[0].obj.Annots = pikepdf.Array([field])
        document.Root.AcroForm = pikepdf.Dictionary(Fields=[field])
        document.save(target)
    return target.getvalue()


def updated(pdf: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    """The file with one more update."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    change(writer)
    target = BytesIO()
    writer.write(target)
    return target.getvalue()


def a_picture(writer: IncrementalPdfFileWriter) -> generic.IndirectObject:
    """A black box to lay over something."""
    entries = {
        pdf_name("/Type"): pdf_name("/XObject"),
        pdf_name("/Subtype"): pdf_name("/Form"),
        pdf_name("/BBox"): generic.ArrayObject(map(generic.NumberObject, (0, 0, 300, 300))),
    }
    return writer.add_object(generic.StreamObject(entries, stream_data=b"0 0 300 300 re f"))


def appearance(writer: IncrementalPdfFileWriter) -> generic.DictionaryObject:
    """What a field or note with that box looks like."""
    return generic.DictionaryObject({pdf_name("/N"): a_picture(writer)})


def redraw(writer: IncrementalPdfFileWriter) -> None:
    """Draw over the page."""
    writer.add_stream_to_page(0, writer.add_object(generic.StreamObject(stream_data=b"0 0 300 300 re f")))


def replace_hidden(writer: IncrementalPdfFileWriter) -> None:
    """Shadow attack "replace": the page's stream is defined anew under the same number."""
    page = writer.root["/Pages"]["/Kids"][0]
    writer.mark_update(page.raw_get("/Contents"))
    page["/Contents"]._data = b"0 0 300 300 re f"
    page["/Contents"]._encoded_data = None


def show_layer(writer: IncrementalPdfFileWriter) -> None:
    """Shadow attack "hide": layers are switched."""
    layers = generic.DictionaryObject({pdf_name("/OCGs"): generic.ArrayObject()})
    writer.root["/OCProperties"] = layers
    writer.update_root()


def add_page(writer: IncrementalPdfFileWriter) -> None:
    """Add a copy of the first page."""
    page = writer.root["/Pages"]["/Kids"][0]
    copy = generic.DictionaryObject({key: page.raw_get(key) for key in page if key not in {"/Parent", "/Annots"}})
    copy["/Parent"] = writer.root.raw_get("/Pages")
    pages = writer.root["/Pages"]
    pages["/Kids"].append(writer.add_object(copy))
    pages["/Count"] = generic.NumberObject(2)
    writer.update_container(pages["/Kids"])
    writer.update_container(pages)


def annotate(writer: IncrementalPdfFileWriter) -> None:
    """Lay a stamp over the page."""
    page = writer.root["/Pages"]["/Kids"][0]
    note = generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Annot"),
            pdf_name("/Subtype"): pdf_name("/Stamp"),
            pdf_name("/Rect"): generic.ArrayObject(map(generic.NumberObject, (0, 0, 300, 300))),
            pdf_name("/AP"): appearance(writer),
        }
    )
    page["/Annots"].append(writer.add_object(note))
    writer.update_container(page["/Annots"])


def overlay(writer: IncrementalPdfFileWriter) -> None:
    """Lay an empty signature field with a picture over the page: a signature allows further fields."""
    append_signature_field(writer, SigFieldSpec("Overlay", on_page=0, box=(0, 0, 300, 300)))
    field = writer.root["/AcroForm"]["/Fields"][-1]
    field["/AP"] = appearance(writer)


def swap_appearance(writer: IncrementalPdfFileWriter) -> None:
    """Show another picture in the form field, without changing its value."""
    reference = writer.root["/AcroForm"]["/Fields"].raw_get(0)
    reference.get_object()["/AP"] = appearance(writer)
    writer.mark_update(reference)


def fill_in(writer: IncrementalPdfFileWriter) -> None:
    """Fill the form field in."""
    reference = writer.root["/AcroForm"]["/Fields"].raw_get(0)
    reference.get_object()["/V"] = generic.TextStringObject("later")
    writer.mark_update(reference)


def empty_field(writer: IncrementalPdfFileWriter) -> None:
    """Take the signature out of its field."""
    reference = writer.root["/AcroForm"]["/Fields"].raw_get(1)
    del reference.get_object()["/V"]
    writer.mark_update(reference)


def borrow(writer: IncrementalPdfFileWriter) -> None:
    """Let another field show the same signature."""
    value = writer.root["/AcroForm"]["/Fields"][1].raw_get("/V")
    append_signature_field(writer, SigFieldSpec("Borrowed"))
    writer.root["/AcroForm"]["/Fields"][-1]["/V"] = value


def test_nobody_attacked(case: Case) -> None:
    """A signed paper has four good answers and no problem."""
    verdict = case.verdict(case.signed)
    assert answers(verdict) == GOOD
    assert (verdict.sound, verdict.problem) == (True, "")


@pytest.mark.parametrize(
    ("attack", "change"),
    [
        (redraw, "content"),
        (replace_hidden, "content"),
        (show_layer, "content"),
        (add_page, "pages"),
        (annotate, "annotations"),
        (overlay, "annotations"),
        (swap_appearance, "appearances"),
        (empty_field, "replaced"),
    ],
)
def test_updates(case: Case, attack: Callable[[IncrementalPdfFileWriter], None], change: str) -> None:
    """What an update did to the paper is named in the second answer, and the signature does not stand for it."""
    verdict = case.verdict(updated(case.signed, attack))
    assert answers(verdict) == {**GOOD, "changes": (change,)}
    assert not verdict.sound
    assert verdict.problem


def test_an_update_afterwards_does_not_hide_another(case: Case) -> None:
    """What was changed and then signed by someone else is still told of the first signature."""
    redrawn = updated(case.signed, redraw)
    again = case.issuer.sign(redrawn, case.key, case.certificate, field="Signature2")
    first, second = verify_pdf(again, case.issuer.anchors, START)
    assert (first.changes, first.sound) == (("content", "signatures"), False)
    assert answers(second) == GOOD


def test_filling_in(case: Case) -> None:
    """Filling in a form leaves the signature sound, but is told, for the signer has not seen what was filled in."""
    verdict = case.verdict(updated(case.signed, fill_in))
    assert answers(verdict) == {**GOOD, "changes": ("form_filling",)}
    assert verdict.sound
    assert "filled in" in verdict.problem


def test_the_same_field_signed_twice(case: Case) -> None:
    """A signature whose field was emptied and filled with another one is still listed, as replaced."""
    other = Issuer("Kẻ khác")
    key = rsa_key()
    emptied = updated(case.signed, empty_field)
    first, second = verify_pdf(other.sign(emptied, key, other.certificate(key)), case.issuer.anchors, START)
    assert "replaced" in first.changes
    assert not first.sound
    assert answers(second) == {**GOOD, "trust": "unknown_issuer"}


def test_a_borrowed_signature(case: Case) -> None:
    """A field that shows another field's signature has none of its own."""
    verdicts = {item.field: item for item in verify_pdf(updated(case.signed, borrow), case.issuer.anchors, START)}
    assert verdicts["Signature1"].intact
    assert not verdicts["Borrowed"].intact


@pytest.mark.parametrize("junk", [b"junk", b"9 0 obj << /Hidden true >> endobj\n" * 200])
def test_bytes_after_the_end(case: Case, junk: bytes) -> None:
    """Bytes after the last end of file are told, be they few or many."""
    assert answers(case.verdict(case.signed + junk)) == {**GOOD, "changes": ("appended",)}


def test_truncated(case: Case) -> None:
    """Of a file cut off in an update the older signature is told with what is left; cut off in it there is none."""
    second = case.issuer.sign(case.signed, case.key, case.certificate, field="Signature2")
    cut = second[: len(case.signed) + (len(second) - len(case.signed)) // 2]
    assert answers(case.verdict(cut)) == {**GOOD, "changes": ("appended",)}
    try:
        verdicts = verify_pdf(case.signed[: case.signed.rindex(b"/Contents") + 100], case.issuer.anchors)
    except NotValid:
        return
    assert not any(verdict.intact for verdict in verdicts)


def test_flipped_byte(case: Case) -> None:
    """One changed byte in the picture of the page shows in the first answer alone."""
    place = case.signed.index(b"\xff\xd8\xff") + 200
    assert answers(case.verdict(flipped(case.signed, place, 1))) == {**GOOD, "intact": False}


def flipped(pdf: bytes, place: int, mask: int) -> bytes:
    """The file with one byte changed."""
    return pdf[:place] + bytes([pdf[place] ^ mask]) + pdf[place + 1 :]


def gap(pdf: bytes) -> tuple[int, int]:
    """Where the value of the signature lies."""
    found = re.search(rb"/Contents (<[0-9a-fA-F]+>)", pdf)
    assert found is not None
    return found.span(1)


@settings(max_examples=60)
@given(where=st.floats(0, 1, exclude_max=True), mask=st.integers(1, 255))
def test_any_flipped_byte(where: float, mask: int, request: pytest.FixtureRequest) -> None:
    """Whichever signed byte is changed, no signature is called intact."""
    case: Case = request.getfixturevalue("case")  # as an argument, hypothesis would print the whole PDF
    start, end = gap(case.signed)
    place = int(where * (len(case.signed) - (end - start)))
    changed = flipped(case.signed, place if place < start else place + end - start, mask)
    try:
        verdicts = verify_pdf(changed, case.issuer.anchors, START)
    except NotValid as error:
        assert error.remedy  # noqa: PT017 - both outcomes are lawful
        return
    assert not any(verdict.intact for verdict in verdicts)


def resigned(case: Case, ranges: Callable[[int, int, int], list[int]]) -> bytes:
    """The paper really signed by the person, but over odd ranges of bytes."""
    pdf = bytearray(case.signed)
    start, end = gap(case.signed)
    wanted = ranges(start, end, len(pdf))
    written = re.search(rb"/ByteRange \[[^\]]*\]\s*", pdf)
    assert written is not None
    text = b"/ByteRange [" + b" ".join(b"%d" % number for number in wanted) + b"]"
    assert len(text) <= len(written[0])
    pdf[written.start() : written.end()] = text.ljust(len(written[0]))
    digest = hashlib.sha256(b"".join(pdf[at : at + n] for at, n in zip(wanted[::2], wanted[1::2], strict=True)))
    signer = CmsSigner(Credential(case.certificate, (case.issuer.root,), SoftwareKey(case.key), Algorithm.PSS))
    value = signer.sign(digest.digest())
    pdf[start + 1 : end - 1] = value.hex().encode().ljust(end - start - 2, b"0")
    return bytes(pdf)


@pytest.mark.parametrize(
    "ranges",
    [
        lambda start, end, size: [5, start - 5, end, size - end],
        lambda start, end, size: [0, start - 20, end, size - end],
        lambda start, end, size: [0, start, end + 9, size - end - 9],
        lambda start, end, size: [0, start, end, size - end - 9],
        lambda start, _, __: [0, start],
        lambda start, end, size: [0, 9, 5, start - 5, end, size - end],
    ],
    ids=["not from 0", "gap before", "gap behind", "not to the end", "no second half", "overlapping"],
)
def test_odd_ranges(case: Case, ranges: Callable[[int, int, int], list[int]]) -> None:
    """A signature that leaves other bytes out than its own value is intact, but says nothing of the file."""
    verdict = case.verdict(resigned(case, ranges))
    assert answers(verdict) == {**GOOD, "changes": ("uncovered",)}
    assert not verdict.sound


def test_the_usual_range(case: Case) -> None:
    """The paper signed by hand over the usual range is good, so that the odd ones are bad for their ranges."""
    assert answers(case.verdict(resigned(case, lambda start, end, size: [0, start, end, size - end]))) == GOOD


@pytest.mark.parametrize(
    ("found", "put"),
    [
        (rb"/ByteRange \[", b"/ByteRangX ["),
        (rb"/ByteRange \[[^\]]*\]", b"/ByteRange null"),
        (rb"/ByteRange \[\d+", b"/ByteRange [-"),
        (rb"/Contents <[0-9a-fA-F]+>", b"/Contents <>"),
        (rb"/Contents <[0-9a-fA-F]+>", b"/Contents null"),
        (rb"/Contents <[0-9a-fA-F]+>", b"/Contents <00>"),
        (rb"/Contents <", b"/Contentx <"),
    ],
)
def test_universal_forgery(case: Case, found: bytes, put: bytes) -> None:
    """A field whose signature has no range or no value is listed, and nothing of it is good."""
    forged = re.sub(found, lambda match: put.ljust(len(match[0])), case.signed, count=1)
    assert forged != case.signed
    verdict = case.verdict(forged)
    assert not verdict.intact
    assert not verdict.sound
    assert verdict.problem


@pytest.mark.parametrize(("days", "trust"), [(0, "trusted"), (60, "expired"), (-3, "not_yet_valid")])
def test_out_of_term(case: Case, days: int, trust: str) -> None:
    """A certificate that is not in force when it is checked shows in the fourth answer alone."""
    assert answers(case.verdict(case.signed, days)) == {**GOOD, "trust": trust}


@pytest.mark.parametrize(("days", "trust"), [(1, "trusted"), (40, "expired")])
def test_expired_with_a_time_stamp(case: Case, days: int, trust: str) -> None:
    """A time stamp from before its end keeps an expired certificate trusted; one from after it does not."""
    stamper = case.issuer.stamper(START + days * DAY)
    stamped = case.issuer.sign(paper(), case.key, case.certificate, stamper=stamper)
    verdict = case.verdict(stamped, 60)
    assert answers(verdict) == {**GOOD, "time": "proven", "trust": trust}
    assert verdict.timestamp == START + days * DAY


def test_a_document_time_stamp(case: Case) -> None:
    """A time stamp over the whole file proves the time of the signatures before it."""
    stamped = PdfTimeStamper(case.issuer.stamper(START)).timestamp_pdf(
        IncrementalPdfFileWriter(BytesIO(case.signed)), "sha256"
    )
    signature, stamp = verify_pdf(stamped.getvalue(), case.issuer.anchors, START + 60 * DAY)
    assert answers(signature) == {**GOOD, "changes": ("time_stamps",), "time": "proven"}
    assert (stamp.kind, stamp.problem, stamp.timestamp) == ("time_stamp", "", START)


def test_an_untrusted_time_stamp(case: Case) -> None:
    """A time stamp of nobody known proves nothing, and the third answer says so."""
    stamper = Issuer("Kẻ khác").stamper(START)
    stamped = case.issuer.sign(paper(), case.key, case.certificate, stamper=stamper)
    verdict = case.verdict(stamped)
    assert answers(verdict) == {**GOOD, "time": "doubtful"}
    assert "time stamp" in verdict.problem


@pytest.mark.parametrize(
    ("revoked", "stamped", "trust"), [(2, None, "revoked"), (2, 1, "trusted"), (2, 3, "revoked"), (9, None, "trusted")]
)
def test_revoked(case: Case, revoked: int, stamped: int | None, trust: str) -> None:
    """A list in the file revokes the certificate, long after it was due; a time stamp from before outlives it."""
    stamper = None if stamped is None else case.issuer.stamper(START + stamped * DAY)
    target = BytesIO(case.issuer.sign(paper(), case.key, case.certificate, stamper=stamper))
    crl = case.issuer.revoke(case.certificate, START + revoked * DAY)
    DocumentSecurityStore.add_dss(target, None, crls=[cms.CertificateList.load(crl)])
    verdict = case.verdict(target.getvalue(), 5)
    time = "claimed" if stamper is None else "proven"
    assert answers(verdict) == {**GOOD, "changes": ("validation_data",), "time": time, "trust": trust}
    assert (verdict.revoked_at == START + revoked * DAY) is (trust == "revoked")


def test_unknown_issuer(case: Case) -> None:
    """A certificate of another authority is of an unknown issuer; of one that only bears the name, not of its chain."""
    assert answers(verify_pdf(case.signed, Issuer("Khác").anchors, START)[0]) == {**GOOD, "trust": "unknown_issuer"}
    assert answers(verify_pdf(case.signed, Issuer().anchors, START)[0]) == {**GOOD, "trust": "broken_chain"}


def test_wrong_use(case: Case) -> None:
    """A certificate that is not for signing shows in the fourth answer alone."""
    certificate = case.issuer.certificate(case.key, usage="key_encipherment")
    signed = case.issuer.sign(paper(), case.key, certificate)
    assert answers(case.verdict(signed)) == {**GOOD, "trust": "wrong_use"}


@pytest.mark.parametrize(
    ("bits", "digest", "weak"),
    [(2048, "sha1", "signature: SHA-1"), (1024, "sha256", "certificate: RSA-1024"), (2048, "md5", "signature: MD5")],
)
def test_weak(case: Case, bits: int, digest: str, weak: str) -> None:
    """Weak algorithms are named as such, and take nothing from the four answers."""
    key = rsa_key(bits)
    verdict = case.verdict(case.issuer.sign(paper(), key, case.issuer.certificate(key), digest=digest))
    assert answers(verdict) == {**GOOD, "weak": (weak,)}
    assert verdict.sound
    assert "weak" in verdict.problem


def test_pdfsig_agrees(case: Case, tmp_path: Path) -> None:
    """Another program calls the same signatures valid as the first answer, where it looks at them."""
    place = case.signed.index(b"\xff\xd8\xff") + 200
    for number, pdf in enumerate(
        [case.signed, flipped(case.signed, place, 1), updated(case.signed, redraw), case.signed + b"junk"]
    ):
        path = tmp_path / f"{number}.pdf"
        path.write_bytes(pdf)
        got = subprocess.run([program("pdfsig"), "-nocert", path], capture_output=True, text=True, check=False).stdout
        assert ("Signature is Valid" in got) is case.verdict(pdf).intact


class Replayed(DummyTimeStamper):
    """Gives out stamps over something else."""

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        """A stamp over nothing but zeros."""
        return await super().async_timestamp(bytes(len(message_digest)), md_algorithm)


def test_a_replayed_time_stamp(case: Case) -> None:
    """A trusted time stamp over another signature proves nothing."""
    stamper = case.issuer.stamper(START, Replayed)
    verdict = case.verdict(case.issuer.sign(paper(), case.key, case.certificate, stamper=stamper))
    assert answers(verdict) == {**GOOD, "time": "doubtful"}
    assert verdict.time_stamp is not None
    assert (verdict.time_stamp.intact, verdict.time_stamp.trust) == (False, "trusted")


def test_a_document_time_stamp_over_other_bytes(case: Case) -> None:
    """Where the file was changed, a time stamp over it is not intact and proves no time."""
    stamped = PdfTimeStamper(case.issuer.stamper(START)).timestamp_pdf(
        IncrementalPdfFileWriter(BytesIO(paper())), "sha256"
    )
    pdf = bytes(stamped.getvalue())
    (stamp,) = verify_pdf(flipped(pdf, pdf.index(b"\xff\xd8\xff") + 200, 1), case.issuer.anchors, START)
    assert answers(stamp) == {**GOOD, "intact": False, "time": "doubtful"}


def test_a_signature_written_anew(case: Case) -> None:
    """A signature whose object a later update defined anew is told as replaced."""

    def rewrite(writer: IncrementalPdfFileWriter) -> None:
        reference = writer.root["/AcroForm"]["/Fields"][1].raw_get("/V")
        reference.get_object()["/Reason"] = generic.TextStringObject("another")
        writer.mark_update(reference)

    verdict = case.verdict(updated(case.signed, rewrite))
    assert "replaced" in verdict.changes
    assert not verdict.sound


@pytest.mark.parametrize(
    ("numbers", "contents", "odd"),
    [
        ([0, 3, 7, 3], b"\0", False),
        ([0, 3, 7, 3], b"\1", True),
        ([0, 2, 7, 3], b"\0", True),
        ([0, 3, 8, 2], b"\0", True),
        ([1, 2, 7, 3], b"\0", True),
        ([0, 3, 7, 4], b"\0", True),
        ([0, 3, 7, 0], b"\0", True),
        ([0, 7, 3, 3], b"\0", True),
        ([0, 3, 7], b"\0", True),
        (["a", 3, 7, 3], b"\0", True),
    ],
)
def test_the_gap(numbers: list[object], contents: bytes, *, odd: bool) -> None:
    """Only the hexadecimal string of the signature's own value may stand in the gap."""
    assert is_odd(b"abc<00>xyz", numbers, contents) is odd


def test_a_gap_with_room(case: Case) -> None:
    """Contents written as a literal string take half the room of the gap; what is put beside them is not covered.

    The lengths agree, so pyHanko calls the file wholly covered.
    """
    start, end = gap(case.signed)
    escaped = {ord(letter): f"\\{letter}" for letter in "()\\"} | {ord("\r"): "\\r"}
    value = bytes.fromhex(case.signed[start + 1 : end - 1].decode()).decode("latin-1").translate(escaped)
    entries = b"(" + value.encode("latin-1") + b") /Reason (Approved by nobody)"
    verdict = case.verdict(case.signed[:start] + entries.ljust(end - start) + case.signed[end:])
    assert answers(verdict) == {**GOOD, "changes": ("uncovered",)}
    assert not verdict.sound


@pytest.mark.parametrize(
    ("stamped_s", "trust"), [(-1, "trusted"), (0, "trusted"), (2, "expired")], ids=["before", "at", "after"]
)
def test_ended_around_the_proven_time(case: Case, stamped_s: int, trust: str) -> None:
    """A certificate in force up to and in the second of the time stamp stands for ever; one that ended before, not."""
    ends = START + 29 * DAY
    stamper = case.issuer.stamper(ends + timedelta(seconds=stamped_s))
    verdict = case.verdict(case.issuer.sign(paper(), case.key, case.certificate, stamper=stamper), 60)
    assert case.certificate.not_valid_after_utc == ends
    assert answers(verdict) == {**GOOD, "time": "proven", "trust": trust}


@pytest.mark.parametrize(
    ("stamped_s", "trust"), [(-1, "not_yet_valid"), (0, "trusted"), (1, "trusted")], ids=["before", "at", "after"]
)
@pytest.mark.parametrize("days", [2, 60], ids=["in force", "ended"])
def test_began_around_the_proven_time(case: Case, stamped_s: int, trust: str, days: int) -> None:
    """A signature that is proven to be older than its certificate is not by that certificate, now or ever."""
    begins = START + DAY
    certificate = case.issuer.certificate(case.key, since=begins)
    stamper = case.issuer.stamper(begins + timedelta(seconds=stamped_s))
    verdict = case.verdict(case.issuer.sign(paper(), case.key, certificate, stamper=stamper), days)
    assert answers(verdict) == {**GOOD, "time": "proven", "trust": trust}
