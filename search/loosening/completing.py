"""Numbers of which a part was typed: half of the symbol (``19/TLKT``), or the year in its place (``2187/2021``)."""

import re
from collections.abc import Iterator
from datetime import date

from search.fields import number_of_day
from search.plan import BEARS_THE_NUMBER, All, BeginsWith, Best, Node, Plan, QueryTerm, Scored, Some, Span, plan
from search.query import Query
from search.words import BARE, bare_key, number_readings

_OF_YEAR = re.compile(r"(?P<number>[0-9]+)/(?P<year>(?:19|20)[0-9]{2})")
# A number in which digits stand first, for owners' numbers are in none of these keys; one letter is any symbol's.
_BEGUN = re.compile(rf"{BARE}[0-9]+[^\W\d_][^\W_]*?[^\W\d_]")


def completed(asked: Query, today: date) -> Plan | None:
    """The tree of what bears a number that is longer than what was typed of it; None when no part of one was typed."""
    readings = [*_of_years(asked, today), *_of_symbols(asked, today)]
    return Plan(Best(tuple(readings)), None, in_part=True) if readings else None


def beginnings(asked: Query) -> tuple[str, ...]:
    """How the numbers begin, without their signs, of which a part was typed."""
    years = (found["number"] for key in asked.numbers if (found := _OF_YEAR.fullmatch(key)))
    return (*map(bare_key, years), *(item.key for item in asked.joined if _BEGUN.fullmatch(item.key)))


def _of_years(asked: Query, today: date) -> Iterator[Node]:
    """Papers that were issued in the year that stands in the place of their symbol."""
    for key in asked.numbers:
        choices = []
        for found in filter(None, map(_OF_YEAR.fullmatch, number_readings(key))):
            number, year = found["number"], int(found["year"])
            issued = Span("issued", number_of_day(date(year, 1, 1)), number_of_day(date(year, 12, 31)))
            borne = Some((QueryTerm("borne", number), BeginsWith("borne", f"{number}/")))
            choices.append(All((borne, issued)))
        if choices:
            rest = asked.model_copy(update={"numbers": tuple(item for item in asked.numbers if item != key)})
            yield _with(Some(tuple(choices)), rest.model_copy(update={"joined": ()}), today)


def _of_symbols(asked: Query, today: date) -> Iterator[Node]:
    """Papers whose symbol begins as the typed one."""
    for item in asked.joined:
        if _BEGUN.fullmatch(item.key):
            words = tuple(word for word in asked.words if word.spelled not in item.words)
            numbers = tuple(key for key in asked.numbers if key not in item.numbers)
            rest = asked.model_copy(update={"words": words, "numbers": numbers, "joined": ()})
            yield _with(BeginsWith("borne", item.key), rest, today)


def _with(number: Node, rest: Query, today: date) -> Node:
    """What bears the number and has the rest of the question."""
    bears = Scored(number, BEARS_THE_NUMBER)
    return bears if rest.empty else All((bears, plan(rest, today).found))
