"""Need the citizen bring this paper?  Who may ask, what is answered, what is recorded, what is handed over."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from typer.testing import CliRunner

from archive.owner_keys import OwnerKeys
from cli.main import app
from config.models import Component, Procedure, Procedures
from config.settings import ElasticsearchSettings, SearchSettings, Settings
from domain.clock import today
from domain.errors import ExitCode, NotValid, UsageError
from domain.messages.told import told
from domain.owners import mask
from domain.validity import HeldPaper
from pipeline.indexing import drain
from search.filters import Filters
from services.context import Services, open_services
from services.permissions import Asker, NotAllowed, TooManyQuestions, asker
from services.registers.interface import Elsewhere, answer_component
from services.reuse.asking import lookup
from services.reuse.handing_over import use
from services.reuse.owner_view import view_of_owner
from services.search import find, owner_filter, search
from services.standing import change_standing
from tests.support.desk import WHY
from tests.support.held_papers import OTHER_OWNER, OWNER, hold

DOSSIER = "H17.12-261124-0001"
OTHER_DOSSIER = "H17.12-261124-0002"
BIRTH, SINGLE, MARRIAGE = "KQ.G15.000031", "KQ.G15.000038", "KQ.G15.000032"
CLERK = Asker(who="an", office="H17.12", role="desk")
ARCHIVIST = Asker(who="bình", office="H17", role="archivist")
YESTERDAY = today() - timedelta(days=1)
PROCEDURE = Procedure(
    code="1.999999",
    name="Thủ tục thử",
    field="Hộ tịch",
    level="commune",
    components=(
        Component(code="KS", name="Giấy khai sinh", types=(BIRTH,)),
        Component(code="HN", name="Giấy xác nhận tình trạng hôn nhân", types=(SINGLE,)),
        Component(code="KH", name="Giấy chứng nhận kết hôn", types=(MARRIAGE,)),
        Component(code="CT", name="Xác nhận thông tin về cư trú", elsewhere="population"),
        Component(code="CC", name="Thẻ căn cước", form="present"),
    ),
    valid_from=date(2016, 1, 1),
    confirmed=False,
    source="made for the test",
)


@pytest.fixture
def desk(ctx: Services) -> Services:
    """A store whose catalogue knows the test's procedure."""
    ctx.catalogues = ctx.catalogues.model_copy(update={"procedures": Procedures((PROCEDURE,))})
    return ctx


def journal(ctx: Services, event: str) -> list[dict[str, Any]]:
    """The events of one kind, the chain checked."""
    return [dict(item) for item in ctx.journal.events() if item["event"] == event]


def ask(ctx: Services, by: Asker = CLERK, **changes: str) -> dict[str, str]:
    """Component (or type) to answer, for the procedure."""
    asked: dict[str, Any] = {
        "owner_id": OWNER,
        "dossier": DOSSIER,
        "procedure": PROCEDURE.code,
        "reason": WHY,
        **changes,
    }
    return {answer.component: answer.answer for answer in lookup(ctx, by, **asked)}


class Population:
    """Another database, with one answer."""

    def __init__(self, state: str) -> None:
        self._state = state

    def ask(self, source: str, component: Component) -> Elsewhere:  # noqa: ARG002 (the interface)
        """Give it."""
        reason = told("register_silent", seconds=2) if self._state == "unavailable" else None
        return Elsewhere.model_validate({"state": self._state, "source": source, "reason": reason})


# What is answered


def test_five_components_get_the_kinds_of_answer(desk: Services, tmp_path: Path) -> None:
    """Held, held but expired, not held, in a database that is not connected, to be shown: one event for each."""
    hold(desk, tmp_path, "birth")
    hold(desk, tmp_path, "single", type_code=SINGLE, valid_until=YESTERDAY)
    hold(desk, tmp_path, "married", type_code=MARRIAGE, owner_id=OTHER_OWNER)
    found = {
        item.component: item
        for item in lookup(desk, CLERK, owner_id=OWNER, dossier=DOSSIER, procedure="1.999999", reason=WHY)
    }
    assert {name: item.answer for name, item in found.items()} == {
        "KS": "held-and-valid",
        "HN": "held-but-expired",
        "KH": "not-held",
        "CT": "not-held",
        "CC": "must-be-brought",
    }
    assert "not connected" in str(found["CT"].reason)
    events = journal(desk, "asked")
    assert [(item["for"], item["answer"]) for item in events] == [(n, i.answer) for n, i in found.items()]
    assert {(item["who"], item["office"], item["dossier"]) for item in events} == {("an", "H17.12", DOSSIER)}
    assert OWNER not in desk.settings.journal.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("state", "answer"), [("found", "held-elsewhere"), ("not_there", "not-held"), ("unavailable", "not-held")]
)
def test_another_database_is_asked_when_nothing_valid_is_held(state: str, answer: str) -> None:
    """What it has need not be brought; that it could not be asked is told, and nothing is made of its silence."""
    component = Component(code="CT", name="Cư trú", types=(BIRTH,), elsewhere="population")
    got = answer_component(component, (), connections=Population(state), today=today(), office="H17.12")
    assert got.answer == answer
    assert bool(got.reason) == (state == "unavailable")


