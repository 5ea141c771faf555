"""The row of a paper about which somebody decides: what he sees of it, and whether it still waits for him."""

from datetime import datetime, timedelta

from archive.errors import AlreadyDecided
from archive.interface import LedgerEntry
from domain.clock import listed, now
from domain.errors import NotFound
from domain.states import OVER, DocumentState
from pipeline.errors import LongerScan, SameDocument
from pipeline.runner import archived_since, bring_level, tidy
from services.context import Services
from services.document import document_view
from services.permissions import Asker, demand, sees
from services.secrecy.withheld import demand_no_secret, is_unread


def seen_entry(ctx: Services, asker: Asker, document_id: str, *, sends_back: bool = False) -> LedgerEntry:
    """The document as it is while the asker decides: what he decides counts only if it has stayed so.

    ``sends_back``: one person may have a paper that nobody could read scanned again: that holds it back, too.

    Raises:
        NotAllowed: the role may not.
        NotFound: there is none, or it is not there for the asker.
        UsageError: it may be secret, which others decide first.
    """
    demand(ctx, asker, "review", document_id)
    entry = ctx.ledger.entry(document_id)
    dossier = document_view(ctx, document_id).numbered if entry else None
    if entry is None or not sees(ctx, asker, "review", document_id, dossier=dossier):
        raise not_held(document_id)
    if not (sends_back and is_unread(entry)):
        demand_no_secret(entry)
    return entry


def demand_state(ctx: Services, entry: LedgerEntry, *states: DocumentState) -> None:
    """Let only those go on whose paper is in one of these states, as the archive tells, too.

    Raises:
        AlreadyDecided: it was decided about, or archived, before.
        NotFound: it never waited.
    """
    if (paper := archived_since(ctx, entry)) is not None:
        bring_level(ctx, entry)
        raise AlreadyDecided("archived_before_ledger", id=entry.id, day=listed(paper.archived_at))
    if entry.state not in states:
        if entry.state in OVER:
            tidy(ctx, entry)  # the command that brought it to its end may have been cut off before it did
        raise ctx.ledger.decided(entry.id) if ctx.ledger.decision(entry.id) else not_held(entry.id)


def not_held(document_id: str) -> NotFound:
    """What is answered for a paper that does not wait, or is not there for the asker."""
    return NotFound("no_held_document", remedy="see_waiting", id=document_id)


def is_under_way(ctx: Services, entry: LedgerEntry, asker: Asker) -> bool:
    """Whether the asker let it go on himself, and it has not come to an end: his command was cut off."""
    last = ctx.ledger.decision(entry.id) if entry.state == "waiting" else None
    return last is not None and (last.outcome, last.error.params.get("who")) == ("released", asker.who)


def is_duplicate(entry: LedgerEntry) -> bool:
    """Whether a paper waits because it is perhaps the same as another one."""
    return entry.reason.word == SameDocument.reason


def is_named(entry: LedgerEntry) -> bool:
    """Whether a paper waits because of another one that its reason names."""
    return is_duplicate(entry) or entry.reason.word == LongerScan.reason


def undo_until(ctx: Services) -> datetime | None:
    """Until when what is decided now can be taken back; None: it cannot."""
    days = ctx.settings.intake.undo_days
    return now() + timedelta(days=days) if days else None
