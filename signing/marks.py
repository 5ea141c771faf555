"""The marks of the signatures: where they stand on the visible page, and how their text is drawn.

A mark is a form XObject of fixed size in points, drawn upright; its /Matrix turns it against the page's /Rotate, and
the widget's /Rect, in the page's own units, gives place and scale (ISO 32000-1, 12.5.5, algorithm 8.1).
"""

# pyHanko leaves some of its functions without types.
# mypy: untyped-calls-exclude="pyhanko,pyhanko_certvalidator"

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, Literal, NamedTuple

from fontTools.ttLib import TTFont
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.content import AppearanceContent
from pyhanko.pdf_utils.font.opentype import GlyphAccumulator
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.stamp import BaseStampStyle

from signing.errors import CannotSign

Corner = Literal["left", "right"]

WIDTH, HEIGHT = 220.0, 58.0  # points; two marks side by side fit on A4, five lines of size 10 in a mark
MARGIN = 8.0  # points between the mark and the edges of the visible page; outside the text area of law 4B
FONT_SIZE = 10.0  # law L4.3
_SMALLEST_FONT = 4.0
_SMALLEST_SCALE = 0.2  # a page of about 3 cm; no paper is smaller
_LEADING = 1.15
_ASCENT = 0.9
_FONT_FILE = Path(__file__).parent / "fonts" / "KhosoSerif.ttf"
_TURNS = {0: (1, 0, 0, 1), 90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}
_DEEPEST_PAGE_TREE = 64


class Rect(NamedTuple):
    """A box in a page's own coordinates, lower left to upper right."""

    left: float
    bottom: float
    right: float
    top: float


@dataclass(frozen=True, slots=True)
class VisiblePage:
    """What a reader shows of a page: its box in page units, the clockwise turn, and points per unit."""

    box: Rect
    rotate: int = 0
    unit: float = 1.0

    @classmethod
    def of(cls, page: generic.DictionaryObject) -> "VisiblePage":
        """Read the geometry of a page; the crop box counts where it overlaps the media box (ISO 32000-1, 14.11.2)."""
        try:
            media = _box(_inherited(page, "/MediaBox"))
            crop = _box(_inherited(page, "/CropBox") or list(media))
            rotate = int(_inherited(page, "/Rotate") or 0) % 360
            unit = float(page.get("/UserUnit", 1))
        except (TypeError, ValueError, ArithmeticError) as error:
            raise CannotSign(f"the first page has no usable size: {error}") from error
        box = Rect(
            max(media.left, crop.left),
            max(media.bottom, crop.bottom),
            min(media.right, crop.right),
            min(media.top, crop.top),
        )
        if box.left >= box.right or box.bottom >= box.top or rotate not in _TURNS or unit <= 0:
            raise CannotSign(f"the first page has no usable size: {box}, /Rotate {rotate}, /UserUnit {unit}")
        return cls(box, rotate, unit)

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in points as the reader shows them."""
        width = (self.box.right - self.box.left) * self.unit
        height = (self.box.top - self.box.bottom) * self.unit
        return (height, width) if self.rotate in {90, 270} else (width, height)

    def mark_box(self, corner: Corner) -> Rect:
        """The box of a mark in a visible top corner, in page units; on a small page it shrinks in proportion."""
        width, height = self.size
        scale = min(1.0, width / (2 * WIDTH + 3 * MARGIN), height / (3 * HEIGHT))
        if scale < _SMALLEST_SCALE:
            raise CannotSign(f"the first page is too small for a mark: {width:.0f} x {height:.0f} points")
        margin, across = MARGIN * scale, WIDTH * scale
        left = margin if corner == "left" else width - margin - across
        first = self._place(left, margin)
        second = self._place(left + across, margin + HEIGHT * scale)
        return Rect(
            min(first[0], second[0]), min(first[1], second[1]), max(first[0], second[0]), max(first[1], second[1])
        )

    def _place(self, right: float, down: float) -> tuple[float, float]:
        """The page coordinates of a point given in points from the visible top left corner."""
        u, v = right / self.unit, down / self.unit
        match self.rotate:
            case 0:
                return self.box.left + u, self.box.top - v
            case 90:
                return self.box.left + v, self.box.bottom + u
            case 180:
                return self.box.right - u, self.box.bottom + v
            case _:
                return self.box.right - v, self.box.top - u


@dataclass(frozen=True)
class MarkStyle(BaseStampStyle):
    """A mark's text for pyHanko, which asks for the appearance when it fills the field."""

    lines: tuple[str, ...] = ()
    corner: Corner = "left"
    rotate: int = 0

    def create_stamp(self, writer: BasePdfFileWriter, box: BoxConstraints, text_params: dict[str, Any]) -> "Mark":  # type: ignore[override]
        # pyHanko types the result as BaseStamp but uses it as the AppearanceContent that a Mark is
        """The appearance; its size is fixed, so the box and the text parameters are not needed."""
        del box, text_params
        return Mark(writer, self)


