"""The typeface of marks and reports: the widths of its letters, and the part of it that a file embeds."""

# pyHanko leaves some of its functions without types.
# mypy: untyped-calls-exclude="pyhanko"

import unicodedata
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from typing import IO, NamedTuple

from fontTools.ttLib import TTFont
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.font.opentype import GlyphAccumulator
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import BasePdfFileWriter, PdfFileWriter

from signing.errors import CannotSign

FONT_FILE = Path(__file__).parent / "fonts" / "KhosoSerif.ttf"
_OF_TIMES = "0123456789-:T+"  # in every subset, so that one subset serves the marks of all times


class Glyph(NamedTuple):
    """The number of a letter's shape in the font, and its width in thousandths of an em."""

    number: int
    width: int


def glyphs(text: str) -> list[Glyph]:
    """The shapes of the letters; the font has no kerning and no ligatures, so each letter has its own."""
    known = _glyphs()
    try:
        return [known[letter] for letter in text]
    except KeyError as error:
        raise CannotSign("letter_missing", remedy="use_letters", letter=error, text=text) from error


def writable(text: str) -> str:
    """The text with its letters composed, and those that the font lacks told by their numbers."""
    known = _glyphs()
    composed = unicodedata.normalize("NFC", " ".join(text.split()))
    return "".join(letter if letter in known else f"[U+{ord(letter):04X}]" for letter in composed)


@lru_cache(maxsize=4096)  # words of names come again with every paper
def text_width(text: str) -> float:
    """The width of a text in em."""
    return sum(glyph.width for glyph in glyphs(text)) / 1000


def wrap(line: str, width: float) -> list[str]:
    """Break a line at spaces, and a word longer than the line anywhere, so that no part is wider than ``width`` em."""
    parts, used, space = [""], 0.0, text_width(" ")
    for word in line.split():
        longer = used + (space if parts[-1] else 0.0) + text_width(word)
        if longer <= width:
            parts[-1], used = f"{parts[-1]} {word}".lstrip(), longer
            continue
        if parts[-1]:
            parts.append("")
        for letter in word:
            if text_width(parts[-1] + letter) > width:
                parts.append("")
            parts[-1] += letter
        used = text_width(parts[-1])
    return parts


def embed(writer: BasePdfFileWriter, text: str) -> generic.PdfObject:
    """Add a font to the file that has the letters of the text and of every time; gives the reference to it."""
    return writer.import_object(_subset("".join(sorted({*text, *_OF_TIMES}))))


@cache
def _glyphs() -> dict[str, Glyph]:
    with TTFont(FONT_FILE) as font:
        return {
            chr(code): Glyph(font.getGlyphID(name), font["hmtx"][name][0]) for code, name in font.getBestCmap().items()
        }


class _Written(generic.PdfObject):
    """An object as it is written, copied as it is: a font's hundred widths take longer than the key."""

    def __init__(self, item: generic.PdfObject) -> None:
        content = BytesIO()
        item.write_to_stream(content, None)
        self._content = content.getvalue()

    def write_to_stream(self, stream: IO[bytes], *_: object, **__: object) -> None:
        stream.write(self._content)


@lru_cache(maxsize=64)  # one for each name that signs here
def _subset(letters: str) -> generic.PdfObject:
    """The font cut down to the letters, in a file of its own to be copied from: cutting costs more than signing."""
    writer = PdfFileWriter()
    engine = GlyphAccumulator(writer, BytesIO(FONT_FILE.read_bytes()), 1)
    engine.shape(letters)
    engine.prepare_write()
    writer.root["/Font"] = engine.as_resource()
    content = BytesIO()
    writer.write(content)
    font: generic.PdfObject = PdfFileReader(content).root.raw_get("/Font")
    inner = font.get_object()["/DescendantFonts"][0]
    inner["/W"] = _Written(inner["/W"])
    return font
