"""How long a stage, and a page within it, may keep a process.

Native code that draws or reads a page hears of nothing but the kernel.  So the kernel ends the process when time is up:
the timer's signal keeps its default action, and whoever started the process sees which signal it was.  Commands and
tests have nobody who would start them again: there nothing is timed, for only ``set_up`` winds the clock up.
"""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.settings import WorkSettings

ENDS_BY = signal.SIGALRM
_NOTE = "page"  # a file in the scratch folder of a process: the page at which it is
_LEAST_S = 0.001  # 0 would stop the clock


class _Clock:
    """The clock of a process; one stage runs at a time."""

    def __init__(self, work: WorkSettings, scratch: Path) -> None:
        self.work = work
        self.note = scratch / _NOTE
        self.began = self.until = 0.0
        self.base_s = 0

    def allow(self, pages: int) -> None:
        self.until = self.began + self.work.limit_s(self.base_s, pages)
        self.ring_in()

    def ring_in(self, most_s: float = float("inf")) -> None:
        left = max(_LEAST_S, self.until - time.monotonic())
        signal.setitimer(signal.ITIMER_REAL, min(left, most_s))


_clocks: list[_Clock] = []  # of this process: none, or one


def set_up(work: WorkSettings, scratch: Path) -> None:
    """Let stages of this process be timed from now on; ``scratch`` is its own folder."""
    signal.signal(ENDS_BY, signal.SIG_DFL)
    _clocks[:] = [_Clock(work, scratch)]


@contextmanager
def stage(base_s: int, pages: int) -> Iterator[None]:
    """Time a stage over a document of so many pages, 0 as long as nobody has counted them."""
    if not _clocks:
        yield
        return
    clock = _clocks[0]
    clock.began, clock.base_s = time.monotonic(), base_s
    clock.allow(pages)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def counted(pages: int) -> None:
    """The pages of the document were counted: its stage may take as long as these may."""
    for clock in _clocks:
        clock.allow(pages)


@contextmanager
def page(number: int) -> Iterator[None]:
    """Time what a stage does with one page (from 1)."""
    if not _clocks:
        yield
        return
    clock = _clocks[0]
    clock.note.write_text(str(number), encoding="ascii")
    clock.ring_in(clock.work.page_limit_s)
    try:
        yield
    finally:
        clock.ring_in()
        clock.note.unlink(missing_ok=True)


def place(scratch: Path) -> int | None:
    """At which page the process was that had this scratch folder; None when at none of them."""
    try:
        return int((scratch / _NOTE).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
