"""The progress bar: documents, pages, time left; reads the ledger, so it tells what is really done."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from archive.interface import LedgerEntry
from cli.output import CHATTER
from domain.clock import now
from pipeline.context import Context
from pipeline.intake import Seen

_EVERY_S = 0.5
_PROBE_S = 15  # a document that is due is tried well within this
# The time left follows the pace of the last ten minutes: papers take from one second to minutes, one by one they jump.
_PACE_OF_S = 600


@contextmanager
def follow(ctx: Context, files: int, seen: list[Seen]) -> Iterator[Callable[[], None]]:
    """Show the way of ``files`` files, and say what documents wait for; call what this gives as often as you like."""
    columns = (
        TextColumn("documents"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[pages]} pages"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    bar = Progress(*columns, console=CHATTER, disable=not CHATTER.is_terminal, speed_estimate_period=_PACE_OF_S)
    with bar:
        task = bar.add_task("documents", total=files, pages=0)
        shown = 0.0
        told: set[str] = set()
        before = _documents(ctx)

        def on_progress() -> None:
            nonlocal shown, told
            if time.monotonic() - shown < _EVERY_S:
                return
            shown = time.monotonic()
            entries = ctx.ledger.entries(state="waiting")
            told = _say(entries, told)
            waiting = len({entry.id for entry in entries})
            pages = sum(number for state, (_, number) in ctx.ledger.counts().items() if state != "waiting")
            # A stack brings more documents than files: what it was split into counts as soon as it is known.
            further = _documents(ctx) - before - sum(item.state == "received" for item in seen)
            bar.update(task, total=files + further, completed=max(0, len(seen) + further - waiting), pages=pages)

        yield on_progress
        shown = 0.0
        on_progress()


def _say(waiting: list[LedgerEntry], told: set[str]) -> set[str]:
    """Say once what documents wait for, and once that they go on; gives what was said and still holds.

    A document that was due long ago waits for its turn only.
    """
    newest = now() - timedelta(seconds=_PROBE_S)
    put_back = [entry for entry in waiting if entry.not_before and entry.not_before > newest]
    reasons = {entry.reason.partition(":")[0]: entry.reason for entry in put_back}
    for word in reasons.keys() - told:
        CHATTER.print(f"Waiting: {reasons[word]}", markup=False, soft_wrap=True)
    for word in told - reasons.keys():
        CHATTER.print(f"Going on: {word} is over.", markup=False)
    return set(reasons)


def _documents(ctx: Context) -> int:
    return sum(number for number, _ in ctx.ledger.counts().values())
