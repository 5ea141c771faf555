"""Text as the language model has it: syllables in small letters and one spelling, numbers, codes, and breaks."""

from collections.abc import Iterable, Iterator

from domain.fold import canonical
from pipeline.recognition.language import bare

BREAK, NUMBER, CODE = "<s>", "<n>", "<c>"
_STOPS = ".;:!?"


def token(word: str) -> str:
    """A word as the model knows it; empty for signs alone."""
    core = canonical(bare(word))
    if any(map(str.isdigit, core)):
        return NUMBER if all(sign.isdigit() or sign in ".," for sign in core) else CODE
    return CODE if "/" in core or "-" in core else core


def ends_sentence(word: str) -> bool:
    """Whether what follows the word begins anew."""
    return word.endswith(tuple(_STOPS))


def pairs_of(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each token of some lines with the one before it; a line begins after a break."""
    for line in lines:
        before = BREAK
        for word in line.split():
            if found := token(word):
                yield before, found
                before = found
            if ends_sentence(word):
                before = BREAK
