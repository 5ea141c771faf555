"""The search index of one machine: a tantivy index in a folder.

``current.json`` names the folder of the live index and the format it was written in.  A rebuild writes a new folder
beside it and replaces that file, so readers see the old index or the new one, never half of either.
"""

import shutil
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import tantivy
from filelock import FileLock, Timeout
from pydantic import Field, ValidationError
from tantivy import Query

from config.settings import SearchSettings
from domain import fold
from domain.record import Frozen
from files.durable import flush_folder, whole
from files.rights import share_as_folder
from search.answer import answer
from search.engines.tantivy_files import FileStamp, IndexFiles, check_rights, errors_as
from search.engines.tantivy_queries import document, schema
from search.engines.tantivy_reader import TantivyReader, versions_of
from search.errors import IndexBusy, IndexMissing, IndexNotWritten, IndexOutdated
from search.fields import SCHEMA
from search.filters import Filters
from search.interface import Found, IndexEntry, IndexMark, Rejected, Sort

_FORMAT = f"schema {SCHEMA}, fold {fold.VERSION}, tantivy {version('tantivy')}"
_LOCK_WAIT_S = 60
_HEAP_BYTES = 64_000_000
_DRAFT_HEAP_BYTES = 200_000_000
_MARK = "mark.json"
_AT_A_TIME = 500  # entries whose known versions are looked up together
_ANY = Filters()


@contextmanager
def open_tantivy(settings: SearchSettings, *, fresh: bool, make: bool) -> Iterator["TantivyIndex"]:
    """Open the index in a folder; see ``search.interface.open_index``."""
    index = TantivyIndex(settings.path, makes=make or fresh)
    if not fresh:
        index.count()
    yield index


class _Current(Frozen):
    """Which folder is live, and the format of its index."""

    folder: str = Field(pattern=r"^index-[0-9a-f]{32}$")
    format: str


class _Mark(IndexMark):
    """What the index says of itself, as it is written; earlier releases wrote no checksum."""

    crc: int | None = None


class _Live(NamedTuple):
    """An open index, its files, and what the list of them looked like when it was last loaded."""

    folder: Path
    files: IndexFiles
    opened: tantivy.Index
    loaded: FileStamp | None = None


