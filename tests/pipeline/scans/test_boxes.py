"""Whatever boxes and units a page has, it is measured, read and marked as it is seen."""

import ctypes
from contextlib import closing
from itertools import product
from pathlib import Path

import numpy as np
import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name
from pypdfium2 import raw

from config.settings import RecognitionSettings
from domain.errors import Refused
from domain.readings import PageReading, Word
from pipeline.recognition.engine import lay_down
from pipeline.scans.boxes import SHEETS
from pipeline.scans.inspection import look_at_pages
from pipeline.scans.pdfs import CheckedPdf, check_pdf
from pipeline.scans.raster import Pixels, open_pages
from services.context import Services
from tests.support import coded_pages
from tests.support.scans import paper, prepared

A4 = (0, 0, *coded_pages.POINTS)
WORD = Word(text="giaymoi", box=(0.2, 0.3, 0.5, 0.32), confidence=1.0, line=0)
Edges = tuple[float, ...]
INSIDE, PARTLY, EMPTY = (100, 20, 395, 562), (300, 300, 900, 900), (300, 300, 300, 300)
BESIDE: Edges = (700, 900, 800, 1000)
BOXES = [
    (A4, None), (A4, A4), ((-100, 50, 495, 892), None), ((495, 892, -100, 50), None), (A4, INSIDE), (A4, PARTLY),
    ((495, 892, -100, 50), (395, 562, 100, 80)), (A4, BESIDE), (A4, EMPTY), ((0, 0, 0, 0), None),
    ((0, 0, 14400, 14400), A4),
]  # fmt: skip


def saved(path: Path, *, orders: bytes | None = None, **keys: object) -> Path:
    """A scan of one page with these entries."""
    with pikepdf.new() as pdf:
        page = coded_pages.page_of(pdf, coded_pages.jpeg(coded_pages.picture()))
        if orders:
            page.Contents = pdf.make_stream(orders)
        for key, value in keys.items():
            page.obj[f"/{key}"] = Array(value) if isinstance(value, tuple) else value
        pdf.save(path)
    return path


def checked(path: Path, **keys: object) -> CheckedPdf:
    """What is worked on in place of such a file."""
    return check_pdf(saved(path / "scan.pdf", **keys), path / "plain.pdf", RecognitionSettings())  # type: ignore[arg-type]


def shown(pdf: Path, dpi: float = 72) -> Pixels:
    """The first page."""
    with open_pages(pdf) as pages:
        return pages.render(0, dpi)


def place_of_text(pdf: Path) -> list[float]:
    """Where the text of the first page lies: left, top, right, bottom as shares of what is seen."""
    corners = []
    with closing(pypdfium2.PdfDocument(pdf)) as document:
        page = document[0]
        text = page.get_textpage()
        for place in range(text.count_chars()):
            box, across, down = raw.FS_RECTF(), ctypes.c_int(), ctypes.c_int()
            raw.FPDFText_GetLooseCharBox(text.raw, place, box)
            for x, y in ((box.left, box.top), (box.right, box.bottom)):
                raw.FPDF_PageToDevice(page.raw, 0, 0, 10_000, 10_000, 0, x, y, across, down)
                corners.append((across.value / 10_000, down.value / 10_000))
        text.close()
        page.close()
    return [*map(min, zip(*corners, strict=True)), *map(max, zip(*corners, strict=True))]


@pytest.mark.parametrize(("boxes", "turn"), list(product(BOXES, (0, 90, 180, 270))))
def test_words_lie_where_they_are_seen(tmp_path: Path, boxes: tuple[Edges, Edges | None], turn: int) -> None:
    """The page looks as before, and text is laid where it is read, whatever boxes and turn the page has."""
    media, crop = boxes
    keys: dict[str, object] = {"MediaBox": media, "Rotate": turn} | ({"CropBox": crop} if crop else {})
    page = checked(tmp_path, **keys)
    if crop == BESIDE:  # PDFium shows nothing at all of the file as it came
        saved(tmp_path / "scan.pdf", MediaBox=media, Rotate=turn)
    assert np.array_equal(shown(page.pdf), shown(tmp_path / "scan.pdf"))
    lay_down(page.pdf, tmp_path / "laid.pdf", {1: PageReading(number=1, words=(WORD,))})
    assert place_of_text(tmp_path / "laid.pdf") == pytest.approx(WORD.box, abs=0.006)
    (look,) = look_at_pages(page.pdf)
    assert not look.facts.is_blank


def test_pages_in_order_stay_as_they_came(tmp_path: Path) -> None:
    """A crop box that crops nothing to speak of, and boxes for printers, change nothing and are not told."""
    page = checked(tmp_path, CropBox=(0.1, 0, 594.9, 842), TrimBox=(9, 9, 500, 800), UserUnit=1)
    assert page == (tmp_path / "scan.pdf", (), frozenset())


