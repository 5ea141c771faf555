"""The highest rung: pages as pictures of themselves."""

import zlib
from pathlib import Path

import cv2
import numpy as np
import pikepdf

from pipeline.ladder.likeness import closeness
from pipeline.scans.raster import Pages, Pixels

DPI = 300
_MOST_PIXELS = 40_000_000  # larger than A2 at 300 dpi is drawn with fewer
_QUALITY = 92
_NO_SUBSAMPLING = cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444
_CLOSE_ENOUGH = 0.9  # well above the bound of likeness; a JPEG that is less like its page is not taken
_SIDES = (3, 14_400)  # units, the least and the most (ISO 19005-2, 6.1.13)


def draw(pages: Pages, original: Path, output: Path) -> None:
    """Write ``output``: every page of ``original`` drawn in colour at 300 dpi, upright as readers show it.

    Raises:
        pypdfium2.PdfiumError: a page cannot be drawn.
    """
    with pikepdf.open(original) as source, pikepdf.new() as pdf:
        for index in range(len(pages)):
            page = pdf.add_blank_page()
            if index < len(source.pages):
                page.obj["/UserUnit"] = _unit(source.pages[index])
            fill(pdf, page, pages, index)
        pdf.docinfo["/Title"] = f"Drawn at {DPI} dpi from a file that cannot be PDF/A-2b"
        pdf.save(output)


def fill(pdf: pikepdf.Pdf, page: pikepdf.Page, pages: Pages, index: int) -> None:
    """Put a picture of a page in place of all that ``page`` has but its unit.

    It gets the size of the original's to the digit, so that its pixels fall where they were.
    """
    unit = _unit(page)
    dpi = min(DPI * unit, DPI * (_MOST_PIXELS / max(1, pages.pixels(index, DPI))) ** 0.5)
    width, height = pages.size(index)
    least, most = _SIDES
    factor = min(max(1.0, least / min(width, height)), most / max(width, height))
    width, height = width * factor, height * factor
    for key in set(page.obj.keys()) - {"/Type", "/Parent"}:
        del page.obj[key]
    page.mediabox = page.cropbox = pikepdf.Rectangle(0, 0, width, height)
    page.rotation = 0
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Page=_image(pdf, pages.render(index, dpi))))
    page.Contents = pdf.make_stream(f"q {width:.6f} 0 0 {height:.6f} 0 0 cm /Page Do Q".encode())
    if unit != factor:
        page.obj["/UserUnit"] = unit / factor


def _unit(page: pikepdf.Page) -> float:
    """How many points the page's unit has; PDFium does not ask."""
    unit = float(page.obj.get("/UserUnit", 1))
    return unit if unit > 0 else 1.0


def _image(pdf: pikepdf.Pdf, pixels: Pixels) -> pikepdf.Stream:
    """As JPEG where that looks like the page; colours that JPEG smears (black on pure green) are kept whole."""
    written = np.ascontiguousarray(pixels[:, :, ::-1])
    options = [cv2.IMWRITE_JPEG_QUALITY, _QUALITY, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, _NO_SUBSAMPLING]
    _, coded = cv2.imencode(".jpg", written, options)
    is_close = closeness(written, np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)) >= _CLOSE_ENOUGH
    return pdf.make_stream(
        coded.tobytes() if is_close else zlib.compress(pixels.tobytes()),
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=pixels.shape[1],
        Height=pixels.shape[0],
        ColorSpace=pikepdf.Name.DeviceRGB,
        BitsPerComponent=8,
        Filter=pikepdf.Name.DCTDecode if is_close else pikepdf.Name.FlateDecode,
    )
