"""Stores that earlier commits made say what is to be done, are brought up by `upgrade`, and work as any other."""

import ast
import shutil
import sqlite3
import tarfile
from pathlib import Path

import pytest

from archive.journal import Journal
from config.settings import Settings, load_settings
from config.store import STORE_VERSION, version_of
from domain.errors import ExitCode
from services.context import open_services
from tests.support.crashes import Trial
from tests.support.desk import WHY, given, run_json
from tests.support.source import ROOT

SAVED = Path(__file__).parent.parent / "saved" / "stores"
STORES = {
    "2026-11-24-0228": ("copy", "databases", "catalogue", "version"),
    "2026-11-24-0917": ("copy", "databases", "catalogue", "version"),
    "2026-11-28-2104": ("copy", "databases", "index", "version"),
    "2026-11-30-0727": ("copy", "databases", "index", "version"),
    "2026-11-30-1005": ("copy", "databases", "catalogue", "version"),
}
BIRTH, WAITING = "c32617396e6d38b6", "62a5697d5bb980b8"
_OF_VERSION_2 = {
    "ledger": "ledger_0007",
    "catalogue": "catalogue_0008",
    "desk": "desk_0009",
    "quality": "quality_0002",
}
OWNER, DOSSIER = "048219001275", "000.00.31.H17-250409-0228"


def saved(name: str, folder: Path) -> Settings:
    """A saved store, in a folder of its own."""
    folder.mkdir(exist_ok=True)
    with tarfile.open(SAVED / f"{name}.tar.xz") as archive:
        archive.extractall(folder)  # noqa: S202 (our own)
    work, recognition = {"KHOSO_WORK__WORKERS": "1"}, {"KHOSO_RECOGNITION__MODE": "fast"}
    return load_settings(folder / "store", {**work, **recognition})


def files(home: Path) -> dict[str, bytes]:
    """All files of a store and what they hold, without locks and what reading a database leaves beside it."""
    passing = (".lock", "-wal", "-shm")
    return {
        str(path.relative_to(home)): path.read_bytes()
        for path in sorted(home.rglob("*"))
        if path.is_file() and not path.name.endswith(passing)
    }


def events(settings: Settings) -> list[dict[str, str]]:
    """What the audit journal tells."""
    return list(Journal(settings.journal).events())


