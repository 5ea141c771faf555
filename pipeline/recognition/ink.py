"""What lies over the text and is no text: seals, signatures, stamps, rows of leader dots.

The recogniser's page segmentation drops whole lines where a seal crosses them or dots lead from a label to its value.
Both are taken out of the image that is read, never out of the page that is kept.  Measured on 32 one-page papers at
150 dpi: 92.4 % of the words are found on office scans without this, 98.2 % with it.
"""

from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.recognition.stamps.coloured import InkRow, coloured_rows
from pipeline.recognition.stamps.frames import Stamp, find_stamps
from pipeline.scans.raster import Pixels, parts

Mask = NDArray[np.bool_]
Rectangle = tuple[int, int, int, int]

_MM_PER_INCH = 25.4
# Coloured type (GIẤY KHAI SINH in red) is lower than this, seals and signatures are taller.
_TALLEST_TYPE_MM = 9.0
_SMALLEST_SEAL_MM = 17.0
_WHITE = 0.93  # this share of the paper's brightness and more becomes white
_DARKEST_PAPER = 60
_CHROMA = 40  # difference between the brightest and the darkest channel; scanned black stays below
_DOT_MM, _DOT_GAP_MM, _DASH_MM = 0.95, 2.4, 40.0
_ROW_DOTS, _ROW_DASHES_MM = 5, 6.0
_STRAY_MM = 12.0


class Ink(NamedTuple):
    """The grey image to read, ``(height, width)``; where marks were faded; the grey value of the paper.

    A stamp has words too (``MẬT``, ``HỎA TỐC``): ``faded`` is the image of the marks alone, None on a page without,
    ``framed`` the stamps that have a frame, ``chroma`` how coloured each pixel is, None on a page without colour.
    """

    grey: Pixels
    marks: Mask
    paper: int
    faded: Pixels | None = None
    framed: tuple[Stamp, ...] = ()
    chroma: Pixels | None = None


def to_read(pixels: Pixels, dpi: float) -> Ink:
    """Even out the paper of a page ``(height, width, 3)``; fade large marks and leader dots."""
    pixels = _evened(pixels)
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.uint8, copy=False)
    paper = int(np.percentile(grey[::5, ::5], 70))
    whole = grey.copy()
    chroma = _chroma_of(pixels)
    framed = _framed(grey, chroma, dpi)
    marks = _pale(grey, paper, dpi) if chroma is None else _coloured(pixels, chroma, grey, paper, dpi)
    faded = np.where(marks, whole, np.uint8(paper)) if marks.any() else None
    return Ink(_without_leaders(grey, paper, dpi), marks, paper, faded, framed, chroma)


def stamps_of(pixels: Pixels, dpi: float) -> tuple[tuple[Stamp, ...], tuple[InkRow, ...]]:
    """The framed stamps, and the rows in colour, of a page ``(height, width, 3)`` that is not read otherwise."""
    pixels = _evened(pixels)
    chroma = _chroma_of(pixels)
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.uint8, copy=False)
    return _framed(grey, chroma, dpi), in_colour(chroma, dpi)


def in_colour(chroma: Pixels | None, dpi: float) -> tuple[InkRow, ...]:
    """What may be words in coloured ink, row by row; nothing on a page without colour."""
    return () if chroma is None else tuple(coloured_rows(chroma, chroma > _CHROMA, millimetres(dpi)))


def _framed(grey: Pixels, chroma: Pixels | None, dpi: float) -> tuple[Stamp, ...]:
    if chroma is not None:
        return find_stamps(chroma > _CHROMA, np.invert(chroma), millimetres(dpi))
    return find_stamps(threshold(grey) > 0, grey, millimetres(dpi))


def seals(ink: Ink, dpi: float) -> Mask:
    """The round marks, filled: what stands inside is the seal's own text, or type that it was put over."""
    return _round(ink.marks, dpi)


