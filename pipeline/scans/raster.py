"""Pages as pixels.  One way for everything that looks at a page: separators, quality, recognition."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from math import ceil
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pikepdf
import pypdfium2
from cv2.typing import MatLike
from numpy.typing import NDArray
from pypdfium2 import raw

from pipeline.scans.blank.letters import bears_unseen_letters, lacks_letters

Pixels = NDArray[np.uint8]

_POINTS = 72
_NEARLY_PT = 1.0
_DEEPEST = 3  # forms within forms
_FILLS = 0.9  # the least share of its page that a scan covers; the rest is a margin
_OWN_COLOURS = {"/DeviceGray", "/DeviceRGB", "/CalGray", "/CalRGB", "/ICCBased"}
_CHANGING = ("/Mask", "/SMask", "/Decode")
# How a JPEG is decoded at a fraction of its size.
_FRACTIONS = {
    1: cv2.IMREAD_GRAYSCALE,
    2: cv2.IMREAD_REDUCED_GRAYSCALE_2,
    4: cv2.IMREAD_REDUCED_GRAYSCALE_4,
    8: cv2.IMREAD_REDUCED_GRAYSCALE_8,
}


class Pages:
    """The pages of an open PDF.  PDFium is not safe for threads: one at a time per process."""

    def __init__(self, document: pypdfium2.PdfDocument, source: pikepdf.Pdf | None = None) -> None:
        """``source`` is the same file: PDFium does not tell of masks; without it pages are drawn to be glanced at."""
        self._document = document
        self._source = source

    def __len__(self) -> int:
        """How many pages."""
        return len(self._document)

    def pixels(self, index: int, dpi: float) -> int:
        """How many pixels a page has at that resolution."""
        width, height = self.size(index)
        return round(width * height * (dpi / _POINTS) ** 2)

    def size(self, index: int) -> tuple[float, float]:
        """Width and height of a page as a reader shows it, in its own units, which PDFium takes for points."""
        width, height = self._document.get_page_size(index)
        return float(width), float(height)

    def is_scan(self, index: int) -> bool:
        """Whether one picture that fills the page is all that is drawn on it; recognised text is not drawn."""
        with closing(self._document[index]) as page:
            return _is_scan(page)

    def bears_unseen_letters(self, index: int) -> bool:
        """Whether letters that are drawn on a page leave no trace on it."""
        with closing(self._document[index]) as page:
            return bears_unseen_letters(page)

    def lacks_letters(self, index: int) -> bool:
        """Whether letters of a page are not drawn here, for their font is not in the file."""
        with closing(self._document[index]) as page:
            return lacks_letters(page)

    def render(self, index: int, dpi: float, turn: int = 0) -> Pixels:
        """Page ``index`` (from 0) in colour, ``(height, width, 3)`` RGB at ``dpi``, as a reader shows it.

        ``turn`` adds a clockwise turn of 90, 180 or 270 degrees to what the page itself says.
        """
        page = self._document[index]
        try:
            bitmap = page.render(scale=dpi / _POINTS, rotation=turn, rev_byteorder=True)
            pixels: Pixels = bitmap.to_numpy().copy()
            bitmap.close()
        finally:
            page.close()
        return pixels if pixels.ndim == 3 else np.repeat(pixels[:, :, None], 3, axis=2)

    def glance(self, index: int, dpi: float) -> Pixels:
        """Page ``index`` in grey, ``(height, width)``, for what is told from its looks: quicker, not to be read from.

        A scan kept as one JPEG is decoded at a fraction of its size and in brightness alone.
        """
        page = self._document[index]
        try:
            width, height = (ceil(side * dpi / _POINTS) for side in page.get_size())
            turn = page.get_rotation() // 90
            is_plain = self._source is not None and _are_plain(self._source.pages[index])
            picture = _only_picture(page) if is_plain else None
            data = np.frombuffer(picture.get_data(), np.uint8) if picture is not None else None
            across = picture.get_px_size()[0] if picture is not None else 0
        finally:
            page.close()
        if data is not None:
            wanted = height if turn % 2 else width
            fraction = max(part for part in _FRACTIONS if part == 1 or across >= part * wanted)
            if (grey := cv2.imdecode(data, _FRACTIONS[fraction] | cv2.IMREAD_IGNORE_ORIENTATION)) is not None:
                upright = np.rot90(grey, -turn)
                return np.asarray(cv2.resize(upright, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
        return np.asarray(cv2.cvtColor(self.render(index, dpi), cv2.COLOR_RGB2GRAY), np.uint8)


def pictures_of(page: pikepdf.Page) -> Iterator[pikepdf.Stream]:
    """The pictures among what a page can draw, also within forms, each once."""
    waiting: list[Any] = [page.resources]
    seen: set[tuple[int, int]] = set()
    while waiting:
        resources = waiting.pop()
        drawn = resources.get("/XObject") if isinstance(resources, pikepdf.Dictionary) else None
        for item in drawn.values() if isinstance(drawn, pikepdf.Dictionary) else ():
            if isinstance(item, pikepdf.Stream) and item.objgen not in seen:
                seen.add(item.objgen)
                if item.get("/Subtype") == pikepdf.Name.Image:
                    yield item
                else:
                    waiting.append(item.get("/Resources"))


def placed(item: pypdfium2.PdfObject) -> pypdfium2.PdfMatrix:
    """Where an object lies on its page, through all forms that hold it."""
    matrix, form = item.get_matrix(), item.container
    while form is not None:
        matrix, form = matrix.multiply(form.get_matrix()), form.container
    return matrix


def _are_plain(page: pikepdf.Page) -> bool:
    """Whether the pictures of a page look as their data do: no mask hides any of it, no sample means another colour."""
    for picture in pictures_of(page):
        space = picture.get("/ColorSpace")
        family = str(space[0] if isinstance(space, pikepdf.Array) and len(space) else space)
        if family not in _OWN_COLOURS or any(key in picture for key in _CHANGING):
            return False
    return True


def _is_scan(page: pypdfium2.PdfPage) -> bool:
    picture = _drawn_picture(page)
    if picture is None:
        return False
    wide, skew, lean, high, x, y = placed(picture).get()
    left, bottom, right, top = page.get_bbox()
    across = min(x + max(wide, 0) + max(lean, 0), right) - max(x + min(wide, 0) + min(lean, 0), left)
    up = min(y + max(high, 0) + max(skew, 0), top) - max(y + min(high, 0) + min(skew, 0), bottom)
    return bool(min(across, up) > 0 and across * up >= _FILLS * (right - left) * (top - bottom))


def _drawn_picture(page: pypdfium2.PdfPage) -> pypdfium2.PdfImage | None:
    """The picture that is all that is drawn of a page, or None.

    Recognised text is not drawn.  Annotations and fields lie over the page and are no objects of it.
    """
    if raw.FPDFPage_GetAnnotCount(page):
        return None
    pictures = []
    for item in page.get_objects(max_depth=_DEEPEST):
        if item.type == raw.FPDF_PAGEOBJ_IMAGE:
            pictures.append(item)
        elif item.type == raw.FPDF_PAGEOBJ_TEXT:
            if raw.FPDFTextObj_GetTextRenderMode(item) != raw.FPDF_TEXTRENDERMODE_INVISIBLE:
                return None
        elif item.type != raw.FPDF_PAGEOBJ_FORM:
            return None
    return pictures[0] if len(pictures) == 1 else None


def _only_picture(page: pypdfium2.PdfPage) -> pypdfium2.PdfImage | None:
    """The JPEG that is all one sees of a page and lies on it straight, or None."""
    picture = _drawn_picture(page)
    if picture is None or raw.FPDFPageObj_HasTransparency(picture):
        return None
    wide, skew, lean, high, left, bottom = placed(picture).get()
    bounds = left, bottom, left + wide, bottom + high
    covers = all(abs(one - other) < _NEARLY_PT for one, other in zip(bounds, page.get_bbox(), strict=True))
    is_plain = picture.get_filters() == ["DCTDecode"] and picture.get_metadata().bits_per_pixel in {8, 24}
    straight = skew == lean == 0 and wide > 0 and high > 0
    return picture if covers and is_plain and straight and page.get_rotation() % 90 == 0 else None


def parts(mask: MatLike) -> tuple[int, NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]:
    """The connected parts of what is not 0; number 0 is the rest.

    Their count, the number of each pixel's part ``(height, width)``, their statistics ``(count, cv2.CC_STAT_MAX)`` and
    their centres ``(count, (across, down))``.  OpenCV's own choice of algorithm takes three times as long; this one is
    quick only where both sides are even.
    """
    height, width = mask.shape
    even = cv2.copyMakeBorder(mask, 0, height % 2, 0, width % 2, cv2.BORDER_CONSTANT, value=0)
    count, labels, stats, centres = cv2.connectedComponentsWithStatsWithAlgorithm(even, 8, cv2.CV_32S, cv2.CCL_BBDT)
    return count, labels[:height, :width], stats, centres  # type: ignore[return-value]


@contextmanager
def open_pages(pdf: Path) -> Iterator[Pages]:
    """Open a PDF for rendering.

    Raises:
        pypdfium2.PdfiumError: it cannot be opened.
    """
    document = pypdfium2.PdfDocument(pdf)
    document.init_forms()  # fields are drawn as readers show them
    try:
        with pikepdf.open(pdf, suppress_warnings=True) as source:
            yield Pages(document, source)
    finally:
        document.close()
