"""Numbers with a digit whose ink is not that of the digit: an 8 whose left part rust, a hole or a fold took is no 3.

Every reader takes what is left of a digit for the likeliest whole one, and two of them for the same, without doubt.  So
each digit of a long number is laid over others of its page that were read as the same digit, and over print: where it
has the ink of none of them, nobody is to take the number for sure.  What cannot be parted into digits is not judged.
Figures: docs/decisions/0076-damaged-digits.md.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from statistics import median

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.recognition.handwriting import printed_digit
from pipeline.recognition.tesseract import ReadToken
from pipeline.scans.raster import Pixels

Shape = NDArray[np.float32]

# The most by which digits of sound numbers differ, by the ink of a digit: from the same digit on the page, from print
# where the page has others, and where it has none.
_LIKE_OTHERS, _LIKE_PRINT, _LIKE_PRINT_ALONE = 0.06, 0.05, 0.08
_FINER = 3  # at 150 dpi a digit is 18 pixels high, and a pixel of its height would count for more than damage
_HEIGHT, _AROUND, _WIDTH = 24, 4, 24  # pixels of a shape: a digit, what is left above and below, the whole
_SHIFT = 4
_FACES = 5
_LEAST_CONTRAST, _LEAST_HEIGHT = 40, 8
_INKED, _WITHIN = 0.4, 0.5  # of the darkest ink: part of a digit, and of its height
_SURE = 0.85  # confidence of words whose digits are examples
_EXAMPLES, _WORDS = 12, 60  # of each digit; words that are looked at for them
_FEW = 6  # digits that tell how a line leans


def odd_numbers(words: Sequence[ReadToken], grey: Pixels, numbers: Sequence[Sequence[int]]) -> tuple[int, ...]:
    """The places of words of the long ``numbers`` (places in ``words``) that bear a digit unlike its like."""
    odd: list[int] = []
    for places in numbers:
        own = {place: shapes_of(words[place], grey) for place in places}
        shapes = [(words[place].text[at], shape) for place in places for at, shape in own[place].items()]
        if not shapes:
            continue
        examples = _examples(words, grey, places, {digit for digit, _ in shapes})
        ink = float(np.mean([np.square(shape).sum() for _, shape in shapes]))
        for place in places:
            for at, shape in own[place].items():
                digit = words[place].text[at]
                others = [other for said, other in shapes if said == digit and other is not shape]
                if not _is_like(shape, [*others, *examples.get(digit, ())], _in_print(digit), ink):
                    odd.append(place)
                    break
    return tuple(odd)


def _is_like(shape: Shape, others: Sequence[Shape], print_: Sequence[Shape], ink: float) -> bool:
    """Whether a digit is like others that were read as it, or like print."""
    if others and _difference(shape, others) <= _LIKE_OTHERS * ink:
        return True
    return _difference(shape, print_) <= (_LIKE_PRINT if others else _LIKE_PRINT_ALONE) * ink


def _difference(shape: Shape, others: Sequence[Shape]) -> float:
    """The squared differences to what is most like it, wherever it lies best."""
    room = cv2.copyMakeBorder(shape, *(_SHIFT,) * 4, cv2.BORDER_CONSTANT, value=0.0)
    return min(float(cv2.matchTemplate(room, other, cv2.TM_SQDIFF).min()) for other in others)


def _examples(
    words: Sequence[ReadToken], grey: Pixels, places: Sequence[int], wanted: set[str]
) -> Mapping[str, Sequence[Shape]]:
    """Digits of other words that were read surely, the nearest first."""
    level = words[places[0]].box[1]
    near = sorted(
        (
            word
            for place, word in enumerate(words)
            if place not in places and word.confidence >= _SURE and wanted & set(word.text)
        ),
        key=lambda word: abs(word.box[1] - level),
    )
    found: defaultdict[str, list[Shape]] = defaultdict(list)
    for word in near[:_WORDS]:
        if any(len(found[digit]) < _EXAMPLES for digit in wanted & set(word.text)):
            for at, shape in shapes_of(word, grey).items():
                found[word.text[at]].append(shape)
    return found


def shapes_of(word: ReadToken, grey: Pixels) -> Mapping[int, Shape]:
    """The digits of a word by their places in its text, all of one size; none where they cannot be parted."""
    ink = _ink(word, grey)
    if ink is None:
        return {}
    runs = _runs(ink, word.text)
    digits = [at for at, sign in enumerate(word.text) if sign.isdecimal()]
    if not runs or not digits:
        return {}
    spans = [_rows(ink[:, slice(*runs[at])]) for at in digits]
    tall = [(top, bottom) for top, bottom in spans if bottom > top]
    height = float(median(bottom - top for top, bottom in tall)) if tall else 0.0
    if height < _LEAST_HEIGHT * _FINER:
        return {}
    across = [sum(runs[at]) / 2 for at in digits]
    base, lean = _level(across, [(top + bottom) / 2 for top, bottom in spans])
    return {
        at: _normal(ink, runs[at], (x, base + lean * x), _HEIGHT / height) for at, x in zip(digits, across, strict=True)
    }


def _ink(word: ReadToken, grey: Pixels) -> Shape | None:
    """How dark each place of a word is, 0..1, with finer pixels; None where there is hardly any ink."""
    left, top, right, bottom = word.box
    area = grey[max(0, top - 2) : bottom + 2, max(0, left - 2) : right + 2]
    if min(area.shape) < _LEAST_HEIGHT:
        return None
    paper, dark = float(np.percentile(area, 85)), float(np.percentile(area, 3))
    if paper - dark < _LEAST_CONTRAST:
        return None
    ink = ((paper - area.astype(np.float32)) / (paper - dark)).clip(0, 1)
    finer = cv2.resize(ink, None, fx=_FINER, fy=_FINER, interpolation=cv2.INTER_CUBIC)
    return np.asarray(finer.clip(0, 1), np.float32)


def _runs(ink: Shape, text: str) -> list[tuple[int, int]]:
    """The columns of each sign: as blanks part them, or evenly where there are only digits and some touch or broke."""
    inked = (ink > _INKED).any(0).astype(np.int8)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], inked, [0]))))
    runs = [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a >= _FINER]
    if len(runs) == len(text) or not runs:
        return runs
    if not text.isdecimal():
        return []
    start, end = runs[0][0], runs[-1][1]
    pitch = (end - start) / len(text)
    slack, sums = max(1, round(pitch / 4)), ink.sum(0)
    cuts = [start]
    for place in range(1, len(text)):
        at = round(start + place * pitch)
        cuts.append(at - slack + int(np.argmin(sums[at - slack : at + slack + 1])))
    return list(zip(cuts, (*cuts[1:], end), strict=True))


def _rows(ink: Shape) -> tuple[int, int]:
    rows = np.flatnonzero((ink > _WITHIN).any(1)) if ink.size else ink
    return (int(rows[0]), int(rows[-1]) + 1) if len(rows) else (0, 0)


def _level(across: Sequence[float], down: Sequence[float]) -> tuple[float, float]:
    """Where the middle of the line lies, and how much it falls by the width."""
    falls = [
        (down[j] - down[i]) / (across[j] - across[i])
        for i in range(len(across))
        for j in range(i + 3, len(across))
        if len(across) >= _FEW and across[j] > across[i]
    ]
    lean = float(median(falls)) if falls else 0.0
    return float(median(y - lean * x for x, y in zip(across, down, strict=True))), lean


def _normal(ink: Shape, run: tuple[int, int], middle: tuple[float, float], scale: float) -> Shape:
    """One digit in the middle of a picture of its own, at the size that all have."""
    alone = np.zeros_like(ink)
    columns = slice(max(0, run[0] - _FINER), run[1] + _FINER)
    alone[:, columns] = ink[:, columns]
    tall = _HEIGHT + 2 * _AROUND
    place = np.array([[scale, 0, _WIDTH / 2 - scale * middle[0]], [0, scale, tall / 2 - scale * middle[1]]])
    drawn = cv2.warpAffine(cv2.GaussianBlur(alone, (0, 0), 1 / scale), place, (_WIDTH, tall), flags=cv2.INTER_LINEAR)
    return np.asarray(drawn, np.float32)


@cache
def _in_print(digit: str) -> tuple[Shape, ...]:
    """A digit in the faces of papers, as a scanner sees it."""
    shapes = []
    for face in range(_FACES):
        glyph = printed_digit(digit, 18, face)
        ink = (255 - glyph.astype(np.float32)) / 255
        finer = np.asarray(cv2.resize(ink, None, fx=_FINER, fy=_FINER, interpolation=cv2.INTER_CUBIC), np.float32)
        tall, wide = finer.shape
        shapes.append(_normal(finer.clip(0, 1), (0, wide), (wide / 2, tall / 2), _HEIGHT / (18 * _FINER)))
    return tuple(shapes)
