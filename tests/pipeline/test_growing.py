"""A scan that is still being written waits until it is whole; the others go on meanwhile."""

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from PIL import Image

from config.settings import load_settings
from domain.errors import Refused
from pipeline.context import digest
from pipeline.errors import StillWritten
from pipeline.intake import Seen, arrivals, open_batch, take_in
from pipeline.quiet import Watch
from pipeline.records import Source, Statement
from pipeline.stages.receive import receive
from services.context import Services, open_services
from tests.support.scans import as_tiff, paper

QUIET_S = 0.6


@pytest.fixture
def ctx(tmp_path: Path) -> Iterator[Services]:
    """A store that waits a little for files to be left alone."""
    with open_services(load_settings(tmp_path / "home", {"KHOSO_INTAKE__QUIET_S": str(QUIET_S)})) as opened:
        yield opened


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A TIFF of three pages."""
    path = tmp_path_factory.mktemp("whole") / "scan.tif"
    pages = [paper(kind).crop((0, 0, 1654, 700)) for kind in ("notice", "official_letter", "birth_certificate")]
    return as_tiff(path, *pages, compression="group4").read_bytes()


def old(path: Path, content: bytes, age_s: float = 60) -> Path:
    """A file that was written some time ago."""
    path.write_bytes(content)
    os.utime(path, (time.time() - age_s,) * 2)
    return path


def taken(ctx: Services, *files: Path) -> list[Seen]:
    """What became of files."""
    return [seen for seen in arrivals(ctx, files, open_batch(ctx, "test"), {}) if seen is not None]


@contextmanager
def meanwhile(*steps: Callable[[], object], every_s: float = 0.25) -> Iterator[None]:
    """Something that goes on beside what is tested, a step at a time."""

    def go() -> None:
        for step in steps:
            time.sleep(every_s)
            step()

    other = threading.Thread(target=go)
    other.start()
    try:
        yield
    finally:
        other.join()


# How a file is written while it is looked at


def grows(path: Path, whole: bytes) -> list[Callable[[], object]]:
    """Bytes are put at its end; whenever one looks, a part of the pages is there."""

    def append(start: int) -> None:
        with path.open("ab") as file:
            file.write(whole[start : start + len(whole) // 4])

    path.write_bytes(whole[: len(whole) // 4])
    return [partial(append, start) for start in range(len(whole) // 4, len(whole), len(whole) // 4)]


def grows_by_pages(path: Path, whole: bytes) -> list[Callable[[], object]]:
    """Its program writes it anew with each further page."""
    with Image.open(path.parent.parent / "whole.tif") as image:
        frames = []
        for page in range(3):
            image.seek(page)
            frames.append(image.convert("L").convert("RGB"))
    as_tiff(path, frames[0], compression="group4")
    return [lambda: as_tiff(path, *frames[:2], compression="group4"), lambda: path.write_bytes(whole)]


def shrinks(path: Path, whole: bytes) -> list[Callable[[], object]]:
    """Room was set aside for it, and what was not needed is cut off at the end."""
    path.write_bytes(bytes(2 * len(whole)))

    def fill() -> None:
        with path.open("r+b") as file:
            file.write(whole)

    return [fill, lambda: os.truncate(path, len(whole))]


def is_replaced(path: Path, whole: bytes) -> list[Callable[[], object]]:
    """Another file is moved into its place."""
    path.write_bytes(whole[:1000])
    other = path.with_suffix(".part")

    def move() -> None:
        other.write_bytes(whole)
        other.replace(path)

    return [move]


def vanishes_for_a_while(path: Path, whole: bytes) -> list[Callable[[], object]]:
    """It is rewritten by a program that writes into another name first and renames it."""
    path.write_bytes(whole[:1000])
    beside = path.with_suffix(".new")
    return [lambda: beside.write_bytes(whole), lambda: beside.replace(path)]


@pytest.mark.parametrize("writes", [grows, grows_by_pages, shrinks, is_replaced, vanishes_for_a_while])
@pytest.mark.parametrize("clock_off_s", [0, 3600])
def test_a_file_under_way_is_taken_when_it_is_whole(
    ctx: Services, whole: bytes, tmp_path: Path, writes: Callable[..., list[Callable[[], object]]], clock_off_s: int
) -> None:
    """Whatever its program does, also under a clock that is ahead of ours, only the whole file is taken in."""
    folder = tmp_path / "in"
    folder.mkdir()
    (tmp_path / "whole.tif").write_bytes(whole)
    path = folder / "a.tif"
    steps = writes(path, whole)

    def dated(step: Callable[[], object]) -> Callable[[], object]:
        def run() -> None:
            step()
            if clock_off_s:
                os.utime(path, (time.time() + clock_off_s,) * 2)

        return run

    ready = old(folder / "b.tif", (tmp_path / "whole.tif").read_bytes() + b"\0")
    with meanwhile(*map(dated, steps)):
        seen = {found.path: found for found in taken(ctx, path, ready)}  # in whatever order: a busy machine is slow
    assert {name: found.state for name, found in seen.items()} == {str(path): "received", str(ready): "received"}
    entry = ctx.ledger.entry(seen[str(path)].document_id or "")
    assert entry is not None
    assert (ctx.settings.inbox / f"{entry.sha256}.tiff").read_bytes() == whole
    assert len(ctx.ledger.entries()) == 2


def test_an_old_file_costs_no_waiting(
    ctx: Services, whole: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files that were written long ago are taken at once, in their order."""
    monkeypatch.setattr(time, "sleep", lambda seconds: pytest.fail(f"waited {seconds} s") if seconds else None)
    files = [old(tmp_path / f"{name}.tif", whole + name.encode()) for name in "abc"]
    assert [seen.path for seen in taken(ctx, *files)] == [str(path) for path in files]


