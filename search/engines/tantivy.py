"""The search index of one machine: a tantivy index in a folder.

``current.json`` names the folder of the live index and the format it was written in.  A rebuild writes a new folder
beside it and replaces that file, so readers see the old index or the new one, never half of either.
"""

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple
from unicodedata import normalize
from uuid import uuid4

import tantivy
from filelock import FileLock, Timeout
from pydantic import Field, ValidationError
from tantivy import Occur, Query

from config.settings import SearchSettings
from domain import fold
from domain.errors import KhosoError, UsageError
from domain.readings import Frozen
from search.errors import IndexBusy, IndexNotWritten, IndexOutdated
from search.highlight import excerpt
from search.interface import Entry, Hit
from search.query import Query as Asked
from search.query import Token, number_key, numbers, parse, tokens

_FORMAT = f"schema 1, fold {fold.VERSION}, tantivy {version('tantivy')}"
_LOCK_WAIT_S = 60
_HEAP_BYTES = 64_000_000
_COMMIT_EVERY = 10_000  # each commit makes a segment; without any, the list of replaced ids grows with the archive

# Scores of what must come first, above all that BM25 can add up to.
_BEARS_THE_NUMBER = 10_000.0
_SPELLED_AS_TYPED = 1_000.0
_IN_TITLE = 3.0
_SIDE_BY_SIDE = 2.0


@contextmanager
def open_tantivy(settings: SearchSettings, *, fresh: bool) -> Iterator["TantivyIndex"]:
    """Open the index in a folder; see ``search.interface.open_index``."""
    index = TantivyIndex(settings.path)
    if not fresh:
        index.count()
    yield index


class _Current(Frozen):
    """Which folder is live, and the format of its index."""

    folder: str = Field(pattern=r"^index-[0-9a-f]{32}$")
    format: str


class _Live(NamedTuple):
    folder: str
    opened: tantivy.Index


class TantivyIndex:
    """``search.interface.SearchIndex`` over tantivy.  Writers wait for one another; readers wait for nobody."""

    def __init__(self, path: Path) -> None:
        """Remember where the index lies; it is opened when it is first asked."""
        self._path = path
        self._lock = FileLock(path / "write.lock", timeout=_LOCK_WAIT_S)
        self._live: _Live | None = None

    def add(self, entries: Iterable[Entry]) -> None:
        """See the interface."""
        with self._sole_writer():
            _write(self._open(), entries)

    def search(self, text: str, limit: int = 20) -> list[Hit]:
        """See the interface."""
        if limit < 1:
            raise UsageError(f"a search for {limit} documents finds none", remedy="Ask for at least one")
        asked = parse(text)
        if asked.empty:
            return []
        searcher = self._open().searcher()
        with self._reading():
            found, fuzzy = searcher.search(_all_of(asked, fuzzy=False), limit, count=False).hits, False
            if not found and asked.fuzzy:
                found, fuzzy = searcher.search(_all_of(asked, fuzzy=True), limit, count=False).hits, True
            documents = [(searcher.doc(address), score) for score, address in found]
        return [_hit(document, score, asked, fuzzy=fuzzy) for document, score in documents]

    def count(self) -> int:
        """See the interface."""
        return int(self._open().searcher().num_docs)

    def ids(self) -> set[str]:
        """See the interface."""
        return {term for term, _ in self._open().searcher().terms_with_prefix("id", "", Query.all_query())}

    def rebuild(self, entries: Iterable[Entry]) -> int:
        """See the interface."""
        with self._sole_writer():
            folder = self._new_folder()
            try:
                index = _open_folder(folder)
                _write(index, entries)
            except BaseException:
                shutil.rmtree(folder)
                raise
            self._publish(folder)
            for other in self._path.glob("index-*"):
                if other != folder:
                    # A reader may be opening it at this moment; what it leaves behind goes with the next rebuild.
                    shutil.rmtree(other, ignore_errors=True)
            index.reload()
            return int(index.searcher().num_docs)

    def _open(self) -> tantivy.Index:
        """The live index as it is now, through every change other processes made."""
        while True:
            current = self._current()
            try:
                with self._reading():
                    if self._live is None or self._live.folder != current.folder:
                        self._live = _Live(current.folder, _open_folder(self._path / current.folder))
                    self._live.opened.reload()
            except IndexOutdated:
                if self._current() == current:
                    raise
                continue  # a rebuild took the folder away between the two steps
            return self._live.opened

    def _reading(self) -> AbstractContextManager[None]:
        return _errors_as(IndexOutdated, f"the search index in {self._path} is damaged")

    def _current(self) -> _Current:
        try:
            current = _Current.model_validate_json(self._pointer.read_bytes())
        except FileNotFoundError:
            return self._create()
        except ValidationError as error:
            raise IndexOutdated(f"{self._pointer} is damaged") from error
        if current.format != _FORMAT:
            raise IndexOutdated(f"the search index in {self._path} is of {current.format}; needed is {_FORMAT}")
        return current

    def _create(self) -> _Current:
        """Make an empty index where nothing lies yet."""
        with self._sole_writer():
            if self._pointer.exists():
                return self._current()
            if any(self._path.glob("index-*")):
                raise IndexOutdated(f"{self._pointer} is missing, and it is not known which index is complete")
            return self._publish(self._new_folder())

    @property
    def _pointer(self) -> Path:
        return self._path / "current.json"

    @contextmanager
    def _sole_writer(self) -> Iterator[None]:
        self._path.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire()
        except Timeout as error:
            raise IndexBusy(f"another process has been writing the search index for {_LOCK_WAIT_S} s") from error
        try:
            yield
        finally:
            self._lock.release()

    def _new_folder(self) -> Path:
        folder = self._path / f"index-{uuid4().hex}"
        folder.mkdir()
        with _writing():
            tantivy.Index(_schema(), str(folder), reuse=False)
        return folder

    def _publish(self, folder: Path) -> _Current:
        current = _Current(folder=folder.name, format=_FORMAT)
        draft = self._pointer.with_suffix(".new")
        with draft.open("w", encoding="utf-8") as file:
            file.write(current.model_dump_json())
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._pointer)
        _flush_folder(self._path)
        return current


