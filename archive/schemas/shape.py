"""Which tables and columns a database has to have, and which of them it lacks; nothing is changed by asking."""

from typing import Final, NamedTuple

from sqlalchemy import Connection, MetaData, Table, inspect, text

from archive.database import DatabaseKind
from archive.inspections.tables import QUALITY
from archive.links.tables import number_links
from archive.tables import CATALOGUE, DESK, LEDGER, withdrawals
from archive.work.tables import ledger_properties, on_way, on_way_words

TABLES: Final[dict[DatabaseKind, MetaData]] = {
    "ledger": LEDGER,
    "catalogue": CATALOGUE,
    "desk": DESK,
    "quality": QUALITY,
}
ON_WAY: Final[tuple[Table, ...]] = (on_way, on_way_words, ledger_properties)
"""Of the ledger, what is entered from its other tables."""
MADE_ANEW: Final = frozenset(item.name for item in (*ON_WAY, withdrawals))
"""Of the ledger, what other places tell."""
assert number_links.metadata is DESK  # noqa: S101 (named, so that its table is among those of the desk)
_ALL_OF_SQLITE = text(
    "SELECT m.name, p.name FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS p WHERE m.type = 'table'"
)


class Lack(NamedTuple):
    """A table that a database lacks, or a column of one that is there."""

    table: str
    column: str | None = None

    def __str__(self) -> str:
        """Its name, as people write it."""
        return self.table if self.column is None else f"{self.table}.{self.column}"


def columns_of(db: Connection) -> dict[str, set[str]]:
    """The tables of a database, each with its columns."""
    found: dict[str, set[str]] = {}
    if db.dialect.name == "sqlite":
        for table, column in db.execute(_ALL_OF_SQLITE):
            found.setdefault(table, set()).add(column)
        return found
    for (_, table), columns in inspect(db).get_multi_columns().items():
        found[table] = {column["name"] for column in columns}
    return found


def lacks_of(db: Connection, kind: DatabaseKind) -> tuple[Lack, ...]:
    """What a database lacks of the schema of this release."""
    there = columns_of(db)
    lacks = [Lack(name) for name in (f"{kind}_version",) if "version_num" not in there.get(name, ())]
    for table in TABLES[kind].sorted_tables:
        if table.name not in there:
            lacks.append(Lack(table.name))
        else:
            lacks += [Lack(table.name, item.name) for item in table.columns if item.name not in there[table.name]]
    return tuple(lacks)


def can_be_mended(kind: DatabaseKind, lacks: tuple[Lack, ...]) -> bool:
    """Whether something tells what stood there, or nothing had to.

    The vault tells all of the catalogue.  Of another database only what may be empty, or has a default, can be added;
    and what is entered from elsewhere.
    """
    return kind == "catalogue" or all(is_added(kind, item) or item.table in MADE_ANEW for item in lacks)


def is_added(kind: DatabaseKind, lack: Lack) -> bool:
    """Whether what is lacking may be added to what is there: it may be empty, or has a default."""
    if lack.table == f"{kind}_version":
        return True
    if lack.column is None:
        return False
    column = TABLES[kind].tables[lack.table].columns[lack.column]
    is_known_by_it = column.primary_key or column.unique
    return not is_known_by_it and (column.nullable or column.server_default is not None)
