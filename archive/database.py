"""Opening a database: SQLite in WAL mode (or another SQLAlchemy URL), on whatever schema is there."""

import errno
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal

from sqlalchemy import (
    Connection,
    Engine,
    RowMapping,
    Table,
    create_engine,
    delete,
    event,
    insert,
    select,
)
from sqlalchemy.engine import ExceptionContext, make_url

from archive.errors import DatabaseFull, DatabaseUnusable
from domain.clock import VIETNAM
from files.durable import flush_folder
from files.sqlite_log import has_foreign_log

DatabaseKind = Literal["ledger", "catalogue", "desk", "quality"]

_BUSY_TIMEOUT_S = 60
# Every commit is flushed, but not the desk's: what it knows stands in the audit journal too, which is flushed before
# anything is answered.  A power cut may cost its last rows, never its soundness; a killed process costs nothing.
_FLUSH: dict[DatabaseKind, str] = {"ledger": "FULL", "catalogue": "FULL", "desk": "NORMAL", "quality": "FULL"}
MENDED_BY: Final[dict[DatabaseKind, str]] = {
    "ledger": "put_ledger_back",
    "catalogue": "rebuild_anew",
    "desk": "put_desk_back",
    "quality": "put_quality_back",
}
"""What is to be done about one whose file is damaged."""
# When the log is put into the database, the call that filled it waits 20 to 100 ms.  At the usual 1000 pages
# that is one lookup in eighty, with a person waiting.
_LOG_PAGES = 4_000
_NUMBERS = 2**31  # of transactions, in four bytes


@contextmanager
def open_as_it_is(url: str, kind: DatabaseKind) -> Iterator[Engine]:
    """An engine on whatever schema is there.

    Raises:
        PermissionError: this user may not write the file of the database, or in its folder.
        DatabaseUnusable, DatabaseFull: here, or at any use: it is damaged or may not be written, or its disk is full.
    """
    engine = create_engine(url, connect_args={"timeout": _BUSY_TIMEOUT_S} if url.startswith("sqlite") else {})
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", partial(_set_up_sqlite, _FLUSH[kind], make_url(url).database))
        event.listen(engine, "begin", _begin)
        event.listen(engine, "commit", _number)
        event.listen(engine, "handle_error", partial(_explained, kind))
        _prepare_file(make_url(url).database, kind)
    try:
        yield engine
    finally:
        engine.dispose()


def is_made(url: str) -> bool:
    """Whether the file of an SQLite database is there."""
    path = make_url(url).database
    return path is not None and Path(path).exists()


def put_aside_damaged(path: Path) -> None:
    """A file that is no sound database gets another name, so that a new one can be made."""
    if not path.exists():
        return
    if not has_foreign_log(path):
        with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(path)) as db:
            if db.execute("PRAGMA quick_check(1)").fetchone() == ("ok",):
                return
    for end in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            path.with_name(path.name + end).rename(path.with_name(f"{path.name}.damaged{end}"))
    flush_folder(path.parent)


def _prepare_file(database: str | None, kind: DatabaseKind) -> None:
    """Ask for the rights first: SQLite writes its log even to read, and of what it may not write it names no path."""
    if database is None or database == ":memory:":
        return
    for path in (Path(database), Path(database).parent):
        if path.exists() and not os.access(path, os.R_OK | os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    if not Path(database).exists():
        Path(database).parent.mkdir(parents=True, exist_ok=True)
        Path(database).touch()  # SQLite would give the group no right to write a new file, whatever the umask
    if has_foreign_log(Path(database)):
        raise DatabaseUnusable("database_without_log", remedy="put_log_back", kind=kind, database=database)


def _explained(kind: DatabaseKind, context: ExceptionContext) -> None:
    """Raise what is no fault of ours as what it is."""
    error = context.original_exception
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF  # an extended code holds it in its last byte
    place = str(context.engine.url.database if context.engine else None)
    if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and not shutil.disk_usage(Path(place).parent).free):
        raise DatabaseFull("disk_full_at", place=place)
    if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        raise DatabaseUnusable("database_damaged", remedy=MENDED_BY[kind], kind=kind, place=place, error=error)
    if code in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_IOERR}:
        raise DatabaseUnusable("database_not_used", remedy="see_to_disk", kind=kind, place=place, error=error)


def local(moment: datetime) -> datetime:
    """A time from the database in Viet Nam's zone: SQLite forgets zones, and all that is written there is +07:00."""
    return moment.replace(tzinfo=VIETNAM) if moment.tzinfo is None else moment.astimezone(VIETNAM)


def local_values(row: RowMapping) -> dict[str, Any]:
    """The columns of a row, all times in Viet Nam's zone."""
    return {name: local(value) if isinstance(value, datetime) else value for name, value in row.items()}


def property_of(db: Connection, properties: Table, name: str) -> str | None:
    """What a database knows of itself under a name."""
    return db.execute(select(properties.c.value).where(properties.c.name == name)).scalar()


def note_property(db: Connection, properties: Table, name: str, value: str) -> None:
    """Let a database know something of itself, instead of what it knew under that name."""
    db.execute(delete(properties).where(properties.c.name == name))
    db.execute(insert(properties).values(name=name, value=value))


def _set_up_sqlite(flush: str, database: str | None, connection: sqlite3.Connection, _record: Any) -> None:
    if database and database != ":memory:":
        _write_temporary_files(connection, Path(database).resolve().parent)
    connection.isolation_level = None  # SQLAlchemy's "begin" event below opens transactions
    settings = (
        "journal_mode=WAL",
        f"synchronous={flush}",
        f"wal_autocheckpoint={_LOG_PAGES}",
        "foreign_keys=ON",
        f"busy_timeout={_BUSY_TIMEOUT_S * 1000}",
    )
    for pragma in settings:
        connection.execute(f"PRAGMA {pragma}")


def _write_temporary_files(connection: sqlite3.Connection, folder: Path) -> None:
    """Let what SQLite writes for a while (savepoints, large sorts) stay in the store: it holds whose papers these are.

    Not the variable ``SQLITE_TMPDIR``, which counts only until the library is loaded, and not ``temp_store``, which no
    savepoint minds.  The folder holds for the process, so it is changed only where it is gone.
    """
    (before,) = connection.execute("PRAGMA temp_store_directory").fetchone() or ("",)
    if not (before and Path(before).is_dir()):
        quoted = str(folder).replace("'", "''")
        connection.execute(f"PRAGMA temp_store_directory = '{quoted}'")


def for_reading(engine: Engine) -> Engine:
    """The same database for single statements that only read: they wait for no writer, and none waits for them."""
    return engine.execution_options(only_reads=True)


def _begin(connection: Connection) -> None:
    """Take the write lock at once: a reader that becomes a writer would fail with "database is locked"."""
    if not connection.get_execution_options().get("only_reads", False):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        connection.info["changes"] = _changes(connection)


def _number(connection: Connection) -> None:
    """Give a transaction that changed something the next number, by which its log is known (``has_foreign_log``)."""
    before = connection.info.pop("changes", None)
    if before is not None and _changes(connection) != before:
        number = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        connection.exec_driver_sql(f"PRAGMA user_version = {(number + 1) % _NUMBERS}")


def _changes(connection: Connection) -> int:
    raw = connection.connection.driver_connection
    return raw.total_changes if isinstance(raw, sqlite3.Connection) else 0
