"""Rubber stamps in a frame (``MẬT``, ``HỎA TỐC``): found by their frame, straightened, read by themselves.

Page segmentation takes a frame for a picture or a table and drops its words, most of all where the stamp leans or lies
over type.  Whether a paper may be digitised at all hangs on them (law L2.2, 4B zones 10a and 10b).  Hands turn a stamp
any way: a frame is read along its longer side, from both ends.
"""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.scans.raster import Pixels

Mask = NDArray[np.bool_]
Rectangle = tuple[int, int, int, int]
Affine = NDArray[np.float64]
Corners = NDArray[np.float32]

_LOWEST_MM, _HIGHEST_MM = 5.0, 25.0
_LONGEST_MM = 90.0
_LEAST_RATIO, _MOST_RATIO = 1.3, 9.0
_BREAK_MM = 1.0  # gaps that type crossing the frame leaves in its ink, and worn rubber
_EDGE_MM = 1.3  # the frame's line lies within this from the outside
_DOUBLE_MM = 2.0  # and so does the inner line of a double frame
_WHOLE_SIDE, _WORN_SIDE = 0.75, 0.5
_LINE_PX = 48  # the height at which the inside is read
_QUIET_PX = 12
_MOST = 12  # frames of a page, level ones and others; a form has boxes too


class Stamp(NamedTuple):
    """The inside of a frame, straight, dark on white ``(height, width)``; and how its pixels lie on the page.

    ``is_level``: its words run as those of the page do, or would, were it read the right way round.
    """

    picture: Pixels
    to_page: Affine
    corners: Corners
    is_level: bool = True

    def on_its_head(self) -> "Stamp":
        """The same frame, read from its other end."""
        height, width = self.picture.shape
        back = np.array([[-1, 0, width], [0, -1, height], [0, 0, 1]])
        turned = np.ascontiguousarray(np.rot90(self.picture, 2))
        return self._replace(picture=turned, to_page=self.to_page @ back, is_level=False)

    def on_page(self, box: Rectangle) -> Rectangle:
        """The upright box on the page around a box in the picture."""
        left, top, right, bottom = box
        corners = np.array([[left, top, 1], [right, top, 1], [right, bottom, 1], [left, bottom, 1]])
        placed = corners @ self.to_page.T
        (x, y), (to_x, to_y) = placed.min(0).tolist(), placed.max(0).tolist()
        return round(x), round(y), round(to_x), round(to_y)

    def holds(self, box: Rectangle) -> bool:
        """Whether the middle of a box on the page lies within the frame."""
        left, top, right, bottom = box
        return cv2.pointPolygonTest(self.corners, ((left + right) / 2, (top + bottom) / 2), measureDist=False) > 0


def find_stamps(ink: Mask, tint: Pixels, unit: float) -> tuple[Stamp, ...]:
    """The stamps of a page.

    ``ink`` tells where a frame can be, ``tint`` is dark where the stamps are and light elsewhere, ``unit`` the pixels
    of a millimetre.
    """
    half = cv2.resize(ink.astype(np.uint8) * 255, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    reach = round(_BREAK_MM * unit / 2) | 1
    solid = (half > 127).astype(np.uint8)
    joined = cv2.morphologyEx(solid, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))
    outlines, _ = cv2.findContours(joined, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    found = []
    for outline in (2 * np.asarray(outline, np.int32) for outline in outlines):
        _, _, wide, high = cv2.boundingRect(outline)
        if min(wide, high) < _LOWEST_MM * unit or max(wide, high) > (_LONGEST_MM + _HIGHEST_MM) * unit:
            continue
        stamp = _stamp(outline, ink, tint, unit)
        if stamp is not None:
            found.append(stamp)
    level, others = ([item for item in found if item.is_level is way] for way in (True, False))
    return (*level[:_MOST], *others[:_MOST])


def _stamp(outline: NDArray[np.int32], ink: Mask, tint: Pixels, unit: float) -> Stamp | None:
    middle, (wide, high), degrees = cv2.minAreaRect(outline)
    if wide < high:
        wide, high, degrees = high, wide, degrees - 90
    fits = _LOWEST_MM * unit <= high <= _HIGHEST_MM * unit and wide <= _LONGEST_MM * unit
    if not fits or not _LEAST_RATIO <= wide / high <= _MOST_RATIO:
        return None
    degrees = (degrees + 90) % 180 - 90
    size = (round(wide) + 1, round(high) + 1)
    turn = cv2.getRotationMatrix2D(middle, degrees, 1.0)
    turn[:, 2] += np.array(size) / 2 - np.array(middle)
    flat = cv2.warpAffine(ink.astype(np.uint8), turn, size, flags=cv2.INTER_NEAREST).astype(bool)
    inset = _inside(flat, unit)
    if inset is None:
        return None
    top, left, bottom, right = inset
    picture = cv2.warpAffine(tint, turn, size, flags=cv2.INTER_LINEAR, borderValue=255)[top:bottom, left:right]
    scale = _LINE_PX / picture.shape[0]
    picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    picture = cv2.normalize(picture, np.zeros_like(picture), 0, 255, cv2.NORM_MINMAX)
    quiet = np.pad(picture.astype(np.uint8, copy=False), _QUIET_PX, constant_values=255)
    inward = np.array([[1 / scale, 0, left - _QUIET_PX / scale], [0, 1 / scale, top - _QUIET_PX / scale], [0, 0, 1]])
    to_page = cv2.invertAffineTransform(turn) @ inward
    corners = cv2.boxPoints((middle, (wide, high), degrees)).astype(np.float32)
    return Stamp(quiet, to_page, corners, is_level=abs(degrees) <= 45)


def _inside(flat: Mask, unit: float) -> tuple[int, int, int, int] | None:
    """Top, left, bottom and right of what the four lines of a frame enclose; None when it is no frame."""
    edge = max(2, round(_EDGE_MM * unit))
    sides = [
        float(side.any(axis).mean())
        for side, axis in ((flat[:edge], 0), (flat[-edge:], 0), (flat[:, :edge], 1), (flat[:, -edge:], 1))
    ]
    if np.mean(sides) < _WHOLE_SIDE or min(sides) < _WORN_SIDE:
        return None
    rows, columns = flat.mean(1), flat.mean(0)
    reach, short = round(_DOUBLE_MM * unit), round(_EDGE_MM * unit)
    top, bottom = _depth(rows[:reach]), _depth(rows[::-1][:reach])
    left, right = _depth(columns[:short]), _depth(columns[::-1][:short])
    high, wide = flat.shape
    inner = flat[top : high - bottom, left : wide - right]
    return (top, left, high - bottom, wide - right) if inner.size and inner.any() else None


def _depth(shares: NDArray[np.float64]) -> int:
    """How many pixels from the outside the frame's lines reach, with a little air."""
    lines = np.flatnonzero(shares > 0.5)
    return int(lines[-1]) + 3 if len(lines) else 1
