"""The permanent form of an object's metadata, apart from the classes with which papers are worked on.

What a release of ten years ago wrote, and what one of next year will add, is read by these models: they take what they
know and pass over the rest.
"""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    model_validator,
)

from archive.interface import CodeKind
from domain.clock import VIETNAM
from domain.levels import Level
from domain.messages.told import Told
from domain.roles import OwnersLine
from domain.states import Standing

_INTEGERS = 2**31  # the widest numbers that a catalogue takes, and the widest marks
_MARKS = 2**63
_YEARS = range(1900, 9000)


def as_kept_here(moment: datetime) -> datetime:
    """In Viet Nam's zone, in which a catalogue keeps all times."""
    if moment.year not in _YEARS:
        raise ValueError("no year of an archive")
    return moment.astimezone(VIETNAM)


class Permanent(BaseModel):
    """Permanent data as somebody wrote it: unknown names are no error here."""

    # Built when first needed, for many commands read none.
    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True, allow_inf_nan=False)


class Tolerant(Permanent):
    """Data that are good for something even when an optional item is odd: it is passed over, and named."""

    unreadable: tuple[str, ...] = Field(default=(), exclude=True)

    @model_validator(mode="wrap")
    @classmethod
    def _pass_over(cls, data: Any, handler: ModelWrapValidatorHandler["Tolerant"]) -> "Tolerant":
        if not isinstance(data, dict):
            return handler(data)
        known = {name: value for name, value in data.items() if name != "unreadable"}
        try:
            return handler(known)
        except ValidationError as error:
            odd = {str(item["loc"][0]) for item in error.errors(include_input=False, include_url=False)}
            if any(cls.model_fields[name].is_required() for name in odd):
                raise
            rest = {name: value for name, value in known.items() if name not in odd}
            return handler({**rest, "unreadable": tuple(sorted(odd))})


class KeptField(Tolerant):
    """A field of the description: its value, how sure it was, and where it was read."""

    value: str = ""
    confidence: float = 0.0
    page: int | None = None
    box: tuple[float, float, float, float] | None = None
    source: str = "paper"


class KeptDescription(Tolerant):
    """Type and fields (law L2.5)."""

    type_code: str | None = None
    fields: dict[str, KeptField] = Field(default_factory=dict)


class KeptStack(Tolerant):
    """The file out of which a paper was cut: into how many."""

    parts: int | None = None


class KeptCodes(Permanent):
    """The codes of a paper."""

    dossier: str | None = None
    digitisation: str
    result: str | None = None
    file: str | None = None


class KeptRetired(Permanent):
    """A code that a paper bore."""

    kind: CodeKind
    code: str
    instead: str | None = None
    why: Literal["invented", "corrected"]


class KeptIdentity(Tolerant):
    """By what a paper is known again; what is odd is passed over, and the paper known by the rest."""

    business_key: str | None = None
    image_key: Annotated[str, Field(pattern="^[0-9a-f]{1,64}$")] | None = None
    marks: tuple[Annotated[int, Field(ge=-_MARKS, lt=_MARKS)], ...] = ()
    in_common: int = Field(default=1, ge=1, lt=_INTEGERS)


class KeptPaper(Permanent):
    """The row of the catalogue.  What it says counts, so none of it is passed over when it is odd.

    Until when it holds and is kept must be said: None means for ever.
    """

    id: str
    sha256: str
    type_code: str
    owner_id: str
    dossier: str | None
    digitisation_code: str
    result_code: str | None = None
    number_symbol: str | None = None
    issued: date | None = None
    issuer: str | None = None
    title: str | None = None
    abstract: str | None = None
    owner_name: str | None = None
    valid_until: date | None
    pages: int = Field(ge=0, lt=_INTEGERS)
    retention_class: str
    retention_until: Annotated[int, Field(ge=0, lt=_INTEGERS)] | None
    object_id: str
    pdf_sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    archived_at: Annotated[AwareDatetime, AfterValidator(as_kept_here)]
    arrived_signed: Literal["trusted", "untrusted"] | None = None
    level: Level | None = None
    renewal_due: date | None = None
    scope: str | None = None
    standing: Standing = "in_force"
    replaced_by: str | None = None
    file_code: str | None = None
    agency: str | None = None
    tied_at: Annotated[AwareDatetime, AfterValidator(as_kept_here)] | None = None
    other_owner: bool = False
    owner_role: str | None = None
    further_owners: OwnersLine | None = None


