"""How long a paper holds, and what a desk is told (law L2.5, L2.11)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.validity import HeldPaper, ValidityKind, add_months, decide_reuse, decide_valid_until

ISSUED, DIGITISED = date(2024, 1, 31), date(2025, 8, 31)
STATED = date(2024, 12, 24)
TODAY = date(2025, 9, 1)
OFFICE = "H17.12"
days = st.dates(min_value=date(1950, 1, 1), max_value=date(2100, 1, 1))
months = st.integers(min_value=0, max_value=1200)


def paper(id_: str, valid_until: date | None, issued: date | None = None) -> HeldPaper:
    """A held paper of which only the id and the days matter."""
    return HeldPaper(id=id_, code=id_, type_code="KQ.G15.000031", issuer=None, issued=issued, valid_until=valid_until)


papers = st.lists(
    st.builds(paper, st.text("abc", min_size=1, max_size=3), st.none() | days, st.none() | days), max_size=6
)


@pytest.mark.parametrize(
    ("kind", "term", "issued", "stated", "expected"),
    [
        ("months", 6, ISSUED, STATED, STATED),
        ("permanent", None, ISSUED, STATED, STATED),
        ("unknown", None, ISSUED, STATED, STATED),
        ("permanent", None, ISSUED, None, None),
        ("months", 6, ISSUED, None, date(2024, 7, 31)),
        ("months", 6, None, None, date(2026, 2, 28)),
        ("unknown", None, ISSUED, None, date(2026, 2, 28)),
    ],
)
def test_the_end_of_validity(
    kind: ValidityKind, term: int | None, issued: date | None, stated: date | None, expected: date | None
) -> None:
    """What is stated wins, then the type's term from issue, then the default term from digitisation."""
    assert decide_valid_until(kind, term, issued, stated, DIGITISED, 6) == expected


@pytest.mark.parametrize(
    ("day", "term", "expected"),
    [
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2025, 1, 31), 1, date(2025, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 12, 15), 1, date(2025, 1, 15)),
        (date(2024, 6, 30), 6, date(2024, 12, 30)),
    ],
)
def test_months_end_where_the_calendar_says(day: date, term: int, expected: date) -> None:
    """A term ends on the same day of the month, or on the last day of a shorter month."""
    assert add_months(day, term) == expected


@given(days, months)
def test_months_are_counted_by_the_calendar(day: date, term: int) -> None:
    """The result lies exactly that many calendar months on, and never on a later day of the month."""
    end = add_months(day, term)
    assert (end.year - day.year) * 12 + end.month - day.month == term
    assert end.day == day.day or (end.day < day.day and (end + timedelta(days=1)).day == 1)


@given(days, days, months)
def test_a_longer_wait_never_ends_earlier(one: date, other: date, term: int) -> None:
    """Of two papers with the same term the one issued first ends first, or on the same day."""
    first, second = sorted((one, other))
    assert add_months(first, term) <= add_months(second, term)


def test_nothing_held_is_said_so() -> None:
    """Without papers the answer is not-held, and there is no paper."""
    answer = decide_reuse([], TODAY, OFFICE)
    assert (answer.answer, answer.paper) == ("not-held", None)


def test_the_last_day_still_counts() -> None:
    """A paper is valid on its last day and expired on the next."""
    held = [paper("a", TODAY)]
    assert decide_reuse(held, TODAY, OFFICE).answer == "held-and-valid"
    assert decide_reuse(held, TODAY + timedelta(days=1), OFFICE).answer == "held-but-expired"


def test_a_permanent_paper_is_best() -> None:
    """Permanent comes before any day, and of two permanent papers the one issued later."""
    held = [paper("old", None, date(2000, 1, 1)), paper("new", None, date(2020, 1, 1)), paper("day", date(2090, 1, 1))]
    answer = decide_reuse(held, TODAY, OFFICE)
    assert answer.paper is not None
    assert answer.paper.id == "new"


@given(papers, days)
def test_the_best_paper_is_named(held: list[HeldPaper], today: date) -> None:
    """The answer is valid exactly when some paper is, and no held paper lasts longer than the named one."""
    answer = decide_reuse(iter(held), today, OFFICE)
    some_valid = any(item.valid_until is None or item.valid_until >= today for item in held)
    assert answer.answer == ("held-and-valid" if some_valid else "held-but-expired" if held else "not-held")
    if answer.paper is None:
        assert not held
    else:
        best = answer.paper.valid_until or date.max
        assert all((item.valid_until or date.max) <= best for item in held)


@given(papers, days)
def test_the_order_of_papers_does_not_matter(held: list[HeldPaper], today: date) -> None:
    """A lookup gives the same answer however the papers were listed."""
    one, other = decide_reuse(held, today, OFFICE), decide_reuse(reversed(held), today, OFFICE)
    assert one.answer == other.answer
    assert (one.paper and one.paper.id) == (other.paper and other.paper.id)
