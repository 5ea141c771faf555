"""What stands on a paper, before anybody thinks of ink: the words of the sample generator."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from domain.readings import FieldName
from samples.handwriting import Hand


@dataclass(frozen=True)
class Paragraph:
    """Running text; ``lead`` is its bold beginning."""

    text: str
    lead: str = ""
    align: Literal["justify", "left", "centre", "right"] = "justify"
    indent_mm: float = 0
    bold: bool = False
    italic: bool = False


@dataclass(frozen=True)
class Row:
    """Cells of equal width beside each other, as forms have them."""

    cells: tuple[str, ...]


@dataclass(frozen=True)
class Signer:
    """Who signs: authority and position above, name below; ``seal`` is the text on the ring of the red seal."""

    position: tuple[str, ...]
    name: str
    hint: str = ""
    seal: str | None = None


@dataclass(frozen=True, kw_only=True)
class Paper:
    """One paper: what is printed, and what the printed words mean.

    With ``agency`` (its printed lines; ``parent`` above it) the paper has the letterhead of Decree 30 (law 4B):
    agency and number on the left, national heading, place and date on the right.  Without it the national
    heading stands in the middle and the number under the title.  A paper without a title prints its abstract
    under the number.  With a ``hand``, number, day and month were left free in print and are written.
    ``signatures`` are rows of a left and a right signer.
    """

    file: str
    kind: str
    type_code: str
    issued: date
    body: tuple[Paragraph | Row, ...]
    signatures: tuple[tuple[Signer | None, Signer], ...]
    issuer: str | None = None
    agency: tuple[str, ...] = ()
    parent: tuple[str, ...] = ()
    number: str | None = None
    title: str | None = None
    abstract: str | None = None
    owner_id: str | None = None
    owner_name: str | None = None
    valid_until: date | None = None
    dossier_code: str | None = None
    recipients: tuple[str, ...] = ()
    framed: bool = False
    size_pt: float = 13
    spacing: float = 1.3
    hand: Hand | None = None

    @property
    def fields(self) -> dict[FieldName, str | None]:
        """The value of every field as it should be read; None for what is not on the paper."""
        return {
            "title": self.title,
            "number_symbol": self.number,
            "issued_date": self.issued.isoformat(),
            "issuer": self.issuer,
            "abstract": self.abstract,
            "owner_id": self.owner_id,
            "owner_name": self.owner_name,
            "valid_until": self.valid_until.isoformat() if self.valid_until else None,
            "dossier_code": self.dossier_code,
        }


def day_in_words(day: date) -> str:
    """A date as letterheads print it: days below 10 and the months 1 and 2 carry a zero (law 4B, zone 4)."""
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    return f"ngày {day.day:02d} tháng {month} năm {day.year}"


def text(*paragraphs: str) -> tuple[Paragraph, ...]:
    """Body paragraphs with an indented first line; what stands before a bar is bold (``Điều 1.|Kiện toàn``)."""
    made = []
    for paragraph in paragraphs:
        lead, bar, rest = paragraph.partition("|")
        made.append(Paragraph(rest if bar else lead, lead=lead if bar else "", indent_mm=10))
    return tuple(made)


def entries(*lines: str) -> tuple[Paragraph | Row, ...]:
    """The entries of a form: one a line; a bar inside a line puts entries beside each other."""
    return tuple(Row(tuple(line.split("|"))) if "|" in line else Paragraph(line, align="left") for line in lines)


def official(*position: str, name: str, seal: str) -> tuple[None, Signer]:
    """The signature row of an agency: its signer on the right, sealed."""
    return None, Signer(position, name, seal=seal)
