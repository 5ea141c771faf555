"""The recognisers that are compared, each in a process of its own, all on the same processor.

The child measures itself: CPU seconds (user and system) of a reading are those of the child and of the programs it
started.  Every warm child reads one file before it is measured, so imports and models are loaded, as in the pool.
"""

import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import numpy as np
import ocrmypdf
from numpy.typing import NDArray
from pebble import ProcessExpired, ProcessPool
from PIL import Image

from config.settings import RecognitionSettings, Settings
from config.store import enter_store
from domain.errors import KhosoError
from domain.readings import DocumentReading
from domain.record import Frozen
from pipeline.embedded import set_up_process
from pipeline.recognition.engine import recognize_pdf
from pipeline.scans.raster import Pixels, open_pages

COLD: Final = "ocrmypdf (command)"
WARM: Final = "ocrmypdf (warm)"
STOCK: Final = (COLD, WARM)
OURS: Final[dict[str, RecognitionSettings]] = {
    "khoso fast": RecognitionSettings(mode="fast"),
    "khoso accurate": RecognitionSettings(mode="accurate"),
}
_TURNS: Final = (0, 90, 180, 270)
_TURN_DPI: Final = 25
_TURN_SIDE: Final = 128


class Run(Frozen):
    """What one engine made of one file; ``turns`` are the clockwise degrees by which it turned each page.

    A failure has no text: nothing found, time spent.
    """

    cpu_s: float
    text: str = ""
    reading: DocumentReading = DocumentReading(pages=())
    turns: tuple[int, ...] = ()
    failure: str = ""


def cpu() -> float:
    """CPU seconds of this process and of the programs it started and waited for."""
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


class Child:
    """A process for one engine."""

    def __init__(self, pool: ProcessPool, engine: str) -> None:
        self._pool = pool
        self._engine = engine

    def run(self, pdf: Path) -> Run:
        """Read one file.

        Raises:
            KhosoError: the process died.
        """
        try:
            run: Run = self._pool.schedule(_run, args=[self._engine, pdf]).result()
        except ProcessExpired as error:
            raise KhosoError(f"{self._engine} died on {pdf.name} ({error})", remedy="Leave it out by --only") from None
        return run


@contextmanager
def open_children(engines: Sequence[str], settings: Settings) -> Iterator[dict[str, Child]]:
    """A child for each engine, all pinned to one processor and limited like the processes of the pool."""
    with ExitStack() as stack:
        yield {engine: Child(stack.enter_context(pinned_process(settings)), engine) for engine in engines}


@contextmanager
def pinned_process(settings: Settings) -> Iterator[ProcessPool]:
    """A spawned process that stays, on the last of the processors this one may use."""
    processor = max(os.sched_getaffinity(0))
    with ProcessPool(1, initializer=_start, initargs=[settings, processor], context=get_context("spawn")) as pool:
        yield pool


def _start(settings: Settings, processor: int) -> None:
    os.sched_setaffinity(0, {processor})
    os.environ["OMP_THREAD_LIMIT"] = "1"
    enter_store(settings)  # before its scratch folder makes it look like a folder of something else
    set_up_process(settings)


def _run(engine: str, pdf: Path) -> Run:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        output = Path(folder) / "output.pdf"
        began = cpu()
        try:
            run = _read(engine, pdf, output)
        except Exception as error:  # noqa: BLE001 (an engine may fail in any way; the table says so)
            return Run(cpu_s=cpu() - began, failure=f"{type(error).__name__}: {error}")
        spent = cpu() - began
        turns = find_turns(pdf, output) if engine in OURS else ()
        return run.model_copy(update={"cpu_s": spent, "turns": turns})


def _read(engine: str, pdf: Path, output: Path) -> Run:
    if engine in OURS:
        reading = recognize_pdf(pdf, output, OURS[engine]).reading
        return Run(cpu_s=0, text=reading.text, reading=reading)
    sidecar = output.with_suffix(".txt")
    if engine == WARM:
        ocrmypdf.ocr(pdf, output, language=["vie"], output_type="pdfa", sidecar=sidecar, progress_bar=False)
    else:
        command = [sys.executable, "-m", "ocrmypdf", "-l", "vie", "--output-type", "pdfa", "--sidecar", str(sidecar)]
        subprocess.run([*command, str(pdf), str(output)], check=True, capture_output=True)
    return Run(cpu_s=0, text=sidecar.read_text(encoding="utf-8"))


def find_turns(before: Path, after: Path) -> tuple[int, ...]:
    """By how many degrees clockwise each page was turned, by the look of it: however an engine turns a page."""
    with open_pages(before) as old, open_pages(after) as new:
        return tuple(_turn(old.render(i, _TURN_DPI), new.render(i, _TURN_DPI)) for i in range(len(old)))


def _turn(before: Pixels, after: Pixels) -> int:
    """Of the four turns, the one after which both look most alike."""
    old, new = _small(before), _small(after)
    return min(_TURNS, key=lambda turn: int(np.abs(np.rot90(old, -turn // 90) - new).sum()))


def _small(pixels: Pixels) -> NDArray[np.int32]:
    """A square in grey: the shape of the sheet must not tell."""
    return np.asarray(Image.fromarray(pixels).convert("L").resize((_TURN_SIDE, _TURN_SIDE)), dtype=np.int32)