@pytest.mark.parametrize("name", STORES)
def test_a_store_of_an_earlier_commit_is_brought_up_and_works(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it holds is found and verified, the paper that waits goes on, a second scan of a held one is known."""
    monkeypatch.setenv("KHOSO_WORK__WORKERS", "1")
    monkeypatch.setenv("KHOSO_RECOGNITION__MODE", "fast")
    settings = saved(name, tmp_path)
    code, (plan,) = run_json(settings, "upgrade", "--dry-run")
    assert (code, plan["version"], plan["becomes"], plan["steps"]) == (0, 1, STORE_VERSION, list(STORES[name]))
    code, (done, *_) = run_json(settings, "upgrade")
    assert (code, done["steps"]) == (ExitCode.OK, list(STORES[name]))
    assert (Path(done["copy"]) / "catalogue.sqlite").is_file()
    assert version_of(settings.home) == STORE_VERSION

    code, found = run_json(settings, "search", "khai sinh")
    assert (code, found[0]["id"]) == (ExitCode.OK, BIRTH)
    asked = ("--owner", OWNER, "--type", "KQ.G15.000031", "--dossier", DOSSIER, "--reason", WHY)
    code, (answer,) = run_json(settings, "lookup", *asked)
    assert (code, answer["answer"], answer["id"]) == (ExitCode.OK, "held-and-valid", BIRTH)
    code, (shown,) = run_json(settings, "show", BIRTH)
    assert (code, shown["state"], shown["code"]) == (ExitCode.OK, "archived", f"{OWNER}.KQ.G15.000031.215/2019.01")
    assert run_json(settings, "verify", BIRTH)[1][0]["valid"] is True
    code, (line, *_) = run_json(settings, "review", WAITING, "--set", "owner_id=048090001234")
    assert (code, line["state"]) == (ExitCode.OK, "archived"), line
    assert run_json(settings, "verify", WAITING)[1][0]["valid"] is True
    code, lines = run_json(settings, "ingest", str(SAVED / "new.tif"))
    assert (code, lines[0]["state"]) == (ExitCode.OK, "archived")
    code, lines = run_json(settings, "ingest", str(SAVED / "again.tif"))
    assert (code, lines[0]["reason"].partition(":")[0]) == (ExitCode.HELD, "same_document")

    before = files(settings.home)
    code, (again, *_) = run_json(settings, "upgrade")
    assert (code, again["steps"]) == (ExitCode.OK, [])
    assert files(settings.home) == before


@pytest.mark.parametrize("name", STORES)
def test_a_store_of_an_earlier_commit_is_told_and_left_as_it_is(name: str, tmp_path: Path) -> None:
    """Every command but `upgrade` stops with one reason; `doctor` tells it, and changes nothing."""
    settings = saved(name, tmp_path)
    before = files(settings.home)
    for command in (
        ("status",),
        ("search", "khai sinh"),
        ("show", BIRTH),
        ("ingest", str(SAVED / "new.tif")),
        ("rebuild",),
    ):
        done = given(settings, *command)
        said = " ".join(done.stderr.split())
        assert (done.exit_code, "store_older: " in said, "upgrade --dry-run" in said) == (5, True, True), said
        assert "another secret" not in said
    code, lines = run_json(settings, "doctor")
    assert (code, [item["state"] for item in lines if item["name"] == "store version"]) == (ExitCode.SETUP, ["missing"])
    assert not [item for item in lines if item["name"] == "owner secret"]
    assert run_json(settings, "upgrade", "--dry-run")[0] == ExitCode.OK
    assert files(settings.home) == before


def test_a_store_of_a_later_release_is_told_and_not_touched(settings: Settings) -> None:
    """Its mark alone is read."""
    with open_services(settings) as ctx:
        assert not ctx.ledger.entries()
    (settings.home / "0=khoso_store").write_text(f"{STORE_VERSION + 1}\n", encoding="ascii")
    settings.home.chmod(0o755)
    before = files(settings.home)
    for command in (("status",), ("ingest", str(SAVED / "new.tif")), ("upgrade",), ("rebuild",)):
        done = given(settings, *command)
        assert (done.exit_code, "store_from_future: " in done.stderr) == (ExitCode.SETUP, True), command
    code, lines = run_json(settings, "doctor")
    assert (code, [item["state"] for item in lines if item["name"] == "store version"]) == (ExitCode.SETUP, ["missing"])
    assert (files(settings.home), settings.home.stat().st_mode & 0o777) == (before, 0o755)


def test_a_store_of_today_that_does_not_say_its_version_says_it_from_now_on(settings: Settings) -> None:
    """As a new one does from its first command."""
    with open_services(settings) as ctx:
        assert (version_of(settings.home), ctx.ledger.entries()) == (STORE_VERSION, [])
    (settings.home / "0=khoso_store").write_bytes(b"")
    assert run_json(settings, "status")[0] == ExitCode.OK
    assert version_of(settings.home) == STORE_VERSION


def test_a_secret_that_is_really_lost_is_told_as_that(tmp_path: Path) -> None:
    """An upgrade of such a store leaves its owners as they are, and `rebuild` enters them under another one."""
    settings = saved("2026-11-28-2104", tmp_path)
    settings.owner_secret.unlink()
    code, (plan,) = run_json(settings, "upgrade", "--dry-run")
    assert (code, [item["name"] for item in plan["amiss"]]) == (ExitCode.SETUP, ["owner secret"])
    code, lines = run_json(settings, "upgrade")
    assert (code, [item["state"] for item in lines if item.get("name") == "owner secret"]) == (5, ["missing"])
    assert "owner_secret: " in given(settings, "search", "khai sinh").stderr
    assert run_json(settings, "rebuild")[0] == ExitCode.OK
    assert run_json(settings, "search", "khai sinh")[0] == ExitCode.OK


def test_keys_that_are_gone_are_told_before_and_after(tmp_path: Path) -> None:
    """All is brought up, and the end is that of `doctor`: nothing can be signed until they are put back."""
    settings = saved("2026-11-30-0727", tmp_path)
    shutil.rmtree(settings.signing.keys)
    code, (plan,) = run_json(settings, "upgrade", "--dry-run")
    assert (code, [item["name"] for item in plan["amiss"]]) == (ExitCode.SETUP, ["keys folder"])
    code, lines = run_json(settings, "upgrade")
    assert (code, [item["state"] for item in lines if item.get("name") == "keys folder"]) == (5, ["missing"])
    assert version_of(settings.home) == STORE_VERSION


@pytest.mark.parametrize("name", STORES)
def test_nothing_is_called_lost_that_never_was(name: str, tmp_path: Path) -> None:
    """`doctor` is content; of what the release of then did not keep it says so, and of a real loss as ever."""
    settings = saved(name, tmp_path)
    assert run_json(settings, "upgrade")[0] == ExitCode.OK
    code, lines = run_json(settings, "doctor")
    rows = [item for item in lines if item["name"] in {"audit journal", "desk"}]
    assert (code, {item["state"] for item in rows}) == (ExitCode.OK, {"ok"}), rows
    told = [item["detail"] for item in rows if "release of then" in item["detail"]]
    assert len(told) == (name < "2026-11-29")
    settings.journal.with_name("audit.jsonl.head").unlink()
    assert "absent" in {item["state"] for item in run_json(settings, "doctor")[1] if item["name"] == "audit journal"}


def test_the_copy_is_what_the_store_was(tmp_path: Path) -> None:
    """Databases put back from it are those of the earlier release."""
    settings = saved("2026-11-24-0228", tmp_path)
    code, (done, *_) = run_json(settings, "upgrade")
    assert code == ExitCode.OK
    for name, revision in (("catalogue", "catalogue_0001"), ("ledger", "ledger_0001")):
        with sqlite3.connect(Path(done["copy"]) / f"{name}.sqlite") as db:
            assert db.execute(f"SELECT version_num FROM {name}_version").fetchall() == [(revision,)]  # noqa: S608
    assert [event["event"] for event in events(settings)][-1] == "upgraded"


def test_what_a_later_release_of_this_version_added_is_let_be(settings: Settings) -> None:
    """So the former release can be taken again; where no version is told, nothing is known of it."""
    with open_services(settings) as ctx:
        assert not ctx.ledger.entries()
    with sqlite3.connect(settings.home / "ledger.sqlite") as db:
        db.execute("UPDATE ledger_version SET version_num = 'ledger_9999'")
        db.execute("CREATE TABLE added (name TEXT)")
    assert run_json(settings, "status")[0] == ExitCode.OK
    assert run_json(settings, "upgrade")[1][0]["steps"] == []
    (settings.home / "0=khoso_store").write_bytes(b"")
    assert "store_from_future: " in given(settings, "status").stderr


def test_within_a_version_databases_only_gain() -> None:
    """Else an earlier release of the version could not go on with them, and the version is to be raised."""
    for kind, last in _OF_VERSION_2.items():
        for path in sorted((ROOT / "archive" / "migrations" / kind).glob(f"{kind}_*.py")):
            if path.stem <= last:
                continue
            body = next(item for item in ast.parse(path.read_text(encoding="utf-8")).body if is_upgrade(item))
            for call in (item for item in ast.walk(body) if isinstance(item, ast.Call)):
                if ast.unparse(call.func).startswith("op."):
                    assert ast.unparse(call.func) in {"op.create_table", "op.create_index", "op.add_column"}, path
                if ast.unparse(call.func) == "op.add_column":
                    given_so = ast.unparse(call)
                    assert "server_default" in given_so or "nullable=False" not in given_so, path


def is_upgrade(item: ast.stmt) -> bool:
    """Whether a statement is the function that changes the schema."""
    return isinstance(item, ast.FunctionDef) and item.name == "upgrade"


@pytest.mark.parametrize(
    ("name", "stride"), [("2026-11-24-0228", 31), ("2026-11-30-0727", 37), ("2026-11-30-1005", 41)]
)
def test_an_upgrade_that_is_killed_goes_on_with_the_same_command(name: str, stride: int, tmp_path: Path) -> None:
    """Whatever step it was killed before: nothing is lost, and the copy is that of the store before all."""
    home = saved(name, tmp_path / "before").home
    trial = Trial(home, tmp_path, "upgrade")
    for step in range(1, trial.steps + 1, stride):
        trial.disturb(step)
