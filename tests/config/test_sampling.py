"""The sampling plans are those of law L5.18, hang together as the standard's do, and lead to a plan for every lot."""

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.sampling import PlanRow, SamplingTables, load_sampling
from domain.errors import SetupError, UsageError

TABLES = load_sampling()
_FIXED = [  # law L5.18: level II, AQL 1.0
    (281, 500, 50, 1),
    (501, 1_200, 80, 2),
    (1_201, 3_200, 125, 3),
    (3_201, 10_000, 200, 5),
    (10_001, 35_000, 315, 7),
    (35_001, 150_000, 500, 10),
]


def _cells() -> list[tuple[PlanRow, float, int]]:
    """Every plan that stands in the table itself."""
    return [
        (row, aql, cell)
        for row in TABLES.plans
        for aql, cell in zip(TABLES.aqls, row.accept, strict=True)
        if isinstance(cell, int)
    ]


@pytest.mark.parametrize(("least", "most", "sample", "allowed"), _FIXED)
def test_the_plans_of_the_law_are_there(least: int, most: int, sample: int, allowed: int) -> None:
    """At both ends of each range of lots."""
    for size in (least, most):
        assert TABLES.plan(size, 1.0, "II")[1:] == (sample, allowed)


def test_a_lot_at_the_limit_is_mostly_accepted() -> None:
    """What the standard promises: a lot as bad as the AQL itself passes about nine times in ten, and more often."""
    for row, aql, allowed in _cells():
        rate = aql / 100
        chance = sum(math.comb(row.sample, k) * rate**k * (1 - rate) ** (row.sample - k) for k in range(allowed + 1))
        assert 0.87 < chance < 0.995, (row.letter, aql, allowed, chance)


def test_the_diagonals_are_straight() -> None:
    """Where plans allow the same number, sample times AQL is nearly the same, as preferred numbers make it."""
    products: dict[int, list[float]] = {}
    for row, aql, allowed in _cells():
        products.setdefault(allowed, []).append(row.sample * aql)
    assert sorted(products) == [0, 1, 2, 3, 5, 7, 10, 14, 21]
    for numbers in products.values():
        assert max(numbers) / min(numbers) < 1.15


def test_a_row_allows_more_at_each_looser_limit() -> None:
    """Arrows down stand before the numbers, arrows up behind them; between 0 and 1 is one of each."""
    for row in TABLES.plans:
        numbers = [cell for cell in row.accept if isinstance(cell, int)]
        assert numbers == sorted(set(numbers))
        signs = "".join("n" if isinstance(cell, int) else cell for cell in row.accept)
        assert signs.strip("v^").replace("^v", "").strip("n") in {"", "v"}, row.letter  # A has no row above it


@given(st.integers(1, 2_000_000), st.sampled_from(TABLES.aqls), st.sampled_from(TABLES.levels))
def test_every_lot_has_a_plan(size: int, aql: float, level: str) -> None:
    """Whatever its size, the arrows end at a plan that stands in the table with that sample."""
    plan = TABLES.plan(size, aql, level)  # type: ignore[arg-type] # one of the levels
    assert (plan.letter, plan.sample, plan.allowed) in {
        (row.letter, row.sample, allowed) for row, limit, allowed in _cells() if limit == aql
    }


@given(st.integers(1, 1_000_000))
def test_a_higher_level_takes_no_smaller_letter(size: int) -> None:
    """From S-1 to S-4 and from I to III the code letters rise, and a larger lot has no smaller sample."""
    row = next(row for row in TABLES.lots if row.up_to is None or size <= row.up_to)
    assert list(row.letters[:4]) == sorted(row.letters[:4])
    assert list(row.letters[4:]) == sorted(row.letters[4:])
    assert TABLES.plan(size, 1.0, "II").sample <= TABLES.plan(2 * size, 1.0, "II").sample


def test_arrows_lead_to_the_plan_that_is_used() -> None:
    """A lot of 200 has letter G, whose plan at 1.0 is that of H; one of 60 has E; a huge one has Q, not N."""
    assert TABLES.plan(200, 1.0, "II") == ("H", 50, 1)
    assert TABLES.plan(60, 1.0, "II") == ("E", 13, 0)
    assert TABLES.plan(600_000, 10, "II") == ("K", 125, 21)


@pytest.mark.parametrize(("size", "allowed"), [(1, 0), (99, 0), (100, 1), (199, 1), (280, 2)])
def test_of_a_whole_lot_no_more_is_allowed_than_the_limit_itself(size: int, allowed: int) -> None:
    """There is no chance in it."""
    assert TABLES.plan_of_whole(size, 1.0) == ("", size, allowed)


def test_another_limit_is_refused() -> None:
    """With those that there are."""
    with pytest.raises(UsageError) as caught:
        TABLES.plan(500, 1.2, "II")
    assert "0.65, 1, 1.5" in caught.value.advice


def test_what_is_not_confirmed_says_so() -> None:
    """The tables were written down from memory."""
    assert not TABLES.confirmed
    assert "ISO 2859-1" in TABLES.source


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('accept: ["v"', 'accept: ["x"'),
        ("up_to: 8,", "up_to: 9000,"),
        ("{letter: R", "{letter: Z"),
        ('accept: ["^", "^", 1', 'accept: ["v", "^", 1'),
        ("aqls: [0.01", "aqls: [0.005, 0.01"),
        ("sampling:", "samples:"),
        ("sampling:", "\tsampling:"),
    ],
)
def test_tables_that_do_not_hang_together_are_refused(tmp_path: Path, before: str, after: str) -> None:
    """Before a lot is judged by them."""
    text = (Path(__file__).parents[2] / "config/catalogues/sampling.yaml").read_text(encoding="utf-8")
    broken = tmp_path / "sampling.yaml"
    assert before in text
    broken.write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(SetupError) as caught:
        load_sampling(broken)
    assert "missing" not in str(caught.value)


def test_the_tables_are_read_once() -> None:
    """They are the release's."""
    assert isinstance(load_sampling(), SamplingTables)
    assert load_sampling() is TABLES