def test_what_is_held_is_not_asked_for_elsewhere() -> None:
    """No other database hears of a person whose paper is held here."""

    class Never:
        def ask(self, source: str, component: Component) -> Elsewhere:
            raise AssertionError(source, component)

    held = HeldPaper(id="a", code="a", type_code=BIRTH, issuer=None, issued=None, valid_until=None)
    component = Component(code="CT", name="Cư trú", types=(BIRTH,), elsewhere="population")
    got = answer_component(component, (held,), connections=Never(), today=today(), office="H17.12")
    assert got.answer == "held-and-valid"


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({"valid_until": today()}, "held-and-valid"),
        ({"valid_until": YESTERDAY}, "held-but-expired"),
        ({"arrived_signed": "untrusted", "level": None}, "held-but-untrusted"),
        ({"arrived_signed": "trusted", "level": None}, "held-and-valid"),
        ({"scope": "H17"}, "held-and-valid"),
        ({"scope": "H17.12"}, "held-and-valid"),
        ({"scope": "H17.1"}, "held-but-not-here"),
        ({"scope": "H29"}, "held-but-not-here"),
    ],
)
def test_a_paper_counts_or_the_reason_is_told(
    desk: Services, tmp_path: Path, changes: dict[str, Any], answer: str
) -> None:
    """A paper counts until its last day, where it is meant for, and when its own signatures are trusted."""
    hold(desk, tmp_path, "birth", **changes)
    assert ask(desk)["KS"] == answer


def test_revoked_and_replaced_papers_do_not_count(desk: Services, tmp_path: Path) -> None:
    """They stay stored, the answer names what came after, and the vault has the decision as a new version."""
    hold(desk, tmp_path, "old")
    hold(desk, tmp_path, "new", owner_id=OTHER_OWNER)
    change_standing(desk, ARCHIVIST, "old", "revoked", reason="QĐ 12/QĐ-UBND")
    assert ask(desk)["KS"] == "held-but-revoked"
    change_standing(desk, ARCHIVIST, "old", "replaced", reason="cấp lại", by="new")
    got = lookup(desk, CLERK, owner_id=OWNER, dossier=DOSSIER, type_code=BIRTH, reason=WHY)[0]
    assert (got.answer, got.paper and got.paper.replaced_by) == (
        "held-but-replaced",
        f"{mask(OWNER)}.KQ.G15.000031.new",
    )
    metadata = json.loads(desk.vault.get("urn:khoso:old").files["metadata.json"].read_text(encoding="utf-8"))
    assert [step["stage"] for step in metadata["history"]] == ["revoked", "replaced"]
    assert metadata["paper"]["standing"] == "replaced"
    change_standing(desk, ARCHIVIST, "old", "in_force", reason="bản án số 5")
    assert ask(desk)["KS"] == "held-and-valid"
    assert [item["standing"] for item in journal(desk, "standing")] == ["revoked", "replaced", "in_force"]


@pytest.mark.parametrize(
    ("standing", "by", "reason"),
    [("replaced", None, "x"), ("revoked", "new", "x"), ("replaced", "old", "x"), ("revoked", None, " ")],
)
def test_a_standing_needs_its_reason_and_successor(
    desk: Services, tmp_path: Path, standing: Any, by: str | None, reason: str
) -> None:
    """Replaced means by another paper, and nothing is revoked without a decision."""
    hold(desk, tmp_path, "old")
    hold(desk, tmp_path, "new", owner_id=OTHER_OWNER)
    with pytest.raises(UsageError):
        change_standing(desk, ARCHIVIST, "old", standing, reason=reason, by=by)
    assert ask(desk)["KS"] == "held-and-valid"


# Who may ask, and for what


