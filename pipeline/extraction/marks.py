"""Marks that decide what becomes of a scan: secrecy stamps, and where a paper begins."""

import re
from collections.abc import Iterable

from domain.readings import FieldReading
from pipeline.extraction.layout import Page, Passage

STAMP = re.compile(r"(?:(TUY[EÈÉẺẼẸÊỀẾỂỄỆ]T|T[OÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢ]{1,2}I)\s*)?M[AÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬ]T")
# What the recogniser makes of a stamp whose frame touches the letters or the line beside it.
SMEARED = re.compile(r"\W*M[AÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬ]\W?[YVI1]?T\W*")
SEPARATOR = "khoso"
# Either line of the heading alone must be read this well; both together may be read worse.
ALONE, TOGETHER = 0.88, 0.7
# The mean confidence of real text, however bad the scan.
WRITTEN = 0.5


def secrecy(pages: Iterable[Page]) -> FieldReading | None:
    """The secrecy stamp that stands by itself on a page (law 4B zone 10a), the gravest first found wins.

    Capitals only, and nothing else in the same piece of line: ``bí mật`` in a sentence is no stamp.  In the upper half
    of page 1 a smeared one in front of a line counts too: to hold a paper for nothing costs a look, to digitise a
    secret one is unlawful (law L2.2).
    """
    found = []
    for page in pages:
        for piece in page.pieces:
            stamp = STAMP.fullmatch(re.sub(r"[^\w\s]", "", piece.text).strip())
            if stamp:
                found.append(piece.reading(_level(stamp[1] or ""), 0.95))
            elif page.number == 1 and piece.box[1] < 0.5 and _begins_with_stamp(piece):
                found.append(piece.reading("MẬT", 0.5))
    return max(found, key=lambda field: len(field.value), default=None)


def first_pages(pages: Iterable[Page]) -> tuple[int, ...]:
    """The numbers of the pages on which a paper begins; more than one means several papers in one scan.

    A paper begins on the first page that is not blank, under the heading of the nation and its motto, and behind a
    separator sheet, which is itself no part of a paper.  Blank pages are passed over.
    """
    begins: list[int] = []
    fresh = True
    for page in pages:
        if _separates(page):
            fresh = True
        elif _written(page):
            if fresh or _headed(page):
                begins.append(page.number)
            fresh = False
    return tuple(begins)


def _level(before: str) -> str:
    """The stamp's text by the word before ``MẬT``, whatever tones were read."""
    return "TUYỆT MẬT" if before.startswith("TU") else "TỐI MẬT" if before else "MẬT"


def _begins_with_stamp(piece: Passage) -> bool:
    first, *others = piece.words
    return bool(SMEARED.fullmatch(first.text)) and not (others and others[0].text.isupper())


def _separates(page: Page) -> bool:
    """Whether this is a separator sheet: hardly a word but the name of the code."""
    return bool(page.pieces) and len(page.whole.tokens) < 60 and _any_starts(page.whole.tokens, SEPARATOR)


def _written(page: Page) -> bool:
    """Whether the page bears text; what shines through from the other side is read with little confidence."""
    words = page.whole.words
    return len(words) >= 3 and sum(word.confidence for word in words) >= WRITTEN * len(words)


def _any_starts(tokens: Iterable[str], start: str) -> bool:
    return any(token.startswith(start) for token in tokens)


def _headed(page: Page) -> bool:
    nation, motto = page.heading_likeness, page.motto_likeness
    return max(nation, motto) >= ALONE or min(nation, motto) >= TOGETHER
