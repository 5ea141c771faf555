"""A mistake in an archived paper is put right: vault, catalogue, index and lookup say it, the history keeps both."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from archive.errors import AlreadyDecided
from archive.interface import Identity, Paper
from archive.package import PDF, read_package
from config.settings import Settings
from domain.codes import digitisation_code
from domain.errors import ExitCode, NotFound, UsageError
from pipeline.indexing import compare_index
from search.filters import Filters
from services.context import Services, open_services
from services.corrections import correcting
from services.corrections.correcting import correct
from services.corrections.errors import CannotCorrect
from services.corrections.plan import checked_values
from services.document import show
from services.dossiers.give_back import export
from services.dossiers.take_in import take_in_dossiers
from services.dossiers.tie import tie
from services.history import history_of
from services.permissions import Asker
from services.rebuild import rebuild
from services.search import find
from tests.support.desk import run_json
from tests.support.held_papers import OTHER_OWNER, OWNER, hold

DOSSIER = "H17.12-261124-0001"
BINH = Asker(who="Bình", office="H17.12", role="archivist")
TYPE, OTHER_TYPE = "KQ.G15.000031", "KQ.H17.990005"
CODE = f"{OWNER}.{TYPE}.15/2019.01"
KEPT: dict[str, Any] = {
    "type_code": TYPE,
    "digitisation_code": CODE,
    "number_symbol": "15/2019",
    "owner_name": "Trần Thị Bình",
    "issuer": "UBND phường Hải Châu",
    "title": "Trích lục kết hôn",
    "issued": date(2019, 3, 12),
    "dossier": None,
    "file_code": "H17.2019.SH000007",
    "identity": Identity(business_key="a" * 64),
}


@pytest.fixture
def ctx(settings: Settings) -> Iterator[Services]:
    """A store in which Bình is the archivist."""
    settings.home.mkdir(exist_ok=True)
    (settings.home / "khoso.toml").write_text('[desk.roles]\n"Bình" = "archivist"\n', encoding="utf-8")
    with open_services(settings) as opened:
        yield opened


def held(ctx: Services, name: str = "1") -> Paper:
    """The row of a paper."""
    paper = ctx.catalogue.paper(name)
    assert paper is not None
    return paper


def same_everywhere(ctx: Services, name: str = "1") -> Paper:
    """The paper, of which vault, catalogue, a rebuilt catalogue and the index say the same."""
    paper, version = held(ctx, name), read_package(ctx.vault.get(f"urn:khoso:{name}"))
    assert version.paper == paper
    assert compare_index(ctx).all == ()
    codes = ctx.catalogue.mint(name, prefix="x", result=paper.result_code)
    assert (codes.digitisation, codes.file) == (paper.digitisation_code, paper.file_code)
    found = rebuild(ctx, BINH)
    assert (found.unread, found.differences) == ((), ())
    assert held(ctx, name) == paper
    return paper


def lookup(ctx: Services, owner: str, type_code: str = TYPE) -> str:
    """What a desk is answered."""
    asked = ("--owner", owner, "--dossier", DOSSIER, "--type", type_code, "--reason", "đơn")
    return str(run_json(ctx.settings, "lookup", *asked)[1][0]["answer"])


def test_a_wrong_owner_is_put_right_and_the_code_leads_to_the_paper(ctx: Services, tmp_path: Path) -> None:
    """The code was made of the wrong number: it is retired, its successor minted, and nobody gets it again."""
    hold(ctx, tmp_path, "1", **KEPT)
    signed = ctx.vault.get("urn:khoso:1").files[PDF].read_bytes()
    assert (lookup(ctx, OWNER), lookup(ctx, OTHER_OWNER)) == ("held-and-valid", "not-held")
    done = correct(ctx, BINH, CODE, {"owner_id": "048 219 001 283", "owner_name": "Lê Văn An"}, reason="sổ gốc")
    assert (lookup(ctx, OWNER), lookup(ctx, OTHER_OWNER)) == ("not-held", "held-and-valid")  # without a rebuild
    paper = same_everywhere(ctx)
    assert paper == done.paper
    assert (paper.owner_id, paper.owner_name) == (OTHER_OWNER, "Lê Văn An")
    assert paper.digitisation_code == f"{OTHER_OWNER}.{TYPE}.15/2019.01"
    assert paper.file_code == KEPT["file_code"]
    assert (lookup(ctx, OWNER), lookup(ctx, OTHER_OWNER)) == ("not-held", "held-and-valid")
    view = show(ctx, BINH, CODE)
    assert (view.id, view.fields["owner_id"].value, view.fields["owner_id"].source) == ("1", OTHER_OWNER, "correction")
    assert [(item["code"], item["why"]) for item in view.retired] == [(CODE, "corrected")]
    assert ctx.catalogue.mint("x", prefix=CODE.removesuffix(".01")).digitisation.endswith(".02")
    assert [item[0].id for item in find(ctx, "Lê Văn An", 5, filters=Filters()).papers] == ["1"]
    assert ctx.vault.get("urn:khoso:1").files[PDF].read_bytes() == signed


def test_both_values_who_and_why_stay_with_the_paper_and_in_the_journal(ctx: Services, tmp_path: Path) -> None:
    """In the journal without identity numbers; in the history only who may see them sees them."""
    hold(ctx, tmp_path, "1", **KEPT)
    correct(ctx, BINH, "1", {"owner_id": OTHER_OWNER, "title": "Giấy kết hôn"}, reason="sổ gốc trang 7")
    (item,) = read_package(ctx.vault.get("urn:khoso:1")).corrections
    assert (item.who, item.role, item.office, item.reason) == ("Bình", "archivist", "H17.12", "sổ gốc trang 7")
    said = {change.field: (change.old, change.new) for change in item.changes}
    assert said == {"owner_id": (OWNER, OTHER_OWNER), "title": ("Trích lục kết hôn", "Giấy kết hôn")}
    (event,) = (item for item in ctx.journal.events() if item["event"] == "corrected")
    assert (event["who"], event["subject"], event["reason"]) == ("Bình", "1", "sổ gốc trang 7")
    assert "title: Trích lục kết hôn → Giấy kết hôn" in event["changes"]
    assert "048*******75 → 048*******83" in event["changes"]
    told = [item.error for item in history_of(ctx, BINH, "1")]
    assert any(OWNER in line and OTHER_OWNER in line and "sổ gốc trang 7" in line for line in told)
    clerk = Asker(who="An", office="H17.12", role="desk")
    masked = [item.error for item in history_of(ctx, clerk, "1")]
    assert len(masked) == len(told) == 2
    for text in (*event.values(), *masked):
        assert OWNER not in str(text)
        assert OTHER_OWNER not in str(text)


def test_term_and_validity_follow_the_right_day_and_type(ctx: Services, tmp_path: Path) -> None:
    """A file code tells the year of the paper, so another year's is minted; an ended dossier's end goes before."""
    hold(ctx, tmp_path, "1", **KEPT)
    correct(ctx, BINH, "1", {"issued_date": "12/03/2021", "type": OTHER_TYPE}, reason="đọc nhầm")
    paper = same_everywhere(ctx)
    type_ = ctx.catalogues.type(OTHER_TYPE)
    assert (paper.issued, paper.type_code, paper.retention_class) == (date(2021, 3, 12), OTHER_TYPE, type_.retention)
    assert paper.file_code == "H17.2021.SH000001"
    assert paper.digitisation_code == f"{OWNER}.{OTHER_TYPE}.15/2019.01"
    assert show(ctx, BINH, "H17.2019.SH000007").id == "1"
    assert (lookup(ctx, OWNER), lookup(ctx, OWNER, OTHER_TYPE)) == ("not-held", "held-and-valid")
    correct(ctx, BINH, "1", {"valid_until": "2022-01-31"}, reason="ghi trên giấy")
    assert same_everywhere(ctx).valid_until == date(2022, 1, 31)
    assert lookup(ctx, OWNER, OTHER_TYPE) == "held-but-expired"
    with pytest.raises(CannotCorrect) as caught:
        correct(ctx, BINH, "1", {"issued_date": "2020-01-01"}, reason="x")
    assert "valid_until" in caught.value.advice
    correct(ctx, BINH, "1", {"issued_date": "2020-01-01", "valid_until": ""}, reason="x")
    assert same_everywhere(ctx).valid_until != date(2022, 1, 31)


def test_the_end_of_its_dossier_goes_on_counting(ctx: Services, tmp_path: Path) -> None:
    """A paper's term counts from the end of the work on its dossier, whatever day of issue is put right (law L6.1)."""
    kept = {**KEPT, "type_code": OTHER_TYPE, "retention_class": "20-nam", "dossier": DOSSIER, "file_code": None}
    hold(ctx, tmp_path, "1", **kept)
    fields = {"MaHoSo": DOSSIER, "MaTTHC": "1.001193", "SoGiayToChuHoSo": OWNER, "NgayTiepNhan": "20261124"}
    (tmp_path / "in.json").write_text(
        json.dumps([{**fields, "TrangThaiHoSo": "2", "NgayKetThucXuLy": "20261125"}]), encoding="utf-8"
    )
    take_in_dossiers(ctx, BINH, tmp_path / "in.json")
    before = held(ctx).retention_until
    correct(ctx, BINH, "1", {"issued_date": "2018-03-12"}, reason="x")
    assert same_everywhere(ctx).retention_until == before == 2026 + 20


