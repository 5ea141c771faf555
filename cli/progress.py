"""The progress bar: documents, pages, time left; reads the ledger, so it tells what is really done."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from cli.output import CHATTER
from pipeline.context import Context
from pipeline.intake import Seen

_EVERY_S = 0.5
# The time left follows the pace of the last ten minutes: papers take from one second to minutes, one by one they jump.
_PACE_OF_S = 600


@contextmanager
def follow(ctx: Context, files: int, seen: list[Seen]) -> Iterator[Callable[[], None]]:
    """Show the way of ``files`` files; call what this gives as often as you like."""
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
        before = _documents(ctx)

        def on_progress() -> None:
            nonlocal shown
            if time.monotonic() - shown < _EVERY_S:
                return
            shown = time.monotonic()
            waiting = len({entry.id for entry in ctx.ledger.entries(state="waiting")})
            pages = sum(number for state, (_, number) in ctx.ledger.counts().items() if state != "waiting")
            # A stack brings more documents than files: what it was split into counts as soon as it is known.
            further = _documents(ctx) - before - sum(item.state == "received" for item in seen)
            bar.update(task, total=files + further, completed=max(0, len(seen) + further - waiting), pages=pages)

        yield on_progress
        shown = 0.0
        on_progress()


def _documents(ctx: Context) -> int:
    return sum(number for number, _ in ctx.ledger.counts().values())
