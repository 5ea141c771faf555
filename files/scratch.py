"""Temporary files of the store: each process has a folder of its own, and its lock as long as it lives.

The lock tells who is gone, also where processes of several containers, whose numbers meet, share a store.
"""

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple


class _Own(NamedTuple):
    process: int
    lock: int
    folder: Path


_own: dict[Path, _Own] = {}


def own_folder(scratch: Path) -> Path:
    """The folder of this process, made when it is missing."""
    mine = _own.get(scratch)
    while mine is None or mine.process != os.getpid() or not mine.folder.exists():
        folder = scratch / f"{os.getpid()}-{secrets.token_hex(4)}"
        folder.mkdir(parents=True)
        with suppress(FileNotFoundError):  # somebody swept it before it was locked
            mine = _Own(os.getpid(), os.open(folder, os.O_RDONLY | os.O_DIRECTORY), folder)
            fcntl.flock(mine.lock, fcntl.LOCK_EX)
    _own[scratch] = mine
    return mine.folder


def owners(scratch: Path) -> Iterator[tuple[int, Path]]:
    """The folders here, each with the number of the process that has it or had it."""
    for folder in scratch.glob("[0-9]*-*"):
        number = folder.name.partition("-")[0]
        if number.isdigit():
            yield int(number), folder


def leave(scratch: Path) -> None:
    """Take the folder of this process away, when nothing is in it."""
    mine = _own.get(scratch)
    if mine is not None and mine.process == os.getpid():
        with suppress(OSError):
            mine.folder.rmdir()
            os.close(mine.lock)
            del _own[scratch]


def sweep_scratch(scratch: Path) -> None:
    """Remove what processes that are gone have left; copies of papers may be among it."""
    for folder in scratch.glob("[0-9]*"):
        with suppress(FileNotFoundError, NotADirectoryError, BlockingIOError):  # the last: it is somebody's
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(lock)
