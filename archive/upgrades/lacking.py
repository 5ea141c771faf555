"""What a store of an earlier release lacks, told by its shape; nothing is changed by asking.

Stores say which version they are of since version 2.  Before, only the shape of their parts tells.
"""

from typing import Any, Final, NamedTuple

from sqlalchemy import Column, Engine, func, select

from archive.database import DatabaseKind, for_reading, is_made, open_as_it_is, property_of
from archive.epoch import Epoch
from archive.errors import DatabaseFull, DatabaseUnusable, StoreOlder
from archive.schemas.opening import foreseen, is_former, is_later
from archive.schemas.shape import Lack, can_be_mended, columns_of
from archive.tables import archived, papers, properties
from config.settings import Settings
from config.store import STORE_VERSION, StoreFromFuture, note_version, version_of
from domain.errors import KhosoError
from domain.messages.told import Told, told

FIRST_VERSION: Final = 1
"""Of all stores that were made before stores said theirs."""
OWNER_KEYS: Final = "owner keys"
"""The property by which a catalogue knows under which secret its owners stand."""
_PUT_ASIDE: Final = frozenset({"database_damaged", "database_without_log"})


class Lacking(NamedTuple):
    """Of which version a store is, and what it lacks.

    ``databases`` have an earlier schema, or lack parts of this one.  ``catalogue``: it lacks what the vault alone
    tells, such as the keys of owners or how pages look, or is gone.  ``parts``: tables and columns that no
    change of schema brings.  ``unread``: why of a database nothing can be told.
    """

    version: int
    databases: tuple[DatabaseKind, ...] = ()
    catalogue: bool = False
    parts: tuple[tuple[DatabaseKind, tuple[Lack, ...]], ...] = ()
    unread: tuple[tuple[DatabaseKind, KhosoError | OSError], ...] = ()

    @property
    def steps(self) -> tuple[Told, ...]:
        """What is to be done, in this order, for people."""
        steps = [told("step_databases", databases=", ".join(self.databases))] if self.databases else []
        return (*steps, told("step_catalogue")) if self.catalogue else tuple(steps)

    @property
    def lost(self) -> tuple[tuple[DatabaseKind, tuple[Lack, ...]], ...]:
        """Of the parts, those of which nothing tells what stood there."""
        return tuple((kind, lacks) for kind, lacks in self.parts if not can_be_mended(kind, lacks))


def check_version(settings: Settings) -> None:
    """See that a store is of this release; one that lacks nothing, and did not say so, says it from now on.

    Raises:
        StoreOlder, StoreFromFuture: it is of another one.
    """
    if version_of(settings.home) == STORE_VERSION:
        return
    found = lacking(settings)
    if found.steps:  # else whoever uses another database would change it, and nothing of it was copied
        raise older(found)
    if not found.unread:  # which says so itself when it is used
        note_version(settings.home)


def older(found: Lacking) -> StoreOlder:
    """What is told of a store of an earlier release."""
    return StoreOlder("store_older", version=found.version, needed=STORE_VERSION, steps=found.steps)


def databases_of(settings: Settings) -> dict[DatabaseKind, str]:
    """The URLs of the databases that are there; whether a server has one is told by itself."""
    urls: dict[DatabaseKind, str] = {
        "ledger": settings.ledger_url,
        "catalogue": settings.catalogue_url,
        "desk": settings.desk_url,
        "quality": settings.quality_url,
    }
    return {kind: url for kind, url in urls.items() if not url.startswith("sqlite") or is_made(url)}