@pytest.mark.parametrize("dossier", ["", "  ", "hồ sơ của tôi"])
def test_nothing_is_answered_without_a_purpose(desk: Services, dossier: str) -> None:
    """Without a dossier there is no answer, and the attempt is recorded (law 8A)."""
    with pytest.raises(UsageError, match="purpose") as caught:
        ask(desk, dossier=dossier)
    assert (caught.value.exit_code, caught.value.reason) == (ExitCode.USAGE, "purpose_missing")
    assert [item["act"] for item in journal(desk, "refused")] == ["lookup"]
    assert desk.desk.count_questions() == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"owner_id": "12345"},
        {"procedure": "9.999999"},
        {"procedure": ""},
        {"type_code": BIRTH},
        {"procedure": "", "type_code": "KQ"},
    ],
)
def test_what_cannot_be_asked_is_said(desk: Services, changes: dict[str, Any]) -> None:
    """An identifier, procedure or type that is none is an error, never a "not held"."""
    with pytest.raises(UsageError):
        ask(desk, **changes)


def test_a_desk_asks_about_so_many_owners_an_hour(desk: Services) -> None:
    """The one too many is refused and recorded; the same owners may be asked about again, and archivists are free."""
    desk.settings = desk.settings.model_copy(
        update={"desk": desk.settings.desk.model_copy(update={"owners_per_hour": 2})}
    )
    ask(desk)
    ask(desk, owner_id=OTHER_OWNER)
    with pytest.raises(TooManyQuestions):
        ask(desk, owner_id="048219001291")
    assert [item["reason"] for item in journal(desk, "refused")] == ["too_many"]
    ask(desk, owner_id=OTHER_OWNER)
    ask(desk, ARCHIVIST, owner_id="048219001291")
    ask(desk, Asker(who="chi", office="H17.12", role="desk"), owner_id="048219001291")


def test_roles_come_from_the_settings(settings: Settings) -> None:
    """Nobody names the own role: who is not in the settings is at a desk."""
    named = settings.model_copy(update={"desk": settings.desk.model_copy(update={"roles": {"bình": "archivist"}})})
    assert [asker(named, who).role for who in ("bình", "an")] == ["archivist", "desk"]
    assert [asker(named, "an", office).office for office in ("", "H17.13")] == [named.agency, "H17.13"]
    with pytest.raises(UsageError, match="no agency identifier"):
        asker(named, "an", "quầy số 3")


def test_a_desk_cannot_list_an_owner(desk: Services, tmp_path: Path) -> None:
    """All that is held about a person is shown to archivists and auditors with a reason, and each time recorded."""
    hold(desk, tmp_path, "birth")
    with pytest.raises(NotAllowed):
        view_of_owner(desk, CLERK, OWNER, reason="tò mò")
    with pytest.raises(UsageError, match="reason"):
        view_of_owner(desk, ARCHIVIST, OWNER, reason=" ")
    ask(desk, type_code=BIRTH, procedure="")
    ask(desk, owner_id=OTHER_OWNER)
    use(desk, CLERK, "birth", dossier=DOSSIER, target=tmp_path / "out.pdf")
    view = view_of_owner(desk, ARCHIVIST, OWNER, reason=f"đơn của ông {OWNER}")
    assert [paper.id for paper in view.papers] == ["birth"]
    assert [(item.who, item.dossier, item.asked_for) for item in view.questions] == [("an", DOSSIER, BIRTH)]
    assert [(item.who, item.paper_id) for item in view.uses] == [("an", "birth")]
    assert [item["reason"] for item in journal(desk, "refused")] == ["not_allowed"]
    assert [item["role"] for item in journal(desk, "listed")] == ["archivist"]
    assert OWNER not in desk.settings.journal.read_text(encoding="utf-8")


@pytest.mark.parametrize("typed", [OWNER, "số 048 219 001 275", '"048.219.001.275"', "0482-1900-1275"])
def test_a_desk_cannot_search_by_a_number(desk: Services, typed: str) -> None:
    """However the number is written: a paper may have it in groups, too."""
    with pytest.raises(NotAllowed):
        search(desk, CLERK, typed, 20, filters=Filters())
    assert OWNER not in desk.settings.journal.read_text(encoding="utf-8")


def test_a_desk_cannot_change_a_standing(desk: Services, tmp_path: Path) -> None:
    """Nobody at a desk makes a paper count or not."""
    hold(desk, tmp_path, "birth")
    with pytest.raises(NotAllowed):
        change_standing(desk, CLERK, "birth", "revoked", reason="x")
    assert ask(desk)["KS"] == "held-and-valid"


# What is handed over


