"""How likely each of several texts is on a picture, by a recogniser that gives the letters' logarithms step by step.

CTC: between letters, and within one, any number of steps may show nothing (0) or the same letter; two equal letters
side by side have such a nothing between them.  The forward sum over all ways to write a text is its probability.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Posterior(NamedTuple):
    """Logarithms ``(steps, letters)`` of a picture, and the place of each letter among them."""

    logs: NDArray[np.float32]
    places: Mapping[str, int]

    def log_of(self, texts: Sequence[str]) -> list[float]:
        """The natural logarithm of the probability of each text; minus infinity where letters are unknown."""
        able = [i for i, text in enumerate(texts) if all(letter in self.places for letter in text)]
        found = [-np.inf] * len(texts)
        sums = forward(self.logs, [[self.places[letter] for letter in texts[i]] for i in able])
        for i, value in zip(able, sums, strict=True):
            found[i] = value
        return found


def forward(logs: NDArray[np.float32], texts: Sequence[Sequence[int]]) -> list[float]:
    """The logarithm of the sum over all ways to write each of the texts, all at once."""
    if not texts:
        return []
    longest = max(map(len, texts))
    states = np.zeros((len(texts), 2 * longest + 1), np.intp)  # a letter at each odd place, nothing at the even ones
    for row, text in enumerate(texts):
        states[row, 1 : 2 * len(text) : 2] = text
    may_skip = np.zeros(states.shape, bool)
    may_skip[:, 2:] = (states[:, 2:] != 0) & (states[:, 2:] != states[:, :-2])
    seen = logs.astype(np.float64)[:, states]
    sums = np.full(states.shape, -np.inf)
    sums[:, :2] = seen[0][:, :2]
    for step in seen[1:]:
        before = sums.copy()
        before[:, 1:] = np.logaddexp(before[:, 1:], sums[:, :-1])
        before[:, 2:] = np.where(may_skip[:, 2:], np.logaddexp(before[:, 2:], sums[:, :-2]), before[:, 2:])
        sums = before + step
    ends = 2 * np.array([len(text) for text in texts])
    rows = np.arange(len(texts))
    last = np.where(ends > 0, sums[rows, np.maximum(ends - 1, 0)], -np.inf)
    return [float(value) for value in np.logaddexp(sums[rows, ends], last)]
