"""A withdrawn paper comes back, or is erased, when two different persons say the same of it."""

import shutil
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from archive.errors import ObjectErased
from archive.interface import Paper
from archive.package import read_package
from config.settings import Settings, load_settings
from domain.errors import ExitCode, NotFound, UsageError
from domain.events import PaperChecked
from domain.messages.told import Reason
from domain.secrecy.events import WithdrawalVerdict
from pipeline.indexing import compare_index, drain
from services.context import Services, open_services
from services.document import show
from services.history import history_of
from services.permissions import Asker, NotAllowed
from services.rebuild import rebuild
from services.secrecy import erasing
from services.secrecy.deciding import decide_withdrawn
from services.secrecy.withdrawing import list_withdrawn, who_saw, withdraw
from tests.support.desk import STATED, bring, run_json
from tests.support.scans import as_pdf
from tests.support.walks import slip

AN, BINH, LAN = (Asker(who=name, office="H17.12", role="archivist") for name in ("An", "Bình", "Lan"))
DESK = Asker(who="Cúc", office="H17.12", role="desk")
WHY = "đã xem giấy"
WORDS = "tiếp nhận hồ sơ"  # what the paper says


@pytest.fixture
def ctx(settings: Settings) -> Iterator[Services]:
    """A store with three archivists."""
    settings.home.mkdir(exist_ok=True)
    roles = "".join(f'"{by.who}" = "archivist"\n' for by in (AN, BINH, LAN))
    (settings.home / "khoso.toml").write_text(f"[desk.roles]\n{roles}", encoding="utf-8")
    with open_services(settings) as opened:
        yield opened


def held(ctx: Services, folder: Path) -> Paper:
    """A paper that was scanned and is held."""
    as_pdf(folder / "a.pdf", slip())
    paper = ctx.catalogue.paper(bring(ctx, folder / "a.pdf", STATED))
    drain(ctx)
    assert paper is not None
    return paper


def events(ctx: Services, *words: str) -> list[tuple[Any, ...]]:
    """Who did what of these."""
    return [(e["event"], e["who"]) for e in ctx.journal.events() if e["event"] in words]


def holds(folder: Path, words: str) -> list[str]:
    """The files of a folder that have these words, in whatever form they are plain there."""
    found = [path for path in folder.rglob("*") if path.is_file() and words.encode() in path.read_bytes()]
    return [str(path.relative_to(folder)) for path in found]


def test_two_different_persons_give_it_back(ctx: Services, tmp_path: Path) -> None:
    """The first word counts once; then it is held, found and known as before, and a rebuild says the same."""
    paper = held(ctx, tmp_path)
    withdraw(ctx, DESK, paper.id, "có dấu MẬT")
    assert decide_withdrawn(ctx, AN, paper.id, "not_secret", WHY).came == "second_needed"
    assert decide_withdrawn(ctx, AN, paper.digitisation_code, "not_secret", WHY).came == "second_needed"
    assert ctx.catalogue.paper(paper.id) is None
    assert decide_withdrawn(ctx, BINH, paper.id, "not_secret", WHY).came == "given_back"
    assert ctx.catalogue.paper(paper.id) == paper
    assert show(ctx, AN, paper.digitisation_code).state == "archived"
    assert compare_index(ctx).all == ()
    assert decide_withdrawn(ctx, BINH, paper.id, "not_secret", WHY).came == "given_back"
    assert events(ctx, "withdrawn", "withdrawal_decided", "given_back") == [
        ("withdrawn", "Cúc"),
        ("withdrawal_decided", "An"),
        ("withdrawal_decided", "Bình"),
        ("given_back", "Bình"),
    ]
    with open_services(ctx.settings, rebuilding=True) as again:
        assert (rebuild(again, AN).differences, again.catalogue.paper(paper.id)) == ((), paper)
    ctx.vault.check(paper.object_id)


