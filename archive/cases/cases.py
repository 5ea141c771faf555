"""Requests of owners to put a paper right, until when each is to be answered and settled, and what became of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

from sqlalchemy import Engine, RowMapping, insert, select, update

from archive.database import for_reading, local_values
from archive.tables import owner_cases
from domain.record import Frozen
from domain.states import CaseState


class OwnerCase(Frozen):
    """A request about one paper; ``received`` is when the owner brought it, the first day of its terms."""

    number: int
    paper_id: str
    received: date
    request: str
    answer_by: date
    settle_by: date
    opened_at: datetime
    opened_by: str
    state: CaseState = "pending"
    answered_at: datetime | None = None
    decided_at: datetime | None = None
    decided_by: str | None = None
    reason: str = ""


class OwnerCases:
    """The requests, in the desk's database; the audit journal has every step as well."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reads = for_reading(engine)

    @contextmanager
    def open(self, case: OwnerCase) -> Iterator[tuple[OwnerCase, bool]]:
        """Enter a request; the block, which gets it with its number and whether it is new, comes before it counts.

        The same request of the same day about the same paper is one, however often it is entered.
        """
        same = (
            (owner_cases.c.paper_id == case.paper_id)
            & (owner_cases.c.received == case.received)
            & (owner_cases.c.request == case.request)
        )
        with self._engine.begin() as db:
            row = db.execute(select(owner_cases).where(same)).mappings().first()
            if row is not None:
                yield _case(row), False
                return
            made = insert(owner_cases).values(case.model_dump(exclude={"number"})).returning(owner_cases.c.number)
            yield case.model_copy(update={"number": db.execute(made).scalar_one()}), True

    def case(self, number: int) -> OwnerCase | None:
        """The request of a number."""
        with self._reads.connect() as db:
            row = db.execute(select(owner_cases).where(owner_cases.c.number == number)).mappings().first()
        return _case(row) if row else None

    def all(self) -> list[OwnerCase]:
        """Every request, in the order in which they were entered."""
        with self._reads.connect() as db:
            rows = db.execute(select(owner_cases).order_by(owner_cases.c.number)).mappings().all()
        return [_case(row) for row in rows]

    def answer(self, case: OwnerCase, at: datetime) -> bool:
        """Enter when the owner was answered; whether nobody did so before."""
        mine = (owner_cases.c.number == case.number) & owner_cases.c.answered_at.is_(None)
        with self._engine.begin() as db:
            return bool(db.execute(update(owner_cases).where(mine).values(answered_at=at)).rowcount)

    def decide(self, case: OwnerCase, state: CaseState, at: datetime, who: str, reason: str) -> bool:
        """Settle a pending request; whether it was pending."""
        mine = (owner_cases.c.number == case.number) & (owner_cases.c.state == "pending")
        values = {"state": state, "decided_at": at, "decided_by": who, "reason": reason}
        with self._engine.begin() as db:
            return bool(db.execute(update(owner_cases).where(mine).values(**values)).rowcount)


def _case(row: RowMapping) -> OwnerCase:
    return OwnerCase.model_validate(local_values(row))
