"""The files of a tantivy index: whether they are as they were written, before the library reads them.

Over damaged bytes it panics, finds too little without a word, or asks for more memory than there is, which ends the
process.  It writes a checksum at the end of each file of a segment and compares none of them; the list of the segments
has none, so ours lies beside it.
"""

import errno
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from pydantic import Field, ValidationError

from domain.errors import KhosoError
from domain.record import Frozen
from files.rights import running_user
from search.errors import IndexNotWritten, IndexOutdated

_LIST, _SUM, _CHECKED, _BROKEN = "meta.json", "list-sum.json", "checked.json", "broken"  # the last: there when it is
_PARTS = ("store", "term", "idx", "pos", "fieldnorm", "fast")  # which each segment has
_MAGIC = 1337
_LONGEST_END = 4096
_AT_A_TIME = 1 << 20
_CLOSED, _FULL = {errno.EACCES, errno.EPERM, errno.EROFS}, {errno.ENOSPC, errno.EDQUOT}


class FileStamp(NamedTuple):
    """By what a change of a file is seen."""

    inode: int
    size: int
    written_ns: int
    changed_ns: int


class DamagedFile(ValueError):
    """A file of the index is not as it was written."""


class _Deletes(Frozen, extra="ignore"):
    opstamp: int


class _Segment(Frozen, extra="ignore"):
    segment_id: str = Field(pattern=r"^[0-9a-f-]{36}$")
    deletes: _Deletes | None

    def files(self) -> Iterator[str]:
        """Their names."""
        stem = self.segment_id.replace("-", "")
        yield from (f"{stem}.{part}" for part in _PARTS)
        if self.deletes:
            yield f"{stem}.{self.deletes.opstamp}.del"


class _Segments(Frozen, extra="ignore"):
    segments: tuple[_Segment, ...]


class _Sum(Frozen, extra="ignore"):
    crc: int


class _Checked(Frozen):
    files: dict[str, FileStamp]


