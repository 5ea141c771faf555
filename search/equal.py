"""What says the same in other words: abbreviations, and what they stand for."""

from collections.abc import Collection, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from config.questions import load_abbreviations
from search.words import Token

Run = tuple[str, ...]


class Equal(NamedTuple):
    """Words of a question from ``start`` on, and the folded words that papers may have in their place."""

    start: int
    length: int
    run: Run


def equals(words: Sequence[Token], dotted: Collection[str]) -> Iterator[Equal]:
    """What may stand for some of the words, from the first on; of several the longest.

    ``dotted``: the words that were typed with a dot behind them.
    """
    meant, longest = _shortened()
    folded = [word.folded for word in words]
    place = 0
    while place < len(folded):
        for length in range(min(longest, len(folded) - place), 1, -1):
            if short := meant.get(tuple(folded[place : place + length])):
                yield Equal(place, length, (short,))
                place += length
                break
        else:
            if run := _stands_for(folded[place], dotted):
                yield Equal(place, 1, run)
            place += 1


def _stands_for(word: str, dotted: Collection[str]) -> Run | None:
    known = load_abbreviations()
    return known.get(word) or (known.get(f"{word}.") if word in dotted else None)


@cache
def _shortened() -> tuple[dict[Run, str], int]:
    """The abbreviations by the words for which they stand, and how many these are at most."""
    meant = {run: short for short, run in load_abbreviations().items() if len(run) > 1}
    return meant, max(map(len, meant))
