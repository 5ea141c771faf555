"""Notes and fields that a file leaves to the reader to draw, drawn before anything looks at the pages.

A note without a look of its own is drawn by each reader as it can (ISO 32000-1, 12.5.5); PDFium passes over lines and
stamps, and over every letter that a field's font lacks, which with the fonts of forms are the Vietnamese ones.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

import pikepdf
from pikepdf import Array, Name

from domain.errors import Held
from domain.messages.told import Told, told
from pipeline.ladder.lettering import Lettering, composed, shown_text
from signing.errors import CannotSign

LINES: Final = told("lines_drawn")
LETTERS: Final = told("letters_drawn")

_HIDDEN = 1 | 2 | 32  # unknown to the reader, hidden, not for the screen (ISO 32000-1, table 165)
_PASSWORD, _MULTILINE = 1 << 13, 1 << 12  # of a field (table 228)
_PATHS = {"/Line": "/L", "/PolyLine": "/Vertices", "/Polygon": "/Vertices"}
_STROKES, _FILLS = {1: "G", 3: "RG", 4: "K"}, {1: "g", 3: "rg", 4: "k"}
_DEEPEST = 8  # fields within fields
_COLOUR = re.compile(r"(?:[\d.]+\s+){1,4}(?:g|rg|k)\b")
_SIZE = re.compile(r"([\d.]+)\s+Tf\b")
_FIT = 0.7  # of the height of a field of one line, the size of its letters where the file leaves it open
_USUAL, _LEAST = 12.0, 4.0  # points


def draw_notes(pdf: pikepdf.Pdf) -> tuple[Told, ...]:
    """Give looks to the notes and fields of an open file that PDFium would not show in full; returns remarks.

    Raises:
        Held: one of them cannot be drawn here.
    """
    drawn: dict[Told, None] = {}
    wanting: list[tuple[int, Any, str]] = []
    form: Any = pdf.Root.get("/AcroForm")
    is_left = isinstance(form, pikepdf.Dictionary) and bool(form.get("/NeedAppearances", False))
    for number, note in _seen(pdf):
        with _shown(number):
            kind = str(note.get("/Subtype"))
            has_look = isinstance(note.get("/AP"), pikepdf.Dictionary) and "/N" in note.AP
            if kind in _PATHS and not has_look:
                _draw_path(pdf, note, kind)
                drawn[LINES] = None
            elif kind == "/Stamp" and not has_look:
                raise ValueError
            elif kind in {"/Widget", "/FreeText"} and (text := _lost(pdf, note, is_open=is_left or not has_look)):
                wanting.append((number, note, text))
    if wanting:
        if is_left:
            pdf.generate_appearance_streams()  # of the other fields, before the file no longer asks for it
            form["/NeedAppearances"] = False
        lettering = Lettering(pdf)
        for number, note, text in wanting:
            with _shown(number):
                _letter(pdf, note, text, lettering)
        drawn[LETTERS] = None
    return tuple(drawn)


@contextmanager
def _shown(number: int) -> Iterator[None]:
    """Hold the paper when a note of a page, be it made of anything, cannot be drawn."""
    try:
        yield
    except (TypeError, ValueError, AttributeError, LookupError, RuntimeError, CannotSign):
        raise Held("note_not_drawn", reason="note_not_shown", remedy="print_from_program", page=number) from None


def _seen(pdf: pikepdf.Pdf) -> Iterator[tuple[int, Any]]:
    """The notes that a screen shows, each with the number of its page."""
    for number, page in enumerate(pdf.pages, 1):
        notes = page.obj.get("/Annots")
        for note in notes if isinstance(notes, Array) else ():
            if isinstance(note, pikepdf.Dictionary) and not int(note.get("/F", 0)) & _HIDDEN:
                yield number, note


# Lines


def _draw_path(pdf: pikepdf.Pdf, note: Any, kind: str) -> None:
    """Give a line or an outline its look."""
    values = [float(value) for value in note.get(_PATHS[kind], ())]
    points = list(zip(values[::2], values[1::2], strict=False))
    width = _width(note)
    filled = _colour(note.get("/IC"), _FILLS) if kind == "/Polygon" else ""
    orders = [f"{width:.3f} w", _colour(note.get("/C"), _STROKES) or "0 G", filled]
    orders += [f"{x:.3f} {y:.3f} {'l' if place else 'm'}" for place, (x, y) in enumerate(points)]
    orders += [("b" if filled else "s") if kind == "/Polygon" else "S"]
    across, up = zip(*points, strict=True)
    note.Rect = Array([min(across) - width, min(up) - width, max(across) + width, max(up) + width])
    _put(pdf, note, "\n".join(orders).encode(), note.Rect)


def _width(note: Any) -> float:
    style, border = note.get("/BS", {}), note.get("/Border", ())
    return float(style.get("/W", border[2] if len(border) > 2 else 1))


def _colour(parts: Any, operators: dict[int, str]) -> str:
    values = [f"{float(part):.3f}" for part in parts or ()]
    return f"{' '.join(values)} {operators[len(values)]}" if len(values) in operators else ""


def _put(pdf: pikepdf.Pdf, note: Any, orders: bytes, box: Any, resources: Any = None) -> None:
    look = pdf.make_stream(orders, Type=Name.XObject, Subtype=Name.Form, BBox=Array(list(box)))
    look.Resources = pikepdf.Dictionary() if resources is None else resources
    note.AP = pikepdf.Dictionary(N=look)


# Letters


class _Field(NamedTuple):
    """What a note writes and how: its text, orders for the typeface, flags, and where it is aligned (0, 1, 2)."""

    text: str
    style: str
    flags: int
    side: int


def _lost(pdf: pikepdf.Pdf, note: Any, *, is_open: bool) -> str:
    """The text of a note of which PDFium would leave letters out, or whose own look does; else "".

    A look that shows another text than the field holds is what everybody sees, and stays.
    """
    text = _field(pdf, note).text
    if not text or _latin(text) == text:
        return ""
    if is_open:
        return text
    look = note.AP.N
    shown = shown_text(look) if isinstance(look, pikepdf.Stream) else ""
    is_spoilt = _bones(shown) == _bones(_latin(text)) and _bones(shown) != _bones(text)
    return text if is_spoilt else ""


def _latin(text: str) -> str:
    return text.encode("cp1252", "ignore").decode("cp1252")


def _bones(text: str) -> str:
    """A text without what stands for letters that a font lacks."""
    return "".join(letter for letter in text if letter.isprintable() and letter not in "? \ufffd\u25a1\u25af")


def _field(pdf: pikepdf.Pdf, note: Any) -> _Field:
    if note.get("/Subtype") == "/FreeText":
        flags, written, kind = _MULTILINE, note.get("/Contents"), "/Tx"
    else:
        kind, written, flags = str(_own(note, "/FT")), _own(note, "/V"), int(_own(note, "/Ff") or 0)
    form: Any = pdf.Root.get("/AcroForm", {})
    style = _own(note, "/DA") or form.get("/DA", "")
    is_text = kind in {"/Tx", "/Ch"} and isinstance(written, pikepdf.String) and not flags & _PASSWORD
    return _Field(composed(str(written)) if is_text else "", str(style), flags, int(_own(note, "/Q") or 0))


def _own(field: Any, key: str) -> Any:
    """What a field says, or those above it."""
    for _ in range(_DEEPEST):
        if not isinstance(field, pikepdf.Dictionary):
            return None
        if key in field:
            return field[key]
        field = field.get("/Parent")
    return None


def _letter(pdf: pikepdf.Pdf, note: Any, text: str, lettering: Lettering) -> None:
    """Draw a text into the box of its note, smaller where it would not fit."""
    field = _field(pdf, note)
    if int(note.get("/MK", {}).get("/R", 0)):
        raise ValueError  # turned
    left, bottom, right, top = (float(side) for side in note.Rect)
    wide, high = abs(right - left), abs(top - bottom)
    many = bool(field.flags & _MULTILINE)
    stated = _SIZE.search(field.style)
    size = float(stated[1]) if stated else 0.0
    size = size or (_USUAL if many else min(_USUAL, _FIT * high))
    while True:
        lines = lettering.lines(text, size, wide - 4, many=many)
        if len(lines) * size <= high and max(line.width for line in lines) <= wide - 4:
            break
        size *= 0.95
        if size < _LEAST:
            raise ValueError  # more than a person sees
    found = _COLOUR.search(field.style)
    orders = [_ground(note, wide, high), f"q BT {found[0] if found else '0 g'} /Letters {size:.2f} Tf"]
    y = high - size if many else (high - size) / 2 + 0.25 * size
    for line in lines:
        x = 2 + (wide - 4 - line.width) * field.side / 2
        orders.append(f"1 0 0 1 {x:.2f} {y:.2f} Tm <{line.codes}> Tj")
        y -= 1.15 * size
    resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(Letters=lettering.font))
    _put(pdf, note, "\n".join([*orders, "ET Q"]).encode(), (0, 0, wide, high), resources)


def _ground(note: Any, wide: float, high: float) -> str:
    marks = note.get("/MK", {})
    ground, rim = _colour(marks.get("/BG"), _FILLS), _colour(marks.get("/BC"), _STROKES)
    width = _width(note)
    if note.get("/Subtype") == "/FreeText":
        ground, rim = _colour(note.get("/C"), _FILLS), "0 G" if width else ""
    box = f"{width / 2:.2f} {width / 2:.2f} {wide - width:.2f} {high - width:.2f} re"
    return f"q {ground} 0 0 {wide:.2f} {high:.2f} re f Q\n" * bool(ground) + f"q {width} w {rim} {box} S Q" * bool(rim)
