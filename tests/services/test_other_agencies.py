"""What another agency holds stays with it: by whatever way it is asked for, and to whom papers are given away."""

import os
from pathlib import Path

import pytest

from archive.package import PDF
from config.desk import Role
from config.settings import Settings
from domain.errors import ExitCode, KhosoError, NotFound, UsageError
from pipeline.context import digest
from pipeline.indexing import drain
from pipeline.intake import open_batch, take_in
from pipeline.records import Statement
from pipeline.runner import run_through
from search.filters import Filters
from services.batches import status
from services.context import Services
from services.document import DocumentView, show
from services.history import history_of
from services.ingest import Ingest
from services.permissions import Asker, NotAllowed
from services.review.decisions import release
from services.review.ending import discard
from services.review.waiting import list_waiting, look
from services.search import search
from services.verify import verify
from tests.support.desk import STATED, bring, run_json
from tests.support.held_papers import hold
from tests.support.scans import as_pdf, coded, sheet
from tests.support.walks import slip

_CLERK = Asker(who="an", office="H17.13", role="desk")
_FOREIGN = "H17.13-260101-0007"
_OWN_CLERK = Asker(who="an", office="H17.12", role="desk")


def refusals(ctx: Services) -> list[tuple[str, str, str, str]]:
    """Who was refused what, about what, and why."""
    events = [dict(item) for item in ctx.journal.events() if item["event"] == "refused"]
    return [(item["who"], item["act"], item["subject"], item["reason"]) for item in events]


@pytest.mark.parametrize("way", ["the file", "a link to it", "a folder and back"])
def test_a_file_of_the_vault_is_the_paper_that_lies_there(ctx: Services, tmp_path: Path, way: str) -> None:
    """Who gives the path of another agency's file gets the answer about its id."""
    paper = hold(ctx, tmp_path, "birth")
    file = ctx.vault.get(paper.object_id).files[PDF]
    link = tmp_path / "a.pdf"
    link.symlink_to(file)
    what = {"the file": file, "a link to it": link, "a folder and back": file.parent / ".." / "content" / file.name}
    got = []
    for asked in (str(what[way]), "birth"):
        with pytest.raises(NotFound) as caught:
            verify(ctx, _CLERK, asked)
        got.append(str(caught.value).replace(asked, "IT"))
    assert got[0] == got[1]
    assert refusals(ctx) == [("an", "verify", "birth", "other_agency")] * 2
    # The agency's own clerk is answered; the paper of this test is no PDF.
    by_path, by_id = (verify(ctx, _OWN_CLERK, asked) for asked in (str(what[way]), "birth"))
    assert by_path.fixity != ("ok",)
    assert (by_path.fixity, by_path.sha256, by_path.file) == (by_id.fixity, by_id.sha256, by_id.file)


def test_files_of_papers_under_way_are_nobodys_at_a_desk(ctx: Services, tmp_path: Path) -> None:
    """They lie in the store, and a desk is not told where; a file elsewhere may be checked by anybody."""
    for folder, wanted in ((ctx.settings.work_folder, NotFound), (tmp_path, KhosoError)):
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "pdfa.pdf"
        path.write_text("no PDF", encoding="utf-8")
        with pytest.raises(wanted) as caught:
            verify(ctx, _OWN_CLERK, str(path))
        assert isinstance(caught.value, NotFound) is (wanted is NotFound)
    assert refusals(ctx) == [("an", "disclose", "pdfa.pdf", "other_agency")]


def test_a_paper_is_given_to_no_agency_whose_papers_one_may_not_see(ctx: Services, tmp_path: Path) -> None:
    """Else it would be out of sight at once for who did it; nothing is changed, and the refusal says why.

    What counts is the number as it would be entered, whatever blanks and invisible signs it was typed with.
    """
    path = tmp_path / "a.png"
    slip().save(path, dpi=(200, 200))
    document = bring(ctx, path, Statement(type_code="KQ.G15.000031"))
    before = ctx.ledger.entry(document)
    assert before is not None
    assert before.reason.word == "review"
    values: dict[str, str] = {
        "type": str(STATED.type_code),
        **{str(name): text for name, text in STATED.fields.items()},
    }
    spellings = (_FOREIGN, f" {_FOREIGN}", f"\u200b{_FOREIGN}", _FOREIGN.replace("-", "\u200b-"), f"{_FOREIGN}\u2060 ")
    for typed in spellings:
        with pytest.raises(NotAllowed, match="another agency"):
            release(ctx, _OWN_CLERK, document, {**values, "dossier_code": typed})
    assert refusals(ctx) == [("an", "review", document, "other_agency")] * len(spellings)
    assert ctx.ledger.entry(document) == before


