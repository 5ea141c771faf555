"""One page, from pixels to words: turned upright, marks faded, read, read again only where that went badly."""

import time
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import cv2
import numpy as np

from config.settings import RecognitionSettings
from domain.fold import fold
from domain.readings import Box, PageReading, Settled, Turn, Word
from pipeline.recognition.context.lattice import Sightings, in_context
from pipeline.recognition.context.model import language_model
from pipeline.recognition.context.repairs import repair, under_seal
from pipeline.recognition.context.syllables import known_syllables
from pipeline.recognition.coverage import Letters, coverage, letters_of, missing_lines
from pipeline.recognition.digits.shapes import odd_numbers
from pipeline.recognition.handwriting import doubts
from pipeline.recognition.header.stated import lines_stated
from pipeline.recognition.ink import Ink, Mask, Rectangle, in_colour, seals, stamps, stamps_of, to_read
from pipeline.recognition.second import Settlement, long_numbers, look_again, second_reader, settle
from pipeline.recognition.stamps.coloured import InkRow
from pipeline.recognition.stamps.frames import Stamp
from pipeline.recognition.tesseract import ReadToken, Tesseract, tesseract
from pipeline.recognition.upright import lean, lies_on_side, straighten
from pipeline.scans.raster import Pages, Pixels

# At 150 dpi Tesseract's line recogniser sees type of 11 to 14 pt at about the height it was trained for: more dots cost
# time and found no more words (clean, office and hard scans at 150, 175, 200, 250 and 300 dpi).
_DPI = 150
_MOST_PIXELS = 12_000_000  # larger than A2: fewer dpi, so that memory stays bounded
_MODELS = {"fast": "vie", "accurate": "Vietnamese+vie"}
_POOR = 0.80  # mean confidence; upright pages that can be read stay above, pages upside down below
_SURE = 0.85
_LEAST_OF_A_LINE = 0.75
_NOT_BELIEVED = 0.3  # confidence of a word that may be handwriting, or is cut short: review asks for its value
_LEAST_OF_A_STAMP = 0.5  # of its surest word: rubber is worn, and a secret paper must not pass
_LEAST_LETTERS = 3
_LEAN = 0.5
_PLENTY, _NEXT_TO_NOTHING, _ENOUGH = 100, 0.1, 0.3
_TURNS: tuple[Turn, ...] = (0, 90, 180, 270)


class _Attempt(NamedTuple):
    words: tuple[ReadToken, ...]
    ink: Ink
    pixels: Pixels
    lean: float = 0.0

    @property
    def confidence(self) -> float:
        return sum(word.confidence for word in self.words) / len(self.words) if self.words else 0.0

    @property
    def sure_letters(self) -> int:
        """What an attempt is judged by: how much it reads without doubt."""
        return sum(len(word.text) for word in self.words if word.confidence >= _SURE)

    @property
    def lies_right(self) -> bool:
        """Whether enough is read without doubt: half of the letters of poor pages, a tenth of pages on their head."""
        letters = sum(len(word.text) for word in self.words)
        return letters > _PLENTY and self.sure_letters > _ENOUGH * letters

    @property
    def is_gibberish(self) -> bool:
        """Whether there is plenty to read, and next to nothing is read without doubt: the lines run the other way."""
        letters = sum(len(word.text) for word in self.words)
        return letters > _PLENTY and self.sure_letters < _NEXT_TO_NOTHING * letters


class _Desk(NamedTuple):
    """What a page is read with; how long it may take, and when time is up (seconds, monotonic)."""

    reader: Tesseract
    dpi: float
    limit_s: int
    until: float

    @property
    def seconds_left(self) -> float:
        """How long the page may still take."""
        return max(0.0, self.until - time.monotonic())


class UnreadablePage(Exception):
    """A page took too long."""

    def __init__(self, limit_s: float) -> None:
        super().__init__(limit_s)
        self.limit_s = limit_s


def read_page(pages: Pages, index: int, settings: RecognitionSettings) -> PageReading:
    """Read page ``index`` (from 0).

    Raises:
        UnreadablePage: it took longer than the settings allow.
    """
    dpi, desk = _desk(pages, index, settings)
    turn, attempt = _upright(pages.render(index, dpi), desk)
    letters = letters_of(attempt.ink, dpi)
    in_frames = _in_frames(attempt.ink.framed, desk)
    kept = _completed(attempt, letters, in_frames, desk)
    kept, settled, alike = _read_twice(kept, attempt.ink, is_fast=settings.mode == "fast")
    numbers = tuple(long_numbers(kept, _faded(kept, attempt.ink)))
    doubted = doubts(kept, attempt.pixels, attempt.ink.grey, letters)
    kept = tuple(
        word._replace(confidence=min(_NOT_BELIEVED, word.confidence)) if place in doubted.not_believed else word
        for place, word in enumerate(kept)
    )
    by_template = lines_stated(kept, attempt.ink.grey, doubted.not_believed)
    return PageReading(
        number=index + 1,
        words=_placed(kept, attempt),
        settled=settled,
        alike=alike,
        unlike=odd_numbers(kept, attempt.ink.grey, numbers),
        cut_short=tuple(sorted(doubted.cut_short)),
        turn=turn,
        lean=round(lean(attempt.ink.grey) if not attempt.lean else attempt.lean, 2),
        coverage=coverage(letters, kept),
        framed=_placed(_as_lines(in_frames), attempt),
        coloured=_placed(_read_rows(in_colour(attempt.ink.chroma, dpi), desk), attempt),
        numbers=_placed(by_template[0], attempt),
        days=_placed(by_template[1], attempt),
    )


