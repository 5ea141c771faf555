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

from domain.codes import is_agency, is_procedure, mints, normal_number, parse_dossier, parse_result
from domain.errors import UsageError
from domain.fold import fold
from domain.messages.told import Told, told
from domain.owners import NO_NUMBER, identifier_kind, mask_text, normal_owner, says_no_number
from domain.readings import FieldName
from domain.roles import is_role, read_owners, write_owners

ValueName = FieldName | Literal["dossier", "agency", "reason"]

_DAYS = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y")
_DAY_IN_WORDS = re.compile(r"(?:ngay )?(\d{1,2}) thang (\d{1,2}),? nam (\d{4})")
_YEARS: Final = range(1800, 2201)  # no paper is older, and retention still can be counted from the newest
_NUMBER = re.compile(r"(?!.*\.\.)[^\W_][^\\<>|]*")  # it becomes a part of codes
_OWNER = re.compile(r"[0-9][0-9\s.‐‑‒–—−-]*")
_NAME = re.compile(r"(?=.*[^\W\d_])[\w\"'(“‘].*", re.DOTALL)  # no name begins as a formula does, or has no letter
_LONG_NUMBER = re.compile(r"\d(?:[\s.]?\d){8}")
_SHOWN = 40
# Signs that turn the order of what is read: a value that holds one is not what it looks like.
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_REMEDY = "write_as_on_paper"


class _Rule(NamedTuple):
    """How long a value may be, and how it is checked: the form gives it as it is entered, or None."""

    longest: int
    form: Callable[[str], str | None] = str
    remedy: str = _REMEDY


def _day(text: str) -> str | None:
    """A day as it is stored; people write it as 2026-03-12, 12/03/2026, 12-3-2026 or ngày 12 tháng 03 năm 2026."""
    if words := _DAY_IN_WORDS.fullmatch(fold(text)):
        text = "/".join(words.groups())
    for form in _DAYS:
        with suppress(ValueError):
            day = datetime.strptime(text, form).date()  # noqa: DTZ007 (a day has no zone)
            return day.isoformat() if day.year in _YEARS else None
    return None


def _number(text: str) -> str | None:
    return text if _NUMBER.fullmatch(text) and len(normal_number(text)) <= _LONGEST_NUMBER else None


def _name(text: str) -> str | None:
    """A name of a person or organisation: an identity number in it would be shown wherever names are."""
    return text if _NAME.fullmatch(text) and not _LONG_NUMBER.search(text) else None


def _owner(text: str) -> str | None:
    if says_no_number(text):
        return NO_NUMBER
    owner = normal_owner(text)
    return owner if _OWNER.fullmatch(text) and identifier_kind(owner) is not None else None


def _owners(text: str) -> str | None:
    with suppress(ValueError):
        owners = read_owners(text)
        if all(item.name is None or _name(item.name) for item in owners):
            return write_owners(owners)
    return None


def _dossier(text: str) -> str | None:
    with suppress(UsageError):
        parse_dossier(text)
        return text
    return None


def _result(text: str) -> str | None:
    with suppress(UsageError):
        parse_result(text)
        return text
    return None


def _if(holds: Callable[[str], bool]) -> Callable[[str], str | None]:
    return lambda text: text if holds(text) else None


# The lengths are those of the catalogue's columns (archive/tables.py) where it has one.
_LONGEST_NUMBER: Final = 80
_AS_DAY = _Rule(40, _day, "write_day")
_AS_DOSSIER = _Rule(60, _dossier, "write_dossier")
_RULES: Mapping[ValueName, _Rule] = MappingProxyType(
    {
        "title": _Rule(500),
        "number_symbol": _Rule(_LONGEST_NUMBER, _number),
        "issued_date": _AS_DAY,
        "valid_until": _AS_DAY,
        "issuer": _Rule(300),
        "abstract": _Rule(3000),
        "owner_id": _Rule(40, _owner, "write_identifier"),
        "owner_name": _Rule(200, _name, "write_name"),
        "owner_role": _Rule(31, _if(is_role), "write_role"),
        "further_owners": _Rule(2000, _owners, "write_owners"),
        "scope": _Rule(35, _if(is_agency), "write_scope"),
        "dossier": _AS_DOSSIER,
        "dossier_code": _AS_DOSSIER,
        "result_code": _Rule(80, _result, "write_result"),
        "procedure_code": _Rule(30, _if(is_procedure), "write_procedure"),
        "agency": _Rule(35, _if(mints), "write_agency"),
        "reason": _Rule(500, remedy="say_shortly"),
    }
)
_NOT: Mapping[ValueName, str] = MappingProxyType(
    {
        "issued_date": "value_no_day",
        "valid_until": "value_no_day",
        "owner_id": "value_no_identifier",
        "owner_role": "value_no_role",
        "further_owners": "value_no_owners",
        "scope": "value_no_agency",
        "agency": "value_no_minting_agency",
        "dossier": "value_no_dossier",
        "dossier_code": "value_no_dossier",
        "result_code": "value_no_result",
        "procedure_code": "value_no_procedure",
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
        raise UsageError("value_empty", remedy="give_value", field=name)
    if len(text) > rule.longest:
        raise UsageError("value_too_long", remedy=rule.remedy, field=name, longest=rule.longest)
    value = rule.form(text)
    if value is None:
        raise UsageError(_NOT.get(name, "value_impossible"), remedy=rule.remedy, field=name, value=excerpt(text))
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
        raise UsageError("value_odd_signs", remedy="write_anew", field=name, value=excerpt(text))
    seen = "".join(c for c in text if unicodedata.category(c) != "Cf")
    return unicodedata.normalize("NFC", " ".join(seen.split()))


def as_read(text: str) -> str:
    """What was read on a page, without signs that no page shows; PDFs bring them in their text."""
    seen = (" " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c)[0] != "C")
    return unicodedata.normalize("NFC", " ".join("".join(seen).split()))


def fault_of(name: FieldName, value: str) -> Told | None:
    """Why a value cannot be entered, in a few words after its name; None when it can."""
    try:
        is_same = checked(name, value) == value
    except UsageError as error:
        return error.inner
    return None if is_same else told("value_not_as_stored", field=name, value=excerpt(value))


def excerpt(text: str) -> str:
    """The beginning of a value for a message: signs escaped, numbers that may be identifiers masked."""
    return mask_text(repr(text[:_SHOWN])) + ("…" if len(text) > _SHOWN else "")
