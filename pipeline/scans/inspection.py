"""What the pages of a scan are like: resolution, colour, ink, sharpness, blank or not, and the codes on them."""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import pikepdf
import pypdfium2
import zxingcpp
from cv2.typing import MatLike
from numpy.typing import NDArray

from domain.readings import Box
from pipeline.bounds import alarm
from pipeline.recognition.first_page import DPI, first_page
from pipeline.records import PageFacts
from pipeline.scans.blank.bare import is_bare, is_uniform
from pipeline.scans.pdfs import damaged_page
from pipeline.scans.raster import Pages, open_pages, parts
from pipeline.scans.resolution import measure
from pipeline.scans.sizes import is_no_sheet
from pipeline.scans.tint import DPI as _TINT_DPI
from pipeline.scans.tint import is_tinted

Grey = NDArray[np.uint8]

# Barcodes of thin bars need 200 dpi; scans mostly come in it, so drawing costs no scaling either.
_DPI = 200
_FINE_DPI = 300
_MOST_PIXELS = 20_000_000  # a sheet larger than A2 is looked at with fewer dpi
_POINTS = 72
_MM = 100 / 25.4  # ink is looked for at half of _DPI
_FORMATS = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.Code128, zxingcpp.BarcodeFormat.QRCode])
# What other systems print on their separator sheets and labels besides.
_OTHERS = zxingcpp.BarcodeFormats(
    [
        zxingcpp.BarcodeFormat.Code128,
        zxingcpp.BarcodeFormat.QRCode,
        zxingcpp.BarcodeFormat.Code39,
        zxingcpp.BarcodeFormat.Code93,
        zxingcpp.BarcodeFormat.DataMatrix,
    ]
)

# A page with less ink and fewer words is looked at closely (``pipeline.scans.blank``): stains may look like some ink.
_MOST_STAINED, _FEW_MARKS = 0.02, 60
_DARKER = 0.8  # ink is darker than this share of the paper around it; what shines through from the other side is not
_SPECK_MM = 0.8
_DARK = 0.6  # of the page's own brightness: larger than any paper around it, but no paper
_HOLE_MM = (3.5, 9.0)  # punch holes are 5 to 6 mm wide (ISO 838)
_LINE_MM = (0.6, 3.0)  # staples, folds and the edges of sheets: long and this thin

# A sheet with a big code and little else: one block, about half of it ink, with most of the ink of the page.
_FEW_WORDS = 300
_LARGE_CODE = 0.12  # of the page's width or height: the code of an identity card is smaller, that of a sheet larger
_LONG_GUESS = 12  # in small print a few bars are guessed now and then
_FOREIGN_LEAST = 4  # letters: bars of few are guessed in stripes that are no code
_ASKEW = 20  # degrees
_CODE_MM = (8.0, 300.0)  # its shorter side, and its area in square millimetres
# Our sheets bear bars about 150 mm long over a square of about 60 mm; labels and slips of others are smaller.
_SHEET_MM = (100.0, 45.0)
_CODE_INK, _CODE_SHARE = (0.42, 0.85), 0.4
# How many times more often the block changes from ink to paper in one direction than in the other, how much of its
# rectangle it fills, and how slim it is.  Bars change in one direction only; bars that are crumpled or blurred still
# stand in a strip that is neither a card nor a line of words; a QR code is square, and fuller than a round seal.
_BARS = (2.5, 0.55, (1.0, 99.0))
_WORN_BARS = (1.3, 0.8, (2.2, 8.0))
_SQUARE = (1.0, 0.85, (1.0, 1.2))
_SLIM = 1.5  # bars are slimmer than this, squares are not


class Code(NamedTuple):
    """A code that was read, and where; no box when the page lies turned, for boxes are of the upright page."""

    text: str
    is_qr: bool
    box: Box | None


class Look(NamedTuple):
    """A page as it was seen; ``broken`` are the guessed texts of large codes that were found and could not be read.

    ``words`` is about the number of words and letters apart from codes; ``is_code_sheet``: there is a large code which
    cannot be read, and hardly anything else; ``lacks_letters``: some of a font that is not in the file are not drawn.
    """

    facts: PageFacts
    codes: tuple[Code, ...]
    broken: tuple[str, ...]
    words: int
    is_code_sheet: bool
    lacks_letters: bool


class _Ink(NamedTuple):
    """Marks of ink at half of ``_DPI``, without borders, holes, staples and speckle."""

    mask: Grey
    share: float
    words: int


def ink_of_first_page(pdf: Path) -> NDArray[np.bool_]:
    """What is inked of page one as a reader shows it: print, seals, holes, and the dark edges of the glass."""
    page = first_page(pdf)
    limit = float(np.median(page.grey[::4, ::4])) * _DARK
    _, black = cv2.threshold(page.grey, limit, 255, cv2.THRESH_BINARY_INV)
    shaded = cv2.compare(page.grey, cv2.multiply(page.paper, np.ones(1), scale=_DARKER), cv2.CMP_LT)
    dark = cv2.bitwise_or(black, shaded)
    _, labels, marks, _ = parts(dark)
    is_mark = np.maximum(marks[:, cv2.CC_STAT_WIDTH], marks[:, cv2.CC_STAT_HEIGHT]) * 25.4 / DPI >= _SPECK_MM
    is_mark[0] = False  # the paper itself
    return np.asarray(is_mark[labels])


