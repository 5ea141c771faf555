"""The catalogue while it is made anew: what the vault holds is entered, and compared with what was known before."""

from collections.abc import Collection, Sequence
from contextlib import suppress
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
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.exc import SQLAlchemyError

from archive.database import local, note_property
from archive.errors import VaultDamaged
from archive.interface import Codes, Identity, Paper
from archive.outbox import Outbox
from archive.owner_keys import OwnerKeys
from archive.tables import archived, codes, counters, outbox, papers, properties
from archive.words import words_of
from domain.codes import parse_dossier, parse_result
from domain.errors import UsageError

# What was known before, for as long as the catalogue is made anew.
_FORMER = {
    item: Table(
        f"former_{item.name}", MetaData(), *(Column(c.name, c.type) for c in item.columns), prefixes=["TEMPORARY"]
    )
    for item in (papers, codes, counters)
}
UNREAD = "unread objects"  # properties of the catalogue
NAMELESS = "unread objects of unknown codes"
_PAPERS, _CODES, _COUNTERS = _FORMER.values()
# What values that no catalogue takes end in: codes of no grammar, numbers and texts that no column holds.
_ODD = (ValueError, OverflowError, UsageError, SQLAlchemyError)


# What never changes once a paper is archived, and what a later version of its object may change.
_FIXED = ("owner_id", "sha256", "type_code", "dossier", "number_symbol", "issued", "valid_until")
_REVISED = ("standing", "replaced_by", "pdf_sha256", "level", "renewal_due", "retention_until")


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
        for item in (outbox, papers, counters, codes, properties):  # by what papers are known is forgotten at the end
            self._db.execute(delete(item))

    def enter(self, paper: Paper, identity: Identity, given: Codes, *, minted_dossier: bool) -> tuple[str, ...]:
        """Enter a paper of the vault with its codes; gives those codes that another paper bears already.

        Such a paper is entered too, for it is held: ``#`` and its id stand behind its code.

        Raises:
            VaultDamaged: it says what no catalogue takes; nothing of it was entered.
        """
        try:
            return self._enter(paper, identity, given, minted_dossier=minted_dossier)
        except _ODD as error:
            raise VaultDamaged("paper_not_entered", id=paper.object_id, error=type(error).__name__) from None

    def _enter(self, paper: Paper, identity: Identity | None, given: Codes, *, minted_dossier: bool) -> tuple[str, ...]:
        with self._db.begin_nested():
            taken = self._taken(given, minted_dossier=minted_dossier)
            if taken:
                own = {name: f"{code}#{paper.id}" for name, code in taken.items() if name != "dossier"}
                given = given.model_copy(update=own)
                paper = paper.model_copy(update={f"{name}_code": code for name, code in own.items()})
            else:
                _raise_counters(self._db, given, minted_dossier=minted_dossier)
            _write(self._db, paper.id, given, minted_dossier=minted_dossier and not taken)
            enter_paper(self._db, paper, identity, self._owner_keys.of(paper.owner_id))
        return tuple(taken.values())

    def reserve(self, document_id: str, given: Codes, *, minted_dossier: bool) -> bool:
        """Keep the codes of a paper that is not held from being given out again; whether they can be kept."""
        if codes_of(self._db, document_id) is not None or self._taken(given, minted_dossier=minted_dossier):
            return True
        with suppress(*_ODD), self._db.begin_nested():
            with suppress(*_ODD):  # a code of no grammar has no counter
                _raise_counters(self._db, given, minted_dossier=minted_dossier)
            _write(self._db, document_id, given, minted_dossier=minted_dossier)
            return True
        return False

    def holds(self, document_id: str) -> bool:
        """Whether a paper was entered, or kept."""
        return self._db.execute(select(papers.c.id).where(papers.c.id == document_id)).scalar() is not None

    def left_out(self) -> list[FormerPaper]:
        """The papers that the former catalogue knew and that were not entered again."""
        return self._former(_PAPERS.c.id.not_in(select(papers.c.id)))

    def moved(self) -> list[FormerPaper]:
        """The papers of which the former catalogue knew something else that never changes, as the owner or the scan."""
        return self._former(self._differs(_FIXED))

    def revised(self) -> list[Paper]:
        """The papers of which it knew something else that versions of an object change, as it knew them.

        A row that no catalogue takes is passed over.
        """
        ids = self._db.execute(select(_PAPERS.c.id).where(self._differs(_REVISED)).order_by(_PAPERS.c.id))
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
        minted = exists().where(_CODES.c.document_id == former.id, _CODES.c.kind == "dossier", _CODES.c.minted == 1)
        with suppress(*_ODD):
            row = self._db.execute(select(_PAPERS).where(_PAPERS.c.id == former.id)).mappings().one()
            paper = paper_of(row)
            plain = {
                name: code.partition("#")[0]
                for name in ("digitisation_code", "result_code")
                if (code := getattr(paper, name))
            }
            given = Codes(
                dossier=paper.dossier, digitisation=plain["digitisation_code"], result=plain.get("result_code")
            )
            is_minted = bool(self._db.execute(select(minted)).scalar())
            return self._enter(paper.model_copy(update=plain), None, given, minted_dossier=is_minted)
        return ()

    def note_unread(self, document_ids: Collection[str]) -> None:
        """Keep how many of these, whose objects cannot be read, the catalogue knows nothing of, or not even codes."""
        unknown = [name for name in document_ids if not self.holds(name)]
        nameless = [name for name in unknown if codes_of(self._db, name) is None]
        note_property(self._db, properties, UNREAD, str(len(unknown)))
        note_property(self._db, properties, NAMELESS, str(len(nameless)))

    def close(self) -> None:
        """Reserve every code that was ever known, and forget the former catalogue otherwise."""
        of_same = and_(codes.c.document_id == _CODES.c.document_id, codes.c.kind == _CODES.c.kind)
        known = exists(select(codes.c.code).where(or_(codes.c.code == _CODES.c.code, of_same)))
        lost = self._db.execute(select(_CODES).where(~known)).mappings().all()
        if lost:
            self._db.execute(insert(codes), [dict(row) for row in lost])
        for prefix, last in self._db.execute(select(_COUNTERS.c.prefix, _COUNTERS.c.last)).all():
            raise_counter(self._db, prefix, last)
        for item in archived.tables():
            self._db.execute(delete(item).where(item.c.document_id.not_in(select(papers.c.id))))
        for former in _FORMER.values():
            former.drop(self._db)

    @staticmethod
    def _differs(names: Sequence[str]) -> ColumnElement[bool]:
        differs = or_(*(papers.c[name].is_distinct_from(_PAPERS.c[name]) for name in names))
        return exists(select(papers.c.id).where(papers.c.id == _PAPERS.c.id, differs))

    def _former(self, condition: ColumnElement[bool]) -> list[FormerPaper]:
        columns = select(_PAPERS.c.id, _PAPERS.c.object_id, _PAPERS.c.digitisation_code)
        return [FormerPaper(*row) for row in self._db.execute(columns.where(condition).order_by(_PAPERS.c.id))]

    def _taken(self, given: Codes, *, minted_dossier: bool) -> dict[str, str]:
        names = ("digitisation", "result", *(["dossier"] if minted_dossier else []))
        wanted = {name: code for name in names if (code := getattr(given, name))}
        found = set(self._db.execute(select(codes.c.code).where(codes.c.code.in_(wanted.values()))).scalars())
        return {name: code for name, code in wanted.items() if code in found}


