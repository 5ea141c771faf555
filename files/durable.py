"""Files that are there whole or not at all, and survive a power cut: written beside, flushed, renamed."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

OWN = 0o600  # readable and writable by its user alone


@contextmanager
def whole(path: Path, *, mode: int = 0o666, first: bool = False, anew: bool = False) -> Iterator[BinaryIO]:
    """A file to write into, which takes its place at ``path`` when the block ends well; else it leaves no trace.

    Args:
        path: its place, in a folder that exists.
        mode: its permissions, less those that the umask takes off.
        first: a file that is there already stays: of two processes that begin together, one wins.
        anew: nothing may be there.

    Raises:
        FileExistsError: something is there, though it should be written anew.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC, mode), "w+b") as file:
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
    finally:
        part.unlink(missing_ok=True)


def _put_anew(part: Path, path: Path) -> None:
    try:
        os.link(part, path)
    except FileExistsError:
        raise
    except OSError:  # sticks and shares know no links; there two who write at once are not told apart
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
        part.replace(path)


def sweep(path: Path) -> None:
    """Remove what processes left beside ``path`` that were killed while they wrote it."""
    for part in path.parent.iterdir():
        if part.name.startswith(f".{path.name}.") and part.suffix == ".part":
            writer = part.name.split(".")[-2]
            if writer.isdecimal() and not Path(f"/proc/{writer}").exists():
                part.unlink(missing_ok=True)


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