def look_at_pages(pdf: Path, kept: Collection[int] = frozenset(), *, others: bool = False) -> Iterator[Look]:
    """Look at every page, one after the other.

    Args:
        pdf: the pages.
        kept: pages (from 1) that are not blank, whatever they look like.
        others: whether the codes of other systems are wanted too.

    Raises:
        Held: a page cannot be drawn.
    """
    document = pypdfium2.PdfDocument(pdf)
    try:
        with open_pages(pdf) as pages, pikepdf.open(pdf) as source:
            for index in range(len(pages)):
                try:
                    with alarm.page(index + 1):
                        look = _look(document, source, pages, index, _OTHERS if others else _FORMATS)
                    if index + 1 in kept:
                        look = look._replace(facts=look.facts.model_copy(update={"is_blank": False}))
                    yield look
                except pypdfium2.PdfiumError:
                    raise damaged_page(index + 1) from None
    finally:
        document.close()


def _look(
    document: pypdfium2.PdfDocument, source: pikepdf.Pdf, pages: Pages, index: int, formats: zxingcpp.BarcodeFormats
) -> Look:
    measured = measure(document, source.pages[index], index)
    grey = _draw(pages, document, index, _DPI)
    ink = _ink(grey)
    codes, broken = read_codes(grey, formats, turned=ink.words < _FEW_WORDS)
    is_code_sheet = not codes and ink.words < _FEW_WORDS and _is_mostly_code(ink.mask)
    if not codes and (broken or is_code_sheet):
        fine = _draw(pages, document, index, _FINE_DPI)
        codes, _ = read_codes(fine, formats)
        is_code_sheet = is_code_sheet and not _bears_foreign_code(fine)
    facts = PageFacts(
        number=index + 1,
        width=measured.width or grey.shape[1],
        height=measured.height or grey.shape[0],
        dpi=measured.dpi,
        colour=measured.colour,
        ink=round(ink.share, 5),
        sharpness=round(_sharpness(grey), 3),
        is_blank=not codes and _is_blank(pages, index, grey, ink),
    )
    return Look(facts, codes, broken, ink.words, is_code_sheet and not codes, pages.lacks_letters(index))


def _draw(pages: Pages, document: pypdfium2.PdfDocument, index: int, dpi: int) -> Grey:
    width, height = (side / _POINTS for side in document.get_page_size(index))
    bearable = (_MOST_PIXELS / max(width * height, 1)) ** 0.5
    return pages.glance(index, min(dpi, bearable))


def _is_blank(pages: Pages, index: int, grey: Grey, ink: _Ink) -> bool:
    """Stains and shadows are looked for on scans only: whatever else a page draws is there on purpose.

    So it is with a page smaller than any paper: its resolution is told wrongly, and its ink is as small as specks.
    """
    # Large sheets are drawn with less than they were to be.
    width, height = pages.size(index)
    dpi = float(grey.shape[1] / width * _POINTS)
    if not pages.is_scan(index) or is_no_sheet(width * 25.4 / _POINTS, height * 25.4 / _POINTS):
        is_seen = not (is_uniform(grey) and is_uniform(pages.render(index, dpi)))
        return not (is_seen or pages.bears_unseen_letters(index))
    if ink.share >= _MOST_STAINED or ink.words >= _FEW_MARKS or not is_bare(grey, dpi):
        return False
    dpi = min(dpi, _TINT_DPI)
    return not is_tinted(pages.render(index, dpi), dpi)


# Ink


