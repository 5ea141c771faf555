"""Small pages that the tests of recognition draw for themselves, at the resolution at which pages are read."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import pypdfium2
from PIL import Image, ImageDraw

from pipeline.recognition.ink import Rectangle
from pipeline.scans.raster import Pixels
from samples.fonts import typeface
from samples.layout import Sheet

DPI: Final = 150
RED: Final = (200, 30, 40)
LINES: Final = (
    "Ủy ban nhân dân phường Hải Châu thông báo thời gian tiếp nhận hồ sơ",
    "và trả kết quả giải quyết thủ tục hành chính cho tổ chức và công dân",
    "trên địa bàn phường như sau, kể từ ngày ban hành văn bản này trở đi.",
    "Buổi sáng làm việc từ bảy giờ, buổi chiều từ mười ba giờ ba mươi phút,",
    "trừ ngày nghỉ và ngày lễ theo quy định của pháp luật về lao động.",
    "Đề nghị các tổ chức và công dân biết, thực hiện theo thông báo này.",
)
_LEFT_MM, _TOP_MM, _PITCH_MM = 30.0, 40.0, 9.0


def sheet(lines: Sequence[str] = LINES) -> Sheet:
    """An A4 page with lines of 13 pt from the left margin; an empty line leaves its place free."""
    drawn = Sheet(DPI)
    for place, line in enumerate(lines):
        drawn.write(line, _LEFT_MM, _TOP_MM + place * _PITCH_MM, drawn.font(13), "ls")
    return drawn


def line_box(place: int, width_mm: float = 163.0) -> Rectangle:
    """The pixels of the line at a place: from above its accents to below its tails."""
    baseline = _TOP_MM + place * _PITCH_MM
    left, top, right, bottom = _LEFT_MM - 1, baseline - 6, _LEFT_MM + width_mm, baseline + 2.5
    return _px(left), _px(top), _px(right), _px(bottom)


def frame(image: Image.Image, text: str, left_mm: float, top_mm: float) -> Rectangle:
    """A rubber stamp: red capitals in a red frame, 12 mm high; gives its box in pixels."""
    font = typeface(_px(6.5), bold=True)
    left, top = _px(left_mm), _px(top_mm)
    right, bottom = left + round(font.getlength(text)) + _px(10), top + _px(12)
    draw = ImageDraw.Draw(image)
    draw.rectangle((left, top, right, bottom), outline=RED, width=_px(0.7))
    draw.text(((left + right) / 2, (top + bottom) / 2 + _px(0.5)), text, RED, font, anchor="mm")
    return left, top, right, bottom


def pressed(
    image: Image.Image,
    text: str,
    left_mm: float,
    top_mm: float,
    degrees: float,
    colour: tuple[int, int, int] = RED,
    *,
    framed: bool = True,
) -> None:
    """Press a rubber stamp askew: capitals 1 mm within a frame 8 mm high, or none, which lies over what is there."""
    font = typeface(_px(5), bold=True)
    left, top, right, bottom = font.getbbox(text)
    wide, high = round(right - left) + _px(8), _px(8)
    stamp = Image.new("RGBA", (wide + 20, high + 20))
    draw = ImageDraw.Draw(stamp)
    if framed:
        draw.rectangle((10, 10, 10 + wide, 10 + high), outline=colour, width=_px(0.7))
    draw.text((10 + (wide - left - right) / 2, 10 + (high - top - bottom) / 2), text, colour, font)
    turned = stamp.rotate(degrees, Image.Resampling.BICUBIC, expand=True)
    image.paste(turned, (_px(left_mm), _px(top_mm)), turned)


def underlined(image: Image.Image, text: str, left_mm: float, base_mm: float) -> None:
    """A rubber stamp whose red capitals, 9 mm high, run into the rule under them: they are one mark."""
    font = typeface(_px(13.2), bold=True)
    left, base = _px(left_mm), _px(base_mm)
    draw = ImageDraw.Draw(image)
    draw.text((left, base), text, RED, font, anchor="ls")
    draw.line((left - 20, base + 3, left + font.getlength(text) + 20, base + 3), RED, 3)


def pixels(image: Image.Image) -> Pixels:
    """A page as it is rendered: colour, ``(height, width, 3)``."""
    return np.asarray(image.convert("RGB")).copy()


def grey(image: Image.Image) -> Pixels:
    """A page in grey."""
    return np.asarray(image.convert("L")).copy()


def askew(image: Image.Image, degrees: float) -> Image.Image:
    """The page with its lines falling to the right by ``degrees``."""
    return image.rotate(-degrees, Image.Resampling.BILINEAR, fillcolor="white")


def parts(levels: Pixels, box: Rectangle, darker_than: int = 150) -> int:
    """How many connected parts of ink stand in a box."""
    left, top, right, bottom = box
    dark = (levels[top:bottom, left:right] < darker_than).astype(np.uint8)
    return int(cv2.connectedComponents(dark)[0]) - 1


def _px(mm: float) -> int:
    return round(mm / 25.4 * DPI)


def read_pages(pdf: Path) -> list[str]:
    """The text of every page, as PDFium finds it."""
    with closing(pypdfium2.PdfDocument(pdf)) as document:
        texts = []
        for page in document:
            with closing(page), closing(page.get_textpage()) as text:
                texts.append(text.get_text_bounded())
        return texts
