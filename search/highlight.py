"""The piece of a text that shows why it was found, in its own spelling."""

import re
from bisect import bisect
from collections import defaultdict
from collections.abc import Iterator
from itertools import accumulate, takewhile
from typing import NamedTuple

from domain.fold import fold
from search.equal import equals
from search.interface import FoundPassage
from search.query import Query
from search.words import WORD, bare_key, numbers

_LENGTH = 240
_OTHER_BLANK = re.compile(r"[^\S ]")
_LEAD = 60
_MOST_PAGES = 3  # of one document


class Snippet(NamedTuple):
    """Plain text, and the places in it that match."""

    text: str
    marks: tuple[tuple[int, int], ...]


class _Match(NamedTuple):
    start: int
    end: int
    what: str


def passages(title: str, body: str, query: Query, *, fuzzy: bool = False) -> tuple[FoundPassage, ...]:
    """The pages with most of what was looked for, the best first; else the title, else the beginning.

    Args:
        title: the NFC title.
        body: the NFC text, pages separated by form feeds.
        query: what was looked for.
        fuzzy: also mark words with one slip in them.
    """
    pages = body.split("\f")
    starts = [0, *accumulate(len(page) + 1 for page in pages)]
    on_page: defaultdict[int, list[_Match]] = defaultdict(list)
    for match in sorted(_matches(body, query, fuzzy=fuzzy)):
        place = bisect(starts, match.start) - 1
        on_page[place].append(_Match(match.start - starts[place], match.end - starts[place], match.what))
    found = [
        (len({match.what for match in matches}), place, _snippet(pages[place], matches))
        for place, matches in on_page.items()
    ]
    found.sort(key=lambda item: -item[0])
    if found:
        return tuple(
            FoundPassage(page=place + 1, snippet=snippet.text, marks=snippet.marks)
            for _, place, snippet in found[:_MOST_PAGES]
        )
    in_title = snippet_of(title, query, fuzzy=fuzzy)
    if in_title.marks:
        return (FoundPassage(page=None, snippet=in_title.text, marks=in_title.marks),)
    return (FoundPassage(page=1, snippet=_snippet(pages[0], []).text, marks=()),)


def snippet_of(text: str, query: Query, *, fuzzy: bool = False) -> Snippet:
    """The stretch of an NFC text with most of what was looked for; its beginning when nothing is found in it."""
    return _snippet(text, sorted(_matches(text, query, fuzzy=fuzzy)))


def _snippet(text: str, matches: list[_Match]) -> Snippet:
    start = _best_start(matches)
    start = _after_blank(text, start - _LEAD) if start > _LEAD else 0
    end = _before_blank(text, start + _LENGTH)
    piece = _OTHER_BLANK.sub(" ", text[start:end])
    return Snippet(piece, tuple(_merged(matches, start, end)))


def _matches(text: str, query: Query, *, fuzzy: bool) -> Iterator[_Match]:
    folded = fold(text)
    wanted = {word.folded for word in query.words}
    if fuzzy:
        slips = [word.folded for word in query.words if word.fuzzy]
        wanted |= {word for word in set(WORD.findall(folded)) if any(within_one_slip(word, slip) for slip in slips)}
    for word in wanted:
        yield from _places(folded, word)
    days = [day for span in query.days for day in (span, *span.both)]
    runs = [tuple(word.folded for word in phrase) for phrase in query.phrases]
    runs += [run for day in days for run in day.runs]
    runs += [run for equal in equals(query.words, query.dotted) for run in equal.runs]
    for run in runs:
        for found in re.finditer(r"[\W_]+".join(run), folded):
            if _stands_alone(folded, *found.span()):
                yield _Match(*found.span(), found.group())
    wanted_numbers = {*query.numbers, *query.filters.numbers, *(key for day in days for key in day.keys)}
    joined = {joined.key for joined in query.joined}
    if wanted_numbers or joined:
        for number in numbers(text):
            if number.key in wanted_numbers or (joined and bare_key(number.key) in joined):
                yield _Match(*number)


def _places(folded: str, word: str) -> Iterator[_Match]:
    """Where a word stands; to look for each by itself is quicker than for all of them at once."""
    start = folded.find(word)
    while start >= 0:
        end = start + len(word)
        if _stands_alone(folded, start, end):
            yield _Match(start, end, word)
        start = folded.find(word, end)


def _stands_alone(folded: str, start: int, end: int) -> bool:
    return not (folded[start - 1 : start].isalnum() or folded[end : end + 1].isalnum())


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
    most = len({match.what for match in matches})
    for i, match in enumerate(matches):
        last = max(last, i + 1)
        while last < len(matches) and matches[last].end <= match.start + _LENGTH - 2 * _LEAD:
            last += 1
        kinds = len({other.what for other in matches[i:last]})
        if kinds > best:
            best, start = kinds, match.start
        if best == most:
            break
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
