"""Who may do what: every act, by every role, with papers of the own agency and of another one."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple, get_args

import pytest

import services
from archive.interface import Arrival, Dossier
from config.desk import Role
from config.settings import Settings, load_settings
from domain.clock import now
from domain.errors import ExitCode, KhosoError, NotFound
from domain.messages.told import Reason
from pipeline.indexing import drain
from pipeline.records import File, Received
from search.filters import Filters
from services import batches, catalogues, index, rebuild, renewal, search, standing, verify
from services.certifying.certifying import certify_paper
from services.certifying.entries import book_of, certified_as, entries_known
from services.certifying.hands import certifier, hands_to_certify, whom_to_ask
from services.certifying.making import certified_copy, check_room, unsigned_copy
from services.certifying.originals import check_original
from services.certifying.register import certified_book, certified_books, write_certified_book
from services.context import Services, open_services
from services.copies.book import copies_of, copy_book, write_copy_book
from services.copies.converting import copy_paper
from services.corrections.cases import (
    answer_case,
    case_about,
    case_of,
    list_cases,
    open_case,
    refuse_case,
    settle_case,
)
from services.corrections.correcting import correct
from services.corrections.plan import checked_values, planned, recoded
from services.document import document_view, no_document, show, source_views
from services.dossiers.answering import unasked_answers
from services.dossiers.demanded import DossierFilter, list_demanded, list_dossiers, show_dossier
from services.dossiers.ended import export_ended
from services.dossiers.give_back import export, is_result
from services.dossiers.owners import is_of_another, of_its_owner, owner_in
from services.dossiers.take_in import take_in_dossiers
from services.dossiers.terms import count_terms, expiry_in, unknown_terms
from services.dossiers.tie import tie, untie
from services.finding.under_way import under_way
from services.history import history_of
from services.ingest import ingest
from services.permissions import TABLE, Act, Asker, NotAllowed, asker, may, user_of_the_machine
from services.quality import kept, redrawing, telling
from services.quality.checking import check_paper
from services.quality.kept import MinutesStatement
from services.quality.minutes import give_minutes
from services.quality.opening import open_lot
from services.reuse import linking
from services.reuse.asking import lookup
from services.reuse.components import as_asked, components_of, held_for, may_be_for, procedure_of
from services.reuse.handing_over import use
from services.reuse.on_way import is_told, papers_on_way
from services.reuse.owner_view import view_of_owner
from services.reuse.persons import papers_of_persons, persons_of
from services.reuse.purpose import doubtful_lookups, has_dossier, purpose_of_paper, stated_purpose, still_stated
from services.reuse.reasons import why_not
from services.reuse.references import meant
from services.reuse.slip import printed_slip, write_slip
from services.reuse.taking import still_counts, taken
from services.review import decisions as review
from services.review import effort, ending, entries, late, many, rescans, undo, waiting
from services.secrecy import decisions as secrecy
from services.secrecy import remembering, unsaid
from services.secrecy.deciding import decide_withdrawn
from services.secrecy.erasing import erase, finish_erasing
from services.secrecy.sights import sights_of
from services.secrecy.withdrawing import list_withdrawn, steps_of, who_saw, withdraw, withdrawn_there
from services.secrecy.withheld import decides, is_of_withdrawn
from services.unseen import bearer_of, dossier_of, is_there, paper_there, unread, without_others
from services.upgrade import upgrading
from tests.support.desk import run_json
from tests.support.held_papers import OWNER, hold

_ROLES: tuple[Role, ...] = get_args(Role)
_OWN, _OTHER = "H17.12", "H17.13"
_DOSSIER, _IMPORTED = "H17.12-261124-0001", "H17.12-261124-0009"
_DAY = date(2026, 1, 1)
_OLD = "201234567"
_ANY = Filters()
_CODE = f"{OWNER}.KQ.G15.000031.215/2019.01"

# What the table must say, in words of its own.  a: papers of all agencies; o: those of the own one and below it;
# b: those that he put in himself; -: not at all.  In the order desk, operator, archivist, auditor, postal operator.
_WANTED = {
    "ingest": "oao-o",
    "status": "aaaaa",
    "show": "oaoab",
    "disclose": "-ao--",
    "search": "oaoa-",
    "count": "-aaa-",
    "search by owner": "--oa-",
    "lookup": "aaa--",
    "use": "aaa--",
    "copy": "oao--",
    "copies": "-aaa-",
    "certify": "o----",
    "certified": "oaaa-",
    "doubts": "-aaa-",
    "owner": "--aa-",
    "link": "--a--",
    "links": "--aa-",
    "verify": "oaoa-",
    "review_list": "oao--",
    "review": "oao--",
    "secrecy": "-ao--",
    "withdraw": "oao--",
    "withdrawn": "-aoa-",
    "standing": "--o--",
    "renew": "-aa--",
    "index": "-aa--",
    "rebuild": "-aa--",
    "upgrade": "-aa--",
    "catalogue_list": "aaaaa",
    "catalogue_import": "-aa--",
    "catalogue_undo": "-aa--",
    "dossiers_import": "aaa--",
    "dossiers_list": "oaoa-",
    "dossiers_show": "oaoa-",
    "dossiers_export": "--a--",
    "terms": "-aaa-",
    "tie": "oao--",
    "correct": "--o--",
    "case_open": "o-o--",
    "case_list": "o-oa-",
    "case_decide": "--o--",
    "quality_open": "-aa--",
    "quality_check": "-ao--",
    "quality_show": "-aaa-",
    "quality_minutes": "-aa--",
}
_BEFORE: dict[Act, Act] = {"count": "search", "search by owner": "search"}  # a search is asked for first
_SCOPES = {"a": "all", "o": "own", "b": "brought"}


class Step(NamedTuple):
    """An act as it is asked for; ``about_a_paper``: a paper of another agency is not there for it."""

    act: Act
    ask: Callable[[Services, Asker, Path], Any]
    function: Callable[..., Any]
    about_a_paper: bool = False


_LIST = Path("list.csv")
_SAID = MinutesStatement(contract="1/HĐ", party_a="A", party_b="B")
_STEPS = (
    Step("ingest", lambda ctx, by, at: ingest(ctx, by, [at / "none"]), ingest),
    Step("status", lambda ctx, by, _: batches.status(ctx, by), batches.status),
    Step("status", lambda ctx, by, _: batches.left(ctx, by), batches.left),
    Step("status", lambda ctx, by, _: index.lag(ctx, by), index.lag),
    Step("show", lambda ctx, by, _: show(ctx, by, "birth"), show, about_a_paper=True),
    Step("show", lambda ctx, by, _: history_of(ctx, by, "birth"), history_of, about_a_paper=True),
    Step("search", lambda ctx, by, _: search.search(ctx, by, "birth", 5, filters=_ANY), search.search),
    Step("count", lambda ctx, by, _: search.search(ctx, by, "birth", 5, filters=_ANY, counted=True), search.search),
    Step(
        "search by owner",
        lambda ctx, by, _: search.search(ctx, by, OWNER, 5, filters=_ANY, reason="đơn"),
        search.search,
    ),
    Step("search by owner", lambda ctx, by, _: search.owner_filter(ctx, by, OWNER, reason="đơn"), search.owner_filter),
    Step("lookup", lambda ctx, by, _: lookup(ctx, by, owner_id=OWNER, dossier=_DOSSIER, reason="phiếu"), lookup),
    Step("use", lambda ctx, by, at: use(ctx, by, "none", dossier=_DOSSIER, target=at / "x"), use),
    Step("copy", lambda ctx, by, at: copy_paper(ctx, by, "none", dossier=_DOSSIER, target=at / "x"), copy_paper),
    Step("copies", lambda ctx, by, _: copy_book(ctx, by), copy_book),
    Step(
        "certify",
        lambda ctx, by, at: certify_paper(
            ctx, by, "birth", dossier=_DOSSIER, target=at / f"{by.who}.pdf", reason="phiếu"
        ),
        certify_paper,
        about_a_paper=True,
    ),
    Step("certified", lambda ctx, by, _: certified_book(ctx, by), certified_book),
    Step("certified", lambda ctx, by, _: certified_books(ctx, by), certified_books),
    Step("certified", lambda ctx, by, at: write_certified_book(ctx, by, at / f"b {by.who}.csv"), write_certified_book),
    Step("copies", lambda ctx, by, at: write_copy_book(ctx, by, at / f"{by.who}.csv"), write_copy_book),
    Step("owner", lambda ctx, by, _: view_of_owner(ctx, by, OWNER, reason="đơn"), view_of_owner),
    Step("link", lambda ctx, by, _: linking.link_numbers(ctx, by, _OLD, OWNER, reason="x"), linking.link_numbers),
    Step(
        "link",
        lambda ctx, by, _: linking.unlink_numbers(ctx, by, _OLD, OWNER, reason="x"),
        linking.unlink_numbers,
    ),
    Step("links", lambda ctx, by, _: linking.list_links(ctx, by), linking.list_links),
    Step("doubts", lambda ctx, by, _: doubtful_lookups(ctx, by), doubtful_lookups),
    Step("verify", lambda ctx, by, _: verify.verify(ctx, by, "birth"), verify.verify, about_a_paper=True),
    Step("review_list", lambda ctx, by, _: waiting.list_waiting(ctx, by), waiting.list_waiting),
    Step("review", lambda ctx, by, _: waiting.look(ctx, by, "waits"), waiting.look, about_a_paper=True),
    Step("review", lambda ctx, by, _: review.let_in(ctx, by, "waits", (), ("x",)), review.let_in, about_a_paper=True),
    Step("review", lambda ctx, by, _: ending.discard(ctx, by, "waits", ""), ending.discard, about_a_paper=True),
    Step(
        "review",
        lambda ctx, by, _: ending.reject(ctx, by, "waits", "rescan", ""),
        ending.reject,
        about_a_paper=True,
    ),
    Step("review", lambda ctx, by, _: undo.take_back(ctx, by, "waits"), undo.take_back, about_a_paper=True),
    Step("review_list", lambda ctx, by, _: rescans.rescan_list(ctx, by), rescans.rescan_list),
    Step("review_list", lambda ctx, by, _: effort.review_effort(ctx, by), effort.review_effort),
    Step("review_list", lambda ctx, by, _: many.plan_many(ctx, by, many.Selection(), {"title": "x"}), many.plan_many),
    Step("review", lambda ctx, by, _: list(many.carry_out(ctx, by, ())), many.carry_out),
    Step(
        "review_list",
        lambda ctx, by, at: late.plan_manifest(ctx, by, at / "none", many.Selection()),
        late.plan_manifest,
    ),
    Step("review", lambda ctx, by, _: late.stop_secret(ctx, by, "waits", "MẬT"), late.stop_secret, about_a_paper=True),
    Step(
        "review",
        lambda ctx, by, _: review.release(ctx, by, "waits", {"title": "x"}),
        review.release,
        about_a_paper=True,
    ),
    Step(
        "secrecy",
        lambda ctx, by, _: secrecy.say_not_secret(ctx, by, "waits", "xem rồi"),
        secrecy.say_not_secret,
        about_a_paper=True,
    ),
    Step("secrecy", lambda ctx, by, _: secrecy.say_secret(ctx, by, "waits", "mật"), secrecy.say_secret, True),
    Step("secrecy", lambda ctx, by, _: decide_withdrawn(ctx, by, "gone", "secret", ""), decide_withdrawn, True),
    Step("withdraw", lambda ctx, by, _: withdraw(ctx, by, "birth", ""), withdraw, about_a_paper=True),
    Step("withdrawn", lambda ctx, by, _: list_withdrawn(ctx, by), list_withdrawn),
    Step("withdrawn", lambda ctx, by, _: who_saw(ctx, by, "gone"), who_saw, about_a_paper=True),
    Step(
        "standing",
        lambda ctx, by, _: standing.change_standing(ctx, by, "birth", "in_force", reason="QĐ 1"),
        standing.change_standing,
        about_a_paper=True,
    ),
    Step("renew", lambda ctx, by, _: renewal.due(ctx, by, _DAY), renewal.due),
    Step("renew", lambda ctx, by, _: renewal.renew(ctx, by, _DAY), renewal.renew),
    Step("index", lambda ctx, by, _: index.send(ctx, by), index.send),
    Step("index", lambda ctx, by, _: index.keep_sending(ctx, by), index.keep_sending),
    Step("index", lambda ctx, by, _: index.mend(ctx, by), index.mend),
    Step("index", lambda ctx, by, _: index.make_anew(ctx, by), index.make_anew),
    Step("rebuild", lambda ctx, by, _: rebuild.rebuild(ctx, by), rebuild.rebuild),
    Step("upgrade", lambda ctx, by, _: upgrading.plan_upgrade(ctx, by), upgrading.plan_upgrade),
    Step("upgrade", lambda ctx, by, _: upgrading.upgrade(ctx, by), upgrading.upgrade),
    Step("catalogue_list", lambda ctx, by, _: catalogues.entries(ctx, by, "types", _DAY), catalogues.entries),
    Step("catalogue_list", lambda ctx, by, _: catalogues.entry(ctx, by, "none", None), catalogues.entry),
    Step("catalogue_list", lambda ctx, by, _: catalogues.versions(ctx, by), catalogues.versions),
    Step(
        "catalogue_list",
        lambda ctx, by, at: catalogues.import_list(ctx, by, at / _LIST, apply=False),
        catalogues.import_list,
    ),
    Step(
        "catalogue_import",
        lambda ctx, by, at: catalogues.import_list(ctx, by, at / _LIST, apply=True),
        catalogues.import_list,
    ),
    Step("catalogue_undo", lambda ctx, by, _: catalogues.undo(ctx, by), catalogues.undo),
    Step("dossiers_import", lambda ctx, by, at: take_in_dossiers(ctx, by, at / _LIST), take_in_dossiers),
    Step("dossiers_import", lambda ctx, by, _: count_terms(ctx, by, []), count_terms),
    Step("dossiers_list", lambda ctx, by, _: list_dossiers(ctx, by, DossierFilter()), list_dossiers),
    Step("dossiers_list", lambda ctx, by, _: list_demanded(ctx, by, DossierFilter()), list_demanded),
    Step("dossiers_show", lambda ctx, by, _: show_dossier(ctx, by, _IMPORTED), show_dossier, about_a_paper=True),
    Step("terms", lambda ctx, by, _: unknown_terms(ctx, by), unknown_terms),
    Step("dossiers_export", lambda ctx, by, at: export(ctx, by, at / "out.json"), export),
    Step("dossiers_export", lambda ctx, by, at: export_ended(ctx, by, at / "ended.json"), export_ended),
    Step("tie", lambda ctx, by, _: tie(ctx, by, "birth", _DOSSIER, reason="phiếu"), tie, about_a_paper=True),
    Step("tie", lambda ctx, by, _: untie(ctx, by, "birth", reason="nhầm"), untie, about_a_paper=True),
    Step(
        "correct",
        lambda ctx, by, _: correct(ctx, by, "birth", {"title": "x"}, reason="sổ gốc"),
        correct,
        about_a_paper=True,
    ),
    Step("case_open", lambda ctx, by, _: open_case(ctx, by, "birth", request="sai"), open_case, about_a_paper=True),
    Step("case_list", lambda ctx, by, _: list_cases(ctx, by), list_cases),
    Step("case_decide", lambda ctx, by, _: answer_case(ctx, by, 1), answer_case, about_a_paper=True),
    Step("case_decide", lambda ctx, by, _: refuse_case(ctx, by, 1, reason="đúng"), refuse_case, about_a_paper=True),
    Step("quality_open", lambda ctx, by, _: open_lot(ctx, by, "none"), open_lot),
    Step("quality_check", lambda ctx, by, _: check_paper(ctx, by, "birth", ()), check_paper, about_a_paper=True),
    Step("quality_show", lambda ctx, by, _: telling.lot_view(ctx, by, "none"), telling.lot_view),
    Step("quality_show", lambda ctx, by, _: telling.lot_views(ctx, by), telling.lot_views),
    Step("quality_show", lambda ctx, by, _: telling.lot_list(ctx, by, "none"), telling.lot_list),
    Step("quality_minutes", lambda ctx, by, at: give_minutes(ctx, by, "none", _SAID, at / "m.pdf"), give_minutes),
)


@pytest.fixture(scope="module")
def ctx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """A store of H17.12 with a paper that is held, and a scan that waits for a person."""
    folder = tmp_path_factory.mktemp("walk")
    with ExitStack() as stack:
        opened = stack.enter_context(open_services(load_settings(folder / "home", {})))
        hold(opened, folder, "birth", digitisation_code=_CODE)
        hold(opened, folder, "gone", digitisation_code=f"{_CODE}#gone")
        withdraw(opened, someone("archivist"), "gone", "mật")
        drain(opened)
        _wait(opened)
        _import(opened)
        open_case(opened, someone("archivist"), "birth", request="sai số")
        yield opened


def _import(ctx: Services) -> None:
    changes = {"received": _DAY, "finished": None, "state": "2", "data": "{}", "changed_at": now()}
    owner = {"owner_key": ctx.owner_keys.of(OWNER), "owner_shown": "048*******75"}
    ctx.desk.put([Dossier(code=_IMPORTED, procedure="1.000894", agency=_OWN, **owner, **changes)])


def _wait(ctx: Services) -> None:
    record = Received(
        document_id="waits",
        batch_id="b",
        source="/desk/waits.pdf",
        media="pdf",
        scan=File(name="waits.pdf", sha256="0" * 64),
        received_at=now(),
    )
    ctx.ledger.admit(
        Arrival(
            path=record.source,
            sha256=record.scan.sha256,
            batch_id=ctx.ledger.open_batch("key", "b"),
            state="received",
            document_id="waits",
            stage="receive",
            record=record.model_dump_json(),
        )
    )
    claim = ctx.ledger.claim("waits", "receive", 60)
    assert claim is not None
    ctx.ledger.fail_stage(claim, "prepare", "held", Reason.model_validate("damaged: half of it is missing."))


def someone(role: Role, office: str = _OWN) -> Asker:
    """Somebody in a role."""
    return Asker(who=f"{role} của {office}", office=office, role=role)


def refusals(ctx: Services) -> list[dict[str, Any]]:
    """What was refused so far; the chain is checked."""
    return [dict(item) for item in ctx.journal.events() if item["event"] == "refused"]


def _last(ctx: Services) -> dict[str, Any]:
    return dict(list(ctx.journal.events())[-1])


def outcome(ctx: Services, step: Step, by: Asker, folder: Path) -> str:
    """``may``, ``may not``, or ``unseen``: as if there were no such paper.  Other errors come after the permission."""
    before, caught = len(refusals(ctx)), None
    try:
        step.ask(ctx, by, folder)
    except KhosoError as error:
        caught = error
    reasons = [(item["who"], item["act"], item["reason"]) for item in refusals(ctx)[before:]]
    if reasons in ([(by.who, step.act, "not_allowed")], [(by.who, _BEFORE.get(step.act, step.act), "not_allowed")]):
        assert isinstance(caught, NotAllowed)
        return "may not"
    if reasons == [(by.who, step.act, "other_agency")]:
        assert isinstance(caught, NotFound)
        return "unseen"
    if reasons == [(by.who, step.act, "not_asked")]:
        return "may"  # nobody looked it up before: that is asked after the permission
    if reasons == [(by.who, step.act, "no_certifier")]:
        return "may"  # which officers certify is data of the settings: that is asked after the permission
    assert reasons == []
    assert not isinstance(caught, NotAllowed)
    return "may"


def test_the_table_is_the_one_that_was_decided() -> None:
    """Every act has its roles and their scopes; what is not there, nobody may."""
    said = {
        act: "".join(
            next((sign for sign, scope in _SCOPES.items() if scope == roles.get(role)), "-") for role in _ROLES
        )
        for act, roles in TABLE.items()
    }
    assert said == _WANTED
    assert set(TABLE) == set(get_args(Act))


def _functions() -> Iterator[Callable[..., Any]]:
    """The public functions of ``services`` that work with its context."""
    for item in pkgutil.walk_packages(services.__path__, "services."):
        for name, function in inspect.getmembers(importlib.import_module(item.name), inspect.isfunction):
            is_own = function.__module__ == item.name and not name.startswith("_")
            if is_own and item.name != "services.permissions" and "ctx" in inspect.signature(function).parameters:
                yield function


def test_the_walk_leaves_no_act_out() -> None:
    """Every act of the table is walked, and every function that could be asked; the others serve acts that did ask."""
    assert {step.act for step in _STEPS} | {"disclose"} == set(TABLE)
    serving = {
        document_view,
        ending.end_former,
        entries.demand_state,
        entries.is_under_way,
        entries.seen_entry,
        rescans.check_former,
        entries.undo_until,
        undo.taken_back_until,
        many.waiting_papers,
        source_views,
        search.find,
        rebuild.make_catalogue_anew,
        rebuild.rebuild_catalogue,
        bearer_of,
        decides,
        is_of_withdrawn,
        erase,
        finish_erasing,
        redrawing.take_out_withdrawn,
        redrawing.forget_findings,
        redrawing.redraw,
        remembering.remember,
        remembering.remember_one,
        sights_of,
        steps_of,
        withdrawn_there,
        unsaid.gone,
        unsaid.stopped,
        unsaid.uses_for,
        unsaid.uses_about,
        unsaid.questions_about,
        copies_of,
        certified_as,
        entries_known,
        book_of,
        certifier,
        whom_to_ask,
        hands_to_certify,
        check_original,
        unsigned_copy,
        check_room,
        certified_copy,
        dossier_of,
        is_of_another,
        owner_in,
        case_about,
        case_of,
        paper_there,
        settle_case,
        checked_values,
        planned,
        recoded,
        expiry_in,
        is_there,
        of_its_owner,
        no_document,
        kept.signed_minutes,
        kept.keep_minutes,
        telling.lot_states,
        unread,
        without_others,
        as_asked,
        components_of,
        is_result,
        procedure_of,
        has_dossier,
        held_for,
        papers_of_persons,
        persons_of,
        linking.link_view,
        unasked_answers,
        printed_slip,
        write_slip,
        meant,
        stated_purpose,
        purpose_of_paper,
        may_be_for,
        still_stated,
        still_counts,
        papers_on_way,
        why_not,
        is_told,
        under_way,
        taken,
        verify.proof_of,
    }
    assert set(_functions()) - serving == {step.function for step in _STEPS}


@pytest.mark.parametrize("office", [_OWN, "H17", _OTHER])
@pytest.mark.parametrize("role", _ROLES)
def test_every_act_answers_as_the_table_says(ctx: Services, role: Role, office: str, tmp_path: Path) -> None:
    """At the agency itself, at the one above it, and at another one."""
    place, by = _ROLES.index(role), someone(role, office)
    for step in _STEPS:
        sign = _WANTED[step.act][place]
        wanted = "may not" if sign == "-" else "may"
        if step.about_a_paper and (sign == "b" or (sign == "o" and office == _OTHER)):
            wanted = "unseen"
        assert outcome(ctx, step, by, tmp_path) == wanted, step.act


def test_a_refusal_has_one_shape(ctx: Services, tmp_path: Path) -> None:
    """Whatever was refused to whom: the same names, and no identifier of an owner."""
    for step in _STEPS:
        for role in _ROLES:
            outcome(ctx, step, someone(role, _OTHER), tmp_path)
    names = "at event who subject act role office dossier reason before"
    assert {tuple(item) for item in refusals(ctx)} == {tuple(names.split())}
    assert OWNER not in ctx.settings.journal.read_text(encoding="utf-8")


@pytest.mark.parametrize("role", _ROLES[:4])
@pytest.mark.parametrize("code", ["birth", _CODE])
def test_who_may_not_disclose_sees_no_identifier_and_no_path(ctx: Services, role: Role, code: str) -> None:
    """The owner's number is masked wherever it stands, and where the files lie is not told."""
    view, discloses = show(ctx, someone(role), code), role in {"operator", "archivist"}
    assert (OWNER in str(view.line()), view.pdf is not None) == (discloses, discloses)
    assert _last(ctx)["disclosed"] is discloses
    if role != "operator":
        found = search.search(ctx, someone(role), "birth", 5, filters=_ANY)
        assert (OWNER in str(found.papers)) is (role == "archivist")