def _ink(grey: Grey) -> _Ink:
    page = cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    height, width = page.shape
    # The paper around each place: what is brightest nearby, so that shadows and tinted paper are no ink.
    coarse = cv2.resize(page, (max(width // 8, 9), max(height // 8, 9)), interpolation=cv2.INTER_AREA)
    paper = cv2.medianBlur(cv2.dilate(coarse, np.ones((5, 5), np.uint8)), 9)
    paper = cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR)
    dark = cv2.compare(page, cv2.multiply(paper, np.ones(1), scale=_DARKER), cv2.CMP_LT)
    _, labels, marks, _ = parts(dark)
    x, y, wide, high, area = marks.T
    long, short = np.maximum(wide, high) / _MM, np.minimum(wide, high) / _MM
    at_edge = (x <= 2) | (y <= 2) | (x + wide >= width - 2) | (y + high >= height - 2)
    is_hole = (short > _HOLE_MM[0]) & (long < _HOLE_MM[1]) & (area > 0.6 * wide * high)
    is_line = (short <= _LINE_MM[0]) & (long > _LINE_MM[1])
    is_mark = ~at_edge & (long >= _SPECK_MM) & (area >= 4)
    is_mark[0] = False  # the paper itself
    is_ink = is_mark & ~is_hole & ~is_line
    words = int(np.count_nonzero(is_ink & (long > 1.2) & (long < 6)))
    mask = np.where(is_mark, 255, 0).astype(np.uint8)[labels]  # bars of a code are lines too: they stay here
    return _Ink(mask, float(area[is_ink].sum()) / page.size, words)


def _sharpness(grey: Grey) -> float:
    """How steep the steepest edges are, as a share of the contrast between paper and ink: 1 is a sharp print.

    Good scans have 0.8 and more, a blur of two pixels leaves 0.4; a page without ink has about 0.
    """
    rows = grey[::4]
    steep = _percentile(cv2.absdiff(rows[:, 2:], rows[:, :-2]), 0.995)
    contrast = _percentile(rows, 0.6) - _percentile(rows, 0.005)
    return min(1.0, steep / max(contrast, 20))


def _percentile(values: MatLike, share: float) -> int:
    counts = np.cumsum(cv2.calcHist([np.ascontiguousarray(values)], [0], None, [256], [0, 256]))
    return int(np.searchsorted(counts, share * counts[-1]))


# Codes


def read_codes(
    grey: Grey, formats: zxingcpp.BarcodeFormats, *, turned: bool = True
) -> tuple[tuple[Code, ...], tuple[str, ...]]:
    """The codes of some kinds on a page, and what was guessed of large ones whose check failed.

    ``turned``: bars may stand upright or lie on their side, which takes twice the time to find out; QR codes always
    may.
    """
    codes: dict[str, Code] = {}
    broken = []
    for item in zxingcpp.read_barcodes(grey, formats=formats, try_rotate=turned, try_invert=False, return_errors=True):
        box, longest = _place(item.position, grey)
        is_qr = item.format == zxingcpp.BarcodeFormat.QRCode
        if item.valid:
            is_upright = abs(item.orientation) < _ASKEW
            codes.setdefault(item.text, Code(item.text, is_qr, box if is_upright else None))
        elif longest > _LARGE_CODE and (is_qr or len(item.bytes) >= _LONG_GUESS):
            broken.append(item.text)
    return tuple(codes.values()), tuple(broken)


def _bears_foreign_code(grey: Grey) -> bool:
    """Whether a code of any kind can be read that is none of ours: a label, a parcel slip, a form of another office."""
    found = zxingcpp.read_barcodes(grey, try_invert=False)
    return any(item.valid and len(item.text) >= _FOREIGN_LEAST for item in found)


def _place(position: zxingcpp.Position, grey: Grey) -> tuple[Box, float]:
    """The box of a code as shares of the page, and the longer of its sides."""
    height, width = grey.shape
    corners = (position.top_left, position.top_right, position.bottom_left, position.bottom_right)
    across = [min(1.0, max(0.0, round(corner.x / width, 4))) for corner in corners]
    down = [min(1.0, max(0.0, round(corner.y / height, 4))) for corner in corners]
    box = (min(across), min(down), max(across), max(down))
    return box, max(box[2] - box[0], box[3] - box[1])


def _is_mostly_code(mask: Grey) -> bool:
    """Whether most ink of a page is one rectangle of bars or modules: a sheet whose code nobody can read any more."""
    side = round(2.5 * _MM)
    closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    closed = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((2 * side, 2 * side), np.uint8))  # pen strokes around it
    outlines, _ = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    if not outlines:
        return False
    outline = max(outlines, key=cv2.contourArea)
    centre, (width, height), angle = cv2.minAreaRect(outline)
    if min(width, height) < _CODE_MM[0] * _MM or width * height < _CODE_MM[1] * _MM**2:
        return False
    least_mm = _SHEET_MM[0] if max(width, height) >= _SLIM * min(width, height) else _SHEET_MM[1]
    if max(width, height) < least_mm * _MM:
        return False
    turn = cv2.getRotationMatrix2D(centre, angle, 1.0)
    turn[:, 2] += np.array((width / 2 - centre[0], height / 2 - centre[1]))
    block = cv2.warpAffine(mask, turn, (round(width), round(height))) // 128
    inked = cv2.countNonZero(block)
    density, share = inked / block.size, inked / max(1, cv2.countNonZero(mask))
    few, many = sorted(float(np.count_nonzero(np.diff(block, axis=axis))) + 1 for axis in (0, 1))
    fills, slim = cv2.contourArea(outline) / (width * height), max(width, height) / min(width, height)
    is_code = any(
        many >= changes * few and fills >= filled and least <= slim <= most
        for changes, filled, (least, most) in (_BARS, _WORN_BARS, _SQUARE)
    )
    return is_code and share > _CODE_SHARE and _CODE_INK[0] < density < _CODE_INK[1]
