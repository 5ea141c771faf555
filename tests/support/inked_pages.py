"""Pages with ink where marks stand, that lie turned, cropped and in other units."""

from io import BytesIO

import pikepdf
import pikepdf.pdfa
from PIL import Image, ImageDraw, ImageOps

A4 = (1240, 1754)  # pixels at 150 dpi
SCALE = 150 / 72


def scan(*blots: tuple[int, int, int, int], paper: str = "white") -> Image.Image:
    """An upright A4 page with black text-like stripes in these boxes."""
    image = Image.new("RGB", A4, paper)
    draw = ImageDraw.Draw(image)
    for left, top, right, bottom in blots:
        for y in range(top, bottom, 30):
            draw.rectangle((left, y, right, y + 12), "black")
    return image


def pdf_of(image: Image.Image, *, turn: int = 0, crop: int = 0, unit: float = 1, dpi: float = SCALE * 72) -> bytes:
    """The page as PDF/A-2b: lying on its side and shown upright, with a border that is cropped away, in other units."""
    lying = ImageOps.expand(image, crop, "black").rotate(turn, expand=True)
    stream, target = BytesIO(), BytesIO()
    lying.save(stream, "JPEG", quality=90)
    width, height = (side / dpi * 72 / unit for side in lying.size)
    edge = crop / dpi * 72 / unit
    with pikepdf.new() as document:
        page = document.add_blank_page(page_size=(width, height))
        picture = pikepdf.Stream(document, stream.getvalue())
        picture.stream_dict = pikepdf.Dictionary(
            Type=pikepdf.Name.XObject,
            Subtype=pikepdf.Name.Image,
            Width=lying.width,
            Height=lying.height,
            ColorSpace=pikepdf.Name.DeviceRGB,
            BitsPerComponent=8,
            Filter=pikepdf.Name.DCTDecode,
        )
        page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=picture))
        page.Contents = document.make_stream(f"q {width} 0 0 {height} 0 0 cm /I Do Q".encode())
        page.CropBox = pikepdf.Array([edge, edge, width - edge, height - edge])
        page.Rotate = turn
        if unit != 1:
            page.UserUnit = unit
        pikepdf.pdfa.save(document, target, "2b")
    return target.getvalue()
