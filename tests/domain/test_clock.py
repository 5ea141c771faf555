"""One source of time for everybody."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest
from pydantic import TypeAdapter

from domain import clock
from domain.clock import Moment, listed, now, stated, today
from tests.support.source import MODULES

_OWN = re.compile(r"datetime\.(?:now|utcnow|today)\(|date\.today\(")


def test_moments_of_others_are_told_in_viet_nams_time() -> None:
    """An authority tells its time in UTC: beside ours it would seem seven hours earlier."""
    other = datetime(2026, 11, 29, 15, 39, 5, tzinfo=UTC)
    assert (stated(other), listed(other)) == ("2026-11-29T22:39:05+07:00", "2026-11-29 22:39")
    assert TypeAdapter(Moment).dump_json(other) == b'"2026-11-29T22:39:05+07:00"'


def test_the_time_is_set_once_for_all() -> None:
    """Whoever has imported ``now``, in whatever thread, is told the time that was set, and later the machine's."""
    last_second = datetime(2030, 12, 31, 16, 59, 59, 999_999, tzinfo=UTC)
    with clock.set_to(lambda: last_second), ThreadPoolExecutor(1) as pool:
        assert now() == pool.submit(now).result() == datetime(2030, 12, 31, 23, 59, 59, tzinfo=clock.VIETNAM)
        assert today() == date(2030, 12, 31)
    assert now().year < 2030 or now() > last_second


def test_nobody_asks_another_clock() -> None:
    """A moment that is stored or shown comes from the one source; only durations are measured elsewhere."""
    strays = [path.name for path in MODULES if _OWN.search(path.read_text(encoding="utf-8"))]
    assert strays == ["clock.py"]


def test_the_end_of_the_calendar_is_told() -> None:
    """A record that is damaged may say so; it is shown in its own zone."""
    text = "9999-12-31T23:59:59-12:00"
    moment = datetime.fromisoformat(text)
    assert (stated(moment), listed(moment)) == (text, text[:16].replace("T", " "))


def test_a_moment_without_a_zone_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever zone this machine is in: nobody said that it is that one."""
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        moment = datetime.fromisoformat("2026-11-29T22:39:05")
        assert (stated(moment), listed(moment)) == ("2026-11-29T22:39:05", "2026-11-29 22:39")
    finally:
        monkeypatch.undo()
        time.tzset()
