"""What a file leaves to the reader to draw is on the page as people see it, or the paper is held."""

import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from config.settings import RecognitionSettings
from domain.errors import Held
from domain.readings import PageReading
from pipeline.ladder.ladder import climb
from pipeline.ladder.notes import LETTERS, LINES
from pipeline.scans.inspection import look_at_pages
from pipeline.scans.pdfs import CheckedPdf, check_pdf
from pipeline.scans.raster import open_pages
from tests.judges import verapdf

NAME = "Trần Thị Đào"
SPOILT = b"/Tx BMC q BT /Helv 12 Tf 2 5 Td (Tr?n Th? ?\340o) Tj ET Q EMC"
OTHER = b"/Tx BMC q BT /Helv 12 Tf 2 5 Td (Nguyen Van A) Tj ET Q EMC"


def noted(path: Path, note: Dictionary, look: bytes | None = None, *, is_left: bool = False) -> Path:
    """A page with nothing but a note or a field on it."""
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(595, 842))
        face = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding)
        fonts = Dictionary(Font=Dictionary(Helv=pdf.make_indirect(face)))
        note.Type, note.F = Name.Annot, note.get("/F", 4)
        if look is not None:
            form = pdf.make_stream(look, Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 200, 20]))
            form.Resources = fonts
            note.AP = Dictionary(N=form)
        listed = Array([pdf.make_indirect(note)])
        page.obj.Annots = listed
        if note.Subtype == Name.Widget:
            pdf.Root.AcroForm = Dictionary(Fields=listed, DR=fonts, DA=String("/Helv 12 Tf 0 g"))
            if is_left:
                pdf.Root.AcroForm.NeedAppearances = True
        pdf.save(path)
    return path


def field(text: str = NAME, box: tuple[int, int, int, int] = (100, 500, 300, 520), **more: Any) -> Dictionary:
    """A field to be filled in, filled in."""
    return Dictionary(Subtype=Name.Widget, FT=Name.Tx, T=String("ten"), V=String(text), Rect=Array(list(box)), **more)


def checked(path: Path) -> CheckedPdf:
    """The file to work on."""
    return check_pdf(path, path.with_name("plain.pdf"), RecognitionSettings())


def text_of_copy(path: Path, folder: Path) -> str:
    """The text of the PDF/A copy, which is proven and looks like the file to work on."""
    found = climb(path, path, (PageReading(number=1, words=()),), frozenset(), folder)
    assert verapdf([found.pdf]) == [f"PASS {found.pdf} 2b"]
    assert found.step != "drawn"
    with open_pages(found.pdf) as pages:
        return unicodedata.normalize("NFC", pages._document[0].get_textpage().get_text_range())


@pytest.mark.parametrize(("look", "is_left"), [(None, False), (None, True), (SPOILT, False), (SPOILT, True)])
def test_letters_that_the_font_of_a_field_lacks_are_drawn(tmp_path: Path, look: bytes | None, *, is_left: bool) -> None:
    """Whoever filled the field in sees them; the copy has them too, and looks like what was read."""
    found = checked(noted(tmp_path / "form.pdf", field(), look, is_left=is_left))
    assert found.remarks == (LETTERS,)
    assert NAME in text_of_copy(found.pdf, tmp_path)


def test_long_and_aligned_texts_fit_their_field(tmp_path: Path) -> None:
    """Letters get smaller, or lines more, and nothing leaves the box."""
    many = field(" ".join([NAME] * 12), Ff=1 << 12, box=(100, 400, 300, 520), Q=1, DA=String("/Helv 0 Tf 1 0 0 rg"))
    found = checked(noted(tmp_path / "form.pdf", many))
    with open_pages(found.pdf) as pages:
        pixels = pages.render(0, 72)
    down, across = np.nonzero(pixels.min(axis=2) < 200)
    assert (pixels[:, :, 0] > 200).all()  # red, as the field says
    assert across.min() >= 100
    assert across.max() <= 300
    assert down.min() >= 842 - 520
    assert down.max() <= 842 - 400


@pytest.mark.parametrize(
    ("note", "look"),
    [(field("Nguyen Van A"), OTHER), (field(NAME), OTHER), (field("Đỗ Trang"), b""), (field(NAME, Ff=1 << 13), None)],
)
def test_what_everybody_sees_of_a_field_stays(tmp_path: Path, note: Dictionary, look: bytes | None) -> None:
    """A look that says something else than the field holds is not touched, nor is a secret."""
    path = noted(tmp_path / "form.pdf", note, look)
    found = checked(path)
    assert found == CheckedPdf(path, (), frozenset())


@pytest.mark.parametrize(
    "note",
    [
        Dictionary(Subtype=Name.Line, L=Array([110, 510, 290, 590])),
        Dictionary(Subtype=Name.PolyLine, Vertices=Array([110, 510, 200, 590, 290, 510]), C=Array([1, 0, 0])),
        Dictionary(Subtype=Name.Polygon, Vertices=Array([110, 510, 200, 590, 290, 510]), IC=Array([0, 1, 0])),
    ],
    ids=lambda note: str(note.Subtype),
)
def test_lines_without_a_look_are_drawn(tmp_path: Path, note: Dictionary) -> None:
    """The page is no blank one, and the copy shows the line."""
    note.Rect = Array([100, 500, 300, 600])
    found = checked(noted(tmp_path / "noted.pdf", note))
    assert found.remarks == (LINES,)
    (look,) = look_at_pages(found.pdf)
    assert not look.facts.is_blank
    copy = climb(found.pdf, found.pdf, (PageReading(number=1, words=()),), frozenset(), tmp_path)
    with open_pages(copy.pdf) as pages:
        assert pages.render(0, 72).min() < 100


@pytest.mark.parametrize(
    "note",
    [
        Dictionary(Subtype=Name.Stamp, Name=Name.Approved),
        Dictionary(Subtype=Name.Line, L=Array([110])),
        field("Đào 桃"),
        field(NAME, MK=Dictionary(R=90)),
        field(" ".join([NAME] * 99)),
    ],
    ids=["stamp", "no line", "other letters", "turned", "too long"],
)
def test_what_cannot_be_drawn_holds_the_paper(tmp_path: Path, note: Dictionary) -> None:
    """The page is named, and what to do; where the note is hidden there is nothing to show."""
    note.Rect = note.get("/Rect", Array([100, 500, 300, 600]))
    with pytest.raises(Held, match="Page 1 has a note") as caught:
        checked(noted(tmp_path / "noted.pdf", note))
    assert caught.value.reason == "note_not_shown"
    with pikepdf.open(tmp_path / "noted.pdf", allow_overwriting_input=True) as pdf:
        pdf.pages[0].obj.Annots[0].F = 2
        pdf.save(tmp_path / "noted.pdf")
    assert checked(tmp_path / "noted.pdf").remarks == ()
