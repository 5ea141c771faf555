"""What the ledger remembers of withdrawn papers: it outlives a catalogue and a vault that are put back together."""

from sqlalchemy import Engine, delete, insert, select, update

from archive.database import for_reading
from archive.tables import withdrawals
from archive.withdrawn.apart import KnownApart, known_of
from domain.clock import now


class Withdrawals:
    """The ledger's rows of withdrawn papers; one that was given back keeps its row, and says so."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reads = for_reading(engine)

    def apart(self) -> list[KnownApart]:
        """The papers that are withdrawn or erased, by id."""
        query = select(withdrawals).where(withdrawals.c.state.in_(("withdrawn", "erased"))).order_by(withdrawals.c.id)
        with self._reads.connect() as db:
            return [known_of(row) for row in db.execute(query).mappings()]

    def note(self, known: KnownApart) -> None:
        """Remember that a paper is withdrawn, or erased; safe to run twice."""
        text = None if known.left is None else known.left.model_dump_json()
        with self._engine.begin() as db:
            db.execute(delete(withdrawals).where(withdrawals.c.id == known.row.id))
            db.execute(insert(withdrawals).values(**known.row.model_dump(), tombstone=text))

    def give_back(self, document_id: str) -> None:
        """Remember that a paper is held again; what was erased stays so."""
        mine = (withdrawals.c.id == document_id) & (withdrawals.c.state == "withdrawn")
        with self._engine.begin() as db:
            db.execute(update(withdrawals).where(mine).values(state="given_back", at=now()))
