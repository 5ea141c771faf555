"""A code that was retired leads to its paper, whatever act is given it (docs/decisions/0051, 0054)."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from archive.interface import RetiredCode
from config.settings import Settings
from domain.errors import KhosoError, NotFound, UsageError
from services.certifying.certifying import certify_paper
from services.context import Services, open_services
from services.corrections.cases import open_case
from services.corrections.correcting import correct
from services.document import show
from services.dossiers.tie import tie, untie
from services.history import history_of
from services.permissions import Asker
from services.quality.checking import check_paper
from services.reuse.asking import lookup
from services.reuse.handing_over import use
from services.secrecy.withdrawing import withdraw
from services.standing import change_standing
from services.verify import verify
from tests.services.test_permissions import _STEPS
from tests.support.desk import WHY
from tests.support.held_papers import OTHER_OWNER, OWNER, hold

TYPE = "KQ.G15.000031"
OLD = f"{OWNER}.{TYPE}.15/2019.01"
DOSSIER = "H17.12-261124-0001"
BINH = Asker(who="Bình", office="H17.12", role="archivist")
ACTS: dict[Callable[..., Any], Callable[[Services, str, Path], Any]] = {
    show: lambda ctx, code, _: show(ctx, BINH, code),
    history_of: lambda ctx, code, _: history_of(ctx, BINH, code),
    verify: lambda ctx, code, _: verify(ctx, BINH, code),
    change_standing: lambda ctx, code, _: change_standing(ctx, BINH, code, "revoked", reason="QĐ 1"),
    tie: lambda ctx, code, _: tie(ctx, BINH, code, DOSSIER, reason="phiếu"),
    untie: lambda ctx, code, _: untie(ctx, BINH, code, reason="nhầm"),
    correct: lambda ctx, code, _: correct(ctx, BINH, code, {"title": "x"}, reason="sổ gốc"),
    open_case: lambda ctx, code, _: open_case(ctx, BINH, code, request="sai số"),
    check_paper: lambda ctx, code, _: check_paper(ctx, BINH, code, ()),
    withdraw: lambda ctx, code, _: withdraw(ctx, BINH, code, "mật"),
    use: lambda ctx, code, folder: use(ctx, BINH, code, dossier=DOSSIER, target=folder / "out.pdf"),
}


@pytest.fixture
def ctx(settings: Settings, tmp_path: Path) -> Iterator[Services]:
    """A store with a paper whose owner was misread; it was looked up for a dossier since that was put right."""
    with open_services(settings) as opened:
        hold(opened, tmp_path, "1", digitisation_code=OLD, number_symbol="15/2019", dossier="H17.12-260101-0001")
        correct(opened, BINH, "1", {"owner_id": OTHER_OWNER}, reason="sổ gốc")
        lookup(opened, BINH, owner_id=OTHER_OWNER, dossier=DOSSIER, type_code=TYPE, reason=WHY)
        yield opened


def outcome(ctx: Services, act: Callable[..., Any], code: str, folder: Path) -> str:
    """Whom an act was about, by the last event that names a paper; or the error that it ended with."""
    try:
        ACTS[act](ctx, code, folder)
    except KhosoError as error:
        return f"{type(error).__name__}: {error}"
    event = dict(list(ctx.journal.events())[-1])
    return f"{event['event']} {event['subject']}"


@pytest.mark.parametrize("act", ACTS, ids=lambda act: str(act.__name__))
def test_a_retired_code_is_as_good_as_the_id(ctx: Services, tmp_path: Path, act: Callable[..., Any]) -> None:
    """The act is about the paper that bore it."""
    got = outcome(ctx, act, OLD, tmp_path)
    assert " 1" in got, got
    assert "NotFound" not in got
    assert OLD not in got


def test_no_act_about_a_paper_is_left_out() -> None:
    """Whatever is asked with an id or a code of a held paper is walked here; `copy` takes it as `use` does."""
    asked = {step.function for step in _STEPS if "birth" in step.ask.__code__.co_consts and step.about_a_paper}
    assert asked - ACTS.keys() == {certify_paper}  # whose right is asked before the paper is looked at


def test_one_that_took_the_place_of_another_is_named_by_a_retired_code(ctx: Services, tmp_path: Path) -> None:
    """Also where a code is that of a second paper."""
    hold(ctx, tmp_path, "2", digitisation_code=f"{OWNER}.{TYPE}.16/2019.01", number_symbol="16/2019")
    change_standing(ctx, BINH, "2", "replaced", reason="cấp lại", by=OLD)
    paper = ctx.catalogue.paper("2")
    assert paper is not None
    assert paper.replaced_by == f"{OTHER_OWNER}.{TYPE}.15/2019.01"


def test_a_code_that_several_bore_leads_to_none(ctx: Services, tmp_path: Path) -> None:
    """Nobody knows which is meant, so nothing is done; where the other one is another agency's, it is not there."""
    code = "H17.12-200101-0001-KQ1"
    for name, dossier in (("2", "H17.13-260101-0002"), ("3", "H17.12-260101-0003")):
        hold(ctx, tmp_path, name, digitisation_code=f"{OWNER}.{TYPE}.{name}/2019.01", dossier=dossier)
        paper = ctx.catalogue.paper(name)
        assert paper is not None
        ctx.catalogue.retire(paper, RetiredCode(kind="result", code=code, why="invented"))
    assert change_standing(ctx, BINH, code, "revoked", reason="QĐ 1").id == "3"
    city = BINH.model_copy(update={"office": "H17"})
    with pytest.raises(UsageError) as caught:
        change_standing(ctx, city, code, "revoked", reason="QĐ 1")
    assert "2 papers" in str(caught.value)
    with pytest.raises(NotFound):
        change_standing(ctx, BINH, f"{code}2", "revoked", reason="QĐ 1")
