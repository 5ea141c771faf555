"""Where a paper begins among the pages of a scan, and on which pages more than one does."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from domain.readings import Box
from pipeline.extraction.layout import MOTTO, NATION, Page, Passage, join
from pipeline.extraction.wording import folded_words, in_capitals, locate, text_similarity

SEPARATOR = "khoso"
# Either line of the heading alone must be read this well; both together may be read worse.
ALONE, TOGETHER = 0.88, 0.7
# The mean confidence of real text, however bad the scan.
WRITTEN = 0.5
# A line of a heading that stands by itself, and the nation's name behind an agency's.
BY_ITSELF, BEHIND = 0.85, 0.9
MOST_PARTS = 3  # of the motto
# So many heights of a line lie between those of one heading at most: a second language stands between them.
ONE_HEADING = 6.0
# So much of a page's height parts what lies one below the other: an embassy bears the nation's name in its own.
BELOW = 0.12


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


def crowded_pages(pages: Iterable[Page]) -> tuple[int, ...]:
    """The numbers of the pages on which more than one paper begins, by their headings."""
    return tuple(page.number for page in pages if len(headings(page)) > 1)


class Heading(NamedTuple):
    """A heading of the nation: where it stands, and whether its motto was read."""

    box: Box
    height: float
    has_motto: bool

    def holds(self, line: "Heading") -> bool:
        """Whether a line is of this heading: near below it and over the same width, as its other language is."""
        across = min(self.box[2], line.box[2]) - max(self.box[0], line.box[0])
        down = max(self.box[1], line.box[1]) - min(self.box[3], line.box[3])
        return across > 0 and down <= ONE_HEADING * max(self.height, line.height)

    def with_line(self, line: "Heading") -> "Heading":
        """The heading with a further line of it."""
        pairs = zip(self.box, line.box, strict=True)
        left, top, right, bottom = (choose(pair) for choose, pair in zip((min, min, max, max), pairs, strict=True))
        return Heading((left, top, right, bottom), max(self.height, line.height), self.has_motto or line.has_motto)


def headings(page: Page) -> tuple[Heading, ...]:
    """The headings of a page: more than one where several papers lie on one sheet, one below or beside the other.

    What quotes the nation's name in its text has no heading, nor has an agency that bears it in its own name: beside
    or near to another heading only what has its motto counts.
    """
    found: list[Heading] = []
    for line in sorted(_heading_lines(page), key=lambda line: line.box[1]):
        place = next((i for i, heading in enumerate(found) if heading.holds(line)), None)
        if place is None:
            found.append(line)
        else:
            found[place] = found[place].with_line(line)
    sure = [heading for heading in found if heading.has_motto]
    others = [heading for heading in found if not heading.has_motto and _is_apart(heading, found)]
    return tuple(sorted((*sure, *others), key=lambda heading: (heading.box[1], heading.box[0])))


def _is_apart(heading: Heading, among: Iterable[Heading]) -> bool:
    return all(abs(heading.box[1] - other.box[1]) > BELOW for other in among if other is not heading)


def _heading_lines(page: Page) -> Iterator[Heading]:
    nation = "".join(folded_words(NATION))
    for piece in page.pieces:
        if in_capitals(piece.text):
            if text_similarity("".join(piece.tokens), nation) >= BY_ITSELF:
                yield Heading(piece.box, piece.height, has_motto=False)
            elif (name := _behind_agency(piece)) is not None:
                yield Heading(name.box, name.height, has_motto=False)
    for line in _mottos(page):
        yield Heading(line.box, line.height, has_motto=True)


def _behind_agency(piece: Passage) -> Passage | None:
    """The nation's name at the end of a line in capitals, where the agency's beside it was read with it."""
    start, end, _ = locate([word.text for word in piece.words], NATION, BEHIND)
    return Passage(piece.words[start:], piece.page) if start < end == len(piece.words) else None


def _mottos(page: Page) -> Iterator[Passage]:
    """The mottos that stand by themselves; wide gaps at its dashes may have parted one."""
    motto = "".join(folded_words(MOTTO))
    for _, line in groupby(page.pieces, key=lambda piece: piece.words[0].line):
        pieces = list(line)
        while pieces:
            runs = [join(pieces[:count]) for count in range(1, MOST_PARTS + 1)]
            found = next((run for run in runs if text_similarity("".join(run.tokens), motto) >= BY_ITSELF), None)
            if found is not None:
                yield found
            pieces = pieces[1:]
