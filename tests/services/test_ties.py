"""A paper is in a dossier by the word of somebody who knows: on arrival, at review, or later (law L2.8, L2.13)."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from archive.errors import ResultCodeTaken
from archive.interface import Paper
from config.settings import Settings
from domain.clock import today
from domain.errors import ExitCode, NotFound, UsageError
from pipeline.records import Statement
from search.filters import Filters
from services.context import Services, open_services
from services.corrections.correcting import correct
from services.document import show
from services.dossiers.give_back import export
from services.dossiers.owners import AnothersDossier
from services.dossiers.tie import tie, untie
from services.permissions import Asker, NotAllowed
from services.rebuild import rebuild_catalogue
from services.review.decisions import release
from services.review.ending import discard
from services.search import find
from tests.support.desk import STATED, bring, run_json
from tests.support.held_papers import OTHER_OWNER, OWNER, hold
from tests.support.written_pdfs import NOTICE, page

CODE, OTHER = "H17.12-261124-0001", "H17.12-261124-0002"
LAN = Asker(who="Lan", office="H17.12", role="operator")
CLERK = Asker(who="An", office="H17.12", role="desk")
BINH = Asker(who="Bình", office="H17.12", role="archivist")
MARRIAGE = "KQ.G15.990003"


@pytest.fixture
def ctx(settings: Settings) -> Iterator[Services]:
    """A store in which Bình is the archivist."""
    settings.home.mkdir(exist_ok=True)
    (settings.home / "khoso.toml").write_text('[desk.roles]\n"Bình" = "archivist"\n', encoding="utf-8")
    with open_services(settings) as opened:
        yield opened


def know(ctx: Services, code: str, owner: str, *others: str, finished: str = "") -> None:
    """Import a dossier of an owner, who may have other identifiers, too."""
    fields = {
        "MaHoSo": code,
        "MaTTHC": "1.000894",
        "SoGiayToChuHoSo": owner,
        "NgayTiepNhan": "20261124",
        "TrangThaiHoSo": "4",
        "NgayKetThucXuLy": finished,
        "DinhDanhCHS": [{"LoaiDinhDanh": "2", "SoDinhDanh": other} for other in others],
    }
    path = ctx.settings.home.parent / "dossiers.json"
    path.write_text(json.dumps([fields]), encoding="utf-8")
    assert run_json(ctx.settings, "dossiers", "import", str(path), "--who", "an")[0] == ExitCode.OK


def exported(ctx: Services, *options: str) -> tuple[int, list[dict[str, Any]], list[Any]]:
    """Exit code and lines of an export, and what it wrote."""
    path = ctx.settings.home.parent / "out.json"
    path.unlink(missing_ok=True)
    code, lines = run_json(ctx.settings, "dossiers", "export", "-o", str(path), "--who", "Bình", *options)
    return code, lines, json.loads(path.read_text(encoding="utf-8"))


def put_in(ctx: Services, folder: Path, number: int, **stated: str) -> str:
    """Put in a notice of that number with what is stated of it; its id."""
    path = folder / f"{number}.pdf"
    path.write_bytes(page((*NOTICE, f"Bản số {number}")))
    fields: dict[Any, str] = {**STATED.fields, "number_symbol": f"{number}/TB-UBND"}
    fields |= {name: value for name, value in stated.items() if name != "dossier"}
    return bring(ctx, path, Statement(type_code=STATED.type_code, dossier=stated.get("dossier"), fields=fields))


def held(ctx: Services, document: str) -> Paper:
    """The row of a paper that is archived."""
    paper = ctx.catalogue.paper(document)
    assert paper is not None, ctx.ledger.entry(document)
    return paper


def whole(ctx: Services) -> bool:
    """Make the catalogue anew; whether that finds all as it was."""
    found = rebuild_catalogue(ctx)
    assert (found.unread, found.differences) == ((), ())
    return True


def reason_of(ctx: Services, document: str) -> str:
    """Why a document waits."""
    entry = ctx.ledger.entry(document)
    assert entry is not None
    return entry.reason.text()


def test_a_paper_that_comes_without_a_dossier_gets_a_file_code(ctx: Services, tmp_path: Path) -> None:
    """No code of the one-stop system is made up for it: neither a dossier's nor a result's."""
    paper = held(ctx, put_in(ctx, tmp_path, 1))
    assert (paper.dossier, paper.result_code, paper.file_code) == (None, None, "H17.12.2026.SH000001")
    assert show(ctx, LAN, "H17.12.2026.SH000001").id == paper.id
    assert [item[0].id for item in find(ctx, "H17.12.2026.SH000001", 5, filters=Filters()).papers] == [paper.id]
    assert held(ctx, put_in(ctx, tmp_path, 2, issued_date="1998-03-12")).file_code == "H17.12.1998.SH000001"
    assert held(ctx, put_in(ctx, tmp_path, 3, dossier=CODE)).file_code is None


def test_the_second_paper_of_a_result_code_waits_for_the_right_one(ctx: Services, tmp_path: Path) -> None:
    """One of both is wrong: a person gives the right code, or says that there is none."""
    first = held(ctx, put_in(ctx, tmp_path, 1, dossier=CODE, result_code=f"{CODE}-KQ1"))
    assert (first.dossier, first.result_code) == (CODE, f"{CODE}-KQ1")
    second, third = (put_in(ctx, tmp_path, n, dossier=CODE, result_code=f"{CODE}-KQ1") for n in (2, 3))
    assert reason_of(ctx, second).startswith(
        f"{ResultCodeTaken.reason}: {CODE}-KQ1 is the result code of document {first.id}"
    )
    release(ctx, LAN, second, {"result_code": f"{CODE}-KQ2"})
    release(ctx, LAN, third, {"result_code": ""})
    assert [held(ctx, item).result_code for item in (second, third)] == [f"{CODE}-KQ2", None]
    assert [held(ctx, item).dossier for item in (second, third)] == [CODE, CODE]


def test_a_result_code_of_another_dossier_is_asked(ctx: Services, tmp_path: Path) -> None:
    """A result code tells its dossier: it is the paper's, or one of both is wrong."""
    document = put_in(ctx, tmp_path, 1, dossier=CODE, result_code=f"{OTHER}-KQ1")
    assert "result_code: " in reason_of(ctx, document)
    with pytest.raises(UsageError, match="of another dossier"):
        release(ctx, LAN, document, {})
    release(ctx, LAN, document, {"dossier_code": OTHER})
    assert (held(ctx, document).dossier, held(ctx, document).result_code) == (OTHER, f"{OTHER}-KQ1")


