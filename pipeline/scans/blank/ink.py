"""What little ink looks like: strokes darker than their paper, pale print that is sharp, dots in rows and clouds."""

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from pipeline.scans.blank.edges import Grey
from pipeline.scans.blank.sheet import without_folds
from pipeline.scans.raster import parts

STROKE_MM = 3.0  # what is wider is a stain, a hole, or a border
MARK_MM = 1.2  # a digit of 8 points is 1.9 mm high; dust is smaller
LEAST_MM2 = 0.38  # the thinnest digit has 0.5; the rims of holes leave slivers
_FAINT = 0.92  # pale print is darker than this share of its paper
_SHARP, _SHARP_RULE = 0.31, 0.28  # how steep for its depth; what shines through has at most 0.29, and 0.26 for rules
_MOSTLY = 0.3  # of a mark; grain makes some of pale print dark
_STEEP, _PEAK, _WORD_LONG_MM = 85, 90, 12.0  # percentiles of its slope and depth; longer marks are no letters
_RULE_MM, _RULES_MM, _RULES = 1.5, 3.0, 4  # lines of a form: how wide at most, how far apart at least, how many
_DOT_MM, _DOT_MM2, _APART_MM = 1.2, 0.05, (0.5, 7.0)  # dots of a form: at most so long, at least so large, how far
_DOTS, _OFF_MM, _OFF = 5, 0.2, 0.08  # so many of them in a row, and how far one may lie off its place
_MOST_DOTS = 1_000  # dust is less
_CLOUD_MM, _CLOUD, _CLOUD_PX = 6.0, 10, 2  # dots of a needle printer: so many pixels each, so many within such a square


def paper_brightness(grey: Grey, mm: float) -> MatLike:
    """The brightness of the paper, also under strokes."""
    page = _smooth(grey)
    # What is brightest within the reach of a stroke, at half the size: a round reach costs much at the full one.
    half = cv2.resize(page, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    side = round(STROKE_MM * mm / 2) | 1
    paper = cv2.morphologyEx(half, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))
    paper = cv2.erode(paper, np.ones((3, 3), np.uint8))  # the rims of wide things are no strokes
    return cv2.resize(paper, grey.shape[::-1], interpolation=cv2.INTER_LINEAR)


def darker(grey: Grey, paper: MatLike, share: float) -> MatLike:
    """Where the page is darker than this share of its paper."""
    return cv2.compare(_smooth(grey), cv2.multiply(paper, np.ones(1), scale=share), cv2.CMP_LT)


def _smooth(grey: Grey) -> MatLike:
    return cv2.GaussianBlur(grey, (3, 3), 0)


