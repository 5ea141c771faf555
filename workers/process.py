"""A worker process: takes messages one at a time, and sends again what the ledger says is waiting."""

import logging
import signal
import threading
import time
from collections.abc import Callable
from types import FrameType

from dramatiq import Worker

from config.settings import Settings
from domain.clock import now
from domain.errors import KhosoError, TemporaryFailure
from pipeline.context import open_context
from pipeline.embedded import set_up_process
from pipeline.indexing import drain_if_possible
from signing.keys.terms import warn_of_ends
from workers.actors import AWAY, make_actors, open_broker, send_ready

_SWEEP_S = 5
_log = logging.getLogger("khoso.workers")


def work(settings: Settings, url: str, *, until_idle: bool) -> None:
    """Work until told to stop (SIGTERM, Ctrl-C), or until nothing waits.

    One thread a process: the recogniser runs one document at a time.  More power is more processes.

    Raises:
        TemporaryFailure: the broker does not answer.
        SetupError: a stage stopped the line.
    """
    set_up_process(settings)
    with open_context(settings) as ctx:
        warn_of_ends(ctx.signers.terms(), now())
        ctx.signers.get_ready()
        broker = open_broker(url)
        stop = threading.Event()
        halted: list[KhosoError] = []

        def halt(error: KhosoError) -> None:
            halted.append(error)
            stop.set()

        actors = make_actors(broker, lambda: ctx, halt)

        def send(sent: set[tuple[str, str]]) -> int:
            drain_if_possible(ctx)  # what the index missed while the engine was away
            return send_ready(ctx, actors, sent)

        def end(_signal: int, _frame: FrameType | None) -> None:
            stop.set()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, end)
        worker = Worker(broker, worker_threads=1)
        try:
            worker.start()
            _sweep(
                send,
                lambda: bool(ctx.ledger.entries(state="waiting")),
                stop,
                until_idle=until_idle,
            )
        except AWAY:
            raise TemporaryFailure(
                f"The broker at {url} does not answer", reason="broker_away", remedy="Start it, then the worker"
            ) from None
        finally:
            worker.stop()
            broker.close()
        drain_if_possible(ctx)  # what it archived since the last sweep
        if halted:
            raise halted[0]


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
