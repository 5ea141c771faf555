"""A paper that waits for review, or is on its way, is told to who looks it up: that it is there, not what it says."""

import json
import sqlite3
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from config.models import Component, Procedure, Procedures
from config.settings import Settings
from domain.clock import today
from domain.errors import ExitCode, NotFound
from pipeline.intake import open_batch, take_in
from pipeline.records import Statement
from pipeline.runner import advance
from services.context import Services, open_services
from services.dossiers.demanded import show_dossier
from services.dossiers.take_in import take_in_dossiers
from services.permissions import Asker
from services.registers.interface import ComponentAnswer
from services.reuse.asking import lookup
from services.reuse.handing_over import use
from services.reuse.owner_view import view_of_owner
from services.review import decisions, ending, undo
from services.secrecy.decisions import say_secret
from tests.services.test_printing import words
from tests.support.desk import WHY, bring, run_json, screen
from tests.support.held_papers import OTHER_OWNER, OWNER, hold
from tests.support.written_pdfs import page

BIRTH, SINGLE, MARRIAGE = "KQ.G15.000031", "KQ.G15.000038", "KQ.G15.000032"
DOSSIER, OTHER_DOSSIER = "H17.12-261124-0001", "H17.12-261124-0002"
CLERK = Asker(who="an", office="H17.12", role="desk")
ELSEWHERE = Asker(who="em", office="H29.1", role="desk")
LAN, BINH = (Asker(who=name, office="H17.12", role="archivist") for name in ("Lan", "Bình"))
FIELDS = {
    "owner_id": OWNER,
    "owner_name": "Nguyễn Thị Thu Hà",
    "issued_date": "2019-06-26",
    "issuer": "Ủy ban nhân dân phường Hải Châu",
}


PROCEDURE = Procedure(
    code="1.999999",
    name="Thủ tục thử",
    field="Hộ tịch",
    level="commune",
    components=(
        Component(code="KS", name="Giấy khai sinh", types=(BIRTH,)),
        Component(code="HN", name="Giấy xác nhận tình trạng hôn nhân", types=(SINGLE,)),
    ),
    valid_from=date(2016, 1, 1),
    confirmed=False,
    source="made for the test",
)


@pytest.fixture
def ctx(settings: Settings) -> Iterator[Services]:
    """An empty store whose catalogue knows the procedure of the test."""
    with open_services(settings) as opened:
        opened.catalogues = opened.catalogues.model_copy(update={"procedures": Procedures((PROCEDURE,))})
        yield opened


def waiting(ctx: Services, folder: Path, name: str = "a", type_code: str = BIRTH, **changes: Any) -> str:
    """A paper of which the number is missing, so that it waits for review."""
    stated = {key: changes.pop(key, value) for key, value in FIELDS.items()} | changes.pop("fields", {})
    path = folder / f"{name}.pdf"
    path.write_bytes(page(("GIẤY TỜ", f"tờ {name}", "Họ và tên, ngày sinh, nơi sinh", "Người ký")))
    return bring(ctx, path, Statement(type_code=type_code, fields=stated, **changes))


def ask(ctx: Services, type_code: str = BIRTH, by: Asker = CLERK, **changes: Any) -> ComponentAnswer:
    """The answer about one type."""
    given: dict[str, Any] = {"owner_id": OWNER, "dossier": DOSSIER, "reason": WHY, **changes}
    (answer,) = lookup(ctx, by, type_code=type_code, **given)
    return answer


def test_a_paper_in_review_is_told(ctx: Services, tmp_path: Path) -> None:
    """What it is, since when and where it stands; journal and desk have the answer, and a later look-up is another."""
    name = waiting(ctx, tmp_path)
    answer = ask(ctx)
    view = answer.view(1)
    assert (answer.answer, answer.paper, view.id, view.code) == ("held-unchecked", None, None, None)
    assert view.on_way is not None
    assert (view.on_way.id, view.on_way.state, view.on_way.since) == (name, "held", today())
    assert "waits to be checked" in view.why
    assert f"review {name}" in view.why
    assert all(text not in view.line()["why"] for text in (OWNER, FIELDS["owner_name"], FIELDS["issuer"]))
    (event,) = [dict(item) for item in ctx.journal.events() if item["event"] == "asked"]
    assert (event["answer"], event["paper"]) == ("held-unchecked", name)
    (asked,) = view_of_owner(ctx, LAN, OWNER, reason="yêu cầu").questions
    assert (asked.answer, asked.paper_id) == ("held-unchecked", name)
    decisions.release(ctx, LAN, name, {"number_symbol": "215/2019"})
    assert ask(ctx).answer == "held-and-valid"


