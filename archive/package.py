"""The archived object: which files it holds, and the form of its metadata (docs/package-format.md).

The form is apart from the classes with which papers are worked on: what a release of ten years ago wrote, and what one
of next year will add, is read by these models.  They take what they know and pass over the rest; a format number tells
when that is no longer enough.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

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
from pydantic_core import from_json

from archive.codes.invented import tell_invented
from archive.errors import UnknownFormat, VaultDamaged, damaged
from archive.interface import CodeKind, Identity, Paper, RetiredCode, StoredObject
from domain.clock import VIETNAM
from domain.levels import Level
from domain.messages.told import Told, told
from domain.states import Standing

if TYPE_CHECKING:
    from archive.vault import Vault

FORMAT = "khoso-object-1"
PDF, TEXT, METADATA = "document.pdf", "text.txt", "metadata.json"
_URN = "urn:khoso:"
_ROWS: Mapping[CodeKind, str] = MappingProxyType({"dossier": "dossier", "result": "result_code"})  # of made up codes
_INTEGERS = 2**31  # the widest numbers that a catalogue takes, and the widest marks
_MARKS = 2**63
_YEARS = range(1900, 9000)


def _here(moment: datetime) -> datetime:
    """In Viet Nam's zone, in which a catalogue keeps all times."""
    if moment.year not in _YEARS:
        raise ValueError("no year of an archive")
    return moment.astimezone(VIETNAM)


class _Kept(BaseModel):
    """Permanent data as somebody wrote it: unknown names are no error here."""

    # Built when first needed, for many commands read none.
    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True, allow_inf_nan=False)


class Tolerant(_Kept):
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


class KeptCodes(_Kept):
    """The codes of a paper."""

    dossier: str | None = None
    digitisation: str
    result: str | None = None
    file: str | None = None


class KeptRetired(_Kept):
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


class KeptPaper(_Kept):
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
    archived_at: Annotated[AwareDatetime, AfterValidator(_here)]
    arrived_signed: Literal["trusted", "untrusted"] | None = None
    level: Level | None = None
    renewal_due: date | None = None
    scope: str | None = None
    standing: Standing = "in_force"
    replaced_by: str | None = None
    file_code: str | None = None
    agency: str | None = None
    tied_at: Annotated[AwareDatetime, AfterValidator(_here)] | None = None
    other_owner: bool = False


class KeptWay(Tolerant):
    """How a paper was digitised, as far as it came; what is only shown again stays as it was written."""

    source: str = ""
    scanned_by: str = ""
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
    signed_at: Annotated[datetime, AfterValidator(_here)] | None = None
    sealed_at: Annotated[datetime, AfterValidator(_here)] | None = None
    description: KeptDescription = KeptDescription()
    identity: KeptIdentity = KeptIdentity()

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


class _Metadata(_Kept):
    """``retired`` is None where a release wrote it that knew no retired codes, and made codes up."""

    paper: KeptPaper
    record: KeptRecord
    retired: tuple[KeptRetired, ...] | None = None


class Package(NamedTuple):
    """What one archived object says: of its paper, how that was digitised, and by what it is known again.

    ``retired`` are the codes that the paper bore.
    """

    paper: Paper
    record: KeptRecord
    retired: tuple[RetiredCode, ...]
    identity: Identity


def object_id_of(document_id: str) -> str:
    """The id of the object in which a document lies."""
    return f"{_URN}{document_id}"


def document_of(object_id: str) -> str:
    """The document that lies in an object of this id."""
    return object_id.removeprefix(_URN)


def object_folders(root: Path) -> Iterator[Path]:
    """Where every object of a vault lies, sound or not, in the order of the folders; and what cannot be listed.

    Files lie in objects alone (OCFL 1.1, section 4.4), so that a folder with files is one, whatever it lacks.  A folder
    that the system does not list, or a link, is given as if it were one: whoever reads it is told that it is none.
    """
    if not root.exists():
        return
    unlisted: list[Path] = []
    for base, folders, names in os.walk(root, onerror=lambda error: unlisted.append(Path(error.filename))):
        yield from unlisted
        unlisted.clear()
        if Path(base) == root:
            folders[:] = [name for name in folders if name != "extensions"]
        elif names:
            folders.clear()
            yield Path(base)
        folders.sort()
        yield from (path for path in map(Path(base).joinpath, folders) if path.is_symlink())
    yield from unlisted


def read_package(stored: StoredObject) -> Package:
    """What an object says of its paper; a rebuilt catalogue is made of these.

    Raises:
        UnknownFormat: a newer release wrote it.
        VaultDamaged: it has no metadata, or none that can be read.
    """
    metadata = _metadata(stored)
    if metadata.get("format") != FORMAT:
        raise UnknownFormat("format_unknown", id=stored.id, format=str(metadata.get("format"))[:40])
    try:
        kept = _Metadata.model_validate(metadata)
    except ValidationError as error:
        if {item["type"] for item in error.errors(include_input=False, include_url=False)} == {"literal_error"}:
            raise UnknownFormat("object_unknown_word", id=stored.id, odd=what_is_odd(error)) from None
        raise VaultDamaged("metadata_not_read", id=stored.id, odd=what_is_odd(error)) from None
    paper = Paper.model_validate(kept.paper.model_dump())
    given, gone = tell_invented(kept.record.codes, kept.record.description.fields)
    if kept.retired is None:
        paper = paper.model_copy(update={_ROWS[item.kind]: getattr(given, item.kind) for item in gone})
    else:
        gone = tuple(RetiredCode.model_validate(item.model_dump()) for item in kept.retired)
    return Package(
        paper=paper,
        record=kept.record,
        retired=gone,
        identity=Identity.model_validate(kept.record.identity.model_dump()),
    )


