"""A worker: takes messages one at a time, and sends again what the ledger says is waiting."""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from types import FrameType

from dramatiq import Worker
from pebble import ProcessExpired, ProcessFuture

from config.settings import Settings
from domain.errors import KhosoError
from pipeline.bounds.memory import MemoryWatch
from pipeline.context import open_context
from pipeline.embedded import blame_lost, in_hand, open_pool
from pipeline.hands.keys import get_keys_ready
from pipeline.indexing import drain_if_possible
from workers.actors import make_actors, open_broker, reached, send_ready

_SWEEP_S = 5
_POLL_S = 0.5
_FAREWELL_MS = 5_000
_log = logging.getLogger("khoso.workers")


def work(settings: Settings, url: str, *, until_idle: bool) -> None:
    """Work until told to stop (SIGTERM, Ctrl-C), or until nothing waits.

    A process of its own runs the stages, and this one looks after it: a paper that takes too much memory or time ends
    that process, and is held for it.  One thread a process: the recogniser runs one document at a time.  More power is
    more workers.

    Raises:
        TemporaryFailure: the broker does not answer.
        SetupError: a stage stopped the line.
    """
    with open_context(settings) as ctx:
        get_keys_ready(ctx)
        with MemoryWatch(settings.scratch, settings.work.memory_mib) as watch, _stopping() as stopped:
            while not stopped.is_set():
                try:
                    with open_pool(settings, 1) as pool:
                        served = pool.schedule(_serve, args=[settings, url], kwargs={"until_idle": until_idle})
                        _pass_on(stopped, served, watch)
                        served.result()
                except ProcessExpired as lost:
                    blame_lost(ctx, in_hand(ctx, lost.pid), lost, watch)
                except BrokenProcessPool:
                    _log.warning("The process that works ended before it had begun")  # as when it is told to stop then
                else:
                    return


@contextmanager
def _stopping() -> Iterator[threading.Event]:
    """While this lasts, what tells this process to stop is kept."""
    stopped = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        stopped.set()

    before = [(number, signal.signal(number, end)) for number in (signal.SIGTERM, signal.SIGINT)]
    try:
        yield stopped
    finally:
        for number, handler in before:
            signal.signal(number, handler)


def _pass_on(stopped: threading.Event, served: "ProcessFuture[None]", watch: MemoryWatch) -> None:
    """Wait for the process that works; told to stop, tell it too: it ends what it has in hand.

    It is told again and again, for it may begin only now, and would hear of nothing that was told before.
    """
    while not wait([served], timeout=_POLL_S).done:
        if stopped.is_set():
            for process in watch.started():
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGTERM)


def _serve(settings: Settings, url: str, *, until_idle: bool) -> None:
    """Take messages, in a process of a pool."""
    broker = open_broker(url)
    with open_context(settings) as ctx, reached(broker, url, "start_broker_worker"):
        stop = threading.Event()
        halted: list[KhosoError] = []

        def halt(error: KhosoError) -> None:
            halted.append(error)
            stop.set()

        busy = threading.Lock()
        actors = make_actors(broker, lambda: ctx, halt, busy)

        def send(sent: set[tuple[str, str]]) -> int:
            drain_if_possible(ctx)  # what the index missed while the engine was away
            return send_ready(ctx, actors, sent)

        def end(_signal: int, _frame: FrameType | None) -> None:
            stop.set()

        signal.signal(signal.SIGTERM, end)
        worker = Worker(broker, worker_threads=1)
        try:
            worker.start()
            _sweep(
                send,
                lambda: bool(ctx.ledger.entries(state="waiting")),
                stop,
                until_idle=until_idle,
            )
        finally:
            _end(worker, busy)
        drain_if_possible(ctx)  # what it archived since the last sweep
        if halted:
            raise halted[0]


def _end(worker: Worker, busy: threading.Lock) -> None:
    """Let a worker end the paper that it has in hand, and take no other.

    It would tell a broker that is away for ever what it has done; the ledger knows it, so that is given up soon.
    """
    for thread in worker.workers:
        thread.stop()
    busy.acquire()  # for good: what its thread has just been given is not begun
    worker.stop(timeout=_FAREWELL_MS)


def _sweep(
    send: Callable[[set[tuple[str, str]]], int], waits: Callable[[], bool], stop: threading.Event, *, until_idle: bool
) -> None:
    """The ledger is the truth: what it says can go on is sent again now and then, should a message be lost."""
    last = 0.0
    while not stop.is_set():
        if time.monotonic() - last > _SWEEP_S:
            number = send(set())
            last = time.monotonic()
            _log.info("%d documents can go on", number)
        if until_idle and not waits():
            return
        stop.wait(0.5)
