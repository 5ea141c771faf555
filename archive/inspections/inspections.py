"""The database of the samples: opened once for a lot, checked paper by paper.

Nothing is changed afterwards, but that a paper which is held no more leaves its sample.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Connection, Engine, RowMapping, Table, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from archive.database import for_reading, local_values
from archive.errors import AlreadyDecided
from archive.inspections.records import Defect, Inspection, LotPaper, PaperCheck, Redrawn
from archive.inspections.tables import checks, inspections, lot_papers
from archive.schemas.opening import open_database

_DEFECTS = TypeAdapter(tuple[Defect, ...])
_MANY = 2_000  # rows at a time


class Inspections:
    """Lots, their samples, and what was found in them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reads = for_reading(engine)

    @contextmanager
    def enter(self, inspection: Inspection, papers: Sequence[LotPaper]) -> Iterator[None]:
        """Enter an inspection with the papers of its lot; what the block does comes before it counts.

        Raises:
            AlreadyDecided: somebody else opened this round a moment ago.
        """
        values = inspection.model_dump() | {"critical": json.dumps(inspection.critical)}
        key = {"batch_id": inspection.batch_id, "round": inspection.round}
        with self._engine.begin() as db:
            try:
                db.execute(insert(inspections).values(**values))
            except IntegrityError:
                raise AlreadyDecided("round_open_already", round=inspection.round, batch=inspection.batch_id) from None
            rows = [{**key, **paper.model_dump(), "hands": json.dumps(paper.hands)} for paper in papers]
            for first in range(0, len(rows), _MANY):
                db.execute(insert(lot_papers), rows[first : first + _MANY])
            yield

    @contextmanager
    def check(self, inspection: Inspection, found: PaperCheck) -> Iterator[list[PaperCheck]]:
        """Enter what was found of a paper; the block gets all checks before it, and comes before this one counts."""
        key = {"batch_id": inspection.batch_id, "round": inspection.round}
        values = found.model_dump() | {"defects": _DEFECTS.dump_json(found.defects).decode()}
        with self._engine.begin() as db:
            before = _checks(db, inspection)
            db.execute(insert(checks).values(**key, **values))
            yield before

    def redraw(
        self,
        inspection: Inspection,
        decide: Callable[[Inspection, Sequence[LotPaper], Sequence[PaperCheck]], Redrawn | None],
    ) -> None:
        """Take papers out of a sample; ``decide`` is given what is known while nobody changes it."""
        with self._engine.begin() as db:
            row = db.execute(select(inspections).where(_of(inspections, inspection))).mappings().one()
            lot = db.execute(select(lot_papers).where(_of(lot_papers, inspection))).mappings().all()
            found = decide(_inspection(row), [_paper(item) for item in lot], _checks(db, inspection))
            if found is None:
                return
            for paper in found.papers:
                mine = _of(lot_papers, inspection) & (lot_papers.c.paper_id == paper.paper_id)
                values = paper.model_dump(include={"place", "out_at", "out_by"})
                db.execute(update(lot_papers).where(mine).values(**values))
            db.execute(update(inspections).where(_of(inspections, inspection)).values(short=found.short))

    def forget_defects(self, paper_id: str) -> None:
        """Keep of what was found in a paper only the kinds of defects, not what it says; safe to run twice."""
        with self._engine.begin() as db:
            for row in db.execute(select(checks).where(checks.c.paper_id == paper_id)).mappings().all():
                bare = tuple(Defect(kind=item.kind) for item in _DEFECTS.validate_json(row["defects"]))
                values = {"defects": _DEFECTS.dump_json(bare).decode()}
                db.execute(update(checks).where(checks.c.id == row["id"]).values(**values))

    @contextmanager
    def unchanged(self, inspection: Inspection) -> Iterator[list[PaperCheck]]:
        """Every check, oldest first; while the block runs nobody enters another one."""
        with self._engine.begin() as db:
            yield _checks(db, inspection)

    def newest(self, batch_id: str) -> Inspection | None:
        """The last round of a batch."""
        found = self._some(inspections.c.batch_id == batch_id)
        return found[-1] if found else None

    def all(self) -> list[Inspection]:
        """Every inspection, in the order in which they were opened."""
        return self._some()

    def of_paper(self, paper_id: str) -> tuple[Inspection, LotPaper] | None:
        """The last inspection of the batch in whose sample a paper is, and its place there."""
        mine = select(lot_papers).where(lot_papers.c.paper_id == paper_id).order_by(lot_papers.c.round.desc())
        with self._reads.connect() as db:
            row = db.execute(mine.limit(1)).mappings().first()
        if row is None or row["place"] is None or row["out_at"] is not None:
            return None
        found = self.newest(row["batch_id"])
        return (found, _paper(row)) if found and found.round == row["round"] else None

    def sample(self, inspection: Inspection) -> list[LotPaper]:
        """The papers of the sample, in the order in which they were drawn."""
        return [paper for paper in self.drawn(inspection) if paper.out_at is None]

    def drawn(self, inspection: Inspection) -> list[LotPaper]:
        """The papers that were drawn, also those that were taken out again, in the order of the draw."""
        query = select(lot_papers).where(_of(lot_papers, inspection), lot_papers.c.place.is_not(None))
        with self._reads.connect() as db:
            return [_paper(row) for row in db.execute(query.order_by(lot_papers.c.place)).mappings()]

    def lot(self, inspection: Inspection) -> list[str]:
        """The ids of all papers of the lot, sorted."""
        query = select(lot_papers.c.paper_id).where(_of(lot_papers, inspection))
        with self._reads.connect() as db:
            return sorted(db.execute(query).scalars())

    def checks(self, inspection: Inspection) -> list[PaperCheck]:
        """Every check, oldest first."""
        with self._reads.connect() as db:
            return _checks(db, inspection)

    def count_checks(self) -> int:
        """How many checks there are, of all inspections."""
        with self._reads.connect() as db:
            return db.execute(select(func.count()).select_from(checks)).scalar_one()

    def _some(self, *conditions: ColumnElement[bool]) -> list[Inspection]:
        query = select(inspections).where(*conditions).order_by(inspections.c.opened_at, inspections.c.round)
        with self._reads.connect() as db:
            rows = db.execute(query).mappings().all()
        return [_inspection(row) for row in rows]


def _of(table: Table, inspection: Inspection) -> ColumnElement[bool]:
    return (table.c.batch_id == inspection.batch_id) & (table.c.round == inspection.round)


def _inspection(row: RowMapping) -> Inspection:
    return Inspection.model_validate({**local_values(row), "critical": json.loads(row["critical"])})


def _paper(row: RowMapping) -> LotPaper:
    known = {name: value for name, value in local_values(row).items() if name in LotPaper.model_fields}
    return LotPaper(**{**known, "hands": tuple(json.loads(row["hands"]))})


def _checks(db: Connection, inspection: Inspection) -> list[PaperCheck]:
    query = select(checks).where(_of(checks, inspection)).order_by(checks.c.id)
    return [
        PaperCheck.model_validate(
            {name: value for name, value in local_values(row).items() if name in PaperCheck.model_fields}
            | {"defects": _DEFECTS.validate_json(row["defects"])}
        )
        for row in db.execute(query).mappings()
    ]


@contextmanager
def open_inspections(url: str) -> Iterator[Inspections]:
    """The database at a URL; the folder of an SQLite file is made when missing."""
    with open_database(url, "quality") as engine:
        yield Inspections(engine)
