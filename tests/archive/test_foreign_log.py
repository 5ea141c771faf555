"""A database that is put back without its log, which a killed command left beside it, is not made one with it."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from archive.errors import DatabaseUnusable
from archive.ledger import open_ledger
from config.settings import Settings
from domain.errors import ExitCode
from files.sqlite_log import has_foreign_log
from services.context import open_services
from tests.support.desk import run_json
from tests.support.held_papers import OWNER, hold

_KILLED = """
import os, signal, sys
from contextlib import closing
from pathlib import Path
from config.settings import load_settings
from services.context import open_services
from tests.support.held_papers import hold
with open_services(load_settings(Path(sys.argv[1]), {})) as ctx:
    for name in sys.argv[3:]:
        hold(ctx, Path(sys.argv[2]), name, dossier=f"H17.12-260101-000{name}",
             digitisation_code=f"{name}.KQ.G15.000031.215/2019.01")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def held_and_killed(settings: Settings, folder: Path, *names: str) -> None:
    """Another process archives papers and is killed, so that its log stays."""
    command = [sys.executable, "-c", _KILLED, str(settings.home), str(folder), *names]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, cwd=root, env={**os.environ, "PYTHONPATH": str(root)}, check=False)
    assert done.returncode == -signal.SIGKILL


@pytest.fixture
def yesterday(settings: Settings, tmp_path: Path) -> Path:
    """A copy of the catalogue with one paper; since then two more were archived, and the last command was killed."""
    with open_services(settings) as ctx:
        hold(ctx, tmp_path, "1", owner_id=OWNER, dossier="H17.12-260101-0001")
    copy = tmp_path / "copy.sqlite"
    shutil.copy(settings.home / "catalogue.sqlite", copy)
    with open_services(settings) as ctx:
        hold(ctx, tmp_path, "2", dossier="H17.12-260101-0002", digitisation_code="2.KQ.G15.000031.215/2019.01")
    held_and_killed(settings, tmp_path, "3")
    return copy


def test_the_log_of_a_killed_command_is_entered(settings: Settings, yesterday: Path) -> None:
    """It belongs to the database beside it: nothing is lost."""
    assert yesterday.exists()
    assert not has_foreign_log(settings.home / "catalogue.sqlite")
    with open_services(settings) as ctx:
        assert [paper.id for paper in ctx.catalogue.all()] == ["1", "2", "3"]


def test_a_copy_takes_no_log_of_another_day(settings: Settings, yesterday: Path) -> None:
    """No question is answered from a mixture; `doctor` says so, and `rebuild` makes the catalogue anew."""
    shutil.copy(yesterday, settings.home / "catalogue.sqlite")
    purpose = ("--reason", "x", "--type", "KQ.G15.000031", "--dossier", "H17.12-260202-0001", "--who", "an")
    assert run_json(settings, "lookup", "--owner", OWNER, *purpose)[0] == ExitCode.SETUP
    (row,) = [line for line in run_json(settings, "doctor")[1] if line["name"] == "catalogue"]
    assert (row["state"], "-wal" in row["remedy"]) == ("missing", True)
    assert run_json(settings, "rebuild")[0] == ExitCode.OK
    with open_services(settings) as ctx:
        assert {paper.id for paper in ctx.catalogue.all()} == {"1", "2", "3"}


def test_its_remedy_works(settings: Settings, yesterday: Path) -> None:
    """Without the log the copy is what it was: it knows less than the vault, and says so."""
    place = settings.home / "catalogue.sqlite"
    shutil.copy(yesterday, place)
    for end in ("-wal", "-shm"):
        place.with_name(place.name + end).unlink()
    assert run_json(settings, "search", "khai sinh")[0] == ExitCode.INCOMPLETE


def test_a_log_of_another_day_is_not_entered(settings: Settings, tmp_path: Path) -> None:
    """Nor is an earlier log put beside a later database."""
    with open_services(settings) as ctx:
        hold(ctx, tmp_path, "1")
    held_and_killed(settings, tmp_path, "2")
    place = settings.home / "catalogue.sqlite"
    log = place.with_name(f"{place.name}-wal")
    shutil.copy(log, tmp_path / "log")
    with open_services(settings) as ctx:
        hold(ctx, tmp_path, "3", digitisation_code="3.KQ.G15.000031.215/2019.01")
    assert not log.exists()
    shutil.copy(tmp_path / "log", log)
    assert has_foreign_log(place)
    assert run_json(settings, "search", "khai sinh")[0] == ExitCode.SETUP


def test_a_ledger_too(settings: Settings, tmp_path: Path) -> None:
    """Whatever the database."""
    url = settings.ledger_url
    with open_ledger(url) as ledger:
        ledger.open_batch("1", "a")
    place = settings.home / "ledger.sqlite"
    shutil.copy(place, tmp_path / "copy")
    with open_ledger(url) as ledger:
        ledger.open_batch("2", "b")
        ledger.open_batch("3", "c")
        shutil.copy(place, tmp_path / "second")
        shutil.copy(place.with_name("ledger.sqlite-wal"), tmp_path / "log")
        with open_ledger(url) as other:  # its log is in use
            assert len(other.batches()) == 3
    shutil.copy(tmp_path / "copy", place)
    shutil.copy(tmp_path / "log", place.with_name("ledger.sqlite-wal"))
    with open_ledger(url) as ledger:  # the copy is of the state that the log begins with
        assert len(ledger.batches()) == 3
    shutil.copy(tmp_path / "log", place.with_name("ledger.sqlite-wal"))
    with open_ledger(url) as ledger:
        assert len(ledger.batches()) == 3
        ledger.open_batch("4", "d")
    shutil.copy(tmp_path / "log", place.with_name("ledger.sqlite-wal"))
    with pytest.raises(DatabaseUnusable, match="put back"), open_ledger(url):
        pass


@pytest.mark.parametrize("which", [0, -1])
def test_a_frame_whose_page_was_not_written_does_not_count(tmp_path: Path, which: int) -> None:
    """A kill between the two writes leaves there what an earlier log had: SQLite passes it over, and so do we."""
    url, place = f"sqlite:///{tmp_path / 'ledger.sqlite'}", tmp_path / "ledger.sqlite"
    log = place.with_name("ledger.sqlite-wal")
    with open_ledger(url) as ledger, open_ledger(url) as other:  # so that the log is not removed between
        for number in range(6):
            ledger.open_batch(str(number), str(number))
        with closing(sqlite3.connect(place)) as db:
            db.execute("PRAGMA wal_checkpoint(RESTART)")
        for number in range(6, 9):
            ledger.open_batch(str(number), str(number))
        assert len(other.batches()) == 9
        (tmp_path / "copy").mkdir()
        for path in (place, log):
            shutil.copy(path, tmp_path / "copy")
    copy = tmp_path / "copy" / log.name
    content, size = bytearray(copy.read_bytes()), 4096
    salts, frames = content[16:24], range(32, len(content), 24 + size)
    mine = [at for at in frames if content[at + 8 : at + 16] == salts and content[at + 3] == 1]
    assert 2 < len(mine) < len(frames)
    at = mine[which] + 24
    content[at : at + size] = b"\0" * size
    copy.write_bytes(content)
    assert not has_foreign_log(tmp_path / "copy" / place.name)
    with open_ledger(f"sqlite:///{tmp_path / 'copy' / place.name}") as ledger:
        assert len(ledger.batches()) == (8 if which else 6)
