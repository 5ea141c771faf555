"""What the stages hand on: small, frozen, versioned; names and digests, never bytes.

Each record is the one before it and what its stage found out, so a document's last record tells its whole way.
Files are named within the document's work folder and checked by digest when a stage reads them.
"""

from datetime import date, datetime
from typing import Literal, Self

from pydantic import Field

from archive.interface import Codes
from domain.readings import Description, FieldName, Frozen

Media = Literal["pdf", "jpeg", "png", "tiff"]


class File(Frozen):
    """A file of the work folder (or of the inbox) with its digest."""

    name: str
    sha256: str


class Statement(Frozen):
    """What the manifest says of a file: it outranks what is read on the paper."""

    dossier: str | None = None
    type_code: str | None = None
    fields: dict[FieldName, str] = Field(default_factory=dict)


class Source(Frozen):
    """A file that somebody puts in, and what the manifest says of it."""

    path: str
    batch_id: str
    statement: Statement = Statement()


class Received(Frozen):
    """A scan as it came, safe in the inbox."""

    version: Literal[1] = 1
    document_id: str
    batch_id: str
    part: int = 1
    source: str
    media: Media
    scan: File
    received_at: datetime
    statement: Statement = Statement()

    @classmethod
    def after(cls, before: "Received", **found: object) -> Self:
        """This record, made of the one before it and what the stage found out."""
        return cls.model_validate({**{name: getattr(before, name) for name in type(before).model_fields}, **found})


class Prepared(Received):
    """The pages as a PDF with the pixels of the original; ``dpi`` is the lowest of the pages."""

    pdf: File
    pages: int
    dpi: int
    remarks: tuple[str, ...] = ()


class Recognized(Prepared):
    """The PDF with a text layer, the words with boxes and confidences, the plain text."""

    searchable: File
    words: File
    text: File
    confidence: float


class Conformed(Recognized):
    """Proven PDF/A-2b."""

    pdfa: File
    flavour: Literal["2b"] = "2b"


class Signed(Conformed):
    """The copy, signed by the person who made it, before any field is extracted (law L2.4)."""

    copy_pdf: File
    signed_at: datetime


class Described(Signed):
    """Type and fields, and what a person should look at."""

    description: Description
    doubts: tuple[str, ...]
    confirmed_by: str | None = None


class Reviewed(Described):
    """Nothing is in doubt any more."""


class Coded(Reviewed):
    """The standard codes (law table 2B)."""

    codes: Codes


class Sealed(Coded):
    """The copy with the agency's signature and time stamp."""

    sealed_pdf: File
    sealed_at: datetime


class Archived(Sealed):
    """Held by the vault and entered in the catalogue; ``None`` means for ever."""

    object_id: str
    retention_class: str
    retention_until: int | None
    valid_until: date | None
    archived_at: datetime
    outbox: int


class Indexed(Archived):
    """Findable."""
