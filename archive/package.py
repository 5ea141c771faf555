"""The archived object: which files it holds, and the form of its metadata (docs/package-format.md).

The form is apart from the classes with which papers are worked on: what a release of ten years ago wrote, and what one
of next year will add, is read by these models.  They take what they know and pass over the rest; a format number tells
when that is no longer enough.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from archive.errors import UnknownFormat, VaultDamaged
from archive.interface import Codes, Identity, Paper, StoredObject

if TYPE_CHECKING:
    from archive.vault import Vault

FORMAT = "khoso-object-1"
PDF, TEXT, METADATA = "document.pdf", "text.txt", "metadata.json"


class _Kept(BaseModel):
    """Permanent data as somebody wrote it: unknown names are no error here."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class KeptField(_Kept):
    """A field of the description: its value, how sure it was, and where it was read."""

    value: str
    confidence: float = 0.0
    page: int | None = None
    box: tuple[float, float, float, float] | None = None
    source: str = "paper"


class KeptDescription(_Kept):
    """Type and fields (law L2.5)."""

    type_code: str | None = None
    fields: dict[str, KeptField] = Field(default_factory=dict)


class KeptRecord(_Kept):
    """How the paper was digitised; what is only shown again stays as it was written."""

    source: str = ""
    part: int = 1
    stack: dict[str, Any] | None = None
    remarks: tuple[str, ...] = ()
    decisions: tuple[dict[str, Any], ...] = ()
    facts: tuple[dict[str, Any], ...] = ()
    signatures: tuple[dict[str, Any], ...] = ()
    marks: tuple[dict[str, Any], ...] = ()
    signing: str | None = None
    confidence: float = 0.0
    flavour: str | None = None
    step: str = "as_it_is"
    likeness: float | None = None
    signed_at: datetime | None = None
    sealed_at: datetime | None = None
    description: KeptDescription = KeptDescription()
    codes: Codes
    identity: Identity = Identity()


class Package(_Kept):
    """The metadata of one archived object."""

    paper: Paper
    record: KeptRecord


def read_package(stored: StoredObject) -> Package:
    """What an object says of its paper; a rebuilt catalogue is made of these.

    Raises:
        UnknownFormat: a newer release wrote it.
        VaultDamaged: it has no metadata, or none that can be read.
    """
    metadata = _metadata(stored)
    if metadata.get("format") != FORMAT:
        raise UnknownFormat(f"{stored.id} is written in the unknown format {metadata.get('format')!r}")
    try:
        return Package.model_validate(metadata, extra="ignore")
    except ValidationError as error:
        raise VaultDamaged(f"The metadata of {stored.id} cannot be read ({_first(error)})") from None


def record_of(stored: StoredObject) -> dict[str, Any]:
    """The last record of the paper's way as it was written; none when there is none.

    Raises:
        VaultDamaged: the object has no metadata.
    """
    record = _metadata(stored).get("record")
    return record if isinstance(record, dict) else {}


def write_metadata(paper: Paper, record: Mapping[str, Any], **beside: object) -> bytes:
    """The metadata file of a new object: the paper, how it was digitised, and what else belongs ``beside`` them."""
    metadata = {"format": FORMAT, "paper": paper.model_dump(mode="json"), **beside, "record": record}
    return json.dumps(metadata, ensure_ascii=False, indent=1).encode()


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
) -> None:
    """Store what a held paper has become as a new version, with another PDF when one is given (law L1.2).

    All former versions stay, and so does what the metadata hold beyond what this release knows.
    """
    metadata = _metadata(stored)
    metadata["paper"] = {**metadata["paper"], **paper.model_dump(mode="json")}
    metadata["history"] = [*metadata.get("history", []), {"stage": stage, "outcome": "passed", "at": str(at)}]
    changed = {METADATA: json.dumps(metadata, ensure_ascii=False, indent=1).encode()}
    if pdf:
        changed[PDF] = pdf
    vault.add_version(stored.id, changed, created=at, who=who, message=message)


def _metadata(stored: StoredObject) -> dict[str, Any]:
    try:
        metadata = json.loads(stored.files[METADATA].read_text(encoding="utf-8"))
    except (OSError, KeyError, ValueError, RecursionError) as error:
        raise VaultDamaged(f"The metadata of {stored.id} cannot be read ({error})") from None
    if not isinstance(metadata, dict):
        raise VaultDamaged(f"The metadata of {stored.id} are no object")
    return metadata


def _first(error: ValidationError) -> str:
    """Which item is wrong; its value may be a citizen's and is left out."""
    first = error.errors(include_input=False, include_url=False)[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
