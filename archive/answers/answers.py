"""What was answered of each component when a dossier came: by it is told what was demanded although it was held.

A dossier is answered once; anew, under the next round, only when its owner, procedure or day of reception turn out to
be others.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import groupby

from sqlalchemy import Connection, Engine, delete, insert, or_, select

from archive.database import for_reading, local_values
from archive.interface import Dossier
from archive.tables import dossier_answers, dossiers
from domain.messages.told import Told
from domain.record import Frozen
from domain.validity import LookupAnswer

_AT_A_TIME = 500  # databases limit the variables of a statement


class KeptAnswer(Frozen):
    """What was answered of one component of a dossier when it was imported, for its owner.

    ``paper_id`` is the paper of the answer; ``held_before`` one that was held before the day of reception and counted
    on it, where there was one.  ``rules_from``: since when the procedure asks for what it asked for then.
    """

    dossier: str
    round: int
    number: int
    at: datetime
    owner_key: str
    procedure: str
    received: date
    rules_from: date
    component: str
    name: str
    answer: LookupAnswer
    why: Told | None = None
    paper_id: str | None = None
    held_before: str | None = None

    def is_about(self, dossier: Dossier) -> bool:
        """Whether the dossier is still the one that was answered."""
        mine = (self.owner_key, self.procedure, self.received)
        return mine == (dossier.owner_key, dossier.procedure, dossier.received)


class DossierAnswers:
    """The answers, in the desk's database; `Desk.put` enters them, together with their dossiers."""

    def __init__(self, engine: Engine) -> None:
        self._reads = for_reading(engine)

    def of(self, *codes: str) -> dict[str, list[KeptAnswer]]:
        """What was answered of some dossiers, round by round, by their codes."""
        found: dict[str, list[KeptAnswer]] = {}
        order = (dossier_answers.c.dossier, dossier_answers.c.round, dossier_answers.c.number)
        for place in range(0, len(codes), _AT_A_TIME):
            some = dossier_answers.c.dossier.in_(codes[place : place + _AT_A_TIME])
            with self._reads.connect() as db:
                rows = db.execute(select(dossier_answers).where(some).order_by(*order)).mappings()
                kept = [_kept(local_values(row)) for row in rows]
            found |= {code: list(group) for code, group in groupby(kept, key=lambda item: item.dossier)}
        return found

    def dossiers(
        self, *, procedure: str = "", since: date | None = None, until: date | None = None
    ) -> Iterator[tuple[Dossier, list[KeptAnswer]]]:
        """Dossiers received between two days, by code, each with its last round of answers; a page of rows at a time.

        Args:
            procedure: only of this one, under its national code also the local ones.
            since: the first day.
            until: the last day.
        """
        query = select(dossiers).order_by(dossiers.c.code).limit(_AT_A_TIME)
        if procedure:
            is_local = dossiers.c.procedure.startswith(f"{procedure}.", autoescape=True)
            query = query.where(or_(dossiers.c.procedure == procedure, is_local))
        if since is not None:
            query = query.where(dossiers.c.received >= since)
        if until is not None:
            query = query.where(dossiers.c.received <= until)
        last = ""
        while True:
            with self._reads.connect() as db:
                rows = db.execute(query.where(dossiers.c.code > last)).mappings().all()
            page = [Dossier.model_validate(local_values(row)) for row in rows]
            if not page:
                return
            answered = self.of(*(item.code for item in page))
            yield from ((item, last_round(answered.get(item.code, []))) for item in page)
            last = page[-1].code


def last_round(answers: Sequence[KeptAnswer]) -> list[KeptAnswer]:
    """The answers that count of all that were given of a dossier."""
    last = max((item.round for item in answers), default=0)
    return [item for item in answers if item.round == last]


def write_answers(db: Connection, answers: Iterable[KeptAnswer]) -> None:
    """Enter answers; a round that was entered already takes the place of itself."""
    for (dossier, number), items in groupby(answers, key=lambda item: (item.dossier, item.round)):
        same = (dossier_answers.c.dossier == dossier) & (dossier_answers.c.round == number)
        db.execute(delete(dossier_answers).where(same))
        rows = [
            {**item.model_dump(exclude={"why"}), "why": item.why.model_dump_json() if item.why else ""}
            for item in items
        ]
        db.execute(insert(dossier_answers), rows)


def _kept(row: dict[str, object]) -> KeptAnswer:
    why = row["why"]
    return KeptAnswer.model_validate({**row, "why": Told.model_validate_json(str(why)) if why else None})
