"""An owner's request is entered, answered and settled within its terms (law L8.3)."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from archive.errors import AlreadyDecided
from archive.package import read_package
from config.requests.terms import RequestTerms, load_request_terms
from config.settings import Settings
from domain.clock import today
from domain.errors import ExitCode, NotFound
from services.context import Services, open_services
from services.corrections.cases import answer_case, list_cases, open_case, refuse_case
from services.corrections.correcting import correct
from services.corrections.errors import CannotCorrect
from services.permissions import Asker
from tests.support.desk import run_json
from tests.support.held_papers import hold

BINH = Asker(who="Bình", office="H17.12", role="archivist")
CLERK = Asker(who="An", office="H17.12", role="desk")


@pytest.fixture
def ctx(settings: Settings, tmp_path: Path) -> Iterator[Services]:
    """A store with two papers, in which Bình is the archivist."""
    settings.home.mkdir(exist_ok=True)
    (settings.home / "khoso.toml").write_text('[desk.roles]\n"Bình" = "archivist"\n', encoding="utf-8")
    with open_services(settings) as opened:
        for name in ("1", "2"):
            hold(opened, tmp_path, name, dossier=None, file_code=f"H17.12.2019.SH00000{name}")
        yield opened


def events(ctx: Services) -> list[tuple[str, int]]:
    """What the journal says of requests."""
    return [
        (str(item["event"]), int(item["case"])) for item in ctx.journal.events() if item["event"].startswith("case")
    ]


def test_the_terms_are_those_of_the_day_and_pass_over_days_off() -> None:
    """Two working days and ten days; before the law there were none."""
    terms = load_request_terms()
    term = terms.of(date(2026, 1, 2))
    assert term is not None
    assert (term.answer_working_days, term.correct_days) == (2, 10)
    assert terms.of(date(2025, 12, 31)) is None
    assert terms.working_day(date(2026, 11, 26), 2) == date(2026, 11, 30)  # Thursday, Friday, Monday
    assert terms.working_day(date(2026, 11, 28), 2) == date(2026, 12, 1)
    off = terms.model_copy(update={"days_off": (date(2026, 11, 27), date(2026, 11, 30))})
    assert off.working_day(date(2026, 11, 26), 2) == date(2026, 12, 2)
    newer = term.model_copy(update={"valid_from": date(2027, 3, 1), "correct_days": 5})
    later = RequestTerms(terms=(newer, term)).of(date(2027, 3, 1))
    assert later is not None
    assert later.correct_days == 5


def test_a_askedis_granted_by_the_correction_that_names_it(ctx: Services) -> None:
    """Entered once, answered once, granted once; the object names it."""
    day = today() - timedelta(days=3)
    case = open_case(ctx, CLERK, "1", request="sai tên", received=day)
    assert open_case(ctx, CLERK, "1", request="sai tên", received=day) == case
    assert (case.number, case.state, case.settle_by, case.due) == (
        1,
        "pending",
        day + timedelta(days=10),
        case.answer_by,
    )
    for _ in range(2):
        assert answer_case(ctx, BINH, 1).due == case.settle_by
    with pytest.raises(CannotCorrect) as caught:
        correct(ctx, BINH, "2", {"title": "x"}, reason="đơn", case=1)
    assert caught.value.advice
    for _ in range(2):
        correct(ctx, BINH, "1", {"title": "Đúng"}, reason="đơn", case=1)
    (granted,) = list_cases(ctx, BINH)
    assert (granted.state, granted.due, granted.answered) == ("granted", None, True)
    assert [item.case for item in read_package(ctx.vault.get("urn:khoso:1")).corrections] == [1]
    assert events(ctx) == [("case_opened", 1), ("case_answered", 1), ("case_decided", 1)]
    with pytest.raises(AlreadyDecided):
        refuse_case(ctx, BINH, 1, reason="đúng rồi")


def test_a_askedis_refused_with_a_reason(ctx: Services) -> None:
    """Once; a correction does not revive it."""
    open_case(ctx, CLERK, "1", request="sai tên")
    with pytest.raises(CannotCorrect, match="No reason"):
        refuse_case(ctx, BINH, 1, reason=" ")
    for _ in range(2):
        assert refuse_case(ctx, BINH, 1, reason="bản gốc ghi vậy").reason == "bản gốc ghi vậy"
    assert events(ctx) == [("case_opened", 1), ("case_decided", 1)]
    with pytest.raises(AlreadyDecided):
        correct(ctx, BINH, "1", {"title": "x"}, reason="đơn", case=1)
    assert read_package(ctx.vault.get("urn:khoso:1")).corrections == ()


def test_nothing_is_granted_where_nothing_is_put_right(ctx: Services) -> None:
    """The request stays, and its remedy is to refuse it."""
    open_case(ctx, CLERK, "1", request="sai tên")
    correct(ctx, BINH, "1", {"title": "x"}, reason="đơn")
    with pytest.raises(CannotCorrect) as caught:
        correct(ctx, BINH, "1", {"title": "x"}, reason="đơn", case=1)
    assert "cases refuse 1" in caught.value.advice
    assert [item.state for item in list_cases(ctx, BINH)] == ["pending"]


def test_what_is_due_first_is_listed_first_and_other_agencies_see_nothing(ctx: Services, tmp_path: Path) -> None:
    """Settled ones are not due."""
    for number, days in enumerate((1, 9, 5), 1):
        open_case(ctx, BINH, "1", request=f"lần {number}", received=today() - timedelta(days=days))
    refuse_case(ctx, BINH, 3, reason="trùng")
    assert [item.number for item in list_cases(ctx, BINH, due=True)] == [2, 1]
    hold(ctx, tmp_path, "3", dossier=None, agency="H17.12.34", file_code="H17.2019.SH000009")
    open_case(ctx, BINH, "3", request="sai")
    other = BINH.model_copy(update={"office": "H17.13"})
    assert list_cases(ctx, other) == []
    with pytest.raises(NotFound):
        answer_case(ctx, other, 4)
    with pytest.raises(NotFound):
        open_case(ctx, other, "3", request="sai")


_TOMORROW, _BEFORE_THE_LAW = today() + timedelta(days=1), date(2025, 1, 1)


@pytest.mark.parametrize(("asked", "received"), [(" ", None), ("x", _TOMORROW), ("x", _BEFORE_THE_LAW)])
def test_a_askedsays_what_and_when(ctx: Services, asked: str, received: date | None) -> None:
    """Neither of tomorrow nor of a day for which no term is known."""
    with pytest.raises(CannotCorrect) as caught:
        open_case(ctx, CLERK, "1", request=asked, received=received)
    assert caught.value.advice
    assert list_cases(ctx, BINH) == []


def test_the_commands_tell_number_and_days(ctx: Services) -> None:
    """Their lines are those of the list."""
    opened = run_json(ctx.settings, "cases", "open", "1", "--request", "sai tên", "--who", "An")
    listed = run_json(ctx.settings, "cases", "list", "--due", "--who", "Bình")
    assert opened == listed
    assert (opened[0], opened[1][0]["number"], opened[1][0]["state"]) == (ExitCode.OK, 1, "pending")
    assert run_json(ctx.settings, "cases", "answer", "1", "--who", "An")[0] == ExitCode.REFUSED
    assert run_json(ctx.settings, "cases", "answer", "1", "--who", "Bình")[1][0]["answered"]
    given = ("correct", "1", "--set", "title=Đúng", "--reason", "đơn", "--case", "1", "--who", "Bình")
    assert run_json(ctx.settings, *given)[0] == ExitCode.OK
    assert run_json(ctx.settings, "cases", "refuse", "1", "--reason", "x", "--who", "Bình")[0] == ExitCode.USAGE
    assert run_json(ctx.settings, "cases", "list", "--due", "--who", "Bình") == (ExitCode.OK, [])
