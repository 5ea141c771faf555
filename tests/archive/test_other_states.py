"""A ledger with words that this release does not know: nobody is stopped, and a person can end such a paper."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from config.settings import Settings, load_settings
from domain.errors import ExitCode
from pipeline.records import Statement
from pipeline.runner import advance, ready
from services.context import open_services
from tests.support.desk import STATED, run_json
from tests.support.spoilt_stores import say
from tests.support.walks import Walker, archived, got
from tests.support.written_pdfs import NOTICE, page

_LINES = ("Danh sách", "Nguyễn Thị Thu Hà", "Trần Văn Bình", "Lê Thị Hoa", "Phạm Văn Nam")
FIELDS = {**STATED.fields, "number_symbol": "46/TB-UBND"}
_GIVEN = [f"--set=type={STATED.type_code}", *(f"--set={name}={value}" for name, value in FIELDS.items())]


class Papers:
    """A store of the test's own with a paper that waits for a person and one that is archived, and a third file."""

    def __init__(self, made: Path, folder: Path, held: str, kept: str) -> None:
        """Copy the store."""
        shutil.copytree(made / "home", folder / "home")
        self.settings: Settings = load_settings(folder / "home", {})
        self.files = made / "in"
        self.held = held
        self.kept = kept

    def write(self, table: str, column: str, word: str, document: str) -> None:
        """Write another word into the rows of a document."""
        engine = create_engine(self.settings.ledger_url)
        key = "id" if table == "documents" else "document_id"
        with engine.begin() as db:
            query = text(f"UPDATE {table} SET {column} = :word WHERE {key} = :document")  # noqa: S608 (two names of ours)
            assert db.execute(query, {"word": word, "document": document}).rowcount
        engine.dispose()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """A folder with such a store, and the ids of both papers."""
    folder = tmp_path_factory.mktemp("made")
    walker = Walker(load_settings(folder / "home", {"KHOSO_RECOGNITION__MODE": "fast"}), folder / "in")
    for name, lines in (("a.pdf", _LINES), ("b.pdf", NOTICE), ("c.pdf", (*_LINES, "Võ Văn Tám"))):
        walker.path(name).write_bytes(page(lines))
    held = got(walker.put_one(walker.path("a.pdf"), Statement()), "held", "review", "--set type=CODE")
    kept = walker.put_one(walker.path("b.pdf"))
    archived(kept)
    return folder, str(held["id"]), str(kept["id"])


@pytest.fixture
def papers(made: tuple[Path, str, str], tmp_path: Path) -> Papers:
    """Those of this test."""
    return Papers(made[0], tmp_path, *made[1:])


UNKNOWN = {
    "a state": [("documents", "state", "paused")],
    "a stage": [("documents", "stage", "classify")],
    "a state and a stage": [("documents", "state", "paused"), ("documents", "stage", "classify")],
    "an empty state": [("documents", "state", "")],
}


@pytest.mark.parametrize("unknown", UNKNOWN)
def test_a_paper_on_its_way_stops_nobody(papers: Papers, unknown: str) -> None:
    """Every command goes past it and names it with what is so; nobody confirms it, and a person can end it."""
    for change in UNKNOWN[unknown]:
        papers.write(*change, papers.held)
    for command in (["review"], ["review", papers.held], ["show", papers.held]):
        code, (view,) = run_json(papers.settings, *command)
        got(view, "held", "record_unreadable", "--discard --reason")
        assert view["id"] == papers.held
    assert run_json(papers.settings, "show", papers.held, "--history")[0] == ExitCode.OK
    for command in (["status"], ["ingest", str(papers.files)]):
        code, lines = run_json(papers.settings, *command)
        assert code == ExitCode.HELD
        told = [line for line in lines if line.get("id") == papers.held]
        assert [(line["state"], line["reason"].partition(":")[0]) for line in told] == [("held", "record_unreadable")]
    assert run_json(papers.settings, "status")[1][0]["held"] == 1
    assert run_json(papers.settings, "doctor")[0] in {ExitCode.OK, ExitCode.SETUP}
    assert {line.get("papers", 1) for line in run_json(papers.settings, "rebuild")[1]} == {1}
    for decision in (_GIVEN, ["--release"]):
        said = say(papers.settings, "review", papers.held, *decision)
        assert (said.code, said.reason) == (ExitCode.HELD, "record_unreadable")
    code, (view,) = run_json(papers.settings, "review", papers.held, "--discard", "--reason", "quét lại")
    assert (code, view["state"]) == (ExitCode.OK, "discarded")
    assert papers.held not in [line["id"] for line in run_json(papers.settings, "review")[1]]


