"""How likely a syllable is after another: a language model of Vietnamese law, and of the word pairs that khoso ships.

Bigrams with interpolated absolute discount.  Laws lack words and pairs lack counts: each pair of the list counts once,
each word of one half.  Where the counts come from, and how they are made: data/README.md.
"""

import gzip
import math
from collections import Counter
from collections.abc import Collection, Mapping
from functools import cache
from importlib import resources

from domain.fold import canonical
from pipeline.recognition.language import known_pairs

COUNTS = "syllable-pairs.txt.gz"
_DISCOUNT = 0.75
_LEAST = 1e-8  # what was never seen
_OF_A_PAIR = 0.5


class LanguageModel:
    """Probabilities of syllables by the one before."""

    def __init__(self, counts: Mapping[tuple[str, str], int], pairs: Collection[tuple[str, str]] = ()) -> None:
        """``pairs`` are known to stand together, each once; its words count half a time more."""
        self._counts: Counter[tuple[str, str]] = Counter(counts)
        single: Counter[str] = Counter()
        for (_, word), count in counts.items():
            single[word] += count
        self._seen = frozenset(single)
        self._counts.update(pairs)
        self._after: Counter[str] = Counter()  # how often something follows, and how many different words do
        self._kinds: Counter[str] = Counter()
        for (before, _), count in self._counts.items():
            self._after[before] += count
            self._kinds[before] += 1
        shares: dict[str, float] = dict(single)
        for pair in pairs:
            for word in pair:
                shares[word] = shares.get(word, 0.0) + _OF_A_PAIR
        total = sum(shares.values())
        self._shares = {word: share / total for word, share in shares.items()}

    @property
    def words(self) -> Collection[str]:
        """All that have a share of their own: the shares of these after a word add up to 1."""
        return self._shares.keys()

    @property
    def counted(self) -> frozenset[str]:
        """The words of the text that was counted."""
        return self._seen

    def likelihood(self, before: str, word: str) -> float:
        """The probability that ``word`` follows ``before``; never 0."""
        alone = self._shares.get(word, 0.0)
        if not (total := self._after[before]):
            return max(alone, _LEAST)
        found = max(self._counts[before, word] - _DISCOUNT, 0.0) + _DISCOUNT * self._kinds[before] * alone
        return max(found / total, _LEAST)

    def log(self, before: str, word: str) -> float:
        """Its natural logarithm."""
        return math.log(self.likelihood(before, word))

    def stand_together(self, before: str, word: str) -> bool:
        """Whether the two were ever seen side by side."""
        return (before, word) in self._counts


def packed(counts: Mapping[tuple[str, str], int]) -> bytes:
    """Counts as the data file has them: a line for each, the same bytes each time."""
    lines = (f"{before} {word} {count}\n" for (before, word), count in sorted(counts.items()))
    return gzip.compress("".join(lines).encode(), compresslevel=9, mtime=0)


def unpacked(content: bytes) -> dict[tuple[str, str], int]:
    """The counts of a data file."""
    entries = (line.split(" ") for line in gzip.decompress(content).decode().splitlines())
    return {(before, word): int(count) for before, word, count in entries}


@cache
def language_model() -> LanguageModel:
    """The model of this process."""
    content = resources.files("pipeline.recognition").joinpath("data", COUNTS).read_bytes()
    pairs = {(canonical(before), canonical(word)) for before, word in known_pairs()}
    return LanguageModel(unpacked(content), pairs)
