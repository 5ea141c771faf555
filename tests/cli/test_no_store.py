"""Only what is a store is changed, and only what puts something in makes one."""

import os
import stat
from pathlib import Path

import pytest

from config.settings import load_settings
from config.store import NoStore
from domain.errors import ExitCode
from files.rights import make_private
from services.context import open_services
from tests.support.desk import WHY, khoso, run_json

_ASKING = (
    ("status",),
    ("search", "giấy"),
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
    ("use", "0123456789abcdef", "--dossier", "H17.12-261124-0077"),
    ("owner", "048193442112", "--reason", "x"),
    ("review",),
    ("show", "0123456789abcdef"),
    ("verify", "0123456789abcdef"),
    ("renew", "--dry-run"),
    ("index",),
    ("reindex", "--check"),
    ("rebuild",),
    ("upgrade",),
    ("catalogue", "list"),
    ("dossiers", "export", "-o", "out.json"),
)
_NEEDLESS = (("doctor",), ("flow",))


def looks(folder: Path) -> dict[str, int]:
    """Everything below a folder, with its permissions."""
    return {str(path): stat.S_IMODE(path.lstat().st_mode) for path in (folder, *folder.rglob("*"))}


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """A folder full of other things, with a link that leads out of it."""
    folder, outside = tmp_path / "foreign", tmp_path / "outside"
    for place in (folder / "docs", outside):
        place.mkdir(parents=True)
        (place / "a.txt").write_text("x", encoding="utf-8")
    (folder / "link").symlink_to(outside)
    for path in (folder, folder / "docs", outside):
        path.chmod(0o755)
    for path in (folder / "docs" / "a.txt", outside / "a.txt"):
        path.chmod(0o644)
    return folder


@pytest.mark.parametrize("command", [*_ASKING, *_NEEDLESS, ("ingest", ".")], ids=lambda command: command[0])
def test_a_folder_of_other_things_is_left_alone(foreign: Path, tmp_path: Path, command: tuple[str, ...]) -> None:
    """Neither it nor what its links lead to is closed or changed; what needs a store ends as a wrong use."""
    before = looks(tmp_path)
    code, lines = run_json(load_settings(foreign, {}), *command)
    if command in _NEEDLESS:
        assert lines
    else:
        assert (code, lines) == (ExitCode.USAGE, [])
    assert looks(tmp_path) == before


@pytest.mark.parametrize("command", [*_ASKING, *_NEEDLESS], ids=lambda command: command[0])
@pytest.mark.parametrize("kind", ["mistyped", "empty", "with settings"])
def test_asking_makes_no_store(tmp_path: Path, kind: str, command: tuple[str, ...]) -> None:
    """No folder, no secret, no catalogue, no vault."""
    home = tmp_path / "typo" / "home"
    if kind != "mistyped":
        home.mkdir(parents=True)
    if kind == "with settings":
        (home / "khoso.toml").write_text("", encoding="utf-8")
    before = looks(tmp_path)
    code, lines = run_json(load_settings(home, {}), *command)
    if command not in _NEEDLESS:
        assert (code, lines) == (ExitCode.USAGE, [])
    assert looks(tmp_path) == before


@pytest.mark.parametrize("kind", ["mistyped", "empty", "of other things", "with settings"])
def test_doctor_is_not_content_where_there_is_no_store(tmp_path: Path, kind: str) -> None:
    """It tells the machine, and ends as every command that asks does; settings may come before the first paper."""
    home = tmp_path / "home"
    if kind != "mistyped":
        home.mkdir()
    if kind == "of other things":
        (home / "a.txt").touch()
    if kind == "with settings":
        (home / "khoso.toml").touch()
    before = looks(tmp_path)
    code, lines, got = khoso(home, "doctor")
    is_told = kind != "with settings"
    assert lines
    assert (code == ExitCode.USAGE, "no_store: " in got, "--home" in got) == (is_told, is_told, is_told)
    assert looks(tmp_path) == before


def test_a_home_without_a_name_is_no_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--home "$STORE"` with a variable that is not set does not mean the folder in which the script runs."""
    monkeypatch.chdir(tmp_path)
    before = looks(tmp_path)
    for home in ("", "  "):
        assert khoso(tmp_path / "home", "ingest", ".", "--home", home)[0] == ExitCode.USAGE
    assert looks(tmp_path) == before


def test_a_home_that_is_a_file_is_told(tmp_path: Path) -> None:
    """It is a wrong use, for those that ask and for those that put in."""
    home = tmp_path / "home"
    home.write_text("x", encoding="utf-8")
    for command in (("status",), ("ingest", str(home)), ("doctor",)):
        code, _, got = khoso(home, *command)
        assert "Traceback" not in got
        assert code == ExitCode.USAGE


@pytest.mark.skipif(os.geteuid() == 0, reason="root may look everywhere")
def test_a_home_that_may_not_be_looked_into_is_told(tmp_path: Path) -> None:
    """The store of another user is no folder without a store."""
    home = tmp_path / "home"
    home.mkdir(mode=0o000)
    code, _, got = khoso(home, "status")
    home.chmod(0o700)
    assert (code, "may not be read" in " ".join(got.split())) == (ExitCode.SETUP, True)


@pytest.mark.parametrize("before", [(), ("khoso.toml", "pin"), ("lost+found",)])
def test_a_new_folder_becomes_a_store(tmp_path: Path, before: tuple[str, ...]) -> None:
    """One that is empty, on a disk of its own, or was given settings; cut off at once, it is one all the same."""
    home = tmp_path / "home"
    home.mkdir()
    for name in before:
        (home / name).touch()
    settings = load_settings(home, {})
    with open_services(settings):
        pass
    assert run_json(settings, "status")[0] == ExitCode.OK
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_services_are_opened_of_no_other_folder(foreign: Path) -> None:
    """Whoever opens them: a command, or a page of a web."""
    before = looks(foreign)
    with pytest.raises(NoStore), open_services(load_settings(foreign, {})):
        pass
    assert looks(foreign) == before


def test_a_link_of_another_name_is_not_followed(tmp_path: Path) -> None:
    """In a store, too, only what stands for a part of it leads elsewhere."""
    home, outside = tmp_path / "home", tmp_path / "outside"
    for folder in (home, outside):
        folder.mkdir(mode=0o755)
        folder.chmod(0o755)
    (home / "link").symlink_to(outside)
    make_private(home, group=False, own=home / "keys")
    assert [stat.S_IMODE(path.stat().st_mode) for path in (home, outside)] == [0o700, 0o755]


def test_a_lost_secret_is_not_made_anew_by_asking(tmp_path: Path) -> None:
    """Else nobody could tell that it is lost; `rebuild` makes another one."""
    settings = load_settings(tmp_path / "home", {})
    with open_services(settings) as ctx:
        assert ctx.catalogue.by_bytes("") is None
    settings.owner_secret.unlink()
    for command in (("search", "giấy"), ("status",), ("doctor",)):
        code, _, got = khoso(settings.home, *command)
        assert code == ExitCode.SETUP
        assert command == ("doctor",) or "owner_secret" in got
        assert not settings.owner_secret.exists()
    assert run_json(settings, "rebuild")[0] == ExitCode.OK
    assert run_json(settings, "search", "giấy")[0] == ExitCode.OK
