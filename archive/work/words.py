"""The words of papers that are on their way, so that who searches need not read all that waits (docs/decisions/0071).

They are those by which the catalogue finds papers, and follow the record in the same transaction.  Names of owners are
told apart, for a desk may not look for them; no identity number is among the words.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from pydantic_core import from_json
from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    FromClause,
    Select,
    bindparam,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)

from archive.database import for_reading, property_of
from archive.interface import LedgerEntry
from archive.papers.forms import KeptDescription
from archive.tables import ROWS, documents, ledger_entry
from archive.words import words_of
from archive.work.owners import MOST, pages_under_way
from archive.work.tables import ledger_properties, on_way_words
from domain.roles import owners_of_line
from domain.states import OVER, UNDER_WAY, DocumentState

_ENTERED = "words on way"
_SAID: Final = ("title", "abstract", "issuer")
_NUMBERED: Final = ("number_symbol", "dossier_code", "result_code")
_LONG_NUMBER = re.compile(r"\d{9,}")  # may be somebody's
_FORGET = delete(on_way_words).where(on_way_words.c.document_id == bindparam("document"))
_KNOWS = update(ledger_properties).where(ledger_properties.c.name == _ENTERED)


class Said(NamedTuple):
    """What a record says of a paper: words with blanks around them, its own and names of its owners; day of issue."""

    words: str
    names: str
    issued: str


class WordsOnWay:
    """The words of what is under way."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reads = for_reading(engine)

    def having(self, words: Sequence[Sequence[str]], *, names: bool) -> list[LedgerEntry]:
        """What is under way and has one of the words of each group, a hundred papers at most.

        Args:
            words: groups of words, of which one is enough.
            names: whether names of owners count.
        """
        self._make_sure()
        with self._reads.connect() as db:
            counts = [(db.execute(self._number(group, names=names)).scalar_one(), group) for group in words]
            counts.sort(key=lambda item: item[0])  # by the rarest: others have lists as long as all that waits
            if not counts or not counts[0][0]:
                return []
            first, *others = (group for _, group in counts)
            query = select(on_way_words.c.document_id).where(_is_one(on_way_words, first, names=names)).distinct()
            for group in others:
                other = on_way_words.alias()
                same = other.c.document_id == on_way_words.c.document_id
                query = query.where(exists().where(same, _is_one(other, group, names=names)))
            ids = db.execute(query.order_by(on_way_words.c.document_id).limit(MOST)).scalars().all()
            rows = db.execute(ROWS.where(documents.c.id.in_(ids), documents.c.state.in_(UNDER_WAY))).mappings()
            return [ledger_entry(row) for row in rows]

    def of_batch(self, batch_id: str) -> list[LedgerEntry]:
        """What is under way of a batch, a hundred papers at most."""
        mine = ROWS.where(documents.c.batch_id == batch_id, documents.c.state.in_(UNDER_WAY))
        with self._reads.connect() as db:
            rows = db.execute(mine.order_by(documents.c.seq, documents.c.part).limit(MOST)).mappings()
            return [ledger_entry(row) for row in rows]

    def follow(self, db: Connection, document_id: str, state: DocumentState, record: str) -> None:
        """Enter what a document's record says now; of what is over nothing is kept."""
        db.execute(_FORGET, {"document": document_id})
        said = None if state in OVER else said_by(record)
        if said is None:
            return
        if property_of(db, ledger_properties, _ENTERED):
            _enter(db, document_id, said)
        else:
            _enter_all(db)

    def _make_sure(self) -> None:
        with self._reads.connect() as db:
            if property_of(db, ledger_properties, _ENTERED):
                return
        with self._engine.begin() as db:
            _enter_all(db)

    @staticmethod
    def _number(group: Sequence[str], *, names: bool) -> Select[int]:
        some = select(on_way_words.c.document_id).where(_is_one(on_way_words, group, names=names)).limit(10 * MOST)
        return select(func.count()).select_from(some.subquery())


def said_by(record: str) -> Said | None:
    """What a record says of its paper; None before it was described."""
    if '"description"' not in record:
        return None
    try:
        description = KeptDescription.model_validate(from_json(record)["description"])
        fields = {name: item.value for name, item in description.fields.items()}
        others = owners_of_line(fields.get("further_owners"))
    except (ValueError, KeyError, TypeError):  # of another release, or misread: a person is asked before it goes on
        return None
    own = words_of(*map(fields.get, (*_SAID, *_NUMBERED)))
    names = words_of(fields.get("owner_name"), *(item.name for item in others))
    of_type = f"{type_word(description.type_code)} " if description.type_code else ""
    return Said(own + of_type, names, fields.get("issued_date") or "")


def type_word(type_code: str) -> str:
    """By what word papers of a type are found."""
    return f"={type_code}"


def _is_one(table: FromClause, group: Sequence[str], *, names: bool) -> ColumnElement[bool]:
    is_word = table.c.word.in_(group)
    return is_word if names else is_word & table.c.of_name.is_(False)


def _enter(db: Connection, document_id: str, said: Said) -> None:
    rows = [
        {"word": word, "document_id": document_id, "of_name": of_name}
        for words, of_name in ((said.words, False), (said.names, True))
        for word in sorted(set(words.split()))
        if len(word) <= 80 and not _LONG_NUMBER.search(word)
    ]
    if rows:
        db.execute(insert(on_way_words), rows)


def _enter_all(db: Connection) -> None:
    """Enter what is under way, unless somebody did meanwhile."""
    if not db.execute(_KNOWS.where(ledger_properties.c.value == "").values(value="yes")).rowcount:
        return
    db.execute(delete(on_way_words))
    for document_id, said in _said(db):
        _enter(db, document_id, said)


def _said(db: Connection) -> Iterator[tuple[str, Said]]:
    for page in pages_under_way(db):
        for document_id, record in page:
            if (said := said_by(record)) is not None:
                yield document_id, said
