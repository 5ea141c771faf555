"""The piece of a text that shows why it was found, in its own spelling."""

import re
from bisect import bisect
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, pairwise, takewhile
from typing import NamedTuple

from domain.fold import canonical, fold
from domain.owners import in_one_piece, mask_text
from search.days import Day, find_days, key_of_each_year
from search.equal import equals
from search.interface import FoundPassage
from search.query import Query
from search.words import bare_key, number_readings, numbers

_LENGTH = 240
_OTHER_BLANK = re.compile(r"[^\S ]")
_LEAD = 60
_DAY_WORD = re.compile(r"ngay\s+")
_MOST_PAGES = 3  # of one document
_WIDEST_GAP = 5  # characters between words side by side


class Snippet(NamedTuple):
    """Plain text, and the places in it that match."""

    text: str
    marks: tuple[tuple[int, int], ...]


class _Match(NamedTuple):
    """A place that matches, and what of the question it is; ``whole``: a phrase, number or day, no word alone."""

    start: int
    end: int
    what: str
    whole: bool = False


class LookedFor(NamedTuple):
    """What of a question is marked in a text: words by their folded form, and rows of words of the question.

    ``runs``: words side by side, as a pattern, with whether they were quoted or are a day; ``begun``: how numbers
    begin, without their signs, of which a part was typed.
    """

    spelled: dict[str, set[str]]
    beside: frozenset[tuple[str, str]]
    runs: tuple[tuple[re.Pattern[str], str, bool], ...]
    numbers: frozenset[str]
    joined: frozenset[str]
    begun: tuple[str, ...]
    days: tuple[Day, ...]


def looked_for(query: Query, begun: tuple[str, ...] = ()) -> LookedFor:
    """What is marked of a question, found out once for all the texts that it finds."""
    spelled = defaultdict[str, set[str]](set)
    for word in query.words:
        spelled[word.folded].add(word.spelled)
    days = [day for span in query.days for day in (span, *span.both)]
    whole = [tuple(word.folded for word in phrase) for phrase in query.phrases]
    whole += [run for day in days for run in day.runs]
    same = [run for equal in equals(query.words, query.dotted) for run in equal.runs]
    return LookedFor(
        spelled=dict(spelled),
        beside=frozenset(pairwise(word.folded for word in query.words)),
        runs=tuple((re.compile(r"[\W_]+".join(run)), " ".join(run), run in whole) for run in (*whole, *same)),
        numbers=frozenset(
            (
                *(item for key in query.numbers for item in number_readings(key)),
                *query.filters.numbers,
                *(key for day in days for key in day.keys),
            )
        ),
        joined=frozenset(joined.key for joined in query.joined),
        begun=begun,
        days=query.days,
    )


def passages(title: str, body: str, query: LookedFor, *, slips: Collection[str] = ()) -> tuple[FoundPassage, ...]:
    """The pages with most of what was looked for, the best first; else the title, else the beginning.

    A page with a phrase, number or day comes before those with words alone.

    Args:
        title: the NFC title.
        body: the NFC text, pages separated by form feeds.
        query: what was looked for.
        slips: folded words of this paper that were taken for words of the question.
    """
    pages = body.split("\f")
    starts = [0, *accumulate(len(page) + 1 for page in pages)]
    on_page: defaultdict[int, list[_Match]] = defaultdict(list)
    for match in _places_in(body, query, slips):
        place = bisect(starts, match.start) - 1
        on_page[place].append(match._replace(start=match.start - starts[place], end=match.end - starts[place]))
    found = [(_rank(matches), place, _snippet(pages[place], matches, query)) for place, matches in on_page.items()]
    found.sort(key=lambda item: item[0], reverse=True)
    if found:
        return tuple(
            FoundPassage(page=place + 1, snippet=snippet.text, marks=snippet.marks)
            for _, place, snippet in found[:_MOST_PAGES]
        )
    in_title = snippet_of(title, query, slips=slips)
    if in_title.marks:
        return (FoundPassage(page=None, snippet=in_title.text, marks=in_title.marks),)
    return (FoundPassage(page=1, snippet=_snippet(pages[0], [], query).text, marks=()),)


def snippet_of(text: str, query: LookedFor, *, slips: Collection[str] = ()) -> Snippet:
    """The stretch of an NFC text with most of what was looked for; its beginning when nothing is found in it."""
    return _snippet(text, _places_in(text, query, slips), query)