@cache
def _schema() -> tantivy.Schema:
    """Title and body twice, as spelled and folded; numbers as whole terms; the texts for snippets as bytes."""
    schema = tantivy.SchemaBuilder()
    schema.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    for name in ("title", "body", "title_folded", "body_folded"):
        # Python has split the words already: no tokenizer of ours to register in every process.
        schema.add_text_field(name, tokenizer_name="whitespace", index_option="position")
    for name in ("borne", "mentioned"):
        schema.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in ("title_text", "body_text"):
        schema.add_bytes_field(name, stored=True)
    return schema.build()


def _open_folder(folder: Path) -> tantivy.Index:
    index = tantivy.Index.open(str(folder))
    index.config_reader("manual")  # reloaded at every call, so that no watching thread is needed
    return index


def _write(index: tantivy.Index, entries: Iterable[Entry]) -> None:
    with _writing():
        writer = index.writer(_HEAP_BYTES, 1)
    # Not `with writer`: that commits also when an error ends the block.
    try:
        for i, entry in enumerate(entries, 1):
            document = _document(entry)
            with _writing():
                writer.delete_documents_by_term("id", entry.id)
                writer.add_document(document)
                if i % _COMMIT_EVERY == 0:
                    writer.commit()
        with _writing():
            writer.commit()
    finally:
        with _writing():
            writer.wait_merging_threads()


@contextmanager
def _errors_as(kind: type[KhosoError], message: str) -> Iterator[None]:
    """Tell in our words what tantivy says."""
    try:
        yield
    except BaseException as error:
        # It panics over some torn files: that is no Exception, and its class cannot be imported.
        if isinstance(error, ValueError | RuntimeError) or type(error).__name__ == "PanicException":
            raise kind(f"{message}: {error}") from error
        raise


def _writing() -> AbstractContextManager[None]:
    return _errors_as(IndexNotWritten, "the search index could not be written")


