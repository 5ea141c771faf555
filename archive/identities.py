"""By what a paper is known again: the same two tables in the ledger (papers under way) and in the catalogue (held)."""

from collections.abc import Sequence

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Integer,
    MetaData,
    String,
    Table,
    delete,
    func,
    insert,
    select,
    update,
)

from archive.interface import DuplicateCandidate, Identity

_MANY = 500  # rows of a lookup by key at a time: databases limit the variables of a statement


class Identities:
    """The identities of one database.  ``seq`` is the order in which papers were introduced; it never changes."""

    def __init__(self, name: str, metadata: MetaData) -> None:
        self.table = Table(
            f"{name}_identities",
            metadata,
            Column("seq", Integer, primary_key=True, autoincrement=True),
            Column("document_id", String(40), nullable=False, unique=True),
            Column("business_key", String(64), index=True),
            Column("image_key", String(64)),
        )
        self.marks = Table(
            f"{name}_marks",
            metadata,
            Column("mark", BigInteger, primary_key=True, autoincrement=False),
            Column("document_id", String(40), primary_key=True, index=True),
        )

    def write(self, db: Connection, document_id: str, identity: Identity) -> None:
        """Introduce a paper, or correct what it is known by; its place in the order stays."""
        values = {"business_key": identity.business_key, "image_key": identity.image_key}
        mine = self.table.c.document_id == document_id
        if not db.execute(update(self.table).where(mine).values(values)).rowcount:
            db.execute(insert(self.table).values(document_id=document_id, **values))
        db.execute(delete(self.marks).where(self.marks.c.document_id == document_id))
        for mark in sorted(set(identity.marks)):
            db.execute(insert(self.marks).values(mark=mark, document_id=document_id))

    def alike(self, db: Connection, document_id: str, identity: Identity) -> list[DuplicateCandidate]:
        """Papers with the same business key, or with enough marks in common, in the order of introduction.

        Only those introduced before ``document_id``; all, when that paper was not introduced here.
        """
        table = self.table
        place = select(table.c.seq).where(table.c.document_id == document_id).scalar_subquery()
        columns = select(table.c.seq, table.c.document_id, table.c.business_key, table.c.image_key)
        found: dict[int, DuplicateCandidate] = {}

        def keep(condition: ColumnElement[bool]) -> None:
            for seq, name, business, image in db.execute(columns.where(condition)):
                is_same = business is not None and business == identity.business_key
                found[seq] = DuplicateCandidate(document_id=name, same_business=is_same, image_key=image)

        if identity.business_key is not None:
            keep(table.c.business_key == identity.business_key)
        if identity.image_key is not None and identity.marks:
            name = self.marks.c.document_id
            marked = select(name).where(self.marks.c.mark.in_(identity.marks)).group_by(name)
            names = list(db.execute(marked.having(func.count() >= identity.in_common)).scalars())
            for start in range(0, len(names), _MANY):
                keep(table.c.document_id.in_(names[start : start + _MANY]))
        before = db.execute(select(place)).scalar()
        return [
            item
            for seq, item in sorted(found.items())
            if item.document_id != document_id and (before is None or seq < before)
        ]

    def tables(self) -> Sequence[Table]:
        """Both tables, for emptying them."""
        return (self.marks, self.table)
