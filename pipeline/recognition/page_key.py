"""How a page looks, in 255 bits: a perceptual hash that stays nearly the same when the paper is scanned again.

The ink of the upright page is set straight and cut to where it stands, so that neither the place of the sheet on the
glass nor the tint of the paper counts; what is kept are the signs of the lowest frequencies of its cosine transform.
"""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.recognition.first_page import FirstPage, first_page
from pipeline.scans.raster import parts

BITS = 255

_SIDE = 16  # frequencies each way; the lowest of all, the mean, says nothing
_GRID = 256
_DARKER, _BLACK = 25, 125  # grey levels below the paper at which ink begins, and at which it counts whole
_LEAST_INK = 50.0
_MARGIN, _QUANTILES = 1.06, (0.03, 0.97)  # stamps and specks at the edges move these little
_MOST_SKEW = 3.0

Ink = NDArray[np.float32]


def page_key(pdf: Path) -> str | None:
    """The key of the first page in hexadecimal; None for a page with hardly any ink."""
    ink = _straight(_letters(_ink(first_page(pdf))))
    if ink.sum() < _LEAST_INK:
        return None
    frequencies = cv2.dct(_cut_out(ink))[:_SIDE, :_SIDE].ravel()[1:]
    bits = frequencies > np.median(frequencies)
    return f"{int(''.join('1' if bit else '0' for bit in bits), 2):064x}"


def distance(key: str, other: str) -> int:
    """In how many bits two keys differ: below 40 for most new scans of a paper, around 125 for unlike pages."""
    return (int(key, 16) ^ int(other, 16)).bit_count()


def _ink(page: FirstPage) -> Ink:
    """How much ink lies at each place, 0 to 1, whatever the tint and the light."""
    darker = cv2.subtract(page.paper, page.grey).astype(np.float32)
    share = (darker - _DARKER) / (_BLACK - _DARKER)
    return np.asarray(np.clip(share, 0, 1), np.float32)


def _letters(ink: Ink) -> Ink:
    """The ink without specks, and without what touches the edge or is as tall as no line of text."""
    mask = cv2.dilate((ink > 0.25).astype(np.uint8), np.ones((2, 5), np.uint8))
    _, labels, marks, _ = parts(mask)
    x, y, wide, high, _ = marks.T
    height, width = ink.shape
    is_inside = (x > 1) & (y > 1) & (x + wide < width - 1) & (y + high < height - 1)
    is_text = is_inside & (wide >= 6) & (high >= 4) & (high <= height // 10)
    is_text[0] = False  # the paper itself
    return np.asarray(ink * is_text[labels], np.float32)


def _straight(ink: Ink) -> Ink:
    """The page turned so that its lines lie level: then the sums of the rows change most from one to the next."""
    small = np.asarray(cv2.resize(ink, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.float32)
    down, across = np.nonzero(small)
    weights, across = small[down, across], across - small.shape[1] / 2

    def levelness(angle: float) -> float:
        slanted = np.round(down - np.tan(np.deg2rad(angle)) * across).astype(np.int64)
        rows = np.bincount(slanted - slanted.min(initial=0), weights)
        return float((np.diff(rows) ** 2).sum())

    coarse = max(np.arange(-_MOST_SKEW, _MOST_SKEW + 0.01, 0.25), key=levelness)
    return _turn(ink, max(coarse + np.arange(-0.2, 0.21, 0.1), key=levelness))


def _turn(ink: NDArray[np.float32], angle: float) -> Ink:
    height, width = ink.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1)
    return np.asarray(cv2.warpAffine(ink, turn, (width, height)), np.float32)


def _cut_out(ink: Ink) -> Ink:
    """The inked part of the page, smoothed, on a square grid."""
    spans = []
    for axis in (0, 1):
        share = np.cumsum(ink.sum(axis=axis)) / ink.sum()
        first, last = np.searchsorted(share, _QUANTILES)
        spans.append(((first + last) / 2, max(1.0, (last - first) * _MARGIN)))
    (x, width), (y, height) = spans
    across, down = _GRID / width, _GRID / height
    place = np.array([[across, 0, _GRID / 2 - x * across], [0, down, _GRID / 2 - y * down]])
    grid = cv2.warpAffine(cv2.GaussianBlur(ink, (0, 0), 2), place, (_GRID, _GRID))
    return np.asarray(cv2.GaussianBlur(grid, (0, 0), 3), np.float32)
