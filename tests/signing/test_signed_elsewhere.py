"""Files that other programs signed: what is sound is not called broken, and no change is hushed up (issue 22)."""

# pyHanko leaves some of its functions without types.
# mypy: untyped-calls-exclude="pyhanko,pyhanko_certvalidator"

import re
import subprocess
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from domain.messages.told import told
from signing.interface import SignatureVerdict, outcome_of
from signing.verification.verify import verify_pdf
from tests.support import signed_kinds as kinds
from tests.support.issuers import START
from tests.support.signed_elsewhere import Maker, filled, updated, with_room
from tests.support.signing_papers import paper, program


@pytest.fixture(scope="module")
def maker() -> Maker:
    """Who signs."""
    return Maker.new()


def verdicts(maker: Maker, pdf: bytes) -> tuple[SignatureVerdict, ...]:
    """What is found of a file by somebody who trusts its signer's issuer."""
    return verify_pdf(pdf, maker.issuer.anchors, START)


@pytest.mark.parametrize("kind", kinds.SOUND)
def test_what_nobody_changed_is_sound(maker: Maker, kind: str, tmp_path: Path) -> None:
    """Whatever way the file is written, its signatures are intact, nothing was changed, and another program agrees."""
    pdf = kinds.SOUND[kind](maker)
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


@pytest.mark.parametrize("kind", kinds.SOUND)
def test_what_is_flipped_in_them_is_broken(maker: Maker, kind: str) -> None:
    """Reading forgivingly forgives no changed byte of the page."""
    pdf = bytearray(kinds.SOUND[kind](maker))
    place = pdf.index(b"stream", pdf.index(b"/DCTDecode")) + 120
    pdf[place] ^= 1
    assert outcome_of(verdicts(maker, bytes(pdf))) == "broken"


@pytest.mark.parametrize("kind", kinds.UNCHECKABLE)
def test_what_cannot_be_checked_is_not_called_broken(maker: Maker, kind: str) -> None:
    """It is unknown, with the reason; who reads it decides."""
    (verdict,) = verdicts(maker, kinds.UNCHECKABLE[kind](maker))
    assert (verdict.intact, verdict.changes_allowed, verdict.sound, verdict.broken) == (None, None, False, False)
    assert verdict.problem
    assert outcome_of([verdict]) == "doubtful"


@pytest.mark.parametrize("kind", kinds.UNSIGNED)
def test_an_empty_field_is_no_signature(maker: Maker, kind: str) -> None:
    """A field that waits for its signature has none; nor has a file that only carries a time stamp."""
    found = verdicts(maker, kinds.UNSIGNED[kind](maker))
    assert {verdict.kind for verdict in found} <= {"time_stamp"}
    assert outcome_of(found) == "unsigned"


@pytest.mark.parametrize(
    ("change", "told", "allowed"),
    [
        (kinds.tick, "form_filling", True),
        (kinds.swap_font, "appearances", False),
        (kinds.draw_anew, "appearances", False),
        (kinds.recolour, "appearances", False),
        (kinds.realign, "appearances", False),
        (kinds.put_on_layer, "appearances", False),
        (kinds.act_on_opening, "other", False),
        (kinds.write_anew, "technical", True),
    ],
)
def test_what_an_update_changed_is_named(
    maker: Maker, change: Callable[[IncrementalPdfFileWriter], None], told: str, *, allowed: bool
) -> None:
    """A tick, another font, other colours and new actions are seen; what is only written anew is none of these."""
    pdf = filled(maker, with_room(kinds.form))
    assert outcome_of(verdicts(maker, pdf)) == "valid"
    (verdict,) = verdicts(maker, updated(pdf, change))
    assert (verdict.intact, verdict.changes, verdict.changes_allowed) == (True, (told,), allowed)
    assert bool(verdict.problem) == (told != "technical")


