"""Whether a page on which next to nothing was seen is bare paper.  In doubt it is not: a blank page harms no copy.

What is looked for are strokes: thin, dark, and not those of a scanner or a sheet.  Holes, stains and the dark border of
the glass are wider than any stroke of so little writing; folds run from edge to edge; staples are straight, short and
near a corner; holes come in pairs; what shines through is blurred; a shadow does not end amid a side.  Where a stroke
and a staple cannot be told apart by their shape (flat, straight, as long and as thin, in a corner) it counts as one.
"""

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from pipeline.scans.raster import parts

Grey = NDArray[np.uint8]
Hole = tuple[int, int, int, int]

_STROKE_MM = 3.0  # what is wider is a stain, a hole, or a border
_DARKER = 0.82  # ink is darker than this share of the paper around it; what shines through is not
_MARK_MM = 1.2  # a digit of 8 points is 1.9 mm high; dust is smaller
_RIM_MM = 0.7  # how far a blurred hole reaches beyond itself
_LEAST_MM2 = 0.38  # the thinnest digit has 0.5; the rims of holes leave slivers
_BORDER_MM, _BLACK = 8.0, 0.75  # how far the border of the glass reaches into the page, and its share of brightness
_TOUCHES_MM = 0.5  # what lies farther from the edge is no shadow
_PALE = 0.62  # stains are brighter than this share of the page, what is printed or painted is not
_HOLE_MM, _HOLE_FILL = (3.0, 9.0, 30.0), (0.6, 0.86)  # punched: 5 to 6 mm wide (ISO 838); how far from an edge
_PAIR_MM = (60.0, 6.0, 1.5)  # how far holes lie apart, and how much their place and their size may differ
_FOLD = (0.93, 1.6, 0.42)  # share of a side that a fold spans, mm wide at most, how bright; ruled lines are black
_MOST_FOLDS = 2  # in a direction; more are ruled lines
_STAPLE_MM = (8.0, 14.0, 1.1, 18.0)  # its length from and to, its width, and how far from two edges it sits
_STAPLE_FILL, _STAPLE_SLOPE = 0.6, 0.48  # how straight it is, and at most how steep; pens mostly tick upwards
_ROUND = 0.88  # of its rectangle, a circle fills 0.79 and a box all
_RING_MM = (4.5, 7.5, 20.0)  # a punched hole over a white lid: its diameter from and to, and how far from an edge
_RINGS_MM = (70.0, 90.0, 8.0)  # how far two of them lie apart, and how far off the middle of the side (ISO 838)
_OVAL_MM = 0.45  # a round letter is higher than wide by more
_LETTER_MM, _UNEVEN, _LETTERS = 3.0, 8, 2  # letters amid the border: their height, grey levels off it, how many
_BESIDE_MM, _END_MM2, _WORD_MM = 1.5, 0.13, 12.0  # ends of letters beside it: how far, how large, how near each other
_SOLID, _SLIVER_MM = 0.8, 6.0  # a wedge of the border, a torn corner: full, and longer than a letter
_FAINT, _SHARP = 0.92, 0.33  # pale print: darker than this share of its paper; steeper than what shines through
_MOSTLY = 0.3  # of a mark; grain makes some of pale print dark
_STEEP, _PEAK, _WORD_LONG_MM = 85, 90, 12.0  # percentiles of its slope and depth; longer marks are no letters
_DOT_MM, _DOT_MM2, _APART_MM = 1.2, 0.05, (0.5, 7.0)  # dots of a form: at most so long, at least so large, how far
_DOTS, _OFF_MM, _OFF = 5, 0.2, 0.08  # so many of them in a row, and how far one may lie off its place
_MOST_DOTS = 1_000  # dust is less
_CLOUD_MM, _CLOUD, _CLOUD_PX = 6.0, 10, 2  # dots of a needle printer: so many pixels each, so many within such a square
_RIM_DEEP_MM, _BARS_MM, _BARS_HIGH_MM, _BARS = 10.0, 12.0, 0.8, 4  # a code at an edge: how deep, so many bars within it
_BAR, _BETWEEN = 0.87, 0.93  # how bright its bars are at most, and the paper between them at least
_CORNER_FILL, _CORNER_MM = 0.8, (1.2, 20.0)  # a label in a corner: its share of its rectangle, its sides from and to
_GAP_MM, _END_MM, _ABRUPT_MM = 3.0, 0.6, 1.2  # a bar: what parts two, and how deep it is so short before its end