def _document(entry: Entry) -> tantivy.Document:
    named = (entry.id, entry.number_symbol, *entry.codes, entry.type_code, entry.dossier)
    borne = [number_key(name) for name in named if name]
    if entry.issued:
        day = entry.issued
        borne += [number_key(f"{day:%d/%m/%Y}"), number_key(f"{day.day}/{day.month}/{day.year}")]
    titles = [list(tokens(title)) for title in (entry.title, entry.type_name, entry.issuer) if title]
    body = list(tokens(entry.body))
    fields = {
        "id": entry.id,
        # Values of one field stand apart: no phrase runs from the title into the issuer.
        "title": [_spelled(title) for title in titles],
        "title_folded": [_folded(title) for title in titles],
        "body": _spelled(body),
        "body_folded": _folded(body),
        "borne": borne,
        "mentioned": list({number.key for text in (entry.title, entry.body) for number in numbers(text)}),
        "title_text": normalize("NFC", entry.title).encode(),
        "body_text": normalize("NFC", entry.body).encode(),
    }
    # With the schema: without it numbers are guessed signed and kill the writer's thread.
    return tantivy.Document.from_dict(fields, _schema())


def _spelled(words: Iterable[Token]) -> str:
    return " ".join(word.spelled for word in words)


def _folded(words: Iterable[Token]) -> str:
    return " ".join(word.folded for word in words)


def _all_of(asked: Asked, *, fuzzy: bool) -> Query:
    """Everything asked for must be there, without regard to accents; what is there as typed counts more."""
    must = [_word(word, fuzzy=fuzzy and word.fuzzy) for word in asked.words]
    must += [_phrase([word.folded for word in phrase], "_folded") for phrase in asked.phrases]
    must += [_any_of(_borne(key), Query.const_score_query(_term("mentioned", key), 1.0)) for key in asked.numbers]
    should = [_any_of(_term("title", w.spelled), _term("body", w.spelled)) for w in asked.words if w.accented]
    should += [_phrase([w.spelled for w in p], "") for p in asked.phrases if any(w.accented for w in p)]
    should = [Query.const_score_query(query, _SPELLED_AS_TYPED) for query in should]
    if len(asked.words) > 1:
        should.append(_phrase([word.folded for word in asked.words], "_folded", slop=2, boost=_SIDE_BY_SIDE))
    return Query.boolean_query([(Occur.Must, query) for query in must] + [(Occur.Should, query) for query in should])


def _word(word: Token, *, fuzzy: bool) -> Query:
    choices = [Query.boost_query(_term("title_folded", word.folded), _IN_TITLE), _term("body_folded", word.folded)]
    if any(character.isdigit() for character in word.folded):
        choices.append(_borne(number_key(word.folded)))
    if fuzzy:
        choices += [Query.fuzzy_term_query(_schema(), field, word.folded) for field in ("title_folded", "body_folded")]
    return _any_of(*choices)


def _borne(key: str) -> Query:
    return Query.const_score_query(_term("borne", key), _BEARS_THE_NUMBER)


def _phrase(words: list[str], form: str, *, slop: int = 0, boost: float = 1.0) -> Query:
    title = Query.phrase_query(_schema(), f"title{form}", [*words], slop)
    body = Query.phrase_query(_schema(), f"body{form}", [*words], slop)
    return Query.boost_query(_any_of(Query.boost_query(title, _IN_TITLE), body), boost)


def _any_of(*queries: Query) -> Query:
    return Query.boolean_query([(Occur.Should, query) for query in queries])


def _term(field: str, value: str) -> Query:
    return Query.term_query(_schema(), field, value, "basic")


def _hit(document: tantivy.Document, score: float, asked: Asked, *, fuzzy: bool) -> Hit:
    """The snippet comes from the body; from the title only when nothing in the body matches."""
    title, body = (bytes(document[field][0]).decode() for field in ("title_text", "body_text"))
    snippet = excerpt(body, asked, fuzzy=fuzzy)
    if not snippet.marks:
        in_title = excerpt(title, asked, fuzzy=fuzzy)
        snippet = in_title if in_title.marks else snippet
    return Hit(id=document["id"][0], score=score, snippet=snippet.text, marks=snippet.marks)


def _flush_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
