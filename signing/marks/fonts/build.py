"""Make ``KhosoSerif.ttf``, the font of the marks, from Liberation Serif 2.1.5, and its digits in other styles.

    python signing/marks/fonts/build.py LiberationSerif-Regular.ttf KhosoSerif.ttf
    python signing/marks/fonts/build.py LiberationSerif-Italic.ttf digits-italic.ttf 0123456789

Liberation Serif has the metrics of Times New Roman, which law L4.3 asks for.  It is rescaled to 1000 units per em
because pyHanko writes glyph widths without scaling them, and PDF/A-2 6.2.11.5 wants the widths of the font program.
It is cut down to the letters that Vietnamese needs, and renamed because "Liberation" is a reserved name (OFL 1.1, 3).
"""

import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.ttLib.scaleUpem import scale_upem

FAMILY = "Khoso Serif"
POSTSCRIPT = "KhosoSerif"
VIETNAMESE = "ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝàáâãèéêìíòóôõùúýĂăĐđĨĩŨũƠơƯư" + "".join(map(chr, range(0x1EA0, 0x1EFA)))
LETTERS = "".join(map(chr, range(0x20, 0x7F))) + VIETNAMESE + "–—‘’“”…"
_COPYRIGHT, _FAMILY, _STYLE, _UNIQUE, _FULL, _VERSION, _POSTSCRIPT, _LICENCE, _LICENCE_URL = 0, 1, 2, 3, 4, 5, 6, 13, 14


def build(source: Path, target: Path, letters: str = LETTERS) -> None:
    """Write the rescaled, reduced and renamed font; the same source gives the same bytes."""
    font = TTFont(source, recalcTimestamp=False)
    scale_upem(font, 1000)
    options = Options(
        layout_features=[],
        hinting=False,
        notdef_outline=True,
        name_IDs=[_COPYRIGHT, _FAMILY, _STYLE, _UNIQUE, _FULL, _VERSION, _POSTSCRIPT, _LICENCE, _LICENCE_URL],
        drop_tables=["GPOS", "GSUB", "GDEF", "DSIG", "FFTM", "kern"],
    )
    subsetter = Subsetter(options)
    subsetter.populate(text=letters)
    subsetter.subset(font)
    names = {_FAMILY: FAMILY, _FULL: FAMILY, _UNIQUE: f"khoso: {FAMILY}", _POSTSCRIPT: POSTSCRIPT}
    for record in font["name"].names:
        record.string = names.get(record.nameID, record.toUnicode())
    font.save(target)


if __name__ == "__main__":
    build(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:])
