"""What is dark at the edges of a page: the border of the scanner's glass, or something that was printed up to there."""

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from pipeline.scans.raster import parts

Grey = NDArray[np.uint8]

BORDER_MM, _BLACK = 8.0, 0.75  # how far the border of the glass reaches into the page, and its share of brightness
STAIN = 0.62  # stains are brighter than this share of the page, what is printed or painted is not
_LETTER_MM, _UNEVEN, _LETTERS = 3.0, 8, 2  # letters amid the border: their height, grey levels off it, how many
_BESIDE_MM, _END_MM2, _WORD_MM = 1.5, 0.13, 12.0  # ends of letters beside it: how far, how large, how near each other
SLIVER_MM = 6.0  # a wedge of the border, a torn corner: longer than a letter
_RIM_DEEP_MM, _BARS_MM, _BARS_HIGH_MM, _BARS = 10.0, 12.0, 0.8, 4  # a code at an edge: how deep, so many bars within it
_BAR, _BETWEEN = 0.87, 0.93  # how bright its bars are at most, and the paper between them at least
_CORNER_FILL, _CORNER_MM = 0.8, (1.2, 20.0)  # a label in a corner: its share of its rectangle, its sides from and to
_GAP_MM, _END_MM, _ABRUPT_MM = 3.0, 0.6, 1.2  # a bar: what parts two, and how deep it is so short before its end


def find_borders(grey: Grey, mm: float) -> MatLike:
    """Where it is dark from an edge on without a gap, for longer along the edge than a letter is wide; 1, else 0."""
    black = cv2.GaussianBlur(grey, (3, 3), 0) < float(np.median(grey[::8, ::8])) * _BLACK
    deep = round(BORDER_MM * mm)
    border = np.zeros(grey.shape, np.uint8)
    for turn in range(4):
        depth = np.minimum.accumulate(np.rot90(black, turn)[:deep], axis=0).sum(axis=0).astype(np.uint8)
        depth = cv2.morphologyEx(depth[None, :], cv2.MORPH_OPEN, np.ones((1, round(SLIVER_MM * mm)), np.uint8))
        edge = np.rot90(border, turn)[:deep]  # a view: what is changed is changed in the page
        edge[np.arange(len(edge))[:, None] < depth] = 1
    return border


def is_written_on(border: MatLike, grey: Grey, folds: MatLike, mm: float) -> bool:
    """Whether a line lies on a dark border, or half under it: letters amid it, or the ends of some beside it."""
    if not cv2.countNonZero(border):
        return False
    page = cv2.GaussianBlur(grey, (0, 0), 1.2)
    inside = cv2.erode(border, np.ones((11, 11), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=0) > 0
    if inside.any():
        flat = np.where(inside, page, int(np.median(page[inside]))).astype(np.uint8)
        uneven = cv2.absdiff(flat, cv2.medianBlur(flat, round(_LETTER_MM * mm) | 1)) > _UNEVEN
        if len(_places((uneven & inside).astype(np.uint8), _END_MM2 * mm**2)) >= _LETTERS:
            return True
    reach = round(2 * _BESIDE_MM * mm) | 1
    beside = cv2.dilate(border, np.ones((reach, reach), np.uint8)) > cv2.dilate(border, np.ones((5, 5), np.uint8))
    black = cv2.GaussianBlur(grey, (3, 3), 0) < float(np.median(grey[::8, ::8])) * _BLACK
    ends = _places((black & beside & (folds == 0)).astype(np.uint8), _END_MM2 * mm**2)
    gaps = np.hypot(*(ends[:, None] - ends[None]).T) if len(ends) else np.zeros((0, 0))
    return bool(np.triu(gaps < _WORD_MM * mm, 1).any())


def _places(mask: MatLike, least: float) -> NDArray[np.float64]:
    """The centres of marks of at least so many pixels, ``(count, (across, down))``."""
    _, _, marks, centres = parts(mask)
    return centres[1:][marks[1:, cv2.CC_STAT_AREA] >= least]


def has_bars_at_an_edge(grey: Grey, mm: float) -> bool:
    """Whether dark and paper follow each other near an edge as in a bar code or a QR code.

    A shadow is dark once, a hole no more than twice; that its rim is ragged counts for nothing, for between two bars
    it is as bright as paper.
    """
    paper = float(np.median(grey[::8, ::8]))
    within, least = round(_BARS_MM * mm), max(1, round(_BARS_HIGH_MM * mm))
    for turn in range(4):
        strip = np.rot90(grey, turn)[: round(_RIM_DEEP_MM * mm)]
        for rows in (strip, strip.T):
            seen = np.where(rows < _BAR * paper, 1, np.where(rows > _BETWEEN * paper, 2, 0)).astype(np.int8)
            last = np.maximum.accumulate(np.where(seen > 0, np.arange(rows.shape[1]), 0), axis=1)
            seen = np.take_along_axis(seen, last, 1)  # what is neither is what it was before
            begins = np.cumsum((seen[:, 1:] == 1) & (seen[:, :-1] == 2), axis=1)
            before = np.pad(begins, ((0, 0), (within, 0)))[:, : begins.shape[1]]
            bars = (begins - before).max(axis=1, initial=0)
            if np.count_nonzero(bars >= _BARS) >= least:
                return True
    return False


def fills_a_corner(border: MatLike, mm: float) -> bool:
    """Whether a corner is dark as a rectangle: a shadow runs along a side, and a corner that is torn is askew."""
    _, _, marks, _ = parts(border)
    left, top, across, down, area = marks[1:].T
    is_corner = ((left == 0) | (left + across == border.shape[1])) & ((top == 0) | (top + down == border.shape[0]))
    is_label = (np.minimum(across, down) >= _CORNER_MM[0] * mm) & (np.maximum(across, down) <= _CORNER_MM[1] * mm)
    return bool((is_corner & is_label & (area >= _CORNER_FILL * across * down)).any())


def has_bar(border: MatLike, grey: Grey, mm: float) -> bool:
    """Whether something dark at an edge ends at once amid the side: a shadow runs on, or out to nothing."""
    deep, gap, end = (round(value * mm) for value in (BORDER_MM, _GAP_MM, _END_MM))
    if not cv2.countNonZero(border):
        return False
    black = cv2.compare(grey, float(np.median(grey[::8, ::8])) * STAIN, cv2.CMP_LT)  # type: ignore[call-overload]
    border = cv2.bitwise_and(border, border, mask=black)
    for turn in range(4):
        depth = np.rot90(border, turn)[:deep].sum(axis=0).astype(np.uint8)
        depth = cv2.morphologyEx(depth[None, :], cv2.MORPH_CLOSE, np.ones((1, gap), np.uint8))[0]
        ends = np.flatnonzero(np.diff(np.concatenate(([0], (depth > 0).astype(np.int8), [0]))))
        for start, stop in ends.reshape(-1, 2).tolist():
            # What lies nearer to a corner is the border of the other side.
            inner = (depth[start : start + end], depth[max(0, stop - end) : stop])
            if any(
                deep < place < len(depth) - deep and piece.max() >= _ABRUPT_MM * mm
                for place, piece in zip((start, stop), inner, strict=True)
            ):
                return True
    return False