class TantivyIndex:
    """``search.interface.SearchIndex`` over tantivy.  Writers wait for one another; readers wait for nobody."""

    def __init__(self, path: Path, *, makes: bool) -> None:
        """Remember where the index lies; it is opened when it is first asked, and made then if it may be."""
        self._path = path
        self._makes = makes
        self._lock = FileLock(path / "write.lock", timeout=_LOCK_WAIT_S)
        self._rebuilding = FileLock(path / "rebuild.lock", timeout=_LOCK_WAIT_S)
        self._live: _Live | None = None

    def add(self, entries: Iterable[IndexEntry]) -> list[Rejected]:
        """See the interface."""
        known: dict[str, int] = {}
        with self._alone(self._lock):
            index = self._open()
            with self._writer(index) as writer:
                for some in _portions(entries):
                    known = {**self._known(index, {entry.id for entry in some}), **known}
                    for entry in some:
                        if entry.version >= known.get(entry.id, 0):
                            with self._writing():
                                _put(writer, entry)
                            known[entry.id] = entry.version
        return []

    def remove(self, versions: Iterable[tuple[str, int]]) -> None:
        """See the interface."""
        wanted = dict(versions)
        with self._alone(self._lock):
            index = self._open()
            known = self._known(index, wanted)
            with self._writer(index) as writer, self._writing():
                for name, last in known.items():
                    if last <= wanted[name]:
                        writer.delete_documents_by_term("id", name)

    def search(
        self,
        text: str,
        limit: int = 20,
        *,
        filters: Filters = _ANY,
        sort: Sort = "best",
        offset: int = 0,
        counted: bool = False,
    ) -> Found:
        """See the interface."""
        searcher = self._open().searcher()
        with self._asking():
            return answer(
                TantivyReader(searcher), text, limit=limit, filters=filters, sort=sort, offset=offset, counted=counted
            )

    def mark(self) -> IndexMark | None:
        """See the interface."""
        self._open()
        try:
            with self._reading():
                content = (self._path / self._current().folder / _MARK).read_bytes()
            found = _Mark.model_validate_json(content)
        except (FileNotFoundError, ValidationError):
            return None
        mark = IndexMark(series=found.series, reached=found.reached)
        return mark if found.crc in {None, _sum_of(mark)} else None

    def put_mark(self, mark: IndexMark) -> None:
        """See the interface."""
        with self._alone(self._lock):
            self._open()
            _put_mark(self._path / self._current().folder, mark)

    def check_writable(self) -> None:
        """See the interface."""
        for folder in (self._path, self._path / self._current().folder):
            check_rights(folder)

    def count(self) -> int:
        """See the interface."""
        return int(self._open().searcher().num_docs)

    def ids(self) -> set[str]:
        """See the interface."""
        return {name for name, _ in self.versions()}

    def versions(self) -> Iterator[tuple[str, int]]:
        """See the interface."""
        searcher = self._open(anew=True).searcher()
        with self._asking():
            found = searcher.terms_with_prefix("stamp", "", Query.all_query())
        for term, _ in sorted(found):
            name, _, number = term.rpartition("\x00")
            yield name, int(number)

    @contextmanager
    def rebuild(self) -> Iterator["TantivyDraft"]:
        """See the interface."""
        with self._alone(self._rebuilding):
            for left in self._path.glob("draft-*"):
                shutil.rmtree(left, ignore_errors=True)  # of a rebuild that was killed
            folder = self._path / f"draft-{uuid4().hex}"
            index = _made_in(folder)
            try:
                with self._writing():
                    writer = index.writer(_DRAFT_HEAP_BYTES, 2)
                draft = TantivyDraft(writer, self._writing, lambda mark: self._replace(folder, mark))
                try:
                    yield draft
                finally:
                    draft.close()
            finally:
                shutil.rmtree(folder, ignore_errors=True)

    def _replace(self, folder: Path, mark: IndexMark | None) -> int:
        """Make a finished draft the live index."""
        if mark is not None:
            _put_mark(folder, mark)
        with self._alone(self._lock):
            self._publish(folder)
            for other in self._path.glob("index-*"):
                if other.name != self._current().folder:
                    # A reader may be opening it at this moment; what it leaves behind goes with the next rebuild.
                    shutil.rmtree(other, ignore_errors=True)
            return self.count()

    def _open(self, *, anew: bool = False) -> tantivy.Index:
        """The live index as it is now, through every change other processes made; ``anew``: with every byte checked."""
        while True:
            current = self._current()
            try:
                folder = self._path / current.folder
                live = self._live if self._live and self._live.folder == folder else None
                files = live.files if live else IndexFiles(folder)
                newest = files.check(anew=anew)
                with self._reading():
                    live = live or _Live(folder, files, _open_folder(folder))
                    if live.loaded != newest:
                        live.opened.reload()
            except IndexOutdated:
                if self._current() == current:
                    raise
                continue  # a rebuild took the folder away between the two steps
            self._live = live._replace(loaded=newest)
            return live.opened

    @contextmanager
    def _writer(self, index: tantivy.Index) -> Iterator[tantivy.IndexWriter]:
        """A writer that commits when the block ends well, and else drops what it has not committed."""
        assert self._live is not None  # noqa: S101 (``index`` is of it)
        with self._live.files.changing():
            with self._writing():
                writer = index.writer(_HEAP_BYTES, 1)
            # Not `with writer`: that commits also when an error ends the block.
            try:
                yield writer
                with self._writing():
                    writer.commit()
            finally:
                with self._writing():
                    writer.wait_merging_threads()

    def _known(self, index: tantivy.Index, ids: Iterable[str]) -> dict[str, int]:
        with self._asking():
            return versions_of(index.searcher(), ids)

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """What was damaged since it was looked at is noted, for whoever opens the index next."""
        try:
            with self._reading():
                yield
        except IndexOutdated:
            if self._live:
                self._live.files.note_broken()
            raise

    def _reading(self) -> AbstractContextManager[None]:
        return errors_as(IndexOutdated, "index_broken", self._path)

    def _writing(self) -> AbstractContextManager[None]:
        return errors_as(IndexNotWritten, "index_unwritten", self._path)

    def _current(self) -> _Current:
        try:
            with self._reading():
                content = self._pointer.read_bytes()
            current = _Current.model_validate_json(content)
        except FileNotFoundError:
            if not self._makes:
                raise IndexMissing from None
            return self._create()
        except (OSError, ValidationError) as error:
            raise IndexOutdated("index_damaged", path=self._pointer) from error
        if current.format != _FORMAT:
            raise IndexOutdated("index_format", index=self._path, formats=current.format, needed=_FORMAT)
        return current

    def _create(self) -> _Current:
        """Make an empty index where nothing lies yet, or only one that was made so and cut off before it counted."""
        with self._alone(self._lock):
            if self._pointer.exists():
                return self._current()
            for other in self._path.glob("index-*"):
                if not _is_empty(other):
                    raise IndexOutdated("pointer_missing", path=self._pointer)
                shutil.rmtree(other)
            folder = self._path / f"draft-{uuid4().hex}"
            _made_in(folder)
            return self._publish(folder)

    @property
    def _pointer(self) -> Path:
        return self._path / "current.json"

    @contextmanager
    def _alone(self, lock: FileLock) -> Iterator[None]:
        try:
            with errors_as(IndexNotWritten, "index_unwritten", self._path):
                self._path.mkdir(parents=True, exist_ok=True)
                lock.acquire()
        except Timeout as error:
            raise IndexBusy("index_writing", seconds=_LOCK_WAIT_S) from error
        try:
            yield
            share_as_folder(self._path.glob("*/*.json"))  # which tantivy writes for its user alone
        finally:
            lock.release()

    def _publish(self, folder: Path) -> _Current:
        current = _Current(folder=folder.name.replace("draft", "index"), format=_FORMAT)
        IndexFiles(folder).remember()
        folder.rename(self._path / current.folder)
        flush_folder(self._path)
        with whole(self._pointer) as file:
            file.write(current.model_dump_json().encode())
        return current