@pytest.mark.parametrize("kind", [kind for kind in kinds.CHANGED if kind.endswith("appended")])
def test_an_end_that_names_an_older_table_is_no_update(maker: Maker, kind: str) -> None:
    """Whatever stands before such an end is told as appended."""
    (verdict,) = verdicts(maker, kinds.CHANGED[kind](maker))
    assert (verdict.intact, verdict.changes, verdict.sound) == (True, ("appended",), False)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("evidence taken out", "changed_evidence_removed"),
        ("time stamp taken out", "time_stamp_gone"),
        ("time stamp over SHA-1", "signature_weak"),
        ("bytes behind the value", "signature_padded"),
        ("a person in the seal's field", "seal_by_no_agency"),
    ],
)
def test_what_takes_nothing_from_a_signature_is_told(maker: Maker, kind: str, code: str) -> None:
    """The signature stands; who reads it knows what is odd about it."""
    (verdict,) = verdicts(maker, kinds.TAKEN_OUT[kind](maker))
    assert (verdict.sound, verdict.told and verdict.told.code) == (True, code)
    assert verdict.role == "other"


@pytest.mark.parametrize("kind", kinds.HIDDEN)
def test_a_signature_that_the_present_state_hides_is_told(maker: Maker, kind: str) -> None:
    """A file whose end was cut off, or leads back to before it was signed, is not called unsigned."""
    found = verdicts(maker, kinds.HIDDEN[kind](maker))
    code = "signature_not_checked" if "nowhere" in kind else "signature_hidden"
    assert [(item.field, item.intact, item.told and item.told.code) for item in found] == [("", None, code)]
    assert outcome_of(found) == "doubtful"


def test_of_two_signatures_the_hidden_one_is_told_beside_the_other(maker: Maker) -> None:
    """An end that leads back to between both shows one; the other is told, and what is shown is none the better."""
    twice = maker.update(maker.update(paper()), "Signature2")
    shown, hidden = verdicts(maker, twice + kinds.before_signing(twice))
    assert (shown.field, shown.intact, shown.changes) == ("Signature1", True, ("appended",))
    assert hidden.told == told("signature_hidden")


@pytest.mark.parametrize("key", ["/UR3", "/Other"])
def test_usage_rights_are_no_hidden_signature(maker: Maker, key: str) -> None:
    """What the catalogue holds as usage rights is in its place; a signature that nothing known holds is told."""

    def grant(document: pikepdf.Pdf) -> None:
        document.Root.Perms = pikepdf.Dictionary({key: document.Root.AcroForm.Fields[0].V})
        del document.Root.AcroForm
        del document.pages[0].obj.Annots

    found = verdicts(maker, filled(maker, with_room(grant)))
    assert [item.told for item in found] == ([] if key == "/UR3" else [told("signature_hidden")])


def test_a_signed_file_within_another_is_no_hidden_signature(maker: Maker) -> None:
    """What is embedded was signed for itself; the file around it is unsigned."""
    target = BytesIO()
    with pikepdf.open(BytesIO(paper())) as document:
        document.attachments["signed.pdf"] = maker.update(paper())
        document.save(target, compress_streams=False)
    assert b"/ByteRange" in target.getvalue()
    assert verdicts(maker, target.getvalue()) == ()


@pytest.mark.parametrize("change", [kinds.empty_store, kinds.drop_store])
def test_evidence_that_was_taken_from_a_time_stamp_breaks_nothing(
    maker: Maker, change: Callable[[IncrementalPdfFileWriter], None]
) -> None:
    """Neither the signature nor the time stamp over the whole file; that it is gone is told of both."""
    pdf = kinds.time_stamped(maker, kinds.with_store(maker, maker.update(paper())))
    assert [item.problem for item in verdicts(maker, pdf)] == ["", ""]
    found = verdicts(maker, updated(pdf, change))
    assert [(item.kind, item.sound) for item in found] == [("signature", True), ("time_stamp", True)]
    assert {item.told for item in found} == {told("changed_evidence_removed")}
    assert found[1].changes == ("evidence_removed",)
    assert outcome_of(found) == "doubtful"


