"""Adding to a database what it lacks, where something tells what stood there, or nothing had to."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, Table, delete, insert, text
from sqlalchemy.engine import make_url
from sqlalchemy.schema import CreateColumn

from archive.database import DatabaseKind, open_as_it_is, put_aside_damaged
from archive.errors import StoreLacks
from archive.schemas.opening import bring_up, note_head, told_lacking
from archive.schemas.shape import MADE_ANEW, ON_WAY, TABLES, Lack, can_be_mended, columns_of, is_added, lacks_of
from archive.tables import properties
from archive.work.tables import ledger_properties

_ENTERED_ANEW = ("owner keys", "words on way")  # what the ledger says of the tables that are entered from its others


def mend_database(engine: Engine, kind: DatabaseKind) -> tuple[Lack, ...]:
    """Bring a database up, and add what it lacks then; gives what was added.

    A catalogue may lose what it holds by that, and is behind its vault from then on: it is to be made anew.

    Raises:
        StoreFromFuture: the schema is not known.
        StoreLacks: nothing tells what stood there; nothing of that was added.
    """
    try:
        bring_up(engine, kind)
    except StoreLacks:
        if kind != "catalogue":
            raise
    with engine.begin() as db:
        lacks = lacks_of(db, kind)
        if not lacks:
            return ()
        if not can_be_mended(kind, lacks):
            raise told_lacking(kind, lacks)
        _add(db, kind, lacks)
        note_head(db, kind)
    return lacks


@contextmanager
def open_mended(url: str, kind: DatabaseKind) -> Iterator[Engine]:
    """An engine on the present schema, whatever was lacking or damaged; raises as both others do."""
    path = make_url(url).database
    if path and url.startswith("sqlite"):
        put_aside_damaged(Path(path))
    with open_as_it_is(url, kind) as engine:
        mend_database(engine, kind)
        yield engine


def _add(db: Connection, kind: DatabaseKind, lacks: tuple[Lack, ...]) -> None:
    by_table = defaultdict[str, list[Lack]](list)
    for item in lacks:
        by_table[item.table].append(item)
    there = columns_of(db)
    for table in TABLES[kind].sorted_tables:
        mine = by_table[table.name]
        is_kept = (
            table.name in there
            and all(is_added(kind, item) for item in mine)
            and not (mine and table.name in MADE_ANEW)
        )
        if not is_kept:
            table.drop(db, checkfirst=True)
            table.create(db)
            continue
        for item in mine:
            _add_column(db, table, str(item.column))
    if kind == "catalogue":
        db.execute(delete(properties))  # so that it is known to be behind its vault, whatever cuts this off
    if kind == "ledger" and by_table.keys() & {item.name for item in ON_WAY}:
        db.execute(delete(ledger_properties))
        db.execute(insert(ledger_properties), [{"name": name, "value": ""} for name in _ENTERED_ANEW])


def _add_column(db: Connection, table: Table, name: str) -> None:
    column = table.columns[name]
    said = CreateColumn(column).compile(dialect=db.dialect)
    db.execute(text(f"ALTER TABLE {table.name} ADD COLUMN {said}"))
    for index in table.indexes:
        if name in index.columns:
            index.create(db, checkfirst=True)
