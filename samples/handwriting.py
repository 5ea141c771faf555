"""Numbers written by hand into what was printed before: digits as strokes of a pen, every one a little different.

A hand may have the digits of a cursive face instead, of which no two are alike in size, height and slope either.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, ImageFont

Colour = tuple[int, int, int]
Stroke = tuple[tuple[float, float], ...]

_FINER = 4  # drawn at four times the size, then reduced: smooth edges
BLUE: Final[Colour] = (28, 44, 150)
BLACK: Final[Colour] = (35, 35, 40)

# Points of each stroke, across 0..0.6 and down 0..1, joined by a smooth curve; each digit as some people write it.
_SHAPES: Final[dict[str, tuple[tuple[Stroke, ...], ...]]] = {
    "0": (
        (((0.35, 0.02), (0.08, 0.2), (0.03, 0.6), (0.2, 0.98), (0.5, 0.8), (0.57, 0.35), (0.4, 0.05), (0.25, 0.08)),),
        (((0.3, 0.0), (0.02, 0.35), (0.1, 0.85), (0.32, 1.0), (0.58, 0.6), (0.5, 0.15), (0.3, 0.0), (0.45, -0.05)),),
    ),
    "1": (
        (((0.3, 0.0), (0.29, 0.5), (0.27, 1.0)),),
        (((0.12, 0.28), (0.25, 0.15), (0.34, 0.0), (0.33, 0.5), (0.3, 1.0)),),
        (((0.08, 0.35), (0.34, 0.0), (0.32, 0.5), (0.3, 1.0)), ((0.1, 1.0), (0.5, 0.97))),
    ),
    "2": (
        (((0.05, 0.25), (0.2, 0.02), (0.48, 0.1), (0.45, 0.42), (0.05, 0.97), (0.3, 0.93), (0.6, 0.98)),),
        (
            (
                (0.08, 0.2),
                (0.3, 0.0),
                (0.52, 0.2),
                (0.3, 0.65),
                (0.05, 0.95),
                (0.12, 0.8),
                (0.3, 0.95),
                (0.62, 0.92),
            ),
        ),
    ),
    "3": (
        (
            (
                (0.08, 0.12),
                (0.3, 0.0),
                (0.52, 0.2),
                (0.25, 0.45),
                (0.55, 0.65),
                (0.45, 0.95),
                (0.2, 1.0),
                (0.02, 0.85),
            ),
        ),
        (((0.05, 0.03), (0.5, 0.02), (0.22, 0.4)), ((0.22, 0.4), (0.55, 0.55), (0.5, 0.9), (0.2, 1.02), (0.0, 0.9))),
    ),
    "4": (
        (((0.25, 0.0), (0.15, 0.35), (0.03, 0.65), (0.3, 0.62), (0.62, 0.6)), ((0.45, 0.3), (0.42, 0.7), (0.4, 1.05))),
        (((0.42, 0.0), (0.2, 0.4), (0.0, 0.68), (0.3, 0.68), (0.6, 0.66)), ((0.44, 0.02), (0.42, 0.5), (0.4, 1.0))),
    ),
    "5": (
        (
            ((0.15, 0.05), (0.12, 0.25), (0.08, 0.45), (0.4, 0.42), (0.52, 0.7), (0.3, 0.98), (0.02, 0.9)),
            ((0.15, 0.04), (0.35, 0.03), (0.58, 0.0)),
        ),
        (((0.55, 0.0), (0.18, 0.05), (0.1, 0.42), (0.4, 0.4), (0.55, 0.65), (0.38, 0.97), (0.0, 0.98)),),
    ),
    "6": (
        (((0.48, 0.0), (0.2, 0.25), (0.05, 0.65), (0.2, 0.98), (0.5, 0.85), (0.45, 0.55), (0.1, 0.68)),),
        (((0.35, 0.0), (0.1, 0.4), (0.05, 0.8), (0.3, 1.0), (0.52, 0.75), (0.3, 0.55), (0.08, 0.8)),),
    ),
    "7": (
        (((0.03, 0.05), (0.3, 0.06), (0.56, 0.02), (0.36, 0.5), (0.25, 1.0)), ((0.15, 0.5), (0.52, 0.45))),
        (((0.0, 0.12), (0.08, 0.02), (0.55, 0.05), (0.4, 0.45), (0.3, 1.05)),),
    ),
    "8": (
        (
            (
                (0.5, 0.12),
                (0.25, 0.0),
                (0.08, 0.2),
                (0.3, 0.45),
                (0.52, 0.75),
                (0.28, 1.0),
                (0.05, 0.8),
                (0.3, 0.48),
                (0.5, 0.2),
                (0.45, 0.08),
            ),
        ),
        (
            (
                (0.3, 0.48),
                (0.1, 0.2),
                (0.32, 0.0),
                (0.5, 0.2),
                (0.28, 0.5),
                (0.05, 0.8),
                (0.3, 1.0),
                (0.55, 0.8),
                (0.3, 0.48),
            ),
        ),
    ),
    "9": (
        (((0.5, 0.15), (0.25, 0.0), (0.06, 0.25), (0.25, 0.48), (0.5, 0.2), (0.46, 0.6), (0.38, 1.02)),),
        (((0.52, 0.1), (0.2, 0.05), (0.08, 0.35), (0.35, 0.42), (0.52, 0.1), (0.5, 0.7), (0.3, 1.0), (0.08, 0.92)),),
    ),
}


@dataclass(frozen=True)
class Hand:
    """How somebody writes: lengths in millimetres, slant as a tangent, unsteadiness as a share of the height.

    ``face``: of a typeface whose digits are taken; ``dotted``: on a row of dots that was printed for it.
    """

    height: float = 4.2
    pen: float = 0.45
    slant: float = 0.15
    unsteady: float = 0.04
    bounce: float = 0.5
    gap: float = 0.8
    colour: Colour = BLUE
    face: Path | None = None
    dotted: bool = False


HANDS: Final[dict[str, Hand]] = {
    "hurried": Hand(slant=0.35, unsteady=0.06, bounce=0.7),
    "careful": Hand(height=3.3, pen=0.35, slant=0.05, unsteady=0.025, bounce=0.25, colour=BLACK),
    "broad": Hand(height=4.6, pen=0.8, slant=0.1, colour=BLACK),
    "small": Hand(height=2.9, pen=0.3, slant=0.2, bounce=0.3, colour=BLACK),
    "upright": Hand(height=3.8, pen=0.5, slant=-0.08, colour=BLUE),
    "pencil": Hand(height=3.9, pen=0.4, slant=0.2, colour=(105, 105, 110)),
}


def any_hand(random: Random) -> Hand:
    """A hand that nobody chose: every trait at random within what people write on forms."""
    return Hand(
        height=random.uniform(2.8, 5.0),
        pen=random.uniform(0.3, 0.8),
        slant=random.uniform(-0.15, 0.4),
        unsteady=random.uniform(0.02, 0.06),
        bounce=random.uniform(0.2, 0.8),
        gap=random.uniform(0.5, 1.2),
        colour=random.choice((BLUE, BLACK, (30, 60, 190), (20, 20, 22), (90, 90, 95))),
    )


def written_width(digits: str, hand: Hand) -> float:
    """The room in millimetres that the digits ask for, with some before and behind."""
    return len(digits) * (0.6 * hand.height + hand.gap) + 2.0


def write_digits(
    page: Image.Image, digits: str, start: tuple[float, float], unit: float, hand: Hand, random: Random
) -> None:
    """Write digits over what is there: from ``start``, left end of the base line, on; ``unit`` pixels a millimetre."""
    left, base = start
    width, height = round(written_width(digits, hand) * unit), round(2.2 * hand.height * unit)
    sheet = Image.new("RGB", (width * _FINER, height * _FINER), "white")
    draw = ImageDraw.Draw(sheet)
    pen = max(2, round(hand.pen * unit * _FINER))
    across, level = 1.0, 1.6 * hand.height
    for digit in digits:
        size = hand.height * random.uniform(0.85, 1.15)
        foot = level + random.uniform(-1, 1) * hand.bounce
        if hand.face:
            glyph = _of_face(digit, hand.face, round(size * unit * _FINER), hand, random)
            sheet.paste(hand.colour, (round(across * unit * _FINER), round(foot * unit * _FINER) - glyph.height), glyph)
            across += glyph.width / (unit * _FINER) + hand.gap * random.uniform(0.2, 0.9)
            continue
        for stroke in random.choice(_SHAPES[digit]):
            points = np.array(stroke) + np.array(
                [[random.gauss(0, hand.unsteady), random.gauss(0, hand.unsteady)] for _ in stroke]
            )
            x = across + size * (points[:, 0] + hand.slant * (1 - points[:, 1]))
            y = foot - size * (1 - points[:, 1])
            line = _smooth(np.stack((x, y), 1)) * unit * _FINER
            draw.line([tuple(point) for point in line.tolist()], fill=hand.colour, width=pen, joint="curve")
            for x_end, y_end in (line[0].tolist(), line[-1].tolist()):
                draw.ellipse((x_end - pen / 2, y_end - pen / 2, x_end + pen / 2, y_end + pen / 2), fill=hand.colour)
        across += 0.6 * size + hand.gap * random.uniform(0.6, 1.3)
    small = sheet.resize((width, height), Image.Resampling.LANCZOS)
    box = (round(left), round(base - level * unit))
    area = (*box, box[0] + width, box[1] + height)
    page.paste(ImageChops.multiply(page.crop(area), small), box)


def _of_face(digit: str, face: Path, height: int, hand: Hand, random: Random) -> Image.Image:
    """A digit of a typeface as a mask: sloped as the hand slopes it, and turned a little."""
    font = _face(face, height)
    left, top, right, bottom = font.getbbox(digit)
    pad = height // 4
    drawn = Image.new("L", (round(right - left) + 2 * pad, round(bottom - top) + 2 * pad))
    bold = max(0, round(hand.pen * height / 90) - 2)
    ImageDraw.Draw(drawn).text((pad - left, pad - top), digit, 255, font, stroke_width=bold)
    slope = hand.slant / 2
    sloped = drawn.transform(drawn.size, Image.Transform.AFFINE, (1, slope, -slope * drawn.height / 2, 0, 1, 0))
    turned = sloped.rotate(random.gauss(0, 60 * hand.unsteady), Image.Resampling.BICUBIC)
    tight = turned.crop(turned.getbbox())
    return tight.resize((max(1, round(tight.width * height / tight.height)), height), Image.Resampling.LANCZOS)


@cache
def _face(path: Path, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size)


def _smooth(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """A curve through the points (Catmull and Rom), eight steps between two of them."""
    ends = np.concatenate((points[:1], points, points[-1:]))
    share = np.linspace(0, 1, 8, endpoint=False)[:, None]
    pieces = []
    for before, one, other, after in zip(ends, ends[1:], ends[2:], ends[3:], strict=False):
        bend = 2 * before - 5 * one + 4 * other - after
        turn = 3 * (one - other) + after - before
        pieces.append(0.5 * (2 * one + (other - before) * share + bend * share**2 + turn * share**3))
    return np.concatenate((*pieces, points[-1:]))
