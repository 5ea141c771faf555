"""One page, from pixels to words: turned upright, marks faded, read, read again only where that went badly."""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from config.settings import RecognitionSettings
from domain.readings import Box, PageReading, Settled, Turn, Word
from pipeline.recognition.coverage import coverage, letters_of, missing_lines
from pipeline.recognition.ink import Ink, Mask, Rectangle, seals, stamps, to_read
from pipeline.recognition.raster import Pages, Pixels
from pipeline.recognition.second import second_reader, settle
from pipeline.recognition.tesseract import Tesseract, Token, tesseract
from pipeline.recognition.upright import lean, lies_on_side, straighten

# At 150 dpi Tesseract's line recogniser sees type of 11 to 14 pt at about the height it was trained for: more dots cost
# time and found no more words (clean, office and hard scans at 150, 175, 200, 250 and 300 dpi).
_DPI = 150
_MOST_PIXELS = 12_000_000  # larger than A2: fewer dpi, so that memory stays bounded
_MODELS = {"fast": "vie", "accurate": "Vietnamese+vie"}
_POOR = 0.80  # mean confidence; upright pages that can be read stay above, pages upside down below
_SURE = 0.85
_LEAST_OF_A_LINE = 0.75
_LEAN = 0.5
_TURNS: tuple[Turn, ...] = (0, 90, 180, 270)


class _Attempt(NamedTuple):
    words: tuple[Token, ...]
    ink: Ink
    lean: float = 0.0

    @property
    def confidence(self) -> float:
        return sum(word.confidence for word in self.words) / len(self.words) if self.words else 0.0

    @property
    def sure_letters(self) -> int:
        """What an attempt is judged by: how much it reads without doubt."""
        return sum(len(word.text) for word in self.words if word.confidence >= _SURE)


class UnreadablePage(Exception):
    """A page took too long, or cannot be drawn."""


def read_page(pages: Pages, index: int, settings: RecognitionSettings) -> PageReading:
    """Read page ``index`` (from 0).

    Raises:
        UnreadablePage: it took longer than the settings allow.
    """
    dpi = min(_DPI, _DPI * (_MOST_PIXELS / max(1, pages.pixels(index, _DPI))) ** 0.5)
    reader = tesseract(_MODELS[settings.mode])
    pixels = pages.render(index, dpi)
    turn, attempt = _upright(pixels, dpi, reader, settings.page_time_limit_s)
    letters = letters_of(attempt.ink, dpi)
    missing = missing_lines(letters, attempt.words)
    found = reader.read_lines(attempt.ink.grey, dpi, missing, settings.page_time_limit_s)
    if attempt.ink.faded is not None:
        found += reader.read_lines(attempt.ink.faded, dpi, stamps(attempt.ink), settings.page_time_limit_s)
    kept = _without_noise(_with_missing(attempt.words, found), attempt.ink, seals(attempt.ink, dpi))
    settled: tuple[Settled, ...] = ()
    if settings.mode == "accurate" and (second := second_reader()):
        kept, settled = settle(kept, attempt.ink.grey, second)
    return PageReading(
        number=index + 1,
        words=_placed(kept, attempt),
        settled=settled,
        turn=turn,
        lean=round(lean(attempt.ink.grey) if not attempt.lean else attempt.lean, 2),
        coverage=coverage(letters, kept),
    )


def _upright(pixels: Pixels, dpi: float, reader: Tesseract, seconds: int) -> tuple[Turn, _Attempt]:
    """Read a page the way it lies; poor reading means that it lies on its head, or is askew."""
    first = 1 if lies_on_side(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.uint8, copy=False)) else 0
    attempts = {first: _read(_turned(pixels, first), dpi, reader, seconds)}
    if attempts[first].confidence < _POOR:
        attempts[first + 2] = _read(_turned(pixels, first + 2), dpi, reader, seconds)
    best = max(attempts, key=lambda quarter: attempts[quarter].sure_letters)
    attempt = attempts[best]
    if attempt.confidence < _POOR and abs(angle := lean(attempt.ink.grey)) > _LEAN:
        grey = straighten(attempt.ink.grey, angle, attempt.ink.paper)
        straight = _Attempt(_tokens(reader, grey, dpi, seconds), attempt.ink._replace(grey=grey), angle)
        attempt = max(attempt, straight, key=lambda item: item.sure_letters)
    return _TURNS[best], attempt


