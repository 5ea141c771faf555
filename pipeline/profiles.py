"""By which profile and at which level a document is signed, where its signer's name stands, when its proof ends."""

from collections.abc import Iterable
from datetime import date

from config.models import DESK_COPY, Catalogues, SigningProfile
from config.signing import KeyPlace
from domain.fold import fold
from domain.levels import Level, renewal_due
from domain.readings import DocumentReading, Word
from pipeline.context import Context
from pipeline.extraction.layout import Passage, lay_out
from pipeline.records import Coded, Received
from signing.interface import NamePlace, Provable
from signing.marks.ink import Heading, HeadingPart

_TOP = 0.15  # of the page: where headings stand
_ISSUER = 0.08  # of the page: four lines of an issuer and a number
_ROOM, _MOST_ROOM = 4.0, 8.0  # lines left for a signature: where no title is read above the name, and at most


def profile_of(record: Received, type_code: str | None, ctx: Context) -> SigningProfile:
    """What the manifest names, else what the type asks for, else a desk copy."""
    asked = ctx.catalogues.type(type_code).signing if type_code else None
    return ctx.catalogues.signing_profile(record.statement.signing or asked or DESK_COPY)


def name_place(reading: DocumentReading, person: str) -> NamePlace | None:
    """Where the person's name is printed last; None when it is not."""
    wanted = fold(person).split()
    for page in reversed(reading.pages):
        words = [fold(word.text).strip(".,;:()") for word in page.words]
        for first in range(len(words) - len(wanted), -1, -1):
            if words[first : first + len(wanted)] == wanted:
                return _place(page.number, page.words[first : first + len(wanted)], page.words)
    return None


def _place(number: int, name: tuple[Word, ...], words: tuple[Word, ...]) -> NamePlace:
    left, right = min(word.box[0] for word in name), max(word.box[2] for word in name)
    top, bottom = min(word.box[1] for word in name), max(word.box[3] for word in name)
    height = bottom - top
    farthest = top - _MOST_ROOM * height
    above = [
        word.box[3] for word in words if farthest < word.box[3] <= top and word.box[0] < right and word.box[2] > left
    ]
    return NamePlace(number, (left + right) / 2, top, max(above, default=top - _ROOM * height))


def heading_of(reading: DocumentReading) -> Heading:
    """The words of page one that no mark may cover: national heading, motto, issuer and number (law 4B, zones 1 to 3).

    Where the heading was not read, everything on top counts.
    """
    if not reading.pages:
        return ()
    page = lay_out(reading.pages[0])
    parts: list[Passage | None] = []
    if page.heading:
        end = page.heading.box[1] + _ISSUER
        issuer = (piece for piece in page.left_column() if piece.box[1] < end)
        parts = [page.heading, page.below(page.heading), *issuer]
    words = [word.box for part in parts if part for word in part.words]
    return [HeadingPart(*box) for box in words or [word.box for word in page.whole.words if word.box[1] < _TOP]]


def level_of(coded: Coded, places: Iterable[KeyPlace], ctx: Context) -> Level:
    """The level that the document's type asks for, as far as the installation reaches with the keys that sign it."""
    type_ = ctx.catalogues.type(coded.description.type_code or "")
    return ctx.settings.signing.level_for(type_.level, places)


def due_date(given: Provable, catalogues: Catalogues) -> date | None:
    """When the archive time stamp is to be renewed; None for a file that has none."""
    if given.certificates_end is None:
        return None
    return renewal_due([given.certificates_end, *(catalogues.algorithm_end(*item) for item in given.strengths)])
