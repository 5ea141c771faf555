"""Whether a folder is a store, and who may make one of it: only of a store is anything changed.

`--home` may be mistyped, or name a folder full of other things.  Whoever puts something in makes a store, of a new or
an empty folder; whoever only asks makes none.
"""

import stat
from contextlib import suppress
from pathlib import Path

from config.settings import SETTINGS_FILE, STORE_MARK, Settings, is_store
from domain.errors import UsageError
from files.rights import make_private

_OF_NOBODY = {"lost+found"}  # what a disk has that is just made


class NoStore(UsageError):
    """The folder is no store."""

    reason = "no_store"
    remedy = "name_store"


def check_store(home: Path) -> None:
    """See that a folder is a store.

    Raises:
        NoStore: it is none.
        PermissionError: nobody but its user may look into it.
    """
    _check_folder(home)
    if not is_store(home):
        raise NoStore("no_store_at", remedy="name_store_or_ingest", home=home)


def enter_store(settings: Settings) -> None:
    """Make a store of a folder that is new, empty, or has settings; bring the rights of one that is there in order.

    Raises:
        NoStore: it holds other things, which are left as they are.
        PermissionError: it is not in order, and another user's.
        OSError: it lies on a disk on which nothing may be written, not even that somebody asked.
    """
    home = settings.home
    _check_folder(home)
    is_made = is_store(home)
    if not is_made and not _may_become_one(home):
        raise NoStore("store_of_other_things", remedy="name_store_or_empty", home=home)
    make_private(home, group=settings.work.group, own=settings.signing.keys)
    if not is_made:
        (home / STORE_MARK).touch()  # the first thing in it: cut off before or after, the next command goes on


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
