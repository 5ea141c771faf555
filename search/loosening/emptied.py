"""Which one word or number of a question empties its answer: some paper has everything else."""

from collections.abc import Iterator
from datetime import date

from search.loosening.nearest import Finds
from search.plan import plan
from search.query import Query

_MOST_TRIED = 8
_MOST_TOLD = 3


def emptying(asks: Finds, asked: Query, today: date) -> tuple[str, ...]:
    """The words and numbers, as they were typed, without any one of which papers have all; at most three."""
    found = []
    for part, rest in list(_without_one(asked))[:_MOST_TRIED]:
        if not rest.wordless and asks.best(plan(rest, today), 1, 0):
            found.append(part)
    return tuple(found[:_MOST_TOLD])


def _without_one(asked: Query) -> Iterator[tuple[str, Query]]:
    for key in asked.numbers:
        left = tuple(item for item in asked.numbers if item != key)
        joined = tuple(item for item in asked.joined if key not in item.numbers)
        yield key, asked.model_copy(update={"numbers": left, "joined": joined})
    for word in asked.words:
        kept = tuple(item for item in asked.words if item != word)
        joined = tuple(item for item in asked.joined if word.spelled not in item.words)
        yield word.spelled, asked.model_copy(update={"words": kept, "joined": joined})
