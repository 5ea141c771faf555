"""What was read on a paper: words with boxes, and fields with a confidence and a place.

Boxes are ``(left, top, right, bottom)`` as fractions 0..1 of the upright page, so they hold for any raster;
pages count from 1, as people do.
"""

from collections.abc import Iterator
from typing import Literal

from domain.messages.told import Told
from domain.owners import NO_NUMBER
from domain.record import Frozen

Box = tuple[float, float, float, float]
Turn = Literal[0, 90, 180, 270]
FieldSource = Literal["paper", "qr", "sheet", "manifest", "person", "catalogue"]
FieldName = Literal[
    "title",
    "number_symbol",
    "issued_date",
    "issuer",
    "abstract",
    "owner_id",
    "owner_name",
    "owner_role",
    "further_owners",
    "valid_until",
    "scope",
    "dossier_code",
    "result_code",
    "procedure_code",
]


class Word(Frozen):
    """One recognised word; confidence 0..1 as the recogniser gave it."""

    text: str
    box: Box
    confidence: float
    line: int


class Settled(Frozen):
    """A word that was read in several ways: which word of the page, both readings, who won.

    ``context``: neither; what fits between its neighbours is ``written``.  Both readings are the same where both
    readers, or the only one, read a word that does not fit.
    """

    word: int
    first: str
    second: str
    chosen: Literal["first", "second", "context"]
    written: str = ""


class PageReading(Frozen):
    """The words of one page in reading order; ``line`` numbers of the words rise down the page.

    ``turn`` is what set the page upright (degrees clockwise), ``lean`` by how many degrees its lines fall to the right,
    ``coverage`` the share of the letters' ink that the words cover; None for text that the page brought.
    ``fault`` says why a page could not be read; it has no words then.  ``remark``: what was odd about the text that
    the page brought.  ``cut_short``: places of words, with a capital, that may go on in ink that nobody read.
    ``overwritten``: places of words that are struck, or that something is written over, on a page that a program wrote.
    ``framed``: what stands in the frames of stamps, a line each, however unsure it is; read from both ends.
    ``coloured``: what rows of coloured ink say by themselves, in the same way.
    ``alike``: places of the words of long numbers that two readers read alike.
    ``unlike``: places of the words of long numbers with a digit that has not the ink of what it was read as.
    ``numbers`` and ``days``: what lines of number and day state that print alone does not tell, each as a word with the
    likeliest value of all (a day as ``YYYY-MM-DD``) and the box of the line: proposals.
    """

    number: int
    words: tuple[Word, ...]
    turn: Turn = 0
    lean: float = 0.0
    coverage: float | None = None
    fault: Told | None = None
    settled: tuple[Settled, ...] = ()
    alike: tuple[int, ...] = ()
    unlike: tuple[int, ...] = ()
    remark: Told | None = None
    cut_short: tuple[int, ...] = ()
    overwritten: tuple[int, ...] = ()
    framed: tuple[Word, ...] = ()
    coloured: tuple[Word, ...] = ()
    numbers: tuple[Word, ...] = ()
    days: tuple[Word, ...] = ()

    def lines(self) -> Iterator[tuple[Word, ...]]:
        """Words grouped by line, in reading order."""
        start = 0
        for i in range(1, len(self.words) + 1):
            if i == len(self.words) or self.words[i].line != self.words[start].line:
                yield self.words[start:i]
                start = i

    @property
    def text(self) -> str:
        """The page's text, a line per recognised line."""
        return "\n".join(" ".join(word.text for word in line) for line in self.lines())

    @property
    def confidence(self) -> float:
        """Mean word confidence 0..1; 0 for a page without words."""
        return sum(word.confidence for word in self.words) / len(self.words) if self.words else 0.0


class DocumentReading(Frozen):
    """All pages of one document as they were read."""

    pages: tuple[PageReading, ...]

    @property
    def text(self) -> str:
        """The whole text; pages are separated by a form feed, as pdftotext does."""
        return "\f".join(page.text for page in self.pages)

    @property
    def confidence(self) -> float:
        """Mean confidence over all words, 0..1."""
        words = [word for page in self.pages for word in page.words]
        return sum(word.confidence for word in words) / len(words) if words else 0.0


class FieldReading(Frozen):
    """A field's value, how sure it is (0..1), and where it comes from.

    ``page`` and ``box`` are None for values that were not read on the paper (manifest, person, separator sheet).
    ``read_once``: numbers of owners that were read, and nothing else says the same: a person looks, however sure it is.
    ``unlike``: so are those of which the picture does not bear a digit, whoever read it alike.
    """

    value: str
    confidence: float
    page: int | None = None
    box: Box | None = None
    source: FieldSource = "paper"
    read_once: bool = False
    unlike: bool = False


class Description(Frozen):
    """Paper type and fields of one document (law L2.5).  A field that is not on the paper is absent."""

    type_code: str | None
    type_confidence: float
    fields: dict[FieldName, FieldReading]

    def value(self, name: FieldName) -> str | None:
        """The field's value or None; so of an owner of whom a person said that he has no number."""
        reading = self.fields.get(name)
        return reading.value if reading and (name != "owner_id" or reading.value != NO_NUMBER) else None

    def stated(self, name: FieldName) -> str | None:
        """The value as somebody stated it who knows it; None where it was only read on the page, or is not known."""
        reading = self.fields.get(name)
        return reading.value if reading and reading.source != "paper" else None
