"""The marks of the signatures: what a reader shows of a page, and how marks are drawn on it.

A mark is a form XObject as large as its text or picture, in points, drawn upright; its /Matrix turns it against the
page's /Rotate, and the widget's /Rect, in the page's own units, gives place and scale (ISO 32000-1, 12.5.5, algorithm
8.1).
"""

# pyHanko leaves some of its functions without types.
# mypy: untyped-calls-exclude="pyhanko"

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import pikepdf
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.writer import BasePdfFileWriter

from signing.errors import CannotSign
from signing.marks.pictures import Picture, embed_picture
from signing.marks.setting import ASCENT, DESCENT, NOTICE_SIZE, SMALLEST_SIZE, Setting, in_box, plainest
from signing.marks.typeface import embed, glyphs, text_width

Corner = Literal["left", "right"]

WIDTH, HEIGHT = 220.0, 58.0  # points; a page has room for two marks side by side and three below each other
MARGIN = 8.0  # points between the mark and the edges of the visible page; outside the text area of law 4B
_SMALLEST_SCALE = 0.1  # a page 16 mm wide; no paper is smaller
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
    def of(cls, page: generic.DictionaryObject | pikepdf.Object) -> "VisiblePage":
        """Read the geometry of a page, whichever library opened it.

        The crop box counts where it overlaps the media box (ISO 32000-1, 14.11.2).
        """
        try:
            media = _box(_inherited(page, "/MediaBox"))
            crop = _box(_inherited(page, "/CropBox") or list(media))
            rotate = int(_inherited(page, "/Rotate") or 0) % 360
            unit = float(page.get("/UserUnit", 1))
        except (TypeError, ValueError, ArithmeticError) as error:
            raise CannotSign("page_no_size_for", error=error) from error
        box = Rect(
            max(media.left, crop.left),
            max(media.bottom, crop.bottom),
            min(media.right, crop.right),
            min(media.top, crop.top),
        )
        if box.left >= box.right or box.bottom >= box.top or rotate not in _TURNS or unit <= 0:
            raise CannotSign("page_no_size", box=box, rotate=rotate, unit=unit)
        return cls(box, rotate, unit)

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in points as the reader shows them."""
        width = (self.box.right - self.box.left) * self.unit
        height = (self.box.top - self.box.bottom) * self.unit
        return (height, width) if self.rotate in {90, 270} else (width, height)

    @property
    def scale(self) -> float:
        """How large marks are here: on a small page they shrink in proportion."""
        width, height = self.size
        scale = min(1.0, width / (2 * WIDTH + 3 * MARGIN), height / (3 * HEIGHT))
        if scale < _SMALLEST_SCALE:
            raise CannotSign("page_small_for_mark", remedy="scan_on_a4", width=width, height=height)
        return scale

    @property
    def widest(self) -> float:
        """How wide a mark is at most that leaves the other half of the page to the other mark, in its own points."""
        return (self.size[0] / self.scale - 3 * MARGIN) / 2

    def mark_box(self, left: float, top: float, width: float, height: float) -> Rect:
        """The box of a mark in page units, given in points from the visible top left."""
        first = self._place(left, top)
        second = self._place(left + width, top + height)
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


@dataclass(frozen=True, slots=True)
class Text:
    """A mark of black text (law L4.3), anchored at its corner's side; ``notice`` says that the key is for trial."""

    lines: tuple[str, ...]
    corner: Corner
    notice: str = ""

    def plainest(self, page: VisiblePage) -> Setting:
        """Each line for itself, within its half of the page."""
        return plainest(self.lines, self.notice, page.widest)

    def draw(self, writer: BasePdfFileWriter, rotate: int, size: tuple[float, float]) -> generic.IndirectObject:
        """Add it to the file, set for a box of this size, upright on the turned page."""
        setting = in_box(self.lines, self.notice, *size)
        commands = ["q BT 0 g"]
        top = size[1] - ASCENT * setting.size
        for number, line in enumerate(setting.lines):
            down = top - number * setting.leading * setting.size
            commands.append(self._drawn(line, setting.size, size[0], down))
        if setting.notice:
            down = top - (len(setting.lines) - 1) * setting.leading * setting.size
            is_left = (self.corner == "left") != setting.is_beside
            if not setting.is_beside:
                down -= DESCENT * setting.size + ASCENT * NOTICE_SIZE
            x = 0.0 if is_left else size[0] - setting.notice_width
            commands.append(_line(setting.notice, NOTICE_SIZE, x, down))
        font = _dictionary(F=embed(writer, "".join([*setting.lines, setting.notice])))
        return _form(writer, "\n".join([*commands, "ET Q"]), rotate, size, Font=font)

    def _drawn(self, line: str, size: float, width: float, down: float) -> str:
        return _line(line, size, 0.0 if self.corner == "left" else width - text_width(line) * size, down)


