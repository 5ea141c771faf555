"""Whether a number that was read has a second reading that says the same."""

from collections.abc import Sequence

from domain.owners import normal_owner
from domain.readings import Box, FieldReading
from pipeline.extraction.layout import Page
from pipeline.extraction.owner import NUMBER


def seconded(field: FieldReading, pages: Sequence[Page]) -> FieldReading:
    """The field of an owner's number, with whether it was read once only."""
    return field.model_copy(update={"read_once": not _is_seconded(field, pages)})


def _is_seconded(field: FieldReading, pages: Sequence[Page]) -> bool:
    """By another reader, by another place of the paper, or because a program wrote it; not where a reader differs."""
    page = next((page for page in pages if page.number == field.page), None)
    if page is None or field.box is None:
        return False
    own = frozenset(word.box for word in page.whole.words if _lies_in(word.box, field.box))
    others = [(other, boxes) for other, boxes in _places(field.value, pages) if not own & boxes]
    if any(box in other.others for other, boxes in ((page, own), *others) for box in boxes):
        return False
    return page.is_text or own <= page.alike or bool(others)


def _places(number: str, pages: Sequence[Page]) -> list[tuple[Page, frozenset[Box]]]:
    return [
        (page, frozenset(word.box for word in page.whole.cut(*found.span()).words))
        for page in pages
        for found in NUMBER.finditer(page.whole.text)
        if normal_owner(found[0]) == number
    ]


def _lies_in(box: Box, outer: Box) -> bool:
    return outer[0] <= box[0] and outer[1] <= box[1] and box[2] <= outer[2] and box[3] <= outer[3]
