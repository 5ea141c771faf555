"""What a user may not read is told with its path and what to do, and nothing ends in a traceback."""

import errno
import os
import tempfile
from pathlib import Path
from typing import Any

import pytest

from archive.ledger import open_ledger
from cli.output import session
from config.settings import Settings
from domain.errors import ExitCode
from tests.support.desk import WHY, run_json


@pytest.mark.parametrize("command", [("ingest", "{0}"), ("search", "giấy"), ("status",)])
def test_the_store_of_another_user(
    settings: Settings, tmp_path: Path, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store without rights is a fault of the setup, whichever file of it is met first."""
    (tmp_path / "a.png").write_bytes(b"x")

    def denied(home: Path) -> Settings:
        raise PermissionError(errno.EACCES, "Permission denied", str(home / "khoso.toml"))

    monkeypatch.setattr("cli.output.load_settings", denied)  # root may read everything
    code, lines = run_json(settings, *(part.format(tmp_path / "a.png") for part in command))
    assert (code, lines) == (5, [])


@pytest.mark.usefixtures("made")
def test_a_database_that_may_not_be_written_is_named(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite would tell no path; the file is named, and the program does not go on."""
    assert run_json(settings, "status")[0] == 0
    ledger, allowed = settings.home / "ledger.sqlite", os.access
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != ledger and allowed(path, mode))
    assert run_json(settings, "status") == (5, [])
    with pytest.raises(PermissionError) as got, open_ledger(settings.ledger_url):
        pass
    assert got.value.filename == str(ledger)
    rows = {line["name"]: line for line in run_json(settings, "doctor")[1]}
    assert [rows[name]["state"] for name in ("ledger", "catalogue", "audit journal")] == ["missing", "ok", "ok"]
    assert str(ledger) in rows["ledger"]["detail"]


def test_a_store_that_may_only_be_read_can_be_asked(made: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """What writes nothing needs no place for temporary files; none are put anywhere else instead."""
    real = Path.mkdir

    def refused(path: Path, *arguments: Any, **options: Any) -> None:
        if path == made.scratch:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        real(path, *arguments, **options)

    monkeypatch.setattr(Path, "mkdir", refused)
    code, lines = run_json(made, "catalogue", "list", "agencies")
    assert (code, bool(lines)) == (ExitCode.OK, True)
    with session(made.home, as_json=True), pytest.raises(OSError, match=str(made.scratch)):
        tempfile.mkstemp()


@pytest.mark.parametrize(
    "command",
    [
        ("show", "{0}"),
        ("verify", "{0}"),
        ("use", "{0}", "--dossier", "H17.12-261124-0001"),
        ("lookup", "--reason", WHY, "--owner", "{0}", "--dossier", "{0}"),
    ],
)
def test_bytes_that_are_no_text_are_told(settings: Settings, command: tuple[str, ...]) -> None:
    """What a terminal of another encoding gives ends in one line: no database, no journal takes it."""
    assert run_json(settings, *(part.format("a\udcff") for part in command)) == (2, [])
