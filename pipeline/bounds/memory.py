"""How much memory a process of a pool may take: one that takes more is ended from outside.

A limit of the kernel's makes an allocation fail instead, and native code may go on without what it could not hold:
PDFium draws a page without its picture, and the page looks blank.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import Self

from files.processes import is_child, resident_bytes
from files.scratch import owners

_POLL_S = 0.02  # a process fills 50 MB meanwhile


class MemoryWatch:
    """Looks at the processes that this one started, each of which has a folder named by its number."""

    def __init__(self, scratch: Path, most_mib: int) -> None:
        self._scratch = scratch
        self._most = most_mib << 20
        self._stop = Event()
        self._thread = Thread(target=self._look, name="memory-watch", daemon=True)
        self.ended: set[int] = set()

    def __enter__(self) -> Self:
        """Begin to look."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self._stop.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._stop.wait(_POLL_S):
            for process in self.started():
                if resident_bytes(process) > self._most and process not in self.ended:
                    self.ended.add(process)  # before it ends, for somebody may ask at once
                    with suppress(ProcessLookupError):
                        os.kill(process, signal.SIGKILL)

    def started(self) -> Iterator[int]:
        """The numbers of these processes."""
        for process, _ in owners(self._scratch):
            if is_child(process):
                yield process
