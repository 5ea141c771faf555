"""Days, months and years as people type them: ``26-6-2019``, ``21/07/25``, ``14022023``, ``tháng 5/2022``, ``T1/2021``.

A paper answers when it was issued then, or when its text says so, in whatever form.  What is no day of the calendar,
and what stands in a longer number (``26/6/2019/QĐ-UBND``), is left as it was typed.
"""

import calendar
import re
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import product
from typing import NamedTuple

from domain.clock import today
from search.lately import said_lately

_APART = r"(?<![0-9a-z])(?<![0-9a-z][/.&-])"  # in folded text
_ENDS = r"(?![0-9a-z])(?![/.&-][0-9a-z])"
_DAY = re.compile(
    rf"{_APART}(?:ngay\s+)?(?:"
    r"(?P<day>\d{1,2})\s?(?P<sign>[/.-])\s?(?P<month>\d{1,2})\s?(?P=sign)\s?(?P<year>\d{4}|(?<=[/.-])\d{2})"
    r"|(?P<iso_year>\d{4})-(?P<iso_month>\d{1,2})-(?P<iso_day>\d{1,2})"
    r"|(?P<word_day>\d{1,2})\s+thang\s+(?P<word_month>\d{1,2})(?:\s*(?:,\s*)?(?:nam\s+|[/.-]\s?)(?P<word_year>\d{4}))?"
    r"|(?P<run>(?P<run_day>[0-3]\d)(?P<run_month>[01]\d)(?P<run_year>(?:19|20)\d{2}))"
    r"|(?<=ngay\s)(?P<short_day>\d{1,2})\s?/\s?(?P<short_month>\d{1,2})(?!\s+(?:den|toi)\s)"
    r"|(?:thang|thg|t)\s?(?P<only_month>\d{1,2})(?:\s?[/.-]\s?|\s+nam\s+|\s+)(?P<only_year>\d{4}|(?<=[/.-])\d{2})"
    rf"){_ENDS}"
)
_MONTH = re.compile(r"(?P<month>\d{1,2})[/.-](?P<year>(?:19|20)\d{2})")
_FROM = re.compile(r"(?<![0-9a-z])tu\s+(?:ngay\s+|thang\s+)?$")
_FROM_WITHOUT_YEAR = re.compile(
    r"(?<![0-9a-z])tu\s+(?:ngay\s+)?(?P<day>\d{1,2})\s?[/.-]\s?(?P<month>\d{1,2})"
    r"\s+(?:den|toi)\s+(?:het\s+)?$"
)
_TO = re.compile(r"\s*(?:den|toi)\s+(?:het\s+)?(?:ngay\s+)?")
_YEARS = re.compile(
    rf"{_APART}tu\s+(?:nam\s+)?(?P<first>\d{{4}})\s+(?:den|toi)\s+(?:het\s+)?(?:nam\s+)?(?P<last>\d{{4}}){_ENDS}"
)
_OPEN = re.compile(
    rf"{_APART}(?P<how>truoc|sau|tu|trong)\s+(?:(?P<word>nam)\s+|ngay\s+|thang\s+)?(?:(?P<year>\d{{4}}){_ENDS}|$)"
)
_HOWS = {"truoc": ("truoc", "trước"), "sau": ("sau",), "tu": ("tu", "từ"), "trong": ("trong",)}
_YEARS_AHEAD = 1  # of two digits that could be this century's: terms end next year, birthdays lie behind


_FIRST, _LAST = date(1900, 1, 1), date(2100, 12, 31)