def _snippet(text: str, matches: list[_Match], query: LookedFor) -> Snippet:
    matches = _telling(text, matches, query)
    start = _best_start(matches)
    start = _after_blank(text, start - _LEAD) if start > _LEAD else 0
    end = _before_blank(text, start + _LENGTH)
    left = max(0, start - _LEAD)
    masked = mask_text(text[left : end + _LEAD])  # before it is cut: half a number is none that a mask knows
    piece = _OTHER_BLANK.sub(" ", masked[start - left : end - left])
    return Snippet(piece, tuple(_merged(matches, start, end)))


def _places_in(text: str, query: LookedFor, slips: Collection[str]) -> list[_Match]:
    """Where a text matches, in order; a number that it has in groups does as one word, as in the index."""
    whole = in_one_piece(text)
    return sorted(match._replace(end=_end_of_number(match.end, whole, text)) for match in _matches(whole, query, slips))


def _end_of_number(end: int, whole: str, text: str) -> int:
    last = end
    while last < len(text) and whole[last] == " ":
        last += 1
    return next((place + 1 for place in range(last - 1, end - 1, -1) if text[place].isalnum()), end)


def _matches(text: str, query: LookedFor, slips: Collection[str]) -> Iterator[_Match]:
    folded = fold(text)
    yield from _words(text, folded, query.spelled, slips)
    for pattern, run, is_whole in query.runs:
        for found in pattern.finditer(folded):
            if _stands_alone(folded, *found.span()):
                yield _Match(*found.span(), run, whole=is_whole)
    if query.numbers or query.joined:
        for number in numbers(text):
            bare = bare_key(number.key) if query.joined or query.begun else ""
            if number.key in query.numbers or bare in query.joined or bare.startswith(query.begun):
                yield _Match(*number, whole=True)
    if query.days:
        yield from _said(folded, query.days)


def _words(text: str, folded: str, spelled: Mapping[str, set[str]], slips: Collection[str]) -> Iterator[_Match]:
    """The words; where a paper has one as it was spelled, it was found for that and not for others of its letters."""
    for name in {*spelled, *slips}:
        places = list(_places(folded, name))
        if name not in slips and name not in spelled[name]:
            exact = [match for match in places if canonical(text[match.start : match.end]).lower() in spelled[name]]
            places = exact or places
        yield from places


def _said(folded: str, asked: Sequence[Day]) -> Iterator[_Match]:
    """The days that a text says and that were asked for, in whatever form."""
    for said in find_days(folded):
        if any(_lies_in(said.day, day) for day in asked):
            start = _DAY_WORD.match(folded, said.start)
            yield _Match(start.end() if start else said.start, said.end, f"day {said.day.low}", whole=True)


def _lies_in(said: Day, asked: Day) -> bool:
    """Whether a day that a text says is one that was asked for, in whatever form."""
    if said.low is None or said.high is None:
        return False
    if asked.low is None or asked.high is None:
        return said.low == said.high and key_of_each_year(said.low.day, said.low.month) == asked.each_year
    return asked.low <= said.low and said.high <= asked.high


def _telling(text: str, matches: list[_Match], query: LookedFor) -> list[_Match]:
    """Those to mark: a word that stands in a row with its neighbours of the question is not marked where it is alone.

    `sinh` of "khai sinh" is another word in "sinh ngày", and `Minh` of one name in another's.
    """
    if not query.beside:
        return matches
    rows: list[list[_Match]] = []
    for match in (match for match in matches if not match.whole):
        last = rows[-1][-1] if rows else None
        if last and (last.what, match.what) in query.beside and _touch(text[last.end : match.start]):
            rows[-1].append(match)
        else:
            rows.append([match])
    longest: dict[str, int] = {}
    for row in rows:
        for match in row:
            longest[match.what] = max(longest.get(match.what, 0), len(row))
    kept = [match for row in rows for match in row if len(row) == longest[match.what]]
    return sorted([*kept, *(match for match in matches if match.whole)])


def _touch(between: str) -> bool:
    return len(between) <= _WIDEST_GAP and not any(map(str.isalnum, between))


def _rank(matches: Iterable[_Match]) -> tuple[int, int]:
    """By how much of the question stands somewhere: phrases, numbers and days first, then words."""
    kinds = {(match.whole, match.what) for match in matches}
    return sum(whole for whole, _ in kinds), len(kinds)


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
    best, start, last = (0, 0), 0, 0
    most = _rank(matches)
    for i, match in enumerate(matches):
        last = max(last, i + 1)
        while last < len(matches) and matches[last].end <= match.start + _LENGTH - 2 * _LEAD:
            last += 1
        kinds = _rank(matches[i:last])
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
