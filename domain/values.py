"""The one gate for values that enter a record, whatever their door: manifest, person, code, settings, import.

What passes can be put into codes, signed, written into the vault and read back unchanged; what cannot be is refused
before anything is made of it, with what to write instead.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

from domain.codes import is_agency, is_procedure, mints, normal_number, parse_dossier
from domain.errors import UsageError
from domain.owners import identifier_kind, mask_text, normal_owner
from domain.readings import FieldName

ValueName = FieldName | Literal["dossier", "agency", "reason"]

_DAYS = ("%Y-%m-%d", "%d/%m/%Y")
_YEARS: Final = range(1800, 2201)  # no paper is older, and retention still can be counted from the newest
_NUMBER = re.compile(r"(?!.*\.\.)[^\W_][^\\<>|]*")  # it becomes a part of codes
_OWNER = re.compile(r"[0-9][0-9\s.‐‑‒–—−-]*")
_SHOWN = 40
# Signs that turn the order of what is read: a value that holds one is not what it looks like.
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_REMEDY = "Write it as it stands on the paper"


class _Rule(NamedTuple):
    """How long a value may be, and how it is checked: the form gives it as it is entered, or None."""

    longest: int
    form: Callable[[str], str | None] = str
    remedy: str = _REMEDY


def _day(text: str) -> str | None:
    """A day as it is stored; people write it as 2026-03-12 or as 12/03/2026."""
    for form in _DAYS:
        with suppress(ValueError):
            day = datetime.strptime(text, form).date()  # noqa: DTZ007 (a day has no zone)
            return day.isoformat() if day.year in _YEARS else None
    return None


def _number(text: str) -> str | None:
    return text if _NUMBER.fullmatch(text) and len(normal_number(text)) <= _LONGEST_NUMBER else None


def _owner(text: str) -> str | None:
    owner = normal_owner(text)
    return owner if _OWNER.fullmatch(text) and identifier_kind(owner) is not None else None


def _dossier(text: str) -> str | None:
    with suppress(UsageError):
        parse_dossier(text)
        return text
    return None


def _if(holds: Callable[[str], bool]) -> Callable[[str], str | None]:
    return lambda text: text if holds(text) else None


# The lengths are those of the catalogue's columns (archive/tables.py) where it has one.
_LONGEST_NUMBER: Final = 80
_AS_DAY = _Rule(10, _day, "Write it as 2024-01-31")
_AS_DOSSIER = _Rule(60, _dossier, "Write it as H17.12.34-250901-0001")
_RULES: Mapping[ValueName, _Rule] = MappingProxyType(
    {
        "title": _Rule(500),
        "number_symbol": _Rule(_LONGEST_NUMBER, _number),
        "issued_date": _AS_DAY,
        "valid_until": _AS_DAY,
        "issuer": _Rule(300),
        "abstract": _Rule(3000),
        "owner_id": _Rule(40, _owner, "Give 12, 9 or 10 digits; a spreadsheet takes the zero in front of a number"),
        "owner_name": _Rule(200),
        "scope": _Rule(35, _if(is_agency), "Write it as H17.12; leave it out for all"),
        "dossier": _AS_DOSSIER,
        "dossier_code": _AS_DOSSIER,
        "procedure_code": _Rule(30, _if(is_procedure), "Write it as 1.004194"),
        "agency": _Rule(35, _if(mints), "Write it as H17, H17.12 or H17.12.34: codes begin with it (law table 2B)"),
        "reason": _Rule(500, remedy="Say it in a sentence or two"),
    }
)
_NOT: Mapping[ValueName, str] = MappingProxyType(
    {
        "issued_date": "is no day",
        "valid_until": "is no day",
        "owner_id": "no personal id, old identity number or tax number has this form",
        "scope": "is no agency identifier",
        "agency": "is no agency identifier that codes can begin with",
        "dossier": "is not a dossier code",
        "dossier_code": "is not a dossier code",
        "procedure_code": "is not a procedure code",
    }
)


def checked(name: ValueName, text: str) -> str:
    """The value as it is entered: NFC, blanks made one, invisible signs taken out, days and identifiers in their form.

    What comes out comes out again unchanged.

    Raises:
        UsageError: it cannot be; the message names the field, and shows no identifier.
    """
    rule = _RULES[name]
    text = plain(name, text)
    if not text:
        raise UsageError(f"{name}: empty", remedy="Give a value")
    if len(text) > rule.longest:
        raise UsageError(f"{name}: longer than {rule.longest} letters", remedy=rule.remedy)
    value = rule.form(text)
    if value is None:
        raise UsageError(f"{name}: {_fault(name, text)}", remedy=rule.remedy)
    return value


def longest(name: ValueName) -> int:
    """How many letters a value may have."""
    return _RULES[name].longest


def plain(name: str, text: str) -> str:
    """A text in NFC without invisible signs, runs of blanks as one.

    Raises:
        UsageError: it has control characters, halves of characters, or signs that turn the order of reading.
    """
    if any(c in _TURNING or unicodedata.category(c) in {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"} for c in text.strip()):
        raise UsageError(
            f"{name}: {excerpt(text)} cannot be: it holds signs that are no letters",
            remedy="Write it anew, on one line, as it stands on the paper",
        )
    seen = "".join(c for c in text if unicodedata.category(c) != "Cf")
    return unicodedata.normalize("NFC", " ".join(seen.split()))


def as_read(text: str) -> str:
    """What was read on a page, without signs that no page shows; PDFs bring them in their text."""
    seen = (" " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c)[0] != "C")
    return unicodedata.normalize("NFC", " ".join("".join(seen).split()))


def fault_of(name: FieldName, value: str) -> str | None:
    """Why a value cannot be entered, in a few words after its name; None when it can."""
    try:
        is_same = checked(name, value) == value
    except UsageError as error:
        return str(error)
    return None if is_same else f"{name}: {excerpt(value)} is not written as it is stored"


def excerpt(text: str) -> str:
    """The beginning of a value for a message: signs escaped, numbers that may be identifiers masked."""
    return mask_text(repr(text[:_SHOWN])) + ("…" if len(text) > _SHOWN else "")


def _fault(name: ValueName, text: str) -> str:
    what = _NOT.get(name)
    if name == "owner_id":
        return str(what)
    return f"{excerpt(text)} {what or 'cannot be'}"
