"""The resolution of a page: that of the finest layer which carries its ink, masks included.

Scanners and programs cut a page into layers (a coarse picture of the paper under fine letters, ISO 16485), into strips,
or lay a small picture on an empty sheet.  Only where layers differ is the page drawn, to see which of them has the ink.
"""

import ctypes
import io
from collections.abc import Iterator, Sequence
from contextlib import closing
from math import hypot
from typing import Literal, NamedTuple

import numpy as np
import pikepdf
import pypdfium2
from numpy.typing import NDArray
from PIL import Image
from pypdfium2 import raw

from pipeline.scans.raster import pictures_of, placed

Colour = Literal["bitonal", "grey", "colour"]

_USUAL_DPI = (100, 150, 200, 240, 300, 400, 600)
_POINTS = 72
_DEPTH = 5  # forms within forms
_DRAWING = {raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_SHADING}
_LOOK_DPI = 72
_INK = 0.75  # darker than this share of the paper's grey
_DARK = 160  # a ground darker than this may bear light letters

_WHOLE = 0.5  # of the page: pictures that cover so much of it are a scan
_SMALL = 0.04  # of the page: an identity card is 0.07 of A4, a logo alone on a sheet is smaller
_ENOUGH_DPI = 300  # finer layers are not told apart
_DRAWN = 0.5  # of the ink: a page whose text and lines draw so much is no scan
_STRAY = 0.1  # of the ink: so little beside a small picture is no text
_CARRIED = 1 / 3  # of the ink: a layer that draws so much carries it, not just a stamp
_OUTSIDE = 1 / 4  # of the ink: more of it beside the fine layers is in coarse strips
_FINER, _SAME = 1.2, 1.1  # times as fine
_CHANGED = 12  # grey levels
_UNEVEN = 0.9  # of the resolutions of both sides: scanners make them alike
_PAINTED = (0.0001, 0.5)  # of a mask: letters; a mask that lets most through is the outline of a picture


class Measured(NamedTuple):
    """Pixels, resolution and colour of a scanned page; 0 and None for a page that is not mostly pictures."""

    width: int
    height: int
    dpi: int
    colour: Colour | None


class _Layer(NamedTuple):
    """A picture on a page; ``box`` in points of the page, left, bottom, right, top; ``share`` of the page."""

    item: pypdfium2.PdfImage
    box: tuple[float, float, float, float]
    share: float
    dpi: float
    width: int
    height: int
    colour: Colour


def measure(document: pypdfium2.PdfDocument, source: pikepdf.Page, index: int) -> Measured:
    """Measure page ``index`` (from 0); ``source`` is the same page, for PDFium does not tell of masks."""
    page = document[index]
    try:
        layers = list(_layers(page, source))
        covered = sum(layer.share for layer in layers)
        best = None
        if covered >= _WHOLE:
            best = _finest(page, layers)
        elif covered >= _SMALL and not any(_is_seen_text(item) for item in _objects(page, raw.FPDF_PAGEOBJ_TEXT)):
            best = _finest(page, layers, most_drawn=_STRAY)
        size = page.get_size()
    finally:
        page.close()
    if best is None:
        return Measured(0, 0, 0, None)
    kinds: tuple[Colour, ...] = ("bitonal", "grey", "colour")
    colour = max((layer.colour for layer in layers), key=kinds.index)
    width, height = (best.width, best.height) if best.share >= _WHOLE or covered < _WHOLE else _pixels(size, best.dpi)
    return Measured(width, height, _scanned_with(best.dpi), colour)


def _pixels(size: tuple[float, float], dpi: float) -> tuple[int, int]:
    width, height = (round(side * dpi / _POINTS) for side in size)
    return width, height


def _scanned_with(measured: float) -> int:
    """The resolution: sides of pages and strips are often rounded, so what is almost a usual value is that value."""
    usual = min(_USUAL_DPI, key=lambda dpi: abs(dpi - measured))
    return usual if abs(usual - measured) < 0.01 * usual else round(measured)


# Layers


def _objects(page: pypdfium2.PdfPage, *kinds: int) -> Iterator[pypdfium2.PdfObject]:
    yield from page.get_objects(filter=list(kinds), max_depth=_DEPTH)


def _is_seen_text(item: pypdfium2.PdfObject) -> bool:
    return bool(raw.FPDFTextObj_GetTextRenderMode(item) != raw.FPDF_TEXTRENDERMODE_INVISIBLE)


