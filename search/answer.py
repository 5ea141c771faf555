"""From what a person typed to the answer, the same for every engine."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from domain.clock import today
from domain.errors import UsageError
from domain.fold import fold
from search.counting import estimate
from search.fields import LOTS, lot
from search.filters import Filters
from search.fit import fits, spelled_otherwise
from search.highlight import LookedFor, looked_for, passages
from search.interface import MOST_HITS, Counts, Fit, Found, Hit, Sort
from search.loosening.attempts import Attempt, further
from search.loosening.completing import beginnings
from search.loosening.emptied import emptying
from search.loosening.nearest import nearest
from search.plan import All, Node, Plan, QueryTerm, Scored, Some, plan
from search.query import MOST_WORDS, Query, parse


class Match(NamedTuple):
    """A document that an engine found, with what is kept of it for snippets."""

    id: str
    score: float
    title: str
    body: str


class Reader(Protocol):
    """What an engine can be asked."""

    def best(self, asked: Plan, limit: int, offset: int) -> list[Match]:
        """The documents found, best first."""

    def dated(self, node: Node, limit: int, offset: int, *, newest: bool) -> list[Match]:
        """The documents found, by date of issue."""

    def counts(self, node: Node) -> Counts:
        """How many documents are found."""

    def known(self, terms: Sequence[QueryTerm]) -> list[int]:
        """How many documents have each of some words; about as many, for their order is what counts."""

    def having(self, ids: Sequence[str], node: Node) -> set[str]:
        """Which of some documents, by their ids, a tree finds."""


def answer(reader: Reader, text: str, *, limit: int, filters: Filters, sort: Sort, offset: int, counted: bool) -> Found:
    """See ``search.interface.SearchIndex.search``."""
    if limit < 1 or offset < 0 or limit + offset > MOST_HITS:
        raise UsageError("hits_beyond", remedy="ask_for_fewer", first=offset + 1, last=offset + limit, most=MOST_HITS)
    asked, left_out = _deciding(reader, parse(text, filters))
    if asked.empty:
        return Found(hits=(), counts=_NOTHING if counted else None)
    tried = Attempt(asked, plan(asked, today()), loose=False)
    matches = _matches(reader, tried, sort, limit, offset)
    if not matches and not (offset and reader.best(tried.plan, 1, 0)):
        for tried in further(reader, asked, today()):
            matches = _matches(reader, tried, sort, limit, offset)
            if matches or (offset and reader.best(tried.plan, 1, 0)):
                break
    meant, planned, loose, dropped = tried
    fit = Fit(how="keyboard" if _is_read(meant, asked) else "rarest" if left_out else "all")
    if loose:
        fitting = fits(reader, meant, matches, planned, asking=bool(dropped))
    else:
        fitting = spelled_otherwise(reader, meant, matches, planned.exact, fit)
    marked = looked_for(meant, beginnings(meant) if planned.in_part else ())
    hits = (_hit(match, marked, fit) for match, fit in zip(matches, fitting, strict=True))
    return Found(
        hits=tuple(hits),
        loose=loose and bool(matches),
        counts=_counts(reader, _all_found(planned, matches, limit, offset), loose=loose) if counted else None,
        left_out=left_out,
        asking=dropped if matches else (),
        near=() if matches or offset else nearest(reader, asked),
        emptying=() if matches or offset else emptying(reader, asked, today()),
        read_as=" ".join(word.spelled for word in meant.words) if matches and _is_read(meant, asked) else "",
    )


def _is_read(meant: Query, asked: Query) -> bool:
    """Whether some word was read as typed with another keyboard."""
    return not {*meant.words} <= {*asked.words}


def _hit(match: Match, marked: LookedFor, fit: Fit) -> Hit:
    shown = passages(match.title, match.body, marked, slips={fold(form) for _, form in fit.slips if form})
    return Hit(id=match.id, score=match.score, fit=fit, passages=shown)


def _deciding(reader: Reader, asked: Query) -> tuple[Query, tuple[str, ...]]:
    """The question with the rarest words that any paper has, and those that are left out, when very many were typed.

    A page that somebody pasted would else be looked for word by word: those that most papers have tell nothing and
    take longest, and one that no paper has, as a misread one, would hide the paper.
    """
    if len(asked.words) <= MOST_WORDS:
        return asked, ()
    known = reader.known([QueryTerm("folded", word.folded) for word in asked.words])
    order = sorted(range(len(known)), key=lambda place: (not known[place], known[place], place))
    places = set(order[:MOST_WORDS])
    kept = tuple(word for place, word in enumerate(asked.words) if place in places)
    left = tuple(word.spelled for place, word in enumerate(asked.words) if place not in places)
    return asked.model_copy(update={"words": kept}), left


def _all_found(planned: Plan, matches: Sequence[Match], limit: int, offset: int) -> Node:
    """What is to be counted: where the hits are all that is found, they, for to find them again takes as long."""
    if offset or not 0 < len(matches) < limit:
        return planned.found
    return Some(tuple(QueryTerm("id", match.id) for match in matches))


def _counts(reader: Reader, found: Node, *, loose: bool) -> Counts:
    """Counted in one lot of the papers first; in all of them when there are not too many for a person who waits.

    What fits loosely is counted at once: to find one lot of it takes as long as all of it.
    """
    if loose:
        return reader.counts(found)
    some = reader.counts(All((found, Scored(QueryTerm("lot", lot(0)), 0.0))))
    return estimate(some, LOTS) if some.total * LOTS > _MOST_COUNTED else reader.counts(found)


def _matches(reader: Reader, tried: Attempt, sort: Sort, limit: int, offset: int) -> list[Match]:
    if sort == "best" and not tried.asked.wordless:
        return reader.best(tried.plan, limit, offset)
    return reader.dated(tried.plan.found, limit, offset, newest=sort != "oldest")


_MOST_COUNTED = 30_000
_NOTHING = Counts(total=0, types=(), agencies=(), years=(), states=())
