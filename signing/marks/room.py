"""The free room of the upper part of a page, asked for all places of a box at once.

The sums of ink over all rectangles that begin in the top left corner (``cv2.integral``) give the ink of any box by four
numbers, so every place of a box is tried in one step of arithmetic.
"""

import math
from collections.abc import Iterable
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from signing.marks.ink import Ink

Numbers = NDArray[np.int32]
Points = NDArray[np.float64]
Box = tuple[float, float, float, float]
"""Left, top, right, bottom in points from the visible top left."""

_ACROSS, _DOWN = 3, 2  # pixels from one tried place to the next
_BEYOND = 12  # pixels around the page


class Places(NamedTuple):
    """The places where a box was tried, in rows and columns.

    ``left`` and ``top`` are the edges of the box in points; ``inked`` the pixels of ink in each place, ``barred`` those
    where nothing may stand; ``outside`` how thick, in points, the ink is between the box and the nearer edge.
    """

    left: Points
    top: Points
    inked: Numbers
    barred: Numbers
    outside: Points


class Allowed(NamedTuple):
    """Between which edges a box may stand, in points, and the edges of one that has its margins."""

    left: float
    right: float
    top: float
    beside: float
    above: float


class Room:
    """A page's upper part, down to ``depth`` points."""

    def __init__(self, ink: Ink, size: tuple[float, float], depth: float, bars: Iterable[Box]) -> None:
        """Sum the ink; nothing may stand on ``bars``."""
        rows, columns = ink.shape
        self._across, self._down = columns / size[0], rows / size[1]
        upper = ink[: max(1, min(rows, int(depth * self._down)))].view(np.uint8)
        # Beyond the edges is paper, too: the air around a box may reach there.
        padded = cv2.copyMakeBorder(upper, _BEYOND, 0, _BEYOND, _BEYOND, cv2.BORDER_CONSTANT, value=0)
        self._rows, self._columns = padded.shape
        self._sums: Numbers = np.asarray(cv2.integral(padded), np.int32)
        barred = np.zeros(padded.shape, np.uint8)
        for left, top, right, bottom in bars:
            across = slice(self._pixel(left, self._across), self._pixel(right, self._across, up=True))
            barred[self._pixel(top, self._down) : self._pixel(bottom, self._down, up=True), across] = 1
        self._bars: Numbers = np.asarray(cv2.integral(barred), np.int32)

    def places(self, size: tuple[float, float], allowed: Allowed, *, from_right: bool) -> Places:
        """Places of a box of a size, evenly apart, one of them where the box has its margins from its corner."""
        wide, high = math.ceil(size[0] * self._across), math.ceil(size[1] * self._down)
        first = self._pixel(allowed.left, self._across, up=True)
        last = min(self._pixel(allowed.right, self._across), self._columns) - wide
        top = self._pixel(allowed.top, self._down, up=True)
        if from_right:
            last -= (last + wide - self._nearest(allowed.beside, self._across)) % _ACROSS
            columns = np.arange(last, first - 1, -_ACROSS)[::-1]
        else:
            first += (self._nearest(allowed.beside, self._across) - first) % _ACROSS
            columns = np.arange(first, last + 1, _ACROSS)
        top += (self._nearest(allowed.above, self._down) - top) % _DOWN
        rows = np.arange(top, self._rows - high + 1, _DOWN)
        if not len(columns) or not len(rows):
            none, empty = np.zeros((0, 0), np.int32), np.zeros(0)
            return Places(empty, empty, none, none, np.zeros((0, 0)))
        here = _Grid(rows, columns, high, wide)
        left = (columns - _BEYOND + (wide if from_right else 0)) / self._across - (size[0] if from_right else 0.0)
        above = here.above(self._sums) / wide / self._down
        beside = here.beside(self._sums, from_right=from_right) / high / self._across
        inked, barred = here.inside(self._sums), here.inside(self._bars)
        return Places(left, (rows - _BEYOND) / self._down, inked, barred, np.minimum(above, beside))

    @staticmethod
    def _nearest(points: float, scale: float) -> int:
        return _BEYOND + round(points * scale)

    @staticmethod
    def _pixel(points: float, scale: float, *, up: bool = False) -> int:
        pixel = points * scale
        return max(0, _BEYOND + (math.ceil(pixel - 1e-6) if up else math.floor(pixel + 1e-6)))


class _Grid:
    """Boxes of one size by their rows and columns, evenly apart, as slices of an array of sums."""

    def __init__(self, rows: NDArray[np.int64], columns: NDArray[np.int64], high: int, wide: int) -> None:
        self._top = slice(rows[0], rows[-1] + 1, _DOWN)
        self._bottom = slice(rows[0] + high, rows[-1] + high + 1, _DOWN)
        self._left = slice(columns[0], columns[-1] + 1, _ACROSS)
        self._right = slice(columns[0] + wide, columns[-1] + wide + 1, _ACROSS)

    def inside(self, sums: Numbers) -> Numbers:
        below, above = sums[self._bottom], sums[self._top]
        found: Numbers = below[:, self._right] - below[:, self._left] - above[:, self._right] + above[:, self._left]
        return found

    def above(self, sums: Numbers) -> Numbers:
        found: Numbers = sums[self._top, self._right] - sums[self._top, self._left]
        return found

    def beside(self, sums: Numbers, *, from_right: bool) -> Numbers:
        side = self._right if from_right else self._left
        inner: Numbers = sums[self._bottom, side] - sums[self._top, side]
        return sums[self._bottom, -1:] - sums[self._top, -1:] - inner if from_right else inner