def test_a_paper_is_used_once_for_a_dossier(desk: Services, tmp_path: Path) -> None:
    """The file comes with the second call; taking it again is told in the journal, and counts as no other reuse."""
    hold(desk, tmp_path, "birth")
    ask(desk)
    first = use(desk, CLERK, "birth", dossier=DOSSIER, target=tmp_path / "one")
    again = use(desk, CLERK, f"{OWNER}.KQ.G15.000031.birth", dossier=DOSSIER, target=tmp_path / "two")
    assert (first.first_use, again.first_use) == (True, False)
    assert (tmp_path / "one").read_text(encoding="utf-8") == (tmp_path / "two").read_text(encoding="utf-8") == "birth"
    assert [(item.paper_id, item.asked_for, item.procedure) for item in desk.desk.uses_for(DOSSIER)] == [
        ("birth", "KS", "1.999999")
    ]
    assert len(journal(desk, "used")) == len(journal(desk, "used_again")) == 1


def test_a_code_that_nobody_looked_up_tells_nothing(desk: Services, tmp_path: Path) -> None:
    """A paper that is held and one that is not are answered and recorded alike: a code tells whose it is."""
    hold(desk, tmp_path, "birth")
    answers = []
    for code in ("birth", "death"):
        with pytest.raises(NotAllowed) as caught:
            use(desk, CLERK, code, dossier=DOSSIER, target=tmp_path / "out.pdf")
        event = list(desk.journal.events())[-1]
        answers.append((caught.value.explain(), event["act"], event["reason"], event["subject"] == code))
    assert answers[0] == answers[1]
    assert answers[0][1:] == ("use", "not_asked", True)


def test_nothing_is_handed_over_unasked(desk: Services, tmp_path: Path) -> None:
    """No file without a purpose, for another dossier, at another office, long after, or when it did not count."""
    hold(desk, tmp_path, "birth")
    hold(desk, tmp_path, "single", type_code=SINGLE, valid_until=YESTERDAY)
    target = tmp_path / "out.pdf"
    with pytest.raises(UsageError, match="purpose"):
        use(desk, CLERK, "birth", dossier="", target=target)
    with pytest.raises(NotAllowed):
        use(desk, CLERK, "birth", dossier=DOSSIER, target=target)
    ask(desk)
    other_office = CLERK.model_copy(update={"office": "H17.13"})
    for by, code, dossier in (
        (CLERK, "birth", OTHER_DOSSIER),
        (other_office, "birth", DOSSIER),
        (CLERK, "single", DOSSIER),
    ):
        with pytest.raises(NotAllowed):
            use(desk, by, code, dossier=dossier, target=target)
    desk.settings = desk.settings.model_copy(
        update={"desk": desk.settings.desk.model_copy(update={"ask_before_s": -1})}
    )
    with pytest.raises(NotAllowed):
        use(desk, CLERK, "birth", dossier=DOSSIER, target=target)
    assert not target.exists()
    assert not desk.desk.uses_for(DOSSIER)
    assert [item["reason"] for item in journal(desk, "refused")] == ["purpose_missing", *["not_asked"] * 5]


def test_what_ceased_to_count_is_not_handed_over(desk: Services, tmp_path: Path) -> None:
    """Between question and use a paper may be revoked, or its file be damaged: neither goes out."""
    hold(desk, tmp_path, "birth")
    hold(desk, tmp_path, "other", owner_id=OTHER_OWNER, pdf_sha256="0" * 64)
    ask(desk)
    ask(desk, owner_id=OTHER_OWNER)
    change_standing(desk, ARCHIVIST, "birth", "revoked", reason="QĐ 12")
    with pytest.raises(NotValid, match="revoked"):
        use(desk, CLERK, "birth", dossier=DOSSIER, target=tmp_path / "out")
    with pytest.raises(NotValid, match="not the one that was archived"):
        use(desk, CLERK, "other", dossier=DOSSIER, target=tmp_path / "out")
    assert [item["reason"] for item in journal(desk, "refused")] == ["held-but-revoked", "damaged"]
    assert not desk.desk.uses_for(DOSSIER)


def test_no_file_is_overwritten(desk: Services, tmp_path: Path) -> None:
    """What lies at the target stays."""
    hold(desk, tmp_path, "birth")
    ask(desk)
    (tmp_path / "mine").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="already"):
        use(desk, CLERK, "birth", dossier=DOSSIER, target=tmp_path / "mine")
    assert (tmp_path / "mine").read_text(encoding="utf-8") == "mine"


# How it is found


