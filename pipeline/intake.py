"""Intake: which files are put in, what the manifest says of them, and which of them are new."""

import hashlib
import logging
import math
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from archive.errors import AlreadyDecided
from archive.interface import Arrival, LedgerEntry
from config.settings import is_store
from domain.clock import now
from domain.errors import Disposition, KhosoError, TemporaryFailure, UsageError
from domain.events import Actor, Came, FileReceived, ScanAccepted
from domain.messages.papers import other_document
from domain.messages.told import NO_REASON, Reason
from domain.record import Frozen
from domain.states import ENDED, OVER, STOPPED, DocumentState, DoorState, Lane
from files.durable import beside
from files.rights import running_user
from pipeline.context import Context
from pipeline.decisions import events_of, opened, stated_decisions
from pipeline.errors import PATIENCE_S, DiskFull, NoSigner, RecordUnreadable, room
from pipeline.manifest import shown_path, statement_of
from pipeline.quiet import Watch
from pipeline.records import Received, Source, Statement, read_record
from pipeline.runner import bereft, tidy
from pipeline.secrecy.stop import SecretHere
from pipeline.stages.receive import read_through, receive

_LOOK_AGAIN_S = 0.1
_log = logging.getLogger("khoso.intake")
_IGNORED = {".json", ".csv", ".txt", ".md", ".xml", ".db", ".ini"}  # what lies beside scans and is none


class Seen(Frozen):
    """What became of one file at the door: ``received``, ``duplicate``, ``known`` or ``refused``.

    ``resumed``: this very batch received it, before its command was cut off.
    """

    path: str
    state: DoorState
    document_id: str | None = None
    reason: Reason = NO_REASON


def find_files(paths: Sequence[Path], home: Path) -> list[Path]:
    """What to put in, in a fixed order; folders are searched to the bottom.

    Files named one by one are all taken, also those to which a link leads.  Within folders, what is no scan by its
    extension is passed over, and so are hidden files and the store itself.  What can never be taken is among them, to
    be refused by its name: a folder that may not be read, a link, a pipe, a device, another store.

    Raises:
        UsageError: a path does not exist.
    """
    found: list[Path] = []
    for path in paths:
        if not os.path.lexists(path):
            raise UsageError("path_not_there", remedy="check_path", path=path)
        place = Path(os.path.realpath(path))
        if any(map(is_store, (place, *place.parents))):
            found.append(path)
        elif os.path.isdir(place):  # noqa: PTH112 (also of what nobody may ask)
            found += sorted(_inside(path, home))
        else:
            found.append(place if os.path.lexists(place) else path)
    return list(dict.fromkeys(item.absolute() for item in found))


