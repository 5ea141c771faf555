"""A store whose databases lack tables or columns says so, whatever it says of its version, and `upgrade` mends it."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from archive.database import DatabaseKind
from archive.schemas.opening import open_database
from archive.schemas.shape import TABLES, Lack, can_be_mended
from config.settings import Settings
from config.store import STORE_VERSION, version_of
from domain.errors import ExitCode
from tests.services.test_upgrade import BIRTH, SAVED, WAITING, saved
from tests.support.desk import given, run_json
from tests.support.lacking_parts import drop, parts
from tests.support.spoilt_stores import say

WITHDRAWN = "8ae1d974d289f646"
ASKING = (
    ("status",),
    ("review",),
    ("search", "khai sinh"),
    ("withdrawn",),
    ("ingest", str(SAVED / "new.tif")),
    ("show", BIRTH),
)
_STRIDE = 37  # of the long list: a whole one is tried without commands in test_schemas.py


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The store of a commit whose table of withdrawn papers had a column less, brought up."""
    monkeypatch.setenv("KHOSO_WORK__WORKERS", "1")
    monkeypatch.setenv("KHOSO_RECOGNITION__MODE", "fast")
    settings = saved("2026-11-30-1005", tmp_path)
    assert say(settings, "upgrade").code == ExitCode.OK
    return settings


def lose(settings: Settings, kind: DatabaseKind, lack: Lack) -> None:
    """Let a database lose a part, its log as well."""
    path = settings.home / f"{kind}.sqlite"
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode=DELETE")
    drop(path, lack)


def test_the_dry_run_tells_what_is_lacking(tmp_path: Path) -> None:
    """Before anything is changed, also what no change of schema brings."""
    settings = saved("2026-11-30-1005", tmp_path)
    code, (plan,) = run_json(settings, "upgrade", "--dry-run")
    assert (code, plan["parts"]) == (ExitCode.OK, ["catalogue: withdrawn.tombstone"])


def test_a_store_that_was_marked_too_early_is_told_by_every_command_and_mended(settings: Settings) -> None:
    """One clear line with a remedy that works, no traceback; withdrawn papers stay so, and what waits goes on."""
    lose(settings, "catalogue", Lack("withdrawn", "tombstone"))
    assert version_of(settings.home) == STORE_VERSION
    for command in ASKING:
        said = given(settings, *command)
        assert (said.exit_code, "store_lacks: " in said.stderr, "upgrade" in said.stderr) == (5, True, True), command
    code, lines = run_json(settings, "doctor")
    assert code == ExitCode.SETUP
    assert [line["state"] for line in lines if line["name"] == "catalogue"] == ["missing"]
    assert say(settings, "upgrade").code == ExitCode.OK
    for command in ASKING[:-2]:
        assert say(settings, *command).code in {ExitCode.OK, ExitCode.HELD}, command
    code, lines = run_json(settings, "withdrawn")
    assert [line["id"] for line in lines if "id" in line] == [WITHDRAWN]
    code, (line, *_) = run_json(settings, "review", WAITING, "--set", "owner_id=048090001234")
    assert (code, line["state"]) == (ExitCode.OK, "archived")
    assert say(settings, "doctor").code == ExitCode.OK
    assert say(settings, "upgrade").lines[0]["steps"] == []


def test_rebuild_mends_a_catalogue_as_well(settings: Settings) -> None:
    """Whatever it lacks, the vault tells."""
    lose(settings, "catalogue", Lack("papers"))
    assert say(settings, "search", "khai sinh").reason == "store_lacks"
    assert say(settings, "rebuild").code == ExitCode.OK
    assert say(settings, "search", "khai sinh").lines[0]["id"] == BIRTH


def test_what_nothing_tells_is_not_made_up(settings: Settings) -> None:
    """The ledger's documents are not there: `upgrade` says so, dry and in earnest, and goes on once it is put back."""
    whole = (settings.home / "ledger.sqlite").read_bytes()
    lose(settings, "ledger", Lack("documents"))
    (settings.home / "0=khoso_store").write_bytes(b"1\n")
    for _ in range(2):
        said = say(settings, "upgrade")
        assert (said.code, said.reason, version_of(settings.home)) == (ExitCode.SETUP, "store_lacks", 1)
    (settings.home / "ledger.sqlite").write_bytes(whole)
    assert (say(settings, "upgrade").code, version_of(settings.home)) == (ExitCode.OK, STORE_VERSION)


ALL = [(kind, lack) for kind in TABLES for lack in parts(kind)]


@pytest.mark.parametrize(("kind", "lack"), ALL[::_STRIDE], ids=str)
def test_a_part_that_is_gone_ends_no_command_in_a_traceback(kind: DatabaseKind, lack: Lack, settings: Settings) -> None:
    """`upgrade` adds it, and all works; or it says that nothing tells it, and says so again."""
    with open_database(f"sqlite:///{settings.home / f'{kind}.sqlite'}", kind):
        pass  # this store has no samples yet
    lose(settings, kind, lack)
    for command in (*ASKING, ("doctor",)):
        say(settings, *command)  # which sees that no error of the program ends it
    assert say(settings, "doctor").code == ExitCode.SETUP
    said = say(settings, "upgrade")
    if can_be_mended(kind, (lack,)):
        assert said.code in {ExitCode.OK, ExitCode.NOT_VALID}, said
        assert say(settings, "search", "khai sinh").lines[0]["id"] == BIRTH
        assert say(settings, "doctor").code == ExitCode.OK
    else:
        assert (said.code, said.reason) == (ExitCode.SETUP, "store_lacks"), said
        assert say(settings, "upgrade").reason == "store_lacks"