def test_it_is_never_handed_over(ctx: Services, tmp_path: Path) -> None:
    """By number, id or beginning; also not when it was archived since, before somebody asks again."""
    name = waiting(ctx, tmp_path)
    ask(ctx)
    for _ in range(2):
        with pytest.raises(NotFound, match="checked"):
            use(ctx, CLERK, "1", dossier=DOSSIER, target=tmp_path / "out.pdf")
        with pytest.raises(Exception, match="asked"):
            use(ctx, CLERK, name, dossier=DOSSIER, target=tmp_path / "out.pdf")
        if ctx.catalogue.paper(name) is None:
            decisions.release(ctx, LAN, name, {"number_symbol": "215/2019"})
    assert not (tmp_path / "out.pdf").exists()
    ask(ctx)
    assert use(ctx, CLERK, "1", dossier=DOSSIER, target=tmp_path / "out.pdf").first_use


def test_who_may_not_see_it_gets_no_name(ctx: Services, tmp_path: Path) -> None:
    """Another office is told that there is one, without its id, its batch, or where it stands."""
    name = waiting(ctx, tmp_path, dossier="H17.12-260101-0001")
    answer = ask(ctx, by=ELSEWHERE)
    view = answer.view(1)
    assert answer.answer == "held-unchecked"
    assert view.on_way is not None
    assert (view.on_way.id, view.on_way.batch, view.on_way.stage) == (None, None, None)
    assert name not in str(view.line())
    assert "test" not in view.why.split()


@pytest.mark.parametrize(
    ("type_code", "changes"),
    [
        (SINGLE, {}),
        (BIRTH, {"owner_id": OTHER_OWNER}),
        (BIRTH, {"owner_id": OTHER_OWNER, "fields": {"further_owners": f"mother: Nguyễn Thị Thu Hà, {OWNER}"}}),
        (BIRTH, {"fields": {"valid_until": f"{today() - timedelta(days=1)}"}}),
        (BIRTH, {"fields": {"scope": "H29"}}),
    ],
)
def test_what_would_not_serve_is_not_told(
    ctx: Services, tmp_path: Path, type_code: str, changes: dict[str, Any]
) -> None:
    """Another type, somebody else's, one that only names the person, one that is over, or that counts elsewhere."""
    waiting(ctx, tmp_path, type_code=type_code, **changes)
    assert ask(ctx).answer == "not-held"


def test_each_of_two_owners_is_told(ctx: Services, tmp_path: Path) -> None:
    """A certificate of marriage that waits is both spouses'."""
    husband = f"husband: Phan Văn Dũng, {OTHER_OWNER}"
    waiting(ctx, tmp_path, type_code=MARRIAGE, fields={"owner_role": "wife", "further_owners": husband})
    for owner in (OWNER, OTHER_OWNER):
        assert ask(ctx, MARRIAGE, owner_id=owner).answer == "held-unchecked"


def test_beside_a_paper_that_does_not_count_it_is_a_remark(ctx: Services, tmp_path: Path) -> None:
    """The answer stays, with its paper, and says that another one is on its way; beside one that counts nothing is."""
    waiting(ctx, tmp_path, type_code=SINGLE, issued_date=f"{today()}")
    hold(ctx, tmp_path, "old", type_code=SINGLE, valid_until=today() - timedelta(days=1))
    answer = ask(ctx, SINGLE)
    assert (answer.answer, answer.paper and answer.paper.id) == ("held-but-expired", "old")
    assert "waits to be checked" in answer.view(1).why
    hold(ctx, tmp_path, "new", type_code=SINGLE)
    answer = ask(ctx, SINGLE)
    assert (answer.answer, answer.on_way, answer.view(1).why) == ("held-and-valid", None, "")


def test_what_may_be_secret_is_told_to_nobody(ctx: Services, tmp_path: Path) -> None:
    """Before that is decided, and after one person ended it; the answer of before is hidden from then on, too."""
    secret = waiting(ctx, tmp_path, "s", secrecy="MẬT")
    assert ask(ctx).answer == "not-held"
    say_secret(ctx, LAN, secret, "là mật")
    assert ask(ctx).answer == "not-held"
    name = waiting(ctx, tmp_path)
    assert ask(ctx).answer == "held-unchecked"
    entry = ctx.ledger.entry(name)
    assert entry is not None
    with ctx.ledger.discard(entry, "secret", entry.reason, "Lan", record="{}"):
        pass
    assert ask(ctx).answer == "not-held"
    asked = view_of_owner(ctx, LAN, OWNER, reason="yêu cầu").questions
    assert [item.answer for item in asked] == ["not-held"] * 4


