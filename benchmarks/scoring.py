"""How right a reading is: words, letters, fields, confidences, cuts.

*Words* are compared as a multiset, so neither the order of columns nor a different breaking of lines costs anything.

*Letters* (CER) are compared line by line, free of order too, by the same method for every engine because it needs the
text alone: for each printed line, longest first, the window of the recognised text with the smallest edit distance is
found (Sellers' algorithm) and taken out, so nothing is found twice.  A line no window of which is at least half right
is lost: all its letters count.  What is left of the text in the end, and is neither handwriting nor stamp, is *extra*
and given as a share of its own: the best window of a line hardly ever contains an insertion.
"""

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from domain.readings import FieldName, FieldReading

EDGES: Final = string.punctuation + "“”‘’«»–—•·"
BINS: Final = (0.0, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.0)
SURE: Final = 0.9
_LEADER = re.compile(r"\.{3,}")
_TAKEN = -1  # no code point


@dataclass(frozen=True)
class Score:
    """How many were wanted, how many were given, and how many of them were right."""

    right: int = 0
    given: int = 0
    wanted: int = 0

    def __add__(self, other: "Score") -> "Score":
        """Both counted together."""
        return Score(self.right + other.right, self.given + other.given, self.wanted + other.wanted)

    @property
    def precision(self) -> float | None:
        """The share of what was given that is right; None when nothing was."""
        return self.right / self.given if self.given else None

    @property
    def recall(self) -> float | None:
        """The share of what was wanted that was given; None when nothing was."""
        return self.right / self.wanted if self.wanted else None

    @property
    def f1(self) -> float | None:
        """The harmonic mean of both."""
        return 2 * self.right / (self.given + self.wanted) if self.given + self.wanted else None


@dataclass(frozen=True)
class Letters:
    """Letters of the printed lines, the edits that make the text out of them, and letters that belong to no line."""

    printed: int = 0
    edits: int = 0
    extra: int = 0

    def __add__(self, other: "Letters") -> "Letters":
        """Both counted together."""
        return Letters(self.printed + other.printed, self.edits + other.edits, self.extra + other.extra)

    @property
    def error_rate(self) -> float | None:
        """CER: edits per printed letter."""
        return self.edits / self.printed if self.printed else None

    @property
    def extra_rate(self) -> float | None:
        """Letters that stand nowhere, per printed letter."""
        return self.extra / self.printed if self.printed else None


@dataclass(frozen=True)
class Judged:
    """One field of one paper: whether it is printed, and what was read (None: nothing)."""

    name: FieldName
    printed: bool
    right: bool
    confidence: float | None

    @property
    def score(self) -> Score:
        """As counts."""
        return Score(int(self.right), int(self.confidence is not None), int(self.printed))


@dataclass(frozen=True)
class Bin:
    """Readings with a confidence from ``low`` up to, but not, ``high`` (the last bin takes 1.0 in)."""

    low: float
    high: float
    count: int
    right: int


def words(lines: Iterable[str]) -> Counter[str]:
    """The words of some lines: NFC, without leader dots and without punctuation at their ends."""
    tokens = (word.strip(EDGES) for line in lines for word in _plain(line).split())
    return Counter(token for token in tokens if token)


def score_words(printed: Iterable[str], forgiven: Iterable[str], read: str) -> Score:
    """Compare the text with the printed lines; a word of the forgiven lines is neither asked for nor wrong."""
    wanted, given = words(printed), words([read])
    right = wanted & given
    wrong = given - wanted - words(forgiven)
    return Score(right.total(), right.total() + wrong.total(), wanted.total())


def score_letters(printed: Iterable[str], forgiven: Iterable[str], read: str) -> Letters:
    """Compare the text with the printed lines (see the head of this module)."""
    text = _codes(read)
    total = edits = 0
    for line in _longest_first(printed):
        total += len(line)
        edits += _take_out(line, text)
    for line in _longest_first(forgiven):
        _take_out(line, text)
    return Letters(total, edits, int(np.count_nonzero((text != _TAKEN) & (text != ord(" ")))))


def judge_fields(truth: Mapping[FieldName, str | None], read: Mapping[FieldName, FieldReading]) -> list[Judged]:
    """Compare the fields of one paper, letter for letter; what is neither printed nor read is not judged."""
    judged = []
    for name, value in truth.items():
        reading = read.get(name)
        if value is None and reading is None:
            continue
        right = reading is not None and value is not None and _nfc(reading.value) == _nfc(value)
        judged.append(Judged(name, value is not None, right, reading.confidence if reading else None))
    return judged


def calibrate(judged: Iterable[Judged], edges: Sequence[float] = BINS) -> list[Bin]:
    """How many of the readings of each confidence are right; empty bins are left out."""
    read = [(item.confidence, item.right) for item in judged if item.confidence is not None]
    bins = []
    for low, high in pairwise(edges):
        rights = [right for sure, right in read if low <= sure < high or sure == high == edges[-1]]
        if rights:
            bins.append(Bin(low, high, len(rights), sum(rights)))
    return bins


def sure_and_wrong(judged: Iterable[Judged], sure: float = SURE) -> tuple[int, int]:
    """Of the readings that nobody would look at again: how many are wrong, and how many there are."""
    rights = [item.right for item in judged if item.confidence is not None and item.confidence >= sure]
    return rights.count(False), len(rights)


def score_cuts(given: Iterable[tuple[int, ...]], truth: Iterable[tuple[int, ...]]) -> Score:
    """Compare the papers of a stack, each given by its pages: right are those with all their pages and no other."""
    cut, wanted = set(given), set(truth)
    return Score(len(cut & wanted), len(cut), len(wanted))


def edit_window(line: NDArray[Any], text: NDArray[Any]) -> tuple[int, int, int]:
    """The window of the text most like the line: edit distance, start and end."""
    row = _last_row(line, text, free_start=True)
    end = int(row.argmin())
    # The same from the end backwards finds where the window begins; it is at most twice as long as the line.
    before = text[max(0, end - 2 * len(line)) : end]
    back = _last_row(line[::-1], before[::-1], free_start=False)
    return int(row[end]), end - int(back.argmin()), end


def _last_row(line: NDArray[Any], text: NDArray[Any], *, free_start: bool) -> NDArray[Any]:
    """Edit distances of the whole line to what ends at each place of the text."""
    steps = np.arange(len(text) + 1)
    row = np.zeros_like(steps) if free_start else steps
    for i, letter in enumerate(line, 1):
        best = np.minimum(row[:-1] + (text != letter), row[1:] + 1)
        # A run of insertions costs one each: the running minimum along the row, seen from the diagonal.
        row = np.minimum.accumulate(np.concatenate(([i], best)) - steps) + steps
    return row


def _take_out(line: NDArray[Any], text: NDArray[Any]) -> int:
    """Take the line's window out of the text and give its edits; a lost line takes nothing and costs all."""
    edits, start, end = edit_window(line, text)
    if 2 * edits > len(line):
        return len(line)
    text[start:end] = _TAKEN
    return edits


def _longest_first(lines: Iterable[str]) -> list[NDArray[Any]]:
    codes = (_codes(line) for line in lines)
    return sorted((line for line in codes if len(line)), key=len, reverse=True)


def _codes(text: str) -> NDArray[Any]:
    """Code points with each white space as one blank."""
    return np.array([ord(letter) for letter in " ".join(_plain(text).split())], dtype=np.int32)


def _plain(text: str) -> str:
    return _LEADER.sub(" ", _nfc(text).replace("…", "..."))


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)
