"""Copies: by what those on paper that people bring are known, and what stands on those that are made here."""

from datetime import date
from types import MappingProxyType
from typing import Final, Literal

from pydantic import Field, model_validator

from domain.errors import UsageError
from domain.fold import fold
from domain.record import Frozen
from domain.values import excerpt

_PLACES: Final = ("system", "owner", "agency", "code", "number", "time", "who", "dossier", "pages", "page")


Presented = Literal["original", "certified_copy", "photocopy"]
"""As what a paper was handed in.  A copy or an extract that its register's keeper issued is an original (law L1.3)."""

PRESENTED: Final = MappingProxyType(
    {
        "original": ("bản chính", "bản gốc", "trích lục", "bản sao từ sổ gốc", "trích lục bản sao"),
        "certified_copy": ("bản sao chứng thực", "bản sao có chứng thực", "sao y bản chính", "chứng thực"),
        "photocopy": ("bản chụp", "bản sao chụp", "bản photo", "photo", "bản phô tô"),
    }
)
"""How people write it, beside the word itself."""


def presented_as(text: str) -> Presented:
    """As what a paper was handed in, as somebody writes it.

    Raises:
        UsageError: it is none of the words.
    """
    words: tuple[Presented, ...] = ("original", "certified_copy", "photocopy")
    for word in words:
        if fold(text.strip()) in {word, *map(fold, PRESENTED[word])}:
            return word
    known = ", ".join(f"{word} ({names[0]})" for word, names in PRESENTED.items())
    raise UsageError("no_such_presented", remedy="give_presented", value=excerpt(text), known=known)


class CopiesBrought(Frozen):
    """By what a copy on paper is known.

    ``statements``: words by which a copy is certified; ``marks``: what copies have alone in a line or in a frame;
    ``extracts``: what stands on copies and extracts that the keeper of a register issued, on which marks mean nothing.
    """

    statements: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    extracts: tuple[str, ...] = ()


class PaperCopyWords(Frozen):
    """The words of a converted copy on paper: ``foot`` stands on every page, the rest after the text of the last one.

    ``lines`` stand beside ``signer``, below which the converter signs.  Each may hold {system}, {owner}, {agency},
    {code}, {number}, {time}, {who}, {dossier} and {pages}; the foot {page}, too.
    """

    heading: str
    lines: tuple[str, ...] = Field(min_length=1)
    signer: tuple[str, ...] = Field(min_length=1)
    foot: str
    confirmed: bool
    source: str

    @model_validator(mode="after")
    def _can_be_filled(self) -> "PaperCopyWords":
        try:
            self.filled(**dict.fromkeys(_PLACES, ""))
        except (LookupError, ValueError, AttributeError):
            raise ValueError(f"may hold {', '.join(f'{{{name}}}' for name in _PLACES)} and no other braces") from None
        return self

    def filled(self, **values: object) -> "PaperCopyWords":
        """The words with all values in their places."""
        fill = {name: values.get(name, "") for name in _PLACES}
        return self.model_copy(
            update={
                "heading": self.heading.format(**fill),
                "lines": tuple(line.format(**fill) for line in self.lines),
                "signer": tuple(line.format(**fill) for line in self.signer),
                "foot": self.foot.format(**fill),
            }
        )


class CertifiedCopyWords(Frozen):
    """What is stated on a certified e-copy before it is signed, and how the book is called in which it has a number.

    ``lines`` may hold {number}, {book}, {day}, {month}, {year}, {title} and {name} of who certifies; ``book`` the
    {year}.
    """

    book: str
    lines: tuple[str, ...] = Field(min_length=1)
    confirmed: bool
    source: str

    @model_validator(mode="after")
    def _can_be_filled(self) -> "CertifiedCopyWords":
        try:
            self.statement(1, date(2026, 1, 1), "")
        except (LookupError, ValueError, AttributeError):
            raise ValueError(
                "`book` may hold {year}, `lines` the places that are listed, and no other braces"
            ) from None
        return self

    def book_of(self, year: int) -> str:
        """What the book of a year is called."""
        return self.book.format(year=year)

    def statement(self, number: int, day: date, title: str) -> tuple[str, ...]:
        """The lines with all in its place but the name, which is that of the certificate."""
        fill = {"number": number, "book": self.book_of(day.year), "day": f"{day:%d}", "month": f"{day:%m}"}
        values = {name: str(value).replace("{", "{{").replace("}", "}}") for name, value in fill.items()}
        title = title.replace("{", "{{").replace("}", "}}")
        return tuple(line.format(**values, year=day.year, title=title, name="{name}") for line in self.lines)


class CopySettings(Frozen):
    """What copies on paper tell of the system that they come from."""

    system: str = Field(default="Kho số", min_length=1, max_length=200)
    """Its name."""
    owner: str = Field(default="", max_length=200)
    """Who owns it; else the agency of the installation, as the catalogue names it."""
