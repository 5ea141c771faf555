"""The text layer of a page: invisible words where they are printed, in a font without glyphs.

The font is Tesseract's: one empty glyph half an em wide for every character, 572 bytes; the words are kept as Unicode,
so copying and searching need nothing else.  Cutting a real font to size for each document cost 0.3 CPU seconds.
A line of a page that lies askew stands level at its middle: readers take slanted lines apart.
"""

from pathlib import Path
from statistics import median

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from domain.readings import PageReading, Word
from pipeline.recognition.tesseract import tessdata

_ADVANCE = 0.5  # em
_BELOW = 0.2  # of a word's height lies under its baseline
_EVERY_CHARACTER = b"\x00\x01" * 0x10000  # all to the one glyph
_TO_UNICODE = b"""/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
1 beginbfrange
<0000> <FFFF> <0000>
endbfrange
endcmap
CMapName currentdict /CMap defineresource pop
end
end
"""


def write_layer(reading: PageReading, width: float, height: float, output: Path) -> None:
    """Write a PDF of one page, ``width`` by ``height`` points, that shows nothing and says what was read."""
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(width, height))
        page = pdf.pages[0]
        page.Resources = Dictionary(Font=Dictionary(F1=_font(pdf)))
        page.Contents = pdf.make_stream(_content(reading, width, height))
        pdf.save(output)


def _content(reading: PageReading, width: float, height: float) -> bytes:
    lines = ["BT 3 Tr"]
    for line in reading.lines():
        size = max(1.0, median((word.box[3] - word.box[1]) * height for word in line))
        baseline = height * (1 - median(word.box[3] for word in line)) + _BELOW * size
        lines.append(f"/F1 {size:.2f} Tf")
        for word, follower in zip(line, (*line[1:], None), strict=True):
            letters = word.text + (" " if follower else "")
            stretch = 100 * _span(word, follower) * width / (len(letters.encode("utf-16-be")) / 2 * _ADVANCE * size)
            code = letters.encode("utf-16-be").hex().upper()
            lines.append(f"{max(1.0, stretch):.2f} Tz 1 0 0 1 {word.box[0] * width:.2f} {baseline:.2f} Tm <{code}> Tj")
    return "\n".join([*lines, "ET"]).encode()


def _span(word: Word, follower: Word | None) -> float:
    """How far a word reaches, with the gap to the next one; the next one may stand further left on a broken line."""
    end = follower.box[0] if follower and follower.box[0] > word.box[0] else word.box[2]
    return max(end - word.box[0], 1e-4)


def _font(pdf: pikepdf.Pdf) -> pikepdf.Object:
    program = (tessdata() / "pdf.ttf").read_bytes()
    file = pdf.make_stream(program, Length1=len(program))
    descriptor = Dictionary(
        Type=Name.FontDescriptor,
        FontName=Name.GlyphLessFont,
        Flags=5,
        FontBBox=Array([0, 0, 500, 1000]),
        ItalicAngle=0,
        Ascent=1000,
        Descent=-1,
        CapHeight=1000,
        StemV=80,
        FontFile2=file,
    )
    descendant = Dictionary(
        Type=Name.Font,
        Subtype=Name.CIDFontType2,
        BaseFont=Name.GlyphLessFont,
        CIDSystemInfo=Dictionary(Registry=String("Adobe"), Ordering=String("Identity"), Supplement=0),
        CIDToGIDMap=pdf.make_stream(_EVERY_CHARACTER),
        DW=int(1000 * _ADVANCE),
        FontDescriptor=pdf.make_indirect(descriptor),
    )
    return pdf.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.Type0,
            BaseFont=Name.GlyphLessFont,
            Encoding=Name("/Identity-H"),
            DescendantFonts=Array([pdf.make_indirect(descendant)]),
            ToUnicode=pdf.make_stream(_TO_UNICODE),
        )
    )