def test_who_withdrew_it_may_be_one_and_who_scanned_it_is_none(ctx: Services, tmp_path: Path) -> None:
    """A desk decides nothing, nor another agency; without a reason nobody does."""
    paper = held(ctx, tmp_path)
    who = str(show(ctx, AN, paper.id).brought_by)
    withdraw(ctx, AN, paper.id, "có dấu MẬT")
    for by in (DESK, AN.model_copy(update={"who": who})):
        with pytest.raises(NotAllowed):
            decide_withdrawn(ctx, by, paper.id, "not_secret", WHY)
    with pytest.raises(NotFound):
        decide_withdrawn(ctx, AN.model_copy(update={"office": "H17.13"}), paper.id, "not_secret", WHY)
    with pytest.raises(UsageError):
        decide_withdrawn(ctx, AN, paper.id, "not_secret", " ")
    assert decide_withdrawn(ctx, AN, paper.id, "not_secret", WHY).came == "second_needed"
    assert decide_withdrawn(ctx, BINH, paper.id, "not_secret", WHY).came == "given_back"


def test_the_last_word_of_each_counts_and_two_words_do_not_add_up(ctx: Services, tmp_path: Path) -> None:
    """One says secret, one not: nothing happens; the first changes his mind, and both agree."""
    paper = held(ctx, tmp_path)
    withdraw(ctx, DESK, paper.id, "có dấu MẬT")
    assert decide_withdrawn(ctx, AN, paper.id, "secret", WHY).came == "second_needed"
    assert decide_withdrawn(ctx, BINH, paper.id, "not_secret", WHY).came == "opposed"
    assert decide_withdrawn(ctx, AN, paper.id, "not_secret", WHY).came == "given_back"
    # What was said before it was withdrawn once more counts no longer.
    withdraw(ctx, DESK, paper.id, "vẫn có dấu MẬT")
    assert decide_withdrawn(ctx, LAN, paper.id, "not_secret", WHY).came == "second_needed"


def erased(ctx: Services, folder: Path) -> Paper:
    """A paper that was withdrawn and erased."""
    paper = held(ctx, folder)
    withdraw(ctx, DESK, paper.id, "có dấu MẬT")
    decide_withdrawn(ctx, AN, paper.id, "secret", WHY)
    assert decide_withdrawn(ctx, BINH, paper.id, "secret", WHY).came == "erased"
    return paper


def test_two_different_persons_erase_it(ctx: Services, tmp_path: Path) -> None:
    """Files, text, fields and what hindered it are gone; that it was here, its codes and who decided stay."""
    paper = held(ctx, tmp_path)
    assert holds(ctx.settings.home, WORDS) != []
    withdraw(ctx, DESK, paper.id, "có dấu MẬT")
    decide_withdrawn(ctx, AN, paper.id, "secret", WHY)
    decide_withdrawn(ctx, BINH, paper.id, "secret", WHY)
    assert decide_withdrawn(ctx, LAN, paper.id, "secret", WHY).came == "erased"  # nothing more
    folder = ctx.vault.path(paper.object_id)
    assert {path.name for path in folder.rglob("*") if path.is_file()} <= {
        "0=ocfl_object_1.1", "inventory.json", "inventory.json.sha512", "metadata.json",
    }  # fmt: skip
    ctx.vault.check(paper.object_id)
    with pytest.raises(ObjectErased):
        read_package(ctx.vault.get(paper.object_id), withdrawn=True)
    entry = ctx.ledger.entry(paper.id)
    assert entry is not None
    assert (entry.state, WORDS in entry.record, "45/TB-UBND" in entry.record) == ("secret", False, False)
    with ctx.catalogue.anew():
        pass  # the rows that were deleted stay in the pages of the file else
    assert holds(ctx.settings.vault, WORDS) == []
    assert events(ctx, "withdrawal_decided", "erased") == [
        ("withdrawal_decided", "An"), ("withdrawal_decided", "Bình"), ("erased", "Bình"),
    ]  # fmt: skip


def test_what_is_left_of_an_erased_paper_survives_a_rebuild_from_the_vault_alone(ctx: Services, tmp_path: Path) -> None:
    """Its codes stay taken, its scan is not taken in again, and the list tells that it was here."""
    paper = erased(ctx, tmp_path)
    shutil.copytree(ctx.settings.vault, tmp_path / "alone" / "vault")
    with open_services(load_settings(tmp_path / "alone", {}), rebuilding=True) as other:
        done = rebuild(other, AN)
        assert (done.papers, done.unread, done.differences) == (0, (), ())
        (view,) = list_withdrawn(other, AN)
        assert (view.id, view.state, [step.who for step in view.steps]) == (paper.id, "erased", ["Cúc", "An", "Bình"])
        left = other.catalogue.withdrawn.tombstone(paper.id)
        assert (left.codes.digitisation, left.belongs, left.part) == (paper.digitisation_code, "H17.12", 1)
        prefix = paper.digitisation_code.rpartition(".")[0]
        assert other.catalogue.mint("x", prefix=prefix).digitisation != paper.digitisation_code
        assert other.catalogue.withdrawn.has_bytes(paper.sha256)


