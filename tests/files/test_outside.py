"""What is handed out goes to new files outside the store: nothing that is there is written over."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from config.settings import Settings, load_settings
from domain.errors import ExitCode, UsageError
from files.outside import new_file
from services.context import Services
from services.permissions import Asker
from services.reuse.asking import lookup
from services.reuse.handing_over import use
from tests.support.desk import WHY, run_json
from tests.support.held_papers import OWNER, hold

DOSSIER = "H17.12-261124-0001"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A store in which Bình is the archivist."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "khoso.toml").write_text('[desk.roles]\n"bình" = "archivist"\n', encoding="utf-8")
    return load_settings(tmp_path / "home", {})


@pytest.mark.parametrize(
    "command",
    [
        ("verify", "paper", "--who", "bình", "--report"),
        ("dossiers", "export", "--who", "bình", "-o"),
        ("separators", "-o"),
        ("use", "paper", "--dossier", DOSSIER, "--who", "an", "--office", "H17.12", "--out"),
    ],
)
def test_no_command_writes_over_what_is_there(ctx: Services, tmp_path: Path, command: tuple[str, ...]) -> None:
    """Not over a file, a link that leads nowhere, or a folder; not into the store; not where no folder is."""
    hold(ctx, tmp_path, "paper")
    by = Asker(who="an", office="H17.12", role="desk")
    lookup(ctx, by, owner_id=OWNER, dossier=DOSSIER, type_code="KQ.G15.000031", reason=WHY)
    home = ctx.settings.home
    (tmp_path / "mine.txt").write_bytes(b"mine")
    (tmp_path / "link.pdf").symlink_to(tmp_path / "elsewhere.pdf")
    (tmp_path / "door").symlink_to(home)
    there = {path: path.read_bytes() for path in home.rglob("*.sqlite")}
    places = [
        "mine.txt",
        "link.pdf",
        "home/ledger.sqlite",
        "home/new.pdf",
        "home/vault/new.pdf",
        "door/new.pdf",
        "no/x",
    ]
    for place in (*places, "."):
        code, lines = run_json(ctx.settings, *command, str(tmp_path / place))
        assert (code, lines) == (ExitCode.USAGE, [])
    assert (tmp_path / "mine.txt").read_bytes() == b"mine"
    assert not (tmp_path / "elsewhere.pdf").exists()
    assert not list(home.rglob("new.pdf"))
    assert {path for path, content in there.items() if not path.read_bytes().startswith(content[:16])} == set()
    assert ctx.desk.uses_for(DOSSIER) == []
    if command[0] != "verify":  # the held paper's PDF is none; tests/signing/test_report.py verifies a right one
        assert run_json(ctx.settings, *command, str(tmp_path / "new.file"))[0] == ExitCode.OK
        assert (tmp_path / "new.file").stat().st_size


def written(target: Path, during: Callable[[], object]) -> None:
    """Write a file, while something else happens."""
    with new_file(target, target.parent / "home") as file:
        file.write(b"mine")
        during()


def test_what_came_meanwhile_is_kept(tmp_path: Path) -> None:
    """Two that write to one place at once do not write over each other, on disks without links neither."""
    target = tmp_path / "out.json"
    with pytest.raises(UsageError, match="is there already"):
        written(target, lambda: target.write_bytes(b"first"))
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("out.json", b"first")]


@pytest.mark.parametrize("came", [False, True])
def test_a_disk_without_links_takes_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, came: bool) -> None:
    """Memory sticks and shares know no links; what is there is kept on them too."""

    def no_link(*_: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", no_link)
    target = tmp_path / "out.json"
    if came:
        with pytest.raises(UsageError, match="is there already"):
            written(target, lambda: target.write_bytes(b"first"))
    else:
        written(target, lambda: None)
    assert target.read_bytes() == (b"first" if came else b"mine")


@pytest.mark.parametrize("fault", [OSError(errno.ENOSPC, "No space left on device"), RuntimeError("cut off")])
def test_what_is_cut_off_leaves_nothing(tmp_path: Path, fault: Exception) -> None:
    """A file is there whole or not at all."""

    def breaks() -> None:
        raise fault

    with pytest.raises((UsageError, RuntimeError)):
        written(tmp_path / "out.json", breaks)
    assert list(tmp_path.iterdir()) == []


def test_a_reuse_that_could_not_be_written_is_not_recorded(
    ctx: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The copy is complete before the reuse is on record, and lies at its place after."""
    paper, clerk = hold(ctx, tmp_path, "paper"), Asker(who="an", office="H17.12", role="desk")
    lookup(ctx, clerk, owner_id=OWNER, dossier=DOSSIER, type_code="KQ.G15.000031", reason=WHY)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("shutil.copyfileobj", full)
    with pytest.raises(UsageError, match="No space left"):
        use(ctx, clerk, paper.id, dossier=DOSSIER, target=tmp_path / "out.pdf")
    assert ctx.desk.uses_for(DOSSIER) == []
    monkeypatch.undo()
    assert use(ctx, clerk, paper.id, dossier=DOSSIER, target=tmp_path / "out.pdf").first_use


@pytest.mark.parametrize(("number", "named"), [("5/KH", "5=2FKH.01.pdf"), ("Ộ" * 80, ".pdf")], ids=["short", "long"])
def test_a_paper_that_is_taken_over_gets_a_plain_name(
    ctx: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: str, named: str
) -> None:
    """Masked, without signs that programs take for others, and no longer than names may be, whatever the code."""
    code = f"{OWNER}.KQ.G15.000031.{number}.01"
    hold(ctx, tmp_path, "paper", digitisation_code=code)
    clerk = Asker(who="an", office="H17.12", role="desk")
    lookup(ctx, clerk, owner_id=OWNER, dossier=DOSSIER, type_code="KQ.G15.000031", reason=WHY)
    (tmp_path / "there").mkdir()
    monkeypatch.chdir(tmp_path / "there")
    options = ("--dossier", DOSSIER, "--who", "an", "--office", "H17.12")
    assert run_json(ctx.settings, "use", code, *options)[0] == ExitCode.OK
    (made,) = Path().iterdir()
    assert made.name.startswith("048_______75.KQ.G15.000031.")
    assert made.name.endswith(named)
    assert len(made.name.encode()) <= 204
    assert not set("%*") & set(made.name)