def test_files_just_copied_keep_their_order(ctx: Services, whole: bytes, tmp_path: Path) -> None:
    """A folder that was filled a moment ago is waited for once, and taken in order whatever the times of its files."""
    files = [
        old(tmp_path / f"{name}.tif", whole + name.encode(), age_s=age)
        for name, age in zip("abc", (0, 9, 0.3), strict=True)
    ]
    assert [seen.path for seen in taken(ctx, *files)] == [str(path) for path in files]


def test_ctrl_c_leaves_what_waits(ctx: Services, whole: bytes, tmp_path: Path) -> None:
    """A command that ends while a file waits has entered nothing of it; the next one takes it whole."""
    path = tmp_path / "a.tif"
    ready = old(tmp_path / "b.tif", whole + b"\0")
    with meanwhile(*grows(path, whole)):
        first = next(iter(arrivals(ctx, [path, ready], open_batch(ctx, "test"), {})))  # and then it is left
        assert first is not None
        assert first.path == str(ready)
        assert [entry.id for entry in ctx.ledger.entries()] == [first.document_id]
    again = taken(ctx, path, ready)
    assert [(seen.path, seen.state) for seen in again] == [(str(path), "received"), (str(ready), "resumed")]


@pytest.mark.parametrize("change", ["grows", "shrinks", "is replaced", "goes"])
def test_a_file_that_changes_while_it_is_read_is_not_taken(
    ctx: Services, whole: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    """What was read of a file that changed meanwhile is no file that ever was: nothing of it is kept."""
    path = old(tmp_path / "a.tif", whole)

    def disturb() -> None:
        if change == "grows":
            path.write_bytes(whole * 2)
        elif change == "shrinks":
            path.write_bytes(whole[:100])
        elif change == "is replaced":
            shutil.copy(path, tmp_path / "b.tif")
            (tmp_path / "b.tif").replace(path)
        else:
            path.unlink()

    def flush(number: int) -> None:
        disturb()
        flushed(number)

    flushed = os.fsync
    monkeypatch.setattr(os, "fsync", flush)
    expected = Refused if change == "goes" else StillWritten
    with pytest.raises(expected):
        receive(Source(path=str(path), batch_id="b"), ctx)
    assert not list(ctx.settings.inbox.iterdir())


def test_what_changed_while_it_was_read_is_read_again(
    ctx: Services, whole: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that grows behind the reader's eye is put back, and taken once it is whole."""
    path = old(tmp_path / "a.tif", whole[:1000])
    times: list[int] = []

    def flush(number: int) -> None:
        if not times:
            path.write_bytes(whole)
        times.append(number)

    monkeypatch.setattr(os, "fsync", flush)
    (seen,) = taken(ctx, path)
    assert seen.state == "received"
    assert digest(ctx.settings.inbox / f"{digest(path)}.tiff") == digest(path)
    assert len(ctx.ledger.sources(ctx.ledger.entries()[0].batch_id)) == 1


def test_the_watch_counts_from_the_last_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Time left: what is missing to the quiet seconds since the file's own time, or since we saw it change."""
    at = [1000.0]
    monkeypatch.setattr(time, "time", lambda: at[0])
    monkeypatch.setattr(time, "monotonic", lambda: at[0] - 900)
    path = tmp_path / "a"
    path.write_bytes(b"x")

    def left(file_time: float, clock: float) -> float:
        os.utime(path, (file_time,) * 2)
        at[0] = clock
        return round(watch.wait_s(path), 3)

    watch = Watch(2)
    assert left(999.5, 1000) == 1.5
    assert left(999.5, 1001) == 0.5
    assert left(1000.9, 1001.2) == 2.0  # it was written to
    assert left(1000.9, 1003.2) == 0
    assert left(5000, 1004) == 2.0  # a clock that is ahead
    assert left(5000, 1005) == 1.0
    assert left(5000, 1006) == 0
    assert Watch(0).wait_s(path) == 0
    assert watch.wait_s(tmp_path / "gone") == 0


def test_a_pipe_is_refused(ctx: Services, tmp_path: Path) -> None:
    """What would keep its reader waiting for ever is not opened."""
    os.mkfifo(tmp_path / "scan.pdf")
    seen = take_in(ctx, tmp_path / "scan.pdf", open_batch(ctx, "test"), Statement())
    assert (seen.state, seen.reason.word) == ("refused", "unreadable")


def test_a_name_that_is_no_utf8_is_shown_escaped(ctx: Services, whole: bytes, tmp_path: Path) -> None:
    """Such a file is taken like any other; what is told and stored of its name can be written."""
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/gi\xa1y.tif"))
    seen = take_in(ctx, old(path, whole), open_batch(ctx, "test"), Statement())
    assert (seen.state, Path(seen.path).name) == ("received", r"gi\xa1y.tif")
    gone = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xa1.tif"))
    assert r"\xa1.tif cannot be read" in take_in(ctx, gone, open_batch(ctx, "test"), Statement()).reason.text()
