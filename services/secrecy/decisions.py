"""Whether a paper that stopped as perhaps secret is one: two persons say that it is not, one that it is."""

from typing import Literal

from archive.interface import LedgerEntry
from domain.clock import now, stated
from domain.codes import agency_of
from domain.errors import UsageError
from domain.events import SecrecyDecided
from domain.messages.told import Reason, told
from domain.owners import mask_text
from domain.record import Frozen
from domain.secrecy.persons import person_of
from domain.values import checked
from pipeline.embedded import at_work
from pipeline.errors import RecordUnreadable
from pipeline.flow import DIGITISE
from pipeline.records import Decision, Received, Statement, read_record, shown_record
from pipeline.runner import last_record, run_through, tidy
from pipeline.secrecy.stop import ABOUT, NEEDED, PerhapsSecret, SeenIn, vouched
from services.context import Services
from services.permissions import Asker, NotAllowed, demand, refuse, sees
from services.review.entries import demand_state, not_held
from services.secrecy.withheld import waits_for_secrecy
from services.unseen import dossier_of

SecrecyVerdict = Literal["secret", "not_secret"]


class SecrecyOutcome(Frozen):
    """What came of a decision: ``second_needed``, ``goes_on``, or ``ended``; ``source`` is the file to be removed."""

    id: str
    came: str
    source: str = ""


def say_not_secret(ctx: Services, asker: Asker, document_id: str, why: str) -> SecrecyOutcome:
    """Say that a paper which stopped is not secret; when two persons did, it goes on by itself.

    Raises:
        NotAllowed: the role may not, or the asker scanned the paper or said so before: another one must.
        NotFound: no such paper waits, or it is not there for the asker.
        UsageError: no reason is given, or it does not wait for that.
        AlreadyDecided: somebody else was faster.
    """
    entry = _seen_entry(ctx, asker, document_id)
    reason = given_reason(why)
    if entry.state == "waiting" and person_of(asker.who) in _who_said(entry):  # cut off behind the decision
        return _go_on(ctx, entry)
    demand_state(ctx, entry, "held")
    _demand_waits(entry)
    record, seen = last_record(entry), _what_was_seen(entry)
    said = vouched(record, seen)
    if person_of(asker.who) in {person_of(item.who) for item in said}:
        return SecrecyOutcome(id=entry.id, came="second_needed")
    if person_of(asker.who) == person_of(record.scanned_by):
        refuse(ctx, asker, "secrecy", entry.id, "same_person")
        raise NotAllowed("secrecy_same_person", remedy="another_decides_secrecy", id=entry.id, who=asker.who)
    made = Decision(about=ABOUT, value=seen, reason=reason, who=asker.who, at=now())
    after = record.model_copy(update={"decisions": (*record.decisions, made)})
    event = _event(entry, asker, "not_secret", seen, reason)
    is_settled = len(vouched(after, seen)) >= NEEDED
    text = after.model_dump_json()
    if not is_settled:
        waits = _waits_for_second(entry, made, record)
        with ctx.journal.once(entry.id) as tell, ctx.ledger.keep(entry, "vouched", text, waits, asker.who):
            tell(event)
        return SecrecyOutcome(id=entry.id, came="second_needed")
    with ctx.journal.once(entry.id) as tell, ctx.ledger.release(entry, text, asker.who):
        tell(event)
    return _go_on(ctx, entry)


