"""Words in coloured ink, by themselves: stamps that touch type or handwriting, or have no frame.

Over type neither the frame nor the letters are whole in grey; in the coloured layer the type is gone.  Each heap of
coloured ink is turned to the angle at which its rows stand out, and offered row by row.
"""

from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.scans.raster import Pixels, parts

Mask = NDArray[np.bool_]

_COARSE = 4  # heaps are found at a fourth of the page's size
_APART_MM = 4.0  # words of a stamp stand nearer, heaps farther
_LOWEST_MM, _HIGHEST_MM = 2.5, 22.0  # of a row
_LONGEST_MM = 160.0  # a larger heap is a tinted page
_LEAST_RATIO = 1.3
_LINE_MM = 9.0  # straight strokes longer than this are lines of a frame, no letters
_GAP_MM = 2.5
_MOST_HEAPS, _MOST_BANDS = 10, 5
_LINE_PX = 48
_QUIET_PX = 14
_POINTS = 6000


Rectangle = tuple[int, int, int, int]


class InkRow(NamedTuple):
    """What may be words, straight, dark on white ``(height, width)``; in which box of the page."""

    picture: Pixels
    box: Rectangle


class _Band(NamedTuple):
    top: int
    bottom: int
    left: int
    right: int


def coloured_rows(chroma: Pixels, is_coloured: Mask, unit: float) -> Iterator[InkRow]:
    """What may be a row of words in coloured ink; each is upright or on its head.

    ``chroma`` is how coloured each pixel is, ``unit`` the pixels of a millimetre.
    """
    for left, top, right, bottom in _heaps(is_coloured, unit):
        layer = np.where(is_coloured, chroma, 0)[top:bottom, left:right].astype(np.uint8)
        straight = _straightened(layer)
        for axis in (straight, np.ascontiguousarray(np.rot90(straight))):
            for band in _bands(axis, unit):
                picture = _picture(axis[band.top : band.bottom, band.left : band.right])
                yield InkRow(picture, (left, top, right, bottom))


def _heaps(is_coloured: Mask, unit: float) -> list[Rectangle]:
    height, width = is_coloured.shape
    small = cv2.resize(
        is_coloured.astype(np.uint8) * 255,
        (max(1, width // _COARSE), max(1, height // _COARSE)),
        interpolation=cv2.INTER_AREA,
    )
    reach = round(_APART_MM * unit / _COARSE) | 1
    joined = cv2.morphologyEx((small > 40).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))
    _, _, stats, _ = parts(joined)
    found = []
    for x, y, wide, high, area in stats[1:].tolist():
        long, short = _COARSE * max(wide, high), _COARSE * min(wide, high)
        if short >= _LOWEST_MM * unit * 0.8 and 2 * _LOWEST_MM * unit <= long <= _LONGEST_MM * unit:
            box = [(x - 1) * _COARSE, (y - 1) * _COARSE, (x + wide + 1) * _COARSE, (y + high + 1) * _COARSE]
            found.append((area, (max(0, box[0]), max(0, box[1]), min(width, box[2]), min(height, box[3]))))
    return [box for _, box in sorted(found, reverse=True)[:_MOST_HEAPS]]


def _straightened(layer: Pixels) -> Pixels:
    """The heap turned so that its rows lie along an axis."""
    down, across = np.nonzero(layer)
    some = slice(None, None, max(1, len(down) // _POINTS))
    # Within their pixels the points are strewn: the grid itself would show as rows at 45 degrees.
    points = np.stack([across[some], down[some]]) + np.random.default_rng(1).random((2, len(down[some])))

    def sharpness(degrees: float) -> float:
        a = np.deg2rad(degrees)
        x, y = points
        total = 0.0
        for along in (y * np.cos(a) - x * np.sin(a), x * np.cos(a) + y * np.sin(a)):
            counts = np.bincount((along - along.min()).astype(int)).astype(float)
            total = max(total, float((np.diff(counts) ** 2).sum()))
        return total

    coarse = max(np.arange(-45.0, 45.0, 1.5), key=sharpness)
    degrees = float(max(np.arange(coarse - 1.5, coarse + 1.6, 0.5), key=sharpness))
    height, width = layer.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    cos, sin = abs(turn[0, 0]), abs(turn[0, 1])
    size = (round(width * cos + height * sin) + 4, round(width * sin + height * cos) + 4)
    turn[:, 2] += np.array(size) / 2 - np.array([width / 2, height / 2])
    return cv2.warpAffine(layer, turn, size, flags=cv2.INTER_LINEAR).astype(np.uint8, copy=False)


def _bands(layer: Pixels, unit: float) -> list[_Band]:
    """Where words may stand: between two lines of a frame, and where letters stand beside each other."""
    ink = (layer > 30).astype(np.uint8)
    long = round(_LINE_MM * unit)
    thick = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    level, upright = (
        cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones(shape, np.uint8)).astype(np.uint8, copy=False)
        for shape in ((1, long), (long, 1))
    )
    found = _between(level, unit)
    lines = cv2.dilate(level | upright, np.ones((3, 3), np.uint8))
    letters = cv2.subtract(ink, lines)
    joined = cv2.morphologyEx(letters, cv2.MORPH_CLOSE, np.ones((1, round(_GAP_MM * unit) | 1), np.uint8))
    _, _, stats, _ = parts(joined)
    pad = round(0.5 * unit)
    rows = []
    for x, y, wide, high, area in stats[1:].tolist():
        if _LOWEST_MM * unit <= high <= _HIGHEST_MM * unit and wide >= _LEAST_RATIO * high:
            rows.append((area, _Band(max(0, y - pad), y + high + pad, max(0, x - pad), x + wide + pad)))
    return found + [row for _, row in sorted(rows, reverse=True)[:_MOST_BANDS]]


def _between(level: Pixels, unit: float) -> list[_Band]:
    """The bands between two level lines one over the other."""
    _, _, stats, _ = parts(cv2.morphologyEx(level, cv2.MORPH_CLOSE, np.ones((3, round(4 * unit) | 1), np.uint8)))
    lines = sorted(stats[1:, :4].tolist(), key=lambda item: item[1])
    found = []
    for place, (x, y, wide, high) in enumerate(lines):
        for x2, y2, wide2, _ in lines[place + 1 :]:
            left, right = max(x, x2), min(x + wide, x2 + wide2)
            gap = y2 - (y + high)
            if 0.6 * max(wide, wide2) < right - left and _LOWEST_MM * unit <= gap <= _HIGHEST_MM * unit:
                inset = round(1.0 * unit)
                if right - left - 2 * inset > _LEAST_RATIO * gap:
                    found.append(_Band(y + high + 1, y2 - 1, left + inset, right - inset))
                break
    return found[:_MOST_BANDS]


def _picture(ink: Pixels) -> Pixels:
    scale = _LINE_PX / ink.shape[0]
    picture = cv2.resize(np.invert(ink), None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    picture = cv2.normalize(picture, np.zeros_like(picture), 0, 255, cv2.NORM_MINMAX)
    return np.pad(picture.astype(np.uint8, copy=False), _QUIET_PX, constant_values=255)
