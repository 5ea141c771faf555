"""The rows of papers that were withdrawn: in a table of their own, so that nothing which asks for papers finds them."""

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from datetime import datetime

from sqlalchemy import Connection, Engine, delete, exists, or_, select, union

from archive.draft import enter_paper
from archive.interface import Identity, Paper
from archive.owner_keys import OwnerKeys
from archive.tables import codes, papers, retired, withdrawn
from archive.withdrawn.apart import WithdrawnPaper, forget, put_apart, withdrawn_of
from archive.withdrawn.tombstone import Tombstone


class WithdrawnPapers:
    """What the catalogue knows of withdrawn papers; ``change`` is its transaction that leaves marks."""

    def __init__(
        self, reads: Engine, change: Callable[[], AbstractContextManager[Connection]], owner_keys: OwnerKeys
    ) -> None:
        self._reads = reads
        self._change = change
        self._owner_keys = owner_keys

    def of(self, key: str) -> WithdrawnPaper | None:
        """The withdrawn paper of an id, or of a code that it bears or bore."""
        named = union(
            select(codes.c.document_id).where(codes.c.code == key),
            select(retired.c.document_id).where(retired.c.code == key),
        )
        where = or_(withdrawn.c.id == key, withdrawn.c.code == key, withdrawn.c.id.in_(named))
        with self._reads.connect() as db:
            row = db.execute(select(withdrawn).where(where).order_by(withdrawn.c.id)).mappings().first()
        return None if row is None else withdrawn_of(row)

    def has_bytes(self, sha256: str) -> bool:
        """Whether a withdrawn paper came from a file with these bytes."""
        with self._reads.connect() as db:
            return bool(db.execute(select(exists().where(withdrawn.c.sha256 == sha256))).scalar())

    def among(self, ids: Collection[str]) -> set[str]:
        """Those of these papers that are withdrawn or erased."""
        if not ids:
            return set()
        with self._reads.connect() as db:
            return set(ids) & set(db.execute(select(withdrawn.c.id)).scalars())  # there are few

    def all(self) -> Sequence[WithdrawnPaper]:
        """Every one, the last first."""
        with self._reads.connect() as db:
            rows = db.execute(select(withdrawn).order_by(withdrawn.c.at.desc(), withdrawn.c.id)).mappings()
            return [withdrawn_of(row) for row in rows]

    def put(self, paper: Paper, at: datetime) -> None:
        """Take a held paper out of all that is asked for, and have the index forget it; its codes stay taken."""
        with self._change() as db:
            put_apart(db, paper, at)

    def give_back(self, paper: Paper, identity: Identity) -> None:
        """Let a paper be held again as it was."""
        with self._change() as db:
            db.execute(delete(withdrawn).where(withdrawn.c.id == paper.id))
            if db.execute(select(papers.c.id).where(papers.c.id == paper.id)).scalar() is None:
                enter_paper(db, paper, identity, self._owner_keys)

    def erase(self, left: Tombstone) -> None:
        """Keep of a paper only what is to be left of it, and its codes; what it is known by is forgotten."""
        with self._change() as db:
            forget(db, left)

    def tombstone(self, document_id: str) -> Tombstone:
        """What is to be left of a paper that is erased, whether its files are by now or not."""
        with self._reads.connect() as db:
            text = db.execute(select(withdrawn.c.tombstone).where(withdrawn.c.id == document_id)).scalar_one()
        return Tombstone.model_validate_json(text)
