"""A disk that is full is waited for, but not for ever: the line stops and says so, and the same command goes on."""

import errno
import os
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from archive.errors import DatabaseFull
from domain.errors import ExitCode, TemporaryFailure
from domain.states import StepOutcome
from pipeline import embedded, intake
from pipeline.errors import DiskFull
from pipeline.intake import arrivals, open_batch, take_in
from pipeline.runner import run_through
from services.context import Services
from tests.support.desk import STATED
from tests.support.walks import slip

_FULL = DatabaseFull("The disk on which ledger.sqlite lies is full")
_Came = StepOutcome | TemporaryFailure


class Pool:
    """Stands for the processes of the line: what comes of a document when they take it."""

    active = True

    def __init__(self, ctx: Services, came: Iterator[_Came]) -> None:
        self._ctx = ctx
        self._came = came

    def schedule(self, _work: object, *, args: list[str], timeout: float) -> Future[Any]:  # noqa: ARG002 (as pebble's)
        """Give it to one of them."""
        future: Future[Any] = Future()
        outcome = next(self._came, "done")
        if outcome == "retry":
            claim = self._ctx.ledger.claim(args[0], "receive", 60)
            if claim is not None:
                self._ctx.ledger.fail_stage(claim, "prepare", "waiting", DiskFull().told)
        elif outcome == "done":
            run_through(self._ctx, args[0])
        if isinstance(outcome, TemporaryFailure):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)
        return future


@pytest.fixture
def document(ctx: Services, tmp_path: Path) -> str:
    """A paper on its way."""
    slip().save(tmp_path / "a.jpg", dpi=(200, 200))
    return take_in(ctx, tmp_path / "a.jpg", open_batch(ctx, "test"), STATED).document_id or ""


def run(ctx: Services, monkeypatch: pytest.MonkeyPatch, *came: _Came, patience: float) -> None:
    """Run the line over such processes."""

    @contextmanager
    def opened(*_: object) -> Iterator[Pool]:
        yield Pool(ctx, iter(came))

    monkeypatch.setattr(embedded, "open_pool", opened)
    monkeypatch.setattr(embedded, "PATIENCE_S", patience)
    monkeypatch.setattr(embedded, "_PAUSE_S", 0)
    embedded.run_embedded(ctx, iter(()), 1)


@pytest.mark.parametrize("came", [_FULL, "retry"], ids=["the ledger cannot be written", "a stage finds no room"])
def test_the_line_stops(ctx: Services, document: str, monkeypatch: pytest.MonkeyPatch, came: _Came) -> None:
    """Nobody makes room: the command ends (5), and the paper waits."""
    with pytest.raises(DiskFull) as stopped:
        run(ctx, monkeypatch, came, patience=0)
    assert stopped.value.exit_code == ExitCode.SETUP
    assert "the same command goes on" in stopped.value.explain()
    entry = ctx.ledger.entry(document)
    assert entry
    assert entry.state == "waiting"
    run(ctx, monkeypatch, patience=0)
    entry = ctx.ledger.entry(document)
    assert entry
    assert entry.state == "done"


def test_room_that_is_made_in_time_is_used(ctx: Services, document: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The line goes on by itself."""
    run(ctx, monkeypatch, _FULL, _FULL, "retry", patience=600)
    entry = ctx.ledger.entry(document)
    assert entry
    assert entry.state == "done"


def test_the_door_closes(ctx: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes in while nothing can be written down is refused to nobody: the command ends, and it is taken later."""
    path = tmp_path / "a.jpg"
    slip().save(path, dpi=(200, 200))
    batch = open_batch(ctx, "test")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(intake, "PATIENCE_S", 0)
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(DiskFull):
            list(arrivals(ctx, [path], batch, {}))
    assert not ctx.ledger.entries()
    assert [seen.state for seen in arrivals(ctx, [path], batch, {}) if seen] == ["received"]
