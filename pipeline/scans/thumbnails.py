"""Which directories of a TIFF are pages: smaller copies of a page, kept for quick display, are none.

Writers flag them (TIFF 6.0, NewSubfileType bit 0, SubfileType 2) or do not, and flag papers that are none: what counts
is how they look.  What is not surely a copy stays a page.
"""

from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pipeline.ladder.likeness import similarity
from pipeline.scans.codings import check_pixels

_NEW_KIND, _KIND = 254, 255
_REDUCED, _REDUCED_ONCE = 1, 2
_MUCH_SMALLER = 0.5  # of each side
_SAME_SHAPE = 0.05  # two sides of a thumbnail are rounded
_NO_PAGE_PX = 200  # a page has more on its shorter side; what looks roughly like another page is then its copy

# Correlation of two pictures: copies have 0.67 and more at 60 pixels, however coarsely they were made, and 0.93 at 120
# when they are no tiny ones; papers of one kind have up to 0.83, forms that differ in a number alone 0.999.
_ROUGH, _CLOSE = (60, 0.6), (120, 0.93)
# So larger ones must be alike in every place: copies in grey have 0.99, forms that differ in a number at most 0.97
# at 420 pixels.  Copies in black and white are not told from those, and stay.
_READABLE_PX, _LOOK_PX, _SAME = 400, 620, 0.98


class _Head(NamedTuple):
    width: int
    height: int
    is_flagged: bool

    def is_much_smaller(self, other: "_Head") -> bool:
        return max(self.width / other.width, self.height / other.height) <= _MUCH_SMALLER

    def is_as_shaped(self, other: "_Head") -> bool:
        return abs(self.width * other.height / (self.height * other.width) - 1) < _SAME_SHAPE


def page_directories(image: Image.Image, limit: float) -> tuple[int, ...]:
    """The numbers of an open TIFF's directories that are pages.

    Raises:
        Refused: a page to compare with has more than ``limit`` pixels.
    """
    heads = [_head(image, number) for number in range(getattr(image, "n_frames", 1))]
    return tuple(number for number in range(len(heads)) if not _is_copy(image, heads, number, limit))


def _head(image: Image.Image, number: int) -> _Head:
    image.seek(number)
    tags: Any = getattr(image, "tag_v2", {})
    is_flagged = bool(tags.get(_NEW_KIND, 0) & _REDUCED) or tags.get(_KIND) == _REDUCED_ONCE
    return _Head(max(image.width, 1), max(image.height, 1), is_flagged)


def _is_copy(image: Image.Image, heads: list[_Head], number: int, limit: float) -> bool:
    small = heads[number]
    larger = [place for place, head in enumerate(heads) if small.is_much_smaller(head) and not head.is_flagged]
    near = sorted(
        (place for place in larger if small.is_as_shaped(heads[place])), key=lambda place: abs(place - number)
    )
    return any(_is_alike(image, number, place, small, limit) for place in near[:2])


def _is_alike(image: Image.Image, number: int, other: int, small: _Head, limit: float) -> bool:
    width, least = _ROUGH if min(small[:2]) < _NO_PAGE_PX else _CLOSE
    one, two = (_seen(image, place, small, max(width, min(small.width, _LOOK_PX)), limit) for place in (number, other))
    if _correlation(one, two, width) < least:
        return False
    return small.width < _READABLE_PX or similarity(one, two) >= _SAME


def _seen(image: Image.Image, number: int, shape: _Head, width: int, limit: float) -> NDArray[np.uint8]:
    image.seek(number)
    check_pixels(image.size, limit)
    grey = np.asarray(image.convert("L"))
    return np.asarray(cv2.resize(grey, _size(shape, width), interpolation=cv2.INTER_AREA), np.uint8)


def _size(shape: _Head, width: int) -> tuple[int, int]:
    return width, max(1, round(width * shape.height / shape.width))


def _correlation(one: NDArray[np.uint8], two: NDArray[np.uint8], width: int) -> float:
    """0 where one of them is of one colour."""
    size = width, max(1, round(width * one.shape[0] / one.shape[1]))
    small = [cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.float32) for picture in (one, two)]
    x, y = (cv2.GaussianBlur(picture, (0, 0), 1.0).ravel() for picture in small)
    spread = float(x.std() * y.std())
    return float(((x - x.mean()) * (y - y.mean())).mean() / spread) if spread > 1 else 0.0