def say_secret(ctx: Services, asker: Asker, document_id: str, why: str) -> SecrecyOutcome:
    """End a paper as secret: what was made of it here is erased; the paper and its file are for who keeps secrets.

    Raises:
        NotAllowed: the role may not.
        NotFound: no such paper waits, or it is not there for the asker.
        UsageError: no reason is given, or it does not wait for that.
        AlreadyDecided: somebody else was faster.
    """
    entry = _seen_entry(ctx, asker, document_id)
    reason = given_reason(why)
    if entry.state != "secret":
        demand_state(ctx, entry, "held")
        _demand_waits(entry)
        ended = Reason(word=PerhapsSecret.reason, what="ended_as_secret", params={"who": asker.who, "why": reason})
        with (
            ctx.journal.once(entry.id) as tell,
            ctx.ledger.discard(entry, "secret", ended, asker.who, record=bare_record(entry, ctx.settings.agency)),
        ):
            tell(_event(entry, asker, "secret", _what_was_seen(entry), reason))
    ctx.ledger.forget_errors(entry.id)
    tidy(ctx, entry.model_copy(update={"state": "secret"}))  # once more, where a command was cut off before it
    return SecrecyOutcome(id=entry.id, came="ended", source=read_record(Received, entry.id, entry.record).source)


def _seen_entry(ctx: Services, asker: Asker, document_id: str) -> LedgerEntry:
    demand(ctx, asker, "secrecy", document_id)
    entry = ctx.ledger.entry(document_id)
    if entry is None or not sees(ctx, asker, "secrecy", document_id, dossier=dossier_of(ctx, document_id)):
        raise not_held(document_id)
    return entry


def _demand_waits(entry: LedgerEntry) -> None:
    if not waits_for_secrecy(entry):
        raise UsageError("waits_not_for_secrecy", remedy="see_what_it_waits_for", id=entry.id)


def given_reason(why: str) -> str:
    """Why somebody says that a paper is secret or not, without identity numbers.

    Raises:
        UsageError: nothing is said.
    """
    if not why.strip():
        raise UsageError("secrecy_without_reason", remedy="give_reason")
    return mask_text(checked("reason", why))


def _what_was_seen(entry: LedgerEntry) -> SeenIn:
    """What the decision is about: the manifest's word before the pages are looked at, else what stands on them."""
    return "manifest" if entry.stage == DIGITISE.stages[0].name else "paper"


def _who_said(entry: LedgerEntry) -> set[str]:
    record = read_record(Received, entry.id, entry.record)
    return {person_of(item.who) for item in record.decisions if item.about == ABOUT}


def _waits_for_second(entry: LedgerEntry, made: Decision, record: Received) -> Reason:
    what = entry.reason.params.get("seen") or told(entry.reason.what, **entry.reason.params)
    names = {"seen": what, "who": made.who, "at": stated(made.at), "why": made.reason, "scanned": record.scanned_by}
    return Reason(word=PerhapsSecret.reason, what="secrecy_second", remedy="second_decides_secrecy", params=names)


def _event(entry: LedgerEntry, asker: Asker, verdict: SecrecyVerdict, seen: SeenIn, why: str) -> SecrecyDecided:
    return SecrecyDecided(**dict(asker), subject=entry.id, verdict=verdict, seen=seen, batch=entry.batch_id, why=why)


def bare_record(entry: LedgerEntry, keeper: str) -> str:
    """What is kept of the record of a secret paper: batch, box and position, time, and its agency (law L8.6).

    Where its file came from stays, too, to be removed, and who said whether it is secret.
    """
    try:
        record = read_record(Received, entry.id, entry.record)
    except RecordUnreadable:
        return "{}"
    belongs, stated = shown_record(entry.record).belongs, record.statement
    return Received(
        document_id=record.document_id,
        batch_id=record.batch_id,
        part=record.part,
        source=record.source,
        media=record.media,
        scan=record.scan,
        received_at=record.received_at,
        statement=Statement(box=stated.box, position=stated.position),
        decisions=tuple(item for item in record.decisions if item.about == ABOUT),
        within=agency_of(belongs, keeper) if belongs else None,
        scanned_by=record.scanned_by,
    ).model_dump_json()


def _go_on(ctx: Services, entry: LedgerEntry) -> SecrecyOutcome:
    with at_work(ctx.settings):
        run_through(ctx, entry.id)
    return SecrecyOutcome(id=entry.id, came="goes_on")
