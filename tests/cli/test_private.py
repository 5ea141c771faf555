"""What the store holds is its user's: no other user of the machine opens a file of it, whatever the umask."""

import stat
import subprocess
from pathlib import Path

import pytest

from config.settings import Settings, load_settings
from files.rights import make_private, open_to_others
from services.context import open_services
from tests.support.desk import COMMAND, STATED, WHY, given, khoso, run_json
from tests.support.held_papers import hold
from tests.support.walks import slip

_SETUP = "KHOSO_WORK__GROUP"
COMMANDS = (
    ("status",),
    ("search", "thông", "báo"),
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
    ("review",),
    ("reindex",),
    ("rebuild",),
    ("upgrade",),
    ("doctor",),
)


def modes(home: Path) -> dict[str, set[int]]:
    """The permissions of the folders and of the files of a store, but of the keys."""
    found: dict[str, set[int]] = {"folders": {stat.S_IMODE(home.stat().st_mode) & 0o777}, "files": set()}
    for path in home.rglob("*"):
        if home / "keys" not in (path, *path.parents):
            found["folders" if path.is_dir() else "files"].add(stat.S_IMODE(path.stat().st_mode) & 0o777)
    return found


@pytest.mark.parametrize(("umask", "group"), [(0o000, False), (0o022, False), (0o077, False), (0o022, True)])
def test_every_file_is_closed_to_others(
    tmp_path: Path, umask: int, group: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Folders are 0700 and files 0600, or 0770 and 0660 for a group; the keys are their user's alone."""
    monkeypatch.setenv(_SETUP, str(group).lower())
    slip().save(tmp_path / "a.jpg", dpi=(200, 200))
    (tmp_path / "m.csv").write_text(
        f"file,type,number_symbol,issued_date\na.jpg,{STATED.type_code},45/TB-UBND,2026-03-12\n", encoding="utf-8"
    )
    home = tmp_path / "home"
    put = ("ingest", str(tmp_path / "a.jpg"), "--manifest", str(tmp_path / "m.csv"))
    for command in (put, *COMMANDS):
        done = subprocess.run(
            [*COMMAND, *command, "--home", str(home)], capture_output=True, text=True, umask=umask, check=False
        )
        assert "Traceback" not in done.stderr, done.stderr
    assert list((home / "vault").rglob("*.pdf"))
    assert modes(home) == {"folders": {0o770 if group else 0o700}, "files": {0o660 if group else 0o600}}
    assert {stat.S_IMODE(path.stat().st_mode) for path in (home / "keys").iterdir()} == {0o600}


def test_a_store_that_was_open_is_closed(settings: Settings) -> None:
    """A store of an earlier version is closed when it is opened the next time; so is one that leaves its group."""
    with open_services(settings) as ctx:
        assert not ctx.ledger.entries()
    file, folder = settings.home / "ledger.sqlite", settings.home / "inbox"
    folder.mkdir()
    for path, mode in ((file, 0o644), (folder, 0o755), (settings.home, 0o755)):
        path.chmod(mode)
    assert set(open_to_others(settings.home, group=False)) >= {settings.home, file, folder}
    settings.home.chmod(0o700)
    assert not list(open_to_others(settings.home, group=False))
    settings.home.chmod(0o755)
    with open_services(settings):
        assert not list(open_to_others(settings.home, group=False))
    shared = load_settings(settings.home, {_SETUP: "true"})
    with open_services(shared):
        assert [stat.S_IMODE(path.stat().st_mode) for path in (settings.home, file, folder)] == [0o770, 0o660, 0o770]
    with open_services(settings):
        assert [stat.S_IMODE(path.stat().st_mode) for path in (settings.home, file, folder)] == [0o700, 0o600, 0o700]


def test_a_part_on_another_disk_is_closed_too(tmp_path: Path) -> None:
    """A link in place of a folder leads to where the vault really lies."""
    home, disk = tmp_path / "home", tmp_path / "disk"
    home.mkdir(mode=0o755)
    disk.mkdir(mode=0o755)
    (disk / "a.pdf").write_bytes(b"x")
    (disk / "a.pdf").chmod(0o644)
    (home / "vault").symlink_to(disk)
    make_private(home, group=False, own=home / "keys")
    assert [stat.S_IMODE(path.stat().st_mode) for path in (home, disk, disk / "a.pdf")] == [0o700, 0o700, 0o600]


def test_doctor_tells_what_is_open_to_others(made: Settings) -> None:
    """A file that somebody opened since is named, and the remedy closes it; in a closed folder nobody gets to one."""
    settings = made
    assert run_json(settings, "status")[0] == 0
    (settings.home / "ledger.sqlite").chmod(0o644)
    _, lines, _ = khoso(settings.home, "doctor")
    assert [line["state"] for line in lines if line["name"] == "rights"] == ["ok"]
    settings.home.chmod(0o711)
    _, lines, _ = khoso(settings.home, "doctor")
    (row,) = [line for line in lines if line["name"] == "rights"]
    assert (row["state"], str(settings.home) in row["detail"]) == ("missing", True)
    subprocess.run(row["remedy"].split(), check=True)
    _, lines, _ = khoso(settings.home, "doctor")
    assert [line["state"] for line in lines if line["name"] == "rights"] == ["ok"]


@pytest.mark.parametrize("name", ["text.txt", "document.pdf", "metadata.json", "inventory.json", "0=ocfl_object_1.1"])
def test_no_desk_is_told_where_a_damaged_object_lies(settings: Settings, tmp_path: Path, name: str) -> None:
    """Whatever is wrong with it, and whichever command says so; who runs the program is told the place."""
    with open_services(settings) as ctx:
        hold(ctx, tmp_path, "birth")
        for place in ctx.vault.path("urn:khoso:birth").rglob(name):
            place.unlink()
    said = {}
    for who in ((), ("--who", "clerk")):
        for command in ("show", "verify", "review"):
            done = given(settings, command, "birth", *who)
            assert "catalogue_incomplete" not in done.stderr
            said[command, bool(who)] = f"{done.stdout}{done.stderr}"
    for (command, is_desk), text in said.items():
        if is_desk:
            assert str(settings.home) not in text, command
            assert "/vault" not in text
    assert str(settings.home) in "".join(text for (_, is_desk), text in said.items() if not is_desk)
