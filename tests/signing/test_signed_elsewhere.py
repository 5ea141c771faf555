"""Files that other programs signed: what is sound is not called broken, and no change is hushed up (issue 22)."""

# pyHanko leaves some of its functions without types.
# mypy: untyped-calls-exclude="pyhanko,pyhanko_certvalidator"

import re
import subprocess
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.content import RawContent
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.sign.signers import PdfTimeStamper
from pyhanko.stamp import StaticStampStyle

from signing.interface import SignatureVerdict, outcome_of
from signing.pades.sync import run
from signing.verification.trust import weaknesses
from signing.verification.verify import verify_pdf
from tests.support.inked_pages import pdf_of, scan
from tests.support.issuers import START
from tests.support.signed_elsewhere import Maker, appended, filled, hybrid, updated, with_room
from tests.support.signing_papers import paper, program


@pytest.fixture(scope="module")
def maker() -> Maker:
    """Who signs."""
    return Maker.new()


def verdicts(maker: Maker, pdf: bytes) -> tuple[SignatureVerdict, ...]:
    """What is found of a file by somebody who trusts its signer's issuer."""
    return verify_pdf(pdf, maker.issuer.anchors, START)


def dangling(document: pikepdf.Pdf) -> None:
    """Refer to an object that is not there: null, by ISO 32000-1, 7.3.10."""
    document.Root.Threads = document.make_indirect(pikepdf.Array())
    document.Root.Lost = document.make_indirect(pikepdf.Dictionary())


def _without(pdf: bytes, key: bytes) -> bytes:
    """The file whose entry points to a number that no object has."""
    return re.sub(rb"/%s \d+ 0 R" % key, b"/%s 99 0 R" % key, pdf, count=1)


def _linear(maker: Maker) -> bytes:
    target = BytesIO()
    with pikepdf.open(BytesIO(paper())) as document:
        document.save(target, linearize=True)
    return maker.update(target.getvalue())


def _locked(maker: Maker) -> bytes:
    target = BytesIO()
    with pikepdf.open(BytesIO(paper())) as document:
        document.save(target, encryption=pikepdf.Encryption(owner="chỉ đọc", user=""))
    return maker.update(target.getvalue())


def _gone(maker: Maker) -> bytes:
    plain = with_room(dangling)
    changed = _without(plain, b"Lost")
    assert changed != plain
    return filled(maker, changed.ljust(len(plain)))


SOUND: dict[str, Callable[[Maker], bytes]] = {
    "in an update": lambda maker: maker.update(paper()),
    "written once": lambda maker: filled(maker, with_room()),
    "hybrid, in an update": lambda maker: maker.update(hybrid(_classic())),
    "hybrid, written once": lambda maker: filled(maker, hybrid(with_room())),
    "linearised, in an update": _linear,
    "linearised, written once": lambda maker: filled(maker, with_room(linearize=True)),
    "linearised, signed once more": lambda maker: maker.update(filled(maker, with_room(linearize=True)), "Signature2"),
    "a reference to nothing": _gone,
    "protected against changes": _locked,
}


