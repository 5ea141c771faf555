"""Asking a tantivy index: each step of an order is a search of its own, for few papers are ranked fast."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import NamedTuple

import tantivy
from tantivy import Order, Query

from domain.clock import today
from search.answer import Match
from search.counting import aggregations, read_counts
from search.engines.tantivy_queries import query, schema
from search.fields import FOREVER, lot, number_of_day
from search.interface import Counts
from search.plan import (
    AHEAD,
    SPELLED_AS_TYPED,
    All,
    BeginsWith,
    Best,
    Node,
    Phrase,
    Plan,
    QueryTerm,
    Scored,
    Slip,
    Some,
    Span,
    Weighted,
)

_RECENT_YEARS = 3
_MANY = 50_000  # papers that fit alike: nobody can tell the best twenty of them apart
_MOST_SPREAD = 3  # of the words of a question


class TantivyReader:
    """``search.answer.Reader`` over one state of the index."""

    def __init__(self, searcher: tantivy.Searcher) -> None:
        self._searcher = searcher

    def best(self, asked: Plan, limit: int, offset: int) -> list[Match]:
        """With bonuses instead of steps tantivy would rank every paper that has a common word."""
        trees = _by_fitness(asked)
        if asked.ahead:
            return self._in_steps((step for tree in trees for step in self._shortened(*tree)), limit, offset)
        return self._in_steps((_Step(node, bonus) for node, bonus in trees), limit, offset)

    def dated(self, node: Node, limit: int, offset: int, *, newest: bool) -> list[Match]:
        """Papers without a date come last; with the oldest first tantivy does not do that by itself."""
        if newest:
            return self._in_steps(_newest(node), limit, offset, by="issued")
        steps = iter((_Step(_within(node, Span("issued", 0, FOREVER))), _Step(node)))
        return self._in_steps(steps, limit, offset, by="issued", order=Order.Asc)

    def counts(self, node: Node) -> Counts:
        """See the protocol."""
        return read_counts(self._searcher.aggregate(self._query(node), aggregations(today())))

    def known(self, terms: Sequence[QueryTerm]) -> list[int]:
        """See the protocol."""
        return [self._searcher.doc_freq(term.field, term.value) for term in terms]

    def having(self, ids: Sequence[str], node: Node) -> set[str]:
        """See the protocol."""
        among = Some(tuple(QueryTerm("id", name) for name in ids))
        hits = self._searcher.search(self._query(_within(node, among)), len(ids), count=False).hits
        return {self._searcher.doc(address)["id"][0] for _, address in hits}

    def _in_steps(
        self, steps: Iterator["_Step"], limit: int, offset: int, *, by: str | None = None, order: Order = Order.Desc
    ) -> list[Match]:
        """The hits of the first step, then what the second has beyond them, and so on."""
        wanted = offset + limit
        found: dict[tuple[int, int], tuple[tantivy.DocAddress, float]] = {}
        for step in steps:
            # As many as are wanted in all: those among them that an earlier step had are known and left out.
            hits = self._searcher.search(
                self._query(step.node), wanted, count=False, order_by_field=by, order=order
            ).hits
            for score, address in hits:
                found.setdefault((address.segment_ord, address.doc), (address, 0.0 if by else score + step.bonus))
            if len(found) >= wanted:
                break
        matches = [self._match(address, score) for address, score in list(found.values())[offset:wanted]]
        # What fits alike comes as it lies in the index, otherwise after a rebuild.
        alike = [sorted(group, key=lambda match: match.id) for _, group in groupby(matches, lambda match: match.score)]
        return [match for group in alike for match in group] if not by else matches

    def _shortened(self, node: Node, bonus: float) -> Iterator["_Step"]:
        """A step; when very many papers may fit alike, one lot of them first, which mostly has enough."""
        if self._at_most(node) > _MANY:
            yield _Step(_within(node, QueryTerm("lot", lot(0))), bonus)
        yield _Step(node, bonus)

    def _query(self, node: Node) -> Query:
        return query(self._spread(node))

    def _spread(self, node: Node) -> Node:
        """The tree with what fits very many papers and is more than a word multiplied out.

        Tantivy looks a union up for every paper up to the next wanted one, places of words too: `ubnd`, or the four
        words that it stands for side by side, took 60 ms beside words that three papers have.
        """
        match node:
            case All(must, should):
                spread = [tuple(map(self._spread, must))]
                heavy = [place for place, item in enumerate(must) if self._is_heavy(item)]
                for at in heavy[:_MOST_SPREAD]:
                    spread = [(*done[:at], one, *done[at + 1 :]) for done in spread for one in _choices(done[at])]
                return Best(tuple(All(item, should) for item in spread)) if len(spread) > 1 else All(spread[0], should)
            case Some(nodes, least):
                return Some(tuple(map(self._spread, nodes)), least)
            case Best(nodes):
                return Best(tuple(map(self._spread, nodes)))
            case Scored(inner, score):
                return Scored(self._spread(inner), score)
        return node

    def _is_heavy(self, node: Node) -> bool:
        if not isinstance(node, Some) or node.least > 1:
            return False
        return any(isinstance(item, All | Phrase) and self._at_most(item) > _MANY for item in node.nodes)

    def _at_most(self, node: Node) -> int:
        """How many papers a tree can find, at most, as the lengths of its lists tell."""
        match node:
            case QueryTerm(field, value):
                return self._searcher.doc_freq(field, value)
            case All(must, _):
                return min(map(self._at_most, must))
            case Some(nodes, _) | Best(nodes):
                return sum(map(self._at_most, nodes))
            case Scored(inner, _) | Weighted(inner, _):
                return self._at_most(inner)
            case Phrase(field, words):
                return min(self._searcher.doc_freq(field, word) for word in words)
            case Slip() | BeginsWith() | Span():
                return self._searcher.num_docs

    def _match(self, address: tantivy.DocAddress, score: float) -> Match:
        kept = self._searcher.doc(address)
        title, body = (bytes(kept[field][0]).decode() for field in ("title_kept", "body_kept"))
        return Match(kept["id"][0], score, title, body)


def versions_of(searcher: tantivy.Searcher, ids: Iterable[str]) -> dict[str, int]:
    """The versions of those documents that are known."""
    wanted = list(ids)
    if not wanted or not searcher.num_docs:
        return {}
    hits = searcher.search(Query.term_set_query(schema(), "id", wanted), len(wanted), count=False).hits
    kept = [searcher.doc(address) for _, address in hits]
    return {item["id"][0]: item["version"][0] for item in kept}


class _Step(NamedTuple):
    """A search of which what is new comes after what the steps before it found."""

    node: Node
    bonus: float = 0.0


def _by_fitness(asked: Plan) -> Iterator[tuple[Node, float]]:
    """What is spelled as typed, then the rest; in either of them first what is ahead: trees and their bonuses."""
    bases = [(asked.exact, SPELLED_AS_TYPED)] if asked.exact else []
    for base, bonus in [*bases, (asked.found, 0.0)]:
        for place, node in enumerate(asked.ahead):
            yield _within(base, node), bonus + AHEAD * (len(asked.ahead) - place)
        yield base, bonus


def _newest(node: Node) -> Iterator[_Step]:
    """The last years first: few papers of a large archive, and mostly enough."""
    year = today().year
    recent: tuple[Node, ...] = (Span("issued", number_of_day(date(year + 1, 1, 1)), FOREVER),)
    yield _Step(_within(node, recent[0]))
    for back in range(_RECENT_YEARS):
        recent = (*recent, QueryTerm("year", str(year - back)))
        yield _Step(_within(node, Some(recent)))
    yield _Step(node)


def _choices(node: Node) -> tuple[Node, ...]:
    return node.nodes if isinstance(node, Some) else (node,)


def _within(node: Node, other: Node) -> Node:
    """What is found by both trees, scored by the first."""
    return All((node, Scored(other, 0.0)))
