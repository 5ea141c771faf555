"""Print too pale to be told from grain dot by dot: what tells it is that a whole word or line of it is sharp.

A page is split by size of detail.  Print has much of the finest, be it ever so pale, and so has a seal pressed into the
paper; what shines through, stains and shadows have lost it; grain has it all over the page, and dust in single places.
"""

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from pipeline.scans.blank.edges import Grey

_SIGMAS = (0.8, 1.6, 3.2)  # pixels: details between the first two are fine, between the last two coarse
_CELL_MM, _WORD = 1.5, 7  # a short word of 10 points covers 12 cells, dust in a picture packed hard up to 6 together
_ENERGY, _OVER = 0.8, 1.5  # above the grain of the page: in grey levels squared, and in times of that grain
_FINE = 0.65  # fine by coarse energy: print has 0.8 to 2.3, what shines through at most 0.6
_GRAIN = 25  # the percentile of cells that bear grain alone
# Lines are looked for in means of strips so many cells wide, for grain is gone there.  How steep one is, in grey levels
# a pixel, how many times as steep as grain, and for its depth; what shines through has at most 0.33.
_STRIP, _LINE_MM, _LINE, _FOLD = 3, 18.0, (1.8, 3.0, 0.345), (1.0, 3.0, 0.28)
_GAP, _SIDE, _DEEP, _MOST_FOLDS = 7, 0.93, 6, 2  # folds: strips that they may lack, how long, cells deep, how many


def bears_fine_print(grey: Grey, hidden: MatLike, mm: float) -> bool:
    """Whether a page, ``(height, width)``, bears pale print; what is ``hidden``, not 0, is not looked at."""
    side = max(2, round(_CELL_MM * mm))
    page = _without(grey, hidden, side)
    height, width = page.shape
    strip = _STRIP * side
    lying = cv2.resize(page, (width // strip, height), interpolation=cv2.INTER_AREA)
    standing = cv2.resize(page, (width, height // strip), interpolation=cv2.INTER_AREA)
    words = _fine_cells(page, side)
    for turn, strips in enumerate((lying, np.ascontiguousarray(standing.T))):
        folds = _folds_among(_steep_cells(strips, side, _FOLD))
        lines = _steep_cells(strips, side, _LINE)
        if folds is None or _has_line(lines & ~folds, round(_LINE_MM * mm / strip)):
            return True
        across = np.repeat(folds, _STRIP, axis=1)
        words[(across.T if turn else across) > 0] = 0
    _, _, marks, _ = cv2.connectedComponentsWithStats(words, connectivity=8)
    return bool((marks[1:, cv2.CC_STAT_AREA] >= _WORD).any())


def _without(grey: Grey, hidden: MatLike, side: int) -> MatLike:
    """The page, made up to whole strips, with what the paper around is like in place of what is hidden."""
    high, wide = (-length % (_STRIP * side) for length in grey.shape)
    page = cv2.copyMakeBorder(grey, 0, high, 0, wide, cv2.BORDER_REPLICATE).astype(np.float32)
    is_hidden = cv2.copyMakeBorder(hidden, 0, high, 0, wide, cv2.BORDER_CONSTANT, value=1) > 0
    paper = cv2.medianBlur(page[side // 2 :: side, side // 2 :: side], 5)
    page[is_hidden] = cv2.resize(paper, page.shape[::-1], interpolation=cv2.INTER_LINEAR)[is_hidden]
    return page


def _fine_cells(page: MatLike, side: int) -> NDArray[np.uint8]:
    """Which cells of so many pixels a side bear more that is fine than grain does; 1, else 0."""
    smooth, last = [page], 0.0
    for sigma in _SIGMAS:
        step = float(np.sqrt(sigma**2 - last**2))
        reach = 2 * round(3 * step) + 1
        smooth.append(cv2.GaussianBlur(smooth[-1], (reach, reach), step))
        last = sigma
    size = page.shape[1] // side, page.shape[0] // side
    bands = cv2.subtract(smooth[1], smooth[2]), cv2.subtract(smooth[2], smooth[3])
    fine, coarse = (cv2.resize(cv2.multiply(band, band), size, interpolation=cv2.INTER_AREA) for band in bands)
    grain, other = (float(np.percentile(energy, _GRAIN)) for energy in (fine, coarse))
    above = fine - grain
    return ((above > max(_ENERGY, _OVER * grain)) & (above > _FINE * (coarse - other))).astype(np.uint8)


def _steep_cells(strips: MatLike, side: int, least: tuple[float, float, float]) -> NDArray[np.uint8]:
    """Which cells, of a strip's width and so many pixels high, are steep from row to row for what they are deep."""
    rows = strips.reshape(-1, side, strips.shape[1])
    slope = np.abs(strips[2:] - strips[:-2]) / 2  # over two rows: between the blocks of a JPEG there is a step of one
    steep = np.pad(slope, ((1, 1), (0, 0))).reshape(rows.shape).max(axis=1)
    near = np.ones((3, 1), np.uint8)
    deep = cv2.dilate(rows.max(axis=1), near) - cv2.erode(rows.min(axis=1), near)
    slopes, over, share = least
    is_steep = (steep > max(slopes, over * float(np.percentile(steep, _GRAIN)))) & (steep > share * deep)
    return np.asarray(is_steep, np.uint8)


def _folds_among(lines: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """Where lines run from edge to edge, a cell around them with it; None when they are more than folds are."""
    near = cv2.dilate(lines, np.ones((3, 1), np.uint8))
    _, labels, marks, _ = cv2.connectedComponentsWithStats(
        cv2.morphologyEx(near, cv2.MORPH_CLOSE, np.ones((1, _GAP), np.uint8)), connectivity=8
    )
    is_fold = marks[:, cv2.CC_STAT_WIDTH] >= _SIDE * lines.shape[1]
    is_fold &= marks[:, cv2.CC_STAT_AREA] <= _DEEP * marks[:, cv2.CC_STAT_WIDTH]
    is_fold[0] = False
    return None if np.count_nonzero(is_fold) > _MOST_FOLDS else is_fold[labels].astype(np.uint8)


def _has_line(lines: NDArray[np.uint8], least: int) -> bool:
    _, _, marks, _ = cv2.connectedComponentsWithStats(lines, connectivity=8)
    return bool((marks[1:, cv2.CC_STAT_WIDTH] >= least).any())
