"""Databases that lose a table or a column."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from archive.database import DatabaseKind
from archive.schemas.shape import TABLES, Lack


def parts(kind: DatabaseKind) -> Iterator[Lack]:
    """Every table and every column of a database."""
    yield Lack(f"{kind}_version")
    for table in TABLES[kind].sorted_tables:
        yield Lack(table.name)
        yield from (Lack(table.name, column.name) for column in table.columns)


def drop(path: Path, lack: Lack) -> None:
    """Take a table or a column out of a database, with what stood there."""
    with closing(sqlite3.connect(path)) as db, db:
        if lack.column is not None:
            names = [row[1] for row in db.execute(f"PRAGMA table_info({lack.table})") if row[1] != lack.column]
            rest = f"CREATE TABLE rest AS SELECT {', '.join(names)} FROM {lack.table}"  # noqa: S608 (our own)
            db.execute(rest if names else "CREATE TABLE rest (nothing)")
        db.execute(f"DROP TABLE {lack.table}")
        if lack.column is not None:
            db.execute(f"ALTER TABLE rest RENAME TO {lack.table}")