def test_a_code_that_is_only_printed_on_the_paper_ties_it_to_nothing(ctx: Services, tmp_path: Path) -> None:
    """It may be that of another paper, or be misread: it is shown, and a person enters it."""
    path = tmp_path / "a.pdf"
    path.write_bytes(page((*NOTICE, f"Mã hồ sơ: {CODE}")))
    paper = held(ctx, bring(ctx, path, STATED))
    assert (paper.dossier, paper.file_code) == (None, "H17.12.2026.SH000001")
    assert show(ctx, LAN, paper.id).fields["dossier_code"].value == CODE


def test_a_held_paper_is_tied_and_its_codes_stay(ctx: Services, tmp_path: Path) -> None:
    """Vault, catalogue and index know the dossier, after a rebuild too; who and why is in the journal."""
    paper = hold(ctx, tmp_path, "1", type_code=MARRIAGE, dossier=None, file_code="H17.2018.SH000007")
    know(ctx, CODE, OWNER)
    assert exported(ctx, "--results") == (0, [{"count": 0, "file": str(tmp_path / "out.json"), "left_out": 0}], [])
    tied = tie(ctx, CLERK, "H17.2018.SH000007", CODE, reason="phiếu nhập kho")
    assert tied == paper.model_copy(update={"dossier": CODE, "tied_at": tied.tied_at})
    assert tie(ctx, CLERK, "1", CODE, reason="phiếu nhập kho") == tied, "once"
    assert held(ctx, "1") == tied
    assert [item[0].id for item in find(ctx, "", 5, filters=Filters(dossier=CODE)).papers] == ["1"]
    for number in range(2):
        assert [item["TenFileGiayToKetQuaDinhKem"] for item in exported(ctx, "--results")[2]] == ["1.pdf"], number
        assert exported(ctx, "--since", str(today()))[2][0]["DanhSachGiayToKetQua"][0]["GiayToId"] == "1"
        assert whole(ctx)
        assert held(ctx, "1") == tied
    events = [item for item in ctx.journal.events() if item["event"] == "tied"]
    assert [(item["who"], item["dossier"], item["reason"]) for item in events] == [("An", CODE, "phiếu nhập kho")]