def read_whole(stored: StoredObject) -> Package:
    """What an object says of its paper, when it holds all its files and says it of the paper that lies in it.

    Raises:
        UnknownFormat: a newer release wrote it.
        VaultDamaged: it cannot be read, lacks a file, speaks of another paper, or says two things of one.
    """
    package = read_package(stored)
    lacking = [name for name in (PDF, TEXT) if name not in stored.files]
    if lacking:
        raise VaultDamaged("object_lacks", id=stored.id, lacking=" and no ".join(lacking))
    if not stored.id == package.paper.object_id == object_id_of(package.paper.id):
        raise VaultDamaged("metadata_of_another", id=stored.id)
    if not _agree(package):
        raise VaultDamaged("metadata_two_codes", id=stored.id)
    return package


def _agree(package: Package) -> bool:
    """Whether a paper bears the codes that it was given, but for those that it bears no more.

    One that bears another one's too is told apart by ``#`` and its id.  A dossier, and the result code with it, may be
    stated and taken off later; who is taken out of one gets a file code then.
    """
    paper, given = package.paper, package.record.codes
    gone = {item.code for item in package.retired}
    pairs = [(given.digitisation, paper.digitisation_code), (given.file, paper.file_code)]
    if paper.tied_at is None:
        pairs += [(given.dossier, paper.dossier), (given.result, paper.result_code)]
    same = ((was, now and now.removesuffix(f"#{paper.id}")) for was, now in pairs)
    return all(was == now or was in gone or (was is None and paper.tied_at) for was, now in same)


def record_of(stored: StoredObject) -> dict[str, Any]:
    """The last record of the paper's way as it was written; none when there is none.

    Raises:
        VaultDamaged: the object has no metadata.
    """
    record = _metadata(stored).get("record")
    return record if isinstance(record, dict) else {}


def write_metadata(
    paper: Paper, record: Mapping[str, Any], *, retired: Sequence[RetiredCode] = (), **beside: object
) -> bytes:
    """The metadata file of a new object: the paper, how it was digitised, and what else belongs ``beside`` them."""
    metadata = {"format": FORMAT, "paper": _kept(paper), "retired": _retired(retired), **beside, "record": record}
    return _written(metadata)


def _retired(gone: Iterable[RetiredCode]) -> list[dict[str, Any]]:
    return [KeptRetired.model_validate(item.model_dump(), extra="forbid").model_dump(mode="json") for item in gone]


def revise(
    vault: "Vault",
    stored: StoredObject,
    paper: Paper,
    *,
    stage: str,
    at: datetime,
    who: str,
    message: str,
    pdf: bytes = b"",
    retired: Sequence[RetiredCode] = (),
) -> None:
    """Store what a held paper has become as a new version, with another PDF when one is given (law L1.2).

    ``retired`` are codes that it bears no more from now on.  All former versions stay, and so does what the metadata
    hold beyond what this release knows.
    """
    metadata = _metadata(stored)
    metadata["retired"] = _retired((*read_package(stored).retired, *retired))
    metadata["paper"] = {**metadata["paper"], **_kept(paper)}
    before = metadata.get("history")
    metadata["history"] = [
        *(before if isinstance(before, list) else [before] if before else []),
        {"stage": stage, "outcome": "passed", "at": str(at)},
    ]
    changed = {METADATA: _written(metadata)}
    if pdf:
        changed[PDF] = pdf
    vault.add_version(stored.id, changed, created=at, who=who, message=message)


def _written(metadata: Mapping[str, Any]) -> bytes:
    return json.dumps(metadata, ensure_ascii=False, indent=1, allow_nan=False).encode()  # NaN is no JSON


def _kept(paper: Paper) -> dict[str, Any]:
    # Forbidden, not ignored: what a paper gains must be given its place in the permanent form, or nothing is written.
    return KeptPaper.model_validate(paper.model_dump(), extra="forbid").model_dump(mode="json")


def _metadata(stored: StoredObject) -> dict[str, Any]:
    try:
        metadata = from_json(stored.files[METADATA].read_bytes(), allow_inf_nan=False)
    except KeyError:
        raise VaultDamaged("object_lacks", id=stored.id, lacking=METADATA) from None
    except (OSError, ValueError) as error:
        raise damaged(told("metadata_of", id=stored.id), error, str(error)) from None
    if not isinstance(metadata, dict):
        raise VaultDamaged("metadata_no_object", id=stored.id)
    return metadata


def what_is_odd(error: ValidationError) -> str:
    """Which item is wrong; its value may be a citizen's and is left out."""
    first = error.errors(include_input=False, include_url=False)[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
