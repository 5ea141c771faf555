"""Every state in which a paper may be held, for everybody whose paper it may be: the answer, and why, in Vietnamese."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from config.models import Component, Procedure, Procedures
from config.settings import Settings
from domain.clock import today
from domain.messages.language import speak
from services.context import Services, open_services
from services.permissions import Asker
from services.registers.interface import ComponentView
from services.reuse.asking import lookup
from services.reuse.linking import link_numbers
from services.standing import change_standing
from tests.support.desk import WHY
from tests.support.held_papers import hold

APPLIES, WIFE, HUSBAND, CHILD, DEAD, STRANGER = (
    "048091007756", "048194003421", "048090001234", "048219001275", "048045000123", "048195000456",
)  # fmt: skip
OLD, COMPANY, BRANCH = "201234567", "0100109106", "0100109106-001"
BIRTH, MARRIAGE, DEATH, SINGLE, DIVORCE, LICENCE = (
    "KQ.G15.000031", "KQ.G15.000032", "KQ.G15.000034", "KQ.G15.000038", "KQ.G15.000040", "KQ.H17.990014",
)  # fmt: skip
DOSSIER = "H17.12-261124-0001"
CLERK = Asker(who="an", office="H17.12", role="desk")
ARCHIVIST = Asker(who="bình", office="H17", role="archivist")
YESTERDAY, LATER = today() - timedelta(days=1), today() + timedelta(days=30)
COUPLE = {"owner_id": WIFE, "owner_role": "wife", "further_owners": f"husband: Phan Văn Dũng, {HUSBAND}"}
PROCEDURE = Procedure(
    code="1.999999",
    name="Thủ tục thử",
    field="Hộ tịch",
    level="commune",
    components=(
        Component(code="VC", name="Giấy kết hôn", types=(MARRIAGE,), whose=("wife", "husband")),
        Component(code="KS", name="Giấy khai sinh", types=(BIRTH,), whose=("child",)),
        Component(code="KT", name="Trích lục khai tử", types=(DEATH,), whose=("deceased",)),
        Component(code="TC", name="Đăng ký kinh doanh", types=(LICENCE,), whose=("organisation",)),
        Component(code="HN", name="Tình trạng hôn nhân", types=(SINGLE, DIVORCE), whose=("applicant",)),
    ),
    valid_from=date(2016, 1, 1),
    confirmed=False,
    source="made for the test",
)


class Whose(NamedTuple):
    """Who asks whose paper: the component, the persons as they are given, the paper as it is held."""

    component: str
    given: dict[str, str]
    held: dict[str, Any]


ROLES: dict[str, Whose] = {
    "wife": Whose("VC", {"wife": WIFE}, {"type_code": MARRIAGE, **COUPLE}),
    "husband": Whose("VC", {"husband": HUSBAND}, {"type_code": MARRIAGE, **COUPLE}),
    "either spouse": Whose("VC", {"wife": STRANGER, "husband": HUSBAND}, {"type_code": MARRIAGE, **COUPLE}),
    "child": Whose("KS", {"child": CHILD}, {"owner_id": CHILD, "owner_role": "child"}),
    "deceased": Whose("KT", {"deceased": DEAD}, {"type_code": DEATH, "owner_id": DEAD, "owner_role": "deceased"}),
    "company": Whose("TC", {"applicant": COMPANY}, {"type_code": LICENCE, "owner_id": COMPANY}),
    "branch": Whose("TC", {"organisation": BRANCH}, {"type_code": LICENCE, "owner_id": BRANCH}),
    "applicant": Whose("HN", {"applicant": APPLIES}, {"type_code": SINGLE, "owner_id": APPLIES}),
    "another type": Whose("HN", {"applicant": APPLIES}, {"type_code": DIVORCE, "owner_id": APPLIES}),
    "old number": Whose("HN", {"applicant": APPLIES}, {"type_code": SINGLE, "owner_id": OLD}),
}


class State(NamedTuple):
    """A state of a paper: as what it is held, what befalls it, and what is answered then."""

    held: dict[str, Any]
    befalls: Callable[[Services, Path], object]
    answer: str
    why: str


def nothing(_ctx: Services, _folder: Path) -> None:
    """It stays as it is."""


def revoke(ctx: Services, _folder: Path) -> None:
    """An agency takes it back."""
    change_standing(ctx, ARCHIVIST, "paper", "revoked", reason="Quyết định số 12/QĐ-UBND ngày 05/01/2026")


def replace(ctx: Services, folder: Path) -> None:
    """Another one takes its place, of a kind that does not serve."""
    hold(
        ctx,
        folder,
        "next",
        type_code="KQ.G17.000311",
        owner_id=STRANGER,
        number_symbol="9/2025",
        issued=date(2025, 1, 2),
        dossier=None,
    )
    change_standing(ctx, ARCHIVIST, "paper", "replaced", reason="cấp lại", by="next")


STATES: dict[str, State] = {
    "in force": State({}, nothing, "held-and-valid", ""),
    "its last day": State({"valid_until": today()}, nothing, "held-and-valid", ""),
    "expired": State(
        {"valid_until": YESTERDAY}, nothing, "held-but-expired", f"ngày cuối có giá trị: {YESTERDAY:%d/%m/%Y}"
    ),
    "revoked": State({}, revoke, "held-but-revoked", "thu hồi theo: Quyết định số 12/QĐ-UBND ngày 05/01/2026"),
    "replaced": State({}, replace, "held-but-replaced", "thay bằng: 9/2025, ngày 02/01/2025"),
    "of another place": State(
        {"scope": "H17.20"}, nothing, "held-but-not-here", "chỉ có giá trị tại: Ủy ban nhân dân phường"
    ),
    "here": State({"scope": "H17.12", "valid_until": LATER}, nothing, "held-and-valid", ""),
    "untrusted": State(
        {"level": None, "arrived_signed": "untrusted"},
        nothing,
        "held-but-untrusted",
        "bên ký chưa nằm trong danh sách tin cậy",
    ),
}


@pytest.fixture
def desk(settings: Settings) -> Iterator[Services]:
    """A store whose catalogue knows the test's procedure, and a clerk who reads Vietnamese."""
    speak("vi")
    with open_services(settings) as ctx:
        ctx.catalogues = ctx.catalogues.model_copy(update={"procedures": Procedures((PROCEDURE,))})
        yield ctx
    speak("en")


