"""The changes that the search index lacks, written in the transaction that changes a paper.

A catalogue that is made anew begins a ``series`` of numbers of its own.

The number of a paper's last row is its version: it rises with every change, so that messages may be sent twice and in
any order.  ``waiting`` rows are to be sent, ``done`` ones have been, ``dead`` ones the index cannot take.
"""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Engine, case, func, insert, select, update

from archive.database import for_reading, local, note_property, property_of
from archive.tables import outbox, papers, properties
from domain.clock import now
from domain.record import Frozen
from domain.states import OutboxState

_SERIES = "outbox"
_MANY = 500  # rows at a time: databases limit the variables of a statement


class OutboxItem(Frozen):
    """The last change of a paper."""

    paper_id: str
    version: int


class Sent(Frozen):
    """The ``last`` change that the index was sent and has made durable, 0 for none, of this ``series`` of numbers.

    By the series an index of another catalogue is told from this one's.
    """

    series: str
    last: int


class Lag(Frozen):
    """How far the index is behind: changes that wait, the oldest of them, and papers it cannot take."""

    waiting: int
    since: datetime | None
    dead: int


class Outbox:
    """The notes for the search index."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reads = for_reading(engine)

    @staticmethod
    def write(db: Connection, paper_id: str) -> int:
        """Note a change, in the transaction that makes it; returns its number."""
        values = {"paper_id": paper_id, "written_at": now(), **_in("waiting")}
        return int(db.execute(insert(outbox).values(values)).inserted_primary_key[0])  # type: ignore[index]

    def note(self, ids: Iterable[str]) -> None:
        """Have these papers sent again."""
        with self._engine.begin() as db:
            for paper_id in ids:
                self.write(db, paper_id)

    def waiting(self, limit: int) -> list[OutboxItem]:
        """The last change of each paper that has changes waiting, the oldest first."""
        return self._changes(_is("waiting"), limit)

    def since(self, version: int) -> Iterator[OutboxItem]:
        """The last change of each paper that has changed after that number, in order."""
        while some := self._changes(outbox.c.seq > version, _MANY):
            yield from some
            version = some[-1].version

    def versions(self) -> Iterator[OutboxItem]:
        """The version of every paper that is held, by id."""
        last = ""
        while some := self._page(last):
            yield from some
            last = some[-1].paper_id

    def last(self) -> int:
        """The number of the last change."""
        with self._engine.connect() as db:
            return db.execute(select(func.max(outbox.c.seq))).scalar() or 0

    def sent(self) -> Sent:
        """How far the index has come; whoever compares asks this first, for others go on meanwhile."""
        series = self._series()
        with self._reads.connect() as db:
            last = db.execute(select(func.max(outbox.c.seq)).where(_is("done"))).scalar()
        return Sent(series=series, last=last or 0)

    def has_sent(self) -> bool:
        """Whether a paper is held whose last change the index was sent: it cannot be empty then."""
        later = outbox.alias()
        is_last = (
            ~select(later.c.seq).where((later.c.paper_id == outbox.c.paper_id) & (later.c.seq > outbox.c.seq)).exists()
        )
        held = select(outbox.c.paper_id).join(papers, papers.c.id == outbox.c.paper_id)
        with self._reads.connect() as db:
            return db.execute(held.where(_is("done") & is_last).limit(1)).first() is not None

    def _series(self) -> str:
        with self._reads.connect() as db:
            found = property_of(db, properties, _SERIES)
        if found is None:
            with self._engine.begin() as db:
                found = property_of(db, properties, _SERIES)  # another process may have been faster
                if found is None:
                    found = secrets.token_hex(8)
                    note_property(db, properties, _SERIES, found)
        return found

    def is_settled(self, seq: int) -> bool:
        """Whether that change has been sent, or cannot be."""
        with self._engine.connect() as db:
            return db.execute(select(outbox.c.state).where(outbox.c.seq == seq)).scalar() != "waiting"

    def settle(self, changes: Sequence[OutboxItem], dead: dict[str, str]) -> None:
        """Note what the index has made durable, and what it cannot take with the reasons."""
        with self._engine.begin() as db:
            for change in changes:
                mine = (outbox.c.paper_id == change.paper_id) & (outbox.c.seq <= change.version)
                db.execute(update(outbox).where(mine & ~_is("done")).values(_in("done")))
            self._bury(db, dead, max((change.version for change in changes), default=0))

    def settle_until(self, version: int, dead: dict[str, str]) -> None:
        """Note that a new index has everything up to that change but the ``dead`` ones."""
        past = (outbox.c.seq <= version) & ~_is("done")
        with self._engine.begin() as db:
            db.execute(update(outbox).where(past).values(_in("done")))
            self._bury(db, dead, version)

    def _bury(self, db: Connection, dead: dict[str, str], until: int) -> None:
        for paper_id, reason in dead.items():
            mine = (outbox.c.paper_id == paper_id) & (outbox.c.seq <= until)
            last = select(func.max(outbox.c.seq)).where(mine).scalar_subquery()
            db.execute(update(outbox).where(outbox.c.seq == last).values(_in("dead", reason)))

    def dead(self) -> list[tuple[str, str]]:
        """The papers that the index cannot take, and why."""
        query = select(outbox.c.paper_id, outbox.c.reason).where(_is("dead"))
        with self._engine.connect() as db:
            return [(row[0], row[1]) for row in db.execute(query.order_by(outbox.c.seq))]

    def lag(self) -> Lag:
        """How far the index is behind."""
        is_waiting = _is("waiting")
        query = select(
            func.count(case((is_waiting, 1))),
            func.min(case((is_waiting, outbox.c.written_at))),
            func.count(case((_is("dead"), 1))),
        ).where(~_is("done"))
        with self._engine.connect() as db:
            waiting, since, dead = db.execute(query).one()
        return Lag(waiting=waiting, since=local(since) if since else None, dead=dead)

    def _changes(self, condition: ColumnElement[bool], limit: int) -> list[OutboxItem]:
        last = func.max(outbox.c.seq).label("version")
        query = select(outbox.c.paper_id, last).where(condition).group_by(outbox.c.paper_id).order_by(last)
        with self._engine.connect() as db:
            return [OutboxItem(paper_id=row[0], version=row[1]) for row in db.execute(query.limit(limit))]

    def _page(self, after: str) -> list[OutboxItem]:
        ids = select(papers.c.id).where(papers.c.id > after).order_by(papers.c.id).limit(_MANY).subquery()
        query = select(ids.c.id, func.max(outbox.c.seq)).join(outbox, outbox.c.paper_id == ids.c.id)
        with self._engine.connect() as db:
            rows = db.execute(query.group_by(ids.c.id).order_by(ids.c.id))
            return [OutboxItem(paper_id=row[0], version=row[1]) for row in rows]


def _is(state: OutboxState) -> ColumnElement[bool]:
    return outbox.c.state == state


def _in(state: OutboxState, reason: str = "") -> dict[str, str]:
    return {"state": state, "reason": reason}
