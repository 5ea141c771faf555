"""What a person decides about a paper that waits for it."""

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Literal, NamedTuple

from archive.interface import LedgerEntry
from config.named import understood
from domain.errors import UsageError
from domain.messages.told import Reason
from domain.owners import mask_text
from domain.readings import FieldSource
from domain.review_events import FieldCorrected, PaperReleased
from domain.values import checked
from pipeline.decisions import events_of, opened
from pipeline.embedded import at_work, run_alone
from pipeline.errors import ENDS_PROCESSES, NeedsReview, NoSigner, RecordUnreadable, WorkFileDamaged
from pipeline.flow import DIGITISE
from pipeline.records import Decision, Described, Received, Reviewed, read_record, shown_record
from pipeline.runner import from_scan, last_record, run_through, scan_gone
from pipeline.stages.review import (
    answer_fields,
    asks,
    bears,
    confirm,
    has_said,
    no_longer_scan,
    no_rescan,
    put_in_place,
    set_apart,
)
from services.context import Services
from services.dossiers.owners import confirmation, of_its_owner
from services.permissions import Asker, NotAllowed, bounds, sees
from services.review.ending import end_former
from services.review.entries import demand_state, is_named, is_under_way, seen_entry, undo_until
from services.review.waiting import ASKED
from services.unseen import dossier_of

Settles = Literal["apart", "replaces", "no_rescan"] | None


class _Said(NamedTuple):
    """What a person says at once of a paper; see ``release``."""

    values: Mapping[str, str]
    settles: Settles
    other_owner: str
    why: str
    source: FieldSource


_POLL_S = 0.1
_PATIENCE_S = 2  # a paper before it takes as long from here to its codes


def let_in(
    ctx: Services, asker: Asker, document_id: str, decisions: Sequence[Decision], passwords: Sequence[str]
) -> None:
    """Let a refused or held scan go on as a person decided.

    Raises:
        NotAllowed: the role may not.
        NotFound: no such document is held or refused.
        UsageError: it does not wait for that, or no password opens it.
        RecordUnreadable: another release wrote what the ledger keeps of it.
        AlreadyDecided: somebody else was faster.
        Busy: the catalogue is being made anew.
    """
    entry = seen_entry(ctx, asker, document_id)
    if is_under_way(ctx, entry, asker) and _has(entry, decisions, passwords):
        with at_work(ctx.settings):
            _run(ctx, entry.id)
        return
    demand_state(ctx, entry, "held", "refused")
    for about in [*(item.about for item in decisions), *(["password"] if passwords else [])]:
        if entry.reason.kind not in ASKED[about]:
            raise UsageError("not_waiting_for_that", remedy="see_what_it_waits_for", id=entry.id)
    is_doubted = entry.reason.kind == "dpi_below" and any(item.about == "paper" for item in decisions)
    if is_doubted and not all(item.reason for item in decisions):
        raise UsageError("size_contradicted", remedy="say_why_wrong")
    last_record(entry)
    record = read_record(Received, entry.id, entry.record)
    record = record.model_copy(update={"decisions": (*record.decisions, *decisions)})
    if passwords:
        before, record = record, _opened(ctx, entry, record, passwords, asker)
        if record is before:
            raise UsageError("no_password_opens", remedy="ask_its_maker")
    with at_work(ctx.settings):
        with ctx.journal.once(entry.id) as tell, ctx.ledger.release(entry, record.model_dump_json(), asker.who):
            tell(*events_of(record, asker))
        _run(ctx, entry.id)