def test_another_agency_finds_nothing(ctx: Services) -> None:
    """A paper of another agency is in no list, whatever else there is."""
    for role in _ROLES[:4]:
        is_all = role in {"operator", "auditor"}
        for office, is_seen in ((_OWN, True), ("H17", True), (_OTHER, is_all)):
            by = someone(role, office)
            assert len(search.search(ctx, by, "birth", 5, filters=_ANY).papers) == is_seen
            if role != "auditor":
                assert len(waiting.list_waiting(ctx, by).held) == is_seen


def test_pages_of_a_search_count_what_is_seen(tmp_path: Path) -> None:
    """Papers of others neither fill a page nor shift the next one."""
    with open_services(load_settings(tmp_path / "home", {})) as ctx:
        for number in range(12):
            agency = _OTHER if number % 3 else _OWN
            hold(ctx, tmp_path, f"paper{number}", title="Giấy khai sinh", dossier=f"{agency}-260101-{number:04d}")
        drain(ctx)
        by = someone("desk")
        pages = [search.search(ctx, by, "khai sinh", 2, filters=_ANY, offset=at).papers for at in (0, 2, 4)]
        found = [[paper.id for paper, _ in page] for page in pages]
        assert [len(page) for page in found] == [2, 2, 0]
        assert {name for page in found for name in page} == {"paper0", "paper3", "paper6", "paper9"}


