"""What the desks asked of the archive and were handed, and the dossiers it was for."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Engine, RowMapping, Table, bindparam, delete, func, insert, select
from sqlalchemy.exc import IntegrityError

from archive.database import for_reading, local, open_database
from archive.interface import Dossier, Question, Use
from archive.tables import dossiers, questions, uses

# Written once: to build a statement anew takes longer than to find what it asks for, while a person waits.
_NOTE = insert(questions)
_OWNERS_ASKED = (
    select(questions.c.owner_key)
    .where(questions.c.who == bindparam("officer"), questions.c.at >= bindparam("since"))
    .distinct()
)
_DOSSIER = select(dossiers).where(dossiers.c.code == bindparam("dossier"))


class Desk:
    """Questions, uses and dossiers: owners by their keyed hash, a dossier's data as the portal sent them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reads = for_reading(engine)

    def note(self, asked: Sequence[Question]) -> None:
        """Keep what was asked and answered."""
        with self._engine.begin() as db:
            db.execute(_NOTE, [question.model_dump() for question in asked])

    def owners_asked(self, who: str, since: datetime) -> set[str]:
        """Keyed hashes of the owners about whom somebody asked since then."""
        with self._reads.connect() as db:
            return set(db.execute(_OWNERS_ASKED, {"officer": who, "since": since}).scalars())

    def answered(self, dossier: str, paper_id: str) -> Question | None:
        """The last question for a dossier whose answer was this paper, held and valid."""
        mine = (questions.c.dossier == dossier) & (questions.c.paper_id == paper_id)
        query = select(questions).where(mine, questions.c.answer == "held-and-valid")
        with self._reads.connect() as db:
            row = db.execute(query.order_by(questions.c.id.desc()).limit(1)).mappings().first()
        return Question.model_validate(_values(row, questions)) if row else None

    @contextmanager
    def use(self, use: Use) -> Iterator[bool]:
        """Record that a paper was handed over, if the block ends well; False: it was so for that dossier before."""
        is_first = True
        with self._engine.begin() as db:
            try:
                with db.begin_nested():
                    db.execute(insert(uses).values(**use.model_dump()))
            except IntegrityError:
                is_first = False
            yield is_first

    def questions_about(self, owner_key: str) -> list[Question]:
        """Everything that was asked about an owner, oldest first."""
        query = select(questions).where(questions.c.owner_key == owner_key).order_by(questions.c.id)
        with self._reads.connect() as db:
            return [Question.model_validate(_values(row, questions)) for row in db.execute(query).mappings()]

    def uses_about(self, owner_key: str) -> list[Use]:
        """Every paper of an owner that was handed over, oldest first."""
        query = select(uses).where(uses.c.owner_key == owner_key).order_by(uses.c.at, uses.c.dossier, uses.c.paper_id)
        with self._reads.connect() as db:
            return [Use.model_validate(_values(row, uses)) for row in db.execute(query).mappings()]

    def uses_for(self, dossier: str) -> list[Use]:
        """The papers that were handed over for a dossier."""
        query = select(uses).where(uses.c.dossier == dossier).order_by(uses.c.at, uses.c.paper_id)
        with self._reads.connect() as db:
            return [Use.model_validate(_values(row, uses)) for row in db.execute(query).mappings()]

    def used_since(self, since: datetime) -> set[str]:
        """The dossiers for which papers were handed over since then."""
        with self._reads.connect() as db:
            return set(db.execute(select(uses.c.dossier).where(uses.c.at >= since).distinct()).scalars())

    def put(self, given: Iterable[Dossier]) -> None:
        """Enter dossiers, or what they have become; all of them or none."""
        with self._engine.begin() as db:
            for dossier in given:
                db.execute(delete(dossiers).where(dossiers.c.code == dossier.code))
                db.execute(insert(dossiers).values(**dossier.model_dump()))

    def dossier(self, code: str) -> Dossier | None:
        """The dossier of that code."""
        with self._reads.connect() as db:
            row = db.execute(_DOSSIER, {"dossier": code}).mappings().first()
        return Dossier.model_validate(_values(row, dossiers)) if row else None

    def dossiers(self, since: datetime | None = None) -> Iterator[Dossier]:
        """Dossiers that were entered or changed since then, by code, a page of rows at a time."""
        last = ""
        query = select(dossiers).order_by(dossiers.c.code).limit(500)
        if since is not None:
            query = query.where(dossiers.c.changed_at >= since)
        while True:
            with self._reads.connect() as db:
                page = db.execute(query.where(dossiers.c.code > last)).mappings().all()
            yield from (Dossier.model_validate(_values(row, dossiers)) for row in page)
            if not page:
                return
            last = page[-1]["code"]

    def count_questions(self) -> int:
        """How many questions were answered or refused."""
        with self._reads.connect() as db:
            return db.execute(select(func.count()).select_from(questions)).scalar_one()


def _values(row: RowMapping, table: Table) -> dict[str, object]:
    """The columns of a row without its number; times in Viet Nam's zone."""
    names = [column.name for column in table.columns if column.name != "id"]
    return {name: local(row[name]) if isinstance(row[name], datetime) else row[name] for name in names}


@contextmanager
def open_desk(url: str) -> Iterator[Desk]:
    """The desk's database at a URL; the folder of an SQLite file is made when missing."""
    with open_database(url, "desk") as engine:
        yield Desk(engine)
