"""An odd folder, as they are found on real disks: each thing in it has a line, the rest goes on, and the end comes."""

import errno
import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from config.settings import Settings
from domain.errors import ExitCode, UsageError
from pipeline.errors import DiskFull
from pipeline.intake import find_files, open_batch, take_in
from pipeline.records import Statement
from pipeline.runner import run_through
from pipeline.stages import receive
from services.context import Services
from tests.support.desk import COMMAND, STATED
from tests.support.walks import slip

_HUGE = 5 << 30
_NOBODY = 65_534
_NO_UTF8 = b"gi\xe5y.jpg"


def _socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # an address is short
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(here)


def _link(target: str) -> Callable[[Path], None]:
    return lambda path: path.symlink_to(target)


def _content(content: bytes) -> Callable[[Path], Any]:
    return lambda path: path.write_bytes(content)


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(_HUGE)


def _closed_file(path: Path) -> None:
    path.write_bytes(b"%PDF-1.7")
    path.chmod(0)


def _closed_folder(path: Path) -> None:
    path.mkdir()
    (path / "in.pdf").write_bytes(b"%PDF-1.7")
    path.chmod(0)


def _store(path: Path) -> None:
    path.mkdir()
    for name in ("ledger.sqlite", "scan.pdf"):
        (path / name).write_bytes(b"%PDF-1.7")


