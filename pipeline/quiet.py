"""Whether a file is whole: nobody has written to it for a while.

A scanner's file that grows page by page opens at every moment, and would be archived with the first of its pages.
"""

import os
import stat
import time
from pathlib import Path
from typing import NamedTuple


class FileMark(NamedTuple):
    """By what a change of a file is seen: which file it is, its size, and when it was last written to."""

    device: int
    inode: int
    size: int
    written_ns: int


def mark_of(status: os.stat_result) -> FileMark:
    """The mark of a file as the system tells it."""
    return FileMark(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


class Watch:
    """Looks at files again and again, and tells which of them have been left alone for ``quiet_s`` seconds."""

    def __init__(self, quiet_s: float) -> None:
        """Know no file yet."""
        self._quiet_s = quiet_s
        self._seen: dict[Path, tuple[FileMark, float]] = {}  # of files that are not quiet: as they were, and since when

    def wait_s(self, path: Path) -> float:
        """How long the file must still be left alone; 0: it is whole, or gone, which whoever reads it will find.

        A file is as old as its time says, for one that was written long ago costs no waiting.  Where that time lies in
        the future (another machine's clock) or a moment ago, what counts is how long we have seen it unchanged.
        """
        try:
            status = path.lstat()
        except OSError:
            return 0
        if not stat.S_ISREG(status.st_mode):
            return 0  # nothing that will be read
        age = time.time() - status.st_mtime
        mark, now = mark_of(status), time.monotonic()
        before, since = self._seen.get(path, (mark, now if age < 0 else now - age))
        if before != mark:
            since = now
        self._seen[path] = (mark, since)
        left = max(0.0, self._quiet_s - (now - since))
        if not left:
            del self._seen[path]
        return left

    def disturb(self, path: Path) -> None:
        """Note that the file changed under a reader's eyes: it must be quiet anew."""
        try:
            self._seen[path] = (mark_of(path.lstat()), time.monotonic())
        except OSError:
            self._seen.pop(path, None)