def _round(marks: Mask, dpi: float) -> Mask:
    filled = np.zeros(marks.shape, np.uint8)
    smallest = _SMALLEST_SEAL_MM * millimetres(dpi)
    for x, y, wide, high in _boxes(marks):
        if high > smallest and 0.6 < wide / high < 1.6:
            cv2.ellipse(filled, (x + wide // 2, y + high // 2), (wide // 2, high // 2), 0, 0, 360, 1, -1)
    return filled.astype(bool)


def _boxes(mask: Mask) -> list[Rectangle]:
    """Left, top, width and height of the connected parts; only where something is: most of a page has no marks."""
    bits = mask.view(np.uint8)
    left, top, wide, high = cv2.boundingRect(bits)
    if not wide:
        return []
    _, _, stats, _ = parts(np.ascontiguousarray(bits[top : top + high, left : left + wide]))
    return [(left + x, top + y, width, height) for x, y, width, height, _ in stats[1:].tolist()]


def stamps(ink: Ink, dpi: float) -> list[Rectangle]:
    """Boxes (pixels) of the marks that are wider than high: stamps in a frame, not seals."""
    if ink.faded is None:
        return []
    least = _TALLEST_TYPE_MM * millimetres(dpi)  # what is lower is part of a seal
    return [(x, y, x + wide, y + high) for x, y, wide, high in _boxes(ink.marks) if least <= high < wide / 1.3]


def _evened(pixels: Pixels) -> Pixels:
    """The page divided by its paper: shadows, tints and what shines through from the back go, colours stay.

    On 14 hard scans the words found rise from 70 % to 93 %.
    """
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, None, fx=1 / 8, fy=1 / 8, interpolation=cv2.INTER_AREA)
    paper = cv2.medianBlur(cv2.dilate(small, np.ones((5, 5), np.uint8)), 11)
    paper = cv2.resize(cv2.GaussianBlur(paper, (0, 0), 3), grey.shape[::-1], interpolation=cv2.INTER_LINEAR)
    gain = (255 / _WHITE) / np.maximum(paper, _DARKEST_PAPER).astype(np.float32)
    # One channel after the other takes half the time of all three at once.
    evened = cv2.merge([cv2.multiply(channel, gain, dtype=cv2.CV_8U) for channel in cv2.split(pixels)])
    return evened.astype(np.uint8, copy=False)


def threshold(grey: Pixels) -> Pixels:
    """Ink as 255, paper as 0, by the brightness of the neighbourhood."""
    found = cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 31, 15)
    return found.astype(np.uint8, copy=False)


def millimetres(dpi: float) -> float:
    """Pixels of a millimetre."""
    return dpi / _MM_PER_INCH


def _chroma_of(pixels: Pixels) -> Pixels | None:
    has_colour = (_chroma(np.ascontiguousarray(pixels[::3, ::3])) > _CHROMA).mean() > 2e-4
    return _chroma(pixels) if has_colour else None


def _chroma(pixels: Pixels) -> Pixels:
    red, green, blue = cv2.split(pixels)
    chroma = cv2.subtract(cv2.max(cv2.max(red, green), blue), cv2.min(cv2.min(red, green), blue))
    return chroma.astype(np.uint8, copy=False)


def _coloured(pixels: Pixels, chroma: Pixels, grey: Pixels, paper: int, dpi: float) -> Mask:
    """Fade coloured marks in ``grey``: their brightest channel is near the paper, black type under them stays black.

    What is coloured inside a seal goes with it: the star and the letters stand apart from the rings.
    """
    red, green, blue = cv2.split(pixels)
    brightest = cv2.max(cv2.max(red, green), blue)
    is_coloured = chroma > _CHROMA
    marks = _tall(is_coloured, dpi)
    within = _round(marks, dpi)
    if within.any():
        marks |= within & cv2.dilate((is_coloured & within).astype(np.uint8), np.ones((5, 5), np.uint8)).astype(bool)
    faded = np.clip(brightest.astype(np.float32) * (paper / 130) - 40, 0, paper).astype(np.uint8)
    np.copyto(grey, np.maximum(grey, faded), where=marks)
    return marks


def _pale(grey: Pixels, paper: int, dpi: float) -> Mask:
    """Fade marks of a grey scan, which are paler than type: no pixel near them is as dark as its core."""
    dark = float(np.percentile(grey[::3, ::3], 1))
    if paper - dark <= 80:  # faint or empty: nothing here tells a mark from type
        return np.zeros(grey.shape, bool)
    core = cv2.erode(grey, np.ones((5, 5), np.uint8))
    marks = _tall((core > dark + 0.30 * (paper - dark)) & (core < paper - 0.22 * (paper - dark)), dpi)
    stretched = dark + (grey.astype(np.float32) - dark) / 0.38
    faded = np.clip(stretched, 0, paper).astype(np.uint8)
    np.copyto(grey, np.maximum(grey, faded), where=marks)
    return marks


