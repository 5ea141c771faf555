"""index: the archived paper becomes findable, through the outbox."""

from pipeline.context import Context
from pipeline.indexing import drain_if_possible
from pipeline.records import Archived, Indexed


def index(archived: Archived, ctx: Context) -> Indexed:
    """Whoever comes sends all that waits in the outbox; when the search engine is away it goes on waiting there."""
    if not ctx.catalogue.outbox.is_settled(archived.outbox):
        drain_if_possible(ctx)
    return Indexed.after(archived)