def codes_of(db: Connection, document_id: str) -> Codes | None:
    """The codes of a document, if it has any."""
    rows = db.execute(select(codes.c.kind, codes.c.code).where(codes.c.document_id == document_id))
    found: dict[str, str] = {row.kind: row.code for row in rows}
    if not found:
        return None
    dossier = found["dossier"].partition("#")[0]
    return Codes(dossier=dossier, digitisation=found["digitisation"], result=found.get("result"))


def write_codes(db: Connection, document_id: str, given: dict[str, tuple[str, bool]]) -> None:
    """Keep the codes of a document, by kind, each with whether it was minted here."""
    for kind, (code, minted) in given.items():
        # Papers of one dossier share its code: it is kept once, under the first of them.
        key = code if kind != "dossier" or minted else f"{code}#{document_id}"
        db.execute(insert(codes).values(code=key, kind=kind, document_id=document_id, minted=int(minted)))


def series_of(dossier: str) -> str:
    """What the serials of minted dossier codes count within: agency and day."""
    return dossier[: dossier.rindex("-") + 1]


def raise_counter(db: Connection, prefix: str, n: int) -> None:
    """Move a counter to a number, unless it is past it."""
    last = db.execute(select(counters.c.last).where(counters.c.prefix == prefix)).scalar()
    if last is None:
        db.execute(insert(counters).values(prefix=prefix, last=n))
    elif last < n:
        db.execute(update(counters).where(counters.c.prefix == prefix).values(last=n))


def enter_paper(db: Connection, paper: Paper, identity: Identity | None, owner_key: str) -> None:
    """Enter an archived paper, what it is known by, and in the same transaction the note for the index.

    ``identity`` None: what it is known by stays as it is.
    """
    names = (paper.title, paper.abstract, paper.owner_name, paper.issuer)
    words = words_of(*names, paper.number_symbol, paper.digitisation_code, paper.result_code, paper.dossier)
    db.execute(insert(papers).values(**paper.model_dump(), owner_key=owner_key, words=words))
    Outbox.write(db, paper.id)
    if identity is not None:
        archived.write(db, paper.id, identity)


def paper_of(row: RowMapping) -> Paper:
    """The paper of a row."""
    values = {name: row[name] for name in Paper.model_fields}
    return Paper(**{**values, "archived_at": local(values["archived_at"])})


def _write(db: Connection, document_id: str, given: Codes, *, minted_dossier: bool) -> None:
    values = {"dossier": (given.dossier, minted_dossier), "digitisation": (given.digitisation, True)}
    if given.result is not None:
        values["result"] = (given.result, True)
    write_codes(db, document_id, values)


def _raise_counters(db: Connection, given: Codes, *, minted_dossier: bool) -> None:
    """Move the counters past the codes of a document.

    Raises:
        ValueError: a code is not of its grammar.
    """
    prefix, _, n = given.digitisation.rpartition(".")
    raise_counter(db, prefix, int(n))
    if minted_dossier:
        raise_counter(db, series_of(given.dossier), parse_dossier(given.dossier).serial)
    if given.result is not None:
        raise_counter(db, f"{given.dossier}-KQ", parse_result(given.result)[1])
