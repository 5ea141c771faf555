"""How far a rate found in a sample can be from that of the lot, and how often a plan accepts a lot."""

from math import exp, lgamma, log, log1p
from typing import NamedTuple

CONFIDENCE = 0.95
_STEPS = 60  # of halving: far below what a double can tell


class Interval(NamedTuple):
    """Between these the rate of the lot lies, but for one sample in twenty at most."""

    low: float
    high: float


def at_most(most: int, number: int, rate: float) -> float:
    """The probability of at most so many defective ones among a number, each being so by a rate (binomial)."""
    if rate <= 0 or most >= number:
        return 1.0
    if rate >= 1 or most < 0:
        return 0.0
    whole = lgamma(number + 1)
    return sum(
        exp(whole - lgamma(k + 1) - lgamma(number - k + 1) + k * log(rate) + (number - k) * log1p(-rate))
        for k in range(most + 1)
    )


def clopper_pearson(found: int, number: int) -> Interval:
    """The exact interval of a rate (Clopper and Pearson, Biometrika 26, 1934, 404-413), by halving.

    It holds its confidence for any rate; for a sample out of a small lot it is wider than it need be.
    """
    if number == 0:
        return Interval(0.0, 1.0)
    tail = (1 - CONFIDENCE) / 2
    low = 0.0 if found == 0 else _root(most=found - 1, number=number, wanted=1 - tail)
    high = 1.0 if found == number else _root(most=found, number=number, wanted=tail)
    return Interval(low, high)


def _root(most: int, number: int, wanted: float) -> float:
    """The rate at which ``at_most`` is what is wanted; it falls while the rate rises."""
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if at_most(most, number, middle) > wanted:
            low = middle
        else:
            high = middle
    return (low + high) / 2