def test_what_has_ended_is_not_told(ctx: Services, tmp_path: Path) -> None:
    """Discarded or sent back, and told again when that is taken back."""
    name = waiting(ctx, tmp_path)
    ending.discard(ctx, LAN, name, "tờ trắng")
    assert ask(ctx).answer == "not-held"
    undo.take_back(ctx, LAN, name)
    assert ask(ctx).answer == "held-unchecked"
    ending.reject(ctx, LAN, name, "rescan", "mờ")
    assert ask(ctx).answer == "not-held"


def test_a_number_that_a_person_corrects_is_followed(ctx: Services, tmp_path: Path) -> None:
    """The paper is told of under the number that its record has now, and under no other."""
    name = waiting(ctx, tmp_path)
    decisions.release(ctx, LAN, name, {"owner_id": OTHER_OWNER})
    assert ask(ctx).answer == "not-held"
    assert ask(ctx, owner_id=OTHER_OWNER).answer == "held-unchecked"
    undo.take_back(ctx, LAN, name)
    assert ask(ctx).answer == "held-unchecked"
    assert ask(ctx, owner_id=OTHER_OWNER).answer == "not-held"


def test_it_is_told_from_review_until_it_is_archived(ctx: Services, tmp_path: Path) -> None:
    """Not while its secrecy is looked at, as something else once it is archived, and never as both."""
    path = tmp_path / "a.pdf"
    path.write_bytes(page())
    fields: Any = {**FIELDS, "number_symbol": "215/2019"}
    seen = take_in(ctx, path, open_batch(ctx, "test"), Statement(type_code=BIRTH, fields=fields))
    assert seen.document_id is not None
    told: dict[str, tuple[str, str]] = {}
    while (entry := ctx.ledger.entry(seen.document_id)) is not None and entry.state == "waiting":
        answer = ask(ctx)
        told[entry.stage] = (answer.answer, answer.view(1).why.partition(";")[0].partition(": ")[2])
        advance(ctx, entry.id, entry.stage)
    assert entry is not None
    assert entry.state == "done"
    before, under_way = ("not-held", ""), ("held-unchecked", "is being digitised")
    assert told == {
        **dict.fromkeys(("receive", "prepare", "recognize", "conform", "sign", "describe"), before),
        **dict.fromkeys(("review", "code", "seal", "extend"), under_way),
        "archive": ("held-and-valid", ""),
    }


def test_a_ledger_that_cannot_be_read_is_told(settings: Settings, tmp_path: Path) -> None:
    """Nothing is concluded from it, and what is held is answered as before."""
    with open_services(settings) as ctx:
        waiting(ctx, tmp_path)
        hold(ctx, tmp_path, "single", type_code=SINGLE)
    for path in settings.home.glob("ledger.sqlite*"):
        path.write_bytes(b"no such thing\n" * 100)
    with open_services(settings) as ctx:
        assert ask(ctx, SINGLE).answer == "held-and-valid"
        answer = ask(ctx)
        assert (answer.answer, answer.why and answer.why.code) == ("not-held", "on_way_not_known")


def test_found_under_another_secret(settings: Settings, tmp_path: Path) -> None:
    """When the secret was lost and another one is made, what waits is entered anew with it."""
    with open_services(settings) as ctx:
        waiting(ctx, tmp_path)
        assert ask(ctx).answer == "held-unchecked"
    settings.owner_secret.unlink()
    assert run_json(settings, "rebuild")[0] in {ExitCode.OK, ExitCode.NOT_VALID}
    with open_services(settings) as ctx:
        assert ask(ctx).answer == "held-unchecked"


def test_a_store_of_an_earlier_release(settings: Settings, tmp_path: Path) -> None:
    """What waited there is entered when somebody asks first."""
    with open_services(settings) as ctx:
        waiting(ctx, tmp_path)
    with sqlite3.connect(settings.home / "ledger.sqlite") as db:
        for table in ("on_way", "on_way_words", "ledger_properties"):
            db.execute(f"DROP TABLE {table}")
        db.execute("UPDATE ledger_version SET version_num = 'ledger_0005'")
    with open_services(settings) as ctx:
        assert ask(ctx).answer == "held-unchecked"