class TantivyDraft:
    """``search.interface.Draft`` in a folder of its own.  Later versions of a document must come later."""

    def __init__(
        self,
        writer: tantivy.IndexWriter,
        writing: Callable[[], AbstractContextManager[None]],
        replace: Callable[[IndexMark | None], int],
    ) -> None:
        """Write with ``writer``, told as ``writing`` tells it; ``replace`` makes the finished folder the live one."""
        self._writer = writer
        self._writing = writing
        self._replace = replace
        self._ids: set[str] = set()  # to replace what is there costs as much as to add it, and is rare
        self._closed = False

    def add(self, entries: Iterable[IndexEntry]) -> list[Rejected]:
        """See the interface."""
        for entry in entries:
            with self._writing():
                _put(self._writer, entry, anew=entry.id not in self._ids)
            self._ids.add(entry.id)
        return []

    def remove(self, versions: Iterable[tuple[str, int]]) -> None:
        """See the interface."""
        with self._writing():
            for name, _ in versions:
                self._writer.delete_documents_by_term("id", name)

    def publish(self, mark: IndexMark | None = None) -> int:
        """See the interface."""
        with self._writing():
            self._writer.commit()
        self.close()
        return self._replace(mark)

    def close(self) -> None:
        """End the writer; what was not committed is dropped."""
        if not self._closed:
            self._closed = True
            with self._writing():
                self._writer.wait_merging_threads()


def _made_in(folder: Path) -> tantivy.Index:
    with errors_as(IndexNotWritten, "index_unwritten", folder):
        folder.mkdir(parents=True)
        return tantivy.Index(schema(), str(folder), reuse=False)


def _put_mark(folder: Path, mark: IndexMark) -> None:
    with errors_as(IndexNotWritten, "index_unwritten", folder), whole(folder / _MARK) as file:
        file.write(_Mark(**dict(mark), crc=_sum_of(mark)).model_dump_json().encode())


def _sum_of(mark: IndexMark) -> int:
    return zlib.crc32(f"{mark.series} {mark.reached}".encode())


def _open_folder(folder: Path) -> tantivy.Index:
    index = tantivy.Index.open(str(folder))
    index.config_reader("manual")  # reloaded by us, so that no watching thread is needed
    return index


def _is_empty(folder: Path) -> bool:
    IndexFiles(folder).check()
    with errors_as(IndexOutdated, "index_broken", folder):
        return not _open_folder(folder).searcher().num_docs


def _put(writer: tantivy.IndexWriter, entry: IndexEntry, *, anew: bool = False) -> None:
    made = document(entry)
    if not anew:
        writer.delete_documents_by_term("id", entry.id)
    writer.add_document(made)


def _portions(entries: Iterable[IndexEntry]) -> Iterator[list[IndexEntry]]:
    left = iter(entries)
    while some := list(islice(left, _AT_A_TIME)):
        yield some
