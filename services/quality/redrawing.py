"""A paper that was withdrawn leaves a sample that is not settled, and the next one of the draw takes its place.

The draw puts the whole lot in an order that chance alone made, so that the first papers of those that are left are a
random sample of them, as ISO 2859-1 asks of one.  A paper that somebody looked at stays counted: else a defect would
be got rid of by withdrawing its paper.  One that is given back later does not return: another was drawn for it.
"""

from collections import deque
from collections.abc import Collection, Sequence
from contextlib import suppress

from archive.database import is_made
from archive.inspections.records import Inspection, LotPaper, PaperCheck, Redrawn
from domain.clock import now
from domain.errors import SetupError
from domain.events import LotDecided, SampleRedrawn
from services.context import Services
from services.permissions import Asker
from services.quality.drawing import draw_sample
from services.quality.kept import signed_minutes
from services.quality.tally import Tally, newest_checks, tally
from services.secrecy.unsaid import gone


def take_out_withdrawn(ctx: Services, by: Asker, paper_id: str) -> None:
    """Take a paper that was withdrawn out of the sample of its lot, if it is in one.

    What hinders that does not hinder the withdrawal: whoever checks another paper, or wants the minutes, does it.
    """
    with suppress(SetupError, OSError):
        found = ctx.quality.of_paper(paper_id) if _is_made(ctx) else None
        if found is not None:
            redraw(ctx, by, found[0])


def forget_findings(ctx: Services, paper_id: str) -> None:
    """Keep of what was found in a paper that is erased only the kinds of defects."""
    if _is_made(ctx):
        ctx.quality.forget_defects(paper_id)


def _is_made(ctx: Services) -> bool:
    """A store in which no sample was drawn gets no database by being asked."""
    url = ctx.settings.quality_url
    return not url.startswith("sqlite") or is_made(url)


def redraw(ctx: Services, by: Asker, inspection: Inspection) -> Inspection:
    """Take out of a sample that is not settled what was withdrawn before anybody looked at it; the inspection since."""
    looked = newest_checks(ctx.quality.checks(inspection))
    if not gone(ctx, (paper.paper_id for paper in ctx.quality.sample(inspection) if paper.paper_id not in looked)):
        return inspection
    with ctx.journal.once(inspection.name, "sample") as tell:

        def decide(known: Inspection, lot: Sequence[LotPaper], checks: Sequence[PaperCheck]) -> Redrawn | None:
            if tally(known, checks).state != "open" or signed_minutes(ctx, known) is not None:
                return None
            redrawn, instead = _redrawn(
                known, lot, gone(ctx, (item.paper_id for item in lot)), newest_checks(checks), by
            )
            place = {"batch": known.batch_id, "round": known.round}
            tell(*(SampleRedrawn(**dict(by), subject=name, **place, instead=its) for name, its in instead.items()))
            after = tally(known.model_copy(update={"short": redrawn.short}), checks)
            if after.state != "open":
                tell(lot_decided(by, known, after))
            return redrawn

        ctx.quality.redraw(inspection, decide)
    return ctx.quality.newest(inspection.batch_id) or inspection


def lot_decided(by: Asker, inspection: Inspection, counted: Tally) -> LotDecided:
    """What is told when it is settled whether a lot is accepted, or is so no more."""
    known = counted.model_dump(include={"state", "checked", "defective", "critical"})
    return LotDecided(**dict(by), subject=inspection.batch_id, round=inspection.round, **known)


def _redrawn(
    known: Inspection, lot: Sequence[LotPaper], lost: Collection[str], looked: Collection[str], by: Asker
) -> tuple[Redrawn, dict[str, str | None]]:
    """What changes of a sample, and what stands in the place of each paper that leaves it."""
    papers = {paper.paper_id: paper for paper in lot}
    order = draw_sample(papers, known.seed, len(papers))
    drawn = sorted((item for item in lot if item.place is not None), key=lambda item: item.place or 0)
    rest = iter(order[drawn[-1].place :])
    sample = (paper.paper_id for paper in drawn if paper.out_at is None)
    leaving = deque(name for name in sample if name in lost and name not in looked)
    changed: dict[str, LotPaper] = {}
    instead: dict[str, str | None] = {}
    while leaving:
        name = leaving.popleft()
        out = {"out_at": now(), "out_by": by.who}
        changed[name] = changed.get(name, papers[name]).model_copy(update=out)
        instead[name] = found = next(rest, None)
        if found is not None:
            changed[found] = papers[found].model_copy(update={"place": order.index(found) + 1})
            leaving += [found] if found in lost else []
    short = known.short + sum(found is None for found in instead.values())
    return Redrawn(papers=tuple(changed.values()), short=short), instead