def answer(ctx: Services, component: str, given: dict[str, str]) -> ComponentView:
    """What a clerk is told, in Vietnamese."""
    found = lookup(ctx, CLERK, persons=given, dossier=DOSSIER, procedure=PROCEDURE.code, reason=WHY)
    return next(item.view(1) for item in found if item.component == component)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("role", ROLES)
def test_a_paper_answers_alike_whoever_it_is_of(desk: Services, tmp_path: Path, role: str, state: str) -> None:
    """The same answer and the same reason for everybody; a stranger in the same role is told of nothing."""
    whose, is_ = ROLES[role], STATES[state]
    hold(desk, tmp_path, "paper", dossier=None, **{**whose.held, **is_.held})
    if role == "old number":
        link_numbers(desk, ARCHIVIST, OLD, APPLIES, reason="thẻ căn cước có số CMND cũ")
    is_.befalls(desk, tmp_path)
    got = answer(desk, whose.component, whose.given)
    assert (got.answer, got.id) == (is_.answer, "paper")
    if role == "old number" and not is_.why:
        assert "201****67" in got.why
    else:
        assert is_.why in got.why
        assert bool(is_.why) == bool(got.why)
    asked_in = next(iter(whose.given))
    stranger = answer(desk, whose.component, {asked_in: STRANGER if asked_in != "organisation" else COMPANY})
    assert (stranger.answer, stranger.id) in {("not-held", None), ("owner-unknown", None)}


def test_a_branch_is_told_how_papers_of_its_company_are_found(desk: Services, tmp_path: Path) -> None:
    """They are the company's: by the branch's number alone nothing is held."""
    hold(desk, tmp_path, "paper", type_code=LICENCE, owner_id=COMPANY, dossier=None)
    got = answer(desk, "TC", {"organisation": BRANCH})
    assert (got.answer, got.id) == ("not-held", None)
    assert COMPANY in got.why
    assert answer(desk, "TC", {"organisation": COMPANY}).answer == "held-and-valid"
