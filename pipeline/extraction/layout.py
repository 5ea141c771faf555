"""A page as its typist saw it: pieces of lines in columns, and the heading that divides them (law 4B)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from statistics import median

from domain.fold import fold
from domain.readings import Box, FieldReading, PageReading, Word
from pipeline.extraction.wording import folded_words, in_capitals, locate, text_similarity

NATION = "Cộng hòa xã hội chủ nghĩa Việt Nam"
MOTTO = "Độc lập - Tự do - Hạnh phúc"
# The heading stands in the top part of a page, even when a wide border was scanned with it.
HEADING_ZONE = 0.35
# Marks of the program that filled a form in, printed by mistake (`<b>TRẦN VĂN A</b>`).
MARKUP = re.compile(r"</?[A-Za-z]{1,2}/?>")
# A gap of more than this many spaces parts two columns; justified lines stay below it.
COLUMN_GAP = 2.6


@dataclass(frozen=True)
class Passage:
    """Words of one page that belong together: a piece of a line, several lines, or the whole page."""

    words: tuple[Word, ...]
    page: int

    @cached_property
    def text(self) -> str:
        """The words; a new line stays a new line."""
        return "".join(piece for _, piece in self._pieces()).lstrip()

    @cached_property
    def folded(self) -> str:
        """The text in lower case without accents, letter for letter."""
        return fold(self.text)

    @cached_property
    def tokens(self) -> tuple[str, ...]:
        """The folded words and numbers."""
        return folded_words(self.text)

    @cached_property
    def box(self) -> Box:
        """The box around all words."""
        boxes = [word.box for word in self.words]
        return (
            min(b[0] for b in boxes),
            min(b[1] for b in boxes),
            max(b[2] for b in boxes),
            max(b[3] for b in boxes),
        )

    @property
    def middle(self) -> float:
        """The horizontal middle."""
        return (self.box[0] + self.box[2]) / 2

    @property
    def height(self) -> float:
        """The height of a line, taken from the tallest word (a skewed line is taller as a whole)."""
        return max(word.box[3] - word.box[1] for word in self.words)

    @property
    def confidence(self) -> float:
        """How well the words were read: between their mean and the worst of them, 0..1."""
        values = [word.confidence for word in self.words]
        return 0.6 * sum(values) / len(values) + 0.4 * min(values)

    def cut(self, start: int, end: int) -> "Passage":
        """The words that the characters start..end of the text touch."""
        kept, place = [], -1
        for word, piece in self._pieces():
            begin, place = place + 1, place + len(piece)
            if begin < end and place > start:
                kept.append(word)
        return Passage(tuple(kept), self.page)

    def reading(self, value: str, sureness: float) -> FieldReading:
        """The value as a field that was read here, by a rule of the given sureness."""
        confidence = round(min(1.0, sureness * min(1.0, self.confidence / 0.95)), 3)
        return FieldReading(value=value, confidence=confidence, page=self.page, box=self.box)

    def _pieces(self) -> Iterator[tuple[Word, str]]:
        """Each word with the space or new line before it."""
        line = -1
        for word in self.words:
            yield word, (" " if word.line == line else "\n") + word.text
            line = word.line


def join(parts: list[Passage]) -> Passage:
    """Pieces of one page put together, in the given order."""
    return Passage(tuple(word for part in parts for word in part.words), parts[0].page)


@dataclass(frozen=True)
class Page:
    """The pieces of a page from top to bottom, and the name of the nation when it heads the page."""

    number: int
    pieces: tuple[Passage, ...]
    heading: Passage | None
    heading_likeness: float
    motto_likeness: float
    others: Mapping[Box, str] = field(default_factory=dict)
    """What a second reader read in the place of a word that was kept as it was."""
    cut_short: frozenset[Box] = frozenset()
    """Places of words that may go on in ink that nobody read."""
    alike: frozenset[Box] = frozenset()
    """Places of words of long numbers that two readers read alike."""
    unlike: frozenset[Box] = frozenset()
    """Places of words of long numbers with a digit that has not the ink of what it was read as."""
    is_text: bool = False
    """Whether its words are those that a program wrote."""
    numbers: tuple[Word, ...] = ()
    days: tuple[Word, ...] = ()
    """What its lines of number and day state by their templates, see ``PageReading``."""

    @cached_property
    def whole(self) -> Passage:
        """All words of the page in reading order."""
        return Passage(tuple(word for piece in self.pieces for word in piece.words), self.number)

    @property
    def two_columns(self) -> bool:
        """Whether the heading stands right of an issuing agency; on certificates it stands alone in the middle."""
        return self.heading is not None and self.heading.box[0] > 0.38

    def left_column(self) -> list[Passage]:
        """The pieces left of the heading and not far below it, downwards: agency, number, subject of a letter."""
        if not self.two_columns or not self.heading:
            return []
        edge, top = self.heading.box[0], self.heading.box[1]
        return [
            piece
            for piece in sorted(self.pieces, key=lambda piece: piece.box[1])
            if piece.middle < edge - 0.04 and piece.box[2] < edge + 0.05 and top - 0.04 < piece.box[1] < top + 0.2
        ]

    def below(self, above: Passage) -> Passage | None:
        """The next piece under this one in the same column."""
        left, _, right, bottom = above.box
        under = [
            piece
            for piece in self.pieces
            if piece is not above
            and piece.box[1] > (above.box[1] + bottom) / 2
            and min(right, piece.box[2]) - max(left, piece.box[0]) > 0
        ]
        return min(under, key=lambda piece: piece.box[1], default=None)


def lay_out(page: PageReading) -> Page:
    """Cut the lines of a page into the pieces that its columns make."""
    space = _space(page)
    pieces: list[Passage] = []
    heading, best, motto = None, 0.0, 0.0
    for line in map(_without_markup, page.lines()):
        cuts = [i for i in range(1, len(line)) if line[i].box[0] - line[i - 1].box[2] > COLUMN_GAP * space]
        if line[0].box[1] < HEADING_ZONE:
            texts = [word.text for word in line]
            start, end, found = locate(texts, NATION, max(best, 0.75))
            # Papers quote both in their text: the heading has capitals, and the motto ends its line.
            _, motto_end, motto_found = locate(texts, MOTTO, motto)
            motto = max(motto, motto_found if motto_end >= len(line) - 1 else 0.0)
            if found and in_capitals("".join(word.text for word in line[start:end])):
                heading, best = Passage(line[start:end], page.number), found
                cuts = sorted({*cuts, start})
        edges = [0, *cuts, len(line)]
        pieces += [Passage(line[a:b], page.number) for a, b in pairwise(edges) if a < b]
    others = {page.words[item.word].box: item.second for item in page.settled if item.chosen == "first"}
    cut_short = frozenset(page.words[place].box for place in page.cut_short)
    alike = frozenset(page.words[place].box for place in page.alike)
    unlike = frozenset(page.words[place].box for place in page.unlike)
    is_text = page.coverage is None
    stated = (page.numbers, page.days)
    return Page(page.number, tuple(pieces), heading, best, motto, others, cut_short, alike, unlike, is_text, *stated)


def _without_markup(line: tuple[Word, ...]) -> tuple[Word, ...]:
    if not any("<" in word.text for word in line):
        return line
    return tuple(word.model_copy(update={"text": MARKUP.sub("", word.text) or word.text}) for word in line)


def _space(page: PageReading) -> float:
    """The usual gap between two words of the page."""
    gaps = [b.box[0] - a.box[2] for line in page.lines() for a, b in pairwise(line) if b.box[0] > a.box[2]]
    return median(gaps) if gaps else 1.0


def titles(page: Page) -> Iterator[Passage]:
    """What may be the title: centred capitals below the heading, alone and with the lines that go on with them."""
    top = page.heading.box[1] if page.heading else 0.0
    left = {id(piece) for piece in page.left_column()}
    lines = [
        piece
        for piece in page.pieces
        if top + 0.01 < piece.box[1] < 0.55
        and abs(piece.middle - 0.5) < 0.15
        and in_capitals(piece.text)
        and id(piece) not in left
        and text_similarity("".join(piece.tokens), "".join(folded_words(NATION))) < 0.7
    ]
    for i, line in enumerate(lines):
        yield line
        parts = [line]
        for following in lines[i + 1 : i + 3]:
            if following.box[1] - parts[-1].box[3] > 1.2 * parts[-1].height:
                break
            parts.append(following)
            yield join(parts)
