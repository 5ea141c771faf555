"""Whether a page's text says what the page shows: some of its lines are read on the picture and compared.

A font may show 501 and say 999, by accident or on purpose; so may a text that is marked to stand for another one.  Read
are the lines that values are taken from, the head of the page, names and whatever has digits, and every few lines one
of the others.  A line that differs is read once more, with both models at twice the resolution, before it counts.

Recognition errs on honest pages too, so only what it reads *surely* otherwise speaks against the text.  What it cannot
read is unclear: on a page that states values these are then read on the picture, on others the text may stay.

A single word may lie by one letter, mark or digit (a name, a day).  Where one is surely spelled otherwise than it says,
the word is doubted, so that a value with it waits for a person; the page keeps its text.
"""

import re
import time
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from statistics import median
from types import MappingProxyType
from typing import Literal, NamedTuple

import cv2
import numpy as np

from domain.fold import fold
from domain.readings import Box, PageReading, Turn, Word
from pipeline.recognition.ink import Rectangle
from pipeline.recognition.tesseract import ReadToken, Tesseract, tesseract
from pipeline.scans.raster import Pages, Pixels

Agreement = Literal["same", "unclear", "other"]

_DPI, _CLOSE_DPI = 150, 300
_MODEL, _CLOSE_MODELS = "vie", "Vietnamese+vie"
_MOST_PIXELS = 40_000_000
_SECONDS = 60.0  # of all looks at a page; what could not be read in time differs
_HEAD = 0.35  # of a page's height
_EACH = 5  # of the other lines one
_GAP = 2.5  # heights of a line: wider gaps part columns
_PAD = 0.15  # of a line's height
_ALIKE = 0.5  # of two words, letter for letter
_FEW = 0.25  # of the words of a line that no value is taken from
_TWO_LINES = 1.6
_SURE = 0.85  # confidence from which a word that is seen speaks against the text
_ONCE, _TWICE = 0.9, 0.75  # the same of one word's spelling, seen once or twice alike
_TOGETHER = 0.4  # of the width of the narrower one: a word and what is seen in its place
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_VIETNAMESE = frozenset("abcdefghijklmnopqrstuvwxyzđ")  # without their marks
_NUMBER = re.compile(r"(?<![^\W_])\d+(?![^\W_])|\d{3,}")  # a digit within a word is often taken for a letter
_TAKEN_FOR: Mapping[int, str] = dict.fromkeys(map(ord, "lIiị|!"), "1") | dict.fromkeys(map(ord, "OoQ"), "0")
_LABEL = re.compile(r"\bten\b|\bong\b|\bba\b|\bso\b|\bngay\b|\bcap\b")
# Without one of these a page states no value that is taken: number, day, name, issuer.
_STATES_VALUES = re.compile(r"\bso\s{0,2}:|\bngay\b|\bten\b[^:]{0,40}:|cong hoa xa hoi|\b(?:uy ban|ubnd)\b")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff\u0300-\u036f]+")  # what the models can read

Line = tuple[Word, ...]


class _Asked(NamedTuple):
    """A line that is looked at, and whether a value may be taken from it."""

    line: Line
    may_hold_a_value: bool


class _Seen(NamedTuple):
    """A line, what is seen in its place, and how many pixels the page is wide."""

    asked: _Asked
    tokens: tuple[ReadToken, ...]
    width: int


class _Spelled(NamedTuple):
    """Words that stand together, what they say, and what is read in their place."""

    boxes: tuple[Box, ...]
    said: str
    read: str
    confidence: float

    @property
    def is_number(self) -> bool:
        """Whether digits are in it, as in the number of a paper and its symbol."""
        return any(map(str.isdigit, self.said))


class _Doubt(NamedTuple):
    """A line that does not read as it says, and whether it surely reads otherwise."""

    asked: _Asked
    is_sure: bool


class Compared(NamedTuple):
    """How a page's own words agree with what is seen, and the boxes of words that are surely spelled otherwise."""

    agreement: Agreement
    doubted: frozenset[Box] = frozenset()


def lying(words: Sequence[Word]) -> Turn:
    """The clockwise turn that sets a page upright, told by the way in which the words of its lines follow each other.

    Scripts that run from right to left do not count.
    """
    reading = PageReading(number=1, words=tuple(word for word in words if _LATIN.match(word.text)))
    steps = [_way(one, other) for line in reading.lines() for one, other in pairwise(line)]
    right, down = (sum(way) for way in zip(*steps, strict=True)) if steps else (0.0, 0.0)
    if abs(right) >= abs(down):
        return 180 if right < 0 else 0
    return 270 if down > 0 else 90


