"""Earlier stores that have lost a part, or have no room: `upgrade` makes it anew, or says what to do."""

import shutil
from itertools import pairwise
from pathlib import Path

import pytest

from archive.upgrades.aside import Aside
from config.store import STORE_VERSION, version_of
from domain.errors import ExitCode
from services.permissions import user_of_the_machine
from services.upgrade.upgrading import UpgradePlan, open_for_upgrade, upgrade
from tests.services.test_upgrade import BIRTH, SAVED, files, saved
from tests.support.desk import run_json
from tests.support.spoilt_stores import HOWS, say

_STORES = ("2026-11-24-0228", "2026-11-28-2104", "2026-11-30-1005")
_JUNK = b"\x00\xffno such thing\n" * 40


def _empty(_stores: Path, home: Path, _part: str) -> None:
    (home / "catalogue.sqlite").write_bytes(b"")


def _without_catalogue(home: Path) -> dict[str, bytes]:
    return {name: data for name, data in files(home).items() if name != "catalogue.sqlite"}  # an empty file gets a head


@pytest.mark.parametrize("name", _STORES)
@pytest.mark.parametrize("how", ["deleted", "damaged", "emptied"])
def test_a_catalogue_that_is_lost_before_the_upgrade_is_made_anew_by_it(name: str, how: str, tmp_path: Path) -> None:
    """As `rebuild` would, which an earlier store does not let; no other command changes anything before."""
    settings = saved(name, tmp_path)
    {**HOWS, "emptied": _empty}[how](tmp_path, settings.home, "`catalogue.sqlite`")
    before = _without_catalogue(settings.home)
    for command in (("status",), ("search", "khai sinh"), ("rebuild",)):
        assert say(settings, *command)[::2] == (ExitCode.SETUP, "store_older")
    code, (plan,) = run_json(settings, "upgrade", "--dry-run")
    assert (code, "catalogue" in plan["steps"], plan["amiss"]) == (ExitCode.OK, True, [])
    assert _without_catalogue(settings.home) == before
    assert run_json(settings, "upgrade")[0] == ExitCode.OK
    assert version_of(settings.home) == STORE_VERSION
    code, found = run_json(settings, "search", "khai sinh")
    assert (code, found[0]["id"]) == (ExitCode.OK, BIRTH)
    assert run_json(settings, "doctor")[0] == ExitCode.OK


@pytest.mark.parametrize("name", [_STORES[0], _STORES[2]])
def test_an_upgrade_calls_no_paper_lost_for_a_vault_that_is_not_there(name: str, tmp_path: Path) -> None:
    """Its disk may only be away: the upgrade stops before it changes anything, and goes on once that is back."""
    settings = saved(name, tmp_path)
    settings.vault.rename(tmp_path / "away")
    before = files(settings.home)
    code, (plan,) = run_json(settings, "upgrade", "--dry-run")
    assert (code, [item["name"] for item in plan["amiss"]]) == (ExitCode.SETUP, ["papers"])
    assert say(settings, "upgrade")[::2] == (ExitCode.SETUP, "store_lacks")
    assert {name: data for name, data in files(settings.home).items() if name in before} == before
    (tmp_path / "away").rename(settings.vault)
    assert run_json(settings, "upgrade")[0] == ExitCode.OK
    assert run_json(settings, "search", "khai sinh")[1][0]["id"] == BIRTH


@pytest.mark.parametrize("name", _STORES)
def test_a_damaged_database_lets_no_command_change_the_others(name: str, tmp_path: Path) -> None:
    """They would be brought up without a copy; what is damaged is told by `upgrade` and `doctor`."""
    settings = saved(name, tmp_path)
    ledger = settings.home / "ledger.sqlite"
    ledger.write_bytes(_JUNK)
    before = files(settings.home)
    for command in (("search", "khai sinh"), ("show", BIRTH), ("ingest", str(SAVED / "new.tif"))):
        assert say(settings, *command)[::2] == (ExitCode.SETUP, "store_older")
    assert say(settings, "upgrade")[::2] == (ExitCode.SETUP, "database_unusable")
    code, lines = run_json(settings, "doctor")
    told = {item["name"] for item in lines if item["state"] == "missing"}
    assert (code, told) == (ExitCode.SETUP, {"store version", "ledger"})
    assert files(settings.home) == before
    ledger.rename(tmp_path / "aside")
    assert run_json(settings, "upgrade")[0] == ExitCode.SETUP  # for what was under way
    assert version_of(settings.home) == STORE_VERSION
    assert run_json(settings, "search", "khai sinh")[1][0]["id"] == BIRTH


def test_an_upgrade_looks_for_room_before_it_begins(tmp_path: Path) -> None:
    """It is told by the dry run, too; with room it goes on."""
    settings = saved(_STORES[1], tmp_path)
    filler = settings.search.path / "filler"
    with filler.open("wb") as file:
        file.truncate(shutil.disk_usage(tmp_path).free + (1 << 30))  # an index as large as that, without its blocks
    before = _small(settings.home)
    code, (plan,) = run_json(settings, "upgrade", "--dry-run")
    assert (code, [item["name"] for item in plan["amiss"]]) == (ExitCode.SETUP, ["disk"])
    assert say(settings, "upgrade").reason == "disk_full"
    assert _small(settings.home) == before
    filler.unlink()
    assert run_json(settings, "upgrade")[0] == ExitCode.OK


def _small(home: Path) -> dict[str, float]:
    return {
        str(path): path.stat().st_mtime
        for path in home.rglob("*")
        if path.is_file() and not path.name.endswith((".lock", "-wal", "-shm"))
    }


def test_databases_in_a_server_are_named_as_those_of_which_no_copy_is_made(tmp_path: Path) -> None:
    """With what to do before."""
    settings = saved(_STORES[1], tmp_path)
    served = settings.model_copy(update={"ledger_url": "postgresql://desk@db/ledger"})
    assert (Aside(settings).uncopied, Aside(served).uncopied) == ((), ("ledger",))
    plan = UpgradePlan(version=1, becomes=2, steps=("copy", "version"), databases=("ledger",), uncopied=("ledger",))
    (line, _) = [step.text("en") for step in plan.told()]
    assert "ledger" in line
    assert "dump" in line


@pytest.mark.parametrize("name", _STORES)
def test_how_far_an_upgrade_has_come_is_told_while_it_goes_on(name: str, tmp_path: Path) -> None:
    """Of each step to its end, never backwards within it."""
    settings = saved(name, tmp_path)
    told: list[tuple[int, int]] = []
    steps: list[int] = []
    with open_for_upgrade(settings) as ctx:
        upgrade(
            ctx,
            user_of_the_machine(settings),
            lambda _: steps.append(len(told)),
            lambda done, of: told.append((done, of)),
        )
    by_step = [told[begin:end] for begin, end in zip(steps, [*steps[1:], len(told)], strict=True)]
    followed = [item for item in by_step if item]
    assert len(followed) == 2, by_step  # the copy, and the catalogue or the index
    for item in followed:
        assert all(0 <= done <= of for done, of in item), item
        assert item[-1][0] == item[-1][1], item
        assert all(former <= later for (former, of), (later, to) in pairwise(item) if of == to), item
