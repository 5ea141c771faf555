"""Whether two PDFs look the same, page by page, window by window."""

from pathlib import Path

import cv2
import numpy as np
from cv2.typing import MatLike

from pipeline.scans.raster import Pages, Pixels, open_pages

BOUND = 0.8  # the least structural similarity of any window, 1 is the same
_DPI = 75
_DRAWN = 4  # times finer, then averaged: renderers that skip pixels of a fine picture would make differences
_MOST_PIXELS = 2_500_000  # A2
_SMOOTH = 1.5  # pixels: two ways to smooth an edge are no difference
_WINDOW = 9  # pixels, 3 mm: a lost word fills some, however large the page
_C1, _C2 = (0.01 * 255) ** 2, (0.1 * 255) ** 2  # Wang et al. 2004, whose 0.03 would count the grain of paper


def document_similarity(original: Pages, candidate: Path, turns: tuple[int, ...]) -> float:
    """The structural similarity of the windows that differ most, 0 to 1; 0 where pages differ in number or shape.

    ``turns`` are the clockwise turns that the pages of the candidate were given.
    """
    return min(likenesses(original, candidate, turns), default=0.0)


def likenesses(original: Pages, candidate: Path, turns: tuple[int, ...]) -> tuple[float, ...]:
    """The same for each page; none where pages differ in number."""
    with open_pages(candidate) as after:
        if not len(original) == len(after) == len(turns):
            return ()
        return tuple(page_similarity(original, index, after, index, turn) for index, turn in enumerate(turns))


def page_similarity(before: Pages, index: int, after: Pages, other_index: int, turn: int = 0) -> float:
    """The similarity of the windows that differ most on two pages; 0 where their shapes differ."""
    dpi = min(_DPI, _DPI * (_MOST_PIXELS / max(1, before.pixels(index, _DPI))) ** 0.5)
    width = before.size(index)[1 if turn in {90, 270} else 0]
    finer = dpi * width / after.size(other_index)[0]  # a page may have been given another unit
    one, other = before.render(index, dpi * _DRAWN, turn), after.render(other_index, finer * _DRAWN)
    if max(abs(a - b) for a, b in zip(one.shape, other.shape, strict=True)) > _DRAWN:
        return 0.0
    return closeness(one, other)


def closeness(one: Pixels, other: Pixels) -> float:
    """The least similarity of two pictures drawn at 300 dpi, looked at with 75."""
    size = (max(1, one.shape[1] // _DRAWN), max(1, one.shape[0] // _DRAWN))
    small = [cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.uint8) for picture in (one, other)]
    return similarity(*small)


def similarity(one: Pixels, other: Pixels) -> float:
    """The least similarity of any window and any of the colours of two pictures of one size."""
    x, y = (cv2.GaussianBlur(picture.astype(np.float32), (0, 0), _SMOOTH) for picture in (one, other))
    mean_x, mean_y = _mean(x), _mean(y)
    spread_x, spread_y = _mean(x * x) - mean_x**2, _mean(y * y) - mean_y**2
    common = _mean(x * y) - mean_x * mean_y
    above = (2 * mean_x * mean_y + _C1) * (2 * common + _C2)
    below = (mean_x**2 + mean_y**2 + _C1) * (spread_x + spread_y + _C2)
    return float(np.clip((above / below).min(), 0, 1))


def _mean(values: MatLike) -> MatLike:
    return cv2.blur(values, (_WINDOW, _WINDOW))
