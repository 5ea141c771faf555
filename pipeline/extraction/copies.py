"""Copies on paper: what certifies a photocopy stands on it in words (law L1.11), and it is not digitised (L2.2).

A copy or an extract that the keeper of a register issued is an original (law L1.3), unless somebody certified a copy of
it in turn.  A photocopy without a mark cannot be told from an original that has no colour: only a person can say so.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from config.copies import CopiesBrought
from domain.fold import fold
from domain.readings import DocumentReading, PageReading
from pipeline.extraction.layout import lay_out
from pipeline.extraction.wording import WordIndex, folded_words, in_capitals


class CopySeen(NamedTuple):
    """The first page on which a copy says that it is one; ``mark`` is the stamp, "" for a statement in words."""

    page: int
    mark: str = ""


def copy_seen(reading: DocumentReading, known: CopiesBrought) -> CopySeen | None:
    """By what a paper shows that it is a copy on paper; None where nothing does.

    A statement goes before a mark; one word of it may be misread.
    """
    statements = [folded_words(phrase) for phrase in known.statements]
    for page in reading.pages:
        if _bears(page.text, statements):
            return CopySeen(page.number)
    extracts = [folded_words(phrase) for phrase in known.extracts]
    if any(_bears(page.text, extracts) for page in reading.pages):
        return None
    marks = {_letters(mark): mark for mark in known.marks}
    for page in reading.pages:
        for text in _alone(page):
            if mark := marks.get(_letters(text)):
                return CopySeen(page.number, mark.upper())
    return None


def _alone(page: PageReading) -> Iterator[str]:
    """What stands in frames, and in capitals in a line or a column of one; what is in brackets is the form's."""
    yield from (stamp.text for stamp in page.framed)
    for piece in lay_out(page).pieces:
        if in_capitals(piece.text) and "(" not in piece.text:
            yield piece.text


def _letters(text: str) -> str:
    return "".join(letter for letter in fold(text) if letter.isalnum())


def _bears(text: str, wanted: Iterable[Sequence[str]]) -> bool:
    words = WordIndex(folded_words(text))
    return any(words.contains(phrase) for phrase in wanted)