def is_bare(grey: Grey, dpi: float) -> bool:
    """Whether nothing but paper is seen of a page, ``(height, width)``."""
    mm = dpi / 25.4
    holes = _holes(grey, mm)
    if holes is None or _has_bars_at_an_edge(grey, mm):
        return False
    paper = _paper(grey, mm)
    border = _borders(grey, mm)
    sheet = cv2.dilate(border, np.ones((9, 9), np.uint8))
    rim = round(_RIM_MM * mm)
    for left, top, across, down in holes:
        sheet[max(0, top - rim) : top + down + rim, max(0, left - rim) : left + across + rim] = 1
    dark = _darker(grey, paper, _DARKER)
    dark[sheet > 0] = 0
    if _bears_pale_print(grey, paper, sheet, dark, mm):
        return False
    folds = _without_folds(dark, grey, mm)
    if _is_written_on(border, grey, folds, mm) or _has_bar(border, grey, mm) or _fills_a_corner(border, mm):
        return False
    joined = cv2.morphologyEx(dark, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    _, labels, marks, _ = parts(joined)
    long = np.maximum(marks[:, cv2.CC_STAT_WIDTH], marks[:, cv2.CC_STAT_HEIGHT])
    if _has_row_of_dots(marks, mm) or _has_cloud_of_dots(dark, mm):
        return False
    long[marks[:, cv2.CC_STAT_AREA] < _LEAST_MM2 * mm**2] = 0
    long[0] = 0  # the paper itself
    has_ring = False
    for number in np.flatnonzero(long >= _MARK_MM * mm).tolist():
        if _is_ring(labels, number, marks[number], mm):
            left, top, across, down, _ = marks[number].tolist()
            holes.append((left, top, across, down))
            has_ring = True
        elif not _is_of_the_sheet(labels, number, marks[number], mm):
            return False
    if has_ring and not _are_punched(holes, grey, mm):
        return False
    return all(any(_are_a_pair(one, other, grey, mm) for other in holes) for one in holes)


def is_uniform(pixels: NDArray[np.uint8]) -> bool:
    """Whether a page, ``(height, width)`` or with channels behind, is of one colour to the last pixel."""
    return bool((pixels == pixels[:1, :1]).all())


def _paper(grey: Grey, mm: float) -> MatLike:
    """The brightness of the paper, also under strokes."""
    page = _smooth(grey)
    # What is brightest within the reach of a stroke, at half the size: a round reach costs much at the full one.
    half = cv2.resize(page, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    side = round(_STROKE_MM * mm / 2) | 1
    paper = cv2.morphologyEx(half, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))
    paper = cv2.erode(paper, np.ones((3, 3), np.uint8))  # the rims of wide things are no strokes
    return cv2.resize(paper, grey.shape[::-1], interpolation=cv2.INTER_LINEAR)


def _smooth(grey: Grey) -> MatLike:
    return cv2.GaussianBlur(grey, (3, 3), 0)


def _darker(grey: Grey, paper: MatLike, share: float) -> MatLike:
    return cv2.compare(_smooth(grey), cv2.multiply(paper, np.ones(1), scale=share), cv2.CMP_LT)


def _bears_pale_print(grey: Grey, paper: MatLike, sheet: MatLike, dark: MatLike, mm: float) -> bool:
    """Whether there are marks hardly darker than paper and yet sharp: what shines through paper is blurred by it.

    What is of the ``sheet``, its holes and borders, is none, and what is mostly ``dark`` is looked at as such.
    """
    page = _smooth(grey)
    faint = cv2.morphologyEx(_darker(grey, paper, _FAINT), cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    _, labels, marks, _ = parts(faint)
    long = np.maximum(marks[:, cv2.CC_STAT_WIDTH], marks[:, cv2.CC_STAT_HEIGHT]) / mm
    is_letter = (long >= _MARK_MM) & (long <= _WORD_LONG_MM) & (marks[:, cv2.CC_STAT_AREA] >= _LEAST_MM2 * mm**2)
    is_letter[0] = False
    sharp = []
    for number in np.flatnonzero(is_letter).tolist():
        left, top, wide, high, area = marks[number].tolist()
        place = np.s_[max(0, top - 2) : top + high + 2, max(0, left - 2) : left + wide + 2]
        if cv2.countNonZero(sheet[place]) or cv2.countNonZero(dark[place]) > _MOSTLY * area:
            continue
        mark = cv2.dilate((labels[place] == number).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
        depth = np.percentile(paper[place][mark].astype(np.float32) - page[place][mark], _PEAK)
        across, down = (cv2.Sobel(page[place], cv2.CV_32F, x, 1 - x, scale=1 / 8) for x in (1, 0))
        if np.percentile(np.hypot(across, down)[mark], _STEEP) > _SHARP * depth:
            sharp.append(number)
    if sharp:  # folds are dear to find
        _without_folds(faint, grey, mm)
    return any(faint[labels == number].any() for number in sharp)


def _has_row_of_dots(marks: NDArray[np.int32], mm: float) -> bool:
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


def _has_cloud_of_dots(dark: MatLike, mm: float) -> bool:
    """Whether many specks lie close together, as a needle printer or a perforator writes: dust is scattered."""
    _, _, marks, centres = parts(dark)
    long = np.maximum(marks[:, cv2.CC_STAT_WIDTH], marks[:, cv2.CC_STAT_HEIGHT])
    is_dot = (long <= _DOT_MM * mm) & (marks[:, cv2.CC_STAT_AREA] >= _CLOUD_PX)
    is_dot[0] = False
    squares = (centres[is_dot] / (_CLOUD_MM * mm / 2)).astype(np.int64)  # halves: a cloud lies in two of them at most
    count = np.zeros(squares.max(axis=0, initial=0) + 2, np.int32)
    np.add.at(count, tuple(squares.T), 1)
    return bool((count[:-1, :-1] + count[1:, :-1] + count[:-1, 1:] + count[1:, 1:]).max() >= _CLOUD)


def _has_bars_at_an_edge(grey: Grey, mm: float) -> bool:
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


def _fills_a_corner(border: MatLike, mm: float) -> bool:
    """Whether a corner is dark as a rectangle: a shadow runs along a side, and a corner that is torn is askew."""
    _, _, marks, _ = parts(border)
    left, top, across, down, area = marks[1:].T
    is_corner = ((left == 0) | (left + across == border.shape[1])) & ((top == 0) | (top + down == border.shape[0]))
    is_label = (np.minimum(across, down) >= _CORNER_MM[0] * mm) & (np.maximum(across, down) <= _CORNER_MM[1] * mm)
    return bool((is_corner & is_label & (area >= _CORNER_FILL * across * down)).any())


def _has_bar(border: MatLike, grey: Grey, mm: float) -> bool:
    """Whether something dark at an edge ends at once amid the side: a shadow runs on, or out to nothing."""
    deep, gap, end = (round(value * mm) for value in (_BORDER_MM, _GAP_MM, _END_MM))
    if not cv2.countNonZero(border):
        return False
    black = cv2.compare(grey, float(np.median(grey[::8, ::8])) * _PALE, cv2.CMP_LT)  # type: ignore[call-overload]
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


def _holes(grey: Grey, mm: float) -> list[Hole] | None:
    """The punched holes: left, top, width and height in pixels.

    None when something else that is wide and dark is on the page, and no border: a picture, a filled mark.
    """
    holes = []
    half = np.asarray(cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)
    side = round(_STROKE_MM * mm / 2) | 1
    wide = cv2.morphologyEx(half, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))
    black = (wide < float(np.median(half[::4, ::4])) * _PALE).astype(np.uint8)
    black[cv2.dilate(_borders(half, mm / 2), np.ones((9, 9), np.uint8)) > 0] = 0
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
        elif near > _TOUCHES_MM or short > _BORDER_MM:
            return None
    return holes


def _are_a_pair(one: Hole, other: Hole, grey: Grey, mm: float) -> bool:
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


def _are_punched(holes: list[Hole], grey: Grey, mm: float) -> bool:
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


def _borders(grey: Grey, mm: float) -> MatLike:
    """Where it is dark from an edge on without a gap, for longer along the edge than a letter is wide; 1, else 0."""
    black = cv2.GaussianBlur(grey, (3, 3), 0) < float(np.median(grey[::8, ::8])) * _BLACK
    deep = round(_BORDER_MM * mm)
    border = np.zeros(grey.shape, np.uint8)
    for turn in range(4):
        depth = np.minimum.accumulate(np.rot90(black, turn)[:deep], axis=0).sum(axis=0).astype(np.uint8)
        depth = cv2.morphologyEx(depth[None, :], cv2.MORPH_OPEN, np.ones((1, round(_SLIVER_MM * mm)), np.uint8))
        edge = np.rot90(border, turn)[:deep]  # a view: what is changed is changed in the page
        edge[np.arange(len(edge))[:, None] < depth] = 1
    return border


def _is_written_on(border: MatLike, grey: Grey, folds: MatLike, mm: float) -> bool:
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


def _without_folds(dark: MatLike, grey: Grey, mm: float) -> MatLike:
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


def _is_ring(labels: NDArray[np.int32], number: int, mark: NDArray[np.int32], mm: float) -> bool:
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


def _is_of_the_sheet(labels: NDArray[np.int32], number: int, mark: NDArray[np.int32], mm: float) -> bool:
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
    is_along = bool(depths) and (min(depths) <= _BORDER_MM or max(beside, above) <= edge)
    is_border = is_along and long >= _SLIVER_MM and area >= _SOLID * max(hull, 1.0)
    return is_staple or is_border