@pytest.mark.parametrize(
    ("dossier", "office", "is_seen"),
    [
        ("H17.12.34-260101-0001", "H17.12", True),
        ("H17.12.34-260101-0001", "H17.12.35", False),
        ("H17.1-260101-0001", "H17.12", False),
        ("H17.13-260101-0001", "H17", True),
        ("000.34.12.H17-200101-0001", "H17.12.34", True),
        ("000.34.12.H17-200101-0001", "H17.34", False),
        ("G15.1-260101-0001", "H17.12", True),
        ("G15.1-260101-0001", "H17.13", False),
        ("số tạm 5", "H17.12", True),
    ],
)
def test_a_paper_is_of_the_agency_that_received_its_dossier(
    tmp_path: Path, dossier: str, office: str, is_seen: bool
) -> None:
    """Also in the form of 2018; one that a ministry numbered is of the agency that keeps the paper."""
    with open_services(load_settings(tmp_path / "home", {})) as ctx:
        hold(ctx, tmp_path, "birth", dossier=dossier)
        step = Step("show", lambda ctx, by, _: show(ctx, by, "birth"), show)
        assert outcome(ctx, step, someone("desk", office), tmp_path) == ("may" if is_seen else "unseen")


def test_what_another_agency_holds_looks_like_nothing(ctx: Services) -> None:
    """The answer about a paper of another agency is, letter by letter, that about one which nobody has."""
    got = []
    for code in ("birth", "nobody"):
        for ask in (show, verify.verify):
            with pytest.raises(NotFound) as caught:
                ask(ctx, someone("desk", _OTHER), code)
            got.append(caught.value.explain().replace(code, "CODE"))
    assert got[:2] == got[2:]


