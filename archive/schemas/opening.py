"""Opening a database on the schema of this release: made or brought up by Alembic, and compared."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock
from sqlalchemy import Connection, Engine, MetaData, create_engine, text
from sqlalchemy.exc import NoReferencedTableError, NoSuchTableError, OperationalError, ProgrammingError
from sqlalchemy.pool import StaticPool

from archive.database import MENDED_BY, DatabaseKind, for_reading, open_as_it_is
from archive.errors import StoreLacks
from archive.schemas.shape import TABLES, Lack, can_be_mended, columns_of, lacks_of
from config.store import StoreFromFuture

HEADS: dict[DatabaseKind, str] = {
    "ledger": "ledger_0007",
    "catalogue": "catalogue_0008",
    "desk": "desk_0009",
    "quality": "quality_0002",
}
MIGRATIONS = Path(__file__).parent.parent / "migrations"
_DIGITS = 4  # of the number of a revision
_AMISS = (
    OperationalError,
    ProgrammingError,
    NoSuchTableError,
    NoReferencedTableError,
)  # how a database says that something is not there


@contextmanager
def open_database(url: str, kind: DatabaseKind) -> Iterator[Engine]:
    """An engine on the present schema, or on one that gained something since; made or migrated where it is not there.

    Raises:
        StoreFromFuture: the schema is not known.
        StoreLacks: tables or columns are not there.
        PermissionError, DatabaseUnusable, DatabaseFull: as of ``open_as_it_is``.
    """
    with open_as_it_is(url, kind) as engine:
        bring_up(engine, kind)
        demand_whole(engine, kind)
        yield engine


def bring_up(engine: Engine, kind: DatabaseKind) -> None:
    """Bring a database to the schema of this release, as far as its own note of which it has tells.

    Raises:
        StoreFromFuture: the schema is not known.
        StoreLacks: what is to be changed is not there; nothing was changed.
    """
    revision = revision_of(engine, kind)
    if revision == HEADS[kind] or is_later(engine, kind) or (revision is None and _is_begun(engine, kind)):
        return
    try:
        _migrate(engine, kind)
    except _AMISS as error:
        what = str(getattr(error, "orig", None) or error)
        raise StoreLacks("schema_not_reached", remedy=MENDED_BY[kind], kind=kind, error=what) from None


def demand_whole(engine: Engine, kind: DatabaseKind) -> None:
    """See that a database has all tables and columns of this release.

    Raises:
        StoreLacks: it has not; `upgrade` adds what can be added.
    """
    with for_reading(engine).connect() as db:
        lacks = lacks_of(db, kind)
    if lacks:
        raise told_lacking(kind, lacks)


def told_lacking(kind: DatabaseKind, lacks: tuple[Lack, ...]) -> StoreLacks:
    """What is told of a database that lacks these."""
    remedy = "run_upgrade" if can_be_mended(kind, lacks) else MENDED_BY[kind]
    return StoreLacks("schema_lacks", remedy=remedy, kind=kind, lacks=", ".join(map(str, lacks)))


def is_former(engine: Engine, kind: DatabaseKind) -> bool:
    """Whether a database has an earlier schema than this release writes; one that is not made yet has none."""
    return revision_of(engine, kind) not in {None, HEADS[kind]} and not is_later(engine, kind)


def is_later(engine: Engine, kind: DatabaseKind) -> bool:
    """Whether a later release wrote it: of a store of this version, only by what leaves all else as it is."""
    revision, head = revision_of(engine, kind) or "", HEADS[kind]
    return revision[:-_DIGITS] == head[:-_DIGITS] and revision[-_DIGITS:].isdigit() and revision > head


def revision_of(engine: Engine, kind: DatabaseKind) -> str | None:
    """The schema that a database says it has; None of one that is not made, or does not say."""
    with for_reading(engine).connect() as db:
        if "version_num" not in columns_of(db).get(f"{kind}_version", ()):
            return None
        return db.execute(text(f"SELECT version_num FROM {kind}_version")).scalar()  # noqa: S608 (of four literals)


def foreseen(engine: Engine, kind: DatabaseKind) -> tuple[Lack, ...]:
    """What a database will lack once it is brought up, tried on an empty one of its form.

    One that cannot be brought up is told as a table of its own name.  Of one on a server that has an earlier schema
    nothing is foreseen.
    """
    if is_former(engine, kind):
        if engine.dialect.name != "sqlite":
            return ()
        return _tried(engine, kind)
    with for_reading(engine).connect() as db:
        if revision_of(engine, kind) is None and not _is_begun(engine, kind):
            return ()  # it is made when it is opened
        return lacks_of(db, kind)


def note_head(db: Connection, kind: DatabaseKind) -> None:
    """Let a database say that it has the schema of this release."""
    table = f"{kind}_version"
    if "version_num" not in columns_of(db).get(table, ()):
        db.execute(text(f"DROP TABLE IF EXISTS {table}"))
        db.execute(text(f"CREATE TABLE {table} (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
    db.execute(text(f"DELETE FROM {table}"))  # noqa: S608 (of four literals)
    db.execute(text(f"INSERT INTO {table} (version_num) VALUES ('{HEADS[kind]}')"))  # noqa: S608


def _is_begun(engine: Engine, kind: DatabaseKind) -> bool:
    """Whether a database holds a table of its kind: if it does not say its schema, that is lost and not yet to come."""
    with for_reading(engine).connect() as db:
        there = columns_of(db)
    return any(name in there for name in TABLES[kind].tables)


def _tried(engine: Engine, kind: DatabaseKind) -> tuple[Lack, ...]:
    form, revision = MetaData(), revision_of(engine, kind)
    trial = create_engine("sqlite://", poolclass=StaticPool)
    try:
        form.reflect(for_reading(engine))
        form.create_all(trial)
        with trial.begin() as db:
            db.execute(form.tables[f"{kind}_version"].insert().values(version_num=revision))
        _migrate(trial, kind)
        with trial.connect() as db:
            return lacks_of(db, kind)
    except _AMISS:
        return (Lack(kind),)
    finally:
        trial.dispose()


def _migrate(engine: Engine, kind: DatabaseKind) -> None:
    from alembic import command  # noqa: PLC0415 (0.3 s, needed once per store)
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("version_locations", str(MIGRATIONS / kind).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["engine"] = engine
    config.attributes["version_table"] = f"{kind}_version"
    path = engine.url.database if engine.dialect.name == "sqlite" else None
    with FileLock(f"{path}.migrate") if path else _unlocked():
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise StoreFromFuture("schema_unknown", kind=kind, error=error) from None


@contextmanager
def _unlocked() -> Iterator[None]:
    yield