class Day(NamedTuple):
    """A day, month or span of days; ``low`` is None for a day without its year.

    ``each_year``: the key of a day without its year.
    ``runs``: the words that say it in a text; ``keys``: the numbers that do; ``both``: the two days of a span, which a
    text may say.
    """

    low: date | None
    high: date | None
    runs: tuple[tuple[str, ...], ...] = ()
    keys: tuple[str, ...] = ()
    both: tuple["Day", ...] = ()
    each_year: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it has no first or no last day."""
        return self.low == _FIRST or self.high == _LAST


class Placed(NamedTuple):
    """A day, and where it was typed."""

    start: int
    end: int
    day: Day


def find_days(folded: str) -> list[Placed]:
    """The days of a folded text in order; two with `từ` and `đến` are one span."""
    found = [Placed(*match.span(), day) for match in _DAY.finditer(folded) if (day := _day(match)) is not None]
    return sorted([*_years(folded), *_spans(folded, found)])


def find_asked(text: str, folded: str) -> list[Placed]:
    """The days of a question, the times open at one end: ``trước 2020``, ``từ tháng 5/2022``; else ``năm ngoái``.

    `Tú`, `sáu` and `sâu` are words, though they are folded as `từ` and `sau` are: how it is spelled decides.  A year
    alone is a word; so it is behind `từ` and `trong`, unless `năm` stands between.
    """
    found = find_days(folded)
    made = [_open_ended(placed, text, folded) for placed in found]
    taken = [(placed.start, placed.end) for placed in made]
    years = [
        Placed(*match.span(), day)
        for match in _OPEN.finditer(folded)
        if match["year"] and (match["word"] or match["how"] in {"truoc", "sau"}) and _is_spelled(match, text)
        if (day := _beyond(match["how"], _of_year(int(match["year"])))) is not None
    ]
    every = [*made, *(item for item in years if not any(a < item.end and item.start < b for a, b in taken))]
    # Beside another day they are its words: "Hôm nay, ngày 5 tháng 6 năm 2020".
    return sorted(every) or [Placed(start, end, Day(low, high)) for start, end, low, high in said_lately(text)]


def _open_ended(placed: Placed, text: str, folded: str) -> Placed:
    """A day or month with the word before it that opens it at one end."""
    match = next((item for item in _OPEN.finditer(folded, 0, placed.start) if item.end() == placed.start), None)
    if match is None or placed.day.low is None or placed.day.both or not _is_spelled(match, text):
        return placed
    day = _beyond(match["how"], placed.day)
    return placed if day is None else Placed(match.start(), placed.end, day)


def _is_spelled(match: re.Match[str], text: str) -> bool:
    return text[match.start("how") : match.end("how")].lower() in _HOWS[match["how"]]


def _of_year(year: int) -> Day:
    return Day(date(year, 1, 1), date(year, 12, 31))


def _beyond(how: str, day: Day) -> Day | None:
    """The time before, after, from or within a day, month or year; None where there is none."""
    low, high = day.low, day.high
    if low is None or high is None or not _FIRST < low <= high < _LAST:
        return None
    match how:
        case "truoc":
            return Day(_FIRST, low - timedelta(days=1))
        case "sau":
            return Day(high + timedelta(days=1), _LAST)
        case "tu":
            return Day(low, _LAST)
    return Day(low, high)


def _years(folded: str) -> Iterator[Placed]:
    for match in _YEARS.finditer(folded):
        first, last = int(match["first"]), int(match["last"])
        if 1900 <= first <= last <= 2100:
            yield Placed(*match.span(), Day(date(first, 1, 1), date(last, 12, 31)))


def _spans(folded: str, found: list[Placed]) -> Iterator[Placed]:
    place = 0
    while place < len(found):
        one, other = found[place], found[place + 1] if place + 1 < len(found) else None
        if began := _first_without_year(folded[: one.start], one.day):
            start, low = began
            yield Placed(start, one.end, Day(low, one.day.high))
            place += 1
            continue
        before = _FROM.search(folded[: one.start])
        if before and other and _TO.fullmatch(folded[one.end : other.start]) and _in_order(one.day, other.day):
            yield Placed(before.start(), other.end, Day(one.day.low, other.day.high, both=(one.day, other.day)))
            place += 2
        else:
            yield one
            place += 1


def _first_without_year(before: str, last: Day) -> tuple[int, date] | None:
    """Where `từ 1/1 đến` begins, and its day in the year of the day behind it; None if that is not there."""
    match = _FROM_WITHOUT_YEAR.search(before)
    if match is None or last.low is None:
        return None
    try:
        low = date(last.low.year, int(match["month"]), int(match["day"]))
    except ValueError:
        return None
    return (match.start(), low) if low <= last.low else None


def _in_order(one: Day, other: Day) -> bool:
    return one.low is not None and other.high is not None and one.low <= other.high


def _day(match: re.Match[str]) -> Day | None:
    if match["only_month"]:
        return _month(int(match["only_month"]), _whole(match["only_year"]))
    if match["short_day"]:
        return _without_year(int(match["short_day"]), int(match["short_month"]))
    day, month, year = next(
        values
        for kind in ("", "iso_", "word_", "run_")
        if (values := tuple(match[f"{kind}{part}"] for part in ("day", "month", "year")))[0]
    )
    if year is None:
        return _without_year(int(day), int(month))
    try:
        then = date(_whole(year), int(month), int(day))
    except ValueError:
        return None
    if not 1900 <= then.year <= 2100:
        return None
    pairs = list(product(_spellings(then.day), _spellings(then.month)))
    return Day(
        then,
        then,
        (*((d, "thang", m, "nam", str(then.year)) for d, m in pairs), *(((match["run"],),) if match["run"] else ())),
        tuple(dict.fromkeys(f"{d.lstrip('0')}{sign}{m}{sign}{then.year}" for d, m in pairs for sign in "/.-")),
    )


def _month(month: int, year: int) -> Day | None:
    if not (1 <= month <= 12 and 1900 <= year <= 2100):
        return None
    runs = [("thang", m, *nam, str(year)) for m in _spellings(month) for nam in (("nam",), ())]
    last = calendar.monthrange(year, month)[1]
    return Day(date(year, month, 1), date(year, month, last), tuple(runs), (f"{month}/{year}",))


def month_in(number: str) -> Day | None:
    """The month that a number may be, as `4/2022`."""
    found = _MONTH.fullmatch(number)
    return _month(int(found["month"]), int(found["year"])) if found else None


def _without_year(day: int, month: int) -> Day | None:
    if not (1 <= month <= 12 and 1 <= day <= calendar.monthrange(2024, month)[1]):  # a leap year
        return None
    runs = tuple((d, "thang", m) for d in _spellings(day) for m in _spellings(month))
    return Day(None, None, runs, each_year=key_of_each_year(day, month))


def key_of_each_year(day: int, month: int) -> str:
    """By which papers are found that were issued on a day of any year; no number has this form."""
    return f"~{day}.{month}."


def _whole(year: str) -> int:
    if len(year) == 4:
        return int(year)
    this = 2000 + int(year)
    return this if this <= today().year + _YEARS_AHEAD else this - 100


def _spellings(number: int) -> tuple[str, ...]:
    return tuple(dict.fromkeys((str(number), f"{number:02}")))
