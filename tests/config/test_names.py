"""Types and procedures are asked for by name: the one that is called so, else the candidates with their codes."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from config.loader import load_catalogues
from config.named import procedure_named
from domain.errors import ExitCode, UsageError
from domain.fold import fold
from services.context import Services
from services.permissions import Asker
from services.reuse.asking import lookup
from tests.support.desk import WHY
from tests.support.held_papers import OWNER

CATALOGUES = load_catalogues()
DAY = date(2026, 11, 30)
CLERK = Asker(who="an", office="H17.12", role="desk")
DOSSIER = "H17.12-261124-0001"


@pytest.mark.parametrize("text", ["Giấy khai sinh", "giay khai sinh", "GIẤY KHAI SINH", "KQ.G15.000031"])
def test_a_type_is_asked_for_by_name(ctx: Services, text: str) -> None:
    """With accents or without; the code goes on working."""
    (answer,) = lookup(ctx, CLERK, owner_id=OWNER, dossier=DOSSIER, type_code=text, reason=WHY)
    assert answer.component == "KQ.G15.000031"


def test_a_procedure_is_asked_for_by_name(ctx: Services) -> None:
    """The components are those of the procedure that is called so."""
    wanted = ctx.catalogues.procedure("1.000894", DAY)
    for text in (wanted.name, fold(wanted.name), wanted.code):
        answers = lookup(ctx, CLERK, owner_id=OWNER, dossier=DOSSIER, procedure=text, reason=WHY)
        assert {answer.component for answer in answers} == {item.code for item in wanted.components}


def test_what_may_mean_several_is_told_with_codes(ctx: Services) -> None:
    """Nothing is asked then."""
    with pytest.raises(UsageError) as caught:
        lookup(ctx, CLERK, owner_id=OWNER, dossier=DOSSIER, procedure="khai sinh", reason=WHY)
    assert caught.value.exit_code == ExitCode.USAGE
    assert "1.001193 (" in caught.value.advice
    assert ctx.desk.count_questions() == 0


@pytest.mark.parametrize("asked", [{"type_code": "Giấy không ai biết"}, {"procedure": "Thủ tục không ai biết"}])
def test_what_nothing_is_called_is_refused(ctx: Services, asked: dict[str, Any]) -> None:
    """As a code that is none."""
    with pytest.raises(UsageError):
        lookup(ctx, CLERK, owner_id=OWNER, dossier=DOSSIER, reason=WHY, **asked)


@given(some.sampled_from([item for item in CATALOGUES.procedures if item.covers(DAY)]))
def test_every_procedure_is_found_by_its_name(item: object) -> None:
    """The whole name means it, or those that are called just the same."""
    name, code = item.name, item.code  # type: ignore[attr-defined]
    same = {other.code for other in CATALOGUES.procedures if other.covers(DAY) and fold(other.name) == fold(name)}
    if len(same) == 1:
        assert procedure_named(name, CATALOGUES, DAY) == code
    else:
        with pytest.raises(UsageError):
            procedure_named(name, CATALOGUES, DAY)