def test_more_than_taken_evidence_still_breaks_a_time_stamp(maker: Maker) -> None:
    """Who takes the evidence out and draws over the page in one update is found out."""
    pdf = kinds.time_stamped(maker, kinds.with_store(maker, maker.update(paper())))

    def both(writer: IncrementalPdfFileWriter) -> None:
        kinds.empty_store(writer)
        kinds.redraw(writer)

    assert outcome_of(verdicts(maker, updated(pdf, both))) == "broken"


@pytest.mark.parametrize("share", [0.0, 0.2, 0.4, 0.6, 0.8, 0.99])
def test_a_damaged_value_leaves_the_file_readable(maker: Maker, share: float) -> None:
    """Whichever byte of the signature's value is changed, there is a verdict, and no good one."""
    pdf = maker.update(paper())
    head = pdf.index(b"/Contents <") + len(b"/Contents <")
    size = 2 * (4 + int(pdf[head + 4 : head + 8], 16))
    place = head + int(share * size)
    spoilt = pdf[:place] + (b"7" if pdf[place : place + 1] != b"7" else b"5") + pdf[place + 1 :]
    (verdict,) = verdicts(maker, spoilt)
    assert verdict.problem


def test_a_damaged_certificate_of_one_takes_nothing_from_another(maker: Maker) -> None:
    """The second signature cannot be checked; the first can."""
    twice = kinds.with_damaged_certificate(maker, maker.update(maker.update(paper()), "Signature2"))
    assert [item.intact for item in verdicts(maker, twice)] == [True, None]


def test_all_that_is_wrong_is_told(maker: Maker) -> None:
    """Whoever does not know the issuer learns of covered print and of bytes behind the value, too."""
    pdf = kinds.CHANGED["a picture over the page"](maker)
    values = [item.end(1) for item in re.finditer(rb"/Contents <([0-9A-Fa-f]+)>", pdf)]
    end = values[0]
    assert pdf[end - 200 : end] == b"0" * 200
    odd = pdf[: end - 100] + b"3c3e" + pdf[end - 96 :]
    first = verify_pdf(odd, (), START)[0]
    codes = [item.code for item in first.all_told]
    assert codes[:1] == ["trust_unknown_issuer"]
    assert {"ink_covered_on", "signature_padded"} <= set(codes)
    assert len(first.problems) == len(codes)
    assert first.problems[0] == first.problem


def test_a_picture_over_the_page_is_told_with_what_it_covers(maker: Maker) -> None:
    """A later signature may show a picture; where that hides what was there, whoever reads it is told how much."""
    found = verdicts(maker, kinds.CHANGED["a picture over the page"](maker))[0]
    assert found.sound
    assert found.told is not None
    assert (found.told.code, int(str(found.told.params["share"]).rstrip("%")) > 50) == ("ink_covered_on", True)
    assert verdicts(maker, kinds.HARMLESS["a picture beside the print"](maker))[0].problem == ""


def test_a_page_that_cannot_be_drawn_is_told_as_not_known(maker: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the reason, nobody is told that nothing is covered; the page is named, and the signature stands."""
    pdf = kinds.CHANGED["a picture over the page"](maker)

    def fails(*_: object) -> None:
        raise pypdfium2.PdfiumError("Failed to load page.")

    undrawn = verify_pdf(pdf, maker.issuer.anchors, START, draws=False)[0]
    for name in ("_drawn", "_compared"):
        with monkeypatch.context() as patch:
            patch.setattr(f"signing.verification.covering.{name}", fails)
            assert verdicts(maker, pdf)[0] == undrawn
    assert (undrawn.sound, undrawn.told) == (True, told("ink_not_compared", pages=[1]))
    beside = verify_pdf(kinds.SOUND["linearised, signed once more"](maker), maker.issuer.anchors, START, draws=False)
    assert [item.problem for item in beside] == ["", ""]  # no later picture, so nothing to draw
