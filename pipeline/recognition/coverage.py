"""Ink that no word accounts for: lines that page segmentation dropped, and strokes through and beside written text.

Segmentation loses whole lines more often than letters.  The text of a page that a program wrote says nothing of a pen
that struck a value and put another above it; what is drawn when the text is not drawn does.
"""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.readings import Box, Word
from pipeline.recognition.ink import Ink, Mask, Rectangle, millimetres, threshold
from pipeline.recognition.tesseract import ReadToken
from pipeline.scans.raster import Pixels, parts

_LOWEST_MM, _TALLEST_MM = 0.9, 7.0  # letters, from a small x to a title's capital
_WIDEST_MM = 25.0  # letters that touch
_MARGIN_MM = 6.0  # punch holes, staples and shadows of the edge
_LINE_GAP_MM = 4.0
_SHORTEST_LINE_MM, _FEWEST_LETTERS = 4.0, 3

# Of strokes by written text, in heights of a word's box (from ascent to descent) unless told.
_DARK = 0.72  # of the paper's grey: tints, watermarks and highlights are lighter
_SOLID = 0.65  # what is so thick both ways is a ground, not a stroke
_INSET = 0.06  # the lines above and below reach into a box
_LETTER = 24  # grey levels by which a place changes when its letters are not drawn
_MIDDLE = (0.25, 0.76)  # of the letters' own height: rules run below and above
_CROSSED = 0.18  # so much of the width: a rule between columns is thinner
_NEAR, _ABOVE = 0.6, 0.75
_LOW, _HIGH, _WIDE = 0.28, 1.8, 3.5  # parts of the size of written letters
_FRAMED, _FILLED = 0.8, 0.75  # of each side, of the area: boxes to tick, bullets
_CRAMMED, _LATER, _APART = 0.12, 0.4, 0.3
_MANY_LINES, _ALL_DOWN = 5, 0.4  # share of a page's height
_TIGHT = 0.1  # of the numbers


class Letters(NamedTuple):
    """Where ink of the size of letters is on a page, how tall they are as a rule, and the pixels of a millimetre."""

    ink: NDArray[np.bool_]
    height: float
    unit: float


def letters_of(ink: Ink, dpi: float) -> Letters:
    """Parts of the size of letters, away from the margin and from marks."""
    unit = millimetres(dpi)
    found = threshold(ink.grey)
    found[ink.marks] = 0
    margin = int(_MARGIN_MM * unit)
    found[:margin] = found[-margin:] = 0
    found[:, :margin] = found[:, -margin:] = 0
    _, labels, stats, _ = parts(found)
    width, height = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    is_letter = (height >= _LOWEST_MM * unit) & (height <= _TALLEST_MM * unit) & (width <= _WIDEST_MM * unit)
    is_letter[0] = False
    usual = float(np.median(height[is_letter])) if is_letter.any() else unit
    return Letters(is_letter[labels], usual, unit)


def coverage(letters: Letters, words: Sequence[ReadToken]) -> float:
    """The share of the letters' ink that words cover; 1 for a page without letters."""
    total = int(letters.ink.sum())
    return round(1 - int(uncovered(letters, words).sum()) / total, 4) if total else 1.0


def missing_lines(letters: Letters, words: Sequence[ReadToken]) -> list[Rectangle]:
    """Boxes of rows of letters, in pixels, that no word covers."""
    left_over = uncovered(letters, words).astype(np.uint8)
    unit = letters.unit
    joined = cv2.morphologyEx(left_over, cv2.MORPH_CLOSE, np.ones((1, int(_LINE_GAP_MM * unit) | 1), np.uint8))
    count, labels, stats, _ = parts(cv2.dilate(joined, np.ones((3, 1), np.uint8)))
    width, tall = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    is_line = (width >= _SHORTEST_LINE_MM * unit) & (width > tall)
    is_line &= (tall >= 0.6 * letters.height) & (tall <= 4 * letters.height)
    is_line[0] = False
    if not is_line.any():
        return []
    _, _, _, centres = parts(left_over)
    across, down = centres[1:].round().astype(int).T
    is_line &= np.bincount(labels[down, across], minlength=count) >= _FEWEST_LETTERS
    rows, columns = left_over.shape
    pad = int(0.8 * unit)
    return [
        (max(0, left - pad), max(0, top - pad), min(columns, left + width + pad), min(rows, top + tall + pad))
        for left, top, width, tall, _ in stats[is_line].tolist()
    ]


def uncovered(letters: Letters, words: Sequence[ReadToken]) -> NDArray[np.bool_]:
    """The letters' ink that no word covers, ``(height, width)``."""
    left_over = letters.ink.copy()
    for word in words:
        left, top, right, bottom = word.box
        left_over[max(0, top - 2) : bottom + 3, max(0, left - 2) : right + 3] = False
    return left_over


