"""Words whose confidence is worth nothing: digits that a hand may have written, and words beside ink that nobody read.

The models know print.  They give what is written by hand the likeliest print, often without doubt.  So the digits of
lines that state a number or a day are held against print: drawn in the faces of papers, at the size of the print
around, each must look like what it was read as.  What fails is not called handwriting, only not believed.
"""

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import as_file, files
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from domain.fold import fold
from pipeline.recognition.coverage import Letters, uncovered
from pipeline.recognition.ink import Rectangle
from pipeline.recognition.raster import Pixels
from pipeline.recognition.tesseract import Token
from signing.typeface import FONT_FILE

_STATES = re.compile(r"^\W*s[o06]\b|\bngay\b|\bthang\b")
_DIGITS = re.compile(r"\d+")
_LONGEST = 6  # digits: longer ones are identity numbers, which have checks of their own
_SMALLEST, _USUAL, _TALLEST = 0.95, 1.15, 1.5  # heights of a digit by the usual height of the page's letters
_ADVANCE = 0.76  # width that a digit of Times takes, by its height
# Correlation with print that is asked for by the confidence of the word.
_ASKED = ((0.95, 0.62), (0.85, 0.72), (0.0, 0.86))
_YEAR = re.compile(r"\W*(?:19|20)\d\d\W*")
_ASKED_OF_A_YEAR = 0.4  # the century is printed, so that one digit of four says little
_BLUE, _MUCH = 35, 0.3  # levels by which blue exceeds red, more than on the paper; share of the ink
_BESIDE = 0.9  # heights of a word: ink so near to it belongs to it
_A_LETTER = 0.1  # of the square of the usual height: less ink is a speck or a stop


def not_believed(words: Sequence[Token], pixels: Pixels, grey: Pixels, letters: Letters) -> frozenset[int]:
    """The places of words whose confidence says nothing.

    ``pixels`` is the page as it lies ``(height, width, 3)``, ``grey`` the same without marks and leaders.
    """
    left_over = np.asarray(cv2.integral(uncovered(letters, words).astype(np.uint8)), np.int32)
    found = {
        place
        for place, word in enumerate(words)
        if any(_count(left_over, side) > _A_LETTER * letters.height**2 for side in _sides(word))
    }
    for line in _lines(words):
        if _STATES.search(fold(" ".join(words[place].text for place in line))):
            found |= {place for place in line if _is_written(words[place], pixels, grey, letters.height)}
    return frozenset(found)


def _lines(words: Sequence[Token]) -> list[range]:
    starts = [0, *(i for i, (one, other) in enumerate(pairwise(words), 1) if one.line != other.line), len(words)]
    return [range(start, end) for start, end in pairwise(starts)]


# Ink beside


def _sides(word: Token) -> tuple[Rectangle, ...]:
    """Where ink that nobody read would belong to the word: behind a name, before and behind a number."""
    left, top, right, bottom = word.box
    near = round(_BESIDE * (bottom - top))
    behind, before = (right, top, right + near, bottom), (left - near, top, left, bottom)
    if _DIGITS.search(word.text):
        return before, behind
    return (behind,) if word.text[:1].isupper() and word.text.isalpha() else ()


def _count(sums: NDArray[np.int32], box: Rectangle) -> int:
    rows, columns = sums.shape
    left, right = (min(columns - 1, max(0, side)) for side in (box[0], box[2]))
    top, bottom = (min(rows - 1, max(0, side)) for side in (box[1], box[3]))
    return int(sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left])


# Print or not


def _is_written(word: Token, pixels: Pixels, grey: Pixels, usual: float) -> bool:
    """Whether the first digits of a word may be no print: years and symbols behind them are printed."""
    found = _DIGITS.search(word.text)
    if not found or len(found[0]) > _LONGEST:
        return False
    if word.text[found.end() : found.end() + 1].isalpha():
        return True  # a digit that was taken for a letter, or a number such as 12a, which is rare
    left, top, right, bottom = word.box
    pad = round(usual / 2)
    area = slice(max(0, top - pad), bottom + pad), slice(max(0, left - pad), right + pad)
    if _is_blue(pixels[area], grey[area]):
        return True
    asked = next(least for sure, least in _ASKED if word.confidence >= sure)
    if _YEAR.fullmatch(word.text):
        asked = _ASKED_OF_A_YEAR
    return not _looks_printed(found[0], grey[area], pad, usual, asked)


