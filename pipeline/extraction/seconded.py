"""Whether a number that was read has a second reading that says the same, and the ink of its digits."""

from collections.abc import Sequence

from domain.owners import normal_owner
from domain.readings import Box, FieldReading
from pipeline.extraction.layout import Page
from pipeline.extraction.owner import NUMBER


def seconded(field: FieldReading, pages: Sequence[Page]) -> FieldReading:
    """The field of an owner's number, with whether it was read once only, or the picture does not bear it."""
    return field.model_copy(update=dict(zip(("read_once", "unlike"), _doubted(field, pages), strict=True)))


def _doubted(field: FieldReading, pages: Sequence[Page]) -> tuple[bool, bool]:
    """Whether no other reader, no other place of the paper and no program says the same; whether a digit looks odd.

    Where a reader differs, no other place helps; one whose own digits are sound helps where a digit looks odd.
    """
    page = next((page for page in pages if page.number == field.page), None)
    if page is None or field.box is None:
        return True, False
    own = frozenset(word.box for word in page.whole.words if _lies_in(word.box, field.box))
    others = [(other, boxes) for other, boxes in _places(field.value, pages) if not own & boxes]
    if any(box in other.others for other, boxes in ((page, own), *others) for box in boxes):
        return True, bool(own & page.unlike)
    if page.is_text or any(not boxes & other.unlike for other, boxes in others):
        return False, False
    is_unlike = bool(own & page.unlike)
    return is_unlike or not (own <= page.alike or others), is_unlike


def _places(number: str, pages: Sequence[Page]) -> list[tuple[Page, frozenset[Box]]]:
    return [
        (page, frozenset(word.box for word in page.whole.cut(*found.span()).words))
        for page in pages
        for found in NUMBER.finditer(page.whole.text)
        if normal_owner(found[0]) == number
    ]


def _lies_in(box: Box, outer: Box) -> bool:
    return outer[0] <= box[0] and outer[1] <= box[1] and box[2] <= outer[2] and box[3] <= outer[3]
