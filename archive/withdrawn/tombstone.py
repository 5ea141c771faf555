"""What is left of a paper that was erased because it is secret: its codes, where and when it was here (law L8.6)."""

import json
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, ValidationError

from archive.errors import VaultDamaged
from archive.interface import Codes, RetiredCode, StoredObject
from archive.package import ERASED, METADATA, Package, what_is_odd
from archive.papers.forms import KeptCodes, KeptRetired, KeptStep, Permanent, as_kept_here

_Moment = Annotated[AwareDatetime, AfterValidator(as_kept_here)]


class Tombstone(Permanent):
    """A paper that was here; ``batch``, ``seq`` and ``part`` tell which of the scans it was.

    ``belongs`` is the agency of whose papers it was one; ``sha256`` that of its scan, by which that is known again.
    """

    id: str
    object_id: str
    sha256: str
    codes: KeptCodes
    retired: tuple[KeptRetired, ...] = ()
    belongs: str
    batch: str
    seq: int | None = None
    part: int = 1
    archived_at: _Moment
    withdrawn_at: _Moment
    erased_at: _Moment
    secrecy: tuple[KeptStep, ...] = ()

    @property
    def given(self) -> Codes:
        """The codes that it bore; its dossier's is forgotten."""
        return Codes.model_validate(self.codes.model_dump())

    @property
    def bore(self) -> tuple[RetiredCode, ...]:
        """The codes that it bore before."""
        return tuple(RetiredCode.model_validate(item.model_dump()) for item in self.retired)


def tombstone_of(package: Package, *, code: str, belongs: str, batch: str, seq: int | None, at: datetime) -> Tombstone:
    """What is to be left of a paper; ``code`` is the one under which the catalogue has it."""
    paper = package.paper
    given = {"digitisation": code, "result": paper.result_code, "file": paper.file_code}
    return Tombstone(
        id=paper.id,
        object_id=paper.object_id,
        sha256=paper.sha256,
        codes=KeptCodes.model_validate(given),
        retired=tuple(KeptRetired.model_validate(item.model_dump()) for item in package.retired),
        belongs=belongs,
        batch=batch,
        seq=seq,
        part=package.record.part,
        archived_at=paper.archived_at,
        withdrawn_at=package.decided_at("withdrawn"),
        erased_at=at,
        secrecy=package.secrecy,
    )


def write_tombstone(tombstone: Tombstone) -> bytes:
    """The only file of its object."""
    return json.dumps({"format": ERASED, "erased": tombstone.model_dump(mode="json")}, ensure_ascii=False).encode()


def read_tombstone(stored: StoredObject) -> Tombstone:
    """What an object tells of the paper that was erased.

    Raises:
        VaultDamaged: it cannot be read, or speaks of another one.
    """
    try:
        found: Any = json.loads(stored.files[METADATA].read_bytes())
        tombstone = Tombstone.model_validate(found["erased"])
    except ValidationError as error:
        raise VaultDamaged("metadata_not_read", id=stored.id, odd=what_is_odd(error)) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise VaultDamaged("metadata_not_read", id=stored.id, odd=type(error).__name__) from None
    if tombstone.object_id != stored.id:
        raise VaultDamaged("metadata_of_another", id=stored.id)
    return tombstone
