"""The typeface of the papers: Liberation Serif, which has the widths of Times New Roman that Decree 30 asks for."""

from functools import cache
from pathlib import Path
from typing import Final

from fontTools.ttLib import TTFont
from PIL import ImageFont

from domain.errors import SetupError

FOLDERS: Final = (Path("/usr/share/fonts/truetype/liberation2"), Path("/usr/share/fonts/truetype/liberation"))


@cache
def font_folder(candidates: tuple[Path, ...] = FOLDERS) -> Path:
    """The first folder whose Liberation Serif can write Vietnamese.

    Raises:
        SetupError: No folder has it.  Version 1 of the typeface, in an older package, lacks the letters.
    """
    for folder in candidates:
        regular = folder / "LiberationSerif-Regular.ttf"
        if regular.is_file():
            with TTFont(regular, lazy=True) as font:
                if ord("Ệ") in font.getBestCmap():
                    return folder
    raise SetupError(
        "Liberation Serif with Vietnamese letters is not installed",
        remedy="Install the Debian package fonts-liberation2",
    )


@cache
def typeface(size_px: int, *, bold: bool = False, italic: bool = False) -> ImageFont.FreeTypeFont:
    """One face at one size; the basic engine sets letters the same way on every machine."""
    style = ("Bold" * bold + "Italic" * italic) or "Regular"
    path = font_folder() / f"LiberationSerif-{style}.ttf"
    return ImageFont.truetype(path, size_px, layout_engine=ImageFont.Layout.BASIC)
