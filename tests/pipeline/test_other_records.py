"""Records of papers under way that another release wrote: they go on, or a person is told and can end them."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, text

from cli.show import rows_of
from config.settings import Settings, load_settings
from domain.errors import ExitCode
from pipeline.errors import RecordUnreadable
from pipeline.intake import open_batch, take_in
from pipeline.records import Statement
from pipeline.runner import run_through
from services.context import Services, open_services
from services.document import document_view, show
from services.permissions import Asker
from services.rebuild import rebuild_catalogue
from tests.services.test_rebuild import ODD, changed, forget, places
from tests.support.desk import STATED, run_json
from tests.support.stages import Line
from tests.support.walks import Walker, archived, got
from tests.support.written_pdfs import page

Record = dict[str, Any]

_MADE_UP = "H17.12-261129-0001"
_LAN = Asker(who="Lan", office="H17.12", role="operator")
_LINES = ("Danh sách", "Nguyễn Thị Thu Hà", "Trần Văn Bình", "Lê Thị Hoa", "Phạm Văn Nam")
_GIVEN = [f"--set=type={STATED.type_code}", *(f"--set={name}={value}" for name, value in STATED.fields.items())]


def without(*names: str) -> Callable[[Record], Record]:
    """The record without some of its names."""
    return lambda record: {name: value for name, value in record.items() if name not in names}


def with_other(**values: Any) -> Callable[[Record], Record]:
    """The record with other values."""
    return lambda record: {**record, **values}


BROKEN: dict[str, Callable[[Record], Any]] = {
    "no confidence": without("confidence"),
    "no source": without("source"),
    "no scan": without("scan"),
    "nothing": lambda _: {},
    "a part that is no number": with_other(part="x"),
    "no facts": with_other(facts=None),
    "another description": with_other(description=[]),
    "a list": lambda _: [],
    "no JSON": lambda _: "{",
    "brackets without end": lambda _: "[" * 100_000,
    "not a number": lambda record: json.dumps({**record, "confidence": float("nan")}),
}


def rewrite(settings: Settings, document: str, record: Any) -> None:
    """Write another record into the ledger."""
    written = record if isinstance(record, str) else json.dumps(record)
    engine = create_engine(settings.ledger_url)
    with engine.begin() as db:
        query = text("UPDATE documents SET record = :record WHERE id = :id")
        assert db.execute(query, {"record": written, "id": document}).rowcount == 1
    engine.dispose()


def record_of(settings: Settings, document: str) -> Record:
    """What the ledger keeps of a document."""
    with open_services(settings) as ctx:
        entry = ctx.ledger.entry(document)
        assert entry
        found: Record = json.loads(entry.record)
        return found


@pytest.fixture(scope="module")
def waiting(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder with a store in which a paper waits for a person, and its id."""
    folder = tmp_path_factory.mktemp("waiting")
    walker = Walker(load_settings(folder / "home", {"KHOSO_RECOGNITION__MODE": "fast"}), folder / "in")
    path = walker.path("a.pdf")
    path.write_bytes(page(_LINES))
    view = got(walker.put_one(path, Statement()), "held", "review", "--set type=CODE")
    return folder, str(view["id"])


@pytest.fixture
def held(waiting: tuple[Path, str], tmp_path: Path) -> tuple[Settings, str]:
    """A store of the test's own in which a paper waits."""
    shutil.copytree(waiting[0] / "home", tmp_path / "home")
    return load_settings(tmp_path / "home", {}), waiting[1]


def test_names_of_a_later_release_are_passed_over(held: tuple[Settings, str]) -> None:
    """A paper whose record says more than this release knows is confirmed and goes on to its end."""
    settings, document = held
    record = record_of(settings, document)
    record["scan"]["later"] = record["later"] = 1
    rewrite(settings, document, record)
    code, (view,) = run_json(settings, "review", document, *_GIVEN)
    assert code == ExitCode.OK
    archived(view)


@pytest.mark.parametrize("broken", BROKEN)
def test_a_paper_that_cannot_go_on_stops_nobody(
    held: tuple[Settings, str], waiting: tuple[Path, str], broken: str
) -> None:
    """Whatever its record lacks: lists name it and go past it, it is not confirmed, and a person can end it."""
    settings, document = held
    rewrite(settings, document, BROKEN[broken](record_of(settings, document)))
    other = waiting[0] / "in" / "b.pdf"
    other.write_bytes(page((*_LINES, "Võ Văn Tám")))
    for command in (["review"], ["review", document], ["show", document]):
        code, (view,) = run_json(settings, *command)
        got(view, "held", RecordUnreadable.reason, "--discard --reason")
        assert (code, view["id"]) == (
            ExitCode.HELD if command[1:] and command[0] == "review" else ExitCode.OK,
            document,
        )
    for command in (["status"], ["ingest", str(other)], ["ingest", str(other.with_name("a.pdf"))], ["rebuild"]):
        code, lines = run_json(settings, *command)
        assert code in {ExitCode.OK, ExitCode.HELD}
        assert command == ["rebuild"] or lines
    assert run_json(settings, "review", document, *_GIVEN) == (ExitCode.HELD, [])
    code, (view,) = run_json(settings, "review", document, "--discard", "--reason", "quét lại")
    assert (code, view["state"]) == (ExitCode.OK, "discarded")
    assert [line["id"] for line in run_json(settings, "review")[1]] != [document]


