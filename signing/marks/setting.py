"""How the text of a mark is set: each of its lines for itself or all as one run, in few wide lines or many narrow ones.

The font's size is law (L4.3), the arrangement is not.  A setting follows from the text and the size of its box, so the
seal is set as its empty field was made for it, however long ago that was.
"""

import math
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial

from signing.errors import CannotSign
from signing.marks.typeface import text_width, wrap

FONT_SIZE = 10.0  # law L4.3
NOTICE_SIZE = 5.0  # of the line that says that a key has no legal value: no part of what the law asks for
SMALLEST_SIZE = 4.0
WIDEST = 560.0  # points: one line across A4
MOST_LINES = 6
ASCENT, DESCENT = 0.91, 0.22  # of the tallest capitals with two accents and of the longest tails, in em
LEADINGS = (1.15, 1.04)  # in the tighter one, accents and tails come close and do not meet
_GAP = 8.0  # points between the last line and a notice beside it
_JOINT = "–"
_ROUND = 1e-6
_SAME = 0.06  # points; boxes are rounded
# What a setting costs against the plainest, in points of way from the corner.
_ONE_RUN, _ONE_LINE, _FURTHER_LINE, _TIGHT = 10.0, 12.0, 6.0, 4.0
_WHOLE_END = 3.0  # and what it saves that the time stands alone


@dataclass(frozen=True, slots=True)
class Setting:
    """Lines of a size, and the notice under them or beside the last."""

    lines: tuple[str, ...]
    notice: str
    width: float
    size: float = FONT_SIZE
    leading: float = LEADINGS[0]
    cost: float = 0.0

    @property
    def is_beside(self) -> bool:
        """Whether the notice stands in the last line, which has room for it."""
        return bool(self.notice) and text_width(self.lines[-1]) * self.size + _GAP + self.notice_width <= self.width

    @property
    def notice_width(self) -> float:
        """The width of the notice in points."""
        return text_width(self.notice) * NOTICE_SIZE

    @property
    def height(self) -> float:
        """The height of the box in points, rounded up."""
        block = (ASCENT + DESCENT + (len(self.lines) - 1) * self.leading) * self.size
        below = NOTICE_SIZE * (ASCENT + DESCENT) if self.notice and not self.is_beside else 0.0
        return _rounded_up(block + below)


def plainest(lines: Sequence[str], notice: str, width: float) -> Setting:
    """Each line for itself, broken only where it is wider than ``width`` points.

    Raises:
        CannotSign: the text is too long.
    """
    size = FONT_SIZE
    while size >= SMALLEST_SIZE:
        broken = _broken(lines, width, size)
        if len(broken) <= MOST_LINES:
            longest = max([*(text_width(line) * size for line in broken), text_width(notice) * NOTICE_SIZE])
            return Setting(broken, notice, _rounded_up(longest), size)
        size -= 0.5
    raise CannotSign("mark_too_long", remedy="shorten_names")


def in_box(lines: Sequence[str], notice: str, width: float, height: float) -> Setting:
    """The setting that has this box, else the largest that goes into it.

    Raises:
        CannotSign: the text is too long for the box.
    """
    for texts in (lines, _run(lines)):
        for leading in LEADINGS:
            found = Setting(_broken(texts, width, FONT_SIZE), notice, width, leading=leading)
            if abs(found.height - height) < _SAME:
                return found
    size = FONT_SIZE
    while size >= SMALLEST_SIZE:
        for texts in (lines, _run(lines)):
            found = Setting(_broken(texts, width, size), notice, width, size, LEADINGS[1])
            if found.height <= height + _SAME:
                return found
        size -= 0.5
    raise CannotSign("mark_too_long", remedy="shorten_names")


@lru_cache(maxsize=8)  # a mark is looked for up to three times
def arrangements(lines: tuple[str, ...], notice: str) -> tuple[Setting, ...]:
    """The settings at the size of the law, the plainest first: for each number of lines the narrowest.

    And the narrowest with the notice beside the last line, and with the last text in a line of its own.
    """
    return tuple(sorted(_arranged(lines, notice), key=lambda setting: setting.cost))


def _arranged(lines: tuple[str, ...], notice: str) -> Iterator[Setting]:
    for texts, run_cost in ((lines, 0.0), (_run(lines), _ONE_RUN)):
        least = len([text for text in texts if text.strip()])
        for widths in _narrowing(texts, text_width(notice) * NOTICE_SIZE):
            settings = [Setting(_broken(texts, width, FONT_SIZE), notice, width) for width in widths]
            chosen = {settings[0]: 0.0}
            for is_better, gain in ((_is_beside, 0.0), (partial(_ends_whole, lines), _WHOLE_END)):
                if not is_better(settings[0]) and (found := next(filter(is_better, settings), None)):
                    chosen[found] = gain
            for setting, gain in chosen.items():
                cost = run_cost - gain + (_ONE_LINE if len(setting.lines) == 1 else 0.0)
                cost += _FURTHER_LINE * (len(setting.lines) - least) if least > 1 else 0.0
                yield replace(setting, cost=cost)
                if len(setting.lines) > 1:
                    yield replace(setting, leading=LEADINGS[1], cost=cost + _TIGHT)


def _is_beside(setting: Setting) -> bool:
    return setting.is_beside


def _ends_whole(texts: Sequence[str], setting: Setting) -> bool:
    return bool(texts) and setting.lines[-1] == unicodedata.normalize("NFC", texts[-1])


def _narrowing(texts: Sequence[str], least: float) -> Iterator[list[float]]:
    """The widths of boxes, not below ``least``, that give so many lines, and then for ever more lines."""
    words = [[text_width(word) for word in unicodedata.normalize("NFC", text).split()] for text in texts]
    space = text_width(" ")
    runs = (
        sum(item[first:last]) + space * (last - first - 1)
        for item in words
        for first in range(len(item))
        for last in range(first + 1, len(item) + 1)
    )
    least = _rounded_up(max([least, *(width * FONT_SIZE for item in words for width in item)]))
    widths = sorted({max(least, _rounded_up(width * FONT_SIZE)) for width in runs if width * FONT_SIZE <= WIDEST})
    while widths:
        count = len(_broken(texts, widths[-1], FONT_SIZE))
        if count > MOST_LINES:
            return
        place = bisect_left(widths, True, key=lambda width: len(_broken(texts, width, FONT_SIZE)) <= count)
        yield widths[place:]
        widths = widths[:place]


def _run(lines: Sequence[str]) -> tuple[str, ...]:
    """All lines as one."""
    return (f" {_JOINT} ".join(line for line in lines if line.strip()),)


def _broken(texts: Sequence[str], width: float, size: float) -> tuple[str, ...]:
    """The lines, none wider than ``width`` points; a joint at the end of a line is not needed."""
    em = (width + _ROUND) / size
    parts = [part for text in texts for part in wrap(unicodedata.normalize("NFC", text), em)]
    if len(texts) == 1:
        parts = [part.removeprefix(f"{_JOINT} ").removesuffix(f" {_JOINT}").removesuffix(_JOINT) for part in parts]
    return tuple(part for part in parts if part) or ("",)


def _rounded_up(points: float) -> float:
    return math.ceil(points * 10 - _ROUND) / 10
