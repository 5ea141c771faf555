"""The first page at a glance: its look is asked for when it is conformed, its free places when it is signed."""

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from pipeline.scans.raster import Pixels, open_pages

DPI = 75
_HALF = 0.5
_NEARBY, _SMOOTH = 7, 15  # pixels of the half size


class FirstPage(NamedTuple):
    """The page in grey, ``(height, width)`` at ``DPI``, and what is brightest around each place: the paper."""

    grey: Pixels
    paper: Pixels


def first_page(pdf: Path) -> FirstPage:
    """Page one of a file; kept until another file is asked for, since both who ask come one after the other."""
    status = pdf.stat()
    return _first_page(pdf, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=1)
def _first_page(pdf: Path, _changed: int, _size: int) -> FirstPage:
    with open_pages(pdf) as pages:
        grey = pages.glance(0, DPI)
    half = cv2.resize(grey, None, fx=_HALF, fy=_HALF, interpolation=cv2.INTER_AREA)
    bright = cv2.morphologyEx(half, cv2.MORPH_CLOSE, np.ones((_NEARBY, _NEARBY), np.uint8))
    smooth = cv2.GaussianBlur(bright, (_SMOOTH, _SMOOTH), 0)
    paper = cv2.resize(smooth, grey.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return FirstPage(grey, np.asarray(paper, np.uint8))