def _is_blue(pixels: Pixels, grey: Pixels) -> bool:
    """Whether much of the ink is blue, as that of pens."""
    lead = pixels[..., 2].astype(np.int16) - pixels[..., 0]
    is_ink = grey < (int(grey.min()) + int(np.percentile(grey, 90))) / 2
    return bool(is_ink.any()) and float((lead[is_ink] - np.median(lead) > _BLUE).mean()) > _MUCH


def _looks_printed(digits: str, grey: Pixels, start: int, usual: float, asked: float) -> bool:
    """Whether, in some face and size, each of the digits is as much like print as is asked, -1..1."""
    tall = round(_TALLEST * usual) + 8
    around = cv2.copyMakeBorder(grey, *(tall,) * 4, cv2.BORDER_CONSTANT, value=int(np.percentile(grey, 90)))
    room = np.asarray(around, np.uint8)
    sizes = range(max(8, round(_SMALLEST * usual)), round(_TALLEST * usual) + 1)
    for height in sorted(sizes, key=lambda size: abs(size - _USUAL * usual)):
        for face in range(len(_faces())):
            begins = (tall + start + _ADVANCE * height * place for place in range(len(digits)))
            if all(
                _likeness(room, round(begin), _printed(digit, height, face)) >= asked
                for digit, begin in zip(digits, begins, strict=True)
            ):
                return True
    return False


def _likeness(grey: Pixels, begin: int, glyph: Pixels) -> float:
    slack = glyph.shape[0] // 3
    window = grey[:, max(0, begin - slack) : begin + glyph.shape[1] + slack]
    return (
        float(cv2.matchTemplate(window, glyph, cv2.TM_CCOEFF_NORMED).max())
        if window.shape[1] > glyph.shape[1]
        else -1.0
    )


@cache
def _faces() -> tuple[tuple[ImageFont.FreeTypeFont, float, int], ...]:
    """Faces of papers: upright, italic and bold serif, and sans; each with its slant and how much bolder it becomes."""
    with as_file(files("ocrmypdf") / "data" / "NotoSans-Regular.ttf") as path:
        sans = ImageFont.truetype(path, 200)
    serif = ImageFont.truetype(FONT_FILE, 200)
    return (serif, 0.0, 0), (serif, 0.22, 0), (serif, 0.0, 9), (serif, 0.22, 9), (sans, 0.0, 0)


@cache
def _printed(digit: str, height: int, face: int) -> Pixels:
    """A digit in print, dark on light, ``height`` pixels high with two pixels of paper around."""
    font, slant, bolder = _faces()[face]
    sheet = Image.new("L", (330, 320), 255)
    ImageDraw.Draw(sheet).text((70, 250), digit, 0, font, anchor="ls")
    glyph = np.asarray(sheet)
    if slant:
        lean = np.array([[1, -slant, 250 * slant], [0, 1, 0]], np.float32)
        glyph = cv2.warpAffine(glyph, lean, sheet.size, borderValue=255)
    if bolder:
        glyph = cv2.erode(glyph, np.ones((bolder, bolder), np.uint8))
    rows, columns = np.nonzero(glyph < 128)
    glyph = glyph[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    width = max(3, round(glyph.shape[1] * height / glyph.shape[0]))
    small = cv2.resize(glyph, (width, height), interpolation=cv2.INTER_AREA)
    framed = cv2.copyMakeBorder(small, 2, 2, 2, 2, cv2.BORDER_CONSTANT, value=255)
    return np.asarray(cv2.GaussianBlur(framed, (0, 0), 0.7), np.uint8)