class IndexFiles:
    """The files of one folder.  What was read from end to end is read again when it has changed."""

    def __init__(self, folder: Path) -> None:
        """Know nothing yet."""
        self._folder = folder
        self._checked: dict[str, FileStamp] = {}
        self._list: FileStamp | None = None  # as it was when the names were read
        self._names: tuple[str, ...] = ()

    def check(self, *, anew: bool = False) -> FileStamp:
        """See that all are as they were written; gives the stamp of the list of segments that names them.

        ``anew``: read also those that have not changed, for a disk loses bytes without telling.

        Raises:
            IndexOutdated: one is not; that is noted for who comes next, unless it may not be written.
            IndexNotWritten: we may not read or write them.
        """
        check_rights(self._folder)
        if (self._folder / _BROKEN).exists():
            raise IndexOutdated("index_noted_broken", folder=self._folder)
        while True:
            before = self._stamp_if_there(_LIST)
            try:
                self._read_list(before)
                self._check_files(anew=anew)
            except DamagedFile as error:
                if self._stamp_if_there(_LIST) != before:
                    continue  # another process wrote meanwhile
                self.note_broken()
                raise IndexOutdated("index_file_broken", path=self._folder / str(error)) from error
            if before:
                return before

    def note_broken(self) -> None:
        """Let whoever opens the index next know that it is damaged."""
        with suppress(OSError):  # who may only read cannot note it; or a rebuild took the folder away
            (self._folder / _BROKEN).touch()

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Around all that writes; one writer at a time.  Whoever is killed in it leaves a list without a checksum."""
        (self._folder / _SUM).unlink(missing_ok=True)
        try:
            yield
        finally:
            self.remember()

    def remember(self) -> None:
        """Write down what was checked, and the checksum of the list: it is as it was written."""
        self.check()
        checked = {name: self._checked[name] for name in self._names}
        with suppress(OSError):  # whoever comes next checks all, as after a kill
            _put(self._folder / _CHECKED, _Checked(files=checked))
            _put(self._folder / _SUM, _Sum(crc=zlib.crc32((self._folder / _LIST).read_bytes())))

    def _read_list(self, now: FileStamp | None) -> None:
        """Read the names of the files, when the list has changed."""
        if now and self._list == now:
            return
        with _damage_of(_LIST):
            content = (self._folder / _LIST).read_bytes()
        # Looked for after the list was read: whoever writes takes it away before, and puts it back afterwards.
        with suppress(FileNotFoundError, ValidationError):
            if _Sum.model_validate_json((self._folder / _SUM).read_bytes()).crc != zlib.crc32(content):
                raise DamagedFile(_LIST)
        with _damage_of(_LIST):
            found = _Segments.model_validate_json(content)
        if not self._list:
            with suppress(FileNotFoundError, ValidationError):
                self._checked = _Checked.model_validate_json((self._folder / _CHECKED).read_bytes()).files
        self._names = tuple(name for segment in found.segments for name in segment.files())
        self._list = now

    def _check_files(self, *, anew: bool) -> None:
        for name in self._names:
            with _damage_of(name):
                stamp = _stamp_of(self._folder / name)
                if anew or self._checked.get(name) != stamp:
                    _check_sum(self._folder / name, stamp.size)
                    self._checked[name] = stamp

    def _stamp_if_there(self, name: str) -> FileStamp | None:
        with suppress(FileNotFoundError), _rights_needed(self._folder):
            return _stamp_of(self._folder / name)
        return None


def check_rights(folder: Path) -> None:
    """See that a folder may be read and written, which readers need too: the library locks it for a moment.

    Raises:
        IndexNotWritten: it may not.
    """
    if folder.exists() and not os.access(folder, os.R_OK | os.W_OK | os.X_OK, effective_ids=True):
        raise _closed(folder)


@contextmanager
def errors_as(kind: type[KhosoError], what: str, folder: Path) -> Iterator[None]:
    """Tell in our words what tantivy says; rights and space that lack are never damage."""
    try:
        with _rights_needed(folder):
            yield
    except BaseException as error:
        # It panics over some torn files: that is no Exception, and its class cannot be imported.
        if not isinstance(error, ValueError | RuntimeError) and type(error).__name__ != "PanicException":
            raise
        if any(word in str(error) for word in ("PermissionDenied", "ReadOnlyFilesystem")):
            raise _closed(folder) from error
        if "StorageFull" in str(error):
            raise IndexNotWritten("index_disk_full", remedy="free_index_disk", path=folder) from error
        raise kind(what, error=error, folder=folder) from error


@contextmanager
def _rights_needed(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _CLOSED:
            raise _closed(Path(error.filename or folder)) from error
        if error.errno in _FULL:
            raise IndexNotWritten("index_disk_full", remedy="free_index_disk", path=folder) from error
        raise


def _closed(path: Path) -> IndexNotWritten:
    return IndexNotWritten("index_folder_closed", remedy="open_index_folder", path=path, user=running_user())


@contextmanager
def _damage_of(name: str) -> Iterator[None]:
    """What cannot be read is damaged, unless only the right to is lacking."""
    try:
        with _rights_needed(Path(name)):
            yield
    except (OSError, ValidationError):
        raise DamagedFile(name) from None


def _check_sum(path: Path, size: int) -> None:
    """Compare a file with its end: a few words of JSON with the checksum, their length, and a fixed number."""
    with path.open("rb") as file:
        file.seek(max(0, size - 8))
        end = file.read(8)
        length = int.from_bytes(end[:4], "little")
        if int.from_bytes(end[4:], "little") != _MAGIC or not 0 < length < min(_LONGEST_END, size - 7):
            raise DamagedFile(path.name)
        left = size - 8 - length
        file.seek(left)
        wanted = _Sum.model_validate_json(file.read(length)).crc
        file.seek(0)
        crc = 0
        while left and (some := file.read(min(left, _AT_A_TIME))):
            crc, left = zlib.crc32(some, crc), left - len(some)
    if left or crc != wanted:
        raise DamagedFile(path.name)


def _stamp_of(path: Path) -> FileStamp:
    found = path.stat()
    return FileStamp(found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def _put(path: Path, content: Frozen) -> None:
    """Write a file whole; after a power cut it may be torn or lacking, which is as if nobody had looked."""
    part = path.with_suffix(".part")
    part.write_text(content.model_dump_json(), encoding="utf-8")
    part.replace(path)
