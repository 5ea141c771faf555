"""index: the archived paper becomes findable, through the outbox."""

from domain.events import LINE, Actor
from pipeline.context import Context
from pipeline.former.rescans import end_rescanned
from pipeline.indexing import drain_now_and_then
from pipeline.records import Archived, Indexed
from pipeline.standing import replace


def index(archived: Archived, ctx: Context) -> Indexed:
    """What waits in the outbox is sent together, every 10 s and at the end; while the engine is away it waits on."""
    if not ctx.catalogue.outbox.is_settled(archived.outbox):
        drain_now_and_then(ctx)
    if archived.replaces is not None:
        by = archived.placed_by or Actor(who=archived.confirmed_by or LINE)
        replace(ctx, archived.replaces, archived.document_id, by)
    if archived.rescan_of:
        end_rescanned(ctx, archived)
    return Indexed.after(archived)
