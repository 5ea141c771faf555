"""Whose the papers are that are on their way, so that a lookup need not read all that waits (docs/decisions/0071).

The rows of a document change with its record, in the same transaction.  They hold keyed hashes and never a number; made
with another secret they would find nobody, so they are made anew with the one that is there now.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Final, NamedTuple

from pydantic_core import from_json
from sqlalchemy import Connection, Engine, bindparam, delete, insert, select, update

from archive.database import for_reading, property_of
from archive.interface import LedgerEntry
from archive.owner_keys import OwnerKeys
from archive.papers.forms import KeptDescription
from archive.tables import ROWS, documents, ledger_entry
from archive.work.tables import ledger_properties, on_way
from domain.errors import SetupError
from domain.owners import identifier_kind
from domain.roles import HOLDER, PaperOwner, owners_of_line
from domain.states import OVER, UNDER_WAY, DocumentState

_OWNER_KEYS = "owner keys"
_AT_A_TIME = 500
MOST: Final = 100
"""Of how many papers of one owner on their way a lookup is told: an organisation may have a whole store under way."""

_KNOWS = update(ledger_properties).where(ledger_properties.c.name == _OWNER_KEYS).values(value=bindparam("check"))
_FORGET = delete(on_way).where(on_way.c.document_id == bindparam("document"))


class OnWay(NamedTuple):
    """A paper on its way: under which key it was found, and in which role its owner stands on it."""

    entry: LedgerEntry
    owner_key: str
    role: str


class OwnersOnWay:
    """The keyed hashes of the owners of what is under way; ``keys`` gives the secret, where there is one."""

    def __init__(self, engine: Engine, keys: Callable[[], OwnerKeys]) -> None:
        self._engine = engine
        self._reads = for_reading(engine)
        self._keys = keys

    def of(self, owner_keys: Sequence[str], type_codes: Collection[str]) -> list[OnWay]:
        """What is under way of these types and one of these owners, some hundred at most.

        Raises:
            SetupError: there is no secret, or it cannot be read.
        """
        self._make_sure()
        asked = select(on_way).where(on_way.c.type_code.in_(type_codes)).order_by(on_way.c.document_id).limit(MOST)
        found: dict[str, OnWay] = {}
        with self._reads.connect() as db:
            for key in owner_keys:
                rows = {row.document_id: row for row in db.execute(asked.where(on_way.c.owner_key == key))}
                mine = ROWS.where(documents.c.id.in_(rows), documents.c.state.in_(UNDER_WAY))
                for entry in map(ledger_entry, db.execute(mine).mappings()):
                    found.setdefault(entry.id, OnWay(entry, key, rows[entry.id].role))
        return list(found.values())

    def follow(self, db: Connection, document_id: str, state: DocumentState, record: str) -> None:
        """Enter whose a document is, as its record says now; of what is over nothing is kept."""
        db.execute(_FORGET, {"document": document_id})
        owners = [] if state in OVER else list(_owners(record))
        if not owners:
            return
        known = property_of(db, ledger_properties, _OWNER_KEYS)
        try:
            keys = self._keys()
        except SetupError:  # nothing may be concluded from rows that lack this paper's: who has the secret enters all
            if known:
                db.execute(_KNOWS, {"check": ""})
            return
        if known == keys.check:
            _enter(db, keys, [(document_id, owner) for owner in owners])
        else:
            _enter_all(db, keys)

    def _make_sure(self) -> None:
        """Enter all that is under way, where that was not done with the secret that is there now."""
        keys = self._keys()
        with self._reads.connect() as db:
            if property_of(db, ledger_properties, _OWNER_KEYS) == keys.check:
                return
        with self._engine.begin() as db:
            _enter_all(db, keys)


def no_keys() -> OwnerKeys:
    """What a ledger has for its hashes that was opened without their secret.

    Raises:
        SetupError: there is none.
    """
    raise SetupError("secret_gone", remedy="put_backup_back", reason="owner_secret", path="owner.secret")


class _Owner(NamedTuple):
    number: str
    role: str
    type_code: str


def _owners(record: str) -> Iterator[_Owner]:
    """The owners that a record names with their numbers; none before the paper was described."""
    if '"description"' not in record:
        return
    try:
        said = KeptDescription.model_validate(from_json(record)["description"])
        fields = {name: item.value for name, item in said.fields.items()}
        first = PaperOwner(role=fields.get("owner_role") or HOLDER, number=fields.get("owner_id"))
        others = owners_of_line(fields.get("further_owners"))
    except (ValueError, KeyError, TypeError):  # of another release, or misread: a person is asked before it goes on
        return
    for owner in (first, *others):
        if owner.number and said.type_code and identifier_kind(owner.number):
            yield _Owner(owner.number, owner.role[:32], said.type_code[:50])


def _enter(db: Connection, keys: OwnerKeys, owners: Sequence[tuple[str, _Owner]]) -> None:
    rows = {
        (key := keys.of(owner.number), document): {
            "owner_key": key,
            "document_id": document,
            "type_code": owner.type_code,
            "role": owner.role,
        }
        for document, owner in reversed(owners)  # of a number that stands twice, the one that stands first
    }
    if rows:
        db.execute(insert(on_way), list(rows.values()))


def _enter_all(db: Connection, keys: OwnerKeys) -> None:
    """Enter what is under way, unless somebody did meanwhile: of two that come at once, one waits for the other."""
    if not db.execute(_KNOWS.where(ledger_properties.c.value != keys.check), {"check": keys.check}).rowcount:
        return
    db.execute(delete(on_way))
    for page in pages_under_way(db):
        _enter(db, keys, [(document, owner) for document, record in page for owner in _owners(record)])


def pages_under_way(db: Connection) -> Iterator[list[tuple[str, str]]]:
    """Ids and records of all that is under way, a page at a time."""
    last = ""
    query = select(documents.c.id, documents.c.record).where(documents.c.state.in_(UNDER_WAY))
    query = query.order_by(documents.c.id).limit(_AT_A_TIME)
    while page := db.execute(query.where(documents.c.id > last)).all():
        last = page[-1].id
        yield [(row.id, row.record) for row in page]