def compare_words(pages: Pages, index: int, words: tuple[Word, ...], turn: Turn = 0) -> Compared:
    """Whether the lines of page ``index`` (from 0) that were looked at read as its own ``words`` say.

    The page is read upright: turned by ``turn`` degrees clockwise.

    Raises:
        ToolMissing: a model of Tesseract is not installed.
    """
    until = time.monotonic() + _SECONDS
    upright = tuple(word.model_copy(update={"box": _turned(word.box, turn)}) for word in words)
    reading = PageReading(number=index + 1, words=upright)
    sheet = _Sheet(pages, index, turn)
    lines = [
        piece for line in reading.lines() for piece in _pieces(line) if _words(_text(piece)) or _numbers(_text(piece))
    ]
    others = [_Asked(line, False) for line in lines if not _may_hold_a_value(line)]
    chosen = [_Asked(line, True) for line in lines if _may_hold_a_value(line)] + others[::_EACH]
    if not chosen:
        return Compared("same")
    seen = _Look(sheet, _DPI, _MODEL, until).read(chosen)
    doubtful = {id(doubt.asked) for doubt in _doubts(seen)}
    again = [item.asked for item in seen if id(item.asked) in doubtful or _spelled_otherwise(item)]
    closer = _Look(sheet, _CLOSE_DPI, _CLOSE_MODELS, until).read(again) if again else []
    doubts = _doubts([item for item in closer if id(item.asked) in doubtful])
    if any(doubt.is_sure for doubt in doubts):
        return Compared("other")
    is_asked = any(doubt.asked.may_hold_a_value for doubt in doubts) and _STATES_VALUES.search(fold(reading.text))
    return Compared("unclear" if is_asked else "same", _doubted(seen, closer))


def _way(one: Word, other: Word) -> tuple[float, float]:
    """How far right and down the middle of a word lies from that of the one before."""
    left, top, right, bottom = (b - a for a, b in zip(one.box, other.box, strict=True))
    return (left + right) / 2, (top + bottom) / 2


def _turned(box: Box, turn: Turn) -> Box:
    """The place on the page once it is turned clockwise."""
    left, top, right, bottom = box
    places: dict[Turn, Box] = {
        0: box,
        90: (1 - bottom, left, 1 - top, right),
        180: (1 - right, 1 - bottom, 1 - left, 1 - top),
        270: (top, 1 - right, bottom, 1 - left),
    }
    return places[turn]


class _Sheet(NamedTuple):
    """A page, and the turn that sets it upright."""

    pages: Pages
    place: int
    turn: Turn


class _Look:
    """A page in grey at some resolution, and who reads it until when."""

    def __init__(self, sheet: _Sheet, dpi: float, models: str, until: float) -> None:
        pages, index, turn = sheet
        self.dpi = min(dpi, dpi * (_MOST_PIXELS / max(1, pages.pixels(index, dpi))) ** 0.5)
        drawn = pages.render(index, self.dpi, turn)
        self.grey: Pixels = cv2.cvtColor(drawn, cv2.COLOR_RGB2GRAY).astype(np.uint8, copy=False)
        self.reader: Tesseract = tesseract(models)
        self.until = until

    def read(self, chosen: Sequence[_Asked]) -> list[_Seen]:
        """What is seen where the lines stand."""
        boxes = [self._place(line) for line, _ in chosen]
        tokens = self.reader.read_lines(self.grey, self.dpi, boxes, max(0.01, self.until - time.monotonic()))
        return [_Seen(asked, found, self.grey.shape[1]) for asked, found in zip(chosen, tokens, strict=True)]

    def _place(self, line: Line) -> Rectangle:
        rows, columns = self.grey.shape
        left, right = min(word.box[0] for word in line) * columns, max(word.box[2] for word in line) * columns
        top, bottom = min(word.box[1] for word in line) * rows, max(word.box[3] for word in line) * rows
        pad = _PAD * (bottom - top)
        left, top = max(0, int(left - 2 * pad)), max(0, int(top - pad))
        return left, top, max(left + 1, min(columns, int(right + 2 * pad))), max(top + 1, min(rows, int(bottom + pad)))


def _doubts(lines: Sequence[_Seen]) -> list[_Doubt]:
    """The lines that read otherwise."""
    doubts = []
    for asked, tokens, _ in lines:
        said, seen = _text(asked.line), " ".join(token.text for token in tokens)
        if _differ(said, seen, strict=asked.may_hold_a_value):
            sure = [token.text for token in tokens if token.confidence >= _SURE]
            doubts.append(_Doubt(asked, _contradicts(said, seen, sure, strict=asked.may_hold_a_value)))
    return doubts


def _spelled_otherwise(seen: _Seen) -> list[_Spelled]:
    """Words of a line that may hold a value in whose place other letters, marks or digits stand."""
    if not seen.asked.may_hold_a_value:
        return []
    found = []
    for words, tokens in _places(seen):
        said, read = ("".join(item.text for item in items) for items in (words, tokens))
        if _is_readable(said) and _letters(read)[0] and not _is_spelled_so(said, read):
            confidence = min(token.confidence for token in tokens)
            found.append(_Spelled(tuple(word.box for word in words), said, read, confidence))
    return found


def _doubted(first: Sequence[_Seen], closer: Sequence[_Seen]) -> frozenset[Box]:
    """The words that are surely spelled otherwise, or twice in the same way where no dictionary helps to guess."""
    before = {(item.boxes, _letters(item.read)) for seen in first for item in _spelled_otherwise(seen)}
    return frozenset(
        box
        for seen in closer
        for item in _spelled_otherwise(seen)
        if item.confidence >= (_TWICE if item.is_number and (item.boxes, _letters(item.read)) in before else _ONCE)
        for box in item.boxes
    )


