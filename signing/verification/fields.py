"""The signature fields of a PDF: which are filled, and which nobody filled; cheap, and checks nothing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf

from domain.errors import NotValid
from signing.verification.embedded import REMEDY, short

_UNREADABLE = (pikepdf.PdfError, pikepdf.PasswordError, TypeError, ValueError, AttributeError)


def is_signed(path: Path) -> bool:
    """Whether a signature field of the PDF is filled.

    Raises:
        NotValid: it cannot be read as a PDF.
    """
    return any(is_filled for _, is_filled in _fields(path))


def empty_fields(path: Path) -> tuple[str, ...]:
    """The names of the signature fields that nobody filled, or that a file has which was cut back to before that.

    Raises:
        NotValid: it cannot be read as a PDF.
    """
    return tuple(name for name, is_filled in _fields(path) if not is_filled)


def _fields(path: Path) -> list[tuple[str, bool]]:
    try:
        with pikepdf.open(path) as pdf:
            form = pdf.Root.get("/AcroForm")
            return [] if form is None else list(_walked(form.get("/Fields")))
    except _UNREADABLE as error:
        raise NotValid("no_pdf", remedy=REMEDY, error=short(error)) from error


def _walked(fields: Any) -> Iterator[tuple[str, bool]]:
    """Walk the fields and their kids, which inherit /FT and /V (ISO 32000-1, 12.7.3.1); loops are cut."""
    seen: set[tuple[int, int]] = set()
    waiting = [(field, "", False, False) for field in reversed(list(fields or []))]
    while waiting:
        field, name, signature, filled = waiting.pop()
        if field.is_indirect and field.objgen in seen:
            continue
        seen.add(field.objgen)
        name = ".".join(part for part in (name, str(field.get("/T", ""))) if part)
        signature = field["/FT"] == "/Sig" if "/FT" in field else signature
        filled = filled or "/V" in field
        kids = field.get("/Kids", [])
        if signature and (filled or not len(kids)):
            yield name, filled
        waiting.extend((kid, name, signature, filled) for kid in kids)
