"""What straight and narrow things are the sheet's own: folds from edge to edge, staples, pieces of its border."""

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from pipeline.scans.blank.edges import BORDER_MM, SLIVER_MM, Grey
from pipeline.scans.raster import parts

_FOLD = (0.93, 1.6, 0.42)  # share of a side that a fold spans, mm wide at most, how bright; ruled lines are black
_MOST_FOLDS = 2  # in a direction; more are ruled lines
_STAPLE_MM = (8.0, 14.0, 1.1, 18.0)  # its length from and to, its width, and how far from two edges it sits
_STAPLE_FILL, _STAPLE_SLOPE = 0.6, 0.48  # how straight it is, and at most how steep; pens mostly tick upwards
_SOLID = 0.8  # a wedge of the border, a torn corner: full


def without_folds(dark: MatLike, grey: Grey, mm: float) -> MatLike:
    """Take off straight lines from edge to edge, along either side; black ones and more than a few are ruled, and stay.

    Returns where they were.
    """
    taken = np.zeros(dark.shape, np.uint8)
    least = float(np.median(grey[::8, ::8])) * _FOLD[2]
    for turn in range(2):
        seen = np.rot90(grey, turn)
        page = np.ascontiguousarray(np.rot90(dark, turn))
        near = cv2.dilate(page, np.ones((5, 1), np.uint8))
        runs = cv2.morphologyEx(near, cv2.MORPH_CLOSE, np.ones((1, round(4 * mm)), np.uint8))
        runs = cv2.morphologyEx(runs, cv2.MORPH_OPEN, np.ones((1, round(5 * mm)), np.uint8))
        if not cv2.countNonZero(runs):
            continue
        runs = cv2.morphologyEx(runs, cv2.MORPH_CLOSE, np.ones((3, round(15 * mm)), np.uint8))
        count, labels, found, _ = parts(runs)
        folds = [
            number
            for number in range(1, count)
            if found[number, cv2.CC_STAT_WIDTH] >= _FOLD[0] * page.shape[1]
            and found[number, cv2.CC_STAT_AREA] / found[number, cv2.CC_STAT_WIDTH] <= _FOLD[1] * mm + 4
            and float(np.median(seen[(labels == number) & (page > 0)])) >= least
        ]
        if len(folds) <= _MOST_FOLDS:
            gone = cv2.dilate(np.isin(labels, folds).astype(np.uint8), np.ones((5, 1), np.uint8))
            taken[np.rot90(gone, -turn) > 0] = 1
            dark[taken > 0] = 0
    return cv2.dilate(taken, np.ones((9, 9), np.uint8))


def is_of_the_sheet(labels: NDArray[np.int32], number: int, mark: NDArray[np.int32], mm: float) -> bool:
    """Whether a mark is a staple, or a piece of the border."""
    left, top, wide, high, area = (int(value) for value in mark)
    height, width = labels.shape
    beside, above = min(left, width - left - wide) / mm, min(top, height - top - high) / mm
    piece = (labels[top : top + high, left : left + wide] == number).astype(np.uint8)
    points = cv2.findNonZero(piece)
    _, sides, _ = cv2.minAreaRect(points)
    short, long = sorted((side + 1) / mm for side in sides)
    is_staple = (
        _STAPLE_MM[0] <= long <= _STAPLE_MM[1]
        and short <= _STAPLE_MM[2]
        and max(beside, above) <= _STAPLE_MM[3]
        and area >= _STAPLE_FILL * short * long * mm**2
        and high <= _STAPLE_SLOPE * wide
    )
    hull = cv2.contourArea(cv2.convexHull(points))
    # A line that runs from the edge into the page is no border, however full it is; a torn corner has two edges.
    edge = 2 / mm
    depths = [
        depth / mm
        for depth, far in zip(
            (left + wide, top + high, width - left, height - top),
            (left, top, width - left - wide, height - top - high),
            strict=True,
        )
        if far <= 2
    ]
    is_along = bool(depths) and (min(depths) <= BORDER_MM or max(beside, above) <= edge)
    is_border = is_along and long >= SLIVER_MM and area >= _SOLID * max(hull, 1.0)
    return is_staple or is_border
