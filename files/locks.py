"""A lock on a file that many may share, or one has alone; it ends with its process, however that ends."""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

PDFIUM: Final = threading.RLock()
"""Held by whoever draws pages where several threads may: pdfium has one state for a process, and crashes in two."""


@contextmanager
def locked(path: Path, *, alone: bool) -> Iterator[None]:
    """Hold the lock of a file, which is made when it is missing; nobody is waited for.

    Args:
        path: the file.
        alone: whether nobody else may hold it meanwhile; else others may, but none alone.

    Raises:
        BlockingIOError: somebody holds it in a way that forbids this one.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)
