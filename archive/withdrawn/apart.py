"""What the table of withdrawn papers says, and how a paper gets there; also while the catalogue is made anew."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, RowMapping, delete, insert

from archive.database import local
from archive.interface import Paper
from archive.outbox import Outbox
from archive.papers.owners import forget_keys
from archive.tables import archived, papers, withdrawn
from archive.withdrawn.tombstone import Tombstone
from domain.record import Frozen
from domain.states import WithdrawnState


class WithdrawnPaper(Frozen):
    """A paper that was withdrawn; of one that was erased there is nothing else.

    ``code`` is its digitisation code, ``belongs`` the dossier or agency that tells whose it is.
    """

    id: str
    object_id: str
    sha256: str
    code: str
    belongs: str | None
    state: WithdrawnState
    at: datetime


class KnownApart(NamedTuple):
    """What is known of a withdrawn paper, and what is to be left of it when it was erased."""

    row: WithdrawnPaper
    left: Tombstone | None = None


def put_apart(db: Connection, paper: Paper, at: datetime) -> None:
    """Take a held paper out of all that is asked for, and have the index forget it; its codes stay taken."""
    db.execute(delete(papers).where(papers.c.id == paper.id))
    forget_keys(db, paper.id)
    db.execute(delete(withdrawn).where(withdrawn.c.id == paper.id))
    row = {"id": paper.id, "object_id": paper.object_id, "sha256": paper.sha256, "belongs": paper.belongs}
    db.execute(insert(withdrawn).values(**row, code=paper.digitisation_code, state="withdrawn", at=at))
    Outbox.write(db, paper.id)


def forget(db: Connection, left: Tombstone) -> None:
    """Keep of a withdrawn paper only what is to be left of it, and its codes."""
    db.execute(delete(withdrawn).where(withdrawn.c.id == left.id))
    row = {"id": left.id, "object_id": left.object_id, "sha256": left.sha256, "belongs": left.belongs}
    values = {**row, "code": left.codes.digitisation, "state": "erased", "at": left.withdrawn_at}
    db.execute(insert(withdrawn).values(**values, tombstone=left.model_dump_json()))
    for table in archived.tables():
        db.execute(delete(table).where(table.c.document_id == left.id))


def withdrawn_of(row: RowMapping) -> WithdrawnPaper:
    """The withdrawn paper of a row."""
    known = {name: row[name] for name in WithdrawnPaper.model_fields}
    return WithdrawnPaper(**{**known, "at": local(row["at"])})


def known_of(row: RowMapping) -> KnownApart:
    """The withdrawn paper of a row, with what is to be left of it."""
    text = row["tombstone"]
    return KnownApart(withdrawn_of(row), None if text is None else Tombstone.model_validate_json(text))
