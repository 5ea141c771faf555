"""Where a store lies and what became of its disk: commands say what is wrong and what to do, without a traceback."""

import errno
import os
import shutil
import sqlite3
import subprocess
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import text

from archive.errors import DatabaseFull
from archive.schemas.opening import open_database
from config.settings import Settings, load_settings
from domain.errors import ExitCode
from services.context import open_services
from tests.support.desk import COMMAND, WHY, khoso, run_json

_DATABASES = ("ledger", "catalogue", "desk")
_COMMANDS = (
    ("status",),
    ("search", "giấy"),
    ("review",),
    ("show", "0123456789abcdef"),
    ("verify", "0123456789abcdef"),
    (
        "lookup",
        "--reason",
        WHY,
        "--owner",
        "048193442112",
        "--dossier",
        "H17.12-261124-0077",
        "--type",
        "TP.H17.990103",
    ),
    ("reindex",),
    ("doctor",),
)


def opened(settings: Settings) -> None:
    """Make the store with all its databases."""
    with open_services(settings) as ctx:
        assert not ctx.ledger.entries()
        assert ctx.catalogue.by_bytes("") is None
        assert ctx.desk.dossier("") is None


@pytest.mark.parametrize("name", ["a?b=c", "100%", "a%41", "a#b", "a b", "Kho số", "a;b&c", "file:a", "a:memory:"])
def test_a_store_lies_where_it_was_put(tmp_path: Path, name: str) -> None:
    """Whatever means something in a URL means nothing in the path of a store."""
    home = tmp_path / name / "home"
    opened(load_settings(home, {}))
    assert {path.name for path in home.glob("*.sqlite")} == {f"{name}.sqlite" for name in _DATABASES}
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("database", _DATABASES)
def test_a_damaged_database_is_named(settings: Settings, database: str) -> None:
    """No command ends in a traceback; doctor goes through everything, and says which file it is and what to do."""
    opened(settings)
    (settings.home / f"{database}.sqlite").write_bytes(b"no database" * 1_000)
    for command in _COMMANDS:
        done = subprocess.run(
            [*COMMAND, *command, "--home", str(settings.home)], capture_output=True, text=True, check=False
        )
        assert done.returncode in {ExitCode.OK, ExitCode.SETUP, ExitCode.NOT_FOUND}, done.stderr
        assert "Traceback" not in done.stderr
    code, lines, _ = khoso(settings.home, "doctor")
    rows = {line["name"]: line for line in lines}
    assert (code, rows[database]["state"]) == (ExitCode.SETUP, "missing")
    assert f"{settings.home / database}.sqlite is damaged" in rows[database]["detail"]
    assert [rows[name]["state"] for name in _DATABASES if name != database] == ["ok", "ok"]


def test_a_damaged_catalogue_is_made_anew(settings: Settings) -> None:
    """`rebuild` puts it aside and makes it from the vault, as the remedy says."""
    opened(settings)
    file = settings.home / "catalogue.sqlite"
    damage = b"no database" * 1_000
    file.write_bytes(damage)
    code, _, got = khoso(settings.home, "search", "giấy")
    assert (code, "database_unusable" in got, "Run `rebuild`" in " ".join(got.split())) == (5, True, True)
    assert run_json(settings, "rebuild")[0] == ExitCode.OK
    assert file.with_name(f"{file.name}.damaged").read_bytes() == damage
    assert run_json(settings, "search", "giấy")[0] == ExitCode.OK


def test_a_disk_that_may_not_be_written(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every command says so at once, and none says that keys or index are broken."""
    opened(settings)
    real = os.statvfs

    def read_only(path: Any) -> Any:
        got = real(path)
        return SimpleNamespace(f_flag=got.f_flag | os.ST_RDONLY, f_frsize=got.f_frsize, f_bavail=got.f_bavail)

    monkeypatch.setattr(os, "statvfs", read_only)
    for command in _COMMANDS[:-1]:
        assert run_json(settings, *command) == (ExitCode.SETUP, [])
    with pytest.raises(OSError, match="Read-only") as got, ExitStack() as stack:
        stack.enter_context(open_services(settings))
    assert (got.value.errno, got.value.filename) == (errno.EROFS, str(settings.home))


def test_a_full_disk_is_told_as_one(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a database that cannot grow, and of one whose log cannot."""
    settings.home.mkdir()
    with open_database(settings.ledger_url, "ledger") as engine, engine.connect() as db:
        db.execute(text("PRAGMA max_page_count = 1"))
        with pytest.raises(DatabaseFull, match=r"ledger\.sqlite"):
            db.execute(text("CREATE TABLE more AS SELECT randomblob(1000000) AS much"))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=0))
    with open_database(settings.ledger_url, "ledger") as engine, engine.connect() as db:
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = sqlite3.SQLITE_IOERR_WRITE
        with pytest.raises(DatabaseFull):
            db._handle_dbapi_exception(error, None, None, None, None)


def test_a_user_without_a_name_has_a_number(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a container: the number stands in the journal, and may have a role; a manifest needs no name either."""

    def nobody(uid: int) -> None:
        raise KeyError(f"getpwuid(): uid not found: {uid}")

    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pwd.getpwuid", nobody)
    opened(settings)
    assert run_json(settings, "reindex")[0] == ExitCode.OK
    (tmp_path / "a.txt").write_text("no scan", encoding="utf-8")
    (tmp_path / "list.csv").write_text("file,accept,reason\na.txt,resolution,cũ\n", encoding="utf-8")
    put = ("ingest", str(tmp_path / "a.txt"), "--manifest", str(tmp_path / "list.csv"))
    assert run_json(settings, *put, "--who", "an")[0] == ExitCode.REFUSED
    assert run_json(settings, *put)[0] == ExitCode.REFUSED
    with open_services(settings) as ctx:
        assert {str(dict(item)["who"]) for item in ctx.journal.events()} == {"an", str(os.getuid())}
    (settings.home / "khoso.toml").write_text(f'[desk.roles]\n{os.getuid()} = "auditor"\n', encoding="utf-8")
    assert run_json(settings, "reindex")[0] == ExitCode.REFUSED
