"""What the lines of number and day say where print alone does not tell: the likeliest value of all, by both readers.

Numbers and days of papers are mostly written by hand into a printed line.  A reader that knows print gives them any
text; asked how likely each possible value is, two readers together have the right one far more often than any text of
theirs.  What they say is a proposal: a person looks at it.  Figures and bounds: docs/decisions/0077.
"""

import math
import re
from collections.abc import Callable, Collection, Iterator, Sequence

import numpy as np

from pipeline.recognition.context.posterior import Posterior
from pipeline.recognition.header.symbols import likely_ends
from pipeline.recognition.header.templates import Scores, scored_days, scored_numbers
from pipeline.recognition.header.third import third_reader
from pipeline.recognition.header.trellis import Steps
from pipeline.recognition.header.zone import StatedKind, StatedLine, lines_of
from pipeline.recognition.ink import Rectangle
from pipeline.recognition.second import second_reader
from pipeline.recognition.tesseract import ReadToken
from pipeline.scans.raster import Pixels

_PRINT = 0.85  # a line whose digits have it, and are believed, was read as it stands
_MOST_LINES = 6  # of a page: each costs a quarter of a second
_LEAST, _LOWEST, _RANGE = 0.02, 0.30, 0.44  # what is hardly likely is not proposed; a proposal has 0.3 to 0.74
_OF_ONE_READER = 0.5  # at most: one reader alone is wrong twice as often
# Heights of the line that each reader sees above and below it: hands write larger than print.
_TALLER, _TALLER_OF_THIRD = (0.15, 0.1), (0.15, 0.15)
_NUMBER = re.compile(r"\W*S\w\W+\d{1,6}[/⁄]\S+")
_DAY = re.compile(r"\D*\b\d{1,2}\D+\d{1,2}\D+\d{4}\W*")

Look = Callable[[Rectangle], Posterior]


def lines_stated(
    words: Sequence[ReadToken], grey: Pixels, doubted: Collection[int]
) -> tuple[tuple[ReadToken, ...], tuple[ReadToken, ...]]:
    """Numbers and days on lines whose print does not tell them: the value as text, how sure, the line's box.

    ``doubted``: places of words that are not believed.
    """
    lines = [line for line in lines_of(words, grey.shape[1], grey.shape[0]) if not _is_read(line, words, doubted)]
    looks = list(_looks(grey)) if lines else []
    found: dict[StatedKind, list[ReadToken]] = {"number": [], "day": []}
    for line in lines[:_MOST_LINES] if looks else ():
        if (value := _value(line, looks)) is not None:
            found[line.kind].append(value)
    return tuple(found["number"]), tuple(found["day"])


def _is_read(line: StatedLine, words: Sequence[ReadToken], doubted: Collection[int]) -> bool:
    """Whether the line is print that was read without doubt."""
    text = " ".join(words[place].text for place in line.places)
    form = _NUMBER if line.kind == "number" else _DAY
    filled_in = [place for place in line.places if any(letter.isdigit() for letter in words[place].text)]
    return form.fullmatch(text) is not None and all(
        place not in doubted and words[place].confidence >= _PRINT for place in filled_in
    )


def _looks(grey: Pixels) -> Iterator[Look]:
    second, third = second_reader(), third_reader()
    if second is not None:
        yield lambda box: second.look(_cut(grey, _taller(box, _TALLER)))[1]
    if third is not None:
        yield lambda box: third.look(grey, _taller(box, _TALLER_OF_THIRD))


def _cut(grey: Pixels, box: Rectangle) -> Pixels:
    left, top, right, bottom = box
    return grey[top:bottom, left:right]


def _taller(box: Rectangle, by: tuple[float, float]) -> Rectangle:
    left, top, right, bottom = box
    above, below = (round(share * (bottom - top)) for share in by)
    return left, max(0, top - above), right, bottom + below


def _value(line: StatedLine, looks: Sequence[Look]) -> ReadToken | None:
    scores = [_scores(line, look(line.box)) for look in looks]
    mean = np.mean([score.logs for score in scores], axis=0)
    row, column = divmod(int(np.argmax(mean)), mean.shape[1])
    likely, value = math.exp(mean[row, column]), scores[0].rows[row] + scores[0].columns[column]
    is_free = line.kind == "number" and not value[:1].isdigit()
    if is_free or not likely > _LEAST:
        return None
    sure = round(_LOWEST + _RANGE * likely, 3)
    return ReadToken(value, line.box, sure if len(looks) > 1 else min(_OF_ONE_READER, sure), 0)


def _scores(line: StatedLine, seen: Posterior) -> Scores:
    steps = Steps.of(seen.logs, seen.places)
    if line.kind == "day":
        return scored_days(steps, [int(line.end)]) if line.end else scored_days(steps)
    return scored_numbers(steps, likely_ends(line.end), is_cut=bool(line.end))