def _read(pixels: Pixels, dpi: float, reader: Tesseract, seconds: int) -> _Attempt:
    ink = to_read(pixels, dpi)
    return _Attempt(_tokens(reader, ink.grey, dpi, seconds), ink)


def _tokens(reader: Tesseract, grey: Pixels, dpi: float, seconds: int) -> tuple[Token, ...]:
    words = reader.read(grey, dpi, seconds)
    if words is None:
        raise UnreadablePage(f"it could not be read within {seconds} s")
    return words


def _turned(pixels: Pixels, quarters: int) -> Pixels:
    """The page turned clockwise."""
    return np.ascontiguousarray(np.rot90(pixels, -quarters))


def _with_missing(words: Sequence[Token], found: Sequence[Sequence[Token]]) -> tuple[Token, ...]:
    """The words with those of lines that were dropped, each line in its place down the page."""
    lines = _lines(words)
    for tokens in found:
        line = [word for word in tokens if any(letter.isalnum() for letter in word.text)]
        if line and sum(word.confidence for word in line) / len(line) > _LEAST_OF_A_LINE:
            lines.insert(_place(line, lines), line)
    return tuple(word._replace(line=number) for number, line in enumerate(lines) for word in line)


def _lines(words: Sequence[Token]) -> list[list[Token]]:
    lines: list[list[Token]] = []
    for word in words:
        if not lines or lines[-1][0].line != word.line:
            lines.append([])
        lines[-1].append(word)
    return lines


def _place(line: list[Token], lines: list[list[Token]]) -> int:
    """After the last line of its column that stands higher; a column is what overlaps it from side to side."""
    left, top, right, _ = _around(line)
    place = 0
    for number, other in enumerate(lines):
        start, height, end, _ = _around(other)
        if height < top and min(right, end) > max(left, start):
            place = number + 1
    return place


def _around(line: Sequence[Token]) -> Rectangle:
    boxes = [word.box for word in line]
    return min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes)


def _without_noise(words: Sequence[Token], ink: Ink, seals: Mask) -> tuple[Token, ...]:
    """Leave out what seals, signatures and specks were taken for."""
    kept = []
    for word in words:
        if not any(letter.isalnum() for letter in word.text):
            least = 0.6
        elif _lies_in(word, seals):
            least = 0.93
        elif _lies_in(word, ink.marks):
            least = 0.8
        else:
            least = 0.4 if len(word.text) <= 2 else 0.0
        if word.confidence >= least:
            kept.append(word)
    return tuple(kept)


def _lies_in(word: Token, mask: Mask) -> bool:
    left, top, right, bottom = word.box
    within = mask[top:bottom, left:right]
    return within.size > 0 and float(within.mean()) > 0.5


def _placed(words: Sequence[Token], attempt: _Attempt) -> tuple[Word, ...]:
    """The words with boxes as fractions of the upright page as it lies, turned back when it was straightened."""
    height, width = attempt.ink.grey.shape
    back = cv2.getRotationMatrix2D((width / 2, height / 2), -attempt.lean, 1.0)
    placed = []
    for word in words:
        left, top, right, bottom = word.box
        if attempt.lean:
            across, down = back @ np.array([(left + right) / 2, (top + bottom) / 2, 1.0])
            left, right = across - (right - left) / 2, across + (right - left) / 2
            top, bottom = down - (bottom - top) / 2, down + (bottom - top) / 2
        box: Box = (_share(left, width), _share(top, height), _share(right, width), _share(bottom, height))
        placed.append(Word(text=word.text, box=box, confidence=round(word.confidence, 4), line=word.line))
    return tuple(placed)


def _share(value: float, whole: int) -> float:
    return min(1.0, max(0.0, round(float(value) / whole, 5)))
