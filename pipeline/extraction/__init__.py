"""What a paper is and says: type and fields, and where papers begin."""

from collections.abc import Sequence
from dataclasses import replace

from config.papers import DocumentType
from domain.readings import Description, DocumentReading, FieldName, FieldReading
from pipeline.extraction.classify import choose_type
from pipeline.extraction.families import settle_family
from pipeline.extraction.fields import (
    find_abstract,
    find_dossier_code,
    find_issuer,
    find_valid_until,
)
from pipeline.extraction.further import find_further
from pipeline.extraction.head import find_issued, find_number
from pipeline.extraction.layout import Page, lay_out
from pipeline.extraction.marks import crowded_pages, first_pages
from pipeline.extraction.owner import find_owner
from pipeline.extraction.seconded import seconded
from pipeline.extraction.spelling import agree

__all__ = ["crowded_pages", "first_pages", "laid_out", "read_fields"]


def laid_out(reading: DocumentReading) -> tuple[Page, ...]:
    """The pages by their columns and headings: what all that follows is asked of."""
    return tuple(map(lay_out, reading.pages))


def read_fields(all_pages: Sequence[Page], types: Sequence[DocumentType]) -> Description:
    """The paper type and the fields of law L2.5, each with a confidence and its place.

    A field that is not on the paper, or could not be found, is absent.
    """
    pages = [page for page in all_pages if page.pieces]
    if not pages:
        return Description(type_code=None, type_confidence=0.0, fields={})
    choice = choose_type(pages, types)
    type_ = choice.match.type if choice.match else None
    title, place = (choice.match.title, choice.match.place) if choice.match else (None, None)
    issued = find_issued(pages, place)
    found: dict[FieldName, FieldReading | None] = {
        "title": title,
        "number_symbol": find_number(pages[0], place),
        "issued_date": issued,
        "issuer": find_issuer(pages),
        "abstract": find_abstract(pages[0], place, administrative=type_ is not None and type_.owner == "agency"),
        "valid_until": find_valid_until(pages, issued),
        "dossier_code": find_dossier_code(pages),
    }
    if type_ is None or type_.owner != "agency":
        is_person = type_ is None or type_.owner == "person"
        owner = find_owner(pages, organisation=not is_person)
        if owner.number:
            owner = replace(owner, number=seconded(owner.number, pages))
        name = agree(owner.name, pages, alone=0.85) if owner.name else None
        found |= {"owner_name": settle_family(name) if name and is_person else name, "owner_id": owner.number}
        found |= find_further(pages, owner, type_) if type_ is not None else {}
    return Description(
        type_code=type_.code if type_ else None,
        type_confidence=choice.confidence,
        fields={name: field for name, field in found.items() if field},
    )