def _tall(mask: Mask, dpi: float) -> Mask:
    """The parts of ``mask`` that are taller than type and smaller than a tint of the whole page."""
    unit = millimetres(dpi)
    across = int(0.6 * unit) | 1
    joined = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((across, across), np.uint8))
    _, labels, stats, _ = parts(joined)
    height, width = mask.shape
    tallest = _TALLEST_TYPE_MM * unit
    is_mark = (
        (stats[:, cv2.CC_STAT_HEIGHT] >= tallest)
        & (stats[:, cv2.CC_STAT_WIDTH] >= tallest / 2)
        & (stats[:, cv2.CC_STAT_HEIGHT] < 0.4 * height)
        & (stats[:, cv2.CC_STAT_WIDTH] < 0.6 * width)
    )
    is_mark[0] = False
    if not is_mark.any():
        return np.zeros(mask.shape, bool)
    grown: Mask = cv2.dilate(is_mark[labels].astype(np.uint8), np.ones((5, 5), np.uint8)).astype(bool)
    return grown


def _without_leaders(grey: Pixels, paper: int, dpi: float) -> Pixels:
    """Paint rows of dots and dashes with paper; full stops and the dots of letters stand in no row."""
    unit = millimetres(dpi)
    count, labels, stats, centres = parts(threshold(grey))
    is_low = (stats[:, cv2.CC_STAT_HEIGHT] <= _DOT_MM * unit) & (stats[:, cv2.CC_STAT_WIDTH] <= _DASH_MM * unit)
    is_low[0] = False
    low = np.flatnonzero(is_low)
    if len(low) < _ROW_DOTS:
        return grey
    closed = cv2.morphologyEx(
        is_low[labels].astype(np.uint8), cv2.MORPH_CLOSE, np.ones((1, int(_DOT_GAP_MM * unit) | 1), np.uint8)
    )
    rows, row_labels, row_stats, _ = parts(cv2.dilate(closed, np.ones((3, 1), np.uint8)))
    across, down = centres[low].round().astype(int).T
    row = row_labels[down, across]
    widths = stats[low, cv2.CC_STAT_WIDTH]
    dots, inked = np.bincount(row, minlength=rows), np.bincount(row, weights=widths, minlength=rows)
    is_leader = (dots >= _ROW_DOTS) | ((dots >= 2) & (inked >= _ROW_DASHES_MM * unit))
    # A row may lean with the sheet, but is no heap of specks.
    is_leader &= row_stats[:, cv2.CC_STAT_HEIGHT] <= 1.6 * unit + 0.06 * row_stats[:, cv2.CC_STAT_WIDTH]
    is_leader[0] = False
    led = is_leader[row]
    if not led.any():
        return grey
    led |= _strays(stats[low], centres[low, 1], led, unit)
    chosen = np.zeros(count, np.uint8)
    chosen[low[led]] = 1
    grey[cv2.dilate(chosen[labels], np.ones((3, 3), np.uint8)).astype(bool)] = paper
    return grey


def _strays(stats: NDArray[Any], level: NDArray[Any], led: Mask, unit: float) -> Mask:
    """Single dots on the level of a leader and near to it: the scan broke the row."""
    found = np.zeros(len(led), bool)
    left = stats[:, cv2.CC_STAT_LEFT]
    right = left + stats[:, cv2.CC_STAT_WIDTH]
    leaders = np.flatnonzero(led)
    candidates = np.flatnonzero(~led & (stats[:, cv2.CC_STAT_WIDTH] <= 1.5 * unit))
    heights = np.sort(level[leaders])
    place = np.searchsorted(heights, level[candidates] - 0.45 * unit)
    near = heights[np.minimum(place, len(heights) - 1)]
    candidates = candidates[(near >= level[candidates] - 0.45 * unit) & (near <= level[candidates] + 0.45 * unit)]
    if len(candidates) * len(leaders) > 4_000_000:  # a page of specks: not worth the memory
        return found
    is_level = np.abs(level[candidates, None] - level[None, leaders]) <= 0.45 * unit
    gap = np.minimum(
        np.abs(left[None, leaders] - right[candidates, None]), np.abs(left[candidates, None] - right[None, leaders])
    )
    found[candidates] = (is_level & (gap <= _STRAY_MM * unit)).any(1)
    return found