class KeptSaying(Permanent):
    """What a person said of a field at review: before, after, and why."""

    field: str
    how: str
    before: str = ""
    after: str = ""
    who: str
    at: Annotated[AwareDatetime, AfterValidator(as_kept_here)]
    reason: str = ""


class KeptWay(Tolerant):
    """How a paper was digitised, as far as it came; what is only shown again stays as it was written."""

    source: str = ""
    scanned_by: str = ""
    rescan_of: str = ""
    part: int = 1
    stack: KeptStack | None = None
    remarks: tuple[Told, ...] = ()
    decisions: tuple[dict[str, Any], ...] = ()
    facts: tuple[dict[str, Any], ...] = ()
    signatures: tuple[dict[str, Any], ...] = ()
    marks: tuple[dict[str, Any], ...] = ()
    signing: str | None = None
    confidence: float = 0.0
    flavour: str | None = None
    step: str = "as_it_is"
    likeness: float | None = None
    signed_at: Annotated[datetime, AfterValidator(as_kept_here)] | None = None
    sealed_at: Annotated[datetime, AfterValidator(as_kept_here)] | None = None
    description: KeptDescription = KeptDescription()
    identity: KeptIdentity = KeptIdentity()
    corrections: tuple[KeptSaying, ...] = ()

    @property
    def odd(self) -> tuple[str, ...]:
        """Where it holds what this release cannot read, such as ``description.fields.issuer.value``."""
        inside: list[tuple[str, Tolerant]] = [("", self), ("description.", self.description)]
        inside += [(f"description.fields.{name}.", item) for name, item in self.description.fields.items()]
        inside += [("identity.", self.identity), *([("stack.", self.stack)] if self.stack else [])]
        return tuple(f"{place}{name}" for place, item in inside for name in item.unreadable)


class KeptRecord(KeptWay):
    """How an archived paper was digitised."""

    codes: KeptCodes


class KeptChange(Permanent):
    """A field that was put right: what it said before, and what it says since; None: nothing."""

    field: str
    old: str | None = None
    new: str | None = None


class KeptCorrection(Permanent):
    """What a person put right of an archived paper, when, in which role, and why; ``case``: at whose request."""

    at: Annotated[AwareDatetime, AfterValidator(as_kept_here)]
    who: str
    office: str = ""
    role: str = ""
    reason: str
    case: int | None = None
    changes: tuple[KeptChange, ...]


def certified_file(office: str, year: int, number: int) -> str:
    """How the file of a certified copy is called in its paper's object."""
    return f"certified/{office}-{year}-{number}.pdf"


class KeptCertified(Permanent):
    """A certified copy that was made of the paper: what stands in the book (law L1.12), and its ``file`` beside it.

    ``sha256`` is the file's; ``of`` that of the copy before any signature, of which it was made.
    """

    office: str
    year: int = Field(ge=1900, lt=9000)
    number: int = Field(ge=1, lt=_INTEGERS)
    book: str
    at: Annotated[AwareDatetime, AfterValidator(as_kept_here)]
    done_at: Annotated[AwareDatetime, AfterValidator(as_kept_here)]
    who: str
    signer: str
    dossier: str
    component: str = ""
    code: str
    pages: int = Field(ge=0, lt=_INTEGERS)
    of: str
    file: str
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class KeptStep(Permanent):
    """What somebody decided of a paper that may be secret: ``withdrawn``, what he said it is, or ``given_back``."""

    word: Literal["withdrawn", "secret", "not_secret", "given_back"]
    at: Annotated[AwareDatetime, AfterValidator(as_kept_here)]
    who: str
    office: str = ""
    role: str = ""
    reason: str = ""
