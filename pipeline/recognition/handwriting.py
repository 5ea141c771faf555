"""Words to doubt: digits that a hand may have written, and words beside ink that nobody read.

The models know print.  They give what is written by hand the likeliest print, often without doubt.  So the digits of
lines that state a number or a day are held against print: drawn in the faces of papers, at the size of the print
around, each must look like what it was read as.  What fails is not called handwriting, only not believed.
"""

import re
from collections.abc import Sequence
from contextlib import ExitStack
from functools import cache
from importlib.resources import as_file, files
from itertools import pairwise
from typing import NamedTuple

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from domain.fold import fold
from pipeline.recognition.coverage import Letters, uncovered
from pipeline.recognition.ink import Mask, Rectangle
from pipeline.recognition.tesseract import ReadToken
from pipeline.scans.raster import Pixels, parts
from signing.marks.typeface import FONT_FILE

# Lines that state a number, a day or a term; identity numbers in one piece are looked at wherever they stand.
_STATES = re.compile(
    r"^\W*s[o06]\b|\bngay\b|\bthang\b.{0,12}\bnam\b|\bthoi han\b"
    r"|\b(?:ma so|dinh danh|can cuoc|cccd|chung minh|cmnd)\b"
)
_IDENTITY = re.compile(r"\W*(?:\d{9}|\d{10}|\d{12})\W*")
_DIGITS = re.compile(r"\d+")
# Beside digits, what a written digit is taken for; print has brackets, points and strokes there.
_NO_SIGN = re.compile(r"[{}\[\]|#\\<>~^*&$]\d|(?:^|\W)/\d|\d[{}\[|#\\<>~^*&$]")
_SANS = "NotoSans-Regular.ttf"
_LONGEST = 6  # digits of a number or a day
_ONLY_DIGITS = re.compile(r"\d+\W?")
_SLACK = 0.6  # heights by which digits may be wider than in Times
_REGISTERED = re.compile(r"\d{2}[A-Z]\d{7}\W*")
_SMALLEST, _USUAL, _TALLEST = 0.95, 1.15, 1.5  # heights of a digit by the usual height of the page's letters
_ADVANCE = 0.76  # width that a digit of Times takes, by its height
# Correlation with print that is asked for by the confidence of the word.
_ASKED = ((0.94, 0.70), (0.85, 0.76), (0.0, 0.86))
_YEAR = re.compile(r"\W*(?:19|20)\d\d\W*")
_ASKED_OF_A_YEAR = 0.4  # the century is printed, so that one digit of four says little
_BLUE, _MUCH = 35, 0.3  # levels by which blue exceeds red, more than on the paper and in print; share of the ink
_HARDLY_ANY = 25  # percent of a page's letters: where more are as blue, that is the colour of the print
_BESIDE = 0.9  # heights of a word: ink so near to it belongs to it
_A_LETTER = 0.1  # of the square of the usual height: less ink is a speck or a stop
_LOWEST, _HIGHEST = 0.6, 2.2  # heights of a letter, with its marks, by the usual height
_THINNEST, _THICKEST = 0.5, 1.7  # strokes by those of the word
_UNREAD = 0.7  # of a part's ink: the rest is under a word's box


class Doubts(NamedTuple):
    """Places of words: those whose confidence says nothing, and those that may go on in ink that nobody read."""

    not_believed: frozenset[int]
    cut_short: frozenset[int]


def doubts(words: Sequence[ReadToken], pixels: Pixels, grey: Pixels, letters: Letters) -> Doubts:
    """What to doubt about the words of a page.

    ``pixels`` is the page as it lies ``(height, width, 3)``, ``grey`` the same without marks and leaders.
    """
    beside = _Beside(words, letters)
    of_print = _lead_of_print(pixels, letters)
    written: set[int] = set()
    for line in _lines(words):
        is_stated = _STATES.search(fold(" ".join(words[place].text for place in line))) is not None
        written |= {
            place
            for place in line
            if (is_stated or _IDENTITY.fullmatch(words[place].text))
            and (
                _is_written(words[place], pixels, grey, letters.height, of_print) or beside.is_number_cut(words[place])
            )
        }
    cut = (place for place, word in enumerate(words) if _is_capitalised(word.text) and beside.goes_on(word))
    return Doubts(frozenset(written), frozenset(cut))


def _lines(words: Sequence[ReadToken]) -> list[range]:
    starts = [0, *(i for i, (one, other) in enumerate(pairwise(words), 1) if one.line != other.line), len(words)]
    return [range(start, end) for start, end in pairwise(starts)]


def _is_capitalised(text: str) -> bool:
    return text[:1].isupper() and text.isalpha()


# Ink beside