def _classic() -> bytes:
    target = BytesIO()
    with pikepdf.open(BytesIO(paper())) as document:
        document.save(target, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return target.getvalue()


@pytest.mark.parametrize("kind", SOUND)
def test_what_nobody_changed_is_sound(maker: Maker, kind: str, tmp_path: Path) -> None:
    """Whatever way the file is written, its signatures are intact, nothing was changed, and another program agrees."""
    pdf = SOUND[kind](maker)
    found = verdicts(maker, pdf)
    assert found
    for verdict in found:
        assert (verdict.intact, verdict.sound, verdict.problem) == (True, True, ""), verdict
        assert set(verdict.changes) <= {"signatures"}
    assert outcome_of(found) == "valid"
    path = tmp_path / "signed.pdf"
    path.write_bytes(pdf)
    said = subprocess.run([program("pdfsig"), path], capture_output=True, text=True, check=False).stdout
    assert said.count("Signature is Valid") == len(found), said


@pytest.mark.parametrize("kind", SOUND)
def test_what_is_flipped_in_them_is_broken(maker: Maker, kind: str) -> None:
    """Reading forgivingly forgives no changed byte of the page."""
    pdf = bytearray(SOUND[kind](maker))
    place = pdf.index(b"stream", pdf.index(b"/DCTDecode")) + 120
    pdf[place] ^= 1
    assert outcome_of(verdicts(maker, bytes(pdf))) == "broken"


@pytest.mark.parametrize(
    ("found", "put"),
    [
        (rb"/SubFilter /adbe\.pkcs7\.detached", b"/SubFilter /adbe.pkcs7.sha1"),
        (rb"/SubFilter /adbe\.pkcs7\.detached", b"/SubFilter /ETSI.RFC3161"),
        (rb"/SubFilter /adbe\.pkcs7\.detached", b"/SubFilter /made.up"),
        (rb"/Contents <[0-9a-fA-F]+>", b"/Contents <>"),
    ],
)
def test_what_cannot_be_checked_is_not_called_broken(maker: Maker, found: bytes, put: bytes) -> None:
    """It is unknown, with the reason; who reads it decides."""
    pdf = maker.update(paper())
    odd = re.sub(found, lambda match: put.ljust(len(match[0])), pdf, count=1)
    assert odd != pdf
    (verdict,) = verdicts(maker, odd)
    assert (verdict.intact, verdict.changes_allowed, verdict.sound, verdict.broken) == (None, None, False, False)
    assert verdict.problem
    assert outcome_of([verdict]) == "doubtful"


def test_an_empty_field_is_no_signature(maker: Maker) -> None:
    """A field that waits for its signature has none; nor has a file that only carries a time stamp."""
    assert outcome_of(verdicts(maker, with_room(_emptied))) == "unsigned"
    stamped = PdfTimeStamper(maker.issuer.stamper(START)).timestamp_pdf(
        IncrementalPdfFileWriter(BytesIO(paper())), "sha256"
    )
    found = verdicts(maker, stamped.getvalue())
    assert [verdict.kind for verdict in found] == ["time_stamp"]
    assert outcome_of(found) == "unsigned"


def _emptied(document: pikepdf.Pdf) -> None:
    del document.Root.AcroForm.Fields[0].V


def form(document: pikepdf.Pdf) -> None:
    """A box to tick, and a field with a text in a font that the form names."""
    faces = {
        name: document.make_stream(drawn, Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form, BBox=[0, 0, 20, 20])
        for name, drawn in (("/Yes", b"0 0 20 20 re f"), ("/Off", b""))
    }
    box = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget, FT=pikepdf.Name.Btn, T="agree", V=pikepdf.Name.Off,
        AS=pikepdf.Name.Off, Rect=[50, 50, 70, 70], AP=pikepdf.Dictionary(N=pikepdf.Dictionary(faces)),
    )  # fmt: skip
    look = document.make_stream(b"", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form, BBox=[0, 0, 90, 20])
    text = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget, FT=pikepdf.Name.Tx, T="amount", V="100", DA="/Helv 9 Tf",
        Rect=[50, 90, 140, 110], AP=pikepdf.Dictionary(N=look),
    )  # fmt: skip
    font = document.make_indirect(
        pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    )
    fields = [document.make_indirect(item) for item in (box, text)]
    document.pages[0].obj.Annots.extend(fields)
    document.Root.AcroForm.Fields.extend(fields)
    document.Root.AcroForm.DR = pikepdf.Dictionary(Font=pikepdf.Dictionary(Helv=font))


def _tick(writer: IncrementalPdfFileWriter) -> None:
    reference = writer.root["/AcroForm"]["/Fields"].raw_get(1)
    reference.get_object()["/AS"] = pdf_name("/Yes")
    writer.mark_update(reference)


def _font(writer: IncrementalPdfFileWriter) -> None:
    form = writer.root["/AcroForm"]
    other = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/ZapfDingbats"}
    entries = {pdf_name(key): pdf_name(value) for key, value in other.items()}
    form["/DR"]["/Font"][pdf_name("/Helv")] = writer.add_object(generic.DictionaryObject(entries))
    writer.update_container(form)


def _anew(writer: IncrementalPdfFileWriter) -> None:
    form = writer.root["/AcroForm"]
    form[pdf_name("/NeedAppearances")] = generic.BooleanObject(value=True)
    writer.update_container(form)


def _colour(writer: IncrementalPdfFileWriter) -> None:
    reference = writer.root["/AcroForm"]["/Fields"].raw_get(2)
    reference.get_object()["/DA"] = generic.TextStringObject("/Helv 9 Tf 1 g")
    writer.mark_update(reference)


def _opening(writer: IncrementalPdfFileWriter) -> None:
    action = {"/S": pdf_name("/JavaScript"), "/JS": generic.TextStringObject("1")}
    writer.root[pdf_name("/OpenAction")] = generic.DictionaryObject({pdf_name(key): it for key, it in action.items()})
    writer.update_root()


def _again(writer: IncrementalPdfFileWriter) -> None:
    """Write the page's resources anew as they are, as programs do that know no update of a part."""
    page = writer.root["/Pages"]["/Kids"][0]
    copy = generic.DictionaryObject(page["/Resources"])
    page[pdf_name("/Resources")] = writer.add_object(copy)
    writer.update_container(page)


