"""Text without ink: taken off word by word before a page gets the text that is read on it.

OCRmyPDF judges a whole text object (BT to ET) by the mode in which it ends, and so takes visible words off with hidden
ones.  It finds nothing left to take where this module was first.
"""

from collections.abc import Collection
from pathlib import Path
from typing import Any, NamedTuple

import pikepdf
from pikepdf import ContentStreamInstruction, Operator

_HIDDEN = 3  # text rendering mode "neither fill nor stroke" (ISO 32000-1, table 106)
_SHOWS = frozenset({"Tj", "TJ", "'", '"'})
_PAINTS = frozenset({"S", "s", "f", "F", "f*", "B", "B*", "b", "b*", "sh", "INLINE IMAGE"})


class _Content(NamedTuple):
    """Orders without hidden text, whether some was there, whether these paint, and the forms drawn in which mode."""

    orders: list[Any]
    is_changed: bool
    paints: bool
    forms: list[tuple[pikepdf.Stream, int]]


def without_hidden(pdf: Path, output: Path, numbers: Collection[int]) -> Path:
    """The PDF without the hidden text of these pages (from 1): ``output``, or the file itself when there is none.

    A visible word moves that follows a hidden one without a place of its own; whoever lays text compares the looks.

    Raises:
        pikepdf.PdfError: the file cannot be parsed.
    """
    with pikepdf.open(pdf) as document:
        seen: set[tuple[int, int]] = set()
        is_changed = False
        for number in numbers:
            page = document.pages[number - 1]
            found = _content(page, page.resources, 0)
            if found.is_changed:
                page.obj.Contents = document.make_stream(pikepdf.unparse_content_stream(found.orders))
            is_changed |= found.is_changed
            waiting = found.forms
            while waiting:
                form, mode = waiting.pop()
                if form.objgen in seen:
                    continue
                seen.add(form.objgen)
                inner = _content(form, form.get("/Resources"), mode)
                if inner.is_changed:
                    form.write(pikepdf.unparse_content_stream(inner.orders))
                is_changed |= inner.is_changed
                waiting += inner.forms
        if is_changed:
            document.save(output)
    return output if is_changed else pdf


def draw_more(pdf: Path, numbers: Collection[int]) -> frozenset[int]:
    """Those of the pages (from 1) that show more than pictures; forms count as more, hidden text does not.

    Raises:
        pikepdf.PdfError: the file cannot be parsed.
    """
    with pikepdf.open(pdf) as document:
        pages = {number: document.pages[number - 1] for number in numbers}
        contents = {number: _content(page, page.resources, 0) for number, page in pages.items()}
    return frozenset(number for number, found in contents.items() if found.paints or found.forms)


def _content(owner: pikepdf.Page | pikepdf.Stream, resources: Any, mode: int) -> _Content:
    """Go through the orders of a page or form, which begin in this text rendering mode."""
    outer: list[int] = []
    found = _Content([], False, False, [])
    for order in pikepdf.parse_content_stream(owner):
        name = str(order.operator)
        operands: list[Any] = list(order.operands)
        if name == "q":
            outer.append(mode)
        elif name == "Q" and outer:
            mode = outer.pop()
        elif name == "Tr" and operands and isinstance(operands[0], int):
            mode = operands[0]
            if mode == _HIDDEN:  # what is shown in this mode goes, so that nothing needs it
                found = found._replace(is_changed=True)
                continue
        elif name == "Do" and operands and (form := _form(resources, operands[0])) is not None:
            found.forms.append((form, mode))
        if name in _SHOWS and mode == _HIDDEN:
            found.orders.extend(_moves(name, operands))
            found = found._replace(is_changed=True)
            continue
        found = found._replace(paints=found.paints or name in _PAINTS or name in _SHOWS)
        found.orders.append(order)
    return found


def _form(resources: Any, name: Any) -> pikepdf.Stream | None:
    drawn = resources.get("/XObject") if isinstance(resources, pikepdf.Dictionary) else None
    item = drawn.get(str(name)) if isinstance(drawn, pikepdf.Dictionary) and isinstance(name, pikepdf.Name) else None
    return item if isinstance(item, pikepdf.Stream) and item.get("/Subtype") == "/Form" else None


def _moves(name: str, operands: list[Any]) -> list[ContentStreamInstruction]:
    """What an order does besides showing text: set the spacing, go to the next line (ISO 32000-1, table 109)."""
    orders: list[tuple[list[Any], str]] = [([], "T*")] if name in {"'", '"'} else []
    if name == '"' and len(operands) == 3:
        orders = [(operands[:1], "Tw"), (operands[1:2], "Tc"), *orders]
    return [ContentStreamInstruction(values, Operator(order)) for values, order in orders]
