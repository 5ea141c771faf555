"""Where marks stand: a text in its corner, or as near to it as it covers nothing; a picture with the signer's name.

The font's size is law (L4.3), so a text that would cover something is moved and not made smaller.  It stays in the
upper half of the page and on its own side, so two marks never meet.  Where no place is free it stays in its corner, as
the law says, and whoever asked is told.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from signing.interface import MarkPlace, NamePlace, Placement
from signing.marks.ink import Ink
from signing.marks.marks import HEIGHT, MARGIN, WIDTH, Corner, Drawing, Text, VisiblePage, extent

Points = NDArray[np.float64]

_LEAST_INK = 0.001  # of the text's area; dust and a staple's hole are less
_AIR_PT = 5.0  # between a mark and what stands beside it, else they are read as one line


def in_corner(page: VisiblePage, field: str, text: Text, ink: Ink | None) -> MarkPlace:
    """The place of a text; ``ink`` None: nobody knows what is on the page."""
    state: Placement = "in_corner"
    left, top = page.corner(text.corner)
    if ink is not None and not _free(page, text, ink, np.array([(left, top)])).any():
        moves = _moves(page, text.corner)
        free = np.flatnonzero(_free(page, text, ink, moves))
        state = "moved" if len(free) else "over_ink"
        left, top = moves[free[0]].tolist() if len(free) else (left, top)
    width, height = WIDTH * page.scale, HEIGHT * page.scale
    return _placed(page, field, (left, top), (width, height), state=state)


def over_name(page: VisiblePage, field: str, drawing: Drawing, name: NamePlace) -> MarkPlace:
    """The place of a person's picture: in the middle between the title and the name (law L4.5)."""
    across, down = page.size
    width, height = drawing.size
    left, middle = name.middle * across - width / 2, (name.above + name.top) / 2 * down
    return _placed(page, field, (left, middle - height / 2), drawing.size, number=name.page, state="with_name")


def on_signature(page: VisiblePage, field: str, drawing: Drawing, person: MarkPlace) -> MarkPlace:
    """The place of the agency's picture: over the left third of the person's (law L4.5)."""
    width, height = drawing.size
    left, top = person.left + person.width / 3 - width, person.top + (person.height - height) / 2
    return _placed(page, field, (left, top), drawing.size, number=person.page, state="with_name")


def _placed(
    page: VisiblePage,
    field: str,
    corner: tuple[float, float],
    size: tuple[float, float],
    *,
    number: int = 1,
    state: Placement,
) -> MarkPlace:
    """The place, within the page."""
    room = [max(0.0, whole - side) for whole, side in zip(page.size, size, strict=True)]
    left, top = (round(min(max(0.0, edge), most), 2) for edge, most in zip(corner, room, strict=True))
    return MarkPlace(field=field, page=number, left=left, top=top, width=size[0], height=size[1], state=state)


def _moves(page: VisiblePage, corner: Corner) -> Points:
    """Where a mark may stand, nearest to its corner first; in steps of half a margin."""
    width, height = page.size
    step, across = MARGIN * page.scale / 2, WIDTH * page.scale
    left, top = page.corner(corner)
    inward = max(0, int((width / 2 - across - 3 * step) / step)) + 1
    downward = max(0, int((height / 2 - 2 * top) / step)) + 1
    x, y = (steps.ravel() for steps in np.mgrid[:inward, :downward])
    nearest = np.lexsort((y, x, np.hypot(x, y)))
    side = step if corner == "left" else -step
    return np.column_stack([left + side * x[nearest], top + step * y[nearest]])


def _free(page: VisiblePage, text: Text, ink: Ink, places: Points) -> NDArray[np.bool_]:
    """Where a text, with air around it, would cover nothing."""
    wide, high = (side * page.scale for side in extent(text.lines))
    aside = 0.0 if text.corner == "left" else WIDTH * page.scale - wide  # text hugs the corner's side of its mark
    air = _AIR_PT * page.scale
    left, top = places[:, 0] + aside - air, places[:, 1] - air
    return _covered(ink, (left, top, left + wide + 2 * air, top + high + 2 * air), page.size) <= _LEAST_INK


def _covered(ink: Ink, boxes: tuple[Points, ...], size: tuple[float, float]) -> NDArray[np.float64]:
    """Which share of each box (left, top, right, bottom in visible points) is inked."""
    rows, columns = ink.shape
    left, top, right, bottom = boxes
    x = np.array([np.floor(left * columns / size[0]), np.ceil(right * columns / size[0])])
    y = np.array([np.floor(top * rows / size[1]), np.ceil(bottom * rows / size[1])])
    (x0, x1), (y0, y1) = x.clip(0, columns).astype(int), y.clip(0, rows).astype(int)
    if len(x0) == 1:
        inked = np.array([np.count_nonzero(ink[y0[0] : y1[0], x0[0] : x1[0]])])
    else:
        sums = cv2.integral(ink.view(np.uint8))
        inked = sums[y1, x1] - sums[y0, x1] - sums[y1, x0] + sums[y0, x0]
    return np.asarray(inked / ((x1 - x0) * (y1 - y0)), np.float64)