def test_its_file_put_in_again_is_refused(ctx: Services, tmp_path: Path) -> None:
    """From its place or another one; and nothing of it is taken in."""
    erased(ctx, tmp_path)
    shutil.copy(tmp_path / "a.pdf", tmp_path / "b.pdf")
    for name in ("a.pdf", "b.pdf"):
        code, (line,) = run_json(ctx.settings, "ingest", str(tmp_path / name))
        assert (code, line["told"]["what"]) == (ExitCode.REFUSED, "scan_of_withdrawn")
    assert [item.name for item in ctx.settings.inbox.iterdir() if not item.name.startswith(".")] == []


def test_a_vault_of_the_day_before_does_not_bring_it_back(ctx: Services, tmp_path: Path) -> None:
    """The rebuild tells it, and it stays erased; the same command erases the files that came back."""
    paper = held(ctx, tmp_path)
    shutil.copytree(ctx.settings.vault, tmp_path / "of yesterday")
    withdraw(ctx, DESK, paper.id, "có dấu MẬT")
    for by in (AN, BINH):
        decide_withdrawn(ctx, by, paper.id, "secret", WHY)
    shutil.rmtree(ctx.settings.vault)
    shutil.copytree(tmp_path / "of yesterday", ctx.settings.vault)
    with open_services(ctx.settings, rebuilding=True) as again:
        done = rebuild(again, AN)
        assert [(item.about, item.id) for item in done.differences] == [("withdrawn", paper.id)]
        assert again.catalogue.paper(paper.id) is None
        assert decide_withdrawn(again, LAN, paper.id, "secret", WHY).came == "erased"
        assert holds(again.settings.vault, WORDS) == []
        assert rebuild(again, AN).differences == ()


def test_an_object_of_the_day_before_is_given_back_by_nobody(ctx: Services, tmp_path: Path) -> None:
    """It does not say what was decided: it is withdrawn once more first."""
    paper = held(ctx, tmp_path)
    shutil.copytree(ctx.settings.vault, tmp_path / "of yesterday")
    withdraw(ctx, DESK, paper.id, "có dấu MẬT")
    shutil.rmtree(ctx.settings.vault)
    shutil.copytree(tmp_path / "of yesterday", ctx.settings.vault)
    with open_services(ctx.settings, rebuilding=True) as again:
        rebuild(again, AN)
        with pytest.raises(UsageError):
            decide_withdrawn(again, AN, paper.id, "not_secret", WHY)
        withdraw(again, AN, paper.id, "có dấu MẬT")
        for by in (AN, BINH):
            decide_withdrawn(again, by, paper.id, "not_secret", WHY)
        assert again.catalogue.paper(paper.id) == paper