def _read_twice(
    words: tuple[ReadToken, ...], ink: Ink, *, is_fast: bool
) -> tuple[tuple[ReadToken, ...], tuple[Settled, ...], tuple[int, ...]]:
    """The words as the second reader and their neighbours have them, what was settled, and numbers read alike.

    Without the second reader, and in fast mode, the neighbours alone are asked.
    """
    faded = _faded(words, ink)
    found, reader = Settlement(words, (), (), {}), second_reader()
    if reader is not None:
        found = settle(words, ink.grey, reader, faded, numbers_only=is_fast)

    look = partial(look_again, words, ink.grey, reader) if reader is not None and not is_fast else None
    evidence = Sightings(words, found.words, found.settled, found.seen)
    model, syllables = language_model(), known_syllables()
    kept, settled = in_context(evidence, model, syllables, look, faded)
    return repair(kept, settled, found.alike, model, syllables)


def _faded(words: Sequence[ReadToken], ink: Ink) -> list[int]:
    """The places of words that are not to be seen on the picture that is read."""
    return [place for place, word in enumerate(words) if _lies_in(word, ink.marks)]


def read_stamps(pages: Pages, index: int, settings: RecognitionSettings) -> tuple[tuple[Word, ...], tuple[Word, ...]]:
    """What stands in the frames of stamps, and in colour, on a page whose text is known: a line each."""
    dpi, desk = _desk(pages, index, settings)
    pixels = pages.render(index, dpi)
    framed, rows = stamps_of(pixels, dpi)
    height, width, _ = pixels.shape
    in_frames, coloured = (
        tuple(_word(line, line.box, width, height) for line in lines)
        for lines in (_as_lines(_in_frames(framed, desk)), _read_rows(rows, desk))
    )
    return in_frames, coloured


def _desk(pages: Pages, index: int, settings: RecognitionSettings) -> tuple[float, _Desk]:
    dpi = min(_DPI, _DPI * (_MOST_PIXELS / max(1, pages.pixels(index, _DPI))) ** 0.5)
    limit_s = settings.page_time_limit_s
    return dpi, _Desk(tesseract(_MODELS[settings.mode]), dpi, limit_s, time.monotonic() + limit_s)


def _upright(pixels: Pixels, desk: _Desk) -> tuple[Turn, _Attempt]:
    """Read a page the way it lies; poor reading means that it lies on its head, on its other side, or is askew."""
    first = 1 if lies_on_side(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.uint8, copy=False)) else 0
    attempts = {first: _read(_turned(pixels, first), desk)}
    if attempts[first].confidence < _POOR and not attempts[first].lies_right:
        attempts[first + 2] = _read(_turned(pixels, first + 2), desk)
        if all(attempt.is_gibberish for attempt in attempts.values()):
            attempts |= {quarter: _read(_turned(pixels, quarter), desk) for quarter in (1 - first, 3 - first)}
    best = max(attempts, key=lambda quarter: attempts[quarter].sure_letters)
    attempt = attempts[best]
    if attempt.confidence < _POOR and abs(angle := lean(attempt.ink.grey)) > _LEAN:
        straight = _read(straighten(_turned(pixels, best), angle), desk)._replace(lean=angle)
        attempt = max(attempt, straight, key=lambda item: item.sure_letters)
    return _TURNS[best], attempt


def _read(pixels: Pixels, desk: _Desk) -> _Attempt:
    ink = to_read(pixels, desk.dpi)
    words = desk.reader.read(ink.grey, desk.dpi, desk.seconds_left)
    if words is None:
        raise UnreadablePage(desk.limit_s)
    return _Attempt(words, ink, pixels)


def _turned(pixels: Pixels, quarters: int) -> Pixels:
    """The page turned clockwise."""
    return np.ascontiguousarray(np.rot90(pixels, -quarters))


_Framed = list[tuple[Stamp, list[ReadToken]]]


def _in_frames(framed: Sequence[Stamp], desk: _Desk) -> _Framed:
    """What stands in the frames, read from both ends, with the boxes of its words on the page."""
    found: _Framed = []
    for stamp in (way for one in framed for way in (one, one.on_its_head())):
        height, width = stamp.picture.shape
        for line in _lines_in(stamp.picture, [(0, 0, width, height)], desk):
            found.append((stamp, [word._replace(box=stamp.on_page(word.box)) for word in line]))
    return found