def overwritten(words: Sequence[Word], shown: Pixels, bare: Pixels) -> frozenset[Box]:
    """The boxes of words that strokes run through, or that something is written beside or above.

    ``shown`` is the page in grey ``(height, width)``, ``bare`` the same when its text is not drawn.  Underlines, rules
    of tables, frames, tints and what is far larger than letters, such as stamps beside, count for nothing.  Of a page
    that is crossed out every word is struck.
    """
    said = [word for word in words if any(map(str.isalnum, word.text))]
    added = _crammed(said)
    strokes = _strokes(bare, said)
    if not strokes.any():
        return frozenset(added)
    letters = cv2.absdiff(shown, bare) > _LETTER
    struck = [word for word in said if _is_crossed(word, strokes, letters)]
    if _is_all(struck):
        return frozenset(word.box for word in words)
    middles = _small_parts(strokes, said)
    added |= {word.box for word in said if _may_go_on(word.text) and _is_written_by(word, middles, bare.shape)}
    return frozenset(added | {word.box for word in struck})


def _is_all(struck: Sequence[Word]) -> bool:
    """Whether what is struck lies in many lines all down a page."""
    if len({word.line for word in struck}) < _MANY_LINES:
        return False
    return max(word.box[3] for word in struck) - min(word.box[1] for word in struck) > _ALL_DOWN


def _strokes(bare: Pixels, words: Sequence[Word]) -> Mask:
    ink = (bare < _DARK * float(np.median(bare))).astype(np.uint8)
    if not ink.any() or not words:
        return np.zeros(bare.shape, bool)
    side = max(3, round(_SOLID * _usual(words) * bare.shape[0]))
    solid = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((side, side), np.uint8))
    around = cv2.dilate(solid, np.ones((5, 5), np.uint8))
    return np.asarray(ink > around)


def _usual(words: Sequence[Word]) -> float:
    return float(np.median([word.box[3] - word.box[1] for word in words]))


def _is_crossed(word: Word, strokes: Mask, letters: Mask) -> bool:
    height, width = strokes.shape
    left, top, right, bottom = word.box
    tall = bottom - top
    first = int((top + _INSET * tall) * height)
    columns = slice(int(left * width), int(right * width) + 1)
    rows = np.flatnonzero(letters[first : int((bottom - _INSET * tall) * height) + 1, columns].any(1))
    if not len(rows):
        return False
    upper, lower = (first + rows[0] + round(share * (rows[-1] - rows[0])) for share in _MIDDLE)
    crossed = np.count_nonzero(strokes[upper : lower + 1, columns].any(0))
    return bool(crossed >= max(3.0, _CROSSED * tall * height))


def _small_parts(strokes: Mask, words: Sequence[Word]) -> NDArray[np.float64]:
    """The middles ``(count, (across, down))`` of the parts of the size of letters; no frames, no bullets."""
    usual = _usual(words) * strokes.shape[0]
    _, labels, stats, _ = parts(strokes.astype(np.uint8))
    found = []
    for number, (left, top, width, height, area) in enumerate(stats.tolist()[1:], 1):
        if not (_LOW * usual <= height <= _HIGH * usual and width <= _WIDE * usual):
            continue
        part = labels[top : top + height, left : left + width] == number
        sides = (part[:2].any(0), part[-2:].any(0), part[:, :2].any(1), part[:, -2:].any(1))
        is_bullet = area > _FILLED * width * height and height < 1.5 * width < 2.25 * height
        if min(float(side.mean()) for side in sides) <= _FRAMED and not is_bullet:
            found.append((left + width / 2, top + height / 2))
    return np.array(found, np.float64).reshape(-1, 2)


def _may_go_on(text: str) -> bool:
    return text[:1].isupper() or any(map(str.isdigit, text))


def _is_written_by(word: Word, middles: NDArray[np.float64], shape: tuple[int, ...]) -> bool:
    height, width = shape
    left, top, right, bottom = word.box
    tall = bottom - top
    near = _NEAR * tall * height
    across, down = middles.T
    is_near = (left * width - near < across) & (across < right * width + near)
    return bool((is_near & ((top - _ABOVE * tall) * height < down) & (down < bottom * height)).any())


def _crammed(words: Sequence[Word]) -> set[Box]:
    """The boxes of numbers with another number right above, typed later or where no line has room for it.

    Where many stand so, the lines are set so tight.
    """
    numbers = [word for word in words if any(map(str.isdigit, word.text))]
    bare = [word for word in numbers if not any(map(str.isalpha, word.text))]
    if not bare:
        return set()
    left, upper, right, lower = np.array([word.box for word in bare]).T
    lines = np.array([word.line for word in bare])
    found = set()
    for word in numbers:
        start, top, end, bottom = word.box
        tall = np.minimum(bottom - top, lower - upper)
        gap = top - lower
        is_above = (top + bottom - upper - lower) / 2 > _APART * tall
        is_above &= np.minimum(end, right) - np.maximum(start, left) > np.minimum(end - start, right - left) / 2
        if (
            is_above & (lines != word.line) & ((gap < -_CRAMMED * tall) | ((lines > word.line) & (gap < _LATER * tall)))
        ).any():
            found.add(word.box)
    return found if len(found) <= max(1, _TIGHT * len(numbers)) else set()