class _Beside:
    """Ink as tall and as thick as a word's letters, so near to the word that it belongs to it, and read by nobody."""

    def __init__(self, words: Sequence[ReadToken], letters: Letters) -> None:
        self._letters = letters
        self._left_over = uncovered(letters, words)
        self._sums = np.asarray(cv2.integral(self._left_over.astype(np.uint8)), np.int32)

    def is_number_cut(self, word: ReadToken) -> bool:
        """Whether a digit may be missing at either end."""
        left, top, _, bottom = word.box
        before = (left - round(_BESIDE * (bottom - top)), top, left, bottom)
        return _DIGITS.search(word.text) is not None and (self._has_letters(word, before) or self.goes_on(word))

    def goes_on(self, word: ReadToken) -> bool:
        """Whether there may be more of the word, or another one, right behind it."""
        _, top, right, bottom = word.box
        return self._has_letters(word, (right, top, right + round(_BESIDE * (bottom - top)), bottom))

    def _has_letters(self, word: ReadToken, side: Rectangle) -> bool:
        usual = self._letters.height
        if self._count(side) <= _A_LETTER * usual**2:
            return False
        pad = round(_HIGHEST * usual)
        columns, rows = _within(side[0], side[2], pad), _within(side[1], side[3], pad)
        ink = self._letters.ink[rows, columns]
        stroke = _stroke(self._letters.ink[_within(word.box[1], word.box[3]), _within(word.box[0], word.box[2])])
        count, labels, stats, _ = parts(ink.astype(np.uint8))
        unread = np.bincount(labels[self._left_over[rows, columns]], minlength=count)
        for part in range(1, count):
            left, top, width, height, area = (int(value) for value in stats[part])
            across, down = left + columns.start, top + rows.start
            if (
                unread[part] > _UNREAD * area
                and _LOWEST * usual <= height <= _HIGHEST * usual
                and min(across + width, side[2]) > max(across, side[0])
                and min(down + height, side[3]) - max(down, side[1]) > height / 2
                and _THINNEST * stroke <= _stroke(labels == part) <= _THICKEST * stroke
            ):
                return True
        return False

    def _count(self, box: Rectangle) -> int:
        rows, columns = self._sums.shape
        left, right = (min(columns - 1, max(0, side)) for side in (box[0], box[2]))
        top, bottom = (min(rows - 1, max(0, side)) for side in (box[1], box[3]))
        corners = self._sums[bottom, right] - self._sums[top, right] - self._sums[bottom, left] + self._sums[top, left]
        return int(corners)


def _within(start: int, end: int, pad: int = 0) -> slice:
    return slice(max(0, start - pad), max(0, end + pad))


def _stroke(ink: Mask) -> float:
    """How thick the thickest stroke is, in pixels."""
    framed = cv2.copyMakeBorder(ink.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    return 2 * float(cv2.distanceTransform(framed, cv2.DIST_L2, 3).max())


# Print or not


def _is_written(word: ReadToken, pixels: Pixels, grey: Pixels, usual: float, of_print: float) -> bool:
    """Whether the first digits of a word may be no print: years and symbols behind them are printed.

    ``of_print`` is the lead of blue that the page's print has.
    """
    found = _DIGITS.search(word.text)
    if not found or (len(found[0]) > _LONGEST and not _IDENTITY.fullmatch(word.text)):
        return False
    if word.text[found.end() : found.end() + 1].isalpha() and not _REGISTERED.fullmatch(word.text):
        return True  # a digit that was taken for a letter, or a number such as 12a, which is rare
    if _NO_SIGN.search(word.text):
        return True
    left, top, right, bottom = word.box
    room = (_ADVANCE * len(word.text) + _SLACK) * max(bottom - top, usual)
    if _ONLY_DIGITS.fullmatch(word.text) and right - left > room:
        return True  # more stands there than was read
    pad = round(usual / 2)
    area = _within(top, bottom, pad), _within(left, right, pad)
    if _is_blue(pixels[area], grey[area], of_print):
        return True
    asked = next(least for sure, least in _ASKED if word.confidence >= sure)
    if _YEAR.fullmatch(word.text):
        asked = _ASKED_OF_A_YEAR
    font = _faces()[0]
    before = round((right - left) * font.getlength(word.text[: found.start()]) / max(1.0, font.getlength(word.text)))
    return not _looks_printed(found[0], grey[area], min(left, pad) + before, usual, asked)


def _lead_of_print(pixels: Pixels, letters: Letters) -> float:
    """Levels by which blue exceeds red in nearly all the letters of a page, more than on its paper."""
    some, ink = pixels[::3, ::3], letters.ink[::3, ::3]
    lead = some[..., 2].astype(np.int16) - some[..., 0]
    return max(0.0, float(np.percentile(lead[ink], _HARDLY_ANY) - np.median(lead))) if ink.any() else 0.0


def _is_blue(pixels: Pixels, grey: Pixels, of_print: float) -> bool:
    """Whether much of the ink is blue, as that of pens."""
    lead = pixels[..., 2].astype(np.int16) - pixels[..., 0]
    is_ink = grey < (int(grey.min()) + int(np.percentile(grey, 90))) / 2
    return bool(is_ink.any()) and float((lead[is_ink] - np.median(lead) - of_print > _BLUE).mean()) > _MUCH


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
                _likeness(room, round(begin), printed_digit(digit, height, face)) >= asked
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
def _faces() -> tuple[ImageFont.FreeTypeFont, ...]:
    """Faces of papers: serif in four styles, the first upright, and sans."""
    data = files("pipeline.recognition") / "data"
    styles = [data / f"digits-{style}.ttf" for style in ("italic", "bold", "bold-italic")]
    with ExitStack() as opened:
        sources = [opened.enter_context(as_file(source)) for source in (*styles, files("ocrmypdf") / "data" / _SANS)]
        return tuple(ImageFont.truetype(path, 200) for path in (FONT_FILE, *sources))


@cache
def printed_digit(digit: str, height: int, face: int) -> Pixels:
    """A digit in print, dark on light, ``height`` pixels high with two pixels of paper around."""
    sheet = Image.new("L", (330, 320), 255)
    ImageDraw.Draw(sheet).text((70, 250), digit, 0, _faces()[face], anchor="ls")
    glyph = np.asarray(sheet)
    rows, columns = np.nonzero(glyph < 128)
    glyph = glyph[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    width = max(3, round(glyph.shape[1] * height / glyph.shape[0]))
    small = cv2.resize(glyph, (width, height), interpolation=cv2.INTER_AREA)
    framed = cv2.copyMakeBorder(small, 2, 2, 2, 2, cv2.BORDER_CONSTANT, value=255)
    return np.asarray(cv2.GaussianBlur(framed, (0, 0), 0.7), np.uint8)
