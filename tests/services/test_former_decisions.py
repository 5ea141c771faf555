"""A paper that waits in a ledger of an earlier day, and is archived: nothing is decided about it any more."""

import shutil
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from config.settings import Settings, load_settings
from domain.errors import ExitCode
from pipeline.records import Statement
from services.context import open_services
from tests.support.desk import STATED, bring, run_json
from tests.support.spoilt_stores import say
from tests.support.written_pdfs import page

_LINES = ("Danh sách", "Nguyễn Thị Thu Hà", "Trần Văn Bình", "Lê Thị Hoa", "Phạm Văn Nam")
_GIVEN = [f"--set=type={STATED.type_code}", *(f"--set={name}={value}" for name, value in STATED.fields.items())]


class Days(NamedTuple):
    """Today's store, the ledger, work and inbox of yesterday, and the paper that waited then."""

    folder: Path
    document: str


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Days:
    """A paper waited yesterday; today a person released it."""
    folder = tmp_path_factory.mktemp("days")
    settings = load_settings(folder / "today", {"KHOSO_RECOGNITION__MODE": "fast"})
    (folder / "a.pdf").write_bytes(page(_LINES))
    with open_services(settings) as ctx:
        document = bring(ctx, folder / "a.pdf", Statement())
    shutil.copytree(folder / "today", folder / "yesterday")
    code, (view,) = run_json(settings, "review", document, *_GIVEN)
    assert (code, view["state"]) == (ExitCode.OK, "archived")
    return Days(folder, document)


def put_back(days: Days, home: Path, *others: str) -> Settings:
    """Today's store with the ledger, and other parts, of yesterday."""
    shutil.copytree(days.folder / "today", home)
    for part in ("ledger.sqlite", *others):
        path, former = home / part, days.folder / "yesterday" / part
        if former.is_dir():
            shutil.copytree(former, path, dirs_exist_ok=True)
        else:
            shutil.copy2(former, path)
    return load_settings(home, {})


def events(settings: Settings) -> list[dict[str, Any]]:
    """What the audit journal has of decisions."""
    with open_services(settings) as ctx:
        return [item for item in ctx.journal.events() if item["event"] in {"released", "discarded", "archived"}]


def states(settings: Settings) -> list[tuple[str, str]]:
    """How the ledger's papers stand."""
    with open_services(settings) as ctx:
        return [(entry.state, entry.stage) for entry in ctx.ledger.entries()]


@pytest.mark.parametrize("others", [(), ("work", "inbox")], ids=["alone", "with its files"])
@pytest.mark.parametrize(
    "decision",
    [
        ("--discard",),
        ("--discard", "--reason", "quét lại"),
        ("--release",),
        ("--set", "number_symbol=46/TB-UBND"),
        ("--replaces",),
        ("--paper", "A5", "--reason", "đo lại"),
    ],
    ids=" ".join,
)
def test_who_decides_is_told(days: Days, tmp_path: Path, decision: tuple[str, ...], others: tuple[str, ...]) -> None:
    """It was archived, and nothing was changed; nothing is recorded, and the ledger follows the archive."""
    settings = put_back(days, tmp_path / "home", *others)
    before = events(settings)
    said = say(settings, "review", days.document, *decision)
    assert (said.code, said.reason) == (ExitCode.USAGE, "already_decided")
    assert events(settings) == before
    assert states(settings) == [("done", "index")]
    code, (view,) = run_json(settings, "show", days.document)
    assert (code, view["state"], view["fields"]["number_symbol"]["value"]) == (ExitCode.OK, "archived", "45/TB-UBND")
    assert [path for part in ("work", "inbox") for path in (settings.home / part).glob("[!.]*")] == []
    assert run_json(settings, "show", days.document, "--history")[1][-1]["stage"] == "index"


@pytest.mark.parametrize("command", [["review"], ["ingest"]], ids=" ".join)
def test_it_waits_no_more(days: Days, tmp_path: Path, command: list[str]) -> None:
    """Who lists what waits, or puts files in, brings the ledger level; the paper is told as archived."""
    settings = put_back(days, tmp_path / "home")
    given = [str(days.folder / "a.pdf")] if command == ["ingest"] else []
    code, lines = run_json(settings, *command, *given)
    assert (code, [line["state"] for line in lines]) == (ExitCode.OK, ["duplicate"] if given else [])
    assert states(settings) == [("done", "index")]


def test_it_is_shown_and_examined(days: Days, tmp_path: Path) -> None:
    """Who only looks is told what is archived, and `doctor` that the ledger is of an earlier day."""
    settings = put_back(days, tmp_path / "home")
    for command in ("show", "review"):
        code, (view,) = run_json(settings, command, days.document)
        assert (code, view["state"]) == (ExitCode.OK, "archived")
    assert days.document not in {line.get("id") for line in run_json(settings, "status")[1]}
    (found,) = (line for line in run_json(settings, "doctor")[1] if line["name"] == "papers")
    assert found["state"] == "absent"
    assert "earlier day" in found["detail"]
    run_json(settings, "review")
    assert [line for line in run_json(settings, "doctor")[1] if line["name"] == "papers"] == []


def test_its_scan_stays_while_the_vault_lacks_it(days: Days, tmp_path: Path) -> None:
    """The last that is left of a paper is not swept away because the catalogue has it."""
    settings = put_back(days, tmp_path / "home", "work", "inbox")
    with open_services(settings) as ctx:
        paper = ctx.catalogue.paper(days.document)
        assert paper is not None
        shutil.rmtree(ctx.vault.path(paper.object_id))
    assert say(settings, "review", days.document, "--discard").reason == "already_decided"
    assert [line["state"] for line in run_json(settings, "review")[1]] == []
    assert len(list((settings.home / "inbox").glob("[!.]*"))) == 1
    assert states(settings)[0][0] == "held"
