"""What the one-stop system told of dossiers: of the desk's database, that which the line asks."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, select

from archive.database import for_reading
from archive.schemas.opening import open_database
from archive.tables import dossiers


class ToldDossiers:
    """The fields of dossiers; who reads them needs no secret of owners."""

    def __init__(self, engine: Engine) -> None:
        self._reads = for_reading(engine)

    def data(self, code: str) -> str | None:
        """The fields of a dossier as they came; None of one that was not imported."""
        with self._reads.connect() as db:
            return db.execute(select(dossiers.c.data).where(dossiers.c.code == code)).scalar()


@contextmanager
def open_told(url: str) -> Iterator[ToldDossiers]:
    """The dossiers in the desk's database at a URL."""
    with open_database(url, "desk") as engine:
        yield ToldDossiers(engine)
