"""Ink that no word covers: lines that page segmentation dropped.  It loses whole lines more often than letters."""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.recognition.ink import Ink, Rectangle, millimetres, threshold
from pipeline.recognition.tesseract import ReadToken
from pipeline.scans.raster import parts

_LOWEST_MM, _TALLEST_MM = 0.9, 7.0  # letters, from a small x to a title's capital
_WIDEST_MM = 25.0  # letters that touch
_MARGIN_MM = 6.0  # punch holes, staples and shadows of the edge
_LINE_GAP_MM = 4.0
_SHORTEST_LINE_MM, _FEWEST_LETTERS = 4.0, 3


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