def test_a_wrong_tie_is_taken_off(ctx: Services, tmp_path: Path) -> None:
    """The paper gets a file code, its result code is free for the right one, and nothing of it is exported."""
    hold(ctx, tmp_path, "1", type_code=MARRIAGE, dossier=CODE, result_code=f"{CODE}-KQ1")
    know(ctx, CODE, OWNER)
    with pytest.raises(UsageError, match="is in the dossier"):
        tie(ctx, LAN, "1", OTHER, reason="nhầm")
    free = untie(ctx, LAN, "1", reason="nhầm hồ sơ")
    assert (free.dossier, free.result_code) == (None, None)
    assert str(free.file_code).startswith("H17.12.")
    assert untie(ctx, LAN, "1", reason="nhầm hồ sơ") == free, "once"
    hold(ctx, tmp_path, "2", dossier=None)
    with pytest.raises(UsageError, match="never was in a dossier"):
        untie(ctx, LAN, "2", reason="nhầm hồ sơ")
    assert exported(ctx, "--results")[2] == []
    assert whole(ctx)
    assert held(ctx, "1") == free
    assert tie(ctx, LAN, "1", OTHER, reason="đúng").file_code == free.file_code
    assert ctx.catalogue.mint("x", prefix="Q", dossier=CODE, result=f"{CODE}-KQ1").result == f"{CODE}-KQ1"