def release(
    ctx: Services,
    asker: Asker,
    document_id: str,
    values: Mapping[str, str],
    *,
    settles: Settles = None,
    other_owner: str = "",
    why: str = "",
    source: FieldSource = "person",
) -> None:
    """Confirm a described document and settle how it stands to others, or let a failed stage be tried again; go on.

    Values alone answer what is asked about these fields; while more is asked, the document goes on waiting for that.

    Args:
        ctx: the services.
        asker: decides.
        document_id: a held document.
        values: field names with what a person read.
        settles: ``apart``: it is a paper of its own, whatever it looks like; ``replaces``: it takes the place of the
            paper of which it is a longer scan; with both, and with nothing at all, what was asked and is not among the
            values was read rightly.  ``no_rescan``: it is no new scan of the paper whose name its file has.
        other_owner: why the paper belongs in the dossier that is known here as somebody else's.
        why: why the values are as they are; it stays with them.
        source: whether he has the values from the paper, or from a manifest.

    Raises:
        NotAllowed: the role may not, or gives it a dossier of another agency, whose papers it may not see.
        AnothersDossier: its dossier is somebody else's, and that is not confirmed.
        NotFound: no such document is held.
        UsageError: nothing was read yet that could be confirmed, a value cannot be, or it is no longer scan of a paper
            that is there for the asker.
        RecordUnreadable: another release wrote what the ledger keeps of it.
        AlreadyDecided: somebody else was faster.
        Busy: the catalogue is being made anew.
    """
    entry = seen_entry(ctx, asker, document_id)
    why = checked("reason", why) if why.strip() else ""
    said = _Said(understood(values, ctx.catalogues), settles, other_owner, why, source)
    if is_under_way(ctx, entry, asker) and _is_released(entry, said):
        with at_work(ctx.settings):
            _go_on(ctx, entry, asker)
        return
    demand_state(ctx, entry, "held")
    last_record(entry)  # else nothing can be confirmed, and it would be held again
    if settles is None and said.values and _is_filled(ctx, entry, said.values, asker):
        return
    try:
        record = _settled(ctx, entry, said, asker)
    except WorkFileDamaged:
        again = _read_again(ctx, entry)
        if again.state != "held":
            return
        record, entry = _settled(ctx, again, said, asker), again
    told_why = confirmation(shown_record(record).other_owner, other_owner)
    released = PaperReleased(**dict(asker), subject=entry.id, fields=", ".join(sorted(said.values)), **told_why)
    _enter(ctx, entry, record, released, asker)


def _enter(ctx: Services, entry: LedgerEntry, record: str, released: PaperReleased, asker: Asker) -> None:
    """Enter what was decided: the paper goes on, or waits on for the rest of what is asked."""
    corrected = _corrected(asker, entry.id, entry.record, record)
    asked, until = _still_asked(ctx, entry, record), undo_until(ctx)
    if asked is not None:
        with (
            ctx.journal.once(entry.id) as tell,
            ctx.ledger.keep(entry, "filled", record, asked, asker.who, until=until),
        ):
            tell(*corrected)
        return
    with at_work(ctx.settings):
        with ctx.journal.once(entry.id) as tell, ctx.ledger.release(entry, record, asker.who, until=until):
            tell(released, *corrected)
        _go_on(ctx, entry.model_copy(update={"record": record}), asker)


def _corrected(asker: Asker, document_id: str, before: str, after: str) -> list[FieldCorrected]:
    """What the journal tells of the fields of which somebody said at this decision what they are."""
    try:
        known, made = (read_record(Described, document_id, text).corrections for text in (before, after))
    except RecordUnreadable:  # nothing was read yet
        return []
    return [
        FieldCorrected(
            **dict(asker),
            subject=document_id,
            was=item.before,
            **item.model_dump(exclude={"who", "at", "before", "source"}),
        )
        for item in made[len(known) :]
    ]


def _within_reach(ctx: Services, asker: Asker, confirmed: Described) -> Described:
    """The record of a paper whose dossier is of an agency that the asker may see to; else it would be out of his sight.

    A paper without one stays with the agency that put it in.

    Raises:
        NotAllowed: it is another agency's.
    """
    dossier = confirmed.description.stated("dossier_code")
    if dossier is None:
        return confirmed
    if not sees(ctx, asker, "review", confirmed.document_id, dossier=dossier):
        raise NotAllowed("dossier_elsewhere", remedy="look_or_there", dossier=mask_text(dossier))
    return confirmed.model_copy(update={"within": bounds(asker, "review")})


