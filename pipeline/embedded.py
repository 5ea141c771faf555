"""The embedded runner: a pool of processes on this machine, one document per process from start to end.

Several commands may run papers of one store at once, for the ledger gives each paper to one of them at a time.  The
first has as many processes as it was given, and takes whatever waits; the others have one each, for their own papers.
"""

import ctypes
import logging
import os
import resource
import signal
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import TimeoutError as FutureTimeout
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing import get_context, resource_tracker
from typing import ParamSpec, TypeVar

from filelock import FileLock, Timeout
from pebble import ProcessExpired, ProcessFuture, ProcessPool

from archive.interface import LedgerEntry
from config.settings import Settings
from config.store import enter_store
from domain.errors import Busy, Held, SetupError, TemporaryFailure
from domain.events import LINE, PaperHeld
from domain.messages.told import NO_REASON, Reason, told
from domain.shown import log_shown
from domain.states import FailedState, Lane, StepOutcome
from files.locks import locked
from files.processes import is_of
from files.scratch import own_folder, owners, sweep_scratch
from pipeline.bounds import alarm
from pipeline.bounds.memory import MemoryWatch
from pipeline.context import Context, open_context
from pipeline.errors import PATIENCE_S, DiskFull, OutOfMemory, OutOfTime, WorkerLost
from pipeline.flow import DIGITISE
from pipeline.runner import ready, run_through, serve_desks

_Given = ParamSpec("_Given")
_Found = TypeVar("_Found")
Own = Callable[[LedgerEntry], bool]

_libc = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8  # malloc.h
_POLL_S = 0.2
_PAUSE_S = 1
_MOST_POOLS = 20  # of one run
_LARGEST_BLOCK_MIB = 2560  # what PDFium never asks for at once: 2 GiB, and some room
_END = object()
_STORE_LOCK = "runner.lock"
_log = logging.getLogger("khoso.embedded")

_own: list[Context] = []  # the context of a pool process, opened once
_settings: list[Settings] = []  # of a pool process


@contextmanager
def at_work(settings: Settings) -> Iterator[None]:
    """Among those who run papers of a store, or decide about them; each paper is one's at a time by the ledger.

    Raises:
        Busy: somebody has the whole store to himself.
    """
    enter_store(settings)
    try:
        with locked(settings.home / _STORE_LOCK, alone=False):
            yield
    except BlockingIOError:
        raise Busy("catalogue_made_anew", remedy="wait_for_rebuild", home=settings.home) from None


@contextmanager
def sole_runner(settings: Settings) -> Iterator[None]:
    """Nobody else ingests or decides meanwhile.

    Raises:
        Busy: somebody is at work.
    """
    enter_store(settings)
    try:
        with locked(settings.home / _STORE_LOCK, alone=True):
            yield
    except BlockingIOError:
        raise Busy("command_at_work", remedy="wait_for_commands", home=settings.home) from None


def run_embedded(
    ctx: Context,
    intake: Iterator[object],
    workers: int,
    on_progress: Callable[[], None] = lambda: None,
    own: Own = lambda _: True,
    *,
    lane: Lane = "backlog",
) -> None:
    """Work until none of its own papers can go on, and the first of several commands: until nothing of the store can.

    Each step of ``intake`` receives one file; it is drawn only as fast as the pool works, so a backlog of any size
    needs little room.

    Args:
        ctx: the services.
        intake: receives files.
        workers: processes, when no other command runs papers of the store; else there is one, until that one has ended.
        on_progress: called now and then.
        own: whether a paper is one for which this command was given.
        lane: ``desk``: somebody waits at the desk, so nothing but its own papers is worked on.

    Raises:
        SetupError: a stage stopped the line.
        DiskFull: the disk has been full for a while, and nothing went on.
        KeyboardInterrupt: Ctrl-C; nothing is lost, the same command goes on.
    """
    with _lead(ctx.settings) as lead:
        for _ in range(_MOST_POOLS):
            leads = lead()
            takes = own if lane == "desk" or not leads else lambda _: True
            with (
                suppress(BrokenProcessPool),
                MemoryWatch(ctx.settings.scratch, ctx.settings.work.memory_mib) as watch,
                open_pool(ctx.settings, workers if leads else 1) as pool,
            ):
                shift = _Shift(ctx, pool, intake, 2 * (workers if leads else 1), watch, takes)
                if shift.work(on_progress, (lambda: False) if leads or lane == "desk" else lead):
                    return
                continue
            _log.warning("A process was killed while it had nothing to do; a new pool goes on")
    raise SetupError("processes_killed", remedy="see_who_kills")


@contextmanager
def _lead(settings: Settings) -> Iterator[Callable[[], bool]]:
    """Ask whether this command is the first of those that run papers of the store; it stays so to its end."""
    lock = FileLock(settings.home / "pool.lock")

    def lead() -> bool:
        if not lock.is_locked:
            with suppress(Timeout):
                lock.acquire(timeout=0)
        return lock.is_locked

    try:
        yield lead
    finally:
        lock.release()