def test_an_erasing_that_was_cut_off_is_completed(
    ctx: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when the object is gone in between, and by another person."""
    paper = held(ctx, tmp_path)
    withdraw(ctx, DESK, paper.id, "có dấu MẬT")
    decide_withdrawn(ctx, AN, paper.id, "secret", WHY)
    with monkeypatch.context() as patched:
        patched.setattr(erasing, "_bare", _cut_off)
        with pytest.raises(KeyboardInterrupt):
            decide_withdrawn(ctx, BINH, paper.id, "secret", WHY)
    shutil.rmtree(ctx.vault.path(paper.object_id))
    assert decide_withdrawn(ctx, LAN, paper.id, "secret", WHY).came == "erased"
    assert holds(ctx.settings.vault, WORDS) == []
    entry = ctx.ledger.entry(paper.id)
    assert entry is not None
    assert entry.state == "secret"


def _cut_off(*_: object) -> None:
    raise KeyboardInterrupt


def test_the_commands_say_what_comes_next(ctx: Services, tmp_path: Path) -> None:
    """The exit code tells that a second person is needed."""
    paper = held(ctx, tmp_path)
    said = ("withdraw", paper.id, "--reason", WHY, "--who")
    assert run_json(ctx.settings, *said, "An")[0] == ExitCode.OK
    assert run_json(ctx.settings, *said, "An", "--restore", "--erase")[0] == ExitCode.USAGE
    assert run_json(ctx.settings, *said, "An", "--restore") == (
        ExitCode.HELD, [{"id": paper.id, "came": "second_needed"}],
    )  # fmt: skip
    assert run_json(ctx.settings, *said, "Bình", "--restore") == (
        ExitCode.OK, [{"id": paper.id, "came": "given_back"}],
    )  # fmt: skip


def test_one_word_that_it_is_secret_holds_it_until_who_said_so_takes_it_back(ctx: Services, tmp_path: Path) -> None:
    """Two others say that it is none: told by whom it is held; afterwards everything stands on the screens."""
    paper = held(ctx, tmp_path)
    withdraw(ctx, DESK, paper.id, "có dấu MẬT")
    assert decide_withdrawn(ctx, AN, paper.id, "secret", "bí mật nhà nước").came == "second_needed"
    for by in (BINH, LAN):
        said = decide_withdrawn(ctx, by, paper.id, "not_secret", WHY)
        assert (said.came, said.by, ctx.catalogue.paper(paper.id)) == ("opposed", ("An",), None)
    line = run_json(ctx.settings, "withdraw", paper.id, "--restore", "--reason", WHY, "--who", "Lan")
    assert line == (ExitCode.HELD, [{"id": paper.id, "came": "opposed", "by": ["An"]}])
    assert decide_withdrawn(ctx, AN, paper.id, "not_secret", "nhầm").came == "given_back"
    said_of = [
        ("withdrawn", "Cúc"), ("secret", "An"), ("not_secret", "Bình"), ("not_secret", "Lan"), ("not_secret", "An"),
        ("given_back", "An"),
    ]  # fmt: skip
    view = who_saw(ctx, BINH, paper.digitisation_code).view
    assert (view.state, [(step.word, step.who) for step in view.steps]) == ("given_back", said_of)
    lines = [item for item in history_of(ctx, BINH, paper.id) if item.stage == "withdraw"]
    assert [(item.outcome, item.worker) for item in lines] == said_of
    assert "bí mật nhà nước" in lines[1].error
    assert [item for item in history_of(ctx, DESK, paper.id) if item.stage == "withdraw"] == []
    with pytest.raises(NotAllowed):
        who_saw(ctx, DESK, paper.id)
    with pytest.raises(NotFound):
        who_saw(ctx, BINH.model_copy(update={"office": "H17.13"}), paper.id)


def test_who_says_that_it_is_secret_while_two_give_it_back_is_heard_or_told(ctx: Services, tmp_path: Path) -> None:
    """At once: it is held again and he is told so, or it stays withdrawn by his word; one word erases nothing."""
    paper = held(ctx, tmp_path)
    withdraw(ctx, DESK, paper.id, "có dấu MẬT")
    assert decide_withdrawn(ctx, BINH, paper.id, "not_secret", WHY).came == "second_needed"

    def say(by: Asker, verdict: WithdrawalVerdict) -> str:
        with open_services(ctx.settings) as own:
            try:
                return decide_withdrawn(own, by, paper.id, verdict, WHY).came
            except NotFound:
                return "given_back"

    with ThreadPoolExecutor(2) as pool:
        an, lan = pool.submit(say, AN, "secret"), pool.submit(say, LAN, "not_secret")
    is_back = ctx.catalogue.paper(paper.id) is not None
    wanted = ("given_back", "given_back") if is_back else ("second_needed", "opposed")
    assert (an.result(), lan.result()) == wanted


def test_one_word_does_not_erase_what_two_gave_back(
    ctx: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who gave it back was cut off before the catalogue heard of it, and another one says that it is secret."""
    paper = held(ctx, tmp_path)
    withdraw(ctx, DESK, paper.id, "có dấu MẬT")
    decide_withdrawn(ctx, BINH, paper.id, "not_secret", WHY)
    with monkeypatch.context() as patched:
        patched.setattr("archive.withdrawn.rows.enter_paper", _cut_off)
        with pytest.raises(KeyboardInterrupt):
            decide_withdrawn(ctx, LAN, paper.id, "not_secret", WHY)
    assert ctx.catalogue.paper(paper.id) is None
    assert decide_withdrawn(ctx, AN, paper.id, "secret", WHY).came == "given_back"
    assert ctx.catalogue.paper(paper.id) == paper


def test_an_erased_paper_is_shown_as_erased(ctx: Services, tmp_path: Path) -> None:
    """To those who decide; a desk is told that there is none."""
    paper = erased(ctx, tmp_path)
    view = show(ctx, AN, paper.id)
    assert (view.state, view.told.what) == ("erased", "paper_erased")
    with pytest.raises(NotFound):
        show(ctx, DESK, paper.id)


def test_what_was_erased_does_not_come_back_with_catalogue_vault_and_journal(ctx: Services, tmp_path: Path) -> None:
    """All three are put back to the day before: the ledger knows it, and the rebuild tells it."""
    paper, parts = held(ctx, tmp_path), (ctx.settings.vault, ctx.settings.journal)
    shutil.copytree(parts[0], tmp_path / "vault")
    shutil.copy(parts[1], tmp_path / "journal")
    withdraw(ctx, DESK, paper.id, "có dấu MẬT")
    for by in (AN, BINH):
        decide_withdrawn(ctx, by, paper.id, "secret", WHY)
    shutil.rmtree(parts[0])
    shutil.copytree(tmp_path / "vault", parts[0])
    shutil.copy(tmp_path / "journal", parts[1])
    with open_services(ctx.settings, rebuilding=True) as again:
        with again.catalogue.anew() as draft:
            draft.empty()
        done = rebuild(again, AN)
        assert ([(item.about, item.id) for item in done.differences], done.papers) == ([("withdrawn", paper.id)], 0)
        assert again.catalogue.paper(paper.id) is None


@pytest.mark.parametrize("is_given_back", [False, True], ids=["withdrawn", "given back"])
def test_what_hindered_a_withdrawn_paper_is_told_by_its_word_alone(
    ctx: Services, tmp_path: Path, is_given_back: bool
) -> None:
    """Its history tells who decides that it was held, when, and what was decided of it, but not what it says."""
    paper = held(ctx, tmp_path)
    held_as = Reason(word="field_doubtful", what="step_said", params={"why": "nội dung của giấy"})
    with sqlite3.connect(ctx.settings.home / "ledger.sqlite") as db:
        db.execute(
            "INSERT INTO passages (document_id, stage, outcome, error, worker, started_at, ended_at)"
            " SELECT document_id, 'review', 'held', ?, worker, started_at, ended_at FROM passages WHERE document_id = ?"
            " LIMIT 1",
            (held_as.stored(), paper.id),
        )
    withdraw(ctx, DESK, paper.id, "có dấu MẬT")
    for by in (AN, BINH) if is_given_back else ():
        decide_withdrawn(ctx, by, paper.id, "not_secret", WHY)
    lines = history_of(ctx, AN, paper.id)
    (line,) = [item for item in lines if item.outcome == "held"]
    assert line.error.startswith("field_doubtful")
    assert ("nội dung" in line.error) == is_given_back
    assert ("có dấu MẬT" in lines[-1].error) == (not is_given_back)


def test_who_saw_it_is_told_without_what_was_found_in_it(ctx: Services, tmp_path: Path) -> None:
    """A check for a sample has what the archive says and what is right: nobody needs it to know who looked."""
    paper = held(ctx, tmp_path)
    told = "abstract: nội dung của giấy → nội dung đúng"
    by = {"who": "Bình", "office": "H17.12", "role": "archivist"}
    ctx.journal.record(
        PaperChecked(**by, subject=paper.id, batch="b", round=1, defects="abstract", told=told, reason="")
    )
    withdraw(ctx, DESK, paper.id, "có dấu MẬT")
    (sight,) = [item for item in who_saw(ctx, AN, paper.id).sights if item.what == "checked"]
    assert (sight.who, sight.why) == ("Bình", "")
