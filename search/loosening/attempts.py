"""What is tried when no paper has everything that was typed, in order; the first attempt that finds counts.

At most eighteen searches for one question, besides the one as it was typed, and six lookups of lengths of lists.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from config.questions import load_asking, load_asking_of_names
from domain.fold import fold
from search.days import month_in
from search.fields import pair
from search.loosening.completing import completed
from search.loosening.keyboard import Lengths, corrections, typed_anew
from search.plan import Plan, QueryTerm, corrected, loosened, plan
from search.query import Query
from search.words import Token

_FEWEST_LEFT = 2  # words that tell what is looked for, when those of asking are left out
_COMMON = 50_000  # papers
_BY = re.compile(r"do|(?:19|20)[0-9]{2}", re.ASCII)  # what stands beside words that say that a paper was issued
_MAY_MISS_MORE = 4  # words from which on the rarest half decides


class Attempt(NamedTuple):
    """A question as it is read, its tree, whether it is loose, and the words of asking that were left out."""

    asked: Query
    plan: Plan
    loose: bool
    dropped: tuple[str, ...] = ()


def further(asks: Lengths, asked: Query, today: date) -> Iterator[Attempt]:
    """A number in part, a month, another keyboard, no words of asking, a slip, a word less, both, the rarest half.

    At last, words of asking that may be of a name are left out, too (`chau` of a question without accents).
    """
    yield from _numbers_in_part(asked, today, ())
    if months := _with_months(asked):
        yield Attempt(months, plan(months, today), loose=False)
    readings = [asked]
    if meant := typed_anew(asked):
        yield Attempt(meant, plan(meant, today), loose=False)
        readings = [meant, asked]
    bare = [_without_asking(read, _of_names(asks, read)) for read in readings]
    for read, dropped in bare:
        if dropped:
            yield Attempt(read, plan(read, today), loose=True, dropped=dropped)
            yield from _numbers_in_part(read, today, dropped)
    yield from _loosened(asks, bare, today)
    read, dropped = _without_asking(readings[-1], ())
    if dropped != bare[-1][1]:
        yield Attempt(read, plan(read, today), loose=True, dropped=dropped)


def _loosened(asks: Lengths, bare: Sequence[tuple[Query, tuple[str, ...]]], today: date) -> Iterator[Attempt]:
    for read, dropped in bare:
        for item in loosened(read, today, _common(asks, read)):
            if item.misses and read is bare[-1][0] and not item.slips:
                yield from _short(asks, read, today, dropped)
            yield Attempt(read, item, loose=True, dropped=dropped)
    read, dropped = bare[-1]
    if len(read.words) < _MAY_MISS_MORE:
        yield from _short(asks, read, today, dropped)
    elif telling := _telling(asks, read):
        yield Attempt(read, plan(telling, today)._replace(misses=True), loose=True, dropped=dropped)


def _with_months(asked: Query) -> Query | None:
    """The question with months for the numbers that may be some (`4/2022`), unless it calls them numbers."""
    months = {number: day for number in asked.numbers if (day := month_in(number))}
    if not months or any(word.folded == "so" for word in asked.words):
        return None
    left = tuple(number for number in asked.numbers if number not in months)
    return asked.model_copy(update={"numbers": left, "days": (*asked.days, *months.values()), "joined": ()})


def _common(asks: Lengths, read: Query) -> set[str]:
    """The words that very many papers have."""
    words = sorted({word.folded for word in read.words})
    known = asks.known([QueryTerm("folded", word) for word in words]) if words else ()
    return {word for word, papers in zip(words, known, strict=True) if papers >= _COMMON}


def _short(asks: Lengths, read: Query, today: date, dropped: tuple[str, ...]) -> Iterator[Attempt]:
    if found := corrections(asks, read):
        yield Attempt(read, corrected(read, found, today), loose=True, dropped=dropped)


def _telling(asks: Lengths, read: Query) -> Query | None:
    """The rarer half of the words that any paper has."""
    known = asks.known([QueryTerm("folded", word.folded) for word in read.words])
    order = sorted((place for place in range(len(known)) if known[place]), key=lambda place: (known[place], place))
    places = set(order[: (len(read.words) + 1) // 2])
    kept = tuple(word for place, word in enumerate(read.words) if place in places)
    return read.model_copy(update={"words": kept, "joined": ()}) if len(kept) >= _FEWEST_LEFT else None


def _numbers_in_part(read: Query, today: date, dropped: tuple[str, ...]) -> Iterator[Attempt]:
    """Papers whose number is longer than what was typed of it, or that bear it with the year of their day of issue."""
    if tree := completed(read, today):
        parts = {spelled for item in read.joined for spelled in item.words}
        rest = tuple(word for word in read.words if word.spelled not in parts)
        yield Attempt(read.model_copy(update={"words": rest}), tree, loose=True, dropped=dropped)


def _of_names(asks: Lengths, read: Query) -> set[int]:
    """The places of words that may be of a name: without accents `chau` is `cháu`, and Châu.

    Such a word is one of asking where another of these stands beside it (`cua chau`), and no paper has it beside the
    word of the question that follows or goes before.
    """
    if read.accented:
        return set()
    words, asking = [word.folded for word in read.words], _of_asking(read)
    may_be = {place for place in asking if words[place] in load_asking_of_names()}
    sure = {place for place in may_be if {place - 1, place + 1} & (asking - may_be)}
    beside = [
        (place, pair(words[one], words[one + 1]))
        for place in sorted(sure)
        for one in (place - 1, place)
        if 0 <= one < len(words) - 1 and not {one, one + 1} - {place} <= asking
    ]
    counts = asks.known([QueryTerm("pairs", term) for _, term in beside]) if beside else ()
    return (may_be - sure) | {place for (place, _), papers in zip(beside, counts, strict=True) if papers}


def _of_asking(read: Query) -> set[int]:
    runs = load_asking()
    if read.days or any(_BY.fullmatch(word.spelled) for word in read.words):
        runs += load_asking(key="issuing")
    return {place for run in runs for place in _places(read.words, run, any_spelling=not read.accented)}


def _without_asking(read: Query, kept_places: Collection[int]) -> tuple[Query, tuple[str, ...]]:
    """The question without the words by which people ask (`tìm giúp … của cháu …`), if what is left tells enough."""
    dropped = _of_asking(read) - {*kept_places}
    kept = tuple(word for place, word in enumerate(read.words) if place not in dropped)
    tells = len(kept) >= _FEWEST_LEFT or read.numbers or read.phrases or read.joined or read.days
    if not dropped or not tells:
        return read, ()
    left = tuple(word.spelled for place, word in enumerate(read.words) if place in dropped)
    return read.model_copy(update={"words": kept}), left


def _places(words: Sequence[Token], run: Sequence[str], *, any_spelling: bool) -> Iterator[int]:
    """Where a run of words stands; as it is spelled, unless the question has no accents at all."""
    typed = [word.folded if any_spelling else word.spelled for word in words]
    wanted = [fold(word) for word in run] if any_spelling else list(run)
    for place in range(len(typed) - len(wanted) + 1):
        if typed[place : place + len(wanted)] == wanted:
            yield from range(place, place + len(wanted))
