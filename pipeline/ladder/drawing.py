"""The highest rung: pages as pictures of themselves."""

import io
from pathlib import Path

import pikepdf
from PIL import Image

from pipeline.recognition.raster import open_pages

DPI = 300
_MOST_PIXELS = 40_000_000  # larger than A2 at 300 dpi is drawn with fewer
_QUALITY = 92
_POINTS = 72


def draw(original: Path, output: Path) -> None:
    """Write ``output``: every page drawn in colour at 300 dpi, upright as readers show it.

    Raises:
        pypdfium2.PdfiumError: a page cannot be drawn.
    """
    with open_pages(original) as pages, pikepdf.open(original) as source, pikepdf.new() as pdf:
        for index, page in enumerate(source.pages):
            dpi = min(DPI, DPI * (_MOST_PIXELS / max(1, pages.pixels(index, DPI))) ** 0.5)
            picture = Image.fromarray(pages.render(index, dpi))
            size = (picture.width / dpi * _POINTS, picture.height / dpi * _POINTS)
            added = pdf.add_blank_page(page_size=size)
            added.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Page=_image(pdf, picture)))
            added.Contents = pdf.make_stream(f"q {size[0]:.4f} 0 0 {size[1]:.4f} 0 0 cm /Page Do Q".encode())
            if "/UserUnit" in page.obj:  # PDFium measures in the page's own units
                added.obj["/UserUnit"] = float(page.obj["/UserUnit"])
        pdf.docinfo["/Title"] = f"Drawn at {DPI} dpi from a file that cannot be PDF/A-2b"
        pdf.save(output)


def _image(pdf: pikepdf.Pdf, picture: Image.Image) -> pikepdf.Stream:
    coded = io.BytesIO()
    picture.save(coded, "JPEG", quality=_QUALITY, subsampling=0)
    return pdf.make_stream(
        coded.getvalue(),
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=picture.width,
        Height=picture.height,
        ColorSpace=pikepdf.Name.DeviceRGB,
        BitsPerComponent=8,
        Filter=pikepdf.Name.DCTDecode,
    )
