"""Files that are there whole or not at all, and survive a power cut: written beside, flushed, renamed.

What is written beside has the writer's lock, which ends with its process, however it ends and in whatever container it
ran.  So the next writer of the same file takes away what one left that was killed.
"""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, BinaryIO

OWN = 0o600  # readable and writable by its user alone


@contextmanager
def whole(path: Path, *, mode: int = 0o666, first: bool = False, anew: bool = False) -> Iterator[BinaryIO]:
    """A file to write into, which takes its place at ``path`` when the block ends well; else it leaves no trace.

    Who would write the same file meanwhile waits.

    Args:
        path: its place, in a folder that exists.
        mode: its permissions, less those that the umask takes off.
        first: a file that is there already stays: of two processes that begin together, one wins.
        anew: nothing may be there.

    Raises:
        FileExistsError: something is there, though it should be written anew.
    """
    part = _part_of(path)
    with beside(part, mode=mode) as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
        if anew:
            _put_anew(part, path)
        elif first:
            with suppress(FileExistsError):
                os.link(part, path)
        else:
            part.replace(path)
        flush_folder(path.parent)


@contextmanager
def beside(part: Path, *, mode: int = 0o666) -> Iterator[BinaryIO]:
    """A new file that is this writer's alone while the block runs; it is gone afterwards, unless it was renamed."""
    while True:
        try:
            descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode)
        except FileExistsError:
            _remove_when_free(part)
            continue
        with os.fdopen(descriptor, "w+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if not _is_there(part, file):
                continue  # somebody took it for one that is left over, before it was locked
            try:
                yield file
                return
            finally:
                if _is_there(part, file):
                    part.unlink()


def sweep_beside(path: Path) -> None:
    """Remove what a writer of this file left that was killed, be it after the file took its place."""
    with suppress(OSError):
        _remove_when_free(_part_of(path), patiently=False)


def sweep_unfinished(folder: Path) -> None:
    """Remove what writers left in a folder that were killed."""
    for part in folder.glob(".*.part"):
        with suppress(OSError):
            _remove_when_free(part, patiently=False)


def _remove_when_free(part: Path, *, patiently: bool = True) -> None:
    """Remove a file that is written beside another, once nobody writes it.

    Raises:
        BlockingIOError: somebody writes it, and there is no patience.
    """
    with suppress(FileNotFoundError), os.fdopen(os.open(part, os.O_RDONLY | os.O_NOFOLLOW)) as file:
        fcntl.flock(file, fcntl.LOCK_EX if patiently else fcntl.LOCK_EX | fcntl.LOCK_NB)
        if _is_there(part, file):
            part.unlink()


def _part_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.part")


def _is_there(part: Path, file: IO[Any]) -> bool:
    try:
        return os.path.samestat(part.lstat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False


def _put_anew(part: Path, path: Path) -> None:
    try:
        os.link(part, path)
    except FileExistsError:
        raise
    except OSError:  # sticks and shares know no links; there two who write at once are not told apart
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
        part.replace(path)


def flush_tree(folder: Path) -> None:
    """Force every file and folder below ``folder`` onto the disk."""
    for base, _, names in os.walk(folder, topdown=False):
        for name in names:
            with (Path(base) / name).open("rb") as file:
                os.fsync(file.fileno())
        flush_folder(Path(base))


def flush_folder(folder: Path) -> None:
    """Force a folder's entries onto the disk, so that a rename survives a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
