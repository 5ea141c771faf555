"""What is not asked for is not opened: a command that signs nothing works while keys, services and engine are away."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from config.settings import Settings, load_settings
from domain.errors import ExitCode
from tests.conftest import program
from tests.support.desk import WHY, run_json
from tests.support.tokens import WRONG_PIN, Shelf

_OWNER = "048219001275"  # of the birth certificate among the samples
_ROLES = """
[desk]
roles = { archivist = "archivist" }
"""
_CLOSED = "http://127.0.0.1:9"  # the port of `discard`: nobody listens

_COMMANDS = {
    "search": ("search", "giấy khai sinh", "--who", "archivist"),
    "status": ("status",),
    "show": ("show", "ID"),
    "lookup": (
        "lookup",
        "--reason",
        WHY,
        "--owner",
        _OWNER,
        "--dossier",
        "H17.12-260101-0001",
        "--type",
        "KQ.G15.000031",
    ),
    "use": ("use", "PAPER", "--dossier", "H17.12-260101-0001", "--out", "COPY"),
    "review": ("review",),
    "verify": ("verify", "ID"),
    "reindex --check": ("reindex", "--check"),
    "index": ("index",),
    "catalogue list": ("catalogue", "list", "agencies"),
    "dossiers export": ("dossiers", "export", "--out", "OUT", "--who", "archivist"),
    "flow": ("flow",),
}
_TOKEN = """
[signing]
kind = "token"
officer_token = {{ module = "{module}", label = "desk", key = "officer", pin_file = "{pin}" }}
agency_token = {{ module = "{module}", label = "desk", key = "agency", pin_file = "{pin}" }}
"""
_REMOTE = f"""
[signing]
kind = "remote"
officer_remote = {{ url = "{_CLOSED}", credential = "officer" }}
agency_remote = {{ url = "{_CLOSED}", credential = "agency" }}
"""
_ENGINE = f"""
[search]
kind = "elasticsearch"
elasticsearch = {{ urls = ["{_CLOSED}"], index = "khoso" }}
"""


_RECORDS = re.compile(r"audit\.jsonl|\.sqlite|\.lock$|\.log$")


@pytest.fixture
def held(store: tuple[Path, list[dict[str, Any]]], tmp_path: Path) -> tuple[Settings, str]:
    """A store of its own with the samples, and the id of one of its papers."""
    home = tmp_path / "home"
    shutil.copytree(store[0], home)
    (home / "khoso.toml").write_text(_ROLES, encoding="utf-8")
    return load_settings(home, {}), store[1][0]["id"]


def run_all(held: tuple[Settings, str], tmp_path: Path) -> dict[str, int]:
    """The exit code of every command that signs nothing."""
    settings, document = held
    places = {"ID": document, "OUT": str(tmp_path / "out.json"), "COPY": str(tmp_path / "copy.pdf")}
    codes = {}
    for name, parts in _COMMANDS.items():
        codes[name], lines = run_json(settings, *(places.get(part, part) for part in parts))
        if name == "lookup":
            places["PAPER"] = (lines[0].get("code") or "none") if lines else "none"
    return codes


def configure(held: tuple[Settings, str], lines: str) -> None:
    """Write the settings of a store."""
    (held[0].home / "khoso.toml").write_text(_ROLES + lines, encoding="utf-8")


def test_they_work_when_nothing_is_amiss(held: tuple[Settings, str], tmp_path: Path) -> None:
    """Each of the commands does its work on a sound store."""
    assert set(run_all(held, tmp_path).values()) == {ExitCode.OK}


@pytest.mark.parametrize(
    "amiss",
    [_TOKEN.format(module="/no/such/module.so", pin="/no/such/pin"), _REMOTE],
    ids=["token module missing", "remote service away"],
)
def test_keys_that_are_away_are_not_missed(held: tuple[Settings, str], tmp_path: Path, amiss: str) -> None:
    """Without the token's module, or while the service is away, they all work; `ingest` and `doctor` say what is."""
    configure(held, amiss)
    assert set(run_all(held, tmp_path).values()) == {ExitCode.OK}
    assert run_json(held[0], "doctor")[0] == ExitCode.SETUP
    assert run_json(held[0], "ingest", str(tmp_path / "home" / "khoso.toml"))[0] not in {ExitCode.OK, ExitCode.INTERNAL}


def test_a_wrong_pin_is_not_tried(held: tuple[Settings, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a wrong PIN in its file none of them spends a try of the token."""
    program("softhsm2-util")
    folder = tmp_path / "shelf"
    folder.mkdir()
    monkeypatch.setenv("SOFTHSM2_CONF", str(folder / "softhsm2.conf"))
    shelf = Shelf(folder)
    shelf.add("desk", "officer", "agency")
    shelf.write_pin(WRONG_PIN)
    configure(held, _TOKEN.format(module=shelf.token("officer").module, pin=shelf.pin_file))
    before = shelf.flags("desk")
    run_all(held, tmp_path)
    run_json(held[0], "doctor")
    assert shelf.flags("desk") == before


def test_no_keys_are_made_by_looking(held: tuple[Settings, str], tmp_path: Path) -> None:
    """Without the folder of the keys all works, by the root that the vault recorded; nothing of the store is changed.

    But for what is recorded of each question: the journal, the databases, and the locks of both.
    """
    shutil.rmtree(held[0].signing.keys)
    run_all(held, tmp_path)  # once before: what is made when it is first asked for
    for name in ("out.json", "copy.pdf"):
        (tmp_path / name).unlink()
    before = _kept(held[0].home)
    assert set(run_all(held, tmp_path).values()) == {ExitCode.OK}
    assert not held[0].signing.keys.exists()
    assert _kept(held[0].home) == before
    assert any("vault" in name for name in before)


def _kept(home: Path) -> dict[str, bytes]:
    """The files of a store, without those in which questions are recorded."""
    files = {str(path.relative_to(home)): path for path in home.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in files.items() if not _RECORDS.search(name)}


def test_an_empty_store_stays_without_keys(settings: Settings, tmp_path: Path) -> None:
    """On an empty store none of them makes keys."""
    run_all((settings, "none"), tmp_path)
    assert not settings.signing.keys.exists()


def test_without_the_engine_the_catalogue_is_searched(held: tuple[Settings, str], tmp_path: Path) -> None:
    """While Elasticsearch is away `search` finds papers in the catalogue and says so; what tends the index fails."""
    configure(held, _ENGINE)
    codes = run_all(held, tmp_path)
    assert {name for name, code in codes.items() if code != ExitCode.OK} == {"index", "reindex --check", "search"}
    assert run_json(held[0], "doctor")[0] == ExitCode.SETUP
    code, found = run_json(held[0], "search", "khai sinh", "--who", "archivist")
    assert (code, bool(found)) == (ExitCode.INCOMPLETE, True)


@pytest.mark.parametrize("name", ["KHOSO_WHO", "KHOSO_OFFICE"])
def test_options_may_come_from_the_environment(
    held: tuple[Settings, str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The variables that `--help` offers are options of commands, and no settings that stop every command."""
    monkeypatch.setenv(name, "H17.12")
    assert run_json(held[0], "status")[0] == ExitCode.OK
    assert run_json(held[0], *_COMMANDS["lookup"])[0] == ExitCode.OK
