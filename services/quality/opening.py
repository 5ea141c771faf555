"""Drawing the sample of a lot."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from archive.inspections.records import Inspection, LotPaper
from archive.interface import Paper
from config.quality import QualitySettings
from config.sampling import SamplingLevel, load_sampling
from domain.clock import now
from domain.errors import NotFound, UsageError
from domain.events import QualityOpened
from domain.messages.told import told
from domain.states import UNDER_WAY
from domain.values import checked
from services.context import Services
from services.permissions import Asker, demand
from services.quality.drawing import draw_sample, fresh_seed, list_digest
from services.quality.tally import tally
from services.secrecy.unsaid import gone

_MANY = 500  # papers asked of the catalogue at a time
_HANDS = {"accepted", "released"}  # events of people who decide about a paper before it is archived


def open_lot(
    ctx: Services,
    asker: Asker,
    batch: str,
    *,
    aql: float | None = None,
    level: SamplingLevel | None = None,
    again: bool = False,
    reason: str = "",
) -> Inspection:
    """Draw the sample of a batch that is closed: its archived papers are the lot.

    Args:
        ctx: the services.
        asker: who opens it.
        batch: whose papers.
        aql: percent, level: of the plan, else as the settings say.
        level: see there.
        again: whether it is a further round of a lot that was refused.
        reason: what was done since; needed with ``again``.

    Raises:
        NotAllowed: the role may not.
        NotFound: there is no such batch.
        UsageError: the batch is not closed, papers of it wait or are lost, it holds none, or it is opened already.
        AlreadyDecided: somebody else opened it a moment ago.
        NotValid: the audit journal, which tells who had papers in hand, is broken.
    """
    demand(ctx, asker, "quality_open", batch)
    papers = _lot_of(ctx, batch)
    hands, rounds = _told_by_journal(ctx, batch)
    former = ctx.quality.newest(batch)
    last = max(rounds, former.round if former else 0)
    if again != (last > 0):
        _refuse_round(batch, last)
    if (
        again
        and former
        and former.round == last
        and (state := tally(former, ctx.quality.checks(former)).state) != "blocked"
    ):
        word = told("state_open" if state == "open" else "state_accepted")
        raise UsageError("lot_not_refused", remedy="only_refused_again", batch=batch, state=word)
    reason = checked("reason", reason) if again or reason else ""
    choice = ctx.settings.quality
    asked = {name: value for name, value in (("aql", aql), ("level", level)) if value is not None}
    choice = choice.model_copy(update=asked)
    inspection, lot = draw_lot(batch, last + 1, {paper.id: paper.pages for paper in papers}, choice, asker.who)
    inspection = inspection.model_copy(update={"reason": reason})
    lot = [paper.model_copy(update={"hands": _hands(hands, paper.paper_id)}) for paper in lot]
    with ctx.quality.enter(inspection, lot):
        ctx.journal.record(_event(asker, inspection))
    return inspection


def draw_lot(
    batch: str, number: int, pages: Mapping[str, int], choice: QualitySettings, who: str
) -> tuple[Inspection, list[LotPaper]]:
    """The plan and the sample of a lot, whose papers have so many pages; nothing is kept of it yet.

    Raises:
        UsageError: there is no plan for that.
    """
    tables, size = load_sampling(), len(pages)
    plan = tables.plan(size, choice.aql, choice.level)
    if size <= choice.whole_up_to:
        plan = tables.plan_of_whole(size, choice.aql)
    inspection = Inspection(
        batch_id=batch,
        round=number,
        opened_at=now(),
        opened_by=who,
        reason="",
        papers=size,
        pages=sum(pages.values()),
        list_sha256=list_digest(pages),
        aql=choice.aql,
        level=choice.level,
        letter=plan.letter,
        sample=min(plan.sample, size),
        allowed=plan.allowed,
        critical=choice.critical,
        critical_allowed=choice.critical_allowed,
        plan_source=tables.standard,
        plan_confirmed=tables.confirmed,
        seed=fresh_seed(),
    )
    places = {name: place for place, name in enumerate(draw_sample(pages, inspection.seed, inspection.sample), 1)}
    return inspection, [LotPaper(paper_id=name, place=places.get(name), hands=()) for name in sorted(pages)]


def _hands(hands: Mapping[str, set[str]], paper_id: str) -> tuple[str, ...]:
    """Who had a paper in hand; a part of a stack came with the whole."""
    return tuple(sorted({*hands.get(paper_id, ()), *hands.get(paper_id.partition("-")[0], ())}))


def _refuse_round(batch: str, last: int) -> None:
    """Say how it is opened.

    Raises:
        UsageError: always.
    """
    if last:
        raise UsageError("lot_opened_before", remedy="see_lot_then_again", batch=batch)
    raise UsageError("lot_never_opened", remedy="leave_again_out", batch=batch)


def _lot_of(ctx: Services, batch: str) -> list[Paper]:
    """The papers of a closed batch, by id.

    Raises:
        NotFound: there is no such batch.
        UsageError: it is not closed, papers of it wait or are lost, or it has none.
    """
    known = next((item for item in ctx.ledger.batches() if item["id"] == batch), None)
    if known is None:
        raise NotFound("no_batch", remedy="see_all_batches", batch=batch)
    under_way = sum(len(ctx.ledger.entries(batch, state)) for state in UNDER_WAY)
    if known["closed_at"] is None or under_way:
        what = "batch_under_way" if under_way else "batch_not_closed"
        raise UsageError(what, remedy="ingest_until_end", number=under_way, batch=batch)
    archived = ctx.ledger.archived(batch)
    withdrawn = gone(ctx, archived)  # no part of the lot: nobody is told that they were here
    ids = [name for name in archived if name not in withdrawn]
    papers = [paper for part in _parts(ids) for paper in ctx.catalogue.some(part)]
    if len(papers) < len(ids):
        raise UsageError("batch_papers_lost", remedy="see_status_doctor", number=len(ids) - len(papers), batch=batch)
    if not papers:
        raise UsageError("batch_without_papers", remedy="see_what_became", batch=batch)
    return sorted(papers, key=lambda paper: paper.id)


def _parts(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for first in range(0, len(ids), _MANY):
        yield ids[first : first + _MANY]


def _told_by_journal(ctx: Services, batch: str) -> tuple[defaultdict[str, set[str]], int]:
    """Who put papers in or decided about them, and the last round of the batch, also where its database is lost."""
    hands: defaultdict[str, set[str]] = defaultdict(set)
    last = 0
    for event in ctx.journal.events():
        if event["event"] == "received" and event["document"]:
            hands[event["document"]].add(event["who"])
        elif event["event"] in _HANDS:
            hands[event["subject"]].add(event["who"])
        elif (event["event"], event["subject"]) == ("quality_opened", batch):
            last = max(last, int(event["round"]))
    return hands, last


def _event(asker: Asker, inspection: Inspection) -> QualityOpened:
    names = QualityOpened.model_fields.keys() & Inspection.model_fields.keys()
    return QualityOpened(**dict(asker), subject=inspection.batch_id, **inspection.model_dump(include=names))
