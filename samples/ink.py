"""What people add to a printed paper: a red seal and a blue signature."""

import math
from random import Random
from typing import Final

from PIL import Image, ImageChops, ImageDraw

from samples.fonts import typeface

SEAL_MM: Final = 34.0
_RED = (214, 38, 48)
_BLUE = (28, 44, 150)
_FINER = 3  # drawn at three times the size, then reduced: smooth edges


def press_seal(page: Image.Image, centre: tuple[float, float], diameter: float, ring: str, random: Random) -> None:
    """Press a round seal on the page: two rings, the text around, a star in the middle; the ink multiplies."""
    side = round(diameter * _FINER)
    seal = Image.new("RGB", (side, side), "white")
    draw = ImageDraw.Draw(seal)
    for inset, width in ((0.01, 0.016), (0.045, 0.006), (0.25, 0.008)):
        draw.ellipse(
            (side * inset, side * inset, side * (1 - inset), side * (1 - inset)), None, _RED, int(side * width)
        )
    draw.polygon(_star(side / 2, side * 0.16), fill=_RED)
    _write_around(seal, f"{ring} • TP. ĐÀ NẴNG •")
    turned = seal.rotate(random.uniform(-12, 12), Image.Resampling.BICUBIC, fillcolor="white")
    small = turned.resize((round(diameter), round(diameter)), Image.Resampling.LANCZOS)
    _multiply(page, small, round(centre[0] - diameter / 2), round(centre[1] - diameter / 2))


def write_signature(page: Image.Image, box: tuple[float, float, float, float], random: Random) -> None:
    """Write a signature into the box: a few loops along a rising line, then a long stroke to the right."""
    left, top, right, bottom = (side * _FINER for side in box)
    width, height = right - left, bottom - top
    loops, lean = random.randint(3, 6), random.uniform(0.1, 1.6)
    points = []
    for step in range(241):
        along = step / 240
        angle = along * loops * math.tau
        swing = 0.42 * (1 - along) ** 0.7
        x = along * 0.92 + 0.06 * math.cos(angle) + lean * 0.1 * math.sin(angle)
        y = 0.62 - 0.3 * along + swing * math.sin(angle * (1 + lean * 0.2))
        points.append((min(max(x, 0), 1) * width, min(max(y, 0), 1) * height))
    sheet = Image.new("RGB", (round(width), round(height)), "white")
    ImageDraw.Draw(sheet).line(points, fill=_BLUE, width=max(3, round(height / 34)), joint="curve")
    small = sheet.resize((round(width / _FINER), round(height / _FINER)), Image.Resampling.LANCZOS)
    _multiply(page, small, round(box[0]), round(box[1]))


def _star(middle: float, radius: float) -> list[tuple[float, float]]:
    """The corners of a five-pointed star, tip up."""
    spokes = ((radius if corner % 2 == 0 else radius * 0.382, math.pi * corner / 5) for corner in range(10))
    return [(middle + r * math.sin(angle), middle - r * math.cos(angle)) for r, angle in spokes]


def _write_around(seal: Image.Image, ring: str) -> None:
    """Write the text clockwise between the rings, each letter turned to the middle."""
    side = seal.width
    font = typeface(round(side * min(0.085, 3.3 / len(ring))), bold=True)
    for place, letter in enumerate(ring):
        angle = (place - len(ring) / 2) / (len(ring) + 1) * math.tau
        tile = Image.new("RGB", (round(side * 0.15),) * 2, "white")
        ImageDraw.Draw(tile).text((tile.width / 2, tile.height / 2), letter, _RED, font, anchor="mm")
        turned = tile.rotate(-math.degrees(angle), Image.Resampling.BICUBIC, fillcolor="white")
        x = side / 2 + side * 0.352 * math.sin(angle) - tile.width / 2
        y = side / 2 - side * 0.352 * math.cos(angle) - tile.height / 2
        _multiply(seal, turned, round(x), round(y))


def _multiply(page: Image.Image, ink: Image.Image, left: int, top: int) -> None:
    box = (left, top, left + ink.width, top + ink.height)
    page.paste(ImageChops.multiply(page.crop(box), ink), box)
