"""Pages with nothing or next to nothing on them, drawn in grey at 200 dpi as a scanner sees them."""

from collections.abc import Callable
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from samples.fonts import typeface

Pixels = NDArray[np.float32]
Chance = np.random.Generator

DPI: Final = 200
_SIZE: Final = (1654, 2339)
_MM = DPI / 25.4
_LINES = ("Đồng ý", "Đã nhận", "Kính chuyển Phòng Tư pháp", "Duyệt", "Trang 2", "Ký thay", "20/11")


def _paper(chance: Chance) -> Pixels:
    page = np.full((_SIZE[1], _SIZE[0]), chance.uniform(225, 252), np.float32)
    shade = chance.uniform(-6, 6, (4, 3)).astype(np.float32)
    return page + cv2.resize(shade, _SIZE, interpolation=cv2.INTER_CUBIC)


def _seen(page: Pixels, chance: Chance) -> Image.Image:
    soft = cv2.GaussianBlur(page, (0, 0), float(chance.uniform(0.4, 0.8))).astype(np.float32)
    soft = soft + chance.standard_normal(page.shape, np.float32) * float(chance.uniform(0.5, 4))
    specks = chance.integers(0, (_SIZE[1], _SIZE[0]), (int(chance.integers(0, 80)), 2))
    soft[specks[:, 0], specks[:, 1]] = 50
    return Image.fromarray(soft.clip(0, 255).astype(np.uint8))


# What a sheet without writing shows


def _plain(_page: Pixels, _chance: Chance) -> None:
    pass


def _bleed(page: Pixels, chance: Chance) -> None:
    other = Image.new("L", _SIZE, 255)
    draw = ImageDraw.Draw(other)
    for y in range(250, 2000, 55):
        draw.text((200, y), "Ủy ban nhân dân phường thông báo thời gian tiếp nhận hồ sơ", 0, typeface(36))
    back = cv2.GaussianBlur(np.asarray(other, np.float32)[:, ::-1], (0, 0), float(chance.uniform(1.5, 3)))
    page -= (255 - back) * float(chance.uniform(0.05, 0.16))


def _ruled(level: float, chance: Chance) -> Pixels:
    """The lines of an empty form on white."""
    form = np.full((_SIZE[1], _SIZE[0]), 255, np.float32)
    apart, drift, wide = int(chance.integers(35, 110)), int(chance.integers(-6, 6)), int(chance.integers(2, 5))
    for y in range(int(chance.integers(250, 900)), int(chance.integers(1600, 2100)), apart):
        cv2.line(form, (int(chance.integers(100, 400)), y), (int(chance.integers(900, 1500)), y + drift), level, wide)
    return form


def _form_behind(page: Pixels, chance: Chance) -> None:
    back = cv2.GaussianBlur(_ruled(0, chance), (0, 0), float(chance.uniform(1.5, 3)))
    page -= (255 - back) * float(chance.uniform(0.05, 0.16))


