"""How long a signature stays provable: the levels of ETSI EN 319 142-1, 6.1, and when proof must be renewed."""

from collections.abc import Iterable
from datetime import date
from typing import Literal

from domain.validity import add_months

Level = Literal["B-B", "B-T", "B-LT", "B-LTA"]
"""B-B: a signature.  B-T: with a time stamp.  B-LT: with all certificates and proof that none was revoked.  B-LTA: all
of it under a time stamp of its own, which can be renewed for ever."""

_ORDER: tuple[Level, ...] = ("B-B", "B-T", "B-LT", "B-LTA")
RENEWAL_MONTHS = 12  # before the proof ends; signing of the copies must not come to depend on one bad month


def is_below(level: Level, other: Level) -> bool:
    """Whether a level proves less than another."""
    return _ORDER.index(level) < _ORDER.index(other)


def lower(level: Level, other: Level) -> Level:
    """The lower of two levels."""
    return min(level, other, key=_ORDER.index)


def renewal_due(ends: Iterable[date]) -> date:
    """The day from which the proof is to be renewed, given when each thing that it rests on ends."""
    return add_months(min(ends), -RENEWAL_MONTHS)
