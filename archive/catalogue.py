"""The catalogue: the papers the archive holds, and every code that was ever given out."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Table,
    func,
    or_,
    select,
    update,
)

from archive.codes.given import (
    codes_of,
    free_result,
    give,
    give_file,
    give_successor,
    lacks,
    retired_as,
    write_retired,
    write_successors,
)
from archive.database import for_reading, local, note_property, property_of
from archive.draft import (
    CORRECTABLE,
    NAMELESS,
    TIES,
    UNREAD,
    CatalogueDraft,
    codes_of_paper,
    enter_paper,
    paper_of,
    words_of_paper,
)
from archive.epoch import Epoch, Known
from archive.errors import ObjectsUnread, SecretChanged, StoreOlder
from archive.interface import CodeKind, Codes, DuplicateCandidate, Identity, Paper, PaperFilter, RetiredCode
from archive.outbox import Outbox
from archive.owner_keys import OwnerKeys
from archive.papers.owners import is_owned_by, write_keys
from archive.papers.rows import HELD, held_of, readable
from archive.schemas.mending import open_mended
from archive.schemas.opening import open_database
from archive.tables import archived, outbox, papers, properties, withdrawn
from archive.withdrawn.rows import WithdrawnPapers
from archive.words import run_of
from domain.validity import HeldPaper

_OWNER_KEYS, _EPOCH, _STORE, _CHANGE = "owner keys", "epoch", "store", "last change"


class Catalogue:
    """Papers, codes and the outbox of the search index."""

    def __init__(self, engine: Engine, owner_keys: OwnerKeys, epoch: Epoch) -> None:
        self._engine = engine
        self._reads = for_reading(engine)
        self._owner_keys = owner_keys
        self._epoch = epoch
        self.outbox = Outbox(engine)
        self.withdrawn = WithdrawnPapers(self._reads, self._change, owner_keys)

    def check(self) -> None:
        """See that the catalogue knows all that its store holds.

        Raises:
            CatalogueBehind: it does not.
        """
        with self._reads.connect() as db:
            self._check(db)
            self._epoch.catch_up(_known(db))

    def _check(self, db: Connection) -> None:
        self._epoch.check(lambda: _known(db), lambda: _count(db) + _count(db, withdrawn))

    def check_rows(self) -> None:
        """See that what the catalogue says of each paper can be read.

        Raises:
            RowUnreadable: it cannot.
        """
        for _ in self.all():
            pass

    def check_read(self) -> None:
        """See that all objects of the vault could be read when the catalogue was made.

        Raises:
            ObjectsUnread: some could not, and no other catalogue knew what they hold.
        """
        with self._reads.connect() as db:
            _check_unread(db, UNREAD)

    @contextmanager
    def _change(self) -> Iterator[Connection]:
        """A transaction that changes what the store holds: it has a number, and leaves its marks."""
        with self._engine.begin() as db:
            self._check(db)
            begun = self._epoch.begin(_known(db).epoch + 1)
            _note(db, begun)
            yield db
        self._epoch.finish(begun)

    @contextmanager
    def anew(self) -> Iterator["CatalogueDraft"]:
        """The catalogue, emptied to be filled from the vault: one transaction, so nobody sees it half full.

        What was known before can be asked of the draft; when the block fails, all is as it was.
        """
        with self._engine.begin() as db:
            draft = CatalogueDraft(db, self._owner_keys)
            number = max(_known(db).epoch, self._epoch.last) + 1
            draft.empty()
            note_property(db, properties, _OWNER_KEYS, self._owner_keys.check)
            yield draft
            draft.close()
            # Before it counts: a catalogue that is ahead of the marks looks like one of another vault.
            begun = self._epoch.begin(number)
            _note(db, begun)
        self._epoch.finish(begun)

    # Codes

    def mint(
        self,
        document_id: str,
        *,
        prefix: str,
        dossier: str | None = None,
        result: str | None = None,
        write_file: Callable[[int], str] | None = None,
    ) -> Codes:
        """The codes of a document: ours are the same at every call, never one that any document had before.

        Args:
            document_id: the document.
            prefix: owner, type and number (law table 2B), within which digitisation codes are counted.
            dossier: the code of its dossier, as somebody stated it.
            result: its code as a result, as somebody stated it.
            write_file: makes a file code of a serial, for a paper that has no dossier.

        Raises:
            ResultCodeTaken: another document has this result code.
            ObjectsUnread: an object of the vault could not be read that has codes which nothing else tells.
        """
        with self._reads.connect() as db:
            known = codes_of(db, document_id)
        if lacks(known, result, write_file):
            with self._change() as db:
                _check_unread(db, NAMELESS)
                known = give(db, document_id, prefix=prefix, result=result, write_file=write_file)
        return Codes(dossier=dossier, digitisation=known["digitisation"], result=result, file=known.get("file"))

    def mint_file(self, document_id: str, write_file: Callable[[int], str]) -> str:
        """The file code of a held paper that is in no dossier any more: the same at every call."""
        with self._change() as db:
            _check_unread(db, NAMELESS)
            return give_file(db, document_id, write_file)

    def retired(self, code: str) -> list[tuple[str, RetiredCode]]:
        """The documents that bore a code which nobody gets any more, each with what became of it."""
        with self._reads.connect() as db:
            return retired_as(db, code)

    def retire(self, paper: Paper, *gone: RetiredCode) -> None:
        """Enter the dossier and the codes that a held paper has from now on, and what it bore; the index is told.

        Its object says both already: what only the catalogue knew would come back with a `rebuild`.
        """
        self._update(paper, *TIES, gone=gone)

    def mint_successor(self, document_id: str, kind: CodeKind, write: Callable[[int], str]) -> str:
        """The code that a held paper bears in place of one that was made of what was wrong: the same at every call.

        It bears it from ``correct`` on.
        """
        with self._change() as db:
            _check_unread(db, NAMELESS)
            return give_successor(db, document_id, kind, write)

    def correct(self, paper: Paper, identity: Identity, *gone: RetiredCode) -> None:
        """Enter what was put right of a held paper, by what it is known since, and what it bore; the index is told.

        Its object says all of it already.
        """
        self._update(paper, *CORRECTABLE, gone=gone, identity=identity)

    def free_result(self, document_id: str) -> None:
        """Let another paper bear the result code of a document that a person ended."""
        with self._reads.connect() as db:
            is_borne = "result" in codes_of(db, document_id)
        if is_borne:
            with self._change() as db:
                free_result(db, document_id)

    # Papers

    def add(self, paper: Paper, identity: Identity = Identity(), gone: Sequence[RetiredCode] = ()) -> int:  # noqa: B008 (frozen)
        """Enter an archived paper, what it is known by and bore, and in the same transaction the note for the index.

        Safe to run twice; returns the outbox number that must be done before the paper is findable.
        """
        if self.paper(paper.id) is None:
            with self._change() as db:
                if db.execute(select(papers.c.id).where(papers.c.id == paper.id)).scalar() is None:
                    enter_paper(db, paper, identity, self._owner_keys)
                    write_retired(db, paper.id, gone)
        with self._reads.connect() as db:
            return int(db.execute(select(func.max(outbox.c.seq)).where(outbox.c.paper_id == paper.id)).scalar_one())

    def paper(self, key: str) -> Paper | None:
        """The paper of an id, or of a digitisation, result or file code."""
        own = (papers.c.id, papers.c.digitisation_code, papers.c.result_code, papers.c.file_code)
        found = self._papers(or_(*(column == key for column in own)))
        return found[0] if found else None

    def knows(self, document_id: str) -> bool:
        """Whether a paper is held, or was withdrawn."""
        return self.paper(document_id) is not None or self.withdrawn.of(document_id) is not None

    def by_bytes(self, sha256: str) -> Paper | None:
        """The paper whose original scan has these bytes."""
        found = self._papers(papers.c.sha256 == sha256)
        return found[0] if found else None

    def alike(self, document_id: str, identity: Identity) -> list[DuplicateCandidate]:
        """Held papers that may be the same one as a paper which comes now."""
        with self._engine.connect() as db:
            return archived.alike(db, document_id, identity)

    def held(self, owner_key: str, type_codes: Sequence[str]) -> Sequence[HeldPaper]:
        """What is held of some types for one owner."""
        with self._reads.connect() as db:
            found = db.execute(HELD, {"owner": owner_key, "types": type_codes}).mappings()
            with readable():
                return [held_of(row) for row in found]

    def all_of(self, owner_key: str) -> Sequence[Paper]:
        """Everything that is held for one owner."""
        return self._papers(is_owned_by((owner_key,)))

    def of_dossier(self, *dossiers: str) -> Sequence[Paper]:
        """The papers that came with some dossiers or are their results."""
        return self._papers(papers.c.dossier.in_(dossiers))

    def dossiers_since(self, since: datetime) -> set[str]:
        """The dossiers of which papers were archived, or tied to them, since then."""
        is_new = or_(papers.c.archived_at >= since, papers.c.tied_at >= since)
        query = select(papers.c.dossier).where(papers.c.dossier.is_not(None), is_new).distinct()
        with self._reads.connect() as db:
            return set(db.execute(query).scalars())

    def all(self) -> Iterator[Paper]:
        """Every paper, by id, a page of rows at a time."""
        last = ""
        while page := self._papers(papers.c.id > last, limit=500):
            yield from page
            last = page[-1].id

    def due_for_renewal(self, day: date) -> list[Paper]:
        """Papers whose archive time stamp is to be renewed by that day, the most urgent first."""
        return sorted(self._papers(papers.c.renewal_due <= day), key=lambda paper: (paper.renewal_due, paper.id))

    def revised(self, paper: Paper) -> None:
        """Enter the digest, the next day of renewal and the term of a paper that is held."""
        self._update(paper, "pdf_sha256", "renewal_due", "level", "retention_until")

    def change_standing(self, paper: Paper) -> None:
        """Enter whether a paper that is held still counts, and tell the index."""
        self._update(paper, "standing", "replaced_by")

    def _update(
        self, paper: Paper, *names: str, gone: Sequence[RetiredCode] = (), identity: Identity | None = None
    ) -> None:
        values = {name: getattr(paper, name) for name in names}
        with self._change() as db:
            if "digitisation_code" in names:
                write_successors(db, paper.id, codes_of_paper(paper))
                write_retired(db, paper.id, gone)
                values["words"] = words_of_paper(paper)
            if identity is not None:
                values["owner_key"] = write_keys(db, paper, self._owner_keys)
                archived.write(db, paper.id, identity)
            db.execute(update(papers).where(papers.c.id == paper.id).values(**values))
            if "pdf_sha256" not in names:  # of which no search knows
                self.outbox.write(db, paper.id)

    def times(self) -> tuple[datetime, datetime] | None:
        """When the first and the last of the papers were archived; None when there is none."""
        with self._reads.connect() as db, readable():
            first, last = db.execute(select(func.min(papers.c.archived_at), func.max(papers.c.archived_at))).one()
        return (local(first), local(last)) if first else None

    def count(self) -> int:
        """How many papers are held."""
        with self._engine.connect() as db:
            return _count(db)

    def _papers(self, condition: ColumnElement[bool], limit: int | None = None) -> list[Paper]:
        query = select(papers).where(condition).order_by(papers.c.id).limit(limit)
        with self._reads.connect() as db, readable():
            return [paper_of(row) for row in db.execute(query).mappings()]

    def ids(self) -> set[str]:
        """The ids of all papers that are held."""
        with self._reads.connect() as db:
            return set(db.execute(select(papers.c.id)).scalars())

    def known_ids(self) -> set[str]:
        """The ids of all papers that are held, or were withdrawn."""
        return self.ids() | {row.id for row in self.withdrawn.all()}

    def some(self, ids: Sequence[str]) -> list[Paper]:
        """The papers of these ids that are held."""
        return self._papers(papers.c.id.in_(ids))

    def find(self, runs: Sequence[str], narrowed: PaperFilter = PaperFilter(), limit: int = 20) -> list[Paper]:  # noqa: B008 (frozen)
        """The papers whose titles, names, numbers and codes have all these runs of words; the newest first.

        For the time in which the search engine is away: it knows no texts, and looks through the whole catalogue.
        """
        conditions = [papers.c.words.contains(run_of(run), autoescape=True) for run in runs]
        narrow: tuple[tuple[Any, Callable[[Any], ColumnElement[bool]]], ...] = (
            (narrowed.types, papers.c.type_code.in_),
            (narrowed.dossier, papers.c.dossier.__eq__),
            (narrowed.owner_keys, is_owned_by),
            (narrowed.issued_from, papers.c.issued.__ge__),
            (narrowed.issued_to, papers.c.issued.__le__),
        )
        conditions += [holds(given) for given, holds in narrow if given]
        query = select(papers).where(*conditions).order_by(papers.c.issued.desc(), papers.c.id).limit(limit)
        with self._engine.connect() as db, readable():
            return [paper_of(row) for row in db.execute(query).mappings()]


def _known(db: Connection) -> Known:
    wanted = (_EPOCH, _STORE, _CHANGE)
    rows = db.execute(select(properties.c.name, properties.c.value).where(properties.c.name.in_(wanted)))
    values = {row.name: row.value for row in rows}
    return Known(store=values.get(_STORE), epoch=int(values.get(_EPOCH, 0)), change=values.get(_CHANGE, ""))


def _note(db: Connection, begun: Known) -> None:
    for name, value in ((_STORE, begun.store or ""), (_EPOCH, str(begun.epoch)), (_CHANGE, begun.change)):
        note_property(db, properties, name, value)


def _check_unread(db: Connection, which: str) -> None:
    if number := int(property_of(db, properties, which) or 0):
        raise ObjectsUnread("objects_unread", number=number)


def _count(db: Connection, table: Table = papers) -> int:
    return db.execute(select(func.count()).select_from(table)).scalar_one()


@contextmanager
def open_catalogue(url: str, owner_keys: OwnerKeys, epoch: Epoch, *, emptied: bool = False) -> Iterator[Catalogue]:
    """The catalogue at a database URL; the folder of an SQLite file is made when missing.

    Args:
        url: of the database.
        owner_keys: what makes keyed hashes of identity numbers.
        epoch: the marks of the store.
        emptied: whether it is opened to be made anew, so that whatever it knows may be wrong.

    Raises:
        SecretChanged: its owners were entered under another secret, so that none of them would be found.
        StoreOlder: a release wrote it that entered owners under no secret.
        CatalogueBehind: it does not know all that its store holds.
    """
    with (open_mended if emptied else open_database)(url, "catalogue") as engine:
        catalogue = Catalogue(engine, owner_keys, epoch)
        if not emptied:
            _check_secret(engine, owner_keys)
            catalogue.check()
        yield catalogue


def _check_secret(engine: Engine, owner_keys: OwnerKeys) -> None:
    with for_reading(engine).connect() as db:
        known = property_of(db, properties, _OWNER_KEYS)
    if known == owner_keys.check:
        return
    with engine.begin() as db:
        if known is None and not _count(db):  # another process may have been faster
            note_property(db, properties, _OWNER_KEYS, owner_keys.check)
            return
    raise SecretChanged("owners_under_another_secret") if known else StoreOlder("catalogue_older")
