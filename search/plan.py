"""How a question is put to an engine: a small tree that every engine writes in its own words.

Both engines get the same tree over the same fields (``search.fields``), so they find the same papers.  Scores differ in
the last digits, not in what comes first: papers spelled as typed, then papers that have the words in
their title or often, then papers that have them side by side, then papers that bear the number, then the rest.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from domain.fold import fold
from domain.states import ValidityState
from search.days import Day
from search.equal import Equal, equals
from search.fields import FOREVER, joined, number_of_day, pair
from search.filters import Filters
from search.query import MOST_WORDS, Query
from search.words import WORD, Token, evened_key, number_key, number_readings

# Each above all that those below it can add up to.
SPELLED_AS_TYPED = 100_000.0
AHEAD = 10_000.0
BEARS_THE_NUMBER = 1_000.0
_SIDE_BY_SIDE = 2.0
_DOSSIERS_END = re.compile(r"(?<![0-9])[0-9]{6}-[0-9]{1,5}$", re.ASCII)
_MAY_MISS_ONE = 4  # words from which on a second attempt may miss one of them
_MOST_SLIPS = 8  # every word is compared with all the words that there are: the longest ones are tried
_FEW_WORDS = 6  # more words are found together in few papers
_MOST_ABOUT = 40  # no title has more words


class QueryTerm(NamedTuple):
    """A word or key of a field; in a text it scores by BM25."""

    field: str
    value: str


class Slip(NamedTuple):
    """A word with at most so many slips; scores 1."""

    field: str
    word: str
    slips: int = 1


class Phrase(NamedTuple):
    """Words side by side."""

    field: str
    words: tuple[str, ...]


class Span(NamedTuple):
    """Whole numbers from ``low`` to ``high``, both included."""

    field: str
    low: int
    high: int


class BeginsWith(NamedTuple):
    """Every key of a field that begins so; scores 1."""

    field: str
    value: str


class Scored(NamedTuple):
    """What matches, with one score for all."""

    node: "Node"
    score: float


class Weighted(NamedTuple):
    """What matches, with its own score so many times."""

    node: "Node"
    weight: float


class Some(NamedTuple):
    """At least so many of these."""

    nodes: tuple["Node", ...]
    least: int = 1


class All(NamedTuple):
    """All of ``must``; ``should`` only adds to the score."""

    must: tuple["Node", ...]
    should: tuple["Node", ...] = ()


class Best(NamedTuple):
    """At least one of these, with the score of the best: readings of one question."""

    nodes: tuple["Node", ...]


Leaf = QueryTerm | Slip | Phrase | BeginsWith | Span
Node = Leaf | Scored | Weighted | Some | All | Best


class Meant(NamedTuple):
    """A word of a question by its place, a word that may be meant, and the pairs in which papers have it."""

    place: int
    meant: str
    pairs: tuple[str, ...]


class Plan(NamedTuple):
    """``found`` is everything asked for, and what comes first in it is ``exact``, if the spelling matters.

    In either of them come first those of the first of ``ahead``, then those of the next, which has them all and more.
    ``slips``: words may have another letter; ``misses``: a word may be missing; ``corrected``: words, and what may
    stand in the place of one of them; ``in_part``: of a number a part was typed.
    """

    found: Node
    exact: Node | None
    ahead: tuple[Node, ...] = ()
    slips: bool = False
    misses: bool = False
    corrected: tuple[tuple[str, str], ...] = ()
    in_part: bool = False


def plan(asked: Query, today: date) -> Plan:
    """The tree of a question."""
    phrases = [_phrase(phrase) for phrase in asked.phrases]
    rest = _rest(asked, today)
    words = _or_equal(asked, [word_node(word) for word in asked.words])
    found, ahead = _or_joined(asked, _found([*words, *phrases], rest, asked), today), _ahead(asked)
    if not asked.accented:
        return Plan(found, None, ahead)
    spelled = _or_equal(asked, [_spelled(word) for word in asked.words])
    spelled += [_spelled_phrase(phrase) for phrase in asked.phrases]
    return Plan(found, _or_joined(asked, _found(spelled, rest, asked), today), ahead)


def loosened(asked: Query, today: date, common: Collection[str] = ()) -> Iterator[Plan]:
    """The trees of the second attempt, as recognition and the typist may have slipped; the first that finds counts.

    One wrong letter in the words; else one word missing; else both.  Words that are ``common``, in very many papers,
    are as they were meant: to look for what is like them takes as long as all else, and finds anything.
    """
    if asked.wordless and not (asked.filters.numbers or asked.filters.dossier):
        return
    rest = (*map(_phrase, asked.phrases), *_rest(asked, today, loose=True))
    can_slip = [
        word for word in asked.words if word.fuzzy and len(asked.words) < MOST_WORDS and word.folded not in common
    ]
    slipping = sorted(can_slip, key=lambda word: -len(word.folded))[:_MOST_SLIPS]
    slipped = [word_node(word, slips=word in slipping) for word in asked.words]
    if slipping or len(slipped) < _MAY_MISS_ONE:
        yield Plan(_found(_or_equal(asked, slipped), rest, asked), None, slips=bool(slipping))
    if len(slipped) >= _MAY_MISS_ONE:
        yield Plan(_found([_all_but_one(asked)], rest, asked), None, misses=True)
        telling = [node for word, node in zip(asked.words, slipped, strict=True) if word.folded not in common]
        if slipping and len(telling) > 1:
            there = [word_node(word) for word in asked.words if word.folded in common]
            missing = Some(tuple(telling), len(telling) - 1)
            yield Plan(_found([*there, missing], rest, asked), None, slips=True, misses=True)


def corrected(asked: Query, meant: Sequence[Meant], today: date) -> Plan:
    """All words but one, and in its place what may be meant, beside a word of the question."""
    words = list(map(word_node, asked.words))
    rest = (*map(_phrase, asked.phrases), *_rest(asked, today, loose=True))
    choices = tuple(All((*words[: item.place], _beside(item), *words[item.place + 1 :], *rest)) for item in meant)
    pairs = tuple((asked.words[item.place].folded, item.meant) for item in meant)
    return Plan(Some(choices), None, corrected=pairs)


def _beside(item: Meant) -> Node:
    return Some(tuple(QueryTerm("pairs", term) for term in item.pairs))


def _all_but_one(asked: Query) -> Node:
    """All words without the first, or without the second, and so on, when no paper has them all.

    Each of these looks at the few papers of its rarest word; to count in each paper how many of the words it has means
    to look at every one that has a common word.
    """
    units = _units(asked, list(map(word_node, asked.words)))
    nodes = [_unit_node(unit) for unit in units]
    choices = [
        All((*nodes[:place], *unit.own[:one], *unit.own[one + 1 :], *nodes[place + 1 :]))
        for place, unit in enumerate(units)
        for one in range(len(unit.own))
    ]
    return Some(tuple(choices))


class _Unit(NamedTuple):
    """A word of the question, or several, and what says the same."""

    own: tuple[Node, ...]
    same: tuple[Node, ...] = ()


def _units(asked: Query, words: Sequence[Node]) -> list[_Unit]:
    units, place = list[_Unit](), 0
    for equal in equals(asked.words, asked.dotted):
        units += [_Unit((word,)) for word in words[place : equal.start]]
        place = equal.start + equal.length
        units.append(_Unit(tuple(words[equal.start : place]), same_nodes(equal)))
    return [*units, *(_Unit((word,)) for word in words[place:])]


def _unit_node(unit: _Unit) -> Node:
    own = All(unit.own) if len(unit.own) > 1 else unit.own[0]
    return Some((own, *unit.same)) if unit.same else own


def same_nodes(equal: Equal) -> tuple[Node, ...]:
    """What says the same as some words."""
    return (*map(run_node, equal.runs), *(QueryTerm("issuer", name) for name in equal.issuers))


def _or_equal(asked: Query, words: Sequence[Node]) -> list[Node]:
    """The words, and what says the same in the place of some of them."""
    return [_unit_node(unit) for unit in _units(asked, words)]


def _or_joined(asked: Query, found: Node, today: date) -> Node:
    """What was found, or what bears a number of which words and numbers were the parts and has everything else."""
    readings = [found]
    for number in asked.joined:
        others = asked.model_copy(
            update={
                "words": tuple(word for word in asked.words if word.spelled not in number.words),
                "numbers": tuple(key for key in asked.numbers if key not in number.numbers),
            }
        )
        words = _or_equal(others, [word_node(word) for word in others.words])
        readings.append(All((_borne(number.key), *words, *map(_phrase, others.phrases), *_rest(others, today))))
    return Best(tuple(readings)) if len(readings) > 1 else found


def _rest(asked: Query, today: date, *, loose: bool = False) -> tuple[Node, ...]:
    numbers = (_number(key) for key in asked.numbers)
    return (*numbers, *map(_said, asked.days), *filter_nodes(asked.filters, today, loose=loose))


def _said(day: Day) -> Node:
    """Issued then, or with words or numbers that say so."""
    choices: list[Node] = [Scored(QueryTerm("mentioned", key), 1.0) for key in day.keys]
    choices += [Scored(run_node(run), 1.0) for run in day.runs]
    if day.low and day.high:
        issued = Span("issued", number_of_day(day.low), number_of_day(day.high))
        choices.append(Scored(issued, BEARS_THE_NUMBER))
    if day.each_year:
        choices += [_borne(day.each_year), Scored(QueryTerm("mentioned", day.each_year), 1.0)]
    if day.both:
        choices.append(All(tuple(map(_said, day.both))))
    return Some(tuple(choices))


def _found(texts: Sequence[Node], rest: Sequence[Node], asked: Query) -> Node:
    beside = [Weighted(QueryTerm("pairs", pair(a.folded, b.folded)), _SIDE_BY_SIDE) for a, b in pairwise(asked.words)]
    if len(texts) == 1 and not rest:
        return texts[0]  # alone, engines skip what cannot be among the best
    return All((*texts, *rest), tuple(beside))


def _ahead(asked: Query) -> tuple[Node, ...]:
    """Papers that are about what was typed, that have all words side by side, or some of them.

    They are few where the words are many, so an engine that looks for them first need not rank the rest.
    """
    words = [word.folded for word in asked.words]
    every = [*words, *(word.folded for phrase in asked.phrases for word in phrase)]
    if not 0 < len(every) <= _MOST_ABOUT or asked.numbers:  # papers that bear a number are few
        return ()
    pairs = tuple(QueryTerm("pairs", pair(a, b)) for a, b in pairwise(words))
    about = All((*(QueryTerm("often", word) for word in every), *pairs))
    if len(every) > _FEW_WORDS:
        return (about,)
    return (about, All(pairs), Some(pairs)) if len(pairs) > 1 else (about, *pairs)


def filter_nodes(filters: Filters, today: date, *, loose: bool = False) -> list[Node]:
    """What every paper found must fulfil; none of it scores."""
    nodes: list[Node] = []
    if filters.types:
        nodes.append(Some(tuple(_named("type", "type_words", value) for value in filters.types)))
    if filters.agencies:
        nodes.append(Some(tuple(_named("issuer", "issuer_words", value) for value in filters.agencies)))
    if filters.numbers:
        bearing = [QueryTerm("borne", key) for key in filters.numbers]
        mentioned = [QueryTerm("mentioned", key) for key in filters.numbers] if loose else []
        nodes.append(Some((*bearing, *mentioned)))
    if filters.dossier:
        nodes.append(Some(tuple(_of_dossier(filters.dossier, loose=loose))))
    if filters.owners:
        nodes.append(Some(tuple(QueryTerm("owner", key) for key in filters.owners)))
    if filters.issued_from or filters.issued_to:
        low, high = filters.issued_from or date.min, filters.issued_to or date.max
        nodes.append(Span("issued", number_of_day(low), number_of_day(high)))
    if filters.states:
        nodes.append(Some(tuple(state_node(state, today) for state in filters.states)))
    return [Scored(node, 0.0) for node in nodes]


def _of_dossier(code: str, *, loose: bool) -> Iterator[Node]:
    """Of a dossier by its code or the end of it; ``loose``: or papers that say the code, as a receipt does."""
    yield QueryTerm("dossier", number_key(code))
    if _DOSSIERS_END.search(code):  # else it may be the number of a paper
        yield QueryTerm("borne", evened_key(code))
    if loose:
        yield QueryTerm("mentioned", number_key(code))
        if end := _DOSSIERS_END.search(code):
            yield run_node(tuple(end.group().split("-")))


def state_node(state: ValidityState, today: date) -> Node:
    """The papers in a state on a day; a paper holds on its last day."""
    if state in {"revoked", "replaced"}:
        return QueryTerm("standing", state)
    day = number_of_day(today)
    days = Span("valid_until", day, FOREVER) if state == "valid" else Span("valid_until", 0, day - 1)
    return All((QueryTerm("standing", "in_force"), days))


def word_node(word: Token, *, slips: bool = False) -> Node:
    """A word in any spelling; ``slips``: with one slip, too."""
    choices: list[Node] = [QueryTerm("folded", word.folded)]
    if _has_digit(word.folded):
        choices.append(_borne(number_key(word.folded)))
    if slips:
        choices.append(Slip("folded", word.folded))
    return Some(tuple(choices)) if len(choices) > 1 else choices[0]


def _spelled(word: Token) -> Node:
    """What is spelled so is in the folded text as well; an unaccented word is looked for with any accents."""
    return QueryTerm("text", word.spelled) if word.accented else word_node(word)


def _spelled_phrase(phrase: tuple[Token, ...]) -> Node:
    """Side by side, and each spelled so somewhere: to keep the places of spelled words costs more than it tells."""
    return All((_phrase(phrase), *(_spelled(word) for word in phrase if word.accented)))


def _phrase(phrase: tuple[Token, ...]) -> Node:
    return run_node(tuple(word.folded for word in phrase))


def run_node(words: tuple[str, ...]) -> Node:
    """Side by side.  The pairs are rare, the words are not: with them engines look into few papers for the phrase."""
    if len(words) == 1:
        return QueryTerm("folded", words[0])
    pairs = [QueryTerm("pairs", pair(a, b)) for a, b in pairwise(words)]
    return All((*pairs, Phrase("folded", words))) if len(words) > 2 else pairs[0]


def _number(key: str) -> Node:
    keys = number_readings(key)
    return Some((*map(_borne, keys), *(Scored(QueryTerm("mentioned", item), 1.0) for item in keys)))


def _borne(key: str) -> Node:
    return Scored(QueryTerm("borne", key), BEARS_THE_NUMBER)


def _has_digit(word: str) -> bool:
    return any(character.isdigit() for character in word)


def _named(code_field: str, words_field: str, value: str) -> Node:
    """A code, or words of the name side by side."""
    words = tuple(WORD.findall(fold(value)))
    named: Node = Phrase(words_field, words) if len(words) > 1 else QueryTerm(words_field, joined(words))
    return Some((QueryTerm(code_field, value.strip()), QueryTerm(code_field, number_key(value)), named))
