"""What a file lacks is put in, and only the pages that need it become pictures."""

from contextlib import closing
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name

from domain.readings import PageReading, Word
from pipeline.ladder.ladder import Climbed, climb
from tests.judges import verapdf

LETTERS = bytes(code for code in range(33, 127) if code not in b"()\\")
VIETNAMESE = Dictionary(Type=Name.Encoding, Differences=Array([65, Name.Abreve, Name.Dcroat]))
SOME = Dictionary(
    Type=Name.Encoding, BaseEncoding=Name.MacRomanEncoding, Differences=Array([65, Name.Euro, 97, Name.eacute])
)
FONTS: list[tuple[Name, str, Any, str]] = [
    *((Name.Type1, name, None, "rewritten") for name in ("Helvetica", "Times-BoldItalic", "Courier-Oblique")),
    (Name.Type1, "Arial", None, "rewritten"),
    *((Name.TrueType, name, None, "rewritten") for name in ("Arial,Bold", "TimesNewRomanPS-BoldMT", "CourierNew")),
    *(
        (Name.Type1, "Helvetica-Bold", code, "rewritten")
        for code in (Name.WinAnsiEncoding, Name.MacRomanEncoding, SOME)
    ),
    *((Name.Type1, name, None, "drawn") for name in ("Symbol", "ZapfDingbats")),
    (Name.TrueType, "LucidaConsole", Name.WinAnsiEncoding, "drawn"),
    (Name.Type1, "Helvetica", VIETNAMESE, "drawn"),
]


def climbed(pdf: pikepdf.Pdf, folder: Path, *readings: PageReading) -> Climbed:
    """Where a file ends."""
    original = folder / "original.pdf"
    pdf.save(original)
    pages = readings or tuple(PageReading(number=number, words=()) for number in range(1, len(pdf.pages) + 1))
    return climb(original, original, pages, frozenset(page.number for page in readings), folder)


def lettered(pdf: pikepdf.Pdf, kind: Name, name: str, encoding: Any) -> None:
    """A page in a font that the file does not hold."""
    font = Dictionary(Type=Name.Font, Subtype=kind, BaseFont=Name(f"/{name}"))
    if encoding is not None:
        font.Encoding = encoding
    page = pdf.add_blank_page(page_size=(700, 120))
    page.Resources = Dictionary(Font=Dictionary(F=pdf.make_indirect(font)))
    lines = b" ".join(b"(%s) '" % LETTERS[start : start + 31] for start in range(0, len(LETTERS), 31))
    page.Contents = pdf.make_stream(b"BT /F 18 Tf 24 TL 1 0 0 1 20 100 Tm " + lines + b" ET")


@pytest.fixture(scope="module")
def all_climbed(tmp_path_factory: pytest.TempPathFactory) -> list[Climbed]:
    """Every font, climbed."""
    found = []
    for kind, name, encoding, _ in FONTS:
        with pikepdf.new() as pdf:
            lettered(pdf, kind, name, encoding)
            found.append(climbed(pdf, tmp_path_factory.mktemp("font")))
    return found


def test_faces_that_every_reader_has_are_put_in(all_climbed: list[Climbed]) -> None:
    """Text stays text and looks as it did; a face or a letter that nobody has here becomes a picture."""
    assert [found.step for found in all_climbed] == [step for *_, step in FONTS]
    assert all(found.likeness is not None and found.likeness > 0.95 for found in all_climbed)
    for found, (_, name, _, step) in zip(all_climbed, FONTS, strict=True):
        assert any(str(remark).endswith(f"put into the copy: {name}") for remark in found.remarks) == (
            step == "rewritten"
        )


def test_verapdf_passes_every_font(all_climbed: list[Climbed]) -> None:
    """The official veraPDF finds every one of them PDF/A-2b."""
    files = [found.pdf for found in all_climbed]
    assert verapdf(files) == sorted(f"PASS {path} 2b" for path in files)


@pytest.mark.parametrize("turn", [0, 90])
def test_only_the_page_that_needs_it_is_drawn(turn: int, tmp_path: Path) -> None:
    """Between pages that stay as they are, one is a picture with the words that were read."""
    word = Word(text="giấy", box=(0.2, 0.2, 0.3, 0.3), confidence=0.9, line=0)
    with pikepdf.new() as pdf:
        for _ in range(3):
            lettered(pdf, Name.Type1, "Helvetica", None)
        page = pdf.pages[1]
        run = Dictionary(FunctionType=2, Domain=[0, 1], C0=[1, 0, 0], C1=[0, 0, 1], N=1)
        colours = Dictionary(ShadingType=2, ColorSpace=Name.DeviceRGB, Coords=[0, 0, 150, 0], Function=run)
        page.Resources.Shading = Dictionary(S=colours)
        page.contents_add(b"q 300 10 200 30 re W n /S sh Q")
        page.rotation = turn
        page.cropbox = pikepdf.Rectangle(10, 10, 690, 110)
        readings = [PageReading(number=number, words=(word,) * (number == 2)) for number in (1, 2, 3)]
        found = climbed(pdf, tmp_path, *readings)
    assert found.step == "rewritten"
    assert any(str(remark).startswith("drawn anew") and "pages 2;" in str(remark) for remark in found.remarks)
    with closing(pypdfium2.PdfDocument(found.pdf)) as document:
        texts = [page.get_textpage().get_text_range() for page in document]
    assert "BCDEFGHIJKLMNOPQRSTUVWXYZ" in texts[0]
    assert texts[1].strip() == "giấy"
    assert texts[0] == texts[2]
    assert verapdf([found.pdf]) == [f"PASS {found.pdf} 2b"]
