"""Where marks stand: a text as near to its corner as it covers nothing, a picture with the signer's name.

The font's size is law (L4.3), so a text that would cover something is set otherwise or moved, and not made smaller.
Each mark looks on its own side of the upper third, then on the whole width beside the other mark.  Where nothing is
free the place with the least ink is taken, never one on the heading, and whoever asked is told.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from signing.interface import MarkPlace, NamePlace, Placement
from signing.marks.ink import Heading, HeadingPart, Ink
from signing.marks.marks import MARGIN, Drawing, Text, VisiblePage
from signing.marks.room import Allowed, Box, Places, Points, Room
from signing.marks.setting import Setting, arrangements

# Air beside a mark, and below or above it, in points: with less, it is read as one line with the print there.  Costs
# are told in points of way from the corner.
_AIRS = (((10.0, 5.0), 0.0), ((5.0, 2.5), 15.0), ((2.0, 1.0), 30.0), ((0.0, 0.0), 45.0))
_NO_AIR = (0.0, 0.0)
_DEPTH = 1 / 3  # of the page: what stands lower is no mark in a corner
_ASIDE = 0.5  # what a point of way along the upper edge costs; downwards it is 1
_BETWEEN = (
    4.0  # what a point of ink costs that parts a mark from the edges: between rows of print it reads like a field
)
_EDGE = 4.0  # points from the page's edges that stay free, if need be
_OUTWARD = 3.0  # what a point costs that a mark is nearer to an edge than its margin
_CORNER_PT = 42.0  # law L2.4, L4.3: a mark is in its corner that is so near to both edges, a frame's width
_DEAR = 45.0  # a place that costs more is compared with those beyond the middle of the page
_FARTHEST, _STRANGE = (
    1 / 3,
    200.0,
)  # of the page's width: what begins farther from its own edge looks like the other mark
_COVERED = 1.0  # what a pixel of covered ink costs where nothing is free


class _Found(NamedTuple):
    """A place that was found: what it costs, its setting, its left and top edges in points, and whether it is free."""

    cost: float
    setting: Setting
    left: float
    top: float
    is_free: bool


@dataclass(frozen=True, slots=True)
class MarkedPage:
    """Page one, what is inked of it, and where its heading stands; ``ink`` None: nobody knows what is on the page."""

    page: VisiblePage
    ink: Ink | None
    heading: Heading = ()


def in_corners(sheet: MarkedPage, texts: Sequence[tuple[str, Text]]) -> tuple[MarkPlace, ...]:
    """The places of the texts of these fields, which never meet."""
    page = sheet.page
    found = {field: _in_corner(sheet, text) for field, text in texts}
    for field, text in texts:
        if not found[field].is_free:
            found[field] = _Search(sheet, text, ()).nearest() or found[field]
    # What has no good place on its own side takes what the other leaves of the whole width; the most pressed first.
    for field, text in sorted(texts, key=lambda item: found[item[0]].cost, reverse=True):
        if found[field].cost > _DEAR:
            others = [_box(page, place) for name, place in found.items() if name != field and place.is_free]
            wider = _Search(sheet, text, others, is_wide=True).nearest()
            found[field] = min([found[field], *filter(None, [wider])], key=lambda place: place.cost)
    for field, text in texts:
        if not found[field].is_free:
            bars = [_box(page, place) for name, place in found.items() if name != field and np.isfinite(place.cost)]
            bars += [_scaled(page, part) for part in sheet.heading]
            found[field] = _Search(sheet, text, bars).least_inked() or found[field]
    return tuple(_mark(page, field, text, found[field]) for field, text in texts)


def over_name(page: VisiblePage, field: str, drawing: Drawing, name: NamePlace) -> MarkPlace:
    """The place of a person's picture: in the middle between the title and the name (law L4.5)."""
    across, down = page.size
    width, height = drawing.size
    left, middle = name.middle * across - width / 2, (name.above + name.top) / 2 * down
    return _placed(page, field, (left, middle - height / 2), drawing.size, number=name.page, state="with_name")


def on_signature(page: VisiblePage, field: str, drawing: Drawing, person: MarkPlace) -> MarkPlace:
    """The place of the agency's picture: over the left third of the person's (law L4.5)."""
    width, height = drawing.size
    left, top = person.left + person.width / 3 - width, person.top + (person.height - height) / 2
    return _placed(page, field, (left, top), drawing.size, number=person.page, state="with_name")


def _in_corner(sheet: MarkedPage, text: Text) -> _Found:
    """The plainest setting in the very corner."""
    page, plain = sheet.page, text.plainest(sheet.page)
    margin, width = MARGIN * page.scale, plain.width * page.scale
    left = margin if text.corner == "left" else page.size[0] - margin - width
    if sheet.ink is None:
        return _Found(0.0, plain, left, margin, is_free=True)
    aside, over = (air * page.scale for air in _AIRS[0][0])
    rows, columns = sheet.ink.shape
    across, down = columns / page.size[0], rows / page.size[1]
    high = slice(int(max(0.0, margin - over) * down), math.ceil((margin + plain.height * page.scale + over) * down))
    wide = slice(int(max(0.0, left - aside) * across), math.ceil((left + width + aside) * across))
    is_free = not sheet.ink[high, wide].any()
    return _Found(0.0 if is_free else np.inf, plain, left, margin, is_free=is_free)


