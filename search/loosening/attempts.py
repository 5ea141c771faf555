"""What is tried when no paper has everything that was typed, in order; the first attempt that finds counts.

At most thirteen searches for one question, besides the one as it was typed, and four lookups of lengths of lists.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from config.questions import load_asking
from domain.fold import fold
from search.days import month_in
from search.loosening.keyboard import Lengths, corrections, typed_anew
from search.plan import Plan, QueryTerm, corrected, loosened, plan
from search.query import Query
from search.words import Token

_FEWEST_LEFT = 2  # words that tell what is looked for, when those of asking are left out
_COMMON = 50_000  # papers
_MAY_MISS_MORE = 4  # words from which on the rarest half decides


class Attempt(NamedTuple):
    """A question as it is read, its tree, whether it is loose, and the words of asking that were left out."""

    asked: Query
    plan: Plan
    loose: bool
    dropped: tuple[str, ...] = ()


def further(asks: Lengths, asked: Query, today: date) -> Iterator[Attempt]:
    """A month, another keyboard, no words of asking, a slip, a word less, both, and the rarest half of the words."""
    if months := _with_months(asked):
        yield Attempt(months, plan(months, today), loose=False)
    readings = [asked]
    if meant := typed_anew(asked):
        yield Attempt(meant, plan(meant, today), loose=False)
        readings = [meant, asked]
    bare = [_without_asking(read) for read in readings]
    for read, dropped in bare:
        if dropped:
            yield Attempt(read, plan(read, today), loose=True, dropped=dropped)
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


def _without_asking(read: Query) -> tuple[Query, tuple[str, ...]]:
    """The question without the words by which people ask (`tìm giúp … của cháu …`), if what is left tells enough."""
    dropped = {place for run in load_asking() for place in _places(read.words, run, any_spelling=not read.accented)}
    kept = tuple(word for place, word in enumerate(read.words) if place not in dropped)
    tells = len(kept) >= _FEWEST_LEFT or read.numbers or read.phrases or read.joined
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
