"""The piece of a text that shows why it was found, in its own spelling."""

import re
from collections.abc import Iterator
from itertools import takewhile
from typing import NamedTuple

from domain.fold import fold
from search.query import WORD, Query, numbers

_LENGTH = 240
_LEAD = 60


class Snippet(NamedTuple):
    """Plain text, and the places in it that match."""

    text: str
    marks: tuple[tuple[int, int], ...]


class _Match(NamedTuple):
    start: int
    end: int
    what: str


def excerpt(text: str, query: Query, *, fuzzy: bool = False) -> Snippet:
    """The stretch of an NFC text with most of what was looked for; its beginning when nothing is found in it.

    Args:
        text: the NFC text.
        query: what was looked for.
        fuzzy: also mark words with one slip in them.
    """
    matches = sorted(_matches(text, query, fuzzy=fuzzy))
    start = _best_start(matches)
    start = _after_blank(text, start - _LEAD) if start > _LEAD else 0
    end = _before_blank(text, start + _LENGTH)
    piece = "".join(" " if character.isspace() else character for character in text[start:end])
    return Snippet(piece, tuple(_merged(matches, start, end)))


def _matches(text: str, query: Query, *, fuzzy: bool) -> Iterator[_Match]:
    folded = fold(text)
    wanted = {word.folded for word in query.words}
    if fuzzy:
        slips = [word.folded for word in query.words if word.fuzzy]
        wanted |= {word for word in set(WORD.findall(folded)) if any(within_one_slip(word, slip) for slip in slips)}
    terms = [r"[\W_]+".join(word.folded for word in phrase) for phrase in query.phrases] + sorted(wanted)
    if terms:
        # The start of the word is looked at afterwards: with the terms in front the search skips fast through a book.
        for found in re.finditer(rf"(?:{'|'.join(terms)})(?![^\W_])", folded):
            if found.start() == 0 or not WORD.match(folded, found.start() - 1):
                yield _Match(*found.span(), found.group())
    if query.numbers:
        yield from (_Match(*number) for number in numbers(text) if number.key in query.numbers)


def within_one_slip(a: str, b: str) -> bool:
    """Whether one letter more, less, other or one swap of neighbours makes the words equal, as engines count it."""
    i = len(list(takewhile(lambda pair: pair[0] == pair[1], zip(a, b, strict=False))))
    return (
        a[i:] == b[i + 1 :]
        or a[i + 1 :] == b[i:]
        or a[i + 1 :] == b[i + 1 :]
        or (a[i : i + 2] == b[i : i + 2][::-1] and a[i + 2 :] == b[i + 2 :])
    )


def _best_start(matches: list[_Match]) -> int:
    best, start, last = 0, 0, 0
    for i, match in enumerate(matches):
        last = max(last, i + 1)
        while last < len(matches) and matches[last].end <= match.start + _LENGTH - 2 * _LEAD:
            last += 1
        kinds = len({other.what for other in matches[i:last]})
        if kinds > best:
            best, start = kinds, match.start
    return start


def _after_blank(text: str, place: int) -> int:
    return next((i + 1 for i in range(place, place + _LEAD) if text[i].isspace()), place)


def _before_blank(text: str, place: int) -> int:
    if place >= len(text):
        return len(text)
    return next((i for i in range(place, place - _LEAD, -1) if text[i].isspace()), place)


def _merged(matches: list[_Match], start: int, end: int) -> list[tuple[int, int]]:
    marks: list[tuple[int, int]] = []
    for match in matches:
        left, right = max(match.start, start) - start, min(match.end, end) - start
        if left >= right:
            continue
        if marks and left <= marks[-1][1]:
            marks[-1] = (marks[-1][0], max(right, marks[-1][1]))
        else:
            marks.append((left, right))
    return marks
