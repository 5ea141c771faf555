"""The typeface of what is printed: Liberation Serif, with the widths of Times New Roman that Decree 30 asks for."""

from functools import cache
from pathlib import Path
from typing import Final

from fontTools.ttLib import TTFont

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
        if regular.is_file() and ord("Ệ") in font_letters(regular):
            return folder
    raise SetupError("typeface_missing", remedy="install_typeface")


@cache
def font_letters(font: Path) -> frozenset[int]:
    """The letters that a font has."""
    with TTFont(font, lazy=True) as opened:
        return frozenset(opened.getBestCmap())
