"""Copies on paper: what certifies a photocopy stands on it in words (law L1.11), and it is not digitised (L2.2)."""

from collections.abc import Iterable, Sequence

from domain.readings import DocumentReading
from pipeline.extraction.wording import WordIndex, folded_words


def certified_copy_on(reading: DocumentReading, phrases: Sequence[str]) -> int | None:
    """The first page that bears one of these phrases, one word of it perhaps misread; None where none does."""
    wanted = [folded_words(phrase) for phrase in phrases]
    return next((page.number for page in reading.pages if _bears(page.text, wanted)), None)


def _bears(text: str, wanted: Iterable[Sequence[str]]) -> bool:
    words = WordIndex(folded_words(text))
    return any(words.contains(phrase) for phrase in wanted)