class _Search:
    """The upper third of a page, looked through for a place of one text."""

    def __init__(self, sheet: MarkedPage, text: Text, bars: Sequence[Box], *, is_wide: bool = False) -> None:
        """Nothing may stand on ``bars``; ``is_wide``: also beyond the mark's own half of the page."""
        ink = sheet.ink if sheet.ink is not None else np.zeros((1, 1), np.bool_)
        self._page, self._scale = sheet.page, sheet.page.scale
        self._room = Room(ink, sheet.page.size, sheet.page.size[1] * _DEPTH, bars)
        self._is_right, self._is_wide = text.corner == "right", is_wide
        self._settings = arrangements(text.lines, text.notice)

    def nearest(self) -> _Found | None:
        """The free place that costs least."""
        best: _Found | None = None
        for air, air_cost in _AIRS:
            for setting in self._settings:
                least = setting.cost + air_cost
                if best is not None and least >= best.cost:
                    break
                places = self._places(setting, air)
                cost = self._costs(setting, places, air) + least
                cost[places.inked > 0] = np.inf
                best = self._cheaper(best, setting, places, cost, air, is_free=True)
        return best

    def least_inked(self) -> _Found | None:
        """The place that covers least."""
        best: _Found | None = None
        for setting in self._settings:
            places = self._places(setting, _NO_AIR)
            cost = self._costs(setting, places, _NO_AIR) + setting.cost + _COVERED * places.inked
            best = self._cheaper(best, setting, places, cost, _NO_AIR, is_free=False)
        return best

    def _places(self, setting: Setting, air: tuple[float, float]) -> Places:
        size = (setting.width + 2 * air[0]) * self._scale, (setting.height + 2 * air[1]) * self._scale
        edge, margin = (_EDGE - air[0]) * self._scale, (MARGIN - air[0]) * self._scale
        far = self._page.size[0] - edge if self._is_wide else (MARGIN + self._page.widest + air[0]) * self._scale
        edges = (edge, far, margin)
        if self._is_right:
            edges = (self._page.size[0] - far, self._page.size[0] - edge, self._page.size[0] - margin)
        above = (_EDGE - air[1]) * self._scale, (MARGIN - air[1]) * self._scale
        allowed = Allowed(edges[0], edges[1], above[0], edges[2], above[1])
        return self._room.places(size, allowed, from_right=self._is_right)

    def _costs(self, setting: Setting, places: Places, air: tuple[float, float]) -> Points:
        """What each place costs: the way from the corner, nearness to the edges, and print between it and them."""
        left, top = places.left / self._scale + air[0] - MARGIN, places.top / self._scale + air[1] - MARGIN
        whole = self._page.size[0] / self._scale
        aside = whole - 2 * MARGIN - left - setting.width if self._is_right else left
        across = np.where(aside < 0, -_OUTWARD * aside, _ASIDE * aside)
        across[aside > _FARTHEST * whole] += _STRANGE
        down = np.where(top < 0, -_OUTWARD * top, top)
        cost = np.asarray(down[:, None] + across[None, :] + _BETWEEN / self._scale * places.outside)
        cost[places.barred > 0] = np.inf
        return cost

    def _cheaper(
        self,
        best: _Found | None,
        setting: Setting,
        places: Places,
        cost: Points,
        air: tuple[float, float],
        *,
        is_free: bool,
    ) -> _Found | None:
        least = cost.min(initial=np.inf)
        if not np.isfinite(least) or (best is not None and least >= best.cost):
            return best
        row, column = np.unravel_index(int(cost.argmin()), cost.shape)
        left, top = places.left[column] + air[0] * self._scale, places.top[row] + air[1] * self._scale
        return _Found(float(least), setting, float(left), float(top), is_free=is_free)


def _scaled(page: VisiblePage, part: HeadingPart) -> Box:
    across, down = page.size
    return part.left * across, part.top * down, part.right * across, part.bottom * down


def _box(page: VisiblePage, place: _Found) -> Box:
    width, height = place.setting.width * page.scale, place.setting.height * page.scale
    return place.left, place.top, place.left + width, place.top + height


def _mark(page: VisiblePage, field: str, text: Text, place: _Found) -> MarkPlace:
    left, top, right, bottom = _box(page, place)
    aside = page.size[0] - right if text.corner == "right" else left
    is_near = max(aside, top) <= _CORNER_PT * page.scale
    state: Placement = "over_ink" if not place.is_free else "in_corner" if is_near else "moved"
    return _placed(page, field, (left, top), (right - left, bottom - top), state=state)


def _placed(
    page: VisiblePage,
    field: str,
    corner: tuple[float, float],
    size: tuple[float, float],
    *,
    number: int = 1,
    state: Placement,
) -> MarkPlace:
    """The place, within the page."""
    room = [max(0.0, whole - side) for whole, side in zip(page.size, size, strict=True)]
    left, top = (round(min(max(0.0, edge), most), 2) for edge, most in zip(corner, room, strict=True))
    return MarkPlace(field=field, page=number, left=left, top=top, width=size[0], height=size[1], state=state)
