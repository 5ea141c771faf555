"""Which papers may be found at all, and how people type that: ``loại:``, ``số:``, ``từ:``, ``đến:``, ``cq:``, ``hs:``.

What cannot be read as a filter stays text and is looked for like everything else.
"""

import calendar
import re
from datetime import date

from domain.fold import canonical
from domain.record import Frozen
from domain.states import ValidityState
from search.words import WORD, number_key, numbers

_KEYS = {"loại": "types", "loai": "types", "số": "numbers", "so": "numbers", "cq": "agencies", "hs": "dossier"}
_DAYS = {"từ": "issued_from", "tu": "issued_from", "đến": "issued_to", "den": "issued_to"}
_FILTER = re.compile(
    rf"(?<![^\W_])(?:m[aã]\s+(?=hs\b))?(?P<key>{'|'.join([*_KEYS, *_DAYS])})"
    r'\s?:\s?(?:"(?P<quoted>[^"]*)"|(?P<plain>[^\s",;]+))',
    re.IGNORECASE,
)
# "số: 12 / QĐ - UBND": its signs may stand apart.
_NUMBER = re.compile(r"(?:\s?/\s?[^\s\",;]+)?(?:\s?[-–]\s?[A-ZĐ]{2,}(?![^\W_]))*")
_DOSSIER = re.compile(r"\s?[-–]\s?\d+(?:\s?[-–]\s?\d+)?")  # "hs: H17.40.36 - 250616 - 0163", in the same way
_DAY = re.compile(r"(?:(?:(?P<day>\d{1,2})[/.-])?(?P<month>\d{1,2})[/.-])?(?P<year>\d{4})", re.ASCII)
_ISO_DAY = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})(?:-(?P<day>\d{1,2}))?", re.ASCII)


class Filters(Frozen):
    """Which papers may be found at all.  Several values of one filter are choices; filters add up.

    ``types`` and ``agencies`` are codes or words of names, ``numbers`` what the paper itself bears, ``owners`` keyed
    hashes, of the numbers of one person.  ``states`` are judged on the day of the question.
    """

    types: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    dossier: str | None = None
    owners: tuple[str, ...] = ()
    issued_from: date | None = None
    issued_to: date | None = None
    states: tuple[ValidityState, ...] = ()

    def narrowed(self, other: "Filters") -> "Filters":
        """Both filters together; for a single value and for choices the other one's count."""
        return self.model_copy(update={name: value for name, value in other if value not in (None, ())})


def take_filters(text: str) -> tuple[Filters, str]:
    """The filters of a typed text, and the text without them."""
    text = canonical(text)
    found: dict[str, object] = {}
    rest: list[str] = []
    place = 0
    while match := _FILTER.search(text, place):
        rest.append(text[place : match.start()])
        key, end = match["key"].lower(), match.end()
        value = match["plain"] if match["quoted"] is None else match["quoted"]
        if _KEYS.get(key) == "numbers" and (apart := _NUMBER.match(text, end)):
            value, end = value + "".join(apart.group().split()).replace("–", "-"), apart.end()
        if _KEYS.get(key) == "dossier" and (apart := _DOSSIER.match(text, end)):
            value, end = value + "".join(apart.group().split()).replace("–", "-"), apart.end()
        if not _enter(found, key, value):
            rest.append(text[match.start() : end])
        place = end
    return Filters.model_validate(found), "".join([*rest, text[place:]])


def read_day(text: str, *, last: bool) -> date | None:
    """The day of ``5/6/2025``, ``2025-06-05``, ``6/2025`` or ``2025``; of a month or year the first or last one."""
    match = _DAY.fullmatch(text) or _ISO_DAY.fullmatch(text)
    if match is None:
        return None
    year, month = int(match["year"]), int(match["month"] or (12 if last else 1))
    try:
        length = calendar.monthrange(year, month)[1]
        return date(year, month, int(match["day"] or (length if last else 1)))
    except (ValueError, IndexError):  # month 13, day 31 of June, year 0
        return None


def _enter(found: dict[str, object], key: str, value: str) -> bool:
    """Note one filter; False when its value says nothing."""
    if key in _DAYS:
        day = read_day(value.strip(" .)"), last=_DAYS[key] == "issued_to")
        if day is not None:
            found[_DAYS[key]] = day
        return day is not None
    name = _KEYS[key]
    if not WORD.search(value) or (name == "numbers" and not any(character.isdigit() for character in value)):
        return False
    if name == "dossier":
        found[name] = value
    elif name == "numbers":
        keys = tuple(number.key for number in numbers(value)) or (number_key(value.strip(".)")),)
        found[name] = (*_tuple(found.get(name)), *keys)
    else:
        found[name] = (*_tuple(found.get(name)), value)
    return True


def _tuple(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else ()
