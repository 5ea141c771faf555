"""Sizes of paper: which resolution makes pixels a sheet of one, and pages brought to the size that a person states."""

from pathlib import Path
from typing import Any, Final

import img2pdf
import pikepdf

from domain.errors import Refused
from domain.messages.told import Told, told

PAPERS: Final = {
    "A2": (420, 594), "A3": (297, 420), "A4": (210, 297), "A5": (148, 210), "A6": (105, 148),
    "letter": (216, 279), "legal": (216, 356), "card": (54, 86),
}  # fmt: skip
ASK_SIZE: Final = "say_size"

_MM_PER_IN = 25.4
_POINTS_PER_MM = 72 / _MM_PER_IN
_CARD_MM = tuple(0.9 * side for side in PAPERS["card"])  # a scan of a card may be cut close
_BOXES = ("/MediaBox", "/CropBox", "/TrimBox", "/BleedBox", "/ArtBox")


def dpi_on(size: tuple[int, int], paper: str) -> int:
    """The resolution at which these pixels are a sheet of ``paper``, however it lies.

    By the side that has fewer dots: a picture may show a little more than the sheet, or less.
    """
    across, along = (side / _MM_PER_IN for side in PAPERS[paper])
    return max(1, round(min(min(size) / across, max(size) / along)))


def layout_on(paper: str) -> Any:
    """How img2pdf lays a picture on a sheet of ``paper``, whatever its file states."""

    def lay(width: int, height: int, stated: tuple[float, float]) -> Any:
        dpi = dpi_on((width, height), paper)
        return img2pdf.get_fixed_dpi_layout_fun((dpi, dpi))(width, height, stated)

    return lay


def check_sheet(size: tuple[int, int], dpi: int, page: int) -> None:
    """Refuse a sheet that would be smaller than an identity card: the resolution that the file states is wrong.

    Raises:
        Refused: it would be.
    """
    across, along = (side * _MM_PER_IN / dpi for side in sorted(size))
    if is_no_sheet(across, along):
        raise wrong_dpi(told("page_of_mm", page=page, width=across, height=along), dpi)


def refuse_too_many(number: int, most: int) -> None:
    """Refuse a file with more pages than a process may work on before the others go on.

    Raises:
        Refused: it has more.
    """
    if number > most:
        raise Refused("too_many_pages", reason="too_large", remedy="save_in_parts", most=most)


def is_no_sheet(across: float, along: float) -> bool:
    """Whether a page, measured in mm, is smaller than an identity card, as no paper is."""
    return min(across, along) < _CARD_MM[0] and max(across, along) < _CARD_MM[1]


def wrong_dpi(what: Told, dpi: int) -> Refused:
    """No paper has such a size, so the resolution cannot be right; the size of the paper tells it."""
    return Refused("size_at_dpi", reason="wrong_dpi", remedy=ASK_SIZE, what=what, dpi=dpi)


def size_pages(pdf: Path, paper: str, output: Path) -> float:
    """Write ``output``: every page as large as a sheet of ``paper``; pictures keep the encoding they came in.

    Returns:
        The least factor by which a page was scaled.
    """
    short, long = (side * _POINTS_PER_MM for side in PAPERS[paper])
    factors = []
    with pikepdf.open(pdf) as document:
        for page in document.pages:
            left, bottom, right, top = (float(value) for value in page.cropbox)
            sides = sorted((abs(right - left), abs(top - bottom)))
            factors.append(max(short / sides[0], long / sides[1]))
            _scale(page, factors[-1])
        document.save(output, stream_decode_level=pikepdf.StreamDecodeLevel.none, compress_streams=False)
    return min(factors, default=1.0)


def _scale(page: pikepdf.Page, factor: float) -> None:
    boxes = {key: page.obj[key] for key in _BOXES if key in page.obj}
    for key, box in {"/MediaBox": page.mediabox, **boxes}.items():
        page.obj[key] = _scaled(box, factor)
    if "/UserUnit" in page.obj:
        del page.obj["/UserUnit"]
    page.contents_add(f"q {factor:.6f} 0 0 {factor:.6f} 0 0 cm\n".encode(), prepend=True)
    page.contents_add(b"\nQ")
    for note in page.obj.get("/Annots", pikepdf.Array()):
        if isinstance(note, pikepdf.Dictionary) and "/Rect" in note:
            note.Rect = _scaled(note.Rect, factor)


def _scaled(box: Any, factor: float) -> pikepdf.Array:
    return pikepdf.Array([round(float(value) * factor, 3) for value in box])