def test_the_office_of_the_environment_counts_for_every_command(
    settings: Settings, ctx: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also for those that have no option for it: their refusals and events carry it."""
    monkeypatch.setitem(os.environ, "KHOSO_OFFICE", "H17.12.5")
    assert run_json(settings, "rebuild", "--who", "clerk")[0] == ExitCode.REFUSED
    assert [item["office"] for item in ctx.journal.events()] == ["H17.12.5"]
    monkeypatch.setitem(os.environ, "KHOSO_OFFICE", "phường")
    assert run_json(settings, "rebuild", "--who", "clerk")[0] == ExitCode.USAGE


@pytest.mark.parametrize("typed", [_FOREIGN, f'" \u200b{_FOREIGN}"'])
@pytest.mark.parametrize("column", ["dossier", "dossier_code"])
def test_nothing_is_put_into_the_dossier_of_another_agency(
    ctx: Services, settings: Settings, tmp_path: Path, column: str, typed: str
) -> None:
    """Else it would be sealed there, and out of sight at once for who did it; not a file of the list is taken."""
    slip().save(tmp_path / "a.jpg", dpi=(200, 200))
    manifest = tmp_path / "list.csv"
    manifest.write_text(f"file,{column}\na.jpg,{typed}\n", encoding="utf-8")
    code, views = run_json(settings, "ingest", str(tmp_path / "a.jpg"), "--manifest", str(manifest), "--who", "an")
    assert (code, views) == (ExitCode.REFUSED, [])
    assert refusals(ctx) == [("an", "ingest", "a.jpg", "other_agency")]
    assert not ctx.ledger.entries()


@pytest.mark.parametrize("code", ["a separator sheet", "a receipt"])
def test_what_a_paper_brings_with_it_puts_it_into_no_foreign_dossier(ctx: Services, tmp_path: Path, code: str) -> None:
    """It waits for who may see to that dossier: an officer of its agency, or who sees all; the putter hears so."""
    receipt = f"{_FOREIGN}|1.004194|048190000123|Giấy tiếp nhận"
    file = tmp_path / "stack.pdf"
    as_pdf(file, *([coded(receipt, on=slip())] if code == "a receipt" else [sheet(_FOREIGN), slip()]))
    (own,) = _put_in(ctx, _OWN_CLERK, file, STATED)
    assert (own.state, own.reason) == (
        "held",
        "review: It belongs to another agency; an officer of that one decides.",
    )
    (entry,) = ctx.ledger.entries()
    assert "dossier_code: H17.13-260101-0007 is of another agency" in entry.reason.text()
    with pytest.raises(NotFound):
        release(ctx, _OWN_CLERK, entry.id, {})
    release(ctx, _CLERK, entry.id, {})
    held = ctx.catalogue.paper(entry.id)
    assert held is not None
    assert held.dossier == _FOREIGN


@pytest.mark.parametrize("role", ["desk", "operator"])
def test_a_sheet_of_ones_own_agency_asks_nobody(ctx: Services, tmp_path: Path, role: Role) -> None:
    """A desk's own dossiers, and all dossiers for who may put into all, are taken from sheets as ever."""
    file = as_pdf(tmp_path / "stack.pdf", sheet(_FOREIGN if role == "operator" else "H17.12.5-260101-0007"), slip())
    (view,) = _put_in(ctx, _OWN_CLERK.model_copy(update={"role": role}), file, STATED)
    assert view.state == "archived", view.reason


def test_who_puts_in_what_another_agency_holds_hears_no_more_of_it(ctx: Services, tmp_path: Path) -> None:
    """The file is known, and that is all: no id, no code, no field of the paper."""
    file = tmp_path / "known.pdf"
    slip().save(file)
    sha256 = digest(file)
    paper = hold(ctx, tmp_path, sha256[:16], sha256=sha256)
    (own,), (strange,) = (_put_in(ctx, by, file) for by in (_OWN_CLERK, _CLERK))
    assert (own.id, own.dossier, own.state) == (paper.id, paper.dossier, "duplicate")
    assert {name: value for name, value in strange.line().items() if value} == {
        "source": str(file),
        "state": "duplicate",
    }


def test_a_paper_without_a_dossier_is_of_the_agency_that_put_it_in(ctx: Services, tmp_path: Path) -> None:
    """No dossier is made up for it: its file code tells the agency, whose desk goes on seeing it (law L2.13)."""
    by = _CLERK.model_copy(update={"office": "H17.12.34"})
    path = tmp_path / "a.png"
    slip().save(path, dpi=(200, 200))
    (view,) = _put_in(ctx, by, path, STATED)
    assert (view.state, view.dossier, view.result_code) == ("archived", None, None)
    assert str(view.file_code).startswith("H17.12.34.")
    assert show(ctx, by, str(view.file_code)).id == view.id
    with pytest.raises(NotFound):
        show(ctx, by.model_copy(update={"office": "H17.13"}), str(view.id))


@pytest.mark.parametrize("stated", [STATED, STATED.model_copy(update={"dossier": _FOREIGN})])
@pytest.mark.parametrize("office", ["H17.12.34", "H17.13"])
def test_a_scan_without_a_dossier_yet_is_of_who_put_it_in(
    ctx: Services, tmp_path: Path, office: str, stated: Statement
) -> None:
    """Its desk sees what becomes of it and decides; so do those above, and other agencies see nothing."""
    if stated.dossier and office != "H17.13":
        stated = stated.model_copy(update={"dossier": f"{office}-260101-0007"})
    by = _CLERK.model_copy(update={"office": office})
    path = tmp_path / "a.png"
    slip().save(path)  # held before anything is read: no resolution is told
    (view,) = _put_in(ctx, by, path, stated)
    assert (view.state, view.reason.partition(":")[0]) == ("held", "no_dpi")
    offices = {"H17.12", "H17.13", office}
    seen = {
        item: [waiting.id for waiting in list_waiting(ctx, by.model_copy(update={"office": item})).held]
        for item in offices
    }
    assert seen == {item: [view.id] if f"{office}.".startswith(f"{item}.") else [] for item in offices}
    assert [item.id for item in status(ctx, by).troubles] == [view.id]
    discard(ctx, by, str(view.id), "quét lại")
    assert show(ctx, by, str(view.id)).state == "discarded"


_THEIRS = STATED.model_copy(update={"dossier": _FOREIGN})


@pytest.mark.parametrize("is_held", [False, True])
def test_a_longer_scan_takes_no_foreign_papers_place(ctx: Services, tmp_path: Path, is_held: bool) -> None:
    """Its desk hears of no id, no code and no way that it may not go; who sees both papers may do it."""
    file = tmp_path / "scan.pdf"
    stated = Statement(type_code="KQ.G15.000031", dossier=_FOREIGN) if is_held else _THEIRS
    as_pdf(file, slip())
    (former,) = _put_in(ctx, _CLERK, file, stated)
    assert former.state == ("held" if is_held else "archived"), former.reason
    as_pdf(file, slip(), slip("official_letter"))
    other = {**STATED.fields, "number_symbol": "46/TB-UBND"}
    (longer,) = _put_in(ctx, _OWN_CLERK, file, STATED.model_copy(update={"fields": other}))
    assert longer.reason.startswith("longer_scan: It has all pages of one of another agency, which came")
    _see_nothing_of(ctx, former, longer)
    with pytest.raises(UsageError, match="no longer scan of a paper that counts"):
        release(ctx, _OWN_CLERK, str(longer.id), {}, settles="replaces")
    assert refusals(ctx)[-1] == ("an", "review", former.id, "other_agency")
    assert show(ctx, _CLERK, str(former.id)).state == former.state
    release(ctx, _OWN_CLERK.model_copy(update={"office": "H17"}), str(longer.id), {}, settles="replaces")
    after = show(ctx, _CLERK, str(former.id))
    assert (after.state, after.standing) == (("discarded", None) if is_held else ("archived", "replaced"))
    assert after.replaced_by is None
    assert str(longer.id) not in after.reason


def test_a_paper_that_another_agency_has_is_known_and_no_more(ctx: Services, tmp_path: Path) -> None:
    """Whoever puts it in anew hears of no id and no code, wherever he looks; he may settle it by what he has."""
    first, second = tmp_path / "a.png", tmp_path / "b.png"
    slip().save(first, dpi=(200, 200))
    slip("official_letter").save(second, dpi=(200, 200))
    (known,) = _put_in(ctx, _CLERK, first, _THEIRS)
    (again,) = _put_in(ctx, _OWN_CLERK, second, STATED)
    assert again.reason.startswith("same_document: The same paper as one of another agency, known by business")
    _see_nothing_of(ctx, known, again)
    (whole,) = _put_in(ctx, _OWN_CLERK.model_copy(update={"office": "H17"}), second, STATED)
    assert f"The same paper as {known.id} (" in whole.reason
    assert "Compare both with `show`" in whole.reason
    release(ctx, _OWN_CLERK, str(again.id), {}, settles="apart")
    assert show(ctx, _OWN_CLERK, str(again.id)).state == "archived"


def _see_nothing_of(ctx: Services, foreign: DocumentView, own: DocumentView) -> None:
    """Wherever the own clerk looks at his own paper, the other agency's is not named, nor what he cannot do with it."""
    held = str(own.id)
    told = [
        own.reason,
        *(item.reason for item in status(ctx, _OWN_CLERK).troubles),
        *(item.reason for item in list_waiting(ctx, _OWN_CLERK).held),
        look(ctx, _OWN_CLERK, held).reason,
        show(ctx, _OWN_CLERK, held).reason,
        *(item.error for item in history_of(ctx, _OWN_CLERK, held)),
    ]
    assert sum("one of another agency" in text for text in told) == 6
    for text in told:
        for hidden in (str(foreign.id), "KQ.G15", "TP.H17", "`show`", "`review ID --replaces`"):
            assert hidden not in text


def _put_in(ctx: Services, by: Asker, file: Path, stated: Statement = Statement()) -> list[DocumentView]:  # noqa: B008 (frozen)
    put = Ingest(ctx, by, by.office, [file], {file.name: stated}, ())
    for seen in put.arriving():
        if seen is not None and seen.state == "received":
            run_through(ctx, str(seen.document_id))
    return put.views()


def test_status_counts_what_another_agency_has_and_names_none_of_it(ctx: Services, tmp_path: Path) -> None:
    """Why its papers wait, and how its refused files are called, is told to its own people and to who sees all."""
    held, refused = tmp_path / "held.png", tmp_path / "Giấy của Lê Thị Bưởi.txt"
    slip().save(held)  # no resolution is told
    refused.write_text("no scan", encoding="utf-8")
    document = bring(ctx, held, STATED)
    take_in(ctx, refused, open_batch(ctx, "b"), STATED)
    seen = {by: status(ctx, by) for by in (_CLERK, _OWN_CLERK, _CLERK.model_copy(update={"role": "auditor"}))}
    got = [[item.id or item.source for item in situation.troubles] for situation in seen.values()]
    assert got == [[], [document, refused.name], [document, refused.name]]
    assert len({situation.batches for situation in seen.values()}) == 1


def test_that_a_foreign_paper_comes_near_is_not_told(ctx: Services, tmp_path: Path) -> None:
    """Of four words three are on it: whoever may see the paper hears that it comes near, others find nothing at all."""
    hold(ctx, tmp_path, "birth", title="Giấy chứng nhận đăng ký")
    drain(ctx)
    answers = [search(ctx, by, "chứng nhận đăng bưởi", 5, filters=Filters()) for by in (_OWN_CLERK, _CLERK)]
    assert [(len(answer.papers), answer.loose) for answer in answers] == [(1, True), (0, False)]
