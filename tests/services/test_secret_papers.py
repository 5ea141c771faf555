"""Whether a paper is secret is said by two persons who may, or ended by one; until then nobody is told what it says."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.settings import Settings, load_settings
from domain.errors import ExitCode, NotFound, UsageError
from pipeline.records import Statement
from services import batches
from services.context import Services, open_services
from services.document import document_view, show
from services.history import history_of
from services.permissions import Asker, NotAllowed
from services.review import decisions as review
from services.review import waiting
from services.review.ending import discard
from services.secrecy.decisions import say_not_secret, say_secret
from tests.support.desk import STATED, bring, run_json
from tests.support.scans import as_pdf
from tests.support.walks import slip

AN, BINH, LAN = (Asker(who=name, office="H17.12", role="archivist") for name in ("An", "Bình", "Lan"))
DESK = Asker(who="Cúc", office="H17.12", role="desk")
SECRET = STATED.model_copy(update={"secrecy": "MẬT"})


@pytest.fixture
def ctx(settings: Settings) -> Iterator[Services]:
    """An empty store."""
    with open_services(settings) as opened:
        yield opened


def stopped(ctx: Services, folder: Path, statement: Statement = SECRET) -> str:
    """A paper that waits as perhaps secret."""
    path = folder / "a.pdf"
    as_pdf(path, slip())
    return bring(ctx, path, statement)


def state_of(ctx: Services, name: str) -> str:
    """Of a document in the ledger."""
    entry = ctx.ledger.entry(name)
    assert entry is not None
    return entry.state


def said(ctx: Services) -> list[tuple[str, str]]:
    """Who said what of papers, as the journal has it."""
    return [(str(e["who"]), str(e["verdict"])) for e in ctx.journal.events() if e["event"] == "secrecy_decided"]


def test_two_different_persons_let_it_go_on(ctx: Services, tmp_path: Path) -> None:
    """The first one's word counts once; the second's takes the paper to its end, and both stand in its record."""
    name = stopped(ctx, tmp_path)
    assert say_not_secret(ctx, AN, name, "danh mục ghi nhầm").came == "second_needed"
    assert say_not_secret(ctx, AN, name, "danh mục ghi nhầm").came == "second_needed"
    view = document_view(ctx, name)
    assert (view.state, view.told.what, view.told.params["who"]) == ("held", "secrecy_second", "An")
    assert say_not_secret(ctx, BINH, name, "đã xem giấy").came == "goes_on"
    assert document_view(ctx, name).state == "archived"
    assert said(ctx) == [("An", "not_secret"), ("Bình", "not_secret")]
    kept = [(item["who"], item["reason"]) for item in document_view(ctx, name).decisions]
    assert kept == [("An", "danh mục ghi nhầm"), ("Bình", "đã xem giấy")]


def test_who_scanned_it_is_neither_of_them(ctx: Services, tmp_path: Path) -> None:
    """Also as an archivist; the try is recorded."""
    name = stopped(ctx, tmp_path)
    entry = ctx.ledger.entry(name)
    assert entry is not None
    who = str(document_view(ctx, name).brought_by)
    with pytest.raises(NotAllowed):
        say_not_secret(ctx, Asker(who=who, office="H17.12", role="archivist"), name, "không mật")
    assert [dict(e)["reason"] for e in ctx.journal.events() if e["event"] == "refused"] == ["same_person"]
    assert state_of(ctx, name) == "held"


def test_nothing_else_lets_it_pass(ctx: Services, tmp_path: Path) -> None:
    """No release, no values, no discarding by one person; not even by an archivist."""
    name = stopped(ctx, tmp_path)
    deciding: tuple[Callable[[], object], ...] = (
        lambda: review.release(ctx, AN, name, {}),
        lambda: review.release(ctx, AN, name, {"title": "x"}, settles="apart"),
        lambda: discard(ctx, AN, name, "quét lại"),
        lambda: review.let_in(ctx, AN, name, (), ("x",)),
    )
    for decide in deciding:
        with pytest.raises(UsageError) as caught:
            decide()
        assert "--not-secret" in caught.value.advice
    assert state_of(ctx, name) == "held"
    with pytest.raises(UsageError):
        say_not_secret(ctx, AN, name, " ")
    with pytest.raises(NotAllowed):
        say_not_secret(ctx, DESK, name, "không mật")


def test_one_person_ends_it_and_nothing_is_left(ctx: Services, tmp_path: Path) -> None:
    """Files of work, the scan and what was stated are gone; the file that came stays, and is told."""
    name = stopped(ctx, tmp_path)
    done = say_secret(ctx, AN, name, "đúng là văn bản mật")
    assert done.source == str(tmp_path / "a.pdf")
    assert state_of(ctx, name) == "secret"
    assert [item.name for item in ctx.settings.inbox.iterdir() if not item.name.startswith(".")] == []
    assert not (ctx.settings.work_folder / name).exists()
    entry = ctx.ledger.entry(name)
    assert entry is not None
    assert "tiếp nhận" not in entry.record
    assert ctx.catalogue.paper(name) is None
    assert said(ctx) == [("An", "secret")]
    assert say_secret(ctx, AN, name, "đúng là văn bản mật").came == "ended"  # repeated: nothing more
    assert said(ctx) == [("An", "secret")]
    # Put in once more, it is known, and nothing is taken in.
    assert bring(ctx, tmp_path / "a.pdf", STATED) == name
    assert state_of(ctx, name) == "secret"
    assert [item.name for item in ctx.settings.inbox.iterdir() if not item.name.startswith(".")] == []


def test_lists_tell_only_who_decides_and_nothing_of_it(ctx: Services, tmp_path: Path) -> None:
    """What is stated of it, its text and its files are shown to nobody; a desk is not told that it waits."""
    name = stopped(ctx, tmp_path)
    (view,) = waiting.list_waiting(ctx, AN).held
    assert (view.id, view.fields, view.pdf, view.text, view.type) == (name, {}, None, None, None)
    assert [item.id for item in batches.status(ctx, AN).troubles] == [name]
    assert waiting.list_waiting(ctx, DESK).held == ()
    assert batches.status(ctx, DESK).troubles == ()
    assert batches.status(ctx, DESK).batches[0].held == 1


def test_another_agency_decides_nothing(ctx: Services, tmp_path: Path) -> None:
    """The paper is not there for it."""
    name = stopped(ctx, tmp_path, SECRET.model_copy(update={"dossier": "H17.12-260101-0001"}))
    with pytest.raises(NotFound):
        say_not_secret(ctx, AN.model_copy(update={"office": "H17.13"}), name, "không mật")
    assert state_of(ctx, name) == "held"


def test_the_commands_say_what_comes_next(tmp_path: Path) -> None:
    """The exit code tells that it waits, then that it went on; --secret ends another one."""
    settings = load_settings(tmp_path / "home", {})
    with open_services(settings) as ctx:
        name = stopped(ctx, tmp_path)
    (settings.home / "khoso.toml").write_text(
        '[desk.roles]\nAn = "archivist"\n"Bình" = "archivist"\n', encoding="utf-8"
    )
    said = ("review", name, "--reason", "nhầm", "--who")
    assert run_json(settings, *said, "An", "--not-secret", "--release")[0] == ExitCode.USAGE
    assert run_json(settings, *said, "An", "--not-secret")[0] == ExitCode.HELD
    code, (view,) = run_json(settings, *said, "Bình", "--not-secret")
    assert (code, view["state"]) == (ExitCode.OK, "archived")


def test_a_desk_is_told_only_that_it_waits(ctx: Services, tmp_path: Path) -> None:
    """Neither its degree nor who said what of it, on no screen; those who decide see both."""
    name = stopped(ctx, tmp_path)
    desk = Asker(who="Cúc", office="H17.12", role="desk")
    for _ in range(2):
        for view in (waiting.look(ctx, desk, name), show(ctx, desk, name)):
            assert (view.state, view.told.what, view.told.params, view.decisions) == (
                "held",
                "waits_for_secrecy",
                {},
                (),
            )
            assert "MẬT" not in str(view.line())
        assert "MẬT" not in str([item.line() for item in history_of(ctx, desk, name)])
        assert "MẬT" in str(waiting.look(ctx, AN, name).line())
        say_not_secret(ctx, BINH, name, "danh mục ghi nhầm")
    assert waiting.look(ctx, AN, name).decisions[0]["who"] == "Bình"