def test_a_paper_is_known_again_by_what_is_right(ctx: Services, tmp_path: Path) -> None:
    """What it was known by before would hold another paper, and not its own second scan."""
    hold(ctx, tmp_path, "1", **KEPT)
    known = Identity(business_key="a" * 64)
    assert [item.document_id for item in ctx.catalogue.alike("x", known)] == ["1"]
    correct(ctx, BINH, "1", {"number_symbol": "16/2019"}, reason="x")
    for _ in range(2):
        assert ctx.catalogue.alike("x", known) == []
        identity = read_package(ctx.vault.get("urn:khoso:1")).identity
        assert [item.same_business for item in ctx.catalogue.alike("x", identity)] == [True]
        same_everywhere(ctx)


def test_back_to_the_former_value_no_code_is_given_twice(ctx: Services, tmp_path: Path) -> None:
    """A retired code stays retired, also when what it was made of proves right in the end."""
    hold(ctx, tmp_path, "1", **KEPT)
    for owner in (OTHER_OWNER, OWNER, OTHER_OWNER):
        correct(ctx, BINH, "1", {"owner_id": owner}, reason="x")
        paper = same_everywhere(ctx)
    assert paper.digitisation_code == f"{OTHER_OWNER}.{TYPE}.15/2019.02"
    assert [item["code"] for item in show(ctx, BINH, "1").retired] == [
        CODE,
        f"{OTHER_OWNER}.{TYPE}.15/2019.01",
        f"{OWNER}.{TYPE}.15/2019.02",
    ]
    for item in show(ctx, BINH, "1").retired:
        assert show(ctx, BINH, item["code"]).id == "1"


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"owner_id": "12"}, "not an identifier|owner_id"),
        ({"issued_date": "2999-01-01"}, "issued_date"),
        ({"issued_date": ""}, "issued_date"),
        ({"owner_id": ""}, "owner_id"),
        ({"type": "NONE"}, "NONE"),
        ({"dossier_code": DOSSIER}, "tied"),
        ({"pages": "2"}, "pages"),
        ({}, "field"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_written(
    ctx: Services, tmp_path: Path, values: dict[str, str], why: str
) -> None:
    """The same gate as at review; the paper stays as it is, and no code is used up."""
    paper = hold(ctx, tmp_path, "1", **KEPT)
    with pytest.raises(UsageError, match=why) as caught:
        correct(ctx, BINH, "1", {"title": "Khác", **values} if values else {}, reason="x")
    assert caught.value.advice
    assert (held(ctx), read_package(ctx.vault.get("urn:khoso:1")).corrections) == (paper, ())
    assert [item for item in ctx.journal.events() if item["event"] == "corrected"] == []


def test_no_correction_without_a_reason_and_none_of_another_agencys_paper(ctx: Services, tmp_path: Path) -> None:
    """Another agency's paper is not there."""
    hold(ctx, tmp_path, "1", **KEPT, agency="H17.12.34")
    with pytest.raises(CannotCorrect, match="No reason"):
        correct(ctx, BINH, "1", {"title": "x"}, reason=" ")
    with pytest.raises(NotFound):
        correct(ctx, BINH.model_copy(update={"office": "H17.13"}), "1", {"title": "x"}, reason="x")


def test_the_same_again_changes_nothing(ctx: Services, tmp_path: Path) -> None:
    """Neither a version nor an event more."""
    hold(ctx, tmp_path, "1", **KEPT)
    first = correct(ctx, BINH, "1", {"title": "Khác"}, reason="x")
    again = correct(ctx, BINH, "1", {"title": "Khác"}, reason="x")
    assert (again.paper, again.changes) == (first.paper, ())
    assert len(read_package(ctx.vault.get("urn:khoso:1")).corrections) == 1


def test_who_corrects_after_somebody_else_is_told(
    ctx: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A correction counts for what was seen."""
    hold(ctx, tmp_path, "1", **KEPT)
    former = checked_values
    begun: list[int] = []

    def meanwhile(ctx: Services, values: Any) -> dict[str, str]:
        if not begun:
            begun.append(1)
            correct(ctx, BINH, "1", {"issuer": "Sở Tư pháp"}, reason="x")
        return former(ctx, values)

    monkeypatch.setattr(correcting, "checked_values", meanwhile)
    with pytest.raises(AlreadyDecided):
        correct(ctx, BINH, "1", {"issuer": "UBND quận Hải Châu"}, reason="x")
    assert same_everywhere(ctx).issuer == "Sở Tư pháp"


def test_a_paper_put_right_leaves_the_dossier_of_its_former_owner(ctx: Services, tmp_path: Path) -> None:
    """Until somebody takes it out or confirms it, no export names it there; it is told, and so is who used it."""
    hold(ctx, tmp_path, "1", **KEPT)
    fields = {"MaHoSo": DOSSIER, "MaTTHC": "1.000894", "SoGiayToChuHoSo": OWNER, "NgayTiepNhan": "20261124"}
    (tmp_path / "in.json").write_text(json.dumps([{**fields, "TrangThaiHoSo": "4"}]), encoding="utf-8")
    take_in_dossiers(ctx, BINH, tmp_path / "in.json")
    tie(ctx, BINH, "1", DOSSIER, reason="phiếu", other_owner=True)
    done = correct(ctx, BINH, "1", {"owner_id": OTHER_OWNER}, reason="x")
    assert [item.code for item in done.remarks] == ["corrected_not_its_dossier"]
    assert [item.id for item in export(ctx, BINH, tmp_path / "out.json", results=True).left_out] == ["1"]
    assert (tmp_path / "out.json").read_text(encoding="utf-8").strip() == "[]"
    assert not same_everywhere(ctx).other_owner


def test_the_command_tells_what_was_put_right(ctx: Services, tmp_path: Path) -> None:
    """Its line is that of `show`, with what is to be done besides; what is refused has its exit code."""
    hold(ctx, tmp_path, "1", **KEPT)
    given = ("correct", "1", "--set", f"owner_id={OTHER_OWNER}", "--reason", "sổ gốc", "--who", "Bình")
    code, (line,) = run_json(ctx.settings, *given)
    assert (code, line["code"], line["to_do"]) == (0, f"{OTHER_OWNER}.{TYPE}.15/2019.01", [])
    assert run_json(ctx.settings, "correct", "1", "--set", "title=x", "--who", "Bình")[0] == ExitCode.USAGE
    assert run_json(ctx.settings, "correct", "1", "--set", "title=x", "--who", "An", "--reason", "x")[0] == (
        ExitCode.REFUSED
    )


def test_a_code_that_waits_is_the_same_until_it_is_borne(ctx: Services, tmp_path: Path) -> None:
    """A correction that was cut off after its code was given goes on with it; another one leaves it behind for ever."""
    hold(ctx, tmp_path, "1", **KEPT)
    codes = [ctx.catalogue.mint_successor("1", "digitisation", lambda n: digitisation_code("A.1", n)) for _ in "12"]
    assert codes == ["A.1.01", "A.1.01"]
    assert ctx.catalogue.mint("2", prefix="A.1").digitisation == "A.1.02"
    assert ctx.catalogue.mint_successor("1", "digitisation", lambda n: digitisation_code("A.10", n)) == "A.10.01"
    assert ctx.catalogue.mint_successor("1", "digitisation", lambda n: digitisation_code("A.1", n)) == "A.1.03"
    assert held(ctx).digitisation_code == CODE