def _places(seen: _Seen) -> list[tuple[list[Word], list[ReadToken]]]:
    """Words and what is seen in their places; several together where the blanks between them were read otherwise."""
    places: list[tuple[list[Word], list[ReadToken]]] = [([word], []) for word in seen.asked.line]
    for token in seen.tokens:
        left, right = token.box[0] / seen.width, token.box[2] / seen.width
        met = [place for place in places if any(_lie_together(word, left, right) for word in place[0])]
        if met:
            first = met[0]
            for other in met[1:]:
                first[0].extend(other[0])
                first[1].extend(other[1])
                places.remove(other)
            first[1].append(token)
    return places


def _lie_together(word: Word, left: float, right: float) -> bool:
    common = min(word.box[2], right) - max(word.box[0], left)
    return common > _TOGETHER * min(word.box[2] - word.box[0], right - left)


def _is_readable(said: str) -> bool:
    """Whether every letter is one of Vietnamese; the models read others as those."""
    return all(letter in _VIETNAMESE for letter in unicodedata.normalize("NFD", said).casefold() if letter.isalpha())


def _is_spelled_so(said: str, read: str) -> bool:
    return _letters(said) == _letters(read) or _letters(said.translate(_TAKEN_FOR)) == _letters(
        read.translate(_TAKEN_FOR)
    )


def _letters(text: str) -> tuple[str, str]:
    """Letters with the marks that make them others, and digits, in order; and the tones, wherever they are put."""
    marks = unicodedata.normalize("NFD", text.casefold())
    tones = "".join(mark for mark in marks if mark in _TONES)
    kept = "".join(mark for mark in marks if mark not in _TONES and (mark.isalnum() or unicodedata.combining(mark)))
    return kept, tones


def _pieces(line: Line) -> Iterator[Line]:
    """The line cut where columns part, and where it goes on below, without the word that a hyphen divides."""
    height = median(word.box[3] - word.box[1] for word in line)
    words = [word for word in line if word.box[3] - word.box[1] < _TWO_LINES * height]
    cuts = [i for i, (one, other) in enumerate(pairwise(words), 1) if not 0 <= _step(one, other) < _GAP * height]
    for start, end in pairwise((0, *cuts, len(words))):
        yield tuple(words[start:end])


def _step(one: Word, other: Word) -> float:
    """The gap between two words; below 0 when the second one stands further left, so in another line."""
    return -1.0 if other.box[0] < one.box[0] else max(0.0, other.box[0] - one.box[2])


def _may_hold_a_value(line: Line) -> bool:
    text = _text(line)
    named = any(one.text[:1].isupper() and other.text[:1].isupper() for one, other in pairwise(line))
    head = line[0].box[1] < _HEAD
    return head or named or any(map(str.isdigit, text)) or _LABEL.search(fold(text)) is not None


def _text(line: Line) -> str:
    return " ".join(word.text for word in line)


def _differ(said: str, seen: str, *, strict: bool) -> bool:
    """Whether digits differ, or words that are not even alike: recognition loses marks, and letters now and then."""
    if strict and not (_numbers(said) <= _numbers(seen, _TAKEN_FOR) and _numbers(seen) <= _numbers(said, _TAKEN_FOR)):
        return True
    wanted = _words(said)
    return len(_strange(wanted, _words(seen))) > (0 if strict else _FEW * len(wanted))


def _contradicts(said: str, seen: str, sure: Sequence[str], *, strict: bool) -> bool:
    """Whether something that is said is not seen, and something else surely is seen for it."""
    if not all(map(_LATIN.match, filter(str.isalpha, said))):
        return False  # what the models make of other scripts says nothing
    numbers = _numbers(said, _TAKEN_FOR)
    if strict and not _numbers(said) <= _numbers(seen, _TAKEN_FOR):
        spelled = ((_numbers(word), _numbers(word.translate(_TAKEN_FOR))) for word in sure)
        if not all(one <= numbers or other <= numbers for one, other in spelled):
            return True
    wanted, found = _words(said), _words(" ".join(sure))
    few = 0 if strict else _FEW * len(wanted)
    return len(_strange(wanted, _words(seen))) > few and len(_strange(found, wanted)) > few


def _strange(words: Sequence[str], others: Sequence[str]) -> list[str]:
    """The words that are like none of the others."""
    return [word for word in words if not any(_alike(word, other) for other in others)]


def _numbers(text: str, letters: Mapping[int, str] = MappingProxyType({})) -> set[str]:
    """The numbers of a text; with ``letters``, also those that some letters are taken for or from."""
    return set(_NUMBER.findall(text)) | set(re.findall(r"\d+", text.translate(dict(letters))) if letters else ())


def _words(text: str) -> list[str]:
    """The folded words of two letters and more in a script that the models can read."""
    return [word for word in _LATIN.findall(fold(text)) if len(word) > 1]


def _alike(one: str, other: str) -> bool:
    return one == other or SequenceMatcher(None, one, other, autojunk=False).ratio() >= _ALIKE
