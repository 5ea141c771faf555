"""Where a mark stands on a page that is not white: in its corner, or as near to it as it covers nothing.

The font's size is law (L4.3), so a mark that would cover something is moved and not made smaller.  It stays in the
upper half of the page and on its own side, so two marks never meet.  Where no place is free it stays in its corner, as
the law says, and whoever asked is told.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from signing.interface import Ink, MarkPlace, Placement
from signing.marks import MARGIN, WIDTH, Corner, VisiblePage, extent

_LEAST_INK = 0.001  # of the text's area; dust and a staple's hole are less
_AIR_PT = 5.0  # between a mark and what stands beside it, else they are read as one line


def place_mark(page: VisiblePage, field: str, corner: Corner, lines: Sequence[str], ink: Ink | None) -> MarkPlace:
    """The place of a mark with this text; ``ink`` None: nobody knows what is on the page."""
    usual = page.corner(corner)
    if ink is None:
        return MarkPlace(field=field, left=usual[0], top=usual[1])
    wide, high = (side * page.scale for side in extent(lines))
    aside = 0.0 if corner == "left" else WIDTH * page.scale - wide  # text hugs the corner's side of its mark
    moves = _moves(page, corner)
    air = _AIR_PT * page.scale
    boxes = [(left + aside - air, top - air, wide + 2 * air, high + 2 * air) for left, top in moves]
    covered = _covered(ink, boxes, page.size)
    free = np.flatnonzero(covered <= _LEAST_INK)
    state: Placement = "over_ink" if not len(free) else "in_corner" if free[0] == 0 else "moved"
    left, top = moves[free[0]] if len(free) else usual
    return MarkPlace(field=field, left=round(left, 2), top=round(top, 2), state=state)


def _moves(page: VisiblePage, corner: Corner) -> list[tuple[float, float]]:
    """Where a mark may stand, nearest to its corner first; in steps of half a margin."""
    width, height = page.size
    step, across = MARGIN * page.scale / 2, WIDTH * page.scale
    left, top = page.corner(corner)
    inward = range(int((width / 2 - across - 3 * step) / step) + 1)
    downward = range(int((height / 2 - 2 * top) / step) + 1)
    side = step if corner == "left" else -step
    steps = sorted(((x, y) for x in inward for y in downward), key=lambda move: (math.hypot(*move), move))
    return [(left + side * x, top + step * y) for x, y in steps]


def _covered(ink: Ink, boxes: Sequence[tuple[float, ...]], size: tuple[float, float]) -> NDArray[np.float64]:
    """Which share of each box (left, top, width, height in visible points) is inked."""
    rows, columns = ink.shape
    sums = np.zeros((rows + 1, columns + 1), np.int64)
    sums[1:, 1:] = ink.cumsum(axis=0, dtype=np.int64).cumsum(axis=1)
    left, top, wide, high = np.array(boxes).T
    x = np.array([np.floor(left * columns / size[0]), np.ceil((left + wide) * columns / size[0])])
    y = np.array([np.floor(top * rows / size[1]), np.ceil((top + high) * rows / size[1])])
    (x0, x1), (y0, y1) = x.clip(0, columns).astype(int), y.clip(0, rows).astype(int)
    inked = sums[y1, x1] - sums[y0, x1] - sums[y1, x0] + sums[y0, x0]
    return np.asarray(inked / ((x1 - x0) * (y1 - y0)), np.float64)
