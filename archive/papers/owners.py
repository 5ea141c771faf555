"""By which keyed hashes a paper is found: that of its owner, and those of its further owners, each with his role."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, delete, insert, or_, select

from archive.interface import Paper
from archive.owner_keys import OwnerKeys
from archive.tables import further_keys, papers


def write_keys(db: Connection, paper: Paper, keys: OwnerKeys) -> str:
    """Enter the keys of the further owners of a paper in place of those that were there; gives that of its owner."""
    own = keys.of(paper.owner_id)
    forget_keys(db, paper.id)
    found = {keys.of(item.number): item.role for item in paper.others if item.number}
    found.pop(own, None)
    if found:
        rows = [{"owner_key": key, "paper_id": paper.id, "role": role} for key, role in found.items()]
        db.execute(insert(further_keys), rows)
    return own


def forget_keys(db: Connection, paper_id: str) -> None:
    """Let a paper be found by no further owner any more."""
    db.execute(delete(further_keys).where(further_keys.c.paper_id == paper_id))


def is_owned_by(keys: Sequence[str]) -> ColumnElement[bool]:
    """Whether somebody, who may have several numbers, is among the owners of a paper."""
    further = select(further_keys.c.paper_id).where(further_keys.c.owner_key.in_(keys))
    return or_(papers.c.owner_key.in_(keys), papers.c.id.in_(further))
