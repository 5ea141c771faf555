"""How likely each of many texts of one form is on a picture, by a recogniser that gives its letters step by step (CTC).

The texts share their beginnings: ``Số:`` and each number of four digits are eleven thousand ways, and one step more for
each digit.  What they end with, as ``/QĐ-UBND``, is followed backwards from the end, once, and joined where they meet.
Spaces, dots and strokes of leaders count as nothing.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_LEAST = 1e-12  # of a letter in a step: no path is made impossible by one step
_NOTHING = " ._…"


class Steps(NamedTuple):
    """Probabilities ``(steps, letters)`` of a picture, the place of each letter, and those of nothing."""

    seen: Floats
    places: Mapping[str, int]
    nothing: Floats

    @classmethod
    def of(cls, logs: NDArray[np.float32], places: Mapping[str, int]) -> Self:
        """Of the logarithms that a recogniser gives; letter 0 is nothing."""
        seen = np.maximum(np.exp(logs.astype(np.float64)), _LEAST)
        nothing = seen[:, [0, *(places[sign] for sign in _NOTHING if sign in places)]].sum(axis=1)
        return cls(seen, places, nothing)

    def reversed(self) -> Self:
        """From the end to the beginning."""
        return self._replace(seen=self.seen[::-1], nothing=self.nothing[::-1])

    def knows(self, text: str) -> bool:
        """Whether the recogniser has every letter of a text."""
        return all(letter in self.places for letter in text)


class Ways(NamedTuple):
    """Of each of several beginnings: how likely it is written by each step, in its last letter or in nothing behind it.

    ``letter`` and ``blank`` are ``(steps + 1, ways)``: before the first step nothing is written.
    """

    letter: Floats
    blank: Floats
    texts: tuple[str, ...]

    @classmethod
    def start(cls, steps: Steps, *, anywhere: bool) -> Self:
        """Nothing written yet; ``anywhere``: what is asked for may begin at any step, whatever stands before it."""
        blank = np.ones(len(steps.nothing) + 1) if anywhere else np.concatenate(([1.0], np.cumprod(steps.nothing)))
        return cls(np.zeros((len(blank), 1)), blank[:, None], ("",))

    def then(self, steps: Steps, letters: str) -> Self:
        """Each of the ways with each of the letters behind it."""
        count, kinds = len(self.texts), len(letters)
        rows = np.tile(np.arange(count), kinds)
        return self.extended(steps, rows, [letter for letter in letters for _ in range(count)])

    def spelled(self, steps: Steps, text: str) -> Self:
        """Each of the ways with the whole of a text behind it."""
        ways = self
        for letter in text:
            ways = ways.then(steps, letter)
        return ways

    def beside(self, other: Self) -> Self:
        """These ways and others."""
        letter, blank = (
            np.concatenate(pair, axis=1) for pair in ((self.letter, other.letter), (self.blank, other.blank))
        )
        return type(self)(letter, blank, self.texts + other.texts)

    def merged(self) -> Self:
        """All ways as one: spellings that mean the same."""
        return type(self)(self.letter.sum(1, keepdims=True), self.blank.sum(1, keepdims=True), self.texts[:1])

    def ending(self, steps: Steps, ends: Sequence[str], *, anything_behind: bool) -> Floats:
        """The probability ``(ways, ends)`` of each way with each of the ends behind it.

        No end begins with the last letter of a way.  It ends with the last step, unless ``anything_behind``.
        """
        back = steps.reversed()
        ways, done = type(self).start(back, anywhere=anything_behind), np.empty((len(steps.nothing) + 1, len(ends)))
        ways = ways.extended(back, np.zeros(len(ends), np.intp), [end[-1] for end in ends])
        left = np.arange(len(ends))
        while left.size:
            is_done = np.array([len(ends[place]) == len(ways.texts[0]) for place in left.tolist()])
            done[:, left[is_done]] = ways.letter[:, is_done]
            left, rows = left[~is_done], np.flatnonzero(~is_done)
            if left.size:
                ways = ways.extended(back, rows, [ends[place][-1 - len(ways.texts[0])] for place in left.tolist()])
        return np.asarray((self.letter + self.blank).T @ done[::-1], np.float64)

    def whole(self) -> Floats:
        """The probability of each way, with nothing behind it."""
        return np.asarray(self.letter[-1] + self.blank[-1], np.float64)

    def extended(self, steps: Steps, rows: NDArray[np.intp], letters: Sequence[str]) -> Self:
        """Some of the ways, each with a letter of its own behind it."""
        texts = tuple(self.texts[row] + letter for row, letter in zip(rows.tolist(), letters, strict=True))
        may_join = np.array([text[-2:-1] != text[-1] for text in texts])  # equal letters have nothing between them
        before = self.blank[:, rows] + self.letter[:, rows] * may_join
        seen = steps.seen[:, [steps.places[letter] for letter in letters]]
        letter, blank = np.zeros(before.shape), np.zeros(before.shape)
        for step, nothing in enumerate(steps.nothing):
            letter[step + 1] = seen[step] * (letter[step] + before[step])
            blank[step + 1] = nothing * (blank[step] + letter[step])
        return type(self)(letter, blank, texts)