def test_an_imported_dossier_is_answered_with_it(ctx: Services, tmp_path: Path) -> None:
    """The kept answer says so without a name; nothing of a paper of the dossier itself, nor of what is secret since."""
    name = waiting(ctx, tmp_path)
    imported(ctx, tmp_path, DOSSIER)
    (answer,) = (item for item in show_dossier(ctx, CLERK, DOSSIER).answers if item.answer != "not-held")
    assert (answer.answer, answer.paper, name in answer.why) == ("held-unchecked", None, False)
    assert "waits to be checked" in answer.why
    waiting(ctx, tmp_path, "b", SINGLE, owner_id=OTHER_OWNER, dossier=OTHER_DOSSIER)
    imported(ctx, tmp_path, OTHER_DOSSIER, OTHER_OWNER)
    assert {item.answer for item in show_dossier(ctx, CLERK, OTHER_DOSSIER).answers} == {"not-held"}
    entry = ctx.ledger.entry(name)
    assert entry is not None
    with ctx.ledger.discard(entry, "secret", entry.reason, "Lan", record="{}"):
        pass
    assert {item.answer for item in show_dossier(ctx, CLERK, DOSSIER).answers} == {"not-held"}


def imported(ctx: Services, folder: Path, dossier: str, owner: str = OWNER) -> None:
    """Enter a dossier of the procedure."""
    fields = {
        "MaHoSo": dossier,
        "MaTTHC": PROCEDURE.code,
        "SoGiayToChuHoSo": owner,
        "NgayTiepNhan": f"{today():%Y%m%d}",
    }
    file = folder / f"{dossier}.json"
    file.write_text(json.dumps([fields]), encoding="utf-8")
    take_in_dossiers(ctx, CLERK, file)


def test_on_the_screen_and_the_slip(settings: Settings, tmp_path: Path) -> None:
    """The clerk reads who can hurry it; the slip, which is the owner's, only that it is there."""
    with open_services(settings) as ctx:
        name = waiting(ctx, tmp_path)
        ask(ctx, slip=tmp_path / "slip.pdf")
    asked = ("lookup", "--owner", OWNER, "--dossier", DOSSIER, "--type", BIRTH, "--reason", WHY)
    text = "".join(screen(settings, *asked).split())
    assert "received,notyetchecked" in text
    code, (line,) = run_json(settings, *asked)
    assert (code, line["answer"], line["on_way"]["id"]) == (ExitCode.OK, "held-unchecked", name)
    printed = " ".join(words((tmp_path / "slip.pdf").read_bytes()))
    _, _, told = printed.partition("3. Giấy tờ đã nhận, chưa kiểm tra xong")
    assert "đang chờ kiểm tra" in told
    assert name not in printed


def test_many_papers_that_wait_are_not_read(ctx: Services, tmp_path: Path) -> None:
    """A look-up reads the records of the owner's papers alone, however many wait, and scans no table."""
    name = waiting(ctx, tmp_path)
    entry = ctx.ledger.entry(name)
    assert entry is not None
    with sqlite3.connect(ctx.settings.home / "ledger.sqlite") as db:
        columns = [row[1] for row in db.execute("PRAGMA table_info(documents)") if row[1] not in {"id", "record"}]
        record = entry.record.replace(OWNER, OTHER_OWNER)
        rows = [(f"w{number}", record) for number in range(300)]
        same = ", ".join(columns)
        sql = f"INSERT INTO documents (id, record, {same}) SELECT ?, ?, {same} FROM documents WHERE id = '{name}'"  # noqa: S608 (names of our own)
        db.executemany(sql, rows)
    statements: list[tuple[str, Any]] = []
    event.listen(ctx.ledger._engine, "before_cursor_execute", lambda *said: statements.append((said[2], said[3])))
    assert ask(ctx).answer == "held-unchecked"
    with sqlite3.connect(ctx.settings.home / "ledger.sqlite") as db:
        plans = [
            row[3]
            for text, values in statements
            if text.lstrip().startswith("SELECT")
            for row in db.execute(f"EXPLAIN QUERY PLAN {text}", values)
        ]
    assert plans
    assert not [plan for plan in plans if "SCAN documents" in plan or "SCAN on_way" in plan]
