"""The sheet of a page: one box in points, where a file may have several boxes and a unit of its own.

Readers show what the crop box leaves of the media box, /UserUnit times as large (ISO 32000-1, 14.11.2 and table 30).
PDFium leaves /UserUnit out, OCRmyPDF lays text by the media box: so such pages are given plain boxes, once, before
anything looks at them.
"""

from typing import Any

import pikepdf
from pikepdf import Array, Dictionary

from domain.messages.told import Told, told

SHEETS = told("plain_boxes")

Box = tuple[float, float, float, float]

_LETTER = (0.0, 0.0, 612.0, 792.0)  # what readers show of a page that has no usable box
_LEAST_PT, _SAME_PT = 0.01, 0.5
_OTHER_BOXES = ("/CropBox", "/BleedBox", "/TrimBox", "/ArtBox", "/UserUnit")
_PLACES = ("/Rect", "/QuadPoints")  # of annotations


def shown_box(page: pikepdf.Page) -> Box:
    """What is shown of a page in its own units: left, bottom, right, top.

    A crop box beside the media box crops nothing.
    """
    media, crop = _box(page.obj.get("/MediaBox")) or _LETTER, _box(page.obj.get("/CropBox"))
    if crop is None:
        return media
    shown = _common(media, crop)
    return shown if _has_area(shown) else media


def _common(one: Box, other: Box) -> Box:
    return max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3])


def unit_of(page: pikepdf.Page) -> float:
    """How many points one of the page's own units is."""
    unit = page.obj.get("/UserUnit", 1)
    return float(unit) if _is_number(unit) and unit > 0 else 1.0


def make_plain(pdf: pikepdf.Pdf) -> tuple[Told, ...]:
    """Give pages that have several boxes, or another unit than the point, one box in points; return remarks."""
    pages = [page for page in pdf.pages if not _is_plain(page)]
    for page in pages:
        box, unit = shown_box(page), unit_of(page)
        for key in _OTHER_BOXES:
            if key in page.obj:
                del page.obj[key]
        page.obj.MediaBox = Array(box)
        if unit != 1:
            _scale(pdf, page, unit)
    return (SHEETS,) if pages else ()


def _is_plain(page: pikepdf.Page) -> bool:
    media, crop, unit = (page.obj.get(key) for key in ("/MediaBox", "/CropBox", "/UserUnit"))
    box = _box(media)
    if box is None or (unit is not None and not (_is_number(unit) and unit == 1)):
        return False
    if crop is not None:  # one that is none, or lies beside the page, is passed over by readers, and not by everybody
        cropped = _box(crop)
        if cropped is None or not _has_area(_common(box, cropped)):
            return False
    return all(abs(one - other) < _SAME_PT for one, other in zip(box, shown_box(page), strict=True))


def _scale(pdf: pikepdf.Pdf, page: pikepdf.Page, unit: float) -> None:
    """Draw a page larger; within a form, for its own orders may leave more or less behind than they found."""
    form = page.as_form_xobject()
    form.write(form.read_bytes())  # else it is read from the page when the file is written, and the page has changed
    form.Matrix = Array([unit, 0, 0, unit, 0, 0])
    page.obj.Resources = Dictionary(XObject=Dictionary(Page=form))
    page.obj.Contents = pdf.make_stream(b"/Page Do")
    page.obj.MediaBox = _times(page.obj.MediaBox, unit)
    for note in page.obj.get("/Annots", ()):
        for key in _PLACES:
            places = note.get(key) if isinstance(note, Dictionary) else None
            if isinstance(places, Array) and all(map(_is_number, places)):
                note[key] = _times(places, unit)


def _times(numbers: Any, unit: float) -> Array:
    return Array([float(number) * unit for number in numbers])


def _box(item: Any) -> Box | None:
    """A box with its corners in order; None where it is none, or has no area."""
    if not isinstance(item, Array) or len(item) != 4 or not all(map(_is_number, item)):
        return None
    left, bottom, right, top = map(float, item)
    box = min(left, right), min(bottom, top), max(left, right), max(bottom, top)
    return box if _has_area(box) else None


def _has_area(box: Box) -> bool:
    return box[2] - box[0] > _LEAST_PT and box[3] - box[1] > _LEAST_PT


def _is_number(item: Any) -> bool:
    return not isinstance(item, pikepdf.Object | bool | str | bytes) and item is not None
