"""What the table of withdrawn papers says, and how a paper gets there; also while the catalogue is made anew."""

from datetime import datetime

from sqlalchemy import Connection, RowMapping, delete, insert, update

from archive.database import local
from archive.interface import Paper
from archive.outbox import Outbox
from archive.tables import archived, papers, withdrawn
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


def put_apart(db: Connection, paper: Paper, at: datetime) -> None:
    """Take a held paper out of all that is asked for, and have the index forget it; its codes stay taken."""
    db.execute(delete(papers).where(papers.c.id == paper.id))
    db.execute(delete(withdrawn).where(withdrawn.c.id == paper.id))
    row = {"id": paper.id, "object_id": paper.object_id, "sha256": paper.sha256, "belongs": paper.belongs}
    db.execute(insert(withdrawn).values(**row, code=paper.digitisation_code, state="withdrawn", at=at))
    Outbox.write(db, paper.id)


def forget(db: Connection, document_id: str) -> None:
    """Keep of a withdrawn paper that it was here, and its codes."""
    db.execute(update(withdrawn).where(withdrawn.c.id == document_id).values(state="erased"))
    for table in archived.tables():
        db.execute(delete(table).where(table.c.document_id == document_id))


def withdrawn_of(row: RowMapping) -> WithdrawnPaper:
    """The withdrawn paper of a row."""
    return WithdrawnPaper(**{**row, "at": local(row["at"])})
