"""Whether a page on which next to nothing was seen is bare paper.  In doubt it is not: a blank page harms no copy.

What is looked for are strokes: thin, dark, and not those of a scanner or a sheet.  Holes, stains and the dark border of
the glass are wider than any stroke of so little writing; folds run from edge to edge; staples are straight, short and
near a corner; holes come in pairs; what shines through is blurred; a shadow does not end amid a side.  Where a stroke
and a staple cannot be told apart by their shape (flat, straight, as long and as thin, in a corner) it counts as one.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.scans.blank.edges import Grey, fills_a_corner, find_borders, has_bar, has_bars_at_an_edge, is_written_on
from pipeline.scans.blank.fine import bears_fine_print
from pipeline.scans.blank.holes import are_a_pair, are_punched, find_holes, is_ring
from pipeline.scans.blank.ink import (
    LEAST_MM2,
    MARK_MM,
    bears_pale_print,
    darker,
    has_cloud_of_dots,
    has_row_of_dots,
    paper_brightness,
)
from pipeline.scans.blank.sheet import is_of_the_sheet, without_folds
from pipeline.scans.raster import parts

_DARKER = 0.82  # ink is darker than this share of the paper around it; what shines through is not
_RINGING = 17  # pixels: a JPEG spreads what is dark over its block of 8
_RIM_MM = 0.7  # how far a blurred hole reaches beyond itself


def is_bare(grey: Grey, dpi: float) -> bool:
    """Whether nothing but paper is seen of a page, ``(height, width)``."""
    mm = dpi / 25.4
    holes = find_holes(grey, mm)
    if holes is None or has_bars_at_an_edge(grey, mm):
        return False
    paper = paper_brightness(grey, mm)
    border = find_borders(grey, mm)
    sheet = cv2.dilate(border, np.ones((9, 9), np.uint8))
    rim = round(_RIM_MM * mm)
    for left, top, across, down in holes:
        sheet[max(0, top - rim) : top + down + rim, max(0, left - rim) : left + across + rim] = 1
    dark = darker(grey, paper, _DARKER)
    dark[sheet > 0] = 0
    if bears_pale_print(grey, paper, sheet, dark, mm):
        return False
    folds = without_folds(dark, grey, mm)
    if is_written_on(border, grey, folds, mm) or has_bar(border, grey, mm) or fills_a_corner(border, mm):
        return False
    joined = cv2.morphologyEx(dark, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    _, labels, marks, _ = parts(joined)
    long = np.maximum(marks[:, cv2.CC_STAT_WIDTH], marks[:, cv2.CC_STAT_HEIGHT])
    if has_row_of_dots(marks, mm) or has_cloud_of_dots(dark, mm):
        return False
    long[marks[:, cv2.CC_STAT_AREA] < LEAST_MM2 * mm**2] = 0
    long[0] = 0  # the paper itself
    has_ring = False
    for number in np.flatnonzero(long >= MARK_MM * mm).tolist():
        if is_ring(labels, number, marks[number], mm):
            left, top, across, down, _ = marks[number].tolist()
            holes.append((left, top, across, down))
            has_ring = True
        elif not is_of_the_sheet(labels, number, marks[number], mm):
            return False
    are_holes = all(any(are_a_pair(one, other, grey, mm) for other in holes) for one in holes)
    are_holes &= not has_ring or are_punched(holes, grey, mm)
    hidden = cv2.dilate(cv2.bitwise_or(dark, sheet), np.ones((_RINGING, _RINGING), np.uint8))
    return are_holes and not bears_fine_print(grey, hidden, mm)


def is_uniform(pixels: NDArray[np.uint8]) -> bool:
    """Whether a page, ``(height, width)`` or with channels behind, is of one colour to the last pixel."""
    return bool((pixels == pixels[:1, :1]).all())
