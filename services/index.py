"""The search index kept in step with the catalogue, by a person or a clock."""

from archive.outbox import Lag
from domain.events import IndexSent
from pipeline.indexing import Differences, drain, drain_if_possible, rebuild_index, reconcile
from services.context import Services
from services.permissions import Asker, demand


def send(ctx: Services, asker: Asker) -> int:
    """Send the index what waits for it; tells how many papers that were.

    Raises:
        NotAllowed: the role may not.
        EngineAway, IndexBusy, IndexNotWritten: not now; what was not sent waits.
    """
    demand(ctx, asker, "index")
    number = drain(ctx)
    if number:
        ctx.journal.record(IndexSent(**dict(asker), subject="index", how="sent", papers=number))
    return number


def keep_sending(ctx: Services, asker: Asker) -> None:
    """Send what waits if that can be done now, as every worker does after each paper; not recorded.

    Raises:
        NotAllowed: the role may not.
    """
    demand(ctx, asker, "index")
    drain_if_possible(ctx)


def mend(ctx: Services, asker: Asker) -> Differences:
    """Compare the index with the catalogue and send what differs; tells what had differed.

    Raises:
        NotAllowed: the role may not.
        EngineAway, IndexBusy, IndexNotWritten: not now.
    """
    demand(ctx, asker, "index")
    found = reconcile(ctx)
    ctx.journal.record(IndexSent(**dict(asker), subject="index", how="compared", papers=len(found.all)))
    return found


def make_anew(ctx: Services, asker: Asker) -> int:
    """Make the index anew beside the live one; tells how many papers it has.

    Raises:
        NotAllowed: the role may not.
        EngineAway, IndexBusy, IndexNotWritten: not now.
    """
    demand(ctx, asker, "index")
    number = rebuild_index(ctx)
    ctx.journal.record(IndexSent(**dict(asker), subject="index", how="made_anew", papers=number))
    return number


def lag(ctx: Services, asker: Asker) -> Lag:
    """How far the index is behind the catalogue: numbers only, as `status` tells everybody.

    Raises:
        NotAllowed: the role may not.
    """
    demand(ctx, asker, "status", "index")
    return ctx.catalogue.outbox.lag()
