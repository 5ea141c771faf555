"""A ledger that was put back from an earlier copy meets papers that were archived since: what is archived stands."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from config.settings import Settings, load_settings
from domain.errors import ExitCode
from pipeline.records import Described
from pipeline.runner import advance, run_through
from services.context import open_services
from tests.support.desk import run_json
from tests.support.stages import STAGES, Line

AHEAD = tuple(stage for stage in STAGES if stage != "index")  # before which the vault had nothing


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a paper, and copies of it from before each stage."""
    folder = tmp_path_factory.mktemp("line")
    Line(folder)
    return folder


def put_back(stores: Path, stage: str, home: Path, *others: str) -> Settings:
    """Today's store with the ledger, and other parts, of the moment before a stage."""
    shutil.copytree(stores / "store", home)
    for part in ("ledger.sqlite", *others):
        path, former = home / part, stores / stage / part
        if former.is_dir():
            shutil.copytree(former, path, dirs_exist_ok=True)
        elif former.exists():
            shutil.copy2(former, path)
    return load_settings(home, {})


def kept(home: Path) -> dict[str, Any]:
    """What a store has of its papers."""
    with open_services(load_settings(home, {})) as ctx:
        return {
            "papers": list(ctx.catalogue.all()),
            "states": [(entry.state, entry.stage) for entry in ctx.ledger.entries()],
            "files": sorted(str(path.relative_to(home)) for path in (home / "vault").rglob("*") if path.is_file()),
            "left": [path for folder in ("work", "inbox") for path in (home / folder).rglob("*")],
        }


@pytest.mark.parametrize("others", [(), ("work", "inbox")], ids=["alone", "with its files"])
@pytest.mark.parametrize("stage", AHEAD)
def test_what_is_archived_stands(stores: Path, tmp_path: Path, stage: str, others: tuple[str, ...]) -> None:
    """The paper is done again as it is; it is archived once, and nothing waits or is left behind."""
    settings = put_back(stores, stage, tmp_path / "home", *others)
    with open_services(settings) as ctx:
        ((document, state),) = [(entry.id, entry.state) for entry in ctx.ledger.entries()]
        assert state == "waiting"
        run_through(ctx, document)
        events = list(ctx.journal.events())
    assert kept(settings.home) == kept(stores / "store")
    assert [event["event"] for event in events].count("archived") == 1


def test_what_a_person_decides_now_is_not_lost(stores: Path, tmp_path: Path) -> None:
    """Where somebody confirms something else than was archived, nothing is overwritten, and he is told."""
    settings = put_back(stores, "review", tmp_path / "home", "work", "inbox")
    with open_services(settings) as ctx:
        (entry,) = ctx.ledger.entries()
        record = Described.model_validate_json(entry.record)
        number = record.description.fields["number_symbol"].model_copy(update={"value": "46/TB-UBND"})
        fields = {**record.description.fields, "number_symbol": number}
        other = record.model_copy(update={"description": record.description.model_copy(update={"fields": fields})})
        with ctx.ledger.rewind(entry, entry.stage, other.model_dump_json()):
            pass
        run_through(ctx, entry.id)
        (entry,) = ctx.ledger.entries()
    assert (entry.state, entry.reason.word) == ("held", "object_differs")
    assert run_json(settings, "review", entry.id, "--discard", "--reason", "đã lưu trữ")[0] == ExitCode.OK
    assert kept(settings.home)["papers"] == kept(stores / "store")["papers"]


def test_a_ledger_that_knows_nothing(stores: Path, tmp_path: Path) -> None:
    """The file is known by its bytes when it comes again, and nothing is done twice."""
    settings = put_back(stores, "prepare", tmp_path / "home")
    (settings.home / "ledger.sqlite").unlink()
    code, lines = run_json(settings, "ingest", str(stores / "scan.pdf"))
    assert (code, lines[0]["state"], lines[0]["reason"].partition(":")[0]) == (ExitCode.OK, "duplicate", "same_bytes")
    before = kept(stores / "store")
    assert {**kept(settings.home), "states": before["states"]} == before


def test_the_last_stage_is_of_today(stores: Path, tmp_path: Path) -> None:
    """A ledger from between archiving and index goes on as after a kill."""
    settings = put_back(stores, "index", tmp_path / "home")
    with open_services(settings) as ctx:
        (entry,) = ctx.ledger.entries()
        assert advance(ctx, entry.id, entry.stage) == "done"
    assert kept(settings.home) == kept(stores / "store")