@pytest.mark.parametrize("unit", [2, 0.5, 2.5])
@pytest.mark.parametrize("orders", [None, b"q 595 0 0 842 0 0 cm /Im0 Do", b"Q q Q Q 595 0 0 842 0 0 cm /Im0 Do"])
def test_a_unit_becomes_points(tmp_path: Path, unit: float, orders: bytes | None) -> None:
    """A page in a unit of its own is drawn at its true size, with its notes, and measured so."""
    page = checked(tmp_path, UserUnit=unit, orders=orders, CropBox=(100, 20, 395, 562))
    assert page.remarks == (SHEETS,)
    with pikepdf.open(page.pdf) as pdf:
        (plain,) = pdf.pages
        assert "/UserUnit" not in plain.obj
        assert [float(side) for side in plain.mediabox] == [side * unit for side in (100, 20, 395, 562)]
    before, after = shown(tmp_path / "scan.pdf", 144), shown(page.pdf, 144 / unit)
    assert before.shape == after.shape
    assert np.abs(before.astype(int) - after).mean() < 3
    (look,) = look_at_pages(page.pdf)
    assert look.facts.dpi == round(50 / unit)


def test_notes_stay_where_they_were(tmp_path: Path) -> None:
    """A stamp on a page in another unit lies at the same place of it."""
    with pikepdf.open(saved(tmp_path / "scan.pdf", UserUnit=2), allow_overwriting_input=True) as pdf:
        look = pdf.make_stream(b"1 0 0 rg 0 0 90 90 re f", Subtype=Name.Form, BBox=[0, 0, 90, 90])
        note = Dictionary(
            Type=Name.Annot, Subtype=Name.Stamp, Rect=[100, 100, 200, 300], F=4, AP=Dictionary(N=look),
            QuadPoints=[100, 100, 200, 100, 200, 300, 100, 300],
        )  # fmt: skip
        pdf.pages[0].Annots = Array([pdf.make_indirect(note)])
        pdf.save(tmp_path / "scan.pdf")
    page = check_pdf(tmp_path / "scan.pdf", tmp_path / "plain.pdf", RecognitionSettings())
    before, after = shown(tmp_path / "scan.pdf", 72), shown(page.pdf, 36)
    assert (before[642, 150] == (255, 0, 0)).all()
    assert np.abs(before.astype(int) - after).mean() < 3
    with pikepdf.open(page.pdf) as pdf:
        assert [float(place) for place in pdf.pages[0].Annots[0].QuadPoints[:4]] == [200, 200, 400, 200]


NOTHING: list[dict[str, object]] = [
    {"CropBox": Name.Odd}, {"CropBox": (1, 2)}, {"UserUnit": 0}, {"UserUnit": -1}, {"UserUnit": -2.5},
    {"UserUnit": Name.Odd},
]  # fmt: skip


@pytest.mark.parametrize("keys", NOTHING)
def test_what_is_no_box_and_no_unit_counts_for_nothing(tmp_path: Path, keys: dict[str, object]) -> None:
    """Entries that mean nothing are passed over, as readers do, and taken off the copy: not every program does."""
    found = checked(tmp_path, **keys)
    assert found.remarks == (SHEETS,)
    with pikepdf.open(found.pdf) as pdf:
        assert not pdf.pages[0].obj.keys() & keys.keys()


def test_a_sheet_too_large_is_refused(tmp_path: Path) -> None:
    """The size counts in points: a unit makes a page larger than any scanner takes."""
    with pytest.raises(Refused) as caught:
        checked(tmp_path, UserUnit=20)
    assert caught.value.reason == "too_large"


@pytest.mark.parametrize(("width", "dpi"), [(1654, 100), (2480, 150), (4960, 300)])
def test_a_unit_neither_adds_dots_nor_takes_them(ctx: Services, tmp_path: Path, width: int, dpi: int) -> None:
    """A sheet of twice the size that its boxes tell has half the dots; the vault keeps the file as it came."""
    image = paper().convert("L").resize((width, width * 842 // 595))
    path = tmp_path / "scan.pdf"
    with pikepdf.new() as pdf:
        coded_pages.page_of(pdf, coded_pages.jpeg(image)).obj.UserUnit = 2
        pdf.save(path)
    if dpi < 200:
        with pytest.raises(Refused, match=f"Page 1 has {dpi} dpi"):
            prepared(ctx, path)
        return
    (document,) = prepared(ctx, path)
    assert document.dpi == dpi
    assert SHEETS in document.remarks
    assert ctx.scan(document).read_bytes() == path.read_bytes()
