"""The typeface of the marks, for texts of a file whose own fonts lack letters."""

import unicodedata
from contextlib import closing
from functools import cached_property
from io import BytesIO
from typing import Any, NamedTuple

import pikepdf
import pypdfium2
from fontTools.ttLib import TTFont
from pikepdf import Array, Dictionary, Name

from signing.marks.typeface import FONT_FILE, glyphs

_NAME = "KhosoSerif"
_SERIF = 2 | 32  # its flags (ISO 32000-1, table 123)


class Line(NamedTuple):
    """A line of text as codes of the font in hexadecimal digits, and its width in points."""

    codes: str
    width: float


class Lettering:
    """Writes with a face that has the Vietnamese letters, which is put into an open file once."""

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self._pdf = pdf

    def lines(self, text: str, size: float, wide: float, *, many: bool) -> list[Line]:
        """The text at a size in points, broken between words where it may have ``many`` lines.

        Raises:
            CannotSign: the face lacks one of its letters.
        """
        if not many:
            return [self._line(" ".join(text.split()), size)]
        lines = []
        for paragraph in text.splitlines():
            kept = ""
            for word in paragraph.split():
                longer = f"{kept} {word}".strip()
                if kept and self._line(longer, size).width > wide:
                    lines.append(self._line(kept, size))
                    longer = word
                kept = longer
            lines.append(self._line(kept, size))
        return lines

    def _line(self, text: str, size: float) -> Line:
        shapes = glyphs(text)
        width = sum(shape.width for shape in shapes) * size / 1000
        return Line("".join(f"{shape.number:04X}" for shape in shapes), width)

    @cached_property
    def font(self) -> Any:
        """The font as an object of the file: whole, for it is small."""
        with TTFont(FONT_FILE) as font:
            scale = 1000 / font["head"].unitsPerEm
            letters = font.getBestCmap()
            names = {font.getGlyphID(name): code for code, name in letters.items()}
            widths = [round(font["hmtx"][name][0] * scale) for name in font.getGlyphOrder()]
            box = [round(getattr(font["head"], side) * scale) for side in ("xMin", "yMin", "xMax", "yMax")]
            up, down = (round(side * scale) for side in (font["hhea"].ascent, font["hhea"].descent))
        program = self._pdf.make_stream(FONT_FILE.read_bytes())
        program.Length1 = FONT_FILE.stat().st_size
        described = Dictionary(
            Type=Name.FontDescriptor, FontName=Name("/" + _NAME), Flags=_SERIF, FontBBox=Array(box), ItalicAngle=0,
            Ascent=up, Descent=down, CapHeight=up, StemV=80, FontFile2=program,
        )  # fmt: skip
        named = Dictionary(Registry=pikepdf.String("Adobe"), Ordering=pikepdf.String("Identity"), Supplement=0)
        shapes = Dictionary(
            Type=Name.Font, Subtype=Name.CIDFontType2, BaseFont=Name("/" + _NAME), CIDToGIDMap=Name.Identity,
            CIDSystemInfo=named,
            FontDescriptor=self._pdf.make_indirect(described), W=Array([0, Array(widths)]),
        )  # fmt: skip
        return self._pdf.make_indirect(
            Dictionary(
                Type=Name.Font, Subtype=Name.Type0, BaseFont=Name("/" + _NAME), Encoding=Name("/Identity-H"),
                DescendantFonts=Array([self._pdf.make_indirect(shapes)]),
                ToUnicode=self._pdf.make_stream(_to_unicode(names)),
            )
        )  # fmt: skip


def composed(text: str) -> str:
    """The text with its letters composed, as fonts have them."""
    return unicodedata.normalize("NFC", text)


def _to_unicode(letters: dict[int, int]) -> bytes:
    pairs = [f"<{number:04X}> <{code:04X}>" for number, code in sorted(letters.items())]
    blocks = [pairs[begin : begin + 100] for begin in range(0, len(pairs), 100)]
    listed = "".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar\n" for block in blocks)
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Letters def /CMapType 2 def\n"
        "1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
        f"{listed}endcmap end end"
    ).encode()


def shown_text(look: pikepdf.Stream) -> str:
    """The text that a look of a note shows, as PDFium reads it; "" where it cannot be read."""
    copy = BytesIO()
    with pikepdf.new() as alone:
        page = alone.add_blank_page(page_size=(1000, 1000))
        page.Resources = Dictionary(XObject=Dictionary(Look=alone.copy_foreign(look)))
        page.Contents = alone.make_stream(b"/Look Do")
        alone.save(copy)
    with closing(pypdfium2.PdfDocument(copy.getvalue())) as document:
        return str(document[0].get_textpage().get_text_range())
