"""How long a paper serves is said by what it is used as, where that has a rule of its own; else by the paper."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from config.models import Component, Procedure, Procedures
from config.papers import UseValidity
from config.settings import Settings
from domain.clock import today
from domain.errors import NotValid
from domain.validity import HeldPaper, add_months
from services.context import Services, open_services
from services.permissions import Asker
from services.registers.interface import ComponentAnswer, ComponentView
from services.reuse.asking import lookup
from services.reuse.handing_over import use
from services.reuse.taking import still_counts
from tests.support.desk import WHY
from tests.support.held_papers import OWNER, hold

PERMIT = "KQ.G17.000311"
DOSSIER = "H17.12-261124-0001"
CLERK = Asker(who="an", office="H17.12", role="desk")
YESTERDAY = today() - timedelta(days=1)
HOUSE, YEARS, WORKS = "Giấy tờ về nhà ở", "Hồ sơ hoàn công", "Giấy phép để khởi công"
FOR_EVER = UseValidity(kind="permanent", instead_of="works", source="made for the test")
TWO_YEARS = UseValidity(kind="months", months=24, source="made for the test")
PROCEDURE = Procedure(
    code="1.999999",
    name="Thủ tục thử",
    field="Xây dựng",
    level="commune",
    components=(
        Component(code="NO", name=HOUSE, types=(PERMIT,), validity=FOR_EVER),
        Component(code="HC", name=YEARS, types=(PERMIT,), validity=TWO_YEARS),
        Component(code="KC", name=WORKS, types=(PERMIT,)),
    ),
    valid_from=date(2016, 1, 1),
    confirmed=False,
    source="made for the test",
)


@pytest.fixture
def ctx(settings: Settings) -> Iterator[Services]:
    """A store whose catalogue knows the test's procedure."""
    with open_services(settings) as opened:
        opened.catalogues = opened.catalogues.model_copy(update={"procedures": Procedures((PROCEDURE,))})
        yield opened


def put(ctx: Services, folder: Path, issued: date | None, until: date | None) -> None:
    """A permit that is held, with its own term."""
    hold(ctx, folder, "permit", type_code=PERMIT, issued=issued, valid_until=until)


def asked(ctx: Services, **of: Any) -> dict[str, ComponentAnswer]:
    """What is answered to each component of the procedure, or about the type."""
    of = of or {"procedure": PROCEDURE.code}
    return {item.name: item for item in lookup(ctx, CLERK, owner_id=OWNER, dossier=DOSSIER, reason=WHY, **of)}


def view(answer: ComponentAnswer) -> ComponentView:
    """It as a clerk is told it."""
    return answer.view(1)


def test_a_permit_whose_works_were_to_begin_long_ago_proves_the_house(ctx: Services, tmp_path: Path) -> None:
    """And says so in the clerk's language; where it is asked for by its own term, or by itself, it is over."""
    issued = add_months(today(), -60)
    put(ctx, tmp_path, issued, add_months(issued, 12))
    found = asked(ctx)
    assert {name: item.answer for name, item in found.items()} == {
        HOUSE: "held-and-valid", YEARS: "held-but-expired", WORKS: "held-but-expired",
    }  # fmt: skip
    assert [view(item).valid_until for item in found.values()] == [
        "permanent", add_months(issued, 24), add_months(issued, 12)
    ]  # fmt: skip
    why = found[HOUSE].why
    assert why is not None
    day = add_months(issued, 12)
    assert why.text("vi") == f"hết hạn khởi công xây dựng ngày {day:%d/%m/%Y}; vẫn dùng được làm: {HOUSE}"
    assert f"beginning the works ended on {day}" in why.text("en")
    assert [why.text("vi") for name in (YEARS, WORKS) if (why := found[name].why)] == [
        f"ngày cuối dùng làm {YEARS}: {add_months(issued, 24):%d/%m/%Y}",
        f"ngày cuối có giá trị: {day:%d/%m/%Y}",
    ]
    (by_type,) = asked(ctx, type_code=PERMIT).values()
    assert (by_type.answer, by_type.paper and by_type.paper.valid_until) == ("held-but-expired", day)


def test_what_serves_may_be_taken_for_what_it_was_asked_for(ctx: Services, tmp_path: Path) -> None:
    """Not for what it does not serve as: the answer that let it be taken says for what."""
    issued = add_months(today(), -60)
    put(ctx, tmp_path, issued, add_months(issued, 12))
    asked(ctx)
    use(ctx, CLERK, "permit", dossier=DOSSIER, target=tmp_path / "out.pdf")
    paper, question = ctx.catalogue.paper("permit"), ctx.desk.answered(DOSSIER, "permit")
    assert paper is not None
    assert question is not None
    assert question.asked_for == "NO"
    for component in ("HC", "KC"):
        with pytest.raises(NotValid):
            still_counts(ctx, CLERK, "use", paper, question.model_copy(update={"asked_for": component}))


def test_a_term_of_the_use_is_counted_from_the_day_of_issue(ctx: Services, tmp_path: Path) -> None:
    """It holds on its last day, and the paper's own term is told only when that is over."""
    issued = add_months(today(), -24)
    put(ctx, tmp_path, issued, YESTERDAY)
    found = asked(ctx)
    assert (found[YEARS].answer, view(found[YEARS]).valid_until) == ("held-and-valid", add_months(issued, 24))
    why = found[YEARS].why
    assert why is not None
    assert "hết hạn của giấy tờ ngày" in why.text("vi")


@pytest.mark.parametrize(("issued", "until"), [(None, YESTERDAY), (None, None), (today(), None), (today(), today())])
def test_a_term_that_cannot_be_counted_is_the_papers_own(issued: date | None, until: date | None) -> None:
    """So is one of a paper that is permanent, where the use says months: from its day of issue they are counted."""
    paper = HeldPaper(id="a", code="a", type_code=PERMIT, issuer=None, issued=issued, valid_until=until)
    counted = paper.used_for("months", 24)
    assert counted.valid_until == (until if issued is None else add_months(issued, 24))
    assert paper.used_for("permanent", None).valid_until is None


def test_no_reason_is_told_while_its_own_term_runs(ctx: Services, tmp_path: Path) -> None:
    """Then nobody wonders."""
    put(ctx, tmp_path, today(), add_months(today(), 12))
    assert [item.why for item in asked(ctx).values()] == [None, None, None]


def test_months_go_with_months_alone() -> None:
    """A rule that says half of it is refused where the catalogue is read, and so is one without its source."""
    for wrong in ({"kind": "months"}, {"kind": "permanent", "months": 3}, {"kind": "permanent", "source": ""}):
        with pytest.raises(ValidationError):
            UseValidity.model_validate({"source": "x", **wrong})


def test_no_component_of_the_release_asks_for_a_permit_by_the_term_of_its_works(settings: Settings) -> None:
    """Each says by what rule, also those of the national list."""
    with open_services(settings) as ctx:
        found = [item for one in ctx.catalogues.procedures for item in one.components if PERMIT in item.types]
    assert len(found) >= 6
    assert all(item.validity and item.validity.kind == "permanent" and item.validity.source for item in found)
