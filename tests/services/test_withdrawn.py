"""A paper that is found secret after it was archived is gone for everybody at once, and stays so."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from archive.errors import ObjectWithdrawn
from archive.interface import Identity
from archive.package import read_package, read_whole
from config.settings import Settings, load_settings
from domain.errors import ExitCode, NotFound, UsageError
from pipeline.indexing import compare_index, drain
from search.filters import Filters
from services import batches
from services.context import Services, open_services
from services.corrections.cases import open_case
from services.corrections.correcting import correct
from services.document import document_view, show
from services.dossiers.give_back import export
from services.dossiers.tie import tie
from services.history import history_of
from services.permissions import Asker
from services.rebuild import rebuild
from services.reuse.asking import lookup
from services.reuse.handing_over import use
from services.reuse.owner_view import view_of_owner
from services.review.decisions import release
from services.search import search
from services.secrecy.sights import Sight
from services.secrecy.withdrawing import list_withdrawn, who_saw, withdraw
from services.standing import change_standing
from services.verify import verify
from tests.support.desk import STATED, WHY, bring, run_json
from tests.support.held_papers import OWNER, hold
from tests.support.scans import as_pdf, as_tiff
from tests.support.walks import slip

AN, BINH = (Asker(who=name, office="H17.12", role="archivist") for name in ("An", "Bình"))
DESK = Asker(who="Cúc", office="H17.12", role="desk")
OPERATOR = Asker(who="Lan", office="H17.12", role="operator")
AUDITOR = Asker(who="Mai", office="H17.12", role="auditor")
ELSEWHERE = Asker(who="Nam", office="H17.13", role="archivist")
EVERYBODY = (AN, DESK, OPERATOR, AUDITOR)
DOSSIER, TYPE, TITLE = "H17.12-260101-0001", "KQ.G15.000031", "Trích lục khai sinh Ngọc Lan"
CODE = f"{OWNER}.{TYPE}.215/2019.01"
WHAT_IT_SAYS = "45/TB-UBND"
KNOWN = Identity(business_key="a" * 64)


@pytest.fixture
def ctx(settings: Settings) -> Iterator[Services]:
    """A store in which An and Bình are archivists."""
    settings.home.mkdir(exist_ok=True)
    roles = '[desk.roles]\n"An" = "archivist"\n"Bình" = "archivist"\n"Mai" = "auditor"\n'
    (settings.home / "khoso.toml").write_text(roles, encoding="utf-8")
    with open_services(settings) as opened:
        yield opened


def held(ctx: Services, folder: Path, name: str = "1") -> None:
    """A paper that is held and found."""
    ctx.catalogue.mint(name, prefix=CODE[:-3], result=f"{DOSSIER}-KQ1")
    hold(ctx, folder, name, title=TITLE, digitisation_code=CODE, result_code=f"{DOSSIER}-KQ1", identity=KNOWN)
    drain(ctx)


def events(ctx: Services, word: str) -> list[dict[str, Any]]:
    """The events of a word."""
    return [dict(item) for item in ctx.journal.events() if item["event"] == word]


def found(ctx: Services, by: Asker = OPERATOR) -> list[str]:
    """What a search by its words finds."""
    return [paper.id for paper, _ in search(ctx, by, "Ngọc Lan", 5, filters=Filters()).papers]


def test_it_is_gone_for_everybody_at_once(ctx: Services, tmp_path: Path) -> None:
    """No search, lookup, page, copy, list or export tells of it any more, to whatever role; its codes are taken."""
    held(ctx, tmp_path)
    assert found(ctx) == ["1"]
    withdraw(ctx, DESK, CODE, "có dấu MẬT")
    asked: tuple[Callable[[Asker], object], ...] = (
        lambda by: history_of(ctx, by, "1"),
        lambda by: verify(ctx, by, "1"),
        lambda by: verify(ctx, by, str(ctx.vault.get("urn:khoso:1").files["document.pdf"])),
        lambda by: tie(ctx, by, "1", DOSSIER, reason="phiếu"),
        lambda by: correct(ctx, by, "1", {"title": "x"}, reason="sổ gốc"),
        lambda by: change_standing(ctx, by, "1", "revoked", reason="QĐ 1"),
        lambda by: open_case(ctx, by, "1", request="sai"),
    )
    for ask in asked:
        with pytest.raises(NotFound):
            ask(AN if ask is not asked[0] else DESK)
    for by in EVERYBODY:
        assert found(ctx, by) == []
    for code in ("1", CODE, f"{DOSSIER}-KQ1"):
        with pytest.raises(NotFound) as caught:
            show(ctx, DESK, code)
        with pytest.raises(NotFound) as nobody:
            show(ctx, DESK, "none")
        assert caught.value.explain().replace(code, "none") == nobody.value.explain()
    (answer,) = lookup(ctx, DESK, owner_id=OWNER, dossier=DOSSIER, type_code=TYPE, reason=WHY)
    assert (answer.answer, answer.paper) == ("not-held", None)
    with pytest.raises(NotFound):
        use(ctx, DESK, "1", dossier=DOSSIER, target=tmp_path / "x.pdf")
    assert view_of_owner(ctx, AN, OWNER, reason="đơn").papers == []
    export(ctx, AN, tmp_path / "out.json")
    assert CODE not in (tmp_path / "out.json").read_text(encoding="utf-8")
    assert compare_index(ctx).all == ()
    assert ctx.catalogue.count() == 0
    assert batches.status(ctx, OPERATOR).troubles == ()
    assert ctx.catalogue.mint("2", prefix=CODE[:-3]).digitisation != CODE


def test_one_person_is_enough_and_says_why(ctx: Services, tmp_path: Path) -> None:
    """Once more it is withdrawn already; without a reason, or by another agency, nothing happens."""
    held(ctx, tmp_path)
    with pytest.raises(UsageError):
        withdraw(ctx, DESK, "1", " ")
    with pytest.raises(NotFound):
        withdraw(ctx, ELSEWHERE, "1", "mật")
    assert found(ctx) == ["1"]
    assert withdraw(ctx, DESK, "1", "có dấu MẬT").was_before is False
    assert withdraw(ctx, DESK, "1", "có dấu MẬT").was_before is True
    assert withdraw(ctx, AN, "1", "có dấu MẬT").was_before is True
    with pytest.raises(NotFound):  # another desk is not told that it was
        withdraw(ctx, DESK.model_copy(update={"who": "Đào"}), "1", "có dấu MẬT")
    assert [(e["who"], e["role"], e["reason"]) for e in events(ctx, "withdrawn")] == [("Cúc", "desk", "có dấu MẬT")]


def test_those_who_decide_see_that_it_is_and_who_saw_it(ctx: Services, tmp_path: Path) -> None:
    """Whoever was shown it, found it, listed or used it, by the journal; an export may have named it."""
    held(ctx, tmp_path)
    show(ctx, DESK, "1")
    found(ctx)
    view_of_owner(ctx, AN, OWNER, reason="đơn của dân")
    lookup(ctx, DESK, owner_id=OWNER, dossier=DOSSIER, type_code=TYPE, reason=WHY)
    export(ctx, AN, tmp_path / "out.json")
    search(ctx, AUDITOR, "không có chữ này", 5, filters=Filters())  # did not find it
    withdraw(ctx, DESK, "1", "có dấu MẬT")
    seen = who_saw(ctx, BINH, CODE)

    def told(sight: Sight) -> tuple[str, str, bool]:
        return sight.who, sight.what, sight.sure

    assert [told(item) for item in seen.sights] == [
        ("Cúc", "shown", True),
        ("Lan", "searched", True),
        ("An", "listed", True),
        ("Cúc", "asked", True),
        ("An", "dossiers_exported", False),
    ]
    assert (seen.sights[2].why, seen.sights[3].why, seen.broken) == ("đơn của dân", WHY, None)
    (view,) = list_withdrawn(ctx, BINH)
    assert (view.id, view.state, OWNER in view.code) == ("1", "withdrawn", False)
    assert [(step.word, step.who, step.reason) for step in view.steps] == [("withdrawn", "Cúc", "có dấu MẬT")]
    assert show(ctx, BINH, "1").state == "withdrawn"
    line = json.dumps(show(ctx, BINH, "1").line())
    assert TITLE not in line
    assert CODE not in line
    assert list_withdrawn(ctx, ELSEWHERE) == ()


def test_its_object_says_so_and_a_rebuild_from_the_vault_alone_keeps_it(ctx: Services, tmp_path: Path) -> None:
    """Nothing reads it, and what the catalogue lost comes back as withdrawn, with its codes."""
    held(ctx, tmp_path)
    withdraw(ctx, AN, "1", "có dấu MẬT")
    with pytest.raises(ObjectWithdrawn):
        read_package(ctx.vault.get("urn:khoso:1"))
    assert read_whole(ctx.vault.get("urn:khoso:1"), withdrawn=True).paper.title == TITLE
    alone = tmp_path / "alone"
    shutil.copytree(ctx.settings.vault, alone / "vault")
    with open_services(load_settings(alone, {}), rebuilding=True) as other:
        done = rebuild(other, AN)
        assert (done.papers, done.unread, done.differences) == (0, (), ())
        (view,) = list_withdrawn(other, AN)
        assert (view.id, view.steps[0].who) == ("1", "An")
        assert other.catalogue.alike("2", KNOWN)[0].document_id == "1"
        assert other.catalogue.mint("2", prefix=CODE[:-3]).digitisation != CODE
        assert found(other) == []


def test_a_catalogue_that_is_behind_its_vault_is_mended(ctx: Services, tmp_path: Path) -> None:
    """It was put back to the day before: nothing opens until the rebuild, which tells no difference."""
    held(ctx, tmp_path)
    shutil.copy(ctx.settings.home / "catalogue.sqlite", tmp_path / "of yesterday")
    withdraw(ctx, AN, "1", "có dấu MẬT")
    with open_services(ctx.settings, rebuilding=True) as again:
        with again.catalogue.anew():
            pass  # as if it knew nothing
        assert (rebuild(again, AN).differences, found(again)) == ((), [])
        assert [view.id for view in list_withdrawn(again, AN)] == ["1"]


@pytest.mark.parametrize("is_catalogue_kept", [True, False])
def test_a_vault_of_the_day_before_does_not_bring_it_back(
    ctx: Services, tmp_path: Path, is_catalogue_kept: bool
) -> None:
    """The former catalogue knows it, and so does the journal alone; it is told, and the same command mends it."""
    held(ctx, tmp_path)
    shutil.copytree(ctx.settings.vault, tmp_path / "of yesterday")
    withdraw(ctx, AN, "1", "có dấu MẬT")
    shutil.rmtree(ctx.settings.vault)
    shutil.copytree(tmp_path / "of yesterday", ctx.settings.vault)
    with open_services(ctx.settings, rebuilding=True) as again:
        if not is_catalogue_kept:
            with again.catalogue.anew() as draft:
                draft.empty()
        for _ in range(2):
            done = rebuild(again, AN)
            assert [(item.about, item.id) for item in done.differences] == [("withdrawn", "1")]
            assert (done.papers, found(again)) == (0, [])
        assert withdraw(again, AN, "1", "có dấu MẬT").was_before is False
        assert rebuild(again, AN).differences == ()
        assert [view.id for view in list_withdrawn(again, AN)] == ["1"]


def test_a_withdrawal_that_was_cut_off_is_completed(
    ctx: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The catalogue forgot it, and its object does not say so yet: the same command goes on, told once."""
    held(ctx, tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr("services.secrecy.withdrawing.revise", _cut_off)
        with pytest.raises(KeyboardInterrupt):
            withdraw(ctx, DESK, "1", "có dấu MẬT")
    assert ctx.catalogue.paper("1") is None
    assert withdraw(ctx, DESK, "1", "có dấu MẬT").was_before is False
    assert read_package(ctx.vault.get("urn:khoso:1"), withdrawn=True).is_withdrawn
    assert [e["who"] for e in events(ctx, "withdrawn")] == ["Cúc"]


def _cut_off(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_a_scan_of_it_is_not_taken_in_again(ctx: Services, tmp_path: Path) -> None:
    """The same file, from its place or another one, also where the ledger is gone; nobody is told that it is held."""
    as_pdf(tmp_path / "a.pdf", slip())
    name = bring(ctx, tmp_path / "a.pdf", STATED)
    withdraw(ctx, AN, name, "có dấu MẬT")
    shutil.copy(tmp_path / "a.pdf", tmp_path / "b.pdf")
    view = document_view(ctx, name)
    assert (view.state, view.source, view.fields, view.pdf) == ("withdrawn", "", {}, None)
    for path in ("a.pdf", "b.pdf"):
        code, (line,) = run_json(ctx.settings, "ingest", str(tmp_path / path))
        assert (code, line["state"], line["told"]["what"]) == (ExitCode.REFUSED, "refused", "scan_of_withdrawn")
        assert name not in json.dumps(line)
    assert batches.status(ctx, OPERATOR).batches[0].archived == 1
    assert [item.name for item in ctx.settings.inbox.iterdir() if not item.name.startswith(".")] == []


def test_another_scan_of_it_waits_as_perhaps_secret(ctx: Services, tmp_path: Path) -> None:
    """Its bytes are others, and its number, day and issuer the same: two persons decide, and see nothing of it."""
    as_pdf(tmp_path / "a.pdf", slip())
    withdraw(ctx, AN, bring(ctx, tmp_path / "a.pdf", STATED), "có dấu MẬT")
    as_tiff(tmp_path / "b.tif", slip())
    view = document_view(ctx, bring(ctx, tmp_path / "b.tif", STATED))
    assert (view.state, view.told.word, view.told.what, view.fields) == ("held", "secret", "likely_withdrawn", {})


@pytest.mark.parametrize("policy", ["ask", "link"])
def test_what_is_the_same_paper_is_held_back_too(settings: Settings, tmp_path: Path, policy: str) -> None:
    """A second scan says what the withdrawn one says: nobody is shown it, and no one person makes it another paper."""
    chosen = load_settings(settings.home, {"KHOSO_DUPLICATES__BOTH": policy, "KHOSO_DUPLICATES__BUSINESS": policy})
    as_pdf(tmp_path / "a.pdf", slip())
    as_tiff(tmp_path / "b.tif", slip())
    with open_services(chosen) as ctx:
        name, other = bring(ctx, tmp_path / "a.pdf", STATED), bring(ctx, tmp_path / "b.tif", STATED)
        before = show(ctx, DESK, other)
        assert (before.state, WHAT_IT_SAYS in json.dumps(before.line())) == (
            {"ask": "held", "link": "duplicate"}[policy],
            True,
        )
        withdraw(ctx, AN, name, "có dấu MẬT")
        line = json.dumps(show(ctx, DESK, other).line())
        assert (WHAT_IT_SAYS in line, name in line) == (False, False)
        if policy == "ask":
            release(ctx, OPERATOR, other, {}, settles="apart")
            view = document_view(ctx, other)
            assert (view.state, view.told.word, view.told.what) == ("held", "secret", "likely_withdrawn")


def test_the_commands_tell_who_saw_it(ctx: Services, tmp_path: Path) -> None:
    """A desk is told that it is withdrawn and no more; an archivist sees the list."""
    held(ctx, tmp_path)
    run_json(ctx.settings, "show", "1", "--who", "Cúc")
    assert run_json(ctx.settings, "withdraw", CODE, "--reason", "có dấu MẬT", "--who", "Cúc") == (
        ExitCode.OK,
        [{"id": "1", "state": "withdrawn"}],
    )
    code, (view, sight) = run_json(ctx.settings, "withdrawn", "1", "--who", "An")
    assert (code, view["id"], view["state"], sight["who"], sight["what"]) == (0, "1", "withdrawn", "Cúc", "shown")
    assert run_json(ctx.settings, "withdrawn", "--who", "Cúc")[0] == ExitCode.REFUSED
    assert [view["id"] for view in run_json(ctx.settings, "withdrawn", "--who", "An")[1]] == ["1"]
