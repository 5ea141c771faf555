"""Who may open the files of a store: the user whose it is, a group too if that is wanted, and nobody else.

The umask is set where a program begins, and what it starts inherits it: so it holds for whatever a library writes.
"""

import errno
import getpass
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_ALL, _USER = 0o777, 0o700
_PARTS = ("vault", "inbox", "work", "index", "catalogues", "keys", "tmp")  # folders of a store


def running_user() -> str:
    """Who runs this; by the number where the machine has no name for it, as in a container."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def shut_out(*, group: bool) -> int:
    """The permissions that nobody gets: those of others, and without ``group`` those of the group."""
    return 0o007 if group else 0o077


@contextmanager
def private_files(*, group: bool) -> Iterator[None]:
    """Whatever is written meanwhile, by this process or what it starts, is closed to others."""
    before = os.umask(shut_out(group=group))
    try:
        yield
    finally:
        os.umask(before)


def make_private(home: Path, *, group: bool, own: Path) -> None:
    """Make the folder of a store, or bring one that was made under another rule in order.

    The folder itself comes last, and tells by its permissions that all in it was gone through: so that is done once,
    and again when it was cut off.

    Args:
        home: the folder of the store.
        group: whether its group may do what its user may.
        own: what in it stays its user's alone.

    Raises:
        PermissionError: it is not in order, and another user's.
        OSError: it lies on a disk on which nothing may be written, not even that somebody asked.
    """
    wanted = _ALL & ~shut_out(group=group)
    if not home.exists():
        home.mkdir(parents=True, exist_ok=True)
        home.chmod(wanted)
    if os.statvfs(home).f_flag & os.ST_RDONLY:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(home))
    if stat.S_IMODE(home.stat().st_mode) & _ALL == wanted:
        return
    for path in (path for top in reversed(_tops(home)) for path in (*_below(top), top)):
        with suppress(FileNotFoundError):  # another process tidies up
            mode = stat.S_IMODE(path.stat().st_mode)
            is_shared = group and own not in (path, *path.parents)
            now = mode & ~_ALL | mode & _USER | ((mode & _USER) >> 3 if is_shared else 0)
            if now != mode:
                path.chmod(now)


def share_as_folder(files: Iterable[Path]) -> None:
    """Let the group of a folder do with its files what it may do with the folder, where a library closed them."""
    for file in files:
        with suppress(FileNotFoundError):
            mode, of_folder = (stat.S_IMODE(path.stat().st_mode) for path in (file, file.parent))
            if wanted := of_folder & 0o060 & ~mode:
                file.chmod(mode | wanted)


def open_to_others(home: Path, *, group: bool) -> Iterator[Path]:
    """The files and folders of a store with which somebody may do something who should not.

    Nobody gets to what lies in a folder that is closed, as a file of settings that was written with any umask.
    """
    for top in _tops(home):
        if _is_open(top, group=group):
            yield top
            yield from (path for path in _below(top) if _is_open(path, group=group))


def _is_open(path: Path, *, group: bool) -> bool:
    with suppress(OSError):
        return bool(path.stat().st_mode & shut_out(group=group))
    return False


def _tops(home: Path) -> tuple[Path, ...]:
    """A folder, and what a part of a store leads to that lies on another disk, with a link in its place."""
    return home, *(path for name in _PARTS if (path := home / name).is_symlink() and path.is_dir())


def _below(top: Path) -> Iterator[Path]:
    """All below a folder; no link is followed."""
    for base, folders, names in os.walk(top):
        yield from (path for name in (*folders, *names) if not (path := Path(base, name)).is_symlink())
