"""By which profile of the catalogue a document is signed, and where its signer's name is printed."""

from config.models import DESK_COPY, SigningProfile
from domain.fold import fold
from domain.readings import DocumentReading, Word
from pipeline.context import Context
from pipeline.records import Received
from signing.interface import NamePlace

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