def _opened(ctx: Services, entry: LedgerEntry, record: Received, passwords: Sequence[str], asker: Asker) -> Received:
    """The record of a locked scan that was opened, or the same.

    Raises:
        AlreadyDecided: the scan is gone because somebody else ended it a moment ago.
        ScanGone: the scan is gone.
    """
    try:
        return opened(record, passwords, asker.who, ctx)
    except WorkFileDamaged:
        if ctx.ledger.entry(entry.id) != entry:
            raise ctx.ledger.decided(entry.id) from None
        raise scan_gone(entry.id) from None


def _settled(ctx: Services, entry: LedgerEntry, said: _Said, asker: Asker) -> str:
    """The record of a document after a person confirmed it, and settled how it stands to others.

    Raises:
        NotAllowed: he gives it a dossier of another agency, whose papers he may not see.
        AnothersDossier: its dossier is somebody else's, and that is not confirmed.
        UsageError: nothing was read yet that could be confirmed, a value cannot be, or it is no longer scan of a paper
            that is there for the asker.
        WorkFileDamaged: files are gone to which others are compared.
    """
    after, values, settles = DIGITISE.after(entry.stage), said.values, said.settles
    how: dict[str, Any] = {"why": said.why, "source": said.source}
    if after is DIGITISE.stage("code") and set(values) == {"result_code"}:  # another paper had it
        return confirm(read_record(Reviewed, entry.id, entry.record), values, asker.who, ctx, **how).model_dump_json()
    if after is DIGITISE.stage("review"):
        described = read_record(Described, entry.id, entry.record)
        if settles == "no_rescan":
            described = no_rescan(described)
        if settles in {"apart", "replaces"} or not (values or settles):
            settled = _within_reach(ctx, asker, confirm(described, values, asker.who, ctx, **how))
        else:
            settled = _filled_in(ctx, described, said, asker)
        if settled.confirmed_by or said.other_owner:
            settled = _of_its_owner(ctx, asker, settled, said.other_owner)
        if settles == "replaces":
            settled = put_in_place(settled, asker, ctx)
            if not sees(ctx, asker, "review", settled.replaces or "", dossier=dossier_of(ctx, settled.replaces or "")):
                raise no_longer_scan(entry.id)
        elif settles == "apart" and is_named(entry):
            settled = set_apart(settled, ctx)
        return settled.model_dump_json()
    if values or settles in {"replaces", "no_rescan"}:
        raise UsageError("nothing_read_yet", remedy="release_or_scan_again", id=entry.id, stage=entry.stage)
    return _by_officer(ctx, entry, asker)


def _of_its_owner(ctx: Services, asker: Asker, settled: Described, why: str) -> Described:
    """The record with whose dossier it is in settled, and confirmed where nothing else was asked."""
    settled = of_its_owner(ctx, asker, settled, why)
    if settled.confirmed_by or asks(settled, ctx) is not None:
        return settled
    return settled.model_copy(update={"confirmed_by": asker.who})


def _is_filled(ctx: Services, entry: LedgerEntry, values: Mapping[str, str], asker: Asker) -> bool:
    """Whether the asker filled these values in himself a moment ago: his command was cut off, or given twice."""
    last = ctx.ledger.decision(entry.id)
    if last is None or (last.outcome, last.error.params.get("who")) != ("filled", asker.who):
        return False
    return has_said(read_record(Described, entry.id, entry.record), values, asker.who)


def _still_asked(ctx: Services, entry: LedgerEntry, record: str) -> Reason | None:
    """For what a paper goes on waiting that a person described; what else stops it is found by its next stage."""
    if entry.reason.word != NeedsReview.reason:
        return None
    asked = asks(read_record(Described, entry.id, record), ctx)
    return None if asked is None else asked.told


