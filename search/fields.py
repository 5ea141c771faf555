"""What an engine stores of a paper: the same fields, split into words in Python, for every engine."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache
from itertools import chain
from typing import NamedTuple
from unicodedata import normalize
from zlib import crc32

from domain.fold import canonical
from domain.owners import in_one_piece
from search.days import key_of_each_year
from search.interface import IndexEntry
from search.words import bare_key, evened_key, number_key, numbers, split_words, without_heading

SCHEMA = 9  # raise with every change of the fields
# Split by blanks: as spelled (lower case), folded, folded side by side, folded and often; and names in filters.
TEXTS = ("text", "folded", "pairs", "often", "type_words", "issuer_words")
POSITIONS = frozenset({"folded", "type_words", "issuer_words"})
UNCOUNTED = frozenset({"pairs", "often"})  # it does not matter how many times
KEYS = ("borne", "mentioned", "dossier", "owner", "lot")  # whole terms
FACETS = ("type", "issuer", "year", "standing")  # whole terms that are counted
DAYS = ("issued", "valid_until")  # 20250605
FOREVER = 99991231
LOTS = 64  # a paper is in one of so many lots by its id: one lot tells nearly what all papers are like
_IN_A_SERIES = re.compile(r"[A-Za-z]{1,3}\s?(?P<digits>[0-9]{3,})", re.ASCII)  # CS00871 of a land certificate
_END_OF_DOSSIER = re.compile(r"[0-9]{6}-[0-9]+$", re.ASCII)  # the day of receipt and the number of that day
_DAY = re.compile(r"(?P<day>[0-9]{1,2})(?P<sign>[/.-])(?P<month>[0-9]{1,2})(?P=sign)[0-9]{4}", re.ASCII)
_OF_YEAR = re.compile(r"(?P<number>[0-9]+/[0-9]{4})/", re.ASCII)
_OFTEN = 3  # so many times a paper has the words that it is about; those of its titles always are
_MOST_TEXT = 1_000_000  # characters; what follows in a longer paper is not found


def fields_of(entry: IndexEntry) -> dict[str, object]:
    """The fields of a paper, all but its id, version and what is kept for snippets."""
    type_name, issuer = _split_name(entry.type_name), _split_name(entry.issuer or "")
    titles = (_split(entry.title), type_name, issuer)
    body = _split(without_heading(normalize("NFC", entry.body[:_MOST_TEXT])))
    values = [value for value in (*titles, body) if value.text]
    named = (entry.id, entry.number_symbol, *entry.codes, entry.type_code, entry.dossier)
    fields: dict[str, object] = {
        # Values of one field stand apart: no phrase runs from the title into the issuer.
        "text": [value.spelled for value in values],
        "folded": [joined(value.words) for value in values],
        "pairs": [_pairs(value.words) for value in values],
        "often": joined(_often(titles, body)),
        "type_words": joined(type_name.words),
        "issuer_words": joined(issuer.words),
        "borne": [
            *(number_key(name) for name in named if name),
            *_written_otherwise(entry.number_symbol, entry.dossier),
            *_spellings(entry.issued),
        ],
        "mentioned": list({key for value in values for key in _mentioned(value)}),
        "dossier": number_key(entry.dossier or ""),
        "owner": list(entry.owners),
        "lot": lot(crc32(entry.id.encode())),
        "standing": entry.standing,
        "type": entry.type_code,
        "issuer": entry.issuer or "",
        "year": str(entry.issued.year) if entry.issued else "",
        "issued": number_of_day(entry.issued) if entry.issued else "",
        "valid_until": number_of_day(entry.valid_until) if entry.valid_until else FOREVER,
    }
    return {name: value for name, value in fields.items() if value not in ("", [])}


def _written_otherwise(number: str | None, dossier: str | None) -> Iterator[str]:
    """Keys of a paper's own number and dossier without signs, without zeros, and of the part that people say."""
    for name in (number, dossier):
        if name:
            yield bare_key(name)
            yield evened_key(name)
    if number and (series := _IN_A_SERIES.fullmatch(number)):
        yield number_key(series["digits"])
    if dossier and (end := _END_OF_DOSSIER.search(dossier)):
        yield number_key(end.group())
        yield evened_key(end.group())


def _mentioned(value: "_Split") -> Iterator[str]:
    """Keys of the numbers in a text, without their symbol too; of days, also that of the day in any year."""
    for number in numbers(value.text, plain=value.plain):
        yield number.key
        if year := _OF_YEAR.match(number.key):  # 15/2021/NĐ-CP is called 15/2021
            yield year["number"]
        if day := _DAY.fullmatch(number.key):
            yield key_of_each_year(int(day["day"]), int(day["month"]))


class _Split(NamedTuple):
    """A canonical text, numbers in one piece; whether it has only usual signs, its folded words, those as spelled."""

    text: str
    plain: bool
    words: list[str]
    spelled: str


def _split(text: str) -> _Split:
    text = in_one_piece(canonical(text))
    words, spelled, plain = split_words(text)
    return _Split(text, plain, words, spelled)


_split_name = lru_cache(1_000)(_split)  # types and issuers are few


def _pairs(words: list[str]) -> str:
    """Every ``pair`` of neighbours; formatting them all at once is quicker than one by one."""
    even, odd = len(words) // 2, (len(words) - 1) // 2
    one, other = words[: 2 * even], words[1 : 2 * odd + 1]
    return pair("%s", "%s ") * even % tuple(one) + pair("%s", "%s ") * odd % tuple(other)


def _often(titles: Iterable[_Split], body: _Split) -> list[str]:
    counted = Counter(body.words)
    return [
        *chain.from_iterable(title.words for title in titles),
        *(word for word, times in counted.items() if times >= _OFTEN),
    ]


def lot(number: int) -> str:
    """The name of a lot; any number tells one."""
    return str(number % LOTS)


def kept_title(entry: IndexEntry) -> str:
    """The title as snippets show it."""
    return normalize("NFC", entry.title)


def kept_body(entry: IndexEntry) -> str:
    """The text as snippets show it."""
    return normalize("NFC", entry.body[:_MOST_TEXT])


def joined(words: Iterable[str]) -> str:
    """Words with a blank between them, as the engines split them."""
    return " ".join(words)


def pair(first: str, second: str) -> str:
    """Two words side by side as one term of ``pairs``: most Vietnamese words are written as two syllables."""
    return f"{first}_{second}"


def number_of_day(day: date) -> int:
    """20250605 for 5 June 2025: ordered as days are."""
    return day.year * 10_000 + day.month * 100 + day.day


@lru_cache(20_000)
def _spellings(day: date | None) -> list[str]:
    if day is None:
        return []
    forms = (f"{day:%d/%m/%Y}", f"{day.day}/{day.month}/{day.year}")
    return [*map(number_key, forms), key_of_each_year(day.day, day.month)]
