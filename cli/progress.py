"""The progress bar: documents, pages, time left; reads the ledger, so it tells what is really done."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from archive.interface import LedgerEntry
from cli.output import CHATTER, say
from cli.pace import Pace, Waiting
from domain.clock import now
from pipeline.context import Context
from pipeline.intake import Seen

_EVERY_S = 0.5
_PROBE_S = 15  # a document that is due is tried well within this


@contextmanager
def follow(ctx: Context, batch: str, files: int, seen: list[Seen], workers: int) -> Iterator[Callable[[], None]]:
    """Show the way of a batch of files, and say what its documents wait for; call what this gives now and then."""
    columns = (
        TextColumn("documents"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[pages]} pages"),
        TimeElapsedColumn(),
        TextColumn("[progress.remaining]{task.fields[left]} left"),
    )
    with Progress(*columns, console=CHATTER, disable=not CHATTER.is_terminal) as bar:
        task = bar.add_task("documents", total=files, pages=0, left=_clock(None))
        shown = 0.0
        mentioned: set[str] = set()
        pace = Pace(workers)
        before = sum(number for number, _ in ctx.ledger.counts(batch).values())

        def on_progress() -> None:
            nonlocal shown, mentioned
            if time.monotonic() - shown < _EVERY_S:
                return
            shown = time.monotonic()
            entries = ctx.ledger.entries(batch, "waiting")
            mentioned = _say(entries, mentioned)
            waiting = {entry.id: Waiting(pages=entry.pages, in_hand=entry.lease_owner is not None) for entry in entries}
            pace.watch(shown, waiting)
            counts = ctx.ledger.counts(batch)
            received = sum(item.state == "received" for item in seen)
            # A stack brings more documents than files: what it was split into counts as soon as it is known.
            further = sum(number for number, _ in counts.values()) - before - received
            unseen = (files - len(seen)) * (received / len(seen) if seen else 1.0)
            bar.update(
                task,
                total=files + further,
                completed=max(0, len(seen) + further - len(waiting)),
                pages=sum(pages for state, (_, pages) in counts.items() if state != "waiting"),
                left=_clock(pace.left_s(waiting, unseen)),
            )

        yield on_progress
        shown = 0.0
        on_progress()


@contextmanager
def step_bar() -> Iterator[Callable[[int, int], None]]:
    """A bar with the time left, on a terminal, for what is done step by step; tell it what is done, and of how much.

    Less than before, or of another number, is the next step.
    """
    columns = (BarColumn(), TaskProgressColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=CHATTER, transient=True, disable=not CHATTER.is_terminal) as bar:

        def on_progress(done: int, of: int) -> None:
            last = bar.tasks[-1] if bar.tasks else None
            if last is not None and last.total == of and last.completed <= done:
                bar.update(last.id, completed=done)
                return
            if last is not None:
                bar.remove_task(last.id)
            bar.add_task("", total=of, completed=done)

        yield on_progress


def _clock(seconds: float | None) -> str:
    return "-:--:--" if seconds is None else str(timedelta(seconds=round(seconds)))


def _say(waiting: list[LedgerEntry], mentioned: set[str]) -> set[str]:
    """Say once what documents wait for, and once that they go on; gives what was said and still holds.

    A document that was due long ago waits for its turn only.
    """
    newest = now() - timedelta(seconds=_PROBE_S)
    put_back = [entry for entry in waiting if entry.not_before and entry.not_before > newest]
    reasons = {entry.reason.word: entry.reason for entry in put_back}
    for word in reasons.keys() - mentioned:
        say("waits_for", why=reasons[word].text())
    for word in mentioned - reasons.keys():
        say("goes_on", word=word)
    return set(reasons)