def test_a_lookup_reads_no_whole_table(desk: Services, tmp_path: Path) -> None:
    """Every statement goes through an index, so a million papers do not slow it down."""
    hold(desk, tmp_path, "birth")
    ask(desk)
    asked: list[tuple[Any, str, Any]] = []
    engines = (desk.catalogue._engine, desk.desk._engine)
    for engine in engines:
        event.listen(
            engine,
            "before_cursor_execute",
            lambda *got, of=engine: asked.append((of, got[2], got[3])),
            named=False,
        )
    ask(desk)
    selects = [item for item in asked if item[1].startswith("SELECT")]
    assert len({id(item[0]) for item in selects}) == len(engines)
    for engine, text, values in selects:
        with engine.connect() as db:
            plans = [row[3] for row in db.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)]
        assert plans
        assert not [plan for plan in plans if plan.startswith("SCAN")]


def test_an_owner_is_found_however_the_number_is_written(desk: Services, tmp_path: Path) -> None:
    """Spaces and dots in an identifier do not make a person without papers."""
    hold(desk, tmp_path, "birth")
    assert ask(desk, owner_id="048 219.001 275")["KS"] == "held-and-valid"


def test_the_command_answers_per_component(settings: Settings, tmp_path: Path) -> None:
    """`lookup --json` gives a line per component, `use` the file, `owner` nothing to a desk."""
    with open_services(settings) as ctx:
        hold(ctx, tmp_path, "single", type_code=SINGLE)
    run = CliRunner()
    common = ["--home", str(settings.home), "--who", "an", "--json"]
    got = run.invoke(
        app, ["lookup", "--reason", WHY, "--owner", OWNER, "--dossier", DOSSIER, "--procedure", "1.000894", *common]
    )
    lines = [json.loads(line) for line in got.stdout.splitlines()]
    answers = {line["component"]: line["answer"] for line in lines if line["role"] == "applicant"}
    assert answers["000.00.00.G15-KQ004427"] == "held-and-valid"
    assert answers["000.00.00.G15-KQ003229"] == answers["000.00.00.G15-KQ004946"] == "must-be-brought"
    held = next(line for line in lines if line["component"] == "000.00.00.G15-KQ004427")
    assert (held["id"], held["valid_until"], held["signatures"]) == ("single", "permanent", "ours, B-T")
    assert "pdf" not in held
    out = tmp_path / "out.pdf"
    used = run.invoke(app, ["use", held["id"], "--dossier", DOSSIER, "--out", str(out), *common])
    assert (used.exit_code, out.read_text(encoding="utf-8")) == (0, "single")
    for listing in (["owner", OWNER, "--reason", "x"], ["search", f'giấy "{OWNER}"'], ["search", "--owner", OWNER]):
        refused = run.invoke(app, [*listing, *common])
        assert (refused.exit_code, refused.stdout) == (ExitCode.REFUSED, "")


@pytest.mark.parametrize("kind", ["tantivy", "elasticsearch"])
def test_archivists_search_an_owner_with_a_reason(desk: Services, tmp_path: Path, kind: str) -> None:
    """The filter holds in the index, and in the catalogue while the engine is away; each use of it is recorded."""
    hold(desk, tmp_path, "mine", title="Giấy khai sinh", type_code=SINGLE)
    hold(desk, tmp_path, "other", title="Giấy khai sinh", owner_id=OTHER_OWNER)
    if kind == "elasticsearch":
        away = SearchSettings(
            kind=kind, path=tmp_path, elasticsearch=ElasticsearchSettings(urls=("http://127.0.0.1:9",))
        )
        desk.settings = desk.settings.model_copy(update={"search": away})
    else:
        drain(desk)
    with pytest.raises(UsageError, match="reason"):
        owner_filter(desk, ARCHIVIST, OWNER, reason="")
    with pytest.raises(NotAllowed):
        owner_filter(desk, CLERK, OWNER, reason="tò mò")
    found = find(desk, "khai sinh", 20, filters=Filters(owners=owner_filter(desk, ARCHIVIST, OWNER, reason="đơn")))
    assert [paper.id for paper, _ in found.papers] == ["mine"]
    assert bool(found.away) == (kind == "elasticsearch")
    assert [item["reason"] for item in journal(desk, "listed")] == ["đơn"]


def test_keyed_hashes_depend_on_the_secret() -> None:
    """Without the secret nobody can try identifiers against a stolen database."""
    one, other = OwnerKeys(b"1" * 32), OwnerKeys(b"2" * 32)
    assert one.of(OWNER) == OwnerKeys(b"1" * 32).of("048 219 001 275")
    assert len({one.of(OWNER), other.of(OWNER), one.of(OTHER_OWNER), one.check}) == 4
