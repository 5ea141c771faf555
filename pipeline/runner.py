"""Takes one document one stage further, or as far as it goes.  The ledger decides; whoever runs this only asks it."""

import errno
import logging
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Literal

from archive.errors import AlreadyDecided, LeaseLost, ObjectDiffers, ObjectLost, ObjectsUnread, VaultDamaged
from archive.interface import LONGEST_PAUSE, Claim, LedgerEntry, Paper, StagePassage
from archive.package import object_id_of, read_whole
from domain.clock import now
from domain.errors import Disposition, KhosoError
from domain.events import LINE, PaperHeld, PaperLinked
from domain.messages.told import NO_REASON, Reason
from domain.states import STOPPED, UNDER_WAY, StepOutcome
from pipeline.bounds import alarm
from pipeline.context import Context
from pipeline.errors import DiskFull, OutOfMemory, RecordUnreadable, SameDocument, ScanGone, WorkFileDamaged
from pipeline.flow import DIGITISE, Flow, Stage
from pipeline.records import Received, read_record

_log = logging.getLogger("khoso.runner")
_GATES = tuple(DIGITISE.before(stage.name)[-1] for stage in DIGITISE.stages if stage.in_order)
_BEFORE_GATES = DIGITISE.before(_GATES[0])
_STATES: dict[Disposition, Literal["refused", "duplicate"]] = {
    Disposition.REFUSE: "refused",
    Disposition.LINK: "duplicate",
}


def ready(ctx: Context) -> list[LedgerEntry]:
    """The documents that may be worked on now, in the order of intake; those of which nobody knows how are held."""
    found = ctx.ledger.ready(_GATES, _BEFORE_GATES)
    for entry in found:
        if entry.stage not in DIGITISE:
            advance(ctx, entry.id, entry.stage)
    return [entry for entry in found if entry.stage in DIGITISE]


def last_record(entry: LedgerEntry) -> Received:
    """The record with which a document stands.

    Raises:
        RecordUnreadable: another release wrote it, or where it stands, in a way that this one does not know.
    """
    if entry.unknown_state is not None:
        raise RecordUnreadable("state_unknown", id=entry.id, state=entry.unknown_state)
    return read_record(DIGITISE.stage(entry.stage).gives, entry.id, entry.record)


def why_stuck(entry: LedgerEntry) -> Reason:
    """Why a document cannot go on by what the ledger keeps of it; false when it can, or need not."""
    if entry.state not in {*UNDER_WAY, *STOPPED}:
        return NO_REASON
    try:
        last_record(entry)
    except RecordUnreadable as error:
        return error.told
    return NO_REASON


def advance(ctx: Context, document_id: str, passed: str, flow: Flow = DIGITISE) -> StepOutcome:
    """Take a document that stands after stage ``passed`` through the next one.

    Errors become what their disposition says; only those that stop the line (``HALT``) are raised.  Where another
    document has just been put back because a service was away, this one waits with it.
    """
    stage, entry = flow.after(passed), ctx.ledger.entry(document_id)
    if passed not in flow:
        return _strand(ctx, document_id, passed, flow)
    if stage is None or entry is None:
        return "elsewhere"
    claim = ctx.ledger.claim(document_id, passed, ctx.settings.work.limit_s(stage.time_limit_s, entry.pages) + 60)
    if claim is None:
        return "elsewhere"
    ctx.ledger.note_lost(claim, stage.name)
    try:
        record = read_record(flow.stage(passed).gives, document_id, claim.record)
        return _pass(ctx, claim, stage, record, flow)
    except LeaseLost:
        return "elsewhere"
    except WorkFileDamaged as error:
        return _again(ctx, claim, stage, record, error)
    except KhosoError as error:
        if error.disposition is Disposition.HALT:
            ctx.ledger.fail_stage(claim, stage.name, "waiting", error.told)
            raise
        return _fail(ctx, claim, stage.name, error)
    except Exception as error:  # noqa: BLE001 (outer edge: one bad paper must not stop the others)
        return _fail(ctx, claim, stage.name, _unexpected(stage, error))


def run_through(ctx: Context, document_id: str, report: Callable[[], None] = lambda: None) -> StepOutcome:
    """Take a document as far as it goes: until it is done, held, refused, must wait, or its turn has not come."""
    outcome: StepOutcome = "elsewhere"
    while True:
        entry = ctx.ledger.entry(document_id)
        if entry is None or entry.state != "waiting":
            return outcome
        if entry.stage in _GATES and document_id not in {item.id for item in ready(ctx)}:
            return outcome
        outcome = advance(ctx, document_id, entry.stage)
        report()
        if outcome != "passed":
            return outcome


