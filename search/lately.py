"""Times that people say from the day of the question on: ``hôm nay``, ``tháng trước``, ``2 năm trước``."""

import calendar
import re
from collections.abc import Iterator
from datetime import date, timedelta

from domain.clock import today

_SAID = re.compile(
    r"(?<![^\W_])(?:hôm (?P<day>nay|qua|kia)|hom (?P<bare_day>nay|qua|kia)"
    r"|(?:(?P<number>\d{1,2}) )?(?P<what>tháng|thang|năm|nam) (?P<when>này|nay|trước|truoc|ngoái|ngoai|rồi|roi|kia)"
    r")(?![^\W_])(?! (?:năm |ngày |tháng )?\d)"
)
_DAYS_AGO = {"nay": 0, "qua": 1, "kia": 2}
_AGO = {"này": 0, "nay": 0, "kia": 2}


def said_lately(text: str) -> Iterator[tuple[int, int, date, date]]:
    """Where a text says such a time, and its first and last day; the words as they are spelled, or without accents."""
    for found in _SAID.finditer(text.lower()):
        if day := found["day"] or found["bare_day"]:
            then = today() - timedelta(days=_DAYS_AGO[day])
            yield *found.span(), then, then
        elif span := _span(found["what"], found["when"], found["number"]):
            yield *found.span(), *span


def _span(what: str, when: str, number: str | None) -> tuple[date, date] | None:
    is_month = what in {"tháng", "thang"}
    if number and (when not in {"trước", "truoc"} or number.startswith("0")):
        return None  # `5 năm nay` is no time
    if is_month and when in {"ngoái", "ngoai", "kia"}:
        return None
    ago, now = int(number) if number else _AGO.get(when, 1), today()
    if not is_month:
        return date(now.year - ago, 1, 1), date(now.year - ago, 12, 31)
    year, month = divmod(now.year * 12 + now.month - 1 - ago, 12)
    return date(year, month + 1, 1), date(year, month + 1, calendar.monthrange(year, month + 1)[1])