@pytest.mark.parametrize(
    ("change", "told", "allowed"),
    [
        (_tick, "form_filling", True),
        (_font, "appearances", False),
        (_anew, "appearances", False),
        (_colour, "appearances", False),
        (_opening, "other", False),
        (_again, "technical", True),
    ],
)
def test_what_an_update_changed_is_named(
    maker: Maker, change: Callable[[IncrementalPdfFileWriter], None], told: str, *, allowed: bool
) -> None:
    """A tick, another font, other colours and new actions are seen; what is only written anew is none of these."""
    pdf = filled(maker, with_room(form))
    assert outcome_of(verdicts(maker, pdf)) == "valid"
    (verdict,) = verdicts(maker, updated(pdf, change))
    assert (verdict.intact, verdict.changes, verdict.changes_allowed) == (True, (told,), allowed)
    assert bool(verdict.problem) == (told != "technical")


@pytest.mark.parametrize("objects", [b"", b"9 0 obj\n<< /Odd true >>\nendobj\n", b"x" * 2000 + b"\n"])
def test_an_end_that_names_an_older_table_is_no_update(maker: Maker, objects: bytes) -> None:
    """Whatever stands before such an end is told as appended."""
    pdf = maker.update(paper())
    (verdict,) = verdicts(maker, appended(pdf, objects))
    assert (verdict.intact, verdict.changes, verdict.sound) == (True, ("appended",), False)


def test_bytes_behind_the_value_are_told(maker: Maker) -> None:
    """The place of a signature's value has room to spare, which nothing covers."""
    pdf = maker.update(paper())
    spare = re.search(rb"0{200}>", pdf)
    assert spare is not None
    put = b"<script>".hex().encode()
    odd = pdf[: spare.start() + 60] + put + pdf[spare.start() + 60 + len(put) :]
    (verdict,) = verdicts(maker, odd)
    assert (verdict.sound, verdict.told and verdict.told.code) == (True, "signature_padded")


def _box(colour: bytes) -> StaticStampStyle:
    return StaticStampStyle(
        background=RawContent(colour + b" rg 0 0 400 600 re f", box=BoxConstraints(400, 600)), border_width=0
    )


def test_a_picture_over_the_page_is_told_with_what_it_covers(maker: Maker) -> None:
    """A later signature may show a picture; where that hides what was there, whoever reads it is told how much."""
    target = BytesIO()
    with pikepdf.open(BytesIO(pdf_of(scan((200, 300, 1400, 1600))))) as document:
        document.save(target)
    first = maker.update(target.getvalue())
    over = maker.update(first, "Signature2", box=(20, 20, 560, 800), look=_box(b"1 1 1"), on_page=0)
    beside = maker.update(first, "Signature2", box=(2, 2, 30, 30), look=_box(b"1 1 1"), on_page=0)
    found = verdicts(maker, over)[0]
    assert found.sound
    assert found.told is not None
    assert (found.told.code, int(str(found.told.params["share"]).rstrip("%")) > 50) == ("ink_covered", True)
    assert verdicts(maker, beside)[0].problem == ""


def test_evidence_that_was_taken_out_is_told(maker: Maker) -> None:
    """A security store that is emptied takes nothing from the signature, but from what proves it."""
    pdf = maker.update(paper())

    def store(writer: IncrementalPdfFileWriter) -> None:
        held = writer.add_object(generic.StreamObject(stream_data=maker.issuer.anchors[0]))
        entries = generic.DictionaryObject({pdf_name("/Certs"): generic.ArrayObject([held])})
        writer.root[pdf_name("/DSS")] = writer.add_object(entries)
        writer.update_root()

    def emptied(writer: IncrementalPdfFileWriter) -> None:
        writer.root[pdf_name("/DSS")] = generic.DictionaryObject()
        writer.update_root()

    kept = updated(pdf, store)
    assert verdicts(maker, kept)[0].problem == ""
    signed = maker.update(kept, "Signature2")
    verdict = verdicts(maker, updated(signed, emptied))[-1]
    assert verdict.changes == ("evidence_removed",)
    assert (verdict.sound, verdict.told and verdict.told.code) == (True, "changed_evidence_removed")


def test_a_person_does_not_seal(maker: Maker) -> None:
    """What a field is called makes no agency of who filled it."""
    (verdict,) = verdicts(maker, maker.update(paper(), "CoQuan"))
    assert (verdict.role, verdict.told and verdict.told.code) == ("other", "seal_by_no_agency")


def test_a_time_stamp_over_a_weak_digest_is_weak(maker: Maker) -> None:
    """It proves its time only as well as nobody can make a second paper with that digest."""
    token = run(maker.issuer.stamper(START).async_timestamp, b"\1" * 20, "sha1")
    signed = token["content"]
    authority = signed["certificates"][0].chosen
    assert weaknesses(signed, authority, ()) == ["signature: SHA-1"]
