"""How far the inspection of a lot is, and what was found."""

from collections.abc import Mapping, Sequence

from archive.database import is_made
from archive.errors import VaultDamaged
from archive.inspections.records import Inspection
from domain.clock import Moment
from domain.errors import NotFound
from domain.record import PublicView
from domain.states import LotState
from services.context import Services
from services.permissions import Asker, demand
from services.quality.intervals import CONFIDENCE, clopper_pearson
from services.quality.kept import signed_minutes
from services.quality.tally import newest_checks, tally
from services.secrecy.unsaid import gone


class Rate(PublicView):
    """Papers of a sample with a defect of a kind: how many, their share, and between which that of the lot lies.

    ``low`` and ``high`` are None where the whole lot is looked at, and the share is the lot's own.
    """

    papers: int
    share: float | None
    low: float | None
    high: float | None
    critical: bool = False


class LotView(PublicView):
    """A lot in numbers; ``left`` are papers of its sample that nobody looked at yet, in the order of the draw.

    ``out``: so many papers left the sample unseen, being held no more; the next of the draw follow, as far as the lot
    has any: ``short`` places are empty.

    ``minutes`` is the digest of the signed ones, or the fixed word why they cannot be read.
    ``later``: so many papers came to the batch after the sample was drawn; they are in no lot.  ``again``: so many
    checks took the place of an earlier one.  ``confidence`` is that of ``low`` and ``high``.
    """

    batch: str
    round: int
    state: LotState
    reason: str
    opened_at: Moment
    opened_by: str
    papers: int
    pages: int
    later: int
    list_sha256: str
    plan: str
    plan_confirmed: bool
    aql: float
    level: str
    letter: str
    seed: str
    sample: int
    out: int
    short: int
    allowed: int
    critical_allowed: int
    checked: int
    defective: Rate
    critical: Rate
    kinds: Mapping[str, Rate]
    confidence: float
    checkers: tuple[str, ...]
    again: int
    left: tuple[str, ...]
    minutes: str | None


def lot_view(ctx: Services, asker: Asker, batch: str) -> LotView:
    """The last inspection of a batch; of papers only their ids, and so it is not recorded.

    Raises:
        NotAllowed: the role may not.
        NotFound: no sample of such a batch was drawn.
    """
    demand(ctx, asker, "quality_show", batch)
    return _view(ctx, _inspection(ctx, batch))


def lot_views(ctx: Services, asker: Asker) -> list[LotView]:
    """The last inspection of every batch that has one, in the order in which they were opened.

    Raises:
        NotAllowed: the role may not.
    """
    demand(ctx, asker, "quality_show")
    return [_view(ctx, item) for item in _newest(ctx).values()]


def lot_list(ctx: Services, asker: Asker, batch: str) -> list[str]:
    """The ids of all papers of a lot, sorted: what its digest is of.

    Raises:
        NotAllowed: the role may not.
        NotFound: no sample of such a batch was drawn.
    """
    demand(ctx, asker, "quality_show", batch)
    return ctx.quality.lot(_inspection(ctx, batch))


def lot_states(ctx: Services) -> dict[str, LotState]:
    """How the lots of batches stand; a store in which no sample was drawn gets no database by being asked."""
    url = ctx.settings.quality_url
    if url.startswith("sqlite") and not is_made(url):
        return {}
    return {batch: tally(item, ctx.quality.checks(item)).state for batch, item in _newest(ctx).items()}


def _newest(ctx: Services) -> dict[str, Inspection]:
    return {item.batch_id: item for item in ctx.quality.all()}


def _inspection(ctx: Services, batch: str) -> Inspection:
    found = ctx.quality.newest(batch)
    if found is None:
        raise NotFound("no_sample_drawn", remedy="see_lots_or_draw", batch=batch)
    return found


def _view(ctx: Services, item: Inspection) -> LotView:
    checks, drawn = ctx.quality.checks(item), ctx.quality.drawn(item)
    sample = [paper.paper_id for paper in drawn if paper.out_at is None]
    counted, counting = tally(item, checks), newest_checks(checks)
    left = [name for name in sample if name not in counting]
    withdrawn = gone(ctx, left)  # after the lot was settled nothing takes their place

    def rate(papers: int, *, critical: bool = False) -> Rate:
        return _rate(item, papers, counted.checked, critical=critical)

    known = item.model_dump(exclude={"batch_id", "critical", "plan_source"})
    return LotView(
        **known,
        batch=item.batch_id,
        plan=item.plan_source,
        state=counted.state,
        later=len(_later(ctx, item)),
        checked=counted.checked,
        defective=rate(counted.defective),
        critical=rate(counted.critical, critical=True),
        kinds={kind: rate(n, critical=kind in item.critical) for kind, n in sorted(counted.kinds.items())},
        confidence=CONFIDENCE,
        checkers=tuple(sorted({check.who for check in counting.values()})),
        again=len(checks) - len(counting),
        out=len(drawn) - len(sample),
        left=tuple(name for name in left if name not in withdrawn),
        minutes=_minutes(ctx, item),
    )


def _minutes(ctx: Services, item: Inspection) -> str | None:
    try:
        kept = signed_minutes(ctx, item)
    except VaultDamaged as error:
        return error.reason
    return kept.sha256 if kept else None


def _later(ctx: Services, item: Inspection) -> Sequence[str]:
    lot = set(ctx.quality.lot(item))
    later = [name for name in ctx.ledger.archived(item.batch_id) if name not in lot]
    lost = gone(ctx, later)
    return [name for name in later if name not in lost]


def _rate(item: Inspection, papers: int, looked: int, *, critical: bool) -> Rate:
    share = papers / looked if looked else None
    if item.sample >= item.papers:
        return Rate(papers=papers, share=share, low=None, high=None, critical=critical)
    low, high = clopper_pearson(papers, looked)
    return Rate(papers=papers, share=share, low=low, high=high, critical=critical)
