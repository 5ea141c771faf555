"""The search index kept in step with the catalogue, by a person or a clock."""

from typing import NamedTuple

from archive.outbox import Lag
from domain.errors import SetupError
from domain.events import IndexSent
from pipeline.indexing import Differences, compare_index, drain, rebuild_index, reconcile, sound_index, tell_hindrance
from search.errors import LATER, IndexOfAnother, IndexOutdated
from services.context import Services
from services.permissions import Asker, demand


class Sending(NamedTuple):
    """How many papers were sent to the index, and why it had to be made anew, if it had."""

    papers: int
    anew: str = ""


def send(ctx: Services, asker: Asker) -> Sending:
    """Send the index what waits for it; one that is missing or cannot be used is made anew.

    Raises:
        NotAllowed: the role may not.
        IndexOfAnother: it belongs to another catalogue, which may be in use.
        EngineAway, EngineRefuses, IndexBusy, IndexNotWritten: not now; what was not sent waits.
    """
    demand(ctx, asker, "index")
    try:
        number = drain(ctx)
        if ctx.catalogue.outbox.sent().last:
            with sound_index(ctx):
                pass
    except IndexOfAnother:
        raise
    except IndexOutdated as error:
        return Sending(make_anew(ctx, asker), error.told.text())
    if number:
        ctx.journal.record(IndexSent(**dict(asker), subject="index", how="sent", papers=number))
    return Sending(number)


def keep_sending(ctx: Services, asker: Asker) -> None:
    """Do what ``send`` does if that can be done now; what hinders it is said in the log, once.

    Raises:
        NotAllowed: the role may not.
    """
    demand(ctx, asker, "index")
    try:
        sending = send(ctx, asker)
    except (*LATER, SetupError) as error:
        tell_hindrance(ctx, error.told.text())
    else:
        tell_hindrance(ctx, "", sending.papers)


class Mended(NamedTuple):
    """What had differed between index and catalogue, and what differs yet."""

    found: Differences
    left: Differences


def mend(ctx: Services, asker: Asker) -> Mended:
    """Compare the index with the catalogue, send what differs, and see whether it is mended.

    Raises:
        NotAllowed: the role may not.
        EngineAway, EngineRefuses, IndexBusy, IndexNotWritten: not now.
    """
    demand(ctx, asker, "index")
    found = reconcile(ctx)
    ctx.journal.record(IndexSent(**dict(asker), subject="index", how="compared", papers=len(found.all)))
    return Mended(found, compare_index(ctx) if found.all else found)


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
