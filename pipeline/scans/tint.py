"""Whether something on a scan differs from its paper by colour, or by being lighter: marker, pale stamps, white print.

Brightness alone does not tell a yellow line from paper.  What shines through, folds, holes and the border of the glass
are grey and darker than paper; stains of coffee are not told from ink, and keep their page.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.scans.raster import parts

DPI = 100  # pixels finer than this bear more noise than colour

_GROUND_MM, _GROUND_PX = 2.0, 31  # the ground around a place is what most of 62 mm are like
_TINTED, _OTHER = 8, 24  # how far a colour lies from the ground and the page, and from the page alone; a and b of Lab
_LIGHTER = 15  # of 255 in L; paper that is lit unevenly varies by 14
_LEAST_MM, _LEAST_MM2 = 1.2, 0.38  # as of dark marks


def is_tinted(pixels: NDArray[np.uint8], dpi: float) -> bool:
    """Whether a page, ``(height, width, 3)`` RGB, bears a mark of another colour than its paper, or a lighter one."""
    mm = dpi / 25.4
    lab = cv2.cvtColor(cv2.GaussianBlur(pixels, (0, 0), 1.0), cv2.COLOR_RGB2LAB)
    height, width = lab.shape[:2]
    small = tuple(max(1, round(side / mm / _GROUND_MM)) for side in (width, height))
    coarse = cv2.medianBlur(cv2.resize(lab, small, interpolation=cv2.INTER_AREA), _GROUND_PX)
    ground = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
    page = np.median(lab[::4, ::4].reshape(-1, 3), axis=0)
    beside, across = lab.astype(np.float32) - ground, lab - page.astype(np.float32)
    from_ground, from_page = np.hypot(beside[..., 1], beside[..., 2]), np.hypot(across[..., 1], across[..., 2])
    differs = (from_ground > _TINTED) & (from_page > _TINTED) | (from_page > _OTHER)
    differs |= (beside[..., 0] > _LIGHTER) & (across[..., 0] > _LIGHTER)
    _, _, marks, _ = parts(differs.astype(np.uint8))
    long = np.maximum(marks[1:, cv2.CC_STAT_WIDTH], marks[1:, cv2.CC_STAT_HEIGHT])
    return bool(((long >= _LEAST_MM * mm) & (marks[1:, cv2.CC_STAT_AREA] >= _LEAST_MM2 * mm**2)).any())
