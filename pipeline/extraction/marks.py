"""Where a paper begins among the pages of a scan."""

from collections.abc import Iterable

from pipeline.extraction.layout import Page

SEPARATOR = "khoso"
# Either line of the heading alone must be read this well; both together may be read worse.
ALONE, TOGETHER = 0.88, 0.7
# The mean confidence of real text, however bad the scan.
WRITTEN = 0.5


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
