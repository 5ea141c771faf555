"""A worker outlives the papers that end its process, and stops when it is told to."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from config.settings import load_settings
from files.scratch import owners
from services.context import open_services
from tests.support.desk import COMMAND, khoso
from tests.support.heavy_files import large_png, tiles
from tests.support.walks import slip


def start_worker(home: Path, broker: str, *options: str) -> "subprocess.Popen[bytes]":
    """A worker that has little patience, and little room."""
    bounds = {"KHOSO_WORK__PAGE_LIMIT_S": "20", "KHOSO_WORK__MEMORY_MIB": "900", "KHOSO_RECOGNITION__MODE": "fast"}
    environment = {**os.environ, "KHOSO_HOME": str(home), "KHOSO_WORK__PAUSE_S": "0", **bounds}
    return subprocess.Popen([*COMMAND, "worker", "--broker", broker, *options], env=environment)


@pytest.mark.long
def test_a_worker_outlives_its_papers(redis: str, tmp_path: Path) -> None:
    """Papers over which its process is ended are held with their reasons, and it works on the one behind them."""
    home, scans = tmp_path / "home", tmp_path / "in"
    scans.mkdir()
    tiles(scans / "a.pdf")
    large_png(scans / "b.png")
    slip().save(scans / "c.jpg", dpi=(200, 200))
    assert khoso(home, "ingest", str(scans), "--broker", redis)[0] == 0
    with start_worker(home, redis, "--until-idle") as worker:
        assert worker.wait(timeout=300) == 0
    with open_services(load_settings(home, {})) as ctx:
        ends = [(entry.state, entry.reason.partition(":")[0]) for entry in ctx.ledger.entries()]
    assert ends[:2] == [("held", "out_of_time"), ("held", "out_of_memory")]
    assert ends[2] in {("done", ""), ("held", "review")}


@pytest.mark.parametrize("after_s", [0, 0.5, 4])
def test_a_worker_stops_when_told(redis: str, tmp_path: Path, after_s: float) -> None:
    """SIGTERM ends it, and the process that works for it."""
    home = tmp_path / "home"
    with start_worker(home, redis) as worker:
        while not list(owners(home / "tmp")):
            assert worker.poll() is None
            time.sleep(0.1)
        time.sleep(after_s)
        started = [process for process, _ in owners(home / "tmp")]
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=60) in {0, -signal.SIGTERM}  # the latter when it had not begun yet
    assert started
    while [process for process in started if Path(f"/proc/{process}").exists()]:
        time.sleep(0.1)  # they end with the one that started them, a moment later
