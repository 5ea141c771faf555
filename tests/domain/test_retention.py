"""Retention: expiry proposes, a recorded decision disposes (law L6.1, L6.5)."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from domain.retention import decide_expiry

days = st.dates(min_value=date(1950, 1, 1), max_value=date(2100, 12, 31))
terms = st.integers(min_value=2, max_value=70)


def test_a_term_runs_from_the_year_the_work_ends() -> None:
    """Work that ends on any day of 2025 with a term of ten years is proposed in 2035."""
    assert decide_expiry(10, date(2025, 1, 1)) == 2035
    assert decide_expiry(10, date(2025, 12, 31)) == 2035


@given(days)
def test_permanent_never_expires(day: date) -> None:
    """A permanent paper has no year of expiry."""
    assert decide_expiry(None, day) is None


@given(terms)
def test_a_term_without_a_beginning_is_not_counted(term: int) -> None:
    """Nobody knows when the work ended: no other day stands in for it."""
    assert decide_expiry(term, None) is None


@given(terms, days)
def test_the_whole_term_is_kept(term: int, day: date) -> None:
    """The year of expiry lies the whole term after the year of the work, whatever the day."""
    assert decide_expiry(term, day) == day.year + term


@given(terms, days, days)
def test_later_work_expires_no_earlier(term: int, one: date, other: date) -> None:
    """Of two papers with one term the one whose work ended later is never proposed first."""
    first, second = (decide_expiry(term, day) for day in sorted((one, other)))
    assert first is not None
    assert second is not None
    assert first <= second