def test_a_worker_holds_it(held: tuple[Settings, str]) -> None:
    """A paper on its way whose record cannot be read waits for a person; the others go on, and so does it, later."""
    settings, document = held
    record = record_of(settings, document)
    with open_services(settings) as ctx:
        entry = ctx.ledger.entry(document)
        assert entry
        with ctx.ledger.rewind(entry, "recognize", json.dumps(without("words")(record))):
            pass
        assert run_through(ctx, document) == "held"
        after = ctx.ledger.entry(document)
        assert after
        assert (after.state, after.reason.word) == ("held", RecordUnreadable.reason)
    rewrite(settings, document, record)
    assert run_json(settings, "review", document, "--release")[1][0]["reason"].startswith("review: ")


def test_at_the_door_the_file_is_put_in_again(tmp_path: Path) -> None:
    """Where a scan was refused, and what was kept of it cannot be read, it begins with what comes now."""
    walker = Walker(load_settings(tmp_path / "home", {}), tmp_path / "in")
    path = walker.path("a.pdf")
    path.write_bytes(page(_LINES))
    settings = walker.settings
    with open_services(settings) as ctx:
        seen = take_in(ctx, path, open_batch(ctx, "walk"), Statement())
        assert seen.document_id
    rewrite(settings, seen.document_id, [])
    with open_services(settings) as ctx:
        assert run_through(ctx, seen.document_id) == "held"
        take_in(ctx, path, open_batch(ctx, "walk"), Statement())
        entry = ctx.ledger.entry(seen.document_id)
        assert entry
        assert (entry.state, entry.stage) == ("waiting", "receive")
        run_through(ctx, seen.document_id)
    assert run_json(settings, "show", seen.document_id)[1][0]["reason"].startswith("review: ")


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Line:
    """A paper as it stands before each stage."""
    return Line(tmp_path_factory.mktemp("line"))


@pytest.fixture(scope="module")
def on_its_way(line: Line, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Services, str, Record]]:
    """A store with a paper that has its codes, its id, and its record."""
    with line.before("seal", tmp_path_factory.mktemp("coded")) as (record, ctx):
        yield ctx, record.document_id, json.loads(record.model_dump_json())


@given(data=st.data())
def test_whatever_a_record_says_the_paper_is_shown(
    on_its_way: tuple[Services, str, Record], data: st.DataObject
) -> None:
    """Something of another type, too large, or not there: it is shown and told, and a rebuild goes on."""
    ctx, document, record = on_its_way
    place = data.draw(st.sampled_from(list(places(record))))
    rewrite(
        ctx.settings, document, changed(record, place, data.draw(st.sampled_from(ODD)), gone=data.draw(st.booleans()))
    )
    view = document_view(ctx, document)
    assert json.dumps(view.masked().line(), allow_nan=False)
    assert rows_of(view, ctx.catalogues)
    assert {item.about for item in rebuild_catalogue(ctx).differences} <= {"unreadable"}


def test_a_rebuild_names_the_paper_whose_codes_cannot_be_read(line: Line, tmp_path: Path) -> None:
    """They cannot be kept from being given out again, so that a person must know."""
    with line.before("seal", tmp_path) as (record, ctx):
        settings, document = ctx.settings, record.document_id
    sound = record_of(settings, document)
    for broken in (
        without("codes"),
        with_other(description=[]),
        with_other(codes={**sound["codes"], "digitisation": None}),
    ):
        rewrite(settings, document, broken(sound))
        forget(settings, "catalogue")
        code, (_, told_of) = run_json(settings, "rebuild")
        assert (code, told_of["about"], told_of["id"]) == (ExitCode.NOT_VALID, "unreadable", document)
    rewrite(settings, document, with_other(later=1)(without("confidence")(sound)))
    forget(settings, "catalogue")
    assert run_json(settings, "rebuild")[0] == ExitCode.OK
    with open_services(settings) as ctx:
        assert ctx.catalogue.mint(document, prefix="x", dossier=record.codes.dossier) == record.codes


def test_a_paper_under_way_of_yesterday_is_archived_without_made_up_codes(line: Line, tmp_path: Path) -> None:
    """The ledger keeps a dossier and a result code that nobody stated; what is archived and told has neither."""
    with line.before("seal", tmp_path) as (record, ctx):
        settings, document = ctx.settings, record.document_id
    old = {"dossier": _MADE_UP, "digitisation": record.codes.digitisation, "result": f"{_MADE_UP}-KQ1"}
    rewrite(settings, document, with_other(codes=old)(record_of(settings, document)))
    with open_services(settings) as ctx:
        view = show(ctx, _LAN, document)
        assert (view.dossier, view.result_code, len(view.retired)) == (None, None, 2)
        run_through(ctx, document)
        paper = ctx.catalogue.paper(document)
        assert paper is not None
        assert (paper.dossier, paper.result_code, paper.digitisation_code) == (None, None, old["digitisation"])
        assert show(ctx, _LAN, _MADE_UP).id == document
        assert rebuild_catalogue(ctx).differences == ()
        assert show(ctx, _LAN, f"{_MADE_UP}-KQ1").id == document
