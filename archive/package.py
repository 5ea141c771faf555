"""The archived object: which files it holds, and the form of its metadata (docs/package-format.md).

The form is apart from the classes with which papers are worked on: what a release of ten years ago wrote, and what one
of next year will add, is read by these models.  They take what they know and pass over the rest; a format number tells
when that is no longer enough.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import ValidationError
from pydantic_core import from_json

from archive.codes.invented import tell_invented
from archive.errors import ObjectErased, ObjectWithdrawn, UnknownFormat, VaultDamaged, damaged
from archive.interface import CodeKind, Identity, Paper, RetiredCode, StoredObject
from archive.papers.forms import (
    KeptCertified,
    KeptCorrection,
    KeptField,
    KeptIdentity,
    KeptPaper,
    KeptRecord,
    KeptRetired,
    KeptStep,
    Permanent,
)
from domain.clock import VIETNAM
from domain.messages.told import told

if TYPE_CHECKING:
    from archive.vault import Vault

FORMAT = "khoso-object-1"
WITHDRAWN, ERASED = "khoso-withdrawn-1", "khoso-erased-1"  # whoever does not know these words reads nothing
PDF, TEXT, METADATA = "document.pdf", "text.txt", "metadata.json"
CORRECTED = "correction"
"""``source`` of a field that a person put right after the paper was archived."""

_URN = "urn:khoso:"
_NEVER = datetime(1900, 1, 1, tzinfo=VIETNAM)
_ROWS: Mapping[CodeKind, str] = MappingProxyType({"dossier": "dossier", "result": "result_code"})  # of made up codes


class _Metadata(Permanent):
    """``retired`` is None where a release wrote it that knew no retired codes, and made codes up.

    ``identity`` is by what the paper is known again since it was put right; None: it is as its record says.
    """

    paper: KeptPaper
    record: KeptRecord
    retired: tuple[KeptRetired, ...] | None = None
    corrections: tuple[KeptCorrection, ...] = ()
    identity: KeptIdentity | None = None
    secrecy: tuple[KeptStep, ...] = ()
    certified: tuple[KeptCertified, ...] = ()


class Package(NamedTuple):
    """What one archived object says: of its paper, how that was digitised, and by what it is known again.

    ``retired`` are the codes that the paper bore.  The description of ``record`` is as it is by ``corrections``.
    ``secrecy``: what was decided since it was archived of whether it is secret.  ``certified`` are the certified copies
    that were made of it.
    """

    paper: Paper
    record: KeptRecord
    retired: tuple[RetiredCode, ...]
    identity: Identity
    corrections: tuple[KeptCorrection, ...] = ()
    secrecy: tuple[KeptStep, ...] = ()
    certified: tuple[KeptCertified, ...] = ()

    @property
    def is_withdrawn(self) -> bool:
        """Whether it is kept apart, for it may be secret."""
        return bool(self.secrecy) and self.secrecy[-1].word != "given_back"

    def decided_at(self, word: str) -> datetime:
        """When that was decided last; the beginning of times, when it never was."""
        return max((item.at for item in self.secrecy if item.word == word), default=_NEVER)


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


def read_package(stored: StoredObject, *, withdrawn: bool = False) -> Package:
    """What an object says of its paper; a rebuilt catalogue is made of these.

    Args:
        stored: the object.
        withdrawn: whether it is read for what is decided about it, although it may be withdrawn as secret.

    Raises:
        ObjectErased, ObjectWithdrawn: it was found secret, and nobody is told what it says.
        UnknownFormat: a newer release wrote it.
        VaultDamaged: it has no metadata, or none that can be read.
    """
    metadata = _metadata(stored)
    if metadata.get("format") == ERASED:
        raise ObjectErased("object_erased", id=stored.id)
    if metadata.get("format") == WITHDRAWN and not withdrawn:
        raise ObjectWithdrawn("object_withdrawn", id=stored.id)
    if metadata.get("format") not in (FORMAT, WITHDRAWN):  # whatever stands there, also what has no hash
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
        record=_put_right(kept.record, kept.corrections),
        retired=gone,
        identity=Identity.model_validate((kept.identity or kept.record.identity).model_dump()),
        corrections=kept.corrections,
        secrecy=kept.secrecy,
        certified=kept.certified,
    )


def _put_right(record: KeptRecord, corrections: Sequence[KeptCorrection]) -> KeptRecord:
    """The record with the type and the fields that people put right since."""
    type_code, fields = record.description.type_code, dict(record.description.fields)
    for change in (change for item in corrections for change in item.changes):
        if change.field == "type":
            type_code = change.new
        elif change.new is None:
            fields.pop(change.field, None)
        else:
            fields[change.field] = KeptField(value=change.new, confidence=1.0, source=CORRECTED)
    description = record.description.model_copy(update={"type_code": type_code, "fields": fields})
    return record.model_copy(update={"description": description})


def read_whole(stored: StoredObject, *, withdrawn: bool = False) -> Package:
    """What an object says of its paper, when it holds all its files and says it of the paper that lies in it.

    Raises:
        ObjectErased, ObjectWithdrawn: see ``read_package``.
        UnknownFormat: a newer release wrote it.
        VaultDamaged: it cannot be read, lacks a file, speaks of another paper, or says two things of one.
    """
    package = read_package(stored, withdrawn=withdrawn)
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
    correction: KeptCorrection | None = None,
    identity: Identity | None = None,
    step: KeptStep | None = None,
    certified: tuple[KeptCertified, bytes] | None = None,
) -> None:
    """Store what a held paper has become as a new version, with another PDF when one is given (law L1.2).

    ``retired`` are codes that it bears no more from now on, ``correction`` what was put right, ``identity`` by what it
    is known again since, ``step`` what was decided of whether it is secret, ``certified`` a certified copy that was
    made of it.  All former versions stay, and so does what the metadata hold beyond what this release knows.
    """
    metadata = _metadata(stored)
    if step is not None:
        metadata["secrecy"] = [*metadata.get("secrecy", ()), step.model_dump(mode="json")]
        metadata["format"] = FORMAT if step.word == "given_back" else WITHDRAWN
    if correction is not None:
        metadata["corrections"] = [*metadata.get("corrections", ()), correction.model_dump(mode="json")]
    if certified is not None:
        metadata["certified"] = [*metadata.get("certified", ()), certified[0].model_dump(mode="json")]
    if identity is not None:
        metadata["identity"] = identity.model_dump(mode="json")
    metadata["retired"] = _retired((*read_package(stored, withdrawn=step is not None).retired, *retired))
    metadata["paper"] = {**metadata["paper"], **_kept(paper)}
    before = metadata.get("history")
    metadata["history"] = [
        *(before if isinstance(before, list) else [before] if before else []),
        {"stage": stage, "outcome": "passed", "at": str(at)},
    ]
    changed = {METADATA: _written(metadata)}
    if pdf:
        changed[PDF] = pdf
    if certified is not None:
        changed[certified[0].file] = certified[1]
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
