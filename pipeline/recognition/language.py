"""Which of two readings of a word fits between its neighbours: a list of word pairs of Vietnamese.

The list is that of Tesseract's own ``vie`` model of 2018 (Apache License 2.0), see docs/decisions/0006.
"""

import gzip
import unicodedata
from collections.abc import Iterator
from functools import cache
from importlib import resources

_KNOWN_WORD = 0.5  # against 1 for each neighbour that the word is known to stand beside
_EDGES = ".,;:!?()[]{}\"'“”‘’/\\-–—…*_|«»"


def bare(text: str) -> str:
    """A word as the list has it: small letters, without the signs at its ends."""
    return unicodedata.normalize("NFC", text).strip(_EDGES).lower()


def is_word(text: str) -> bool:
    """Letters, and no digit, stroke or hyphen within: those are numbers, codes and dates."""
    inner = bare(text)
    return any(letter.isalpha() for letter in inner) and not any(sign.isdigit() or sign in "/-" for sign in inner)


def fitness(before: str, word: str, after: str) -> float:
    """How well a bare word stands between two others, 0 to 2.5."""
    pairs, words = _known()
    return (
        float(f"{before} {word}" in pairs) + float(f"{word} {after}" in pairs) + (_KNOWN_WORD if word in words else 0.0)
    )


def known_pairs() -> Iterator[tuple[str, str]]:
    """Words that stand side by side."""
    for pair in _known()[0]:
        before, _, word = pair.partition(" ")
        yield before, word


@cache
def _known() -> tuple[frozenset[str], frozenset[str]]:
    """The pairs, and the words that stand in a pair or alone."""
    packed = resources.files("pipeline.recognition").joinpath("data", "words.txt.gz").read_bytes()
    entries = gzip.decompress(packed).decode().splitlines()
    return frozenset(entry for entry in entries if " " in entry), frozenset(" ".join(entries).split())
