"""The numbers and the days that a line may state, and how likely each of them is on its picture."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import numpy as np

from pipeline.recognition.header.trellis import Floats, Steps, Ways

NUMBER_LEADS, DAY_LEAD = ("Số", "số"), "ngày"
_DIGITS = "0123456789"
_MOST_DIGITS = 4
_FIRST_YEAR, _LAST_YEAR = 1945, 2099
_DAYS = tuple(dict.fromkeys(text for day in range(1, 32) for text in (str(day), f"{day:02d}")))
_MONTHS = tuple(dict.fromkeys(text for month in range(1, 13) for text in (str(month), f"{month:02d}")))


class Scores(NamedTuple):
    """Values, each a row and a column put together, and the logarithm of the posterior of each among them."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    logs: Floats


def scored_numbers(steps: Steps, ends: Sequence[str], *, is_cut: bool) -> Scores:
    """Every number of up to four digits with each of the ends behind it; one without digits is a free place.

    ``is_cut``: nothing stands behind the end; else it may be anything.
    """
    lead = _either([Ways.start(steps, anywhere=True).spelled(steps, text) for text in NUMBER_LEADS])
    found = lead = _either([lead, lead.then(steps, ":")])._replace(texts=("",))
    for _ in range(_MOST_DIGITS):
        lead = lead.then(steps, _DIGITS)
        found = found.beside(lead)
    kept = [row for row, text in enumerate(found.texts) if _is_number(text)]
    found = Ways(found.letter[:, kept], found.blank[:, kept], tuple(found.texts[row] for row in kept))
    sums = np.zeros((len(kept), len(ends)))
    # A reader without one of the letters knows nothing of that end.
    known = [column for column, end in enumerate(ends) if end and steps.knows(end)]
    if known:
        sums[:, known] = found.ending(steps, [ends[column] for column in known], anything_behind=not is_cut)
    for column in (place for place, end in enumerate(ends) if not end):
        sums[:, column] = found.whole()
    return _among(found.texts, tuple(ends), sums)


def _either(spellings: Sequence[Ways]) -> Ways:
    """Ways that mean the same, as one."""
    ways = spellings[0]
    for other in spellings[1:]:
        ways = ways.beside(other)
    return ways.merged()


def _is_number(text: str) -> bool:
    """Whether it is a number as papers have it: a zero stands before one digit, or two."""
    return not text or (
        int(text) > 0 and not text.startswith("00") and not (len(text) == _MOST_DIGITS and text[0] == "0")
    )


def scored_days(steps: Steps, years: Sequence[int] = range(_FIRST_YEAR, _LAST_YEAR + 1)) -> Scores:
    """Every day of the years, as ``YYYY-MM-DD``, both with zeros and without."""
    lead = Ways.start(steps, anywhere=True).spelled(steps, DAY_LEAD)._replace(texts=("",))
    found = _followed(lead, steps, _DAYS).spelled(steps, "tháng")
    ways = _followed(found, steps, _MONTHS).spelled(steps, "n")
    sums = ways.ending(steps, [f"ăm{year}" for year in years], anything_behind=True)
    by_day: dict[str, float] = {}
    for row, text in enumerate(ways.texts):
        day, _, month = text.removesuffix("n").partition("tháng")
        for column, year in enumerate(years):
            try:
                value = date(year, int(month), int(day)).isoformat()
            except ValueError:
                continue
            by_day[value] = by_day.get(value, 0.0) + sums[row, column]
    return _among(tuple(by_day), ("",), np.array(list(by_day.values()))[:, None])


def _followed(ways: Ways, steps: Steps, texts: Sequence[str]) -> Ways:
    """Each of the ways with each of the texts, of one digit or two, behind it."""
    ones = ways.then(steps, _DIGITS)
    twos = ones.then(steps, _DIGITS)
    both = ones.beside(twos)
    ends = [text[-2:] if text[-2:].isdigit() else text[-1:] for text in both.texts]
    kept = [row for row, end in enumerate(ends) if end in texts]
    return Ways(both.letter[:, kept], both.blank[:, kept], tuple(both.texts[row] for row in kept))


def _among(rows: tuple[str, ...], columns: tuple[str, ...], sums: Floats) -> Scores:
    whole = sums.sum()
    with np.errstate(divide="ignore"):
        logs = np.log(sums / whole) if whole > 0 else np.full(sums.shape, -np.inf)
    return Scores(rows, columns, logs)
