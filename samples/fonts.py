"""The typeface of the papers: Liberation Serif, which has the widths of Times New Roman that Decree 30 asks for."""

from functools import cache

from PIL import ImageFont

from services.printing.faces import font_folder


@cache
def typeface(size_px: int, *, bold: bool = False, italic: bool = False) -> ImageFont.FreeTypeFont:
    """One face at one size; the basic engine sets letters the same way on every machine."""
    style = ("Bold" * bold + "Italic" * italic) or "Regular"
    path = font_folder() / f"LiberationSerif-{style}.ttf"
    return ImageFont.truetype(path, size_px, layout_engine=ImageFont.Layout.BASIC)