ODD: dict[str, tuple[Callable[[Path], Any], str]] = {
    "pipe.pdf": (os.mkfifo, "unreadable: {} is no file"),
    "pipe": (os.mkfifo, "unreadable: {} is no file"),
    "socket.pdf": (_socket, "unreadable: {} is no file"),
    "endless.pdf": (_link("/dev/zero"), "unreadable: {} is a link"),
    "endless": (_link("/dev/zero"), "unreadable: {} is a link"),
    "nowhere.pdf": (_link("/nowhere/x.pdf"), "unreadable: {} is a link"),
    "itself.pdf": (_link("itself.pdf"), "unreadable: {} is a link"),
    "round": (_link("around"), "unreadable: {} is a link"),
    "around": (_link("round"), "unreadable: {} is a link"),
    "this": (_link("."), "unreadable: {} is a link"),
    "out": (_link(".."), "unreadable: {} is a link"),
    "out.jpg": (_link("../outside.jpg"), "unreadable: {} is a link"),
    "closed.pdf": (_closed_file, "unreadable: {} cannot be read (Permission denied)"),
    "closed": (_closed_folder, "unreadable: {} cannot be read (Permission denied)"),
    "huge.pdf": (_sparse, "too_large: {} is larger than 2048 MiB"),
    "empty.pdf": (_content(b""), "empty_file: "),
    "esc\x1b]0;owned\x07.pdf": (_content(b"x"), "content_mismatch: "),
    "two\nlines.pdf": (_content(b"y"), "content_mismatch: "),
    "\u202efdp.exe": (_content(b"z"), "unsupported_format: "),
    "048193442112.pdf": (_content(b"w"), "content_mismatch: "),
    "store": (_store, "unreadable: {} belongs to a store"),
}


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that belongs to an ordinary user: whoever runs the tests, but root."""
    made = Path(tempfile.mkdtemp(prefix="odd-"))
    try:
        yield made
    finally:
        subprocess.run(["chmod", "-R", "u+rwX", str(made)], check=True)
        shutil.rmtree(made)


def as_ordinary_user(place: Path) -> dict[str, Any]:
    """How a program is started as one; root gives the folder to a user who is nobody else."""
    if os.geteuid():
        return {}
    subprocess.run(["chown", "-hR", f"{_NOBODY}:{_NOBODY}", str(place)], check=True)
    return {"user": _NOBODY, "group": _NOBODY, "extra_groups": []}


def test_each_thing_has_its_line(place: Path) -> None:
    """Whatever lies in a folder in place of a scan is refused by its name; the papers go on, and a rerun adds nothing.

    The store lies in that folder too, and no file of it is taken in.
    """
    folder = place / "in"
    folder.mkdir()
    slip().save(place / "outside.jpg", dpi=(200, 200))
    shutil.copy(place / "outside.jpg", Path(os.fsdecode(os.fsencode(folder) + b"/" + _NO_UTF8)))
    for name, (make, _) in ODD.items():
        make(folder / name)
    environment = {"PATH": os.environ["PATH"], "HOME": str(place), "KHOSO_LANG": "en"}
    user, seen = as_ordinary_user(place), []
    for _ in range(2):
        done = subprocess.run(
            [*COMMAND, "ingest", ".", "--json"], cwd=folder, env=environment, capture_output=True, check=False, **user
        )
        assert done.returncode == ExitCode.REFUSED, done.stderr
        assert b"Traceback" not in done.stderr
        assert not re.search(rb"\x1b|048193442112", done.stderr)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        got = {line["source"]: (line["state"], line["reason"]) for line in lines}
        assert len(got) == len(lines) == len(ODD) + 1
        for name, (_, reason) in ODD.items():
            state, why = got[str(folder / name)]
            assert (state, why[: len(expected := reason.format(folder / name))]) == ("refused", expected)
        with sqlite3.connect(folder / "khoso-data" / "ledger.sqlite") as db:
            seen.append(db.execute("SELECT path, sha256, state FROM sources ORDER BY seq").fetchall())
            (documents,) = db.execute("SELECT count(*) FROM documents").fetchone()
        assert documents == 1
        assert got[f"{folder}/gi\\xe5y.jpg"][0] in {"archived", "held", "duplicate"}
    assert seen[0] == seen[1]


def test_what_is_named_is_taken_through_a_link(settings: Settings, tmp_path: Path) -> None:
    """A person who names a link means the file; one that leads nowhere is refused, a name of nothing is an error."""
    (tmp_path / "a.pdf").write_bytes(b"x")
    (tmp_path / "link.pdf").symlink_to("a.pdf")
    (tmp_path / "nowhere.pdf").symlink_to("b.pdf")
    given = [tmp_path / "link.pdf", tmp_path / "nowhere.pdf"]
    assert find_files(given, settings.home) == [tmp_path / "a.pdf", tmp_path / "nowhere.pdf"]
    with pytest.raises(UsageError):
        find_files([tmp_path / "b.pdf"], settings.home)


def test_no_store_is_taken_in(ctx: Services) -> None:
    """Neither this store nor a part of it, by whatever way it is named."""
    inbox = ctx.settings.inbox
    inbox.mkdir()
    (inbox / "a.pdf").write_bytes(b"%PDF-1.7")
    assert not ctx.ledger.entries()
    home = ctx.settings.home
    assert find_files([home.parent], home) == []
    for path in (home, inbox, inbox / "a.pdf"):
        assert find_files([path], home) == [path]
        seen = take_in(ctx, path, open_batch(ctx, "test"), Statement())
        assert seen.state == "refused"
        assert seen.reason.text().startswith(f"unreadable: {path} belongs to a store.")
    assert find_files([home.parent], home.parent / "another") == [home]


def test_folders_within_folders_without_end(tmp_path: Path) -> None:
    """A scan at the bottom of more folders than Python calls itself is found."""
    bottom = tmp_path / Path("/".join("d" * 1_200))
    subprocess.run(["mkdir", "-p", str(bottom)], check=True)
    (bottom / "a.pdf").write_bytes(b"x")
    try:
        assert find_files([tmp_path], tmp_path / "home") == [bottom / "a.pdf"]
    finally:
        subprocess.run(["rm", "-r", str(tmp_path / "d")], check=True)


def test_a_known_file_is_not_copied(ctx: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A paper that waits in the inbox, or that came to its end, is known by its digest alone."""
    path = tmp_path / "a.jpg"
    slip().save(path, dpi=(200, 200))
    batch = open_batch(ctx, "test")
    first = take_in(ctx, path, batch, STATED)
    assert first.document_id is not None
    written = []
    monkeypatch.setattr(receive, "_taken", lambda *given: written.append(given))
    assert take_in(ctx, path, batch, STATED).document_id == first.document_id
    run_through(ctx, first.document_id)
    (entry,) = ctx.ledger.entries()
    assert entry.state == "done"
    assert not list(ctx.settings.inbox.iterdir())
    again = take_in(ctx, path, open_batch(ctx, "another"), STATED)
    assert (again.state, again.document_id) == ("known", first.document_id)
    assert written == []


@pytest.mark.parametrize(
    ("number", "expected"), [(errno.ENOSPC, DiskFull), (errno.EDQUOT, DiskFull), (errno.EROFS, OSError)]
)
def test_a_full_disk_refuses_nothing(
    ctx: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, expected: type[Exception]
) -> None:
    """A disk of ours on which nothing more can be written is no fault of the file."""
    path = tmp_path / "a.jpg"
    slip().save(path, dpi=(200, 200))
    batch = open_batch(ctx, "test")
    assert ctx.catalogue.by_bytes("") is None

    def full(_: int) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(expected):
            take_in(ctx, path, batch, STATED)
    assert not ctx.ledger.entries()
    assert not list(ctx.settings.inbox.iterdir())
    assert take_in(ctx, path, batch, STATED).state == "received"