def test_what_is_taken_out_or_put_right_is_given_back_again(
    ctx: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The portal learns from the next `--since` that a result is none, or says something else."""
    hold(ctx, tmp_path, "1", type_code=MARRIAGE, dossier=CODE)
    hold(ctx, tmp_path, "2", type_code=MARRIAGE, dossier=OTHER, digitisation_code="2")
    know(ctx, CODE, OWNER)
    monkeypatch.setattr(ctx.desk, "dossiers", lambda _since=None: iter(()))  # they came long ago
    monkeypatch.setattr(ctx.catalogue, "dossiers_since", lambda _since: set())
    assert export(ctx, BINH, tmp_path / "a.json", since=today()).count == 0
    correct(ctx, BINH, "1", {"title": "Khác"}, reason="sổ gốc")
    assert export(ctx, BINH, tmp_path / "b.json", since=today()).count == 1
    assert "Khác" in (tmp_path / "b.json").read_text(encoding="utf-8")
    untie(ctx, LAN, "1", reason="nhầm")
    assert export(ctx, BINH, tmp_path / "c.json", since=today()).count == 1
    assert "Khác" not in (tmp_path / "c.json").read_text(encoding="utf-8")
    assert export(ctx, BINH, tmp_path / "d.json", since=today() + timedelta(days=1)).count == 0


def test_a_paper_that_is_tied_to_an_ended_dossier_counts_from_its_end(ctx: Services, tmp_path: Path) -> None:
    """At once, and not at the next import (law L6.1)."""
    kept = {
        "type_code": "KQ.H17.990005",
        "retention_class": "20-nam",
        "dossier": None,
        "file_code": "H17.2018.SH000007",
    }
    hold(ctx, tmp_path, "1", **kept)
    know(ctx, CODE, OWNER, finished="20271125")
    for _ in range(2):
        assert tie(ctx, CLERK, "1", CODE, reason="phiếu").retention_until == 2027 + 20
    assert whole(ctx)
    assert held(ctx, "1").retention_until == 2027 + 20


def test_a_dossier_of_somebody_else_is_confirmed_with_a_reason(ctx: Services, tmp_path: Path) -> None:
    """Until then no export names the paper there: it is counted, masked, told with what to do (design law 7)."""
    hold(ctx, tmp_path, "2", type_code=MARRIAGE, dossier=None, owner_id=OTHER_OWNER)
    hold(ctx, tmp_path, "3", type_code=MARRIAGE, dossier=CODE, owner_id=OTHER_OWNER)
    know(ctx, CODE, OWNER)
    with pytest.raises(AnothersDossier) as caught:
        tie(ctx, CLERK, "2", CODE, reason="giấy khai sinh của con")
    assert "--other-owner" in caught.value.advice
    assert held(ctx, "2").dossier is None
    code, (count, left), wrote = exported(ctx, "--results")
    assert (code, count["count"], count["left_out"], wrote) == (ExitCode.INCOMPLETE, 0, 1, [])
    assert (left["id"], left["dossier"], OTHER_OWNER in left["code"]) == ("3", CODE, False)
    assert '"3' not in json.dumps(exported(ctx)[2])
    for name in ("2", "3"):
        assert tie(ctx, CLERK, name, CODE, reason="giấy khai sinh của con", other_owner=True).other_owner
    assert [item["TenFileGiayToKetQuaDinhKem"] for item in exported(ctx, "--results")[2]] == ["2.pdf", "3.pdf"]
    assert whole(ctx)
    assert exported(ctx, "--results")[0] == ExitCode.OK
    assert show(ctx, LAN, "2").other_owner


def test_an_owner_is_known_by_all_identifiers_of_the_dossier(ctx: Services, tmp_path: Path) -> None:
    """A paper of the time of the old number is in the dossier of the same person."""
    hold(ctx, tmp_path, "old", type_code=MARRIAGE, dossier=None, owner_id="201234567")
    know(ctx, CODE, OWNER, "201234567")
    assert tie(ctx, CLERK, "old", CODE, reason="cùng một người").dossier == CODE
    assert exported(ctx, "--results")[1][0]["count"] == 1


def test_a_desk_ties_its_own_papers_to_its_own_dossiers(ctx: Services, tmp_path: Path) -> None:
    """Papers of other agencies are not there for it, and their dossiers are theirs to enter."""
    hold(ctx, tmp_path, "own", dossier=None, agency="H17.12.34")
    other = CLERK.model_copy(update={"office": "H17.13"})
    with pytest.raises(NotFound):
        tie(ctx, other, "own", "H17.13-261124-0001", reason="x")
    with pytest.raises(NotAllowed, match="another agency"):
        tie(ctx, CLERK, "own", "H17.13-261124-0001", reason="x")
    with pytest.raises(UsageError, match="no reason"):
        tie(ctx, CLERK, "own", CODE, reason=" ")
    with pytest.raises(UsageError, match="is not a dossier code"):
        tie(ctx, CLERK, "own", f"{CODE}-KQ1", reason="x")
    assert tie(ctx, CLERK, "own", CODE, reason="x").belongs == CODE


def test_a_reviewer_confirms_that_a_paper_belongs_to_somebody_elses_dossier(ctx: Services, tmp_path: Path) -> None:
    """To read it rightly is not enough; who confirms it says why, and that is in the journal."""
    know(ctx, CODE, OTHER_OWNER)
    stated = {"owner_id": OWNER, "issued_date": "2999-01-01"}
    document = put_in(ctx, tmp_path, 1, dossier=CODE, **stated)
    release(ctx, LAN, document, {"issued_date": "2026-01-01"})
    with pytest.raises(AnothersDossier):
        release(ctx, LAN, document, {})
    release(ctx, LAN, document, {}, other_owner="bố nộp cho con")
    assert (held(ctx, document).dossier, held(ctx, document).other_owner) == (CODE, True)
    (event,) = (item for item in ctx.journal.events() if item["event"] == "released")
    assert (event["other_owner"], event["why"]) == (CODE, "bố nộp cho con")


def test_the_result_code_of_a_discarded_paper_is_free(ctx: Services, tmp_path: Path) -> None:
    """A scan that a person ended keeps nothing from the one that comes in its place."""
    first, second = (put_in(ctx, tmp_path, n, dossier=CODE, result_code=f"{CODE}-KQ1") for n in (1, 2))
    discard(ctx, LAN, second, "quét lại")
    untie(ctx, LAN, first, reason="nhầm")
    assert held(ctx, put_in(ctx, tmp_path, 3, dossier=CODE, result_code=f"{CODE}-KQ1")).result_code == f"{CODE}-KQ1"
