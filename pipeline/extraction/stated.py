"""What the lines of number and day state by their templates: proposed where print alone does not tell (ADR 0077)."""

import re
from collections.abc import Callable, Sequence

from domain.readings import Box, FieldReading, Word
from pipeline.extraction.layout import Page, Passage

ENOUGH = 0.75  # what was read so surely is not given up for what a template has
DIFFERENT = 0.6  # the most that is sure of what was read where the template has another value,
SPEAKS_AGAINST = 0.52  # and is as sure of it as this: half of the likelihood of all
_CITED = re.compile(r"\b(?:can cu|luat|nghi dinh|thong tu|quyet dinh|cong van|thong bao|ke hoach|ban hanh)\b")


def settled(read: FieldReading | None, stated: Sequence[FieldReading]) -> FieldReading | None:
    """The value that was read, or that the template has where reading left none that is sure.

    The line of a paper comes once: of several that state different values none is proposed.
    """
    if len({item.value for item in stated}) != 1:
        return read
    template = stated[0]
    if read is None or (read.confidence < ENOUGH and read.value != template.value):
        return template
    if read.value == template.value:
        return read.model_copy(update={"confidence": max(read.confidence, template.confidence)})
    if template.confidence < SPEAKS_AGAINST:
        return read
    return read.model_copy(update={"confidence": min(read.confidence, DIFFERENT)})


def numbers_stated(page: Page, own: Sequence[Passage]) -> list[FieldReading]:
    """The numbers on lines among the pieces that stand where a paper's own number does."""
    return [
        _proposal(word, page)
        for word in page.numbers
        if any(_lies_on(word.box, piece.box) and not _CITED.search(piece.folded) for piece in own)
    ]


def days_stated(page: Page, is_own: Callable[[Passage], bool]) -> list[FieldReading]:
    """The days on lines that stand where a paper's own day does, and cite no other paper."""
    return [
        _proposal(word, page)
        for word in page.days
        if is_own(Passage((word,), page.number))
        and not any(_lies_on(word.box, piece.box) and _CITED.search(piece.folded) for piece in page.pieces)
    ]


def _proposal(word: Word, page: Page) -> FieldReading:
    return FieldReading(value=word.text, confidence=word.confidence, page=page.number, box=word.box)


def _lies_on(box: Box, piece: Box) -> bool:
    """Whether a line's box, which is a little higher, begins on a piece."""
    middle = (box[1] + box[3]) / 2
    return piece[1] <= middle <= piece[3] and box[0] < piece[2] and piece[0] < box[2]
