"""Whether a folder is a store, and who may make one of it: only of a store is anything changed.

`--home` may be mistyped, or name a folder full of other things.  Whoever puts something in makes a store, of a new or
an empty folder; whoever only asks makes none.
"""

import stat
from contextlib import suppress
from pathlib import Path

from config.settings import SETTINGS_FILE, STORE_MARK, Settings, is_store
from domain.errors import SetupError, UsageError
from files.durable import whole
from files.rights import make_private

STORE_VERSION = 2
"""Of the stores that this release makes.  It is raised with what an earlier release could not live with, and only then:
within a version databases gain tables, and columns with a default (docs/decisions/0072)."""
_OF_NOBODY = {"lost+found"}  # what a disk has that is just made


class NoStore(UsageError):
    """The folder is no store."""

    reason = "no_store"
    remedy = "name_store"


class StoreFromFuture(SetupError):
    """The store was written by a newer khoso."""

    reason = "store_from_future"
    remedy = "install_newer"


def check_store(home: Path) -> None:
    """See that a folder is a store, and of no later release.

    Raises:
        NoStore: it is none.
        StoreFromFuture: it is of a later release.
        PermissionError: nobody but its user may look into it.
    """
    _check_folder(home)
    if not is_store(home):
        raise NoStore("no_store_at", remedy="name_store_or_ingest", home=home)
    check_not_newer(home)


def enter_store(settings: Settings) -> None:
    """Make a store of a folder that is new, empty, or has settings; bring the rights of one that is there in order.

    Raises:
        NoStore: it holds other things, which are left as they are.
        StoreFromFuture: it is of a later release, and left as it is.
        PermissionError: it is not in order, and another user's.
        OSError: it lies on a disk on which nothing may be written, not even that somebody asked.
    """
    home = settings.home
    _check_folder(home)
    is_made = is_store(home)
    if not is_made and not _may_become_one(home):
        raise NoStore("store_of_other_things", remedy="name_store_or_empty", home=home)
    check_not_newer(home)
    make_private(home, group=settings.work.group, own=settings.signing.keys)
    if not is_made:
        (home / STORE_MARK).touch()  # the first thing in it: cut off before or after, the next command goes on
        note_version(home)


def check_not_newer(home: Path) -> None:
    """See that a store is not of a later release, by its mark alone: nothing else of it is opened.

    Raises:
        StoreFromFuture: it is.
    """
    version = version_of(home)
    if version is not None and version > STORE_VERSION:
        raise StoreFromFuture("store_newer", version=version, known=STORE_VERSION)


def version_of(home: Path) -> int | None:
    """The version of a store; None of one that was made before stores had one, or that does not say."""
    try:
        return int((home / STORE_MARK).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def note_version(home: Path) -> None:
    """Let a store be of the version of this release."""
    with whole(home / STORE_MARK) as file:
        file.write(f"{STORE_VERSION}\n".encode("ascii"))


def _check_folder(home: Path) -> None:
    with suppress(FileNotFoundError):
        if not stat.S_ISDIR(home.stat().st_mode):
            raise NoStore("home_no_folder", home=home)
        (home / STORE_MARK).stat()


def _may_become_one(home: Path) -> bool:
    if not home.exists():
        return True
    names = {path.name for path in home.iterdir()}
    return SETTINGS_FILE in names or names <= _OF_NOBODY