def test_only_who_runs_the_program_is_an_operator(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that is given makes no operator, not even that of the machine's user; the settings may say otherwise."""
    monkeypatch.setattr("getpass.getuser", lambda: "khoso")
    assert user_of_the_machine(settings).role == "operator"
    assert asker(settings, "khoso").role == "desk"
    named = settings.model_copy(update={"desk": settings.desk.model_copy(update={"roles": {"khoso": "auditor"}})})
    assert user_of_the_machine(named).role == asker(named, "khoso").role == "auditor"


def test_a_command_without_a_name_does_what_the_readme_says(ctx: Services) -> None:
    """Who runs the program sees all; whoever is named and has no role is at a desk."""
    code, (line,) = run_json(ctx.settings, "show", "birth")
    assert (code, line["code"].startswith(OWNER), line["pdf"] is not None) == (ExitCode.OK, True, True)
    code, (line,) = run_json(ctx.settings, "show", "birth", "--who", "clerk")
    assert (code, line["code"].startswith(OWNER), line["pdf"]) == (ExitCode.OK, False, None)
    for refused in (("catalogue", "undo"), ("rebuild",), ("reindex",), ("renew", "--dry-run")):
        assert run_json(ctx.settings, *refused, "--who", "clerk") == (ExitCode.REFUSED, [])
    assert run_json(ctx.settings, "renew", "--dry-run") == (ExitCode.OK, [])


def test_an_archive_is_the_agencys(ctx: Services) -> None:
    """An archivist in one office of an agency sees the papers of its others; a desk there and another agency do not."""
    for role, office, is_seen in (
        ("archivist", "H17.12.34", True),
        ("archivist", "H17", True),
        ("archivist", "H17.13", False),
        ("archivist", "H17.13.12", False),
        ("desk", "H17.12.34", False),
        ("desk", "H17.12", True),
    ):
        by = someone(role, office)  # type: ignore[arg-type]
        assert may(by, "show", "H17.12.35-261124-0001", ctx.settings) is is_seen, (role, office)
        assert may(by, "show", "H17.12-261124-0001", ctx.settings) is is_seen, (role, office)
