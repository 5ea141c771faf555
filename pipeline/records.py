"""What the stages hand on: small, frozen, versioned; names and digests, never bytes.

Each record is the one before it and what its stage found out, so a document's last record tells its whole way.
Files are named within the document's work folder and checked by digest when a stage reads them.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal, Self, TypeVar, get_args

from pydantic import Field, SecretStr, ValidationError
from pydantic_core import from_json

from archive.codes.invented import tell_invented
from archive.interface import Codes, Identity, RetiredCode
from archive.package import what_is_odd
from archive.papers.forms import KeptCodes, KeptWay, Tolerant
from config.copies import Presented
from config.models import DESK_COPY
from domain.events import Actor
from domain.levels import Level
from domain.messages.told import Told
from domain.readings import Description, FieldName, FieldReading, FieldSource
from domain.record import Frozen
from pipeline.errors import RecordUnreadable
from signing.interface import MarkPlace, SignatureVerdict

Media = Literal["pdf", "jpeg", "png", "tiff"]
ASKABLE = ("type", *get_args(FieldName))


class File(Frozen):
    """A file of the work folder (or of the inbox) with its digest."""

    name: str
    sha256: str


class Decision(Frozen):
    """What a person decided about a scan that the rules alone would not take: who, when and why.

    ``resolution``: it is taken though it has too few dots; ``paper``: the size of its sheets, ``value`` being one of
    ``pipeline.scans.sizes.PAPERS``; ``secrecy``: what was seen (``value``: in the manifest, on the paper) is no secret;
    ``password``: one opened it; ``value`` tells whether it had to be repaired then, or is damaged, ``told`` how.
    """

    about: Literal["resolution", "paper", "password", "secrecy"]
    value: str = ""
    reason: str = ""
    who: str
    at: datetime
    told: Told | None = None


class Statement(Frozen):
    """What the manifest says of a file: it outranks what is read on the paper.

    ``accept`` with its ``reason``, and ``paper``, become decisions of whoever puts the file in.  ``password`` is in no
    record.  ``officer``: who signs the copy, where whoever puts the file in does not.  ``box`` and ``position``: where
    the sheets lie.  ``rescan_of``: of which document it is a new scan; ``rescan_guessed``: only name and place say so.
    ``secrecy``: the degree of a secret paper.  ``presented``: as what it was handed in.
    """

    dossier: str | None = None
    type_code: str | None = None
    signing: str | None = None
    accept: Literal["resolution"] | None = None
    reason: str = ""
    paper: str | None = None
    officer: str | None = None
    secrecy: str | None = None
    presented: Presented | None = None
    password: SecretStr | None = Field(default=None, exclude=True)
    box: str = ""
    position: str = ""
    rescan_of: str = ""
    rescan_guessed: bool = False
    fields: dict[FieldName, str] = Field(default_factory=dict)


class Source(Frozen):
    """A file that somebody puts in, and what the manifest says of it.

    ``path`` is as it is shown; ``raw_path`` is given when the name is no UTF-8.  ``sha256``: somebody read it a moment
    ago, and this was its digest.  ``within``: see ``Received``.
    """

    path: str
    raw_path: bytes | None = None
    sha256: str | None = None
    batch_id: str
    statement: Statement = Statement()
    within: str | None = None


class Received(Frozen):
    """A scan as it came, safe in the inbox; ``unlocked`` is the same without its password, beside it.

    ``within``: the agency into whose dossiers, and those of agencies below it, the paper may come by the word of who
    put it in or released it; None: into all.  ``scanned_by``: who put it in; ``officer``: who signs the copy, once that
    is known, in a store with several officers.  Earlier releases kept neither.  ``rescan_of``: see ``Statement``; the
    guess is one until a person confirmed it.
    """

    version: Literal[1] = 1
    document_id: str
    batch_id: str
    part: int = 1
    source: str
    media: Media
    scan: File
    received_at: datetime
    statement: Statement = Statement()
    unlocked: File | None = None
    decisions: tuple[Decision, ...] = ()
    within: str | None = None
    scanned_by: str = ""
    officer: str = ""
    rescan_of: str = ""
    rescan_guessed: bool = False

    def decided(self, about: str) -> Decision | None:
        """The newest decision about something, if there is one."""
        return next((item for item in reversed(self.decisions) if item.about == about), None)

    @classmethod
    def after(cls, before: "Received", **found: object) -> Self:
        """This record, made of the one before it and what the stage found out."""
        return cls.model_validate({**{name: getattr(before, name) for name in type(before).model_fields}, **found})


class PageFacts(Frozen):
    """A page of a scan; ``number`` counts in the file as it came.

    ``dpi`` 0 and ``colour`` None: the page is not mostly an image.  ``ink`` is the inked share of the page;
    ``sharpness`` 1 is a sharp print, below 0.45 it is hard to read.
    """

    number: int
    width: int
    height: int
    dpi: int
    colour: Literal["bitonal", "grey", "colour"] | None
    ink: float
    sharpness: float
    is_blank: bool


class Stack(Frozen):
    """What a paper that was cut out of a stack must know of it; ``sheets`` are the pages that were separator sheets."""

    parts: int
    sheets: tuple[int, ...]
    original: File


class Prepared(Received):
    """The pages as a PDF with the pixels of the original, without blank ones; ``dpi`` is the lowest of the pages.

    ``facts`` has every page of the paper, blank ones too.  ``barcodes`` are the fields that separator sheets and QR
    codes state.  ``signatures`` are those with which the paper arrived; where there are any, the PDF is the file as it
    came, and no stage writes it anew (docs/decisions/0005).
    """

    pdf: File
    pages: int
    dpi: int
    remarks: tuple[Told, ...] = ()
    facts: tuple[PageFacts, ...] = ()
    barcodes: dict[FieldName, FieldReading] = Field(default_factory=dict)
    stack: Stack | None = None
    signatures: tuple[SignatureVerdict, ...] = ()


class Recognized(Prepared):
    """The PDF with a text layer, the words with boxes and confidences, the plain text.

    ``fresh`` are the pages that were read from their pixels; None in records written before this was kept.
    ``is_laid``: whether the text could be laid under these pages of the file as it is.
    """

    searchable: File
    words: File
    text: File
    confidence: float
    fresh: tuple[int, ...] | None = None
    is_laid: bool = True


class Conformed(Recognized):
    """Proven PDF/A-2b; ``flavour`` is None for a paper that arrived signed and is not.

    ``image_key``: how the first page looks (see ``pipeline.recognition.page_key``).  ``step``: the rung of the ladder
    that was needed (see ``pipeline.ladder``); ``likeness``: how like the original its pages look at their worst place.
    """

    pdfa: File
    flavour: Literal["2b"] | None = "2b"
    image_key: str | None = None
    step: Literal["as_it_is", "cleaned", "rewritten", "drawn"] = "as_it_is"
    likeness: float | None = None


class Signed(Conformed):
    """The copy, signed by the person who made it, before any field is extracted (law L2.4).

    ``signed_at`` is None for a paper that arrived signed: it is no copy.  ``marks``: where the marks of both signatures
    stand; ``signing``: the profile by which they are made.  ``signed_by``: the officer, and ``seal``: the key for which
    the field of the agency was made; both of the tables, and empty where the store has none.
    """

    copy_pdf: File
    signed_at: datetime | None
    marks: tuple[MarkPlace, ...] = ()
    signing: str = DESK_COPY
    signed_by: str = ""
    seal: str = ""


class Correction(Frozen):
    """What a person said of a field at review, by the paper or a manifest: before, after, who said so, when, and why.

    ``changed``: it was read as something else; ``filled``: it was not known; ``confirmed``: it was read rightly.
    """

    field: str
    how: Literal["changed", "filled", "confirmed"]
    before: str
    after: str
    who: str
    at: datetime
    reason: str = ""
    source: FieldSource = "person"


class Described(Signed):
    """Type and fields, and what a person should look at; ``apart_from`` are documents that a person told apart.

    ``replaces``: the paper that ceases to count when this one is archived, of which it is a longer scan; ``placed_by``:
    who decided that, unless an earlier release wrote it.  ``other_owner``: the dossier of somebody else in which the
    paper is, as a person confirmed.
    """

    description: Description
    doubts: tuple[Told, ...]
    confirmed_by: str | None = None
    apart_from: tuple[str, ...] = ()
    replaces: str | None = None
    placed_by: Actor | None = None
    other_owner: str | None = None
    corrections: tuple[Correction, ...] = ()


def asked_of(doubts: Sequence[Told]) -> tuple[str, ...]:
    """What a person is asked: ``type`` and the fields that the doubts name, in their order.

    The one list for both sides: ``review`` shows it, and ``confirm`` confirms it and nothing else.
    """
    names = (doubt.about for doubt in doubts)
    return tuple(dict.fromkeys(name for name in names if name in ASKABLE))


class Reviewed(Described):
    """Nothing is in doubt any more; ``identity`` is by what the paper will be known again."""

    identity: Identity = Identity()


class Coded(Reviewed):
    """The standard codes (law table 2B)."""

    codes: Codes


class Sealed(Coded):
    """The copy with the agency's signature and time stamp; a paper that arrived signed gets none.

    ``sealed_by``: the clerk of the agency, where the store has a table of seals.  ``roots``: the SHA-256 of the root
    certificates that were trusted then, should those be lost with the keys.
    """

    sealed_pdf: File
    sealed_at: datetime | None
    sealed_by: str = ""
    roots: tuple[str, ...] = ()


class Extended(Sealed):
    """``sealed_pdf`` at its level, and when its archive time stamp is to be renewed; none of what arrived signed."""

    level: Level | None = None
    renewal_due: date | None = None


class Archived(Extended):
    """Held by the vault and entered in the catalogue; ``None`` means for ever."""

    object_id: str
    retention_class: str
    retention_until: int | None
    valid_until: date | None
    archived_at: datetime
    outbox: int


class Indexed(Archived):
    """Findable."""


_Record = TypeVar("_Record", bound=Received)


def read_record(kind: type[_Record], document_id: str, text: str) -> _Record:
    """The record of a document in the ledger; names that another release wrote into it are passed over.

    Raises:
        RecordUnreadable: it lacks what this release needs, or says it in another way.
    """
    try:
        return kind.model_validate(_values(text), extra="ignore")
    except ValidationError as error:
        odd = what_is_odd(error)
    except ValueError:
        odd = "JSON?"
    raise RecordUnreadable(id=document_id, odd=odd)


def _values(text: str) -> Any:
    """What a record says.

    Raises:
        ValueError: it is no JSON.
    """
    return from_json(text, allow_inf_nan=False)


class ShownStatement(Tolerant):
    """As much of what was stated of a paper as its place depends on."""

    dossier: str | None = None
    box: str = ""
    position: str = ""


class ShownRecord(KeptWay):
    """As much of a record as can be read, to be shown: ``odd`` names what cannot."""

    scan: File | None = None
    pdf: File | None = None
    searchable: File | None = None
    pdfa: File | None = None
    copy_pdf: File | None = None
    sealed_pdf: File | None = None
    text: File | None = None
    pages: int | None = None
    doubts: tuple[Told, ...] = ()
    codes: KeptCodes | None = None
    statement: ShownStatement = ShownStatement()
    within: str | None = None
    other_owner: str | None = None

    @property
    def belongs(self) -> str | None:
        """The dossier to which the paper belongs, as somebody stated it; without one, the agency it came by."""
        return self.dossier or self.within

    @property
    def dossier(self) -> str | None:
        """The dossier of the paper, as somebody stated it; not what an earlier release made up, nor what was read."""
        if self.codes is not None:
            return self.true_codes[0].dossier
        read = self.description.fields.get("dossier_code")
        return read.value if read and read.source != "paper" else self.statement.dossier

    @property
    def true_codes(self) -> tuple[Codes, tuple[RetiredCode, ...]]:
        """The codes of a paper that has some, and those that an earlier release made up for it."""
        assert self.codes is not None  # noqa: S101 (whoever asks has looked)
        # Of a description that cannot be read nobody knows what was stated: what it says counts as made up.
        return tell_invented(self.codes, self.description.fields)

    @property
    def description_is_read(self) -> bool:
        """Whether it is known which fields the paper has."""
        return not {"description", "description.fields"}.intersection(self.odd)

    @property
    def newest(self) -> File | None:
        """The newest PDF that the paper has."""
        made = (self.sealed_pdf, self.copy_pdf, self.pdfa, self.searchable, self.pdf)
        return next((item for item in made if item is not None), None)


def shown_record(text: str) -> ShownRecord:
    """What a record of the ledger says, of whatever release and in whatever state."""
    try:
        return ShownRecord.model_validate(_values(text), extra="ignore")
    except ValueError:  # no JSON, or no object
        return ShownRecord().model_copy(update={"unreadable": ("record",)})
