"""A worker outlives the papers that end its process, and stops when it is told to."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from config.settings import load_settings
from domain.errors import ExitCode
from files.scratch import owners
from services.context import open_services
from tests.conftest import program
from tests.support.desk import COMMAND, khoso
from tests.support.heavy_files import large_png, tiles
from tests.support.redis_server import redis_server
from tests.support.walks import slip


@contextmanager
def worker_of(home: Path, broker: str, *options: str) -> "Iterator[subprocess.Popen[bytes]]":
    """A worker that has little patience, and little room; a test that fails leaves none behind."""
    bounds = {"KHOSO_WORK__PAGE_LIMIT_S": "20", "KHOSO_WORK__MEMORY_MIB": "900", "KHOSO_RECOGNITION__MODE": "fast"}
    environment = {**os.environ, "KHOSO_HOME": str(home), "KHOSO_WORK__PAUSE_S": "0", **bounds}
    with subprocess.Popen([*COMMAND, "worker", "--broker", broker, *options], env=environment) as worker:
        try:
            yield worker
        finally:
            worker.kill()  # one that has ended is not there to be killed


def wait_until(happens: Callable[[], bool]) -> None:
    """Wait for what takes a moment."""
    for _ in range(600):
        if happens():
            return
        time.sleep(0.1)
    pytest.fail("it does not happen")


@pytest.mark.long
def test_a_worker_outlives_its_papers(redis: str, tmp_path: Path) -> None:
    """Papers over which its process is ended are held with their reasons, and it works on the one behind them."""
    home, scans = tmp_path / "home", tmp_path / "in"
    scans.mkdir()
    tiles(scans / "a.pdf")
    large_png(scans / "b.png")
    slip().save(scans / "c.jpg", dpi=(200, 200))
    assert khoso(home, "ingest", str(scans), "--broker", redis)[0] == 0
    with worker_of(home, redis, "--until-idle") as worker:
        assert worker.wait(timeout=300) == 0
    with open_services(load_settings(home, {})) as ctx:
        ends = [(entry.state, entry.reason.word) for entry in ctx.ledger.entries()]
    assert ends[:2] == [("held", "out_of_time"), ("held", "out_of_memory")]
    assert ends[2] in {("done", ""), ("held", "review")}


@pytest.mark.parametrize("after_s", [0, 0.5, 4])
def test_a_worker_stops_when_told(redis: str, tmp_path: Path, after_s: float) -> None:
    """SIGTERM ends it, and the process that works for it."""
    home = tmp_path / "home"
    with worker_of(home, redis) as worker:
        wait_until(lambda: any(owners(home / "tmp")) or worker.poll() is not None)
        assert worker.poll() is None
        time.sleep(after_s)
        started = [process for process, _ in owners(home / "tmp")]
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=60) in {0, -signal.SIGTERM}  # the latter when it had not begun yet
    assert started
    # They end with the one that started them, a moment later.
    wait_until(lambda: not any(Path(f"/proc/{process}").exists() for process in started))


def test_a_worker_stops_when_told_as_its_process_begins(redis: str, tmp_path: Path) -> None:
    """Also when that process is not there yet to be told."""
    with worker_of(tmp_path / "home", redis) as worker:
        started = Path(f"/proc/{worker.pid}/task/{worker.pid}/children")
        wait_until(lambda: bool(started.read_text(encoding="ascii")))
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=60) == 0


@pytest.mark.parametrize("away", [signal.SIGKILL, signal.SIGSTOP], ids=["gone", "silent"])
def test_a_worker_stops_when_told_while_its_broker_is_away(tmp_path: Path, away: signal.Signals) -> None:
    """SIGTERM ends it also when the broker that it had reached is gone or silent; what it had in hand is not lost."""
    home, scan = tmp_path / "home", tmp_path / "a.jpg"
    slip().save(scan, dpi=(200, 200))
    with redis_server(program("redis-server"), tmp_path) as (url, server), worker_of(home, url) as worker:
        wait_until(lambda: any(owners(home / "tmp")) or worker.poll() is not None)
        started = [process for process, _ in owners(home / "tmp")]
        assert khoso(home, "ingest", str(scan), "--broker", url)[0] == 0
        with open_services(load_settings(home, {})) as ctx:
            wait_until(lambda: ctx.ledger.leased() == 1)
            server.send_signal(away)
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(timeout=120) in {0, ExitCode.SETUP}
            server.kill()
            assert not ctx.ledger.leased()
    wait_until(lambda: not any(Path(f"/proc/{process}").exists() for process in started))
