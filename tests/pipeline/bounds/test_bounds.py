"""Time and drawing orders are counted as they are stated: by stage, by page, by how often a form is drawn."""

import ctypes
import multiprocessing
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.settings import WorkSettings
from domain.errors import Refused
from pipeline.bounds import alarm
from pipeline.bounds.drawing import DEEPEST, MOST_NOTES, Weights, check_notes

WORK = WorkSettings().model_copy(update={"page_limit_s": 1, "document_limit_s": 30})  # below what settings allow
PATIENT = WORK.model_copy(update={"page_limit_s": 20})
NATIVE = ctypes.CDLL(None)


def wait_in_native_code(seconds: int) -> None:
    """Code that does not know Python, and hears of no exception; it waits on when a signal has interrupted it."""
    while seconds := NATIVE.sleep(seconds):
        pass


def long_stage(scratch: Path) -> None:
    """A stage that takes longer than it may."""
    alarm.set_up(WORK, scratch)
    with alarm.stage(1, 0):
        wait_in_native_code(60)


def long_page(scratch: Path) -> None:
    """A page that takes longer than it may, in a stage that may take long."""
    alarm.set_up(WORK, scratch)
    with alarm.stage(20, 0), alarm.page(7):
        wait_in_native_code(60)


def long_behind_a_page(scratch: Path) -> None:
    """A stage that goes on behind its pages for longer than it may."""
    alarm.set_up(WORK, scratch)
    with alarm.stage(2, 0):
        with alarm.page(1):
            pass
        wait_in_native_code(60)


def within_its_pages(scratch: Path) -> None:
    """A stage that takes no longer than its pages may, once they are counted; after it nothing is timed."""
    alarm.set_up(PATIENT, scratch)
    with alarm.stage(1, 0):
        alarm.counted(1)
        wait_in_native_code(2)
    with alarm.stage(1, 1), alarm.page(1):
        wait_in_native_code(2)
    with alarm.stage(1, 0):
        pass
    wait_in_native_code(2)


@pytest.mark.parametrize(
    ("work", "ends", "place"),
    [
        (long_stage, -signal.SIGALRM, None),
        (long_page, -signal.SIGALRM, 7),
        (long_behind_a_page, -signal.SIGALRM, None),
        (within_its_pages, 0, None),
    ],
)
def test_native_code_is_ended(tmp_path: Path, work: Callable[[Path], None], ends: int, place: int | None) -> None:
    """Whatever is at work when time is up, the process ends, and tells at which page it was."""
    process = multiprocessing.get_context("spawn").Process(target=work, args=(tmp_path,))
    process.start()
    process.join()
    assert process.exitcode == ends
    assert alarm.place(tmp_path) == place


def test_a_command_is_not_timed() -> None:
    """Where nobody would start the process again, no clock runs."""
    with alarm.stage(1, 0), alarm.page(1):
        assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


@given(st.integers(0, 100_000), st.integers(0, 2_000))
def test_a_document_may_take_what_its_pages_may(pages: int, base_s: int) -> None:
    """More pages, more time; but no paper keeps a process for longer than any may."""
    work = WorkSettings()
    limit = work.limit_s(base_s, pages)
    assert limit == min(work.document_limit_s, base_s + pages * work.page_limit_s)
    assert work.limit_s(base_s, pages + 1) >= limit


@given(st.integers(1, 60), st.integers(2, 1_000))
def test_a_form_counts_as_often_as_it_is_drawn(levels: int, times: int) -> None:
    """Forms that draw each other are refused exactly where their orders, drawn out, are too many."""
    weights, own = Weights(1), 100
    expected = own
    for level in range(levels):
        if own + times * expected > 1 << 20:
            with pytest.raises(Refused, match="more drawing orders") as got:
                weights.weigh(level + 1, own, [(level, times)])
            assert got.value.reason == "too_complex"
            return
        if level == 0:
            weights.weigh(0, own, ())
        weights.weigh(level + 1, own, [(level, times), ("itself", times)])
        expected = own + times * expected


def test_forms_lie_as_deep_as_readers_look() -> None:
    """What lies deeper would be left out without a word."""

    def look(weights: Weights, depth: int) -> None:
        with weights.deeper():
            if depth > 1:
                look(weights, depth - 1)

    weights = Weights(1)
    look(weights, DEEPEST)
    with pytest.raises(Refused, match="forms lie within forms"):
        look(weights, DEEPEST + 1)
    look(weights, DEEPEST)  # what was refused leaves nothing behind


def test_a_page_has_so_many_notes() -> None:
    """No paper has ten thousand notes."""
    check_notes(MOST_NOTES)
    with pytest.raises(Refused, match="10001 notes"):
        check_notes(MOST_NOTES + 1)