def run_alone(ctx: Context, document_id: str) -> None:
    """Take one document as far as it goes, in a process of its own; it is held when that one ends over it."""
    with MemoryWatch(ctx.settings.scratch, ctx.settings.work.memory_mib) as watch, open_pool(ctx.settings, 1) as pool:
        while (entry := ctx.ledger.entry(document_id)) and entry.state == "waiting":
            try:
                limit_s = ctx.settings.work.document_limit_s
                pool.schedule(_work, args=[document_id], kwargs={"is_alone": True}, timeout=limit_s).result()
            except FutureTimeout:
                blame(ctx, document_id, OutOfTime)
            except ProcessExpired as error:
                blame_lost(ctx, [document_id], error, watch)
            else:
                return


def call_apart(
    settings: Settings, act: Callable[_Given, _Found], *given: _Given.args, **named: _Given.kwargs
) -> _Found:
    """What ``act`` finds in a file that somebody brought, found in a process of its own within the limits of stages.

    ``act`` is a function of a module; what it is given and what it finds can be pickled.

    Raises:
        OutOfMemory: it takes more than a process may.
        OutOfTime: it takes longer than a document may.
        WorkerLost: its process died.
    """
    limits = settings.work
    with MemoryWatch(settings.scratch, limits.memory_mib) as watch, open_pool(settings, 1) as pool:
        future = pool.schedule(act, args=given, kwargs=named, timeout=limits.document_limit_s)
        try:
            found: _Found = future.result()
        except FutureTimeout:
            raise OutOfTime from None
        except ProcessExpired as lost:
            raise (OutOfMemory if lost.pid in watch.ended else WorkerLost) from None
        finally:
            sweep_scratch(settings.scratch)
    return found


@contextmanager
def open_pool(settings: Settings, workers: int) -> Iterator[ProcessPool]:
    """So many processes that run stages; they never see Ctrl-C, and die with this one.

    Raises:
        SetupError: they do not start.
    """
    arguments = [settings, os.getpid()]
    pool = ProcessPool(workers, max_tasks=200, initializer=_start, initargs=arguments, context=get_context("spawn"))
    try:
        _start_deaf(pool)
        yield pool
    except BaseException:
        pool.stop()  # type: ignore[no-untyped-call]
        raise
    else:
        pool.close()  # type: ignore[no-untyped-call]
    finally:
        pool.join()


def _start_deaf(pool: ProcessPool) -> None:
    """Start the pool so that its processes never see Ctrl-C: its threads, and what they start, inherit this mask."""
    resource_tracker.ensure_running()  # its first start would take the mask off the thread that starts processes
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        if not pool.active:
            raise SetupError("pool_not_started", remedy="run_doctor")
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


class _Shift:
    """One run of the pool: what is in hand, and what was found in another worker's hand a moment ago."""

    def __init__(
        self, ctx: Context, pool: ProcessPool, intake: Iterator[object], width: int, watch: MemoryWatch, takes: Own
    ) -> None:
        self._ctx = ctx
        self._watch = watch
        self._pool = pool
        self._intake = intake
        self._width = width
        self._takes = takes
        self._running: dict[str, ProcessFuture[StepOutcome]] = {}
        self._not_before: dict[str, float] = {}
        self._full_since: float | None = None  # while nothing went on for want of room

    def work(self, on_progress: Callable[[], None], is_over: Callable[[], bool]) -> bool:
        """Work until nothing can go on, or until it is over, and what was begun has ended; whether it is the former."""
        more = True
        while not is_over():
            self._collect()
            self._hand_out()
            on_progress()
            if more and len(self._running) < self._width:
                more = next(self._intake, _END) is not _END
            elif more or self._running or any(map(self._takes, self._ctx.ledger.entries(state="waiting"))):
                time.sleep(_POLL_S)
            else:
                return True
        while self._running:
            self._collect()
            time.sleep(_POLL_S)
        return False

    def _collect(self) -> None:
        if not self._pool.active:  # pebble gives a pool up when one of its processes is killed between two documents
            raise BrokenProcessPool
        for document_id in [key for key, future in self._running.items() if future.done()]:
            self._finish(document_id, self._running.pop(document_id))

    def _hand_out(self) -> None:
        for entry in filter(self._takes, ready(self._ctx)):
            if len(self._running) >= self._width:
                return
            if entry.id not in self._running and self._not_before.get(entry.id, 0) <= time.monotonic():
                limit_s = self._ctx.settings.work.document_limit_s
                self._running[entry.id] = self._pool.schedule(_work, args=[entry.id], timeout=limit_s)

    def _finish(self, document_id: str, future: ProcessFuture[StepOutcome]) -> None:
        try:
            outcome: StepOutcome = future.result()
        except BrokenProcessPool:
            return
        except FutureTimeout:
            blame(self._ctx, document_id, OutOfTime)
            return
        except ProcessExpired as error:
            blame_lost(self._ctx, in_hand(self._ctx, error.pid) or [document_id], error, self._watch)
            return
        except TemporaryFailure as error:  # a new process of the pool cannot begin yet, or the ledger not be written
            _log.warning("%s", error.explain())
            outcome = "elsewhere"
            self._bear(error.told)
        if outcome == "elsewhere":
            self._not_before[document_id] = time.monotonic() + _PAUSE_S
        elif outcome == "retry":
            entry = self._ctx.ledger.entry(document_id)
            self._bear(entry.reason if entry else NO_REASON)
        else:
            self._full_since = None

    def _bear(self, reason: Reason) -> None:
        """Wait for room on a disk that is full, but not for ever: nobody may be there to make some.

        Raises:
            DiskFull: nothing went on for a while.
        """
        if reason.word != DiskFull.reason:
            return
        self._full_since = self._full_since or time.monotonic()
        if time.monotonic() - self._full_since >= PATIENCE_S:
            raise DiskFull


