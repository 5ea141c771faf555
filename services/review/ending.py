"""What ends a paper that waits: it is here already, or a person wants nothing of it."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Literal

from archive.interface import LedgerEntry
from domain.errors import UsageError
from domain.messages.papers import other_paper
from domain.messages.told import Reason, Told, as_params, told
from domain.owners import mask_text
from domain.review_events import PaperDiscarded, PaperRejected
from domain.states import EndedState
from domain.values import checked
from pipeline.embedded import at_work
from pipeline.flow import DIGITISE
from pipeline.runner import tidy
from services.context import Services
from services.permissions import Asker
from services.review.entries import demand_state, is_duplicate, seen_entry, undo_until
from services.secrecy.withheld import waits_for_secrecy

Rejection = Literal["rescan", "bring-again", "not-digitised"]

_REJECTED: Mapping[Rejection, Reason] = MappingProxyType(
    {
        "rescan": Reason(word="rescan", what="rejected_rescan", remedy="scan_again_as"),
        "bring-again": Reason(word="bring_again", what="rejected_bring_again", remedy="ask_owner"),
        "not-digitised": Reason(word="not_digitised", what="rejected_not_digitised", remedy="keep_on_paper"),
    }
)


def reject(ctx: Services, asker: Asker, document_id: str, kind: Rejection, why: str) -> None:
    """Send a held or refused paper back: it is scanned again, brought again, or not digitised, for a reason.

    Nothing is kept of it but the record of the decision; the file that was put in stays where it is.  What is to be
    scanned again stands on a list of its own until a new scan of it was archived.

    Raises:
        NotAllowed: the role may not.
        NotFound: no such document is held or refused.
        UsageError: no reason is given, or it waits because something speaks for a secret.
        AlreadyDecided: somebody else was faster.
        Busy: the catalogue is being made anew.
    """
    entry = seen_entry(ctx, asker, document_id, sends_back=True)
    demand_state(ctx, entry, "held", "refused")
    why = mask_text(checked("reason", why))
    params = as_params({"id": entry.id, "why": why, "who": asker.who, "stopped": entry.reason.happened})
    reason = _REJECTED[kind].model_copy(update={"params": params})
    event = PaperRejected(**dict(asker), subject=entry.id, kind=kind, told=reason.text("en"))
    with at_work(ctx.settings):
        _enter_end(ctx, entry, "discarded", reason, event, asker, until=undo_until(ctx))


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
        _end(ctx, entry, why, asker, until=undo_until(ctx))


def end_former(ctx: Services, former: str, by: str, asker: Asker) -> None:
    """End a paper that was still held when a longer scan of it took its place; an archived one is replaced later.

    One that may be secret stays: two persons decide about it.
    """
    entry = ctx.ledger.entry(former)
    if entry is not None and entry.state == "held" and not waits_for_secrecy(entry):
        _end(ctx, entry, told("longer_scan_of_it", paper=other_paper(by)), asker)


def _end(ctx: Services, entry: LedgerEntry, why: str | Told, asker: Asker, *, until: datetime | None = None) -> None:
    is_same = is_duplicate(entry)
    if isinstance(why, str):
        why = mask_text(checked("reason", why)) if why.strip() else ""
    if not is_same and not why:
        raise UsageError("not_held_as_duplicate", remedy="say_why_ended", id=entry.id)
    reason = entry.reason
    if not is_same:
        params = as_params({"why": why, "who": asker.who, "stopped": entry.reason.happened})
        reason = Reason(word="discarded", what="discarded", params=params)
    state: EndedState = "duplicate" if is_same else "discarded"
    event = PaperDiscarded(**dict(asker), subject=entry.id, told=reason.text("en"))
    _enter_end(ctx, entry, state, reason, event, asker, until=until)


def _enter_end(
    ctx: Services,
    entry: LedgerEntry,
    state: EndedState,
    reason: Reason,
    event: PaperDiscarded | PaperRejected,
    asker: Asker,
    *,
    until: datetime | None,
) -> None:
    """Enter how a paper ends, and tidy up.

    Its result code is given back first: a command that is cut off here leaves none taken, and a paper that goes on all
    the same takes it anew.
    """
    with ctx.journal.once(entry.id) as tell, ctx.ledger.discard(entry, state, reason, asker.who, until=until):
        if DIGITISE.has_passed("code", entry.stage):
            ctx.catalogue.free_result(entry.id)
        tell(event)
    ended = ctx.ledger.entry(entry.id)
    if ended is not None:
        tidy(ctx, ended)