def test_the_release_that_knows_the_word_goes_on(papers: Papers) -> None:
    """What was written there stays until a person decides."""
    papers.write("documents", "state", "paused", papers.held)
    for command in (["review"], ["status"], ["rebuild"], ["ingest", str(papers.files / "c.pdf")]):
        run_json(papers.settings, *command)
    papers.write("documents", "state", "held", papers.held)
    code, (view,) = run_json(papers.settings, "review", papers.held, *_GIVEN)
    assert code == ExitCode.OK
    archived(view)


@pytest.mark.parametrize(("column", "word"), [("stage", "publish"), ("state", "published")], ids=["a stage", "a state"])
def test_what_is_archived_stays_archived(papers: Papers, column: str, word: str) -> None:
    """The archive tells of it, whatever stands in the ledger."""
    papers.write("documents", column, word, papers.kept)
    for command in (["show", papers.kept], ["review", papers.kept]):
        code, (view,) = run_json(papers.settings, *command)
        archived(view)
        assert code == ExitCode.OK
    assert [line["id"] for line in run_json(papers.settings, "review")[1]] == [papers.held]
    code, lines = run_json(papers.settings, "ingest", str(papers.files / "b.pdf"))
    assert (code, [line["state"] for line in lines]) == (ExitCode.OK, ["duplicate"])
    assert run_json(papers.settings, "rebuild") == (ExitCode.OK, [{"papers": 1, "indexed": 1}])
    assert run_json(papers.settings, "status")[1][0]["archived"] + run_json(papers.settings, "status")[1][1]["archived"]


def test_a_paper_that_waits_is_held_by_whoever_works(papers: Papers) -> None:
    """Embedded or by a broker, it is held with the reason; the line comes to its end."""
    papers.write("documents", "state", "waiting", papers.held)
    papers.write("documents", "stage", "classify", papers.held)
    with open_services(papers.settings) as ctx:
        assert ready(ctx) == []
        entry = ctx.ledger.entry(papers.held)
        assert entry
        assert (entry.state, entry.stage, entry.reason.word) == ("held", "classify", "record_unreadable")
        assert advance(ctx, papers.held, "classify") == "elsewhere"
        held = [event for event in ctx.journal.events() if event["event"] == "held"]
    assert held[-1]["stage"] == "classify"


def test_an_outcome_of_another_release_is_shown(papers: Papers) -> None:
    """The history tells it as it stands, and the paper goes on."""
    papers.write("passages", "outcome", "postponed", papers.held)
    code, lines = run_json(papers.settings, "show", papers.held, "--history")
    assert (code, {line["outcome"] for line in lines}) == (ExitCode.OK, {"postponed"})
    code, (view,) = run_json(papers.settings, "review", papers.held, *_GIVEN)
    archived(view)


def test_a_file_whose_state_is_unknown(papers: Papers) -> None:
    """It brought a document, or is told as refused; nothing stops."""
    papers.write("sources", "state", "mailed", papers.kept)
    assert run_json(papers.settings, "status")[0] == ExitCode.HELD
    code, lines = run_json(papers.settings, "ingest", str(papers.files / "b.pdf"))
    assert (code, lines[0]["state"]) == (ExitCode.OK, "duplicate")