def _filled_in(ctx: Services, described: Described, said: _Said, asker: Asker) -> Described:
    """The record with a part of what is asked; a dossier that is given is one that the asker may see to.

    Raises:
        NotAllowed: it is not.
        UsageError: a value cannot be.
    """
    how: dict[str, Any] = {"why": said.why, "source": said.source}
    if not {"dossier_code", "result_code"} & set(said.values):
        filled = answer_fields(described, said.values, asker.who, ctx, **how)
        return _within_reach(ctx, asker, filled) if filled.confirmed_by else filled
    filled = answer_fields(described.model_copy(update={"within": None}), said.values, asker.who, ctx, **how)
    return _within_reach(ctx, asker, filled.model_copy(update={"within": described.within}))


def _by_officer(ctx: Services, entry: LedgerEntry, asker: Asker) -> str:
    """The record of a paper that waits for an officer, whom the asker is, and of any other paper as it is."""
    is_asked = entry.reason.word == NoSigner.reason and ctx.settings.signing.rows_of(asker.who)
    return last_record(entry).model_copy(update={"officer": asker.who}).model_dump_json() if is_asked else entry.record


def _read_again(ctx: Services, entry: LedgerEntry) -> LedgerEntry:
    """A held document whose files of work are gone, read again from its scan, as it stands then.

    Raises:
        AlreadyDecided: they are gone because somebody else ended it a moment ago.
        ScanGone: its scan is gone too.
        Busy: the catalogue is being made anew.
    """
    if ctx.ledger.entry(entry.id) != entry:
        raise ctx.ledger.decided(entry.id)
    with at_work(ctx.settings):
        record = from_scan(ctx, entry.id, entry.record).model_dump_json()
        with ctx.ledger.rewind(entry, DIGITISE.stages[0].name, record):
            pass
        _run(ctx, entry.id)
        return ctx.ledger.entry(entry.id) or entry


def _has(entry: LedgerEntry, decisions: Sequence[Decision], passwords: Sequence[str]) -> bool:
    """Whether its record has these decisions."""
    made = read_record(Received, entry.id, entry.record).decisions
    known = {(item.about, item.value, item.reason, item.who) for item in made}
    wanted = {(item.about, item.value, item.reason, item.who) for item in decisions}
    return wanted <= known and (not passwords or any(item.about == "password" for item in made))


def _is_released(entry: LedgerEntry, said: _Said) -> bool:
    """Whether its record is what came of these values and this settlement."""
    try:
        made = read_record(Described, entry.id, entry.record)
    except RecordUnreadable:  # nothing was read yet
        return not said.values and said.settles != "replaces"
    return bears(made, said.values) and (said.settles == "replaces") == (made.replaces is not None)


def _go_on(ctx: Services, entry: LedgerEntry, asker: Asker) -> None:
    """Do what follows from a release; whatever of it was done before is not done again."""
    with suppress(RecordUnreadable):  # nothing was read yet
        former = read_record(Described, entry.id, entry.record).replaces
        if former is not None:
            end_former(ctx, former, entry.id, asker)
    _run(ctx, entry.id)


def _run(ctx: Services, document_id: str) -> None:
    """Take a paper as far as it goes; one over which a process ended before does not get this one.

    An `ingest` may be at work on it, which takes what waits: then it is waited for.  Papers before it in its batch that
    somebody decides about at the same moment are waited for a little.
    """
    is_risky = any(passage.error.word in ENDS_PROCESSES for passage in ctx.ledger.history(document_id))
    until = time.monotonic() + _PATIENCE_S
    while True:
        (run_alone if is_risky else run_through)(ctx, document_id)
        entry = ctx.ledger.entry(document_id)
        if entry is None or entry.state != "waiting" or entry.reason:
            return
        if not entry.is_in_hand and time.monotonic() > until:
            return
        time.sleep(_POLL_S)