def _read_rows(rows: Sequence[InkRow], desk: _Desk) -> list[ReadToken]:
    """What the rows in colour say, read from both ends, one token each; less than a word's letters is a stroke."""
    found: list[ReadToken] = []
    for row in rows:
        height, width = row.picture.shape
        for picture in (row.picture, np.ascontiguousarray(np.rot90(row.picture, 2))):
            for line in _lines_in(picture, [(0, 0, width, height)], desk):
                text = " ".join(word.text for word in line)
                if sum(letter.isalnum() for letter in text) >= _LEAST_LETTERS:
                    found.append(ReadToken(text, row.box, max(word.confidence for word in line), len(found)))
    return found


def _as_lines(framed: _Framed) -> list[ReadToken]:
    """The lines in frames as one token each; as sure as their surest word."""
    return [
        ReadToken(" ".join(word.text for word in line), _around(line), max(word.confidence for word in line), number)
        for number, (_, line) in enumerate(framed)
    ]


def _completed(attempt: _Attempt, letters: Letters, framed: _Framed, desk: _Desk) -> tuple[ReadToken, ...]:
    """The words with what page segmentation dropped: lines, and the words of stamps; without what is no text."""
    ink = attempt.ink
    found = _lines_in(ink.grey, missing_lines(letters, attempt.words), desk)
    if ink.faded is not None:
        found += _lines_in(
            ink.faded, [box for box in stamps(ink, desk.dpi) if not any(s.holds(box) for s in ink.framed)], desk
        )
    sure = [line for line in found if sum(word.confidence for word in line) / len(line) > _LEAST_OF_A_LINE]
    words = _without_noise(_with_lines(attempt.words, sure), ink, seals(ink, desk.dpi))
    for stamp, line in framed:
        if stamp.is_level and max(word.confidence for word in line) > _LEAST_OF_A_STAMP:
            said = {fold(word.text) for word in line}
            others = [word for word in words if not (stamp.holds(word.box) and fold(word.text) in said)]
            words = _with_lines(others, [line])
    return words


def _lines_in(grey: Pixels, boxes: list[Rectangle], desk: _Desk) -> list[list[ReadToken]]:
    """What stands in the boxes, a line each: words, no specks; boxes without words are left out."""
    lines = desk.reader.read_lines(grey, desk.dpi, boxes, desk.seconds_left)
    words = ([word for word in line if any(letter.isalnum() for letter in word.text)] for line in lines)
    return [line for line in words if line]


def _with_lines(words: Sequence[ReadToken], found: Sequence[list[ReadToken]]) -> tuple[ReadToken, ...]:
    """The words with further lines, each in its place down the page."""
    lines = _lines(words)
    for line in found:
        lines.insert(_place(line, lines), line)
    return tuple(word._replace(line=number) for number, line in enumerate(lines) for word in line)


def _lines(words: Sequence[ReadToken]) -> list[list[ReadToken]]:
    lines: list[list[ReadToken]] = []
    for word in words:
        if not lines or lines[-1][0].line != word.line:
            lines.append([])
        lines[-1].append(word)
    return lines


def _place(line: list[ReadToken], lines: list[list[ReadToken]]) -> int:
    """After the last line of its column that stands higher; a column is what overlaps it from side to side."""
    left, top, right, _ = _around(line)
    place = 0
    for number, other in enumerate(lines):
        start, height, end, _ = _around(other)
        if height < top and min(right, end) > max(left, start):
            place = number + 1
    return place


def _around(line: Sequence[ReadToken]) -> Rectangle:
    boxes = [word.box for word in line]
    return min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes)


def _without_noise(words: Sequence[ReadToken], ink: Ink, seals: Mask) -> tuple[ReadToken, ...]:
    """Leave out what seals, signatures and specks were taken for."""
    kept = []
    for word in words:
        if not any(letter.isalnum() for letter in word.text):
            least = 0.6
        elif _lies_in(word, seals):
            if (believed := under_seal(word, known_syllables())) is not None:
                kept.append(believed)
            continue
        elif _lies_in(word, ink.marks):
            least = 0.8
        else:
            least = 0.4 if len(word.text) <= 2 else 0.0
        if word.confidence >= least:
            kept.append(word)
    return tuple(kept)


def _lies_in(word: ReadToken, mask: Mask) -> bool:
    left, top, right, bottom = word.box
    within = mask[top:bottom, left:right]
    return bool(np.count_nonzero(within) > within.size / 2)


def _placed(words: Sequence[ReadToken], attempt: _Attempt) -> tuple[Word, ...]:
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
        placed.append(_word(word, (left, top, right, bottom), width, height))
    return tuple(placed)


def _word(word: ReadToken, box: tuple[float, float, float, float], width: int, height: int) -> Word:
    left, top, right, bottom = box
    shares: Box = (_share(left, width), _share(top, height), _share(right, width), _share(bottom, height))
    return Word(text=word.text, box=shares, confidence=round(word.confidence, 4), line=word.line)


def _share(value: float, whole: int) -> float:
    return min(1.0, max(0.0, round(float(value) / whole, 5)))