def serve_desks(ctx: Context, before: str, report: Callable[[], None] = lambda: None) -> None:
    """Take the papers for which somebody waits at a desk as far as they go, before the one that was to be done here.

    That one was handed out a while ago, by a queue or a broker that gives all in their order.

    Raises:
        KhosoError: a stage stopped the line.
    """
    tried = {before}
    while waiting := [entry for entry in ready(ctx) if entry.lane == "desk" and entry.id not in tried]:
        tried.add(waiting[0].id)
        if not waiting[0].is_in_hand:
            run_through(ctx, waiting[0].id, report)


def tidy(ctx: Context, entry: LedgerEntry) -> None:
    """Remove what is superfluous once the vault has the paper: scan when no other part waits, then work folder.

    The scan of a stack goes at once where a part is secret; the others have pages of their own.  What a person ended
    stays as long as he can take that back.

    The folder goes last: by it the next run finds what was cut off here, or was kept so long.
    """
    parts = ctx.ledger.parts(entry.sha256)
    kept = {part.id for part in parts if part.is_over and _may_come_back(ctx, part)}
    is_over = not kept and all(other.is_over for other in parts)
    if is_over or any(other.state == "secret" for other in parts):
        for scan in ctx.settings.inbox.glob(f"{entry.sha256}.*"):
            scan.unlink(missing_ok=True)
    if entry.id in kept:
        (ctx.settings.work_folder / entry.id).mkdir(parents=True, exist_ok=True)
        return
    shutil.rmtree(ctx.settings.work_folder / entry.id, ignore_errors=True)


def _may_come_back(ctx: Context, entry: LedgerEntry) -> bool:
    """Whether a person ended it who can take that back yet."""
    undo = ctx.ledger.undo(entry.id)
    return undo is not None and undo.until > now() and undo.is_left(entry)


def archived_since(ctx: Context, entry: LedgerEntry) -> Paper | None:
    """The paper of the archive that waits in the ledger for a person, which was put back from an earlier copy.

    None where a person is asked because it differs from that paper; and where it stands for a stack that is not split
    yet, for what the archive holds is one of its papers only.
    """
    paper = ctx.catalogue.paper(entry.id) if entry.state in STOPPED else None
    if paper is None or paper.sha256 != entry.sha256 or entry.reason.word == ObjectDiffers.reason:
        return None
    if entry.stage == DIGITISE.stages[0].name:
        with suppress(VaultDamaged):
            return None if read_whole(ctx.vault.get(paper.object_id)).record.stack else paper
    return paper


def is_apart(ctx: Context, entry: LedgerEntry) -> bool:
    """Whether a paper that a ledger of an earlier day knows as on its way was archived, and withdrawn as secret."""
    return entry.state != "done" and ctx.catalogue.withdrawn.of(entry.id) is not None


def is_lost(ctx: Context, entry: LedgerEntry) -> bool:
    """Whether a paper that was archived is neither in the catalogue nor in the vault: nobody has it any more.

    Not while objects lie there that nobody could read when the catalogue was made: it may be one of them.
    """
    if entry.state != "done" or ctx.catalogue.knows(entry.id):
        return False
    try:
        ctx.catalogue.check_read()
        ctx.vault.get(object_id_of(entry.id))
    except ObjectLost:
        return True
    except (VaultDamaged, ObjectsUnread):
        return False
    return False


def bereft(ctx: Context, parts: Sequence[LedgerEntry]) -> list[LedgerEntry]:
    """Those whose objects are lost, and those that ended as duplicates of such, or of what was discarded since."""
    lost = [part for part in parts if is_lost(ctx, part)]
    ended = [part for part in parts if part.reason.word == SameDocument.reason]
    if not ended:
        return lost
    from pipeline.duplicates import is_bereft  # noqa: PLC0415 (it draws pages: only few files ask for it)

    return [*lost, *(part for part in ended if is_bereft(part, ctx))]


def bring_level(ctx: Context, entry: LedgerEntry) -> bool:
    """Let the ledger follow the archive for a paper that waits for a person there, and is archived; whether it is.

    Its scan is kept as long as the vault does not have the paper whole.
    """
    paper = archived_since(ctx, entry)
    if paper is None and not is_apart(ctx, entry):
        return False
    with suppress(VaultDamaged, AlreadyDecided):
        ctx.vault.check(object_id_of(entry.id))
        with ctx.ledger.settle(entry, DIGITISE.stages[-1].name):
            pass
        tidy(ctx, entry.model_copy(update={"state": "done"}))
    return True


def _pass(ctx: Context, claim: Claim, stage: Stage, record: Received, flow: Flow) -> StepOutcome:
    with alarm.stage(stage.time_limit_s, getattr(record, "pages", 0)):
        given = stage.run(record, ctx)
    results: tuple[Received, ...] = given if isinstance(given, tuple) else (given,)
    is_last = flow.after(stage.name) is None
    ctx.ledger.pass_stage(
        claim,
        stage.name,
        [
            StagePassage(
                document_id=result.document_id,
                record=result.model_dump_json(),
                pages=getattr(result, "pages", 0),
                state="done" if is_last else "waiting",
            )
            for result in results
        ],
    )
    if is_last:
        entry = ctx.ledger.entry(claim.document_id)
        if entry is not None:
            tidy(ctx, entry)
        return "done"
    return "passed"