def _layers(page: pypdfium2.PdfPage, source: pikepdf.Page) -> Iterator[_Layer]:
    masks = _letter_masks(source)
    left, bottom, right, top = page.get_bbox()
    area = max((right - left) * (top - bottom), 1.0)
    for item in _objects(page, raw.FPDF_PAGEOBJ_IMAGE):
        metadata = item.get_metadata()
        key = metadata.width, metadata.height, int(raw.FPDFImageObj_GetImageDataRaw(item, None, 0))
        width, height = masks.get(key, key[:2])
        a, b, c, d, e, f = placed(item).get()
        across, up = [e, e + a, e + c, e + a + c], [f, f + b, f + d, f + b + d]
        box = max(left, min(across)), max(bottom, min(up)), min(right, max(across)), min(top, max(up))
        share = max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1]) / area
        sides = max(hypot(a, b), 1e-6), max(hypot(c, d), 1e-6)
        if not _UNEVEN < (width * sides[1]) / max(height * sides[0], 1e-6) < 1 / _UNEVEN:
            width, height = _own_size(item) or (width, height)
        is_grey = metadata.bits_per_pixel == 8 and metadata.colorspace != raw.FPDF_COLORSPACE_INDEXED
        colour: Colour = "bitonal" if metadata.bits_per_pixel == 1 else "grey" if is_grey else "colour"
        yield _Layer(item, box, share, min(width / sides[0], height / sides[1]) * _POINTS, width, height, colour)


def _own_size(item: pypdfium2.PdfImage) -> tuple[int, int] | None:
    """The size in pixels by the JPEG itself: it is drawn whole, whatever the file says of its sides."""
    if item.get_filters()[-1:] != ["DCTDecode"]:
        return None
    try:
        with Image.open(io.BytesIO(bytes(item.get_data(decode_simple=True))), formats=("JPEG",)) as image:
            return image.size
    except (OSError, ValueError):
        return None


def _letter_masks(page: pikepdf.Page) -> dict[tuple[int, int, int], tuple[int, int]]:
    """The sizes of masks that are finer than their pictures and let letters through.

    By the width, height and length in bytes of the picture: that is what PDFium tells of it.
    """
    masks = {}
    for picture in pictures_of(page):
        width, height = int(picture.get("/Width", 0)), int(picture.get("/Height", 0))
        for key in ("/SMask", "/Mask"):
            mask = picture.get(key)
            if not isinstance(mask, pikepdf.Stream):
                continue
            finer = int(mask.get("/Width", 0)), int(mask.get("/Height", 0))
            if min(finer[0] / max(width, 1), finer[1] / max(height, 1)) < _FINER:
                continue
            if _PAINTED[0] < _painted(mask) < _PAINTED[1]:
                masks[width, height, len(picture.read_raw_bytes())] = finer
    return masks


def _painted(mask: pikepdf.Stream) -> float:
    """Which share of its picture a mask lets through (ISO 32000-1, 8.9.6.3 and 11.6.5.3)."""
    target = io.BytesIO()
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(600, 800))
        picture = pdf.copy_foreign(mask)
        is_stencil = bool(picture.get("/ImageMask"))
        if is_stencil:  # as a picture, so that its samples are seen: what is 0 paints
            del picture["/ImageMask"]
            picture.ColorSpace, picture.BitsPerComponent = pikepdf.Name.DeviceGray, 1
        page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=picture))
        page.Contents = pdf.make_stream(b"q 600 0 0 800 0 0 cm /I Do Q")
        pdf.save(target, stream_decode_level=pikepdf.StreamDecodeLevel.none, compress_streams=False)
    with closing(pypdfium2.PdfDocument(target.getvalue())) as document:
        opened = document[0]
        light = float(_grey(opened).mean()) / 255
        opened.close()
    return 1 - light if is_stencil else light


# Ink