def lacking(settings: Settings) -> Lacking:
    """What a store lacks.

    Raises:
        StoreFromFuture: a later release wrote it, and the store does not say of which version it is.
    """
    version, looked = version_of(settings.home), dict[DatabaseKind, _Looked]()
    unread: dict[DatabaseKind, KhosoError | OSError] = {}
    for kind, url in databases_of(settings).items():
        try:
            looked[kind] = _look(url, kind, settings, version)
        except (DatabaseUnusable, DatabaseFull, PermissionError) as error:
            unread[kind] = error
    catalogue = looked.get("catalogue")
    waits = any(item.is_former or item.missing for kind, item in looked.items() if kind != "catalogue")
    is_gone = (
        version is None
        and waits
        and (catalogue is None or not catalogue.is_there)
        and is_put_aside(unread.get("catalogue"))
        and Epoch(settings.home, settings.vault).is_used
    )
    if is_gone:  # `rebuild` makes it anew, but waits until the others are brought up
        unread.pop("catalogue", None)
    return Lacking(
        version or FIRST_VERSION,
        tuple(kind for kind, item in looked.items() if item.is_former),
        is_gone or (catalogue is not None and catalogue.lacks),
        tuple((kind, item.missing) for kind, item in looked.items() if item.missing),
        tuple(unread.items()),
    )


def is_put_aside(error: Exception | None) -> bool:
    """Whether a catalogue that cannot be used is put aside when it is made anew; so is one that is not there."""
    return error is None or (isinstance(error, DatabaseUnusable) and error.what in _PUT_ASIDE)


def is_damaged_catalogue(url: str) -> bool:
    """Whether that is so of this one: it is not copied, for its file is kept under another name."""
    try:
        with open_as_it_is(url, "catalogue") as engine, for_reading(engine).connect() as db:
            columns_of(db)
    except DatabaseUnusable as error:
        return is_put_aside(error)
    return False


class _Looked(NamedTuple):
    """One database: whether it holds a table of its kind, has an earlier schema, and what it lacks."""

    is_there: bool
    is_former: bool
    missing: tuple[Lack, ...]
    lacks: bool = False


def _look(url: str, kind: DatabaseKind, settings: Settings, version: int | None) -> _Looked:
    with open_as_it_is(url, kind) as engine:
        if version is None and is_later(engine, kind):
            raise StoreFromFuture("schema_unknown", kind=kind, error=told("store_without_version"))
        missing = foreseen(engine, kind)
        lacks = kind == "catalogue" and (
            bool(missing) or _lacks_keys(engine, settings) or (version is None and _lacks_looks(engine))
        )
        is_there = kind != "catalogue" or _has(engine, papers.c.id)
        return _Looked(is_there, bool(missing) or is_former(engine, kind), missing, lacks)


def known_secret(engine: Engine) -> str | None:
    """By what a catalogue knows its secret; None of one that was written by a release that knew none."""
    if not _has(engine, properties.c.name, properties.c.value):
        return None
    with for_reading(engine).connect() as db:
        return property_of(db, properties, OWNER_KEYS)


def papers_of(url: str) -> int:
    """How many papers a catalogue knows; none, where it is not there or cannot be read."""
    if url.startswith("sqlite") and not is_made(url):
        return 0
    try:
        with open_as_it_is(url, "catalogue") as engine, for_reading(engine).connect() as db:
            return db.execute(select(func.count(papers.c.id))).scalar_one() if _has(engine, papers.c.id) else 0
    except DatabaseUnusable:
        return 0


def _lacks_keys(engine: Engine, settings: Settings) -> bool:
    """Whether a catalogue was written by a release that entered owners under no secret, or lost parts and is behind."""
    if not _has(engine, papers.c.id) or known_secret(engine) is not None:
        return False
    with for_reading(engine).connect() as db:
        holds = db.execute(select(papers.c.id).limit(1)).first() is not None
    return holds or Epoch(settings.home, settings.vault).is_used


def _lacks_looks(engine: Engine) -> bool:
    """Whether a paper is held of which the catalogue does not know how it looks."""
    looks = archived.table.c
    if not _has(engine, papers.c.id, looks.document_id, looks.image_key):
        return False  # of the very first releases, whose papers have no keys of owners either
    known = select(looks.document_id).where(looks.image_key.is_not(None))
    with for_reading(engine).connect() as db:
        return db.execute(select(papers.c.id).where(papers.c.id.not_in(known)).limit(1)).first() is not None


def _has(engine: Engine, *columns: Column[Any]) -> bool:
    with for_reading(engine).connect() as db:
        there = columns_of(db)
    return all(item.name in there.get(item.table.name, ()) for item in columns)
