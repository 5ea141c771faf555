"""What can go wrong in the archive."""

import errno
from pathlib import Path

from domain.errors import (
    INSTEAD,
    ExitCode,
    Held,
    KhosoError,
    NotValid,
    SetupError,
    TemporaryFailure,
    UsageError,
)

_RIGHTS = "Give whoever runs this the right to read it, and every folder above it; the object itself may be whole"
_DISK = "See to the disk, or to what connects it, before anything is restored; the object itself may be whole"
_HINDRANCES = {
    **dict.fromkeys((errno.EACCES, errno.EPERM), _RIGHTS),
    **dict.fromkeys((errno.EIO, errno.ENXIO, errno.ENODEV, errno.ESTALE, errno.ENOTCONN, errno.ETIMEDOUT), _DISK),
}


class VaultDamaged(NotValid):
    """An object in the vault does not say what its inventory says."""

    reason = "vault_damaged"
    remedy = "Restore the object from the second copy; do not archive over it"


def damaged(what: str, error: Exception, detail: str = "") -> VaultDamaged:
    """What is said of an object that cannot be read: that it is damaged, when the surroundings do not hinder it."""
    number = (error.errno if isinstance(error, OSError) else None) or 0
    return VaultDamaged(
        f"{what} cannot be read ({detail or f'{type(error).__name__}: {error}'})", remedy=_HINDRANCES.get(number, "")
    )


class ObjectLost(VaultDamaged):
    """The object of a paper is not in the vault."""


class ObjectMisplaced(VaultDamaged):
    """An object lies in the folder of another one."""

    def __init__(self, object_id: str, path: Path, right: Path) -> None:
        """Keep which object it is, and tell where it lies and where it belongs."""
        super().__init__(
            f"{path.name} is the object {object_id} under a wrong name",
            remedy=f"Name it {right.name}, in {right.parent}; if there is a folder of that name, take this out",
        )
        self.object_id = object_id


class UnknownFormat(VaultDamaged):
    """An object is written in a format that this release does not know."""

    reason = "unknown_format"
    remedy = "Install the newer khoso that wrote it; the object itself is whole"


class ObjectDiffers(Held):
    """The vault already holds an object of this id with other content."""

    reason = "object_differs"
    remedy = f"Nothing was overwritten; an archivist compares both, {INSTEAD}"


class LeaseLost(KhosoError):
    """Another worker has taken this document over; its result counts, not ours."""

    reason = "lease_lost"


class AlreadyDecided(UsageError):
    """Somebody else has decided in the meantime; that stands."""

    reason = "already_decided"
    remedy = "See what it has become: `show ID --history`"


class StoreFromFuture(SetupError):
    """The store was written by a newer khoso."""

    reason = "store_from_future"
    remedy = "Install the newer version; this one would damage the store"


class CatalogueBehind(SetupError):
    """The catalogue does not know all that its store holds."""

    exit_code = ExitCode.INCOMPLETE
    reason = "catalogue_incomplete"
    remedy = "Run `rebuild`, which makes it anew from the vault; until then nothing is answered and no code given out"


class RowUnreadable(CatalogueBehind):
    """The catalogue says of a paper what this release cannot read."""


class ObjectsUnread(CatalogueBehind):
    """Objects of the vault could not be read when the catalogue was made, and nothing else tells whose they are."""

    remedy = (
        "Restore them from the second copy, install the newer khoso that wrote them, or take them out of the vault; "
        "then run `rebuild`, which names them. Until then nothing is called not held, and no code is given out"
    )


class ListsMissing(SetupError):
    """Lists of procedures, agencies or paper types that were imported are not there any more."""

    exit_code = ExitCode.INCOMPLETE
    reason = "lists_missing"
    remedy = (
        "Put the folder `catalogues` of the store back from a copy; without one import all lists again, the first of"
        " which ends this. Until then nothing is answered or decided by the release's lists alone"
    )


class DatabaseUnusable(SetupError):
    """A database of the store is damaged, or may not be written."""

    reason = "database_unusable"


class JournalNotWritten(SetupError):
    """The audit journal cannot be written, and nothing is done that it does not tell."""

    reason = "journal_not_written"
    remedy = "See that it and its folder may be read and written by whoever runs this; the same command goes on then"


class SecretChanged(SetupError):
    """Owners were entered under another secret, so that none of them would be found."""

    reason = "owner_secret"
    remedy = "Put the backup of the secret (`owner_secret` in the settings) back in place, or run `rebuild`"


class DatabaseFull(TemporaryFailure):
    """The disk on which a database or the audit journal lies is full."""

    reason = "disk_full"
    remedy = "Free some room; the same command goes on where it stood"