def _finest(page: pypdfium2.PdfPage, layers: Sequence[_Layer], most_drawn: float = _DRAWN) -> _Layer | None:
    """The finest layer that carries ink; None where text and lines draw more than ``most_drawn`` of the ink."""
    coarsest, finest = (pick(layers, key=lambda layer: layer.dpi) for pick in (min, max))
    drawing = [
        item
        for item in page.get_objects(max_depth=_DEPTH)
        if item.type in _DRAWING or (item.type == raw.FPDF_PAGEOBJ_TEXT and _is_seen_text(item))
    ]
    is_one = finest.dpi <= coarsest.dpi * _SAME and not drawing
    if is_one or (coarsest.dpi >= _ENOUGH_DPI and most_drawn == _DRAWN):
        return coarsest
    grey = _grey(page)
    paper = float(np.median(grey))
    level = paper * _INK
    ink, light = grey < level, grey > 255 - (255 - paper) * _INK
    if paper < _DARK and np.count_nonzero(light) > np.count_nonzero(ink):
        return _finest_on_dark(page, layers, light, grey) or coarsest
    total = max(1, int(np.count_nonzero(ink)))
    if np.count_nonzero(ink & (_without(page, drawing) >= level)) > most_drawn * total:
        return None
    for dpi in _steps(layers):
        carrying = _carrying(page, layers, drawing, dpi)
        fine = [layer for layer in layers if layer.dpi >= dpi]
        beside = ink & ~_region(page, fine, ink.shape)
        if (
            np.count_nonzero(ink & (carrying < level)) >= _CARRIED * total
            and np.count_nonzero(beside) <= _OUTSIDE * total
        ):
            return max((layer for layer in fine if layer.dpi <= dpi * _SAME), key=lambda layer: layer.share)
    return coarsest


def _finest_on_dark(
    page: pypdfium2.PdfPage, layers: Sequence[_Layer], ink: NDArray[np.bool_], grey: NDArray[np.uint8]
) -> _Layer | None:
    """The finest layer that carries ink which is lighter than its ground: without the layer, that ink is not seen."""
    total = max(1, int(np.count_nonzero(ink)))
    for dpi in _steps(layers):
        fine = [layer for layer in layers if layer.dpi >= dpi]
        without = _without(page, [layer.item for layer in fine]).astype(np.int16)
        if np.count_nonzero(ink & (np.abs(without - grey) > _CHANGED)) > (1 - _OUTSIDE) * total:
            return max((layer for layer in fine if layer.dpi <= dpi * _SAME), key=lambda layer: layer.share)
    return None


def _steps(layers: Sequence[_Layer]) -> list[float]:
    """The resolutions of the layers, finest first; those that are nearly the same count as the coarser one."""
    steps: list[float] = []
    for dpi in sorted(layer.dpi for layer in layers):
        if not steps or dpi > steps[-1] * _SAME:
            steps.append(dpi)
    return steps[::-1]


def _carrying(
    page: pypdfium2.PdfPage, layers: Sequence[_Layer], drawing: Sequence[pypdfium2.PdfObject], dpi: float
) -> NDArray[np.uint8]:
    """The page as its layers of this resolution and finer ones show it, where no coarser one lies over them."""
    first = next(place for place, layer in enumerate(layers) if layer.dpi >= dpi)
    coarse = {place: layer.item for place, layer in enumerate(layers) if layer.dpi < dpi}
    under = [*drawing, *(item for place, item in coarse.items() if place < first)]
    over = [item for place, item in coarse.items() if place > first]
    seen = _without(page, under)
    if over:
        alone = _without(page, [*under, *(layer.item for layer in layers if layer.dpi >= dpi)])
        seen = np.where(np.abs(seen.astype(np.int16) - alone) > _CHANGED, seen, 255).astype(np.uint8)
    return seen


def _without(page: pypdfium2.PdfPage, items: Sequence[pypdfium2.PdfObject]) -> NDArray[np.uint8]:
    """The page without some of its objects; in memory only, the file is never written."""
    for item in items:
        raw.FPDFPageObj_SetIsActive(item.raw, 0)
    try:
        return _grey(page)
    finally:
        for item in items:
            raw.FPDFPageObj_SetIsActive(item.raw, 1)


def _grey(page: pypdfium2.PdfPage) -> NDArray[np.uint8]:
    bitmap = page.render(scale=_LOOK_DPI / _POINTS, grayscale=True)
    grey: NDArray[np.uint8] = bitmap.to_numpy().copy().reshape(bitmap.height, bitmap.width)
    bitmap.close()
    return grey


def _region(page: pypdfium2.PdfPage, layers: Sequence[_Layer], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """The places of the drawn page where these layers lie."""
    region = np.zeros(shape, bool)
    height, width = shape
    for left, bottom, right, top in (layer.box for layer in layers):
        corners = [_on_device(page, x, y, (width, height)) for x, y in ((left, top), (right, bottom))]
        (first, last), (upper, lower) = (sorted(ends) for ends in zip(*corners, strict=True))
        region[max(0, upper - 1) : lower + 2, max(0, first - 1) : last + 2] = True
    return region


def _on_device(page: pypdfium2.PdfPage, x: float, y: float, size: tuple[int, int]) -> tuple[int, int]:
    across, down = ctypes.c_int(), ctypes.c_int()
    raw.FPDF_PageToDevice(page.raw, 0, 0, *size, 0, x, y, across, down)
    return across.value, down.value
