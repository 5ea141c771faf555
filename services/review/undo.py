"""A person takes his own last decision about a paper back, as long as nothing came of it."""

from contextlib import suppress
from datetime import datetime

from archive.interface import LedgerEntry, Undo
from domain.clock import now
from domain.errors import UsageError
from domain.review_events import DecisionTakenBack
from pipeline.errors import RecordUnreadable
from pipeline.flow import DIGITISE
from pipeline.former.rescans import on_their_way
from pipeline.records import Described, read_record
from services.context import Services
from services.permissions import Asker, NotAllowed
from services.review.entries import seen_entry


def take_back(ctx: Services, asker: Asker, document_id: str) -> None:
    """Let a paper stand as before the asker's last decision about it.

    Raises:
        NotAllowed: the role may not, or somebody else decided.
        NotFound: there is no such paper.
        UsageError: there is nothing to be taken back any more, or something came of the decision already.
        AlreadyDecided: the paper went on a moment ago.
    """
    entry = seen_entry(ctx, asker, document_id)
    undo, last = ctx.ledger.undo(entry.id), ctx.ledger.decision(entry.id)
    if undo is None and last is not None and (last.outcome, last.error.params.get("who")) == ("taken_back", asker.who):
        return  # the same command once more
    if undo is None or last is None or undo.until <= now():
        raise UsageError("no_decision_to_undo", remedy="see_its_history", id=entry.id)
    if undo.who != asker.who:
        raise NotAllowed("decided_by_another", remedy="ask_who_decided", id=entry.id, who=undo.who)
    if _came_of_it(entry, undo):
        raise UsageError("came_of_decision", remedy="see_its_history", id=entry.id, state=entry.state)
    if new := on_their_way(ctx, [entry.id]):
        raise UsageError("new_scan_on_its_way", remedy="end_new_scan_first", id=entry.id, new=new[entry.id])
    event = DecisionTakenBack(**dict(asker), subject=entry.id, decision=str(last.outcome))
    with ctx.journal.once(entry.id) as tell, ctx.ledger.take_back(entry, undo, asker.who):
        tell(event)


def taken_back_until(ctx: Services, asker: Asker, document_id: str) -> datetime | None:
    """Until when the asker may take back what he decided last of a paper; None where he may not."""
    undo, entry = ctx.ledger.undo(document_id), ctx.ledger.entry(document_id)
    if undo is None or entry is None or undo.who != asker.who or undo.until <= now() or _came_of_it(entry, undo):
        return None
    return undo.until


def _came_of_it(entry: LedgerEntry, undo: Undo) -> bool:
    """Whether the paper went on since, another one ended by it, or its result code was given back."""
    if not undo.is_left(entry) or (entry.is_over and DIGITISE.has_passed("code", undo.stage)):
        return True
    with suppress(RecordUnreadable):  # nothing was read yet
        made, before = (read_record(Described, entry.id, text) for text in (entry.record, undo.record))
        return made.replaces != before.replaces
    return False