@dataclass(frozen=True, slots=True)
class Drawing:
    """A mark that is a picture at its real size (law L4.5), with a small line under it for keys of no legal value."""

    picture: Picture
    notice: str = ""

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of its box in points."""
        return self.picture.width, self.picture.height

    def draw(self, writer: BasePdfFileWriter, rotate: int, size: tuple[float, float]) -> generic.IndirectObject:
        """Add it to the file, upright on the turned page."""
        width, height = size
        commands = f"q {width:.3f} 0 0 {height:.3f} 0 0 cm /I Do Q"
        resources = {"XObject": _dictionary(I=embed_picture(writer, self.picture))}
        if self.notice:
            smaller = min(SMALLEST_SIZE, width / text_width(self.notice))
            commands += f"\nq BT 0 g {_line(self.notice, smaller, 0, 1)} ET Q"
            resources["Font"] = _dictionary(F=embed(writer, self.notice))
        return _form(writer, commands, rotate, size, **resources)


MarkLook = Text | Drawing


def draw_nothing(writer: BasePdfFileWriter, rotate: int, size: tuple[float, float]) -> generic.IndirectObject:
    """Add the empty mark of a field that is not filled yet: of a mark's form, so that filling it in is no new look."""
    return _form(writer, "", rotate, size)


def _line(text: str, size: float, x: float, y: float) -> str:
    """The commands that show a line, its baseline beginning there."""
    codes = "".join(f"{glyph.number:04x}" for glyph in glyphs(text))
    return f"/F {size:g} Tf 1 0 0 1 {x:.3f} {y:.3f} Tm <{codes}> Tj"


def _form(
    writer: BasePdfFileWriter, commands: str, rotate: int, size: tuple[float, float], **resources: generic.PdfObject
) -> generic.IndirectObject:
    """Add a drawing."""
    form = generic.StreamObject(
        {
            pdf_name("/Type"): pdf_name("/XObject"),
            pdf_name("/Subtype"): pdf_name("/Form"),
            pdf_name("/BBox"): _numbers(0, 0, *size),
            pdf_name("/Matrix"): _numbers(*_TURNS[rotate], 0, 0),
            pdf_name("/Resources"): _dictionary(**resources),
        },
        stream_data=commands.encode("ascii"),
    )
    form.compress()
    reference: generic.IndirectObject = writer.add_object(form)
    return reference


def _numbers(*numbers: float) -> generic.ArrayObject:
    return generic.ArrayObject(generic.FloatObject(number) for number in numbers)


def _dictionary(**entries: generic.PdfObject) -> generic.DictionaryObject:
    return generic.DictionaryObject({pdf_name(f"/{key}"): value for key, value in entries.items()})


def _inherited(page: Any, key: str) -> Any:
    """The page's own entry or that of its nearest ancestor; None when no one has it."""
    node = page
    for _ in range(_DEEPEST_PAGE_TREE):
        if key in node:
            return node[key]
        if "/Parent" not in node:
            return None
        node = node["/Parent"]
    raise CannotSign("page_tree_deep", most=_DEEPEST_PAGE_TREE)


def _box(numbers: Any) -> Rect:
    """A PDF rectangle, whichever two opposite corners it names."""
    x0, y0, x1, y1 = (float(number) for number in numbers)
    return Rect(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
