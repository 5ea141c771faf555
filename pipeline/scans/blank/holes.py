"""The holes that were punched into a sheet (ISO 838): wide, round, near an edge, and in pairs."""

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.scans.blank.edges import BORDER_MM, STAIN, Grey, find_borders
from pipeline.scans.blank.ink import STROKE_MM
from pipeline.scans.raster import parts

Hole = tuple[int, int, int, int]

_TOUCHES_MM = 0.5  # what lies farther from the edge is no shadow
_HOLE_MM, _HOLE_FILL = (3.0, 9.0, 30.0), (0.6, 0.86)  # punched: 5 to 6 mm wide (ISO 838); how far from an edge
_PAIR_MM = (60.0, 6.0, 1.5)  # how far holes lie apart, and how much their place and their size may differ
_ROUND = 0.88  # of its rectangle, a circle fills 0.79 and a box all
_RING_MM = (4.5, 7.5, 20.0)  # a punched hole over a white lid: its diameter from and to, and how far from an edge
_RINGS_MM = (70.0, 90.0, 8.0)  # how far two of them lie apart, and how far off the middle of the side (ISO 838)
_OVAL_MM = 0.45  # a round letter is higher than wide by more


def find_holes(grey: Grey, mm: float) -> list[Hole] | None:
    """The punched holes: left, top, width and height in pixels.

    None when something else that is wide and dark is on the page, and no border: a picture, a filled mark.
    """
    holes = []
    half = np.asarray(cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)
    side = round(STROKE_MM * mm / 2) | 1
    wide = cv2.morphologyEx(half, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))
    black = (wide < float(np.median(half[::4, ::4])) * STAIN).astype(np.uint8)
    black[cv2.dilate(find_borders(half, mm / 2), np.ones((9, 9), np.uint8)) > 0] = 0
    _, _, marks, _ = parts(black)
    height, width = half.shape
    for left, top, across, down, area in marks[1:].tolist():
        near = min(left, top, width - left - across, height - top - down) / mm * 2
        short, long = (side / mm * 2 for side in sorted((across, down)))
        is_hole = (
            _HOLE_MM[0] <= long <= _HOLE_MM[1]
            and near <= _HOLE_MM[2]
            and _HOLE_FILL[0] <= area / (across * down) <= _HOLE_FILL[1]
        )
        if is_hole:
            holes.append((2 * left, 2 * top, 2 * across, 2 * down))
        elif near > _TOUCHES_MM or short > BORDER_MM:
            return None
    return holes


def are_a_pair(one: Hole, other: Hole, grey: Grey, mm: float) -> bool:
    """Whether two holes lie along one edge, as punches make them: 80 mm apart (ISO 838)."""
    apart, place, size = (value * mm for value in _PAIR_MM)
    if any(abs(one[side] - other[side]) > size for side in (2, 3)):
        return False
    for side in (0, 1):
        first, second = (hole[side] + hole[side + 2] / 2 for hole in (one, other))
        length = grey.shape[1 - side]
        is_same_edge = (first < length / 2) == (second < length / 2)
        if is_same_edge and abs(first - second) <= place and abs(one[1 - side] - other[1 - side]) >= apart:
            return True
    return False


def are_punched(holes: list[Hole], grey: Grey, mm: float) -> bool:
    """Whether two holes lie where a punch puts them, even about the middle of a side; round letters seldom do."""
    if len(holes) != 2:
        return False
    least, most, off = (value * mm for value in _RINGS_MM)
    for side in (0, 1):
        along, across = ([hole[axis] + hole[axis + 2] / 2 for hole in holes] for axis in (1 - side, side))
        is_even = abs(sum(along) - grey.shape[side]) / 2 <= off
        if is_even and least <= abs(along[0] - along[1]) <= most and abs(across[0] - across[1]) <= _PAIR_MM[1] * mm:
            return True
    return False


def is_ring(labels: NDArray[np.int32], number: int, mark: NDArray[np.int32], mm: float) -> bool:
    """Whether a mark is the rim of a hole: a small circle near an edge with nothing in it."""
    left, top, wide, high, _ = (int(value) for value in mark)
    height, width = labels.shape
    near = min(left, top, width - left - wide, height - top - high) / mm
    short, long = sorted((wide / mm, high / mm))
    if short < _RING_MM[0] or long > _RING_MM[1] or near > _RING_MM[2] or long - short > _OVAL_MM:
        return False
    piece = (labels[top : top + high, left : left + wide] == number).astype(np.uint8)
    inside = piece[high // 4 : high - high // 4, wide // 4 : wide - wide // 4]
    hull = cv2.contourArea(cv2.convexHull(cv2.findNonZero(piece)))
    return not inside.any() and hull <= _ROUND * wide * high
