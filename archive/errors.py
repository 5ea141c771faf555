"""What can go wrong in the archive."""

import errno
from pathlib import Path
from typing import TYPE_CHECKING

from domain.errors import (
    ExitCode,
    Held,
    KhosoError,
    NotValid,
    SetupError,
    TemporaryFailure,
    UsageError,
)
from domain.messages.told import told

if TYPE_CHECKING:
    from archive.interface import StageTry
    from domain.messages.told import Told

_RIGHTS = "give_right_to_read"
_DISK = "see_to_disk_first"
_HINDRANCES = {
    **dict.fromkeys((errno.EACCES, errno.EPERM), _RIGHTS),
    **dict.fromkeys((errno.EIO, errno.ENXIO, errno.ENODEV, errno.ESTALE, errno.ENOTCONN, errno.ETIMEDOUT), _DISK),
}


class VaultDamaged(NotValid):
    """An object in the vault does not say what its inventory says."""

    reason = "vault_damaged"
    remedy = "restore_object"


def damaged(what: "Told", error: Exception, detail: str = "") -> VaultDamaged:
    """What is said of an object that cannot be read: that it is damaged, when the surroundings do not hinder it."""
    number = (error.errno if isinstance(error, OSError) else None) or 0
    return VaultDamaged(
        "object_not_read",
        remedy=_HINDRANCES.get(number, ""),
        what=what,
        detail=detail or f"{type(error).__name__}: {error}",
    )


class ObjectLost(VaultDamaged):
    """The object of a paper is not in the vault."""


class ObjectMisplaced(VaultDamaged):
    """An object lies in the folder of another one."""

    def __init__(self, object_id: str, path: Path, right: Path) -> None:
        """Keep which object it is, and tell where it lies and where it belongs."""
        super().__init__(
            "object_misplaced",
            remedy="name_it_right",
            name=path.name,
            id=object_id,
            right=right.name,
            folder=right.parent,
        )
        self.object_id = object_id


class ObjectWithdrawn(VaultDamaged):
    """An object holds a paper that was withdrawn as secret."""

    reason = "secret"
    remedy = "two_decide_withdrawn"


class ObjectErased(VaultDamaged):
    """An object tells that it held a paper which was secret, and was erased."""

    reason = "secret"
    remedy = "nothing_to_do"


class UnknownFormat(VaultDamaged):
    """An object is written in a format that this release does not know."""

    reason = "unknown_format"
    remedy = "install_writer"


class ObjectDiffers(Held):
    """The vault already holds an object of this id with other content."""

    reason = "object_differs"
    what = "object_differs"
    remedy = "archivist_compares"


class ResultCodeTaken(Held):
    """Another paper has the result code that somebody stated of this one."""

    reason = "result_code_taken"
    remedy = "right_result_code"


class LeaseLost(KhosoError):
    """Another worker has taken this document over; its result counts, not ours."""

    reason = "lease_lost"
    what = "lease_lost"


class AlreadyDecided(UsageError):
    """Somebody else has decided in the meantime; that stands."""

    reason = "already_decided"
    remedy = "see_history"


def already_decided(document_id: str, state: str, last: "StageTry | None") -> AlreadyDecided:
    """What is told of a document, in what state it is now, by what a person decided last about it."""
    if last is None:
        return AlreadyDecided("changed_meanwhile", id=document_id, state=told(f"state_{state}"))
    return AlreadyDecided(
        "decided_meanwhile",
        id=document_id,
        outcome=told(f"came_{last.outcome}"),
        who=last.error.params["who"],
        day=f"{last.ended_at:%Y-%m-%d}",
        time=f"{last.ended_at:%H:%M:%S}",
        state=told(f"state_{state}"),
    )


class StoreOlder(SetupError):
    """The store was made by an earlier release, and is first to be brought up."""

    reason = "store_older"
    remedy = "run_upgrade"


class StoreLacks(SetupError):
    """The store lacks what this release works with, such as columns of a database, or its vault."""

    reason = "store_lacks"


class CatalogueBehind(SetupError):
    """The catalogue does not know all that its store holds."""

    exit_code = ExitCode.INCOMPLETE
    reason = "catalogue_incomplete"
    remedy = "run_rebuild"


class RowUnreadable(CatalogueBehind):
    """The catalogue says of a paper what this release cannot read."""


class ObjectsUnread(CatalogueBehind):
    """Objects of the vault could not be read when the catalogue was made, and nothing else tells whose they are."""

    remedy = "restore_objects"


class ListsMissing(SetupError):
    """Lists of procedures, agencies or paper types that were imported are not there any more."""

    exit_code = ExitCode.INCOMPLETE
    reason = "lists_missing"
    remedy = "put_lists_back"


class DatabaseUnusable(SetupError):
    """A database of the store is damaged, or may not be written."""

    reason = "database_unusable"


class JournalNotWritten(SetupError):
    """The audit journal cannot be written, and nothing is done that it does not tell."""

    reason = "journal_not_written"
    remedy = "see_journal_rights"


class SecretChanged(SetupError):
    """Owners were entered under another secret, so that none of them would be found."""

    reason = "owner_secret"
    remedy = "put_secret_back"


class DatabaseFull(TemporaryFailure):
    """The disk on which a database or the audit journal lies is full."""

    reason = "disk_full"
    remedy = "free_room"
