"""A sample is drawn by chance, and can be drawn again by anybody; rates have exact intervals."""

import math
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.quality.drawing import draw_sample, fresh_seed, list_digest
from services.quality.intervals import at_most, clopper_pearson
from tests.support.lots import paper_ids

_IDS = st.lists(st.text("0123456789abcdef-", min_size=1, max_size=20), unique=True, max_size=60)


@given(_IDS, st.integers(0, 70), st.randoms())
def test_the_order_in_which_papers_are_listed_does_not_matter(ids: list[str], number: int, chance: object) -> None:
    """Nor does their number: a larger sample begins with the smaller one, and none has a paper twice."""
    shuffled = ids.copy()
    chance.shuffle(shuffled)  # type: ignore[attr-defined] # hypothesis' Random
    drawn = draw_sample(ids, "seed", number)
    assert draw_sample(shuffled, "seed", number) == drawn
    assert draw_sample(ids, "seed", number + 1)[: len(drawn)] == drawn
    assert len(set(drawn)) == len(drawn) == min(number, len(ids))


def test_it_is_what_the_page_says() -> None:
    """Counted here without the function: the first by the digest of the seed and the id."""
    ids = paper_ids("a", 500)
    by_digest = sorted((sha256(("5eed" + name).encode()).hexdigest(), name) for name in ids)
    assert draw_sample(ids, "5eed", 50) == [name for _, name in by_digest[:50]]
    assert list_digest(ids) == sha256(("\n".join(sorted(ids)) + "\n").encode()).hexdigest()


def test_every_paper_is_drawn_about_as_often() -> None:
    """Of 40 papers 10 are drawn 2000 times: each 500 times, give or take five standard deviations."""
    ids = paper_ids("b", 40)
    counts = dict.fromkeys(ids, 0)
    for number in range(2000):
        for name in draw_sample(ids, f"{number:032x}", 10):
            counts[name] += 1
    assert max(abs(count - 500) for count in counts.values()) < 5 * math.sqrt(2000 * 0.25 * 0.75)


def test_nobody_chooses_a_seed() -> None:
    """Each is another one, of 128 bits."""
    seeds = {fresh_seed() for _ in range(100)}
    assert len(seeds) == 100
    assert {len(bytes.fromhex(seed)) for seed in seeds} == {16}


@given(st.integers(0, 60), st.integers(0, 60), st.floats(0, 1))
def test_the_probability_is_the_binomial_one(most: int, number: int, rate: float) -> None:
    """Against the sum of its terms in whole numbers."""
    terms = (math.comb(number, k) * rate**k * (1 - rate) ** (number - k) for k in range(min(most, number) + 1))
    assert at_most(most, number, rate) == pytest.approx(math.fsum(terms), abs=1e-9)


@pytest.mark.parametrize(
    ("found", "number", "low", "high"),
    [
        (0, 10, 0.0, 0.3085),  # 1 - 0.025 ** (1 / 10)
        (0, 80, 0.0, 0.0451),
        (1, 10, 0.0025, 0.4450),  # the values that every table of Clopper and Pearson has
        (5, 10, 0.1871, 0.8129),
        (10, 10, 0.6915, 1.0),
        (2, 80, 0.0030, 0.0874),
        (10, 500, 0.0096, 0.0365),
    ],
)
def test_the_interval_is_that_of_the_tables(found: int, number: int, low: float, high: float) -> None:
    """To four places."""
    assert clopper_pearson(found, number) == pytest.approx((low, high), abs=6e-5)


@given(st.integers(0, 2000), st.integers(1, 2000))
def test_an_interval_holds_the_share(found: int, number: int) -> None:
    """And its ends are those at which what was found is just not unlikely."""
    found = min(found, number)
    low, high = clopper_pearson(found, number)
    assert 0 <= low <= found / number <= high <= 1
    if found:
        assert 1 - at_most(found - 1, number, low) == pytest.approx(0.025, abs=1e-6)
    if found < number:
        assert at_most(found, number, high) == pytest.approx(0.025, abs=1e-6)


def test_of_nothing_nothing_is_known() -> None:
    """Before the first check the rate may be any."""
    assert clopper_pearson(0, 0) == (0, 1)
