"""What ends a paper that waits: it is here already, or a person wants nothing of it."""

from archive.interface import LedgerEntry
from domain.errors import UsageError
from domain.events import PaperDiscarded
from domain.messages.papers import other_paper
from domain.messages.told import Reason, Told, as_params, told
from domain.owners import mask_text
from domain.states import EndedState
from domain.values import checked
from pipeline.embedded import at_work
from pipeline.flow import DIGITISE
from pipeline.runner import tidy
from services.context import Services
from services.permissions import Asker
from services.review.entries import demand_state, is_duplicate, seen_entry


def discard(ctx: Services, asker: Asker, document_id: str, why: str) -> None:
    """End a held or refused scan: as the same paper as another one, or because of ``why``.

    Nothing is kept of it but the record of the decision; the file that was put in stays where it is.

    Raises:
        NotAllowed: the role may not.
        NotFound: no such document is held or refused.
        UsageError: it is not held as a duplicate, and no reason is given.
        AlreadyDecided: somebody else was faster.
        Busy: the catalogue is being made anew.
    """
    entry = seen_entry(ctx, asker, document_id)
    demand_state(ctx, entry, "held", "refused")
    with at_work(ctx.settings):
        _end(ctx, entry, why, asker)


def end_former(ctx: Services, former: str, by: str, asker: Asker) -> None:
    """End a paper that was still held when a longer scan of it took its place; an archived one is replaced later."""
    entry = ctx.ledger.entry(former)
    if entry is not None and entry.state == "held":
        _end(ctx, entry, told("longer_scan_of_it", paper=other_paper(by)), asker)


def _end(ctx: Services, entry: LedgerEntry, why: str | Told, asker: Asker) -> None:
    is_same = is_duplicate(entry)
    if isinstance(why, str):
        why = mask_text(checked("reason", why)) if why.strip() else ""
    if not is_same and not why:
        raise UsageError(f"{entry.id} is not held as a duplicate", remedy='Say why it is ended: --reason "…"')
    reason = entry.reason
    if not is_same:
        params = as_params({"why": why, "who": asker.who, "stopped": entry.reason.inner})
        reason = Reason(word="discarded", what="discarded", params=params)
    state: EndedState = "duplicate" if is_same else "discarded"
    with ctx.journal.once(entry.id) as tell, ctx.ledger.discard(entry, state, reason, asker.who):
        tell(PaperDiscarded(**dict(asker), subject=entry.id, told=reason.text("en")))
    if DIGITISE.has_passed("code", entry.stage):
        ctx.catalogue.free_result(entry.id)
    ended = ctx.ledger.entry(entry.id)
    if ended is not None:
        tidy(ctx, ended)