def _inside(folder: Path, home: Path) -> Iterator[Path]:
    """The scans below a folder, and what stands in the place of one; no link is followed, so the search ends."""
    left = [folder]
    while left:
        here = left.pop()
        try:
            with os.scandir(here) as entries:
                inner = [(here / entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
        except OSError:
            yield here
            continue
        for path, is_folder in inner:
            if not is_folder:
                if not path.name.startswith(".") and path.suffix.lower() not in _IGNORED:
                    yield path
            elif not _is_same(path, home):
                if is_store(path):
                    yield path
                else:
                    left.append(path)


def _is_same(folder: Path, home: Path) -> bool:
    with suppress(OSError):  # of a store that is not there yet, or of what nobody may ask
        return folder.samefile(home)
    return False


def arrivals(
    ctx: Context,
    files: Sequence[Path],
    batch_id: str,
    statements: Mapping[str, Statement],
    passwords: Sequence[str] = (),
    by: Actor | None = None,
    within: str | None = None,
) -> Iterator[Seen | None]:
    """Receive one file a step, in their order; None for a step in which all that are left must wait.

    A file that is still being written waits until it is left alone, and the others go first.  What was written a moment
    ago, and is whole most likely, is waited for once, so that the order of intake is that of the files.

    Raises:
        DiskFull, DatabaseFull: the disk has been full for a while.
    """
    watch, full_since = Watch(ctx.settings.intake.quiet_s), math.inf
    time.sleep(max(map(watch.wait_s, files), default=0))
    waiting = list(files)
    while waiting:
        again = []
        for path in waiting:
            if watch.wait_s(path):
                again.append(path)
                continue
            try:
                with room():
                    seen = take_in(ctx, path, batch_id, statement_of(statements, path), passwords, by, within)
                full_since = math.inf
                yield seen
            except TemporaryFailure as error:
                _log.warning("%s", error.explain())
                watch.disturb(path)
                again.append(path)
                if error.reason == DiskFull.reason:
                    full_since = min(full_since, time.monotonic())
                    if time.monotonic() - full_since >= PATIENCE_S:
                        raise
        if len(again) == len(waiting):
            time.sleep(_LOOK_AGAIN_S)
            yield None
        waiting = again


def batch_key(paths: Sequence[Path], manifest: Path | None) -> str:
    """What makes two ingest commands the same: what they were given."""
    given = [shown_path(path.absolute()) for path in paths] + [shown_path(manifest.absolute()) if manifest else ""]
    return hashlib.sha256("\0".join(given).encode()).hexdigest()


def open_batch(ctx: Context, key: str, lane: Lane = "backlog") -> str:
    """The unfinished batch of the same command, or a new one named by the moment it began."""
    return ctx.ledger.open_batch(key, f"{now():%Y%m%d-%H%M%S}-{key[:6]}", lane)


def take_in(
    ctx: Context,
    path: Path,
    batch_id: str,
    statement: Statement,
    passwords: Sequence[str] = (),
    by: Actor | None = None,
    within: str | None = None,
) -> Seen:
    """Receive one file that somebody puts in, unless it is known; the ledger has it when this returns.

    A file that was refused at the door, or held there, is tried again when something else is stated of it now; one that
    ended as a duplicate begins anew when the paper that it was taken for was discarded, and one whose object is lost
    begins anew, too.

    Raises:
        TemporaryFailure: it changed while it was read, or the disk is full; nothing was entered.
    """
    name, by = shown_path(path), by or Actor(who=running_user())
    raw = None if name == str(path) else os.fsencode(path)
    source = Source(path=name, raw_path=raw, batch_id=batch_id, statement=statement, within=within)
    try:
        sha256, _ = read_through(path, name, ctx.settings.work.max_file_mib)
    except KhosoError as error:
        return _refuse(ctx, source, error, by)
    source = source.model_copy(update={"sha256": sha256})
    with door(ctx, sha256):
        if ctx.catalogue.withdrawn.has_bytes(sha256):
            return _refuse(ctx, source, SecretHere("scan_of_withdrawn"), by)
        if _is_settled(ctx, sha256):
            return _known(ctx, name, batch_id, sha256, by)
        try:
            received = receive(source, ctx)
        except KhosoError as error:
            return _refuse(ctx, source, error, by)
        return _enter(ctx, received, (*_password(statement), *passwords), by)


@contextmanager
def door(ctx: Context, sha256: str) -> Iterator[None]:
    """One at a time with the same bytes: of two commands that bring them, one finds what the other has made of them."""
    ctx.settings.inbox.mkdir(parents=True, exist_ok=True)
    with beside(ctx.settings.inbox / f".{sha256}.door.part"):
        yield


def sweep_work(ctx: Context) -> None:
    """Tidy what was cut off between the last stage and its tidying; not while somebody brings the same scan again."""
    ctx.ledger.forget_undos()
    for folder in ctx.settings.work_folder.glob("*"):
        entry = ctx.ledger.entry(folder.name)
        if entry and entry.is_over:
            with door(ctx, entry.sha256):
                again = ctx.ledger.entry(entry.id)
                if again and again.is_over:
                    tidy(ctx, again)


def _refuse(ctx: Context, source: Source, error: KhosoError, by: Actor) -> Seen:
    if error.disposition in {Disposition.RETRY, Disposition.HALT}:
        raise error
    message, sha256 = error.told, source.sha256 or ""
    return _admit(
        ctx, Arrival(path=source.path, sha256=sha256, batch_id=source.batch_id, state="refused", reason=message), by
    )


def _enter(ctx: Context, received: Received, keys: Sequence[str], by: Actor) -> Seen:
    """Enter a received file as a new document, or as what is known, which it may bring back to the line."""
    name, batch_id, statement = received.source, received.batch_id, received.statement
    sha256, document_id = received.scan.sha256, received.document_id
    parts, paper = ctx.ledger.parts(sha256), ctx.catalogue.by_bytes(sha256)
    received = received.model_copy(update={"decisions": stated_decisions(statement, by.who), "scanned_by": by.who})
    if not parts and paper is None:
        received = opened(received, keys, by.who, ctx)
        arrival = Arrival(
            path=name,
            sha256=sha256,
            batch_id=batch_id,
            state="received",
            document_id=document_id,
            stage=receive.__name__,
            record=received.model_dump_json(),
        )
        return _admit(ctx, arrival, by, *events_of(received, by))
    if _tried_again(ctx, parts, received, keys, by) or _begun_anew(ctx, parts, received, keys, by):
        return Seen(path=name, state="resumed", document_id=document_id)
    if all(part.state in ENDED or (part.state == "done" and paper is not None) for part in parts):
        (ctx.settings.inbox / received.scan.name).unlink(missing_ok=True)  # the vault has this paper already
    return _known(ctx, name, batch_id, sha256, by)


def _is_settled(ctx: Context, sha256: str) -> bool:
    """Whether a file with these bytes came to its end, whatever is stated of it now: it need not be copied again."""
    parts = ctx.ledger.parts(sha256)
    is_held = ctx.catalogue.by_bytes(sha256) is not None
    ends: tuple[DocumentState, ...] = ("done",) if is_held else OVER
    return (is_held or bool(parts)) and all(part.state in ends for part in parts) and not bereft(ctx, parts)


def _known(ctx: Context, name: str, batch_id: str, sha256: str, by: Actor) -> Seen:
    """Tell of a file whose bytes are known, and enter it when it came from somewhere else."""
    known, document_id = ctx.ledger.source(name, sha256), sha256[:16]
    if known is not None:
        is_under_way = any(part.state == "waiting" for part in ctx.ledger.parts(sha256))
        is_resumed = known.state == "received" and (known.batch_id == batch_id or is_under_way)
        return Seen(path=name, state="resumed" if is_resumed else "known", document_id=document_id)
    is_linked = ctx.settings.duplicates.bytes == "link"
    arrival = Arrival(
        path=name,
        sha256=sha256,
        batch_id=batch_id,
        state="duplicate" if is_linked else "refused",
        document_id=document_id if is_linked else None,
        reason=Reason(word="same_bytes", what="same_file", params={"paper": other_document(document_id)}),
    )
    return _admit(ctx, arrival, by)


def _admit(ctx: Context, arrival: Arrival, by: Actor, *decided: ScanAccepted) -> Seen:
    """Enter a file that came: in the audit journal, then in the ledger, after which it is known.

    What is refused for the reason for which it was refused before is nothing new.
    """
    path, state, document_id = arrival.path, arrival.state, arrival.document_id
    known = ctx.ledger.source(path, arrival.sha256)
    with ctx.journal.once(path, arrival.sha256) as record:
        if known is None or known.reason.word != arrival.reason.word:
            came = _event(path, arrival.batch_id, state, arrival.sha256, document_id, by=by, reason=arrival.reason.word)
            record(*decided, came)
        ctx.ledger.admit(arrival)
    return Seen(path=path, state=state, document_id=document_id, reason=arrival.reason)


def _resumed(received: Received, by: Actor) -> FileReceived:
    source, batch, sha256 = received.source, received.batch_id, received.scan.sha256
    return _event(source, batch, "resumed", sha256, received.document_id, by=by)


def _event(
    path: str, batch: str, state: Came, sha256: str, document_id: str | None, *, by: Actor, reason: str = ""
) -> FileReceived:
    message = Path(path).name
    return FileReceived(
        **dict(by), subject=message, batch=batch, state=state, sha256=sha256, document=document_id, reason=reason
    )


def _password(statement: Statement) -> tuple[str, ...]:
    return (statement.password.get_secret_value(),) if statement.password else ()


def _tried_again(
    ctx: Context, parts: Sequence[LedgerEntry], received: Received, passwords: Sequence[str], by: Actor
) -> bool:
    """Let a scan that stopped at the door go on when something new is stated of it, or it can be opened now.

    Where the ledger's record of it cannot be read, it begins with what came now.
    """
    if [part.stage for part in parts] != [receive.__name__] or parts[0].state not in STOPPED:
        return False
    if parts[0].reason.word == "secret":  # a new manifest takes back nothing
        return False
    before = _read(parts[0])
    again, stated_now = before or _anew(parts[0], received), received.statement.model_dump()
    if before and stated_now not in (Statement().model_dump(), before.statement.model_dump()):
        again = before.model_copy(update=_brought(received, before))
    elif before and parts[0].reason.word == NoSigner.reason and by.who != before.scanned_by:
        again = before.model_copy(update={"scanned_by": by.who, "officer": "", "within": received.within})
    if parts[0].reason.word == "encrypted":
        again = opened(again, passwords, by.who, ctx)
    if again is before:
        return False
    try:
        with (
            ctx.journal.once(again.document_id) as record,
            ctx.ledger.release(parts[0], again.model_dump_json(), by.who),
        ):
            record(*events_of(again, by), _resumed(received, by))
    except AlreadyDecided:  # a reviewer was faster
        return False
    return True


def _begun_anew(
    ctx: Context, parts: Sequence[LedgerEntry], received: Received, passwords: Sequence[str], by: Actor
) -> bool:
    """Let the papers of a scan begin again that nobody has any more; their codes stay as they were."""
    lost = bereft(ctx, parts)
    if not lost:
        return False
    with ctx.journal.once(received.document_id) as record:
        record(_resumed(received, by))
        for part in lost:
            _rewind(ctx, part, received, passwords, by)
    return True


def _brought(received: Received, before: Received) -> dict[str, object]:
    """What whoever brings a scan again says of it, and who that is."""
    return {
        "statement": received.statement,
        "decisions": (*before.decisions, *received.decisions),
        "within": received.within,
        "scanned_by": received.scanned_by,
        "officer": "",
        "rescan_of": received.rescan_of or before.rescan_of,
        "rescan_guessed": received.rescan_guessed if received.rescan_of else before.rescan_guessed,
    }


def _rewind(ctx: Context, part: LedgerEntry, received: Received, passwords: Sequence[str], by: Actor) -> None:
    """Let one paper of a scan begin again, unless somebody else did."""
    before = _read(part) or _anew(part, received).model_copy(update={"decisions": ()})
    changes: dict[str, object] = {"unlocked": None}
    if received.statement.model_dump() != Statement().model_dump():
        changes |= _brought(received, before)
    again = opened(before.model_copy(update=changes), passwords, by.who, ctx)
    with (
        suppress(AlreadyDecided),
        ctx.journal.once(part.id, "again") as record,
        ctx.ledger.rewind(part, receive.__name__, again.model_dump_json()),
    ):
        record(*events_of(again, by))


def _read(part: LedgerEntry) -> Received | None:
    with suppress(RecordUnreadable):
        return read_record(Received, part.id, part.record)
    return None


def _anew(part: LedgerEntry, received: Received) -> Received:
    """The first record of a paper of a scan, as the scan came now."""
    return received.model_copy(update={"document_id": part.id, "batch_id": part.batch_id, "part": part.part})