class Mark(AppearanceContent):
    """The appearance of one mark."""

    def __init__(self, writer: BasePdfFileWriter, style: MarkStyle) -> None:
        """Draw the style's text into the writer's file."""
        super().__init__(writer=writer, box=BoxConstraints(width=WIDTH, height=HEIGHT))
        self._style = style
        self._writer = writer

    def render(self) -> bytes:
        """Black text (law L4.3), lines anchored at the mark's side of the page."""
        size, lines = fit(self._style.lines)
        engine = GlyphAccumulator(self._writer, BytesIO(_font_bytes()), size, bcp47_lang_code="vi")
        commands = [b"q BT 0 g /F %g Tf" % size]
        for number, line in enumerate(lines):
            x = 0.0 if self._style.corner == "left" else WIDTH - text_width(line) * size
            y = HEIGHT - (_ASCENT + number * _LEADING) * size
            commands.append(b"1 0 0 1 %.3f %.3f Tm %s" % (x, y, engine.shape(line).graphics_ops))
        self.resources.font["/F"] = engine.as_resource()
        engine.prepare_write()
        return b"\n".join([*commands, b"ET Q"])

    def as_form_xobject(self) -> generic.StreamObject:
        """The drawing, turned so that it reads upright on the turned page."""
        form = super().as_form_xobject()
        turn = [*_TURNS[self._style.rotate], 0, 0]
        form["/Matrix"] = generic.ArrayObject([generic.NumberObject(number) for number in turn])
        form.compress()
        return form


def fit(lines: Sequence[str]) -> tuple[float, list[str]]:
    """The largest font size, at most ``FONT_SIZE``, at which the wrapped lines fit the mark; and those lines."""
    size = FONT_SIZE
    while size >= _SMALLEST_FONT:
        wrapped = [part for line in lines for part in _wrap(unicodedata.normalize("NFC", line), WIDTH / size)]
        if len(wrapped) * _LEADING * size <= HEIGHT:
            return size, wrapped
        size -= 0.5
    raise CannotSign("the text of the mark is too long for its box", remedy="Shorten the names in the settings")


def text_width(text: str) -> float:
    """The width of a text in em; the font has no kerning, so widths add up."""
    widths = _widths()
    try:
        return sum(widths[letter] for letter in text) / 1000
    except KeyError as error:
        raise CannotSign(
            f"the font of the marks has no letter {error} for {text!r}",
            remedy="Use Vietnamese or English letters in the names in the settings",
        ) from error


def _wrap(line: str, width: float) -> list[str]:
    """Break a line at spaces, and a word longer than the line anywhere, so that no part is wider than ``width`` em."""
    parts = [""]
    for word in line.split():
        longer = f"{parts[-1]} {word}".lstrip()
        if text_width(longer) <= width:
            parts[-1] = longer
            continue
        if parts[-1]:
            parts.append("")
        for letter in word:
            if text_width(parts[-1] + letter) > width:
                parts.append("")
            parts[-1] += letter
    return parts


@cache
def _font_bytes() -> bytes:
    return _FONT_FILE.read_bytes()


@cache
def _widths() -> dict[str, int]:
    font = TTFont(BytesIO(_font_bytes()))
    return {chr(code): font["hmtx"][glyph][0] for code, glyph in font.getBestCmap().items()}


def _inherited(page: generic.DictionaryObject, key: str) -> Any:
    """The page's own entry or that of its nearest ancestor; None when no one has it."""
    node = page
    for _ in range(_DEEPEST_PAGE_TREE):
        if key in node:
            return node[key]
        if "/Parent" not in node:
            return None
        node = node["/Parent"]
    raise CannotSign(f"the page tree is deeper than {_DEEPEST_PAGE_TREE}")


def _box(numbers: Any) -> Rect:
    """A PDF rectangle, whichever two opposite corners it names."""
    x0, y0, x1, y1 = (float(number) for number in numbers)
    return Rect(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