def _strand(ctx: Context, document_id: str, passed: str, flow: Flow) -> StepOutcome:
    """Hold a document that stands after a stage of another release."""
    claim = ctx.ledger.claim(document_id, passed, 60)
    if claim is None:
        return "elsewhere"
    try:
        flow.stage(passed)
    except RecordUnreadable as error:
        return _fail(ctx, claim, passed, error)
    return "elsewhere"


def _again(ctx: Context, claim: Claim, stage: Stage, record: Received, error: WorkFileDamaged) -> StepOutcome:
    """The work folder lost a file: the paper is in the vault, and the ledger of an earlier day; or it begins again."""
    from pipeline.stages.archive import as_held  # noqa: PLC0415 (stages are imported when they first run)

    try:
        held = as_held(record, ctx)
        if held is None:
            return _restart(ctx, claim, stage, error)
        passage = StagePassage(document_id=held.document_id, record=held.model_dump_json(), pages=held.pages)
        ctx.ledger.pass_stage(claim, "archive", [passage])
    except LeaseLost:
        return "elsewhere"
    except KhosoError as refusal:
        return _fail(ctx, claim, stage.name, refusal)
    return "passed"


def from_scan(ctx: Context, document_id: str, text: str) -> Received:
    """The record with which a document begins again from the scan, which is in the inbox.

    Raises:
        ScanGone: it is not.
        RecordUnreadable: the ledger's record cannot be read.
    """
    record = read_record(Received, document_id, text)
    try:
        ctx.scan(record)
    except WorkFileDamaged:
        raise scan_gone(document_id) from None
    try:
        ctx.unlocked(record)
    except WorkFileDamaged:
        record = record.model_copy(update={"unlocked": None})  # its password is asked for again
    return record


def scan_gone(document_id: str) -> ScanGone:
    """What is told of a document whose scan is gone."""
    return ScanGone("scan_gone", id=document_id)


def _restart(ctx: Context, claim: Claim, stage: Stage, error: WorkFileDamaged) -> StepOutcome:
    """The work folder lost a file: begin again from the scan, which is in the inbox.  Codes stay as they were."""
    try:
        record = from_scan(ctx, claim.document_id, claim.record)
    except ScanGone as gone:
        return _fail(ctx, claim, stage.name, gone)
    _log.warning("%s: %s; begun again from the scan", claim.document_id, error)
    try:
        ctx.ledger.restart(claim, DIGITISE.stages[0].name, record.model_dump_json())
    except LeaseLost:
        return "elsewhere"
    return "passed"


def _fail(ctx: Context, claim: Claim, stage: str, error: KhosoError) -> StepOutcome:
    work = ctx.settings.work
    try:
        if state := _STATES.get(error.disposition):
            with ctx.journal.once(claim.document_id) as record:
                record(_stopped(claim, stage, state, error))
                ctx.ledger.fail_stage(claim, stage, state, error.told)
            entry = ctx.ledger.entry(claim.document_id)
            if entry is not None and entry.is_over:
                tidy(ctx, entry)
            return state
        if error.disposition is Disposition.RETRY and (work.tries is None or claim.tries + 1 < work.tries):
            pause = min(timedelta(seconds=work.pause_s) * 2 ** min(claim.tries, 10), LONGEST_PAUSE)
            ctx.ledger.fail_stage(claim, stage, "waiting", error.told, now() + pause)
            return "retry"
        with ctx.journal.once(claim.document_id) as record:
            record(_stopped(claim, stage, "held", error))
            ctx.ledger.fail_stage(claim, stage, "held", error.told)
    except LeaseLost:
        return "elsewhere"
    return "held"


def _stopped(
    claim: Claim, stage: str, state: Literal["held", "refused", "duplicate"], error: KhosoError
) -> PaperHeld | PaperLinked:
    """How the audit journal tells that a stage ended a paper's way, for now or for ever."""
    if state == "duplicate":
        return PaperLinked(who=LINE, subject=claim.document_id, told=str(error))
    word: Literal["held", "turned_away"] = "held" if state == "held" else "turned_away"
    return PaperHeld(event=word, who=LINE, subject=claim.document_id, stage=stage, reason=error.reason)


def _unexpected(stage: Stage, error: Exception) -> KhosoError:
    if isinstance(error, MemoryError):
        return OutOfMemory("out_of_memory_at", place=stage.name)
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return DiskFull()
    _log.error("%s failed unexpectedly", stage.name, exc_info=error)
    return KhosoError(
        "failed_unexpectedly",
        remedy="report_with_log",
        reason="unexpected",
        stage=stage.name,
        error=f"{type(error).__name__}: {error}",
    )