def bears_pale_print(grey: Grey, paper: MatLike, sheet: MatLike, dark: MatLike, mm: float) -> bool:
    """Whether there are marks hardly darker than paper and yet sharp: what shines through paper is blurred by it.

    What is of the ``sheet``, its holes and borders, is none, and what is mostly ``dark`` is looked at as such.
    """
    page = _smooth(grey)
    faint = cv2.morphologyEx(darker(grey, paper, _FAINT), cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    _, labels, marks, _ = parts(faint)
    wide, high = marks[:, cv2.CC_STAT_WIDTH] / mm, marks[:, cv2.CC_STAT_HEIGHT] / mm
    is_letter = np.maximum(wide, high) <= _WORD_LONG_MM
    is_mark = (np.maximum(wide, high) >= MARK_MM) & (marks[:, cv2.CC_STAT_AREA] >= LEAST_MM2 * mm**2)
    is_mark &= is_letter | (np.minimum(wide, high) <= _RULE_MM)
    is_mark[0] = False  # the paper itself
    # Dust upon a letter that shines through would make it sharp; so the darkest places count for nothing.
    dust = cv2.dilate(dark, np.ones((7, 7), np.uint8))
    letters: list[int] = []
    rules: list[int] = []
    for number in np.flatnonzero(is_mark).tolist():
        left, top, across, down, area = marks[number].tolist()
        place = np.s_[max(0, top - 2) : top + down + 2, max(0, left - 2) : left + across + 2]
        if cv2.countNonZero(sheet[place]) or cv2.countNonZero(dark[place]) > _MOSTLY * area:
            continue
        found, least = (letters, _SHARP) if is_letter[number] else (rules, _SHARP_RULE)
        mark = (labels[place] == number) & (dust[place] == 0)
        if _sharpness(mark, paper[place], page[place]) > least:
            found.append(number)
    if letters:  # folds are dear to find
        without_folds(faint, grey, mm)
    return any(faint[labels == number].any() for number in letters) or _are_ruled(marks[rules], mm)


def _sharpness(mark: NDArray[np.bool_], paper: MatLike, page: MatLike) -> float:
    """How steep a mark is at its rim for what it is deep; all as large as its place."""
    within = cv2.dilate(mark.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    if not mark.any():
        return 0.0
    depth = np.percentile(paper[within].astype(np.float32) - page[within], _PEAK)
    across, down = (cv2.Sobel(page, cv2.CV_32F, x, 1 - x, scale=1 / 8) for x in (1, 0))
    return float(np.percentile(np.hypot(across, down)[within], _STEEP) / max(depth, 1.0))


def _are_ruled(lines: NDArray[np.int32], mm: float) -> bool:
    """Whether lines lie beside each other as on a form: a fold is alone, and so is the streak of a scanner's dust."""
    lying = lines[:, cv2.CC_STAT_WIDTH] > lines[:, cv2.CC_STAT_HEIGHT]
    for is_so, side in ((lying, cv2.CC_STAT_TOP), (~lying, cv2.CC_STAT_LEFT)):
        places = np.sort(lines[is_so, side])
        if np.count_nonzero(np.diff(places) > _RULES_MM * mm) >= _RULES - 1:
            return True
    return False


def has_row_of_dots(marks: NDArray[np.int32], mm: float) -> bool:
    """Whether small marks follow each other evenly on a straight line, as on a form to be filled in."""
    long = np.maximum(marks[:, cv2.CC_STAT_WIDTH], marks[:, cv2.CC_STAT_HEIGHT]) / mm
    is_dot = (long <= _DOT_MM) & (marks[:, cv2.CC_STAT_AREA] >= _DOT_MM2 * mm**2)
    corners, sides = marks[is_dot, :2], marks[is_dot, 2:4]
    dots = (corners + sides / 2) / mm
    if len(dots) > _MOST_DOTS:
        return True
    steps = dots[None] - dots[:, None]  # from the first to the second
    far = np.hypot(*steps.T).T
    for first, second in np.argwhere((far >= _APART_MM[0]) & (far <= _APART_MM[1])).tolist():
        place, step, count = dots[second], steps[first, second], 2
        while count < _DOTS:
            off = np.hypot(*(dots - place - step).T)
            nearest = int(off.argmin())
            if off[nearest] > _OFF_MM + _OFF * np.hypot(*step):
                break
            place, count = dots[nearest], count + 1
        if count == _DOTS:
            return True
    return False


def has_cloud_of_dots(dark: MatLike, mm: float) -> bool:
    """Whether many specks lie close together, as a needle printer or a perforator writes: dust is scattered."""
    _, _, marks, centres = parts(dark)
    long = np.maximum(marks[:, cv2.CC_STAT_WIDTH], marks[:, cv2.CC_STAT_HEIGHT])
    is_dot = (long <= _DOT_MM * mm) & (marks[:, cv2.CC_STAT_AREA] >= _CLOUD_PX)
    is_dot[0] = False
    squares = (centres[is_dot] / (_CLOUD_MM * mm / 2)).astype(np.int64)  # halves: a cloud lies in two of them at most
    count = np.zeros(squares.max(axis=0, initial=0) + 2, np.int32)
    np.add.at(count, tuple(squares.T), 1)
    return bool((count[:-1, :-1] + count[1:, :-1] + count[:-1, 1:] + count[1:, 1:]).max() >= _CLOUD)