def _holes(page: Pixels, chance: Chance) -> None:
    level = float(chance.uniform(10, 90))
    for y in (2339 // 2 - 315, 2339 // 2 + 315):
        centre = (int(chance.uniform(10, 14) * _MM), y + int(chance.integers(-40, 40)))
        cv2.circle(page, centre, round(2.8 * _MM), level, -1 if chance.random() < 0.7 else 3, cv2.LINE_AA)


def _stains(page: Pixels, chance: Chance) -> None:
    for _ in range(int(chance.integers(1, 4))):
        stain = np.zeros_like(page)
        centre = (int(chance.integers(100, 1500)), int(chance.integers(100, 2200)))
        axes = (int(chance.integers(40, 250)), int(chance.integers(40, 250)))
        cv2.ellipse(stain, centre, axes, float(chance.uniform(0, 180)), 0, 360, float(chance.uniform(15, 70)), -1)
        page -= cv2.GaussianBlur(stain, (0, 0), float(chance.uniform(2, 20)))


def _folds(page: Pixels, chance: Chance) -> None:
    for turned in (False, True)[: int(chance.integers(1, 3))]:
        side = page.T if turned else page
        at, drift = int(chance.integers(700, 1000)), int(chance.integers(-15, 15))
        line = np.zeros(side.shape, np.float32)
        cv2.line(line, (0, at), (side.shape[1], at + drift), float(chance.uniform(20, 110)), int(chance.integers(1, 6)))
        side -= cv2.GaussianBlur(line, (0, 0), 1.0)


def _borders(page: Pixels, chance: Chance) -> None:
    level = float(chance.uniform(10, 90))
    for turn in range(4):
        if chance.random() < 0.6:
            side = np.rot90(page, turn)
            deep = chance.integers(0, 40, 2)
            corners = np.array([(0, 0), (side.shape[1], 0), (side.shape[1], deep[0]), (0, deep[1])], np.int32)
            mask = np.zeros(side.shape, np.uint8)
            cv2.fillPoly(mask, [corners], 1)
            side[mask > 0] = level


def _staple(page: Pixels, chance: Chance) -> None:
    x, y = (int(chance.uniform(5, 15) * _MM) for _ in range(2))
    cv2.line(page, (x, y), (x + 80, y + int(chance.integers(-30, 30))), float(chance.uniform(40, 120)), 4, cv2.LINE_AA)


def _worn(page: Pixels, chance: Chance) -> None:
    for mark in (_bleed, _holes, _stains, _folds, _staple, _borders):
        if chance.random() < 0.6:
            mark(page, chance)


# What is written


def _write(page: Pixels, text: str, points: float, level: float, place: tuple[float, float]) -> None:
    """``place`` from (0, 0) at the top left to (1, 1): letters may touch the edges and none is cut off wholly."""
    font = typeface(round(points / 72 * DPI))
    left, top, right, bottom = (round(value) for value in font.getbbox(text))
    x = round(place[0] * (_SIZE[0] - (right - left))) - left
    y = round(place[1] * (_SIZE[1] - (bottom - top))) - top
    ink = Image.new("L", _SIZE, 0)
    ImageDraw.Draw(ink).text((x, y), text, 255, font)
    covered = np.asarray(ink, np.float32) / 255
    page += (level - page) * covered


def _line(page: Pixels, chance: Chance) -> None:
    _worn_lightly(page, chance)
    text = _LINES[int(chance.integers(len(_LINES)))]
    place = (float(chance.random()), float(chance.random()))
    _write(page, text, float(chance.uniform(8, 12)), float(chance.uniform(10, 110)), place)


def _line_at_an_edge(page: Pixels, chance: Chance) -> None:
    """A line as near an edge as the sheet goes; half the time the border of the glass lies there and hides its rim."""
    for mark in (_bleed, _holes, _staple):
        if chance.random() < 0.25:
            mark(page, chance)
    points, along, side = float(chance.uniform(8, 12)), float(chance.random()), int(chance.integers(4))
    deep = int(chance.integers(5, 40)) if chance.random() < 0.5 else 0
    hidden = float(chance.uniform(0, 0.4)) * points / 72 * DPI
    inward = max(0.0, deep - hidden) / _SIZE[side % 2 == 0]
    place = ((along, inward), (1 - inward, along), (along, 1 - inward), (inward, along))[side]
    _write(page, "Đồng ý", points, float(chance.uniform(10, 110)), place)
    np.rot90(page, side)[:deep] = float(chance.uniform(10, 90))


def _page_number(page: Pixels, chance: Chance) -> None:
    _worn_lightly(page, chance)
    place = (float(chance.choice([0.06, 0.5, 0.94])), float(chance.choice([0.04, 0.96])))
    _write(page, str(chance.integers(1, 40)), float(chance.uniform(8, 12)), float(chance.uniform(10, 100)), place)


def _stamp(page: Pixels, chance: Chance) -> None:
    _worn_lightly(page, chance)
    x, y, level = int(chance.integers(200, 1400)), int(chance.integers(200, 2100)), float(chance.uniform(80, 150))
    if chance.random() < 0.5:
        cv2.circle(page, (x, y), round(chance.uniform(8, 17) * _MM), level, int(chance.integers(2, 7)), cv2.LINE_AA)
    else:
        cv2.rectangle(page, (x - 150, y - 40), (x + 150, y + 40), level, int(chance.integers(2, 6)))
        _write(page, "ĐÃ SAO Y", 14, level, ((x - 100) / 1654, y / 2339))


def _light_hand(page: Pixels, chance: Chance) -> None:
    _worn_lightly(page, chance)
    x, y = int(chance.integers(100, 1200)), int(chance.integers(100, 2100))
    steps = np.linspace(0, 1, 120)
    across = x + steps * 260 + 16 * np.cos(steps * 40)
    down = y + 28 * np.sin(steps * 40) * (1 - 0.5 * steps)
    points = np.stack([across, down], axis=1).round().astype(np.int32)
    cv2.polylines(page, [points], False, float(chance.uniform(100, 165)), int(chance.integers(2, 5)), cv2.LINE_AA)


def _worn_lightly(page: Pixels, chance: Chance) -> None:
    for mark in (_bleed, _holes, _staple, _borders):
        if chance.random() < 0.25:
            mark(page, chance)


def _pale(page: Pixels, chance: Chance) -> None:
    """A line in pale grey, sharp as print is."""
    text = ("Kính gửi Ủy ban nhân dân phường", *_LINES)[int(chance.integers(len(_LINES) + 1))]
    place = (float(chance.uniform(0.05, 0.95)), float(chance.uniform(0.05, 0.95)))
    level = float(np.median(page)) * float(chance.uniform(0.8, 0.86))
    _write(page, text, float(chance.uniform(10, 14)), level, place)


def _pale_form(page: Pixels, chance: Chance) -> None:
    """An empty form in pale lines."""
    page -= (255 - _ruled(255 * float(chance.uniform(0.83, 0.89)), chance)) * np.median(page) / 255


def _faint(page: Pixels, chance: Chance) -> None:
    """A few words hardly darker than the paper."""
    level = float(np.median(page)) * float(chance.uniform(0.86, 0.93))
    x, y, points = chance.uniform(0.05, 0.5), chance.uniform(0.05, 0.8), float(chance.uniform(10, 14))
    for line in range(int(chance.integers(1, 5))):
        _write(page, "Trả lại hồ sơ để bổ sung giấy tờ", points, level, (float(x), float(y) + 0.03 * line))


def _faint_rules(page: Pixels, chance: Chance) -> None:
    """A lined sheet, its lines hardly darker than the paper."""
    page -= (255 - _ruled(255 * float(chance.uniform(0.89, 0.94)), chance)) * np.median(page) / 255


def _dry_seal(page: Pixels, chance: Chance) -> None:
    """A seal pressed into the paper: one side of its rims is lit, the other in the shade."""
    seal = Image.new("L", _SIZE, 0)
    draw, x, y = ImageDraw.Draw(seal), int(chance.integers(250, 1400)), int(chance.integers(250, 2050))
    wide = int(chance.uniform(12, 18) * _MM)
    draw.ellipse((x - wide, y - wide, x + wide, y + wide), None, 255, int(chance.integers(6, 10)))
    draw.text((x, y), "UBND PHƯỜNG", 255, typeface(24), anchor="mm")
    relief = np.asarray(seal, np.float32)
    page += (np.roll(relief, (-1, -1), (0, 1)) - np.roll(relief, (1, 1), (0, 1))) * float(chance.uniform(0.06, 0.1))


def _leaders(page: Pixels, chance: Chance) -> None:
    """The dots of an empty form, some askew."""
    apart, size = float(chance.uniform(5, 16)), float(chance.uniform(2.4, 5))
    x, y, slope = chance.uniform(100, 600), chance.uniform(100, 2200), chance.uniform(-0.02, 0.02)
    level = float(chance.uniform(10, 110))
    for number in range(int(chance.integers(5, 60))):
        centre = (round((x + number * apart) * 16), round((y + number * apart * slope) * 16))
        cv2.circle(page, centre, round(size / 2 * 16), level, -1, cv2.LINE_AA, 4)


def _bar(page: Pixels, chance: Chance) -> None:
    """A black bar at an edge or near it, shorter than the side: a shadow runs from corner to corner."""
    side = np.rot90(page, int(chance.integers(4)))
    long, deep = int(side.shape[1] * chance.uniform(0.1, 0.7)), int(chance.uniform(2, 7) * _MM)
    start = int(chance.uniform(0.05, 0.95) * (side.shape[1] - long))
    above = int(chance.uniform(0.6, 4) * _MM) if chance.random() < 0.5 else 0
    side[above : above + deep, start : start + long] = float(chance.uniform(10, 90))


def _two_letters(page: Pixels, chance: Chance) -> None:
    """Two round letters, one below the other or far apart in a line: no punch makes these."""
    x, y, apart = chance.uniform(0.03, 0.2), chance.uniform(0.05, 0.4), chance.uniform(0.2, 0.5)
    points, level = float(chance.uniform(18, 26)), float(chance.uniform(10, 90))
    is_below = chance.random() < 0.5
    for far in (0.0, float(apart)):
        place = (x, y + far) if is_below else (x + far, y)
        _write(page, "O", points, level, (float(place[0]), float(place[1])))


def _tick(page: Pixels, chance: Chance) -> None:
    """One stroke of a pen in a corner, as long as a staple: askew or a little bent."""
    long, turn = chance.uniform(8, 14) * _MM, np.radians(chance.uniform(30, 150))
    bow = float(chance.uniform(-0.08, 0.08)) * long
    if chance.random() < 0.3:
        turn, bow = (
            np.radians(chance.uniform(-20, 20)),
            float(chance.choice([-1, 1]) * chance.uniform(0.06, 0.1)) * long,
        )
    steps = np.linspace(-0.5, 0.5, 40)
    along, across = steps * long, bow * (1 - 4 * steps**2)
    centre = chance.uniform(10, 20, 2) * _MM
    points = np.stack([np.cos(turn) * along - np.sin(turn) * across, np.sin(turn) * along + np.cos(turn) * across], 1)
    points = np.abs(centre + points - np.array(_SIZE) * chance.integers(0, 2, 2))
    level, wide = float(chance.uniform(20, 110)), int(chance.integers(2, 6))
    cv2.polylines(page, [points.round().astype(np.int32)], False, level, wide, cv2.LINE_AA)


Draw = Callable[[Pixels, Chance], None]
BLANK: Final[dict[str, Draw]] = {
    "plain": _plain, "bleed-through": _bleed, "a form behind": _form_behind, "holes": _holes, "stains": _stains,
    "folds": _folds, "dark borders": _borders, "staple": _staple, "all of these": _worn,
}  # fmt: skip
INKED: Final[dict[str, Draw]] = {
    "short line": _line, "short line at an edge": _line_at_an_edge, "page number": _page_number, "stamp": _stamp,
    "light handwriting": _light_hand, "pale print": _pale, "pale form": _pale_form, "dots": _leaders, "bar": _bar,
    "two letters": _two_letters, "tick": _tick, "faint print": _faint, "faint rules": _faint_rules,
    "dry seal": _dry_seal,
}  # fmt: skip


def draw(kind: str, seed: int) -> Image.Image:
    """A page of a kind, the same for the same seed."""
    chance = np.random.default_rng((seed, *kind.encode()))
    page = _paper(chance)
    {**BLANK, **INKED}[kind](page, chance)
    return _seen(page, chance)
