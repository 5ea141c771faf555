"""The catalogue while it is made anew: what the vault holds is entered, and compared with what was known before."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    MetaData,
    RowMapping,
    Table,
    and_,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    union,
    update,
)
from sqlalchemy.exc import SQLAlchemyError

from archive.codes.given import OWN, codes_of, own_codes, raise_counter, raise_counters, write_codes, write_retired
from archive.database import local, note_property
from archive.errors import VaultDamaged
from archive.interface import Codes, Identity, Paper, RetiredCode
from archive.outbox import Outbox
from archive.owner_keys import OwnerKeys
from archive.papers.owners import forget_keys, write_keys
from archive.tables import (
    archived,
    codes,
    counters,
    further_keys,
    outbox,
    papers,
    properties,
    retired,
    withdrawn,
)
from archive.withdrawn.apart import KnownApart, forget, known_of, put_apart
from archive.withdrawn.tombstone import Tombstone
from archive.words import words_of
from domain.errors import UsageError

# What was known before, for as long as the catalogue is made anew.
_FORMER = {
    item: Table(
        f"former_{item.name}", MetaData(), *(Column(c.name, c.type) for c in item.columns), prefixes=["TEMPORARY"]
    )
    for item in (papers, codes, retired, counters, withdrawn)
}
UNREAD = "unread objects"  # properties of the catalogue
NAMELESS = "unread objects of unknown codes"
_PAPERS, _CODES, _RETIRED, _COUNTERS, _WITHDRAWN = _FORMER.values()
# What values that no catalogue takes end in: codes of no grammar, numbers and texts that no column holds.
_ODD = (ValueError, OverflowError, UsageError, SQLAlchemyError)


# What a later version of an object may change of its paper, and what only a correction changes.
TIES = ("dossier", "digitisation_code", "result_code", "file_code", "agency", "tied_at", "other_owner")
_OF_TIES = tuple(name for name in TIES if name != "digitisation_code")
_REVISED = ("standing", "replaced_by", "pdf_sha256", "level", "renewal_due", "retention_until", *_OF_TIES)
_OWNERS = ("owner_id", "owner_name", "owner_role", "further_owners")
_READ = ("title", "abstract", "issuer", "number_symbol", "issued", "type_code", *_OWNERS)
_COUNTED = ("valid_until", "scope", "retention_class", "retention_until")
CORRECTABLE = (*_READ, *_COUNTED, "digitisation_code", "result_code", "file_code", "other_owner")
STATED = ("owner_id", "further_owners", "sha256", "type_code", "number_symbol", "issued", "valid_until")
"""What no version of an object changes but by a correction: whose paper it is, which, and of what day."""


class FormerPaper(NamedTuple):
    """A paper as the former catalogue knew it."""

    id: str
    object_id: str
    code: str


class CatalogueDraft:
    """An emptied catalogue in its transaction; tables ``former_…`` keep what it knew until then."""

    def __init__(self, db: Connection, owner_keys: OwnerKeys) -> None:
        self._db = db
        self._owner_keys = owner_keys

    def empty(self) -> None:
        """Put aside what is known, and empty all tables."""
        for item, former in _FORMER.items():
            former.drop(self._db, checkfirst=True)
            former.create(self._db)
            self._db.execute(insert(former).from_select(former.columns.keys(), select(item)))
        # By what papers are known is forgotten at the end.
        for item in (outbox, papers, further_keys, counters, codes, retired, withdrawn, properties):
            self._db.execute(delete(item))

    def enter(self, paper: Paper, identity: Identity, gone: Sequence[RetiredCode] = ()) -> tuple[str, ...]:
        """Enter a paper of the vault, and the codes that it bore; gives those codes that another paper bears already.

        Such a paper is entered too, for it is held: ``#`` and its id stand behind its code.

        Raises:
            VaultDamaged: it says what no catalogue takes; nothing of it was entered.
        """
        try:
            return self._enter(paper, identity, gone)
        except _ODD as error:
            raise VaultDamaged("paper_not_entered", id=paper.object_id, error=type(error).__name__) from None

    def _enter(self, paper: Paper, identity: Identity | None, gone: Sequence[RetiredCode] = ()) -> tuple[str, ...]:
        with self._db.begin_nested():
            own = {f"{kind}_code": getattr(paper, f"{kind}_code") for kind in OWN}
            plain = {name: code.removesuffix(f"#{paper.id}") for name, code in own.items() if code}
            paper = paper.model_copy(update=plain)
            given = codes_of_paper(paper)
            taken = self._taken(given)
            if taken:
                apart = {kind: f"{code}#{paper.id}" for kind, code in taken.items()}
                given = given.model_copy(update=apart)
                paper = paper.model_copy(update={f"{kind}_code": code for kind, code in apart.items()})
            else:
                self._raise_counters(given)
            write_codes(self._db, paper.id, own_codes(given))
            write_retired(self._db, paper.id, gone)
            enter_paper(self._db, paper, identity, self._owner_keys)
        return tuple(taken.values())

    def _raise_counters(self, given: Codes) -> None:
        for kind, code in own_codes(given).items():
            if code is not None:
                raise_counters(self._db, kind, code)

    def reserve(self, document_id: str, given: Codes, gone: Sequence[RetiredCode]) -> bool:
        """Keep the codes of a paper that is not held from being given out again; whether they can be kept."""
        with suppress(*_ODD), self._db.begin_nested():
            write_retired(self._db, document_id, gone)
        if codes_of(self._db, document_id) or self._taken(given):
            return True
        with suppress(*_ODD), self._db.begin_nested():
            with suppress(*_ODD):  # a code of no grammar has no counter
                self._raise_counters(given)
            write_codes(self._db, document_id, own_codes(given))
            return True
        return False

    def count(self) -> int:
        """How many papers are held by now."""
        return self._db.execute(select(func.count()).select_from(papers)).scalar_one()

    def holds(self, document_id: str) -> bool:
        """Whether a paper was entered, or kept, or is withdrawn."""
        named = (select(item.c.id).where(item.c.id == document_id) for item in (papers, withdrawn))
        return any(self._db.execute(query).scalar() is not None for query in named)

    def put_apart(self, document_id: str, at: datetime) -> None:
        """Let a paper that was entered be one that was withdrawn at this moment; its codes stay taken."""
        paper = self.entered(document_id)
        if paper is not None:
            put_apart(self._db, paper, at)

    def erase(self, left: Tombstone) -> None:
        """Enter of a paper that was erased what is left of it."""
        self.reserve(left.id, left.given, left.bore)
        self._db.execute(delete(papers).where(papers.c.id == left.id))
        forget_keys(self._db, left.id)
        forget(self._db, left)

    def former_withdrawn(self) -> list[KnownApart]:
        """The papers that the former catalogue knew as withdrawn."""
        rows = self._db.execute(select(_WITHDRAWN).order_by(_WITHDRAWN.c.id)).mappings()
        return [known_of(row) for row in rows]

    def withdrawn_as(self, document_id: str) -> str | None:
        """Whether a paper is entered as withdrawn, or as erased."""
        query = select(withdrawn.c.state).where(withdrawn.c.id == document_id)
        return self._db.execute(query).scalar()

    def keep_withdrawn(self, known: KnownApart) -> None:
        """Let a paper stay withdrawn, or erased, as it was known."""
        if known.left is not None:
            self.erase(known.left)
        else:
            self._db.execute(insert(withdrawn).values(**known.row.model_dump()))

    def left_out(self) -> list[FormerPaper]:
        """The papers that the former catalogue knew and that were not entered again."""
        return self._former(and_(*(_PAPERS.c.id.not_in(select(item.c.id)) for item in (papers, withdrawn))))

    def moved(self) -> list[Paper]:
        """The papers of which the former catalogue knew another owner, scan or day, as it knew them."""
        return self._known_otherwise(STATED)

    def revised(self) -> list[Paper]:
        """The papers of which it knew something else that versions of an object change, as it knew them."""
        return self._known_otherwise(_REVISED)

    def _known_otherwise(self, names: Sequence[str]) -> list[Paper]:
        """A row that no catalogue takes is passed over."""
        ids = self._db.execute(select(_PAPERS.c.id).where(self._differs(names)).order_by(_PAPERS.c.id))
        found = []
        for name in ids.scalars().all():
            with suppress(*_ODD):
                found.append(paper_of(self._db.execute(select(_PAPERS).where(_PAPERS.c.id == name)).mappings().one()))
        return found

    def entered(self, document_id: str) -> Paper | None:
        """A paper as it is entered by now."""
        row = self._db.execute(select(papers).where(papers.c.id == document_id)).mappings().one_or_none()
        return None if row is None else paper_of(row)

    def keep_state(self, former: Paper) -> None:
        """Let a paper count as it was known to, for its object is of an earlier day than that."""
        known = former.model_dump(include=set(_REVISED))
        self._db.execute(update(papers).where(papers.c.id == former.id).values(**known))

    def keep(self, former: FormerPaper) -> tuple[str, ...]:
        """Enter a paper as the former catalogue knew it, for its object is there and cannot be read now.

        It keeps its codes and what it is known by, so that it is not archived a second time.  Gives those codes that
        another paper bears by now, as ``enter`` does.  A row that no catalogue takes is passed over.
        """
        with suppress(*_ODD):
            row = self._db.execute(select(_PAPERS).where(_PAPERS.c.id == former.id)).mappings().one()
            return self._enter(paper_of(row), None)
        return ()

    def note_unread(self, document_ids: Collection[str]) -> None:
        """Keep how many of these, whose objects cannot be read, the catalogue knows nothing of, or not even codes."""
        unknown = [name for name in document_ids if not self.holds(name)]
        nameless = [name for name in unknown if not codes_of(self._db, name)]
        note_property(self._db, properties, UNREAD, str(len(unknown)))
        note_property(self._db, properties, NAMELESS, str(len(nameless)))

    def close(self) -> None:
        """Reserve every code that was ever known, and forget the former catalogue otherwise."""
        of_same = and_(codes.c.document_id == _CODES.c.document_id, codes.c.kind == _CODES.c.kind)
        known = exists(select(codes.c.code).where(or_(codes.c.code == _CODES.c.code, of_same)))
        # A result code is the one-stop system's: what a held paper does not bear any more, another one may.
        is_held = exists(select(papers.c.id).where(papers.c.id == _CODES.c.document_id))
        is_free = and_(_CODES.c.kind == "result", is_held)
        lost = self._db.execute(select(_CODES).where(~known, ~is_free)).mappings().all()
        if lost:
            self._db.execute(insert(codes), [dict(row) for row in lost])
        kept = exists().where(retired.c.code == _RETIRED.c.code, retired.c.document_id == _RETIRED.c.document_id)
        self._db.execute(insert(retired).from_select(_RETIRED.columns.keys(), select(_RETIRED).where(~kept)))
        for prefix, last in self._db.execute(select(_COUNTERS.c.prefix, _COUNTERS.c.last)).all():
            raise_counter(self._db, prefix, last)
        for item in archived.tables():
            kept_ids = union(select(papers.c.id), select(withdrawn.c.id).where(withdrawn.c.state == "withdrawn"))
            self._db.execute(delete(item).where(item.c.document_id.not_in(kept_ids)))
        for former in _FORMER.values():
            former.drop(self._db)

    @staticmethod
    def _differs(names: Sequence[str]) -> ColumnElement[bool]:
        differs = or_(*(papers.c[name].is_distinct_from(_PAPERS.c[name]) for name in names))
        return exists(select(papers.c.id).where(papers.c.id == _PAPERS.c.id, differs))

    def _former(self, condition: ColumnElement[bool]) -> list[FormerPaper]:
        columns = select(_PAPERS.c.id, _PAPERS.c.object_id, _PAPERS.c.digitisation_code)
        return [FormerPaper(*row) for row in self._db.execute(columns.where(condition).order_by(_PAPERS.c.id))]

    def _taken(self, given: Codes) -> dict[str, str]:
        wanted = {kind: code for kind, code in own_codes(given).items() if code}
        found = set(self._db.execute(select(codes.c.code).where(codes.c.code.in_(wanted.values()))).scalars())
        return {kind: code for kind, code in wanted.items() if code in found}


def codes_of_paper(paper: Paper) -> Codes:
    """The codes that a paper bears."""
    return Codes(
        dossier=paper.dossier, digitisation=paper.digitisation_code, result=paper.result_code, file=paper.file_code
    )


def enter_paper(db: Connection, paper: Paper, identity: Identity | None, owner_keys: OwnerKeys) -> None:
    """Enter an archived paper, what it is known by, and in the same transaction the note for the index.

    ``identity`` None: what it is known by stays as it is.
    """
    own = write_keys(db, paper, owner_keys)
    db.execute(insert(papers).values(**paper.model_dump(), owner_key=own, words=words_of_paper(paper)))
    Outbox.write(db, paper.id)
    if identity is not None:
        archived.write(db, paper.id, identity)


def words_of_paper(paper: Paper) -> str:
    """The words by which a paper is found in the catalogue."""
    names = (paper.title, paper.abstract, paper.owner_name, *(item.name for item in paper.others))
    numbers = (paper.number_symbol, paper.digitisation_code, paper.result_code, paper.dossier, paper.file_code)
    return words_of(*names, paper.issuer, *numbers)


def paper_of(row: RowMapping) -> Paper:
    """The paper of a row."""
    values = {name: row[name] for name in Paper.model_fields}
    times = {name: local(values[name]) for name in ("archived_at", "tied_at") if values[name] is not None}
    return Paper(**{**values, **times})