def in_hand(ctx: Context, process: int) -> list[str]:
    """What a process of this machine had in hand when it ended."""
    waiting = ctx.ledger.entries(state="waiting")
    return [entry.id for entry in waiting if entry.lease_owner and is_of(entry.lease_owner, process)]


def blame_lost(ctx: Context, documents: Iterable[str], lost: ProcessExpired, watch: MemoryWatch) -> None:
    """A process ended over these documents; its temporary files are removed."""
    scratch = ctx.settings.scratch
    pages = [alarm.place(folder) for process, folder in owners(scratch) if process == lost.pid]
    why: type[Held] = OutOfTime if lost.exitcode == -alarm.ENDS_BY else WorkerLost
    for document_id in documents:
        blame(ctx, document_id, OutOfMemory if lost.pid in watch.ended else why, next(iter(pages), None))
    sweep_scratch(scratch)


def blame(ctx: Context, document_id: str, why: type[Held], page: int | None = None) -> None:
    """A process was lost over this document: once is bad luck, twice is the document; one that takes long is held."""
    entry = ctx.ledger.entry(document_id)
    claim = ctx.ledger.claim(document_id, entry.stage, 60) if entry else None
    stage = DIGITISE.after(entry.stage) if entry else None
    if entry is None or claim is None or stage is None:
        return
    place = told("at_page", stage=stage.name, page=page) if page else stage.name
    error = why(f"{why.what}_at", place=place)
    _log.warning("%s: %s", document_id, error.explain())
    is_held = why is OutOfTime or entry.reason.word == error.reason
    state: FailedState = "held" if is_held else "waiting"
    with ctx.journal.once(document_id) as record:
        if is_held:
            record(PaperHeld(event="held", who=LINE, subject=document_id, stage=stage.name, reason=error.reason))
        ctx.ledger.fail_stage(claim, stage.name, state, error.told, worker=claim.lost or "")


def _start(settings: Settings, parent: int) -> None:
    """Set up a pool process: dies with its parent, cannot eat the machine's memory."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    set_up_process(settings)
    alarm.set_up(settings.work, own_folder(settings.scratch))
    _settings.append(settings)  # opened by the first document: pebble starts a process that fails here for ever anew


def set_up_process(settings: Settings) -> None:
    """Limits and scratch folder of any process that runs stages."""
    _libc.mallopt(_M_ARENA_MAX, 1)  # one heap for all threads: each keeps for itself what a large page took
    _libc.mallopt(_M_MMAP_THRESHOLD, 8 << 20)  # pictures of whole sheets leave no holes in the heap
    _libc.mallopt(_M_TRIM_THRESHOLD, 64 << 20)  # set too, for glibc stops choosing it when the other is set
    most = settings.work.memory_mib + _LARGEST_BLOCK_MIB << 20  # where nobody watches: see ``MemoryWatch``
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    scratch = own_folder(settings.scratch)
    tempfile.tempdir = str(scratch)
    os.environ["TMPDIR"] = str(scratch)  # for the programs that stages start
    for vendor in (
        "ocrmypdf",
        "pikepdf",
        "pyhanko",
        "fontTools",
        "alembic",
        "PIL",
        "elastic_transport",
        "elasticsearch",
    ):
        logging.getLogger(vendor).setLevel(logging.ERROR)  # what matters of it reaches people as our own errors
    log_shown()


def _work(document_id: str, *, is_alone: bool = False) -> StepOutcome:
    if not _own:
        _own.append(ExitStack().enter_context(open_context(_settings[0])))
        _own[0].tells_index = is_alone
    serve_desks(_own[0], document_id, _give_back)
    return run_through(_own[0], document_id, _give_back)


def _give_back() -> None:
    """Return to the system what glibc keeps of a stage's memory: 50 to 100 MB after an A3 sheet."""
    _libc.malloc_trim(0)
