"""Where a search finds nothing that has all: papers that fit and wait for review, or are on their way.

They are no hits: nobody has checked what was read, and nobody may take them (docs/decisions/0071).
"""

from collections.abc import Callable
from datetime import date

from archive.interface import LedgerEntry
from archive.words import run_of
from archive.work.words import Said, said_by, type_word
from domain.errors import SetupError
from domain.fold import fold
from domain.record import PublicView
from domain.states import DocumentState
from pipeline.records import Described
from search.filters import Filters
from search.query import Query, parse
from services.context import Services
from services.permissions import Asker, may
from services.reuse.on_way import belongs_to, is_told, record_under_way

_SHOWN = 20
_MOST_WORDS = 24
_LONGEST_BATCH = 32


class PaperUnderWay(PublicView):
    """A paper that waits for review (``held``) or is on its way: what it is, since when, and where it stands."""

    id: str
    type: str
    since: date
    state: DocumentState
    stage: str
    batch: str


def under_way(
    ctx: Services,
    asker: Asker,
    text: str,
    filters: Filters,
    *,
    names: bool,
    hides: Callable[[Described], bool] = lambda _: False,
) -> tuple[PaperUnderWay, ...] | None:
    """The papers under way that fit a question and that the asker may see; None where the ledger cannot be read.

    Args:
        ctx: the services.
        asker: who asks.
        text: what was typed: words of title, subject or issuer, numbers, codes; or a batch.
        filters: further filters.
        names: whether the words may be names of owners.
        hides: whether a paper is left out, for it would be a list of a person's papers.
    """
    asked = parse(text, filters)
    # An identity number lists somebody's papers, and what nobody has checked has no state.
    if not ctx.has_ledger or asked.empty or asked.owners or asked.filters.owners or asked.filters.states:
        return ()
    try:
        entries = _of_batch(ctx, asked, text.strip()) or _having(ctx, asked, names=names)
    except (SetupError, OSError):  # `doctor` tells what is wrong with it
        return None
    found = []
    for entry in entries:
        record = record_under_way(entry) if is_told(ctx, entry) else None
        if record and may(asker, "search", belongs_to(record), ctx.settings) and not hides(record):
            found.append(_shown(ctx, entry, record))
    return tuple(sorted(found, key=lambda item: (item.since, item.id), reverse=True)[:_SHOWN])


def _of_batch(ctx: Services, asked: Query, text: str) -> list[LedgerEntry]:
    is_plain = asked.filters == Filters() and 0 < len(text) <= _LONGEST_BATCH
    return ctx.ledger.words_on_way.of_batch(text) if is_plain else []


def _having(ctx: Services, asked: Query, *, names: bool) -> list[LedgerEntry]:
    """What has all that was typed, words side by side where they were typed so."""
    runs = [run_of(item) for item in _runs(asked) if run_of(item).strip()]
    groups: list[tuple[str, ...]] = [(word,) for word in dict.fromkeys(word for run in runs for word in run.split())]
    if asked.filters.types:
        groups.append(tuple(map(type_word, _types(ctx, asked.filters.types))))
    if not groups or len(groups) > _MOST_WORDS or not all(groups):
        return []
    found = ctx.ledger.words_on_way.having(groups, names=names)
    return [item for item in found if _fits(said_by(item.record), runs, asked, names=names)]


def _runs(asked: Query) -> list[str]:
    words = [word.folded for word in asked.words]
    phrases = [" ".join(word.folded for word in phrase) for phrase in asked.phrases]
    dossier = [asked.filters.dossier] if asked.filters.dossier else []
    return [*words, *phrases, *asked.numbers, *asked.filters.numbers, *asked.filters.agencies, *dossier]


def _types(ctx: Services, given: tuple[str, ...]) -> list[str]:
    """The codes of the types that a filter means, by code or words of their names."""
    return [
        code
        for type_ in ctx.catalogues.types
        for code in type_.all_codes
        if code in given or any(fold(value) in fold(type_.name) for value in given)
    ]


def _fits(said: Said | None, runs: list[str], asked: Query, *, names: bool) -> bool:
    if said is None or not all(run in said.words or (names and run in said.names) for run in runs):
        return False
    lows = [day.low for day in asked.days if day.low]
    highs = [day.high for day in asked.days if day.high]
    first = max(filter(None, (asked.filters.issued_from, *lows)), default=None)
    last = min(filter(None, (asked.filters.issued_to, *highs)), default=None)
    if asked.days and not lows:
        return False  # a day without its year
    issued = said.issued
    return (first is None or issued >= first.isoformat()) and (last is None or "" < issued <= last.isoformat())


def _shown(ctx: Services, entry: LedgerEntry, record: Described) -> PaperUnderWay:
    return PaperUnderWay(
        id=entry.id,
        type=ctx.catalogues.kind_of(record.description.type_code or ""),
        since=record.received_at.date(),
        state=entry.state,
        stage=entry.stage,
        batch=entry.batch_id,
    )
