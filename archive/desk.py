"""What the desks asked of the archive and were handed, and the dossiers it was for."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import groupby

from pydantic import TypeAdapter
from sqlalchemy import Connection, Engine, RowMapping, bindparam, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from archive.answers.answers import DossierAnswers, KeptAnswer, write_answers
from archive.books.books import Books
from archive.cases.cases import OwnerCases
from archive.database import for_reading, local, local_values, note_property, property_of
from archive.errors import SecretChanged
from archive.interface import Dossier, FormerSecret, Question, Use
from archive.links.links import NumberLinks
from archive.owner_keys import OwnerKeys
from archive.schemas.opening import open_database
from archive.tables import desk_properties, dossiers, questions, uses
from domain.clock import now

_OWNER_KEYS, _FORMER = "owner keys", "former secrets"
_SECRETS = TypeAdapter(list[FormerSecret])
_MANY = 500  # rows at a time: databases limit the variables of a statement

# Written once: to build a statement anew takes longer than to find what it asks for, while a person waits.
_NOTE = insert(questions)
_OWNERS_ASKED = (
    select(questions.c.owner_key)
    .where(questions.c.owner_key != "")
    .where(questions.c.who == bindparam("officer"), questions.c.at >= bindparam("since"))
    .distinct()
)
_DOSSIER = select(dossiers).where(dossiers.c.code == bindparam("dossier"))


class Desk:
    """Questions, uses, dossiers and requests: owners by their keyed hash, a dossier's data as the portal sent them."""

    def __init__(self, engine: Engine, owner_keys: OwnerKeys) -> None:
        self._engine = engine
        self._owner_keys = owner_keys
        self._reads = for_reading(engine)
        self.cases = OwnerCases(engine)
        self.books = Books(engine)
        self.answers = DossierAnswers(engine)
        self.links = NumberLinks(engine)

    def check_secret(self) -> None:
        """See that owners were entered under the secret that is there now; a new database notes which it is.

        Raises:
            SecretChanged: it is another one, so that nothing would be found about anybody.
        """
        with self._reads.connect() as db:
            known = property_of(db, desk_properties, _OWNER_KEYS)
        if known is None:
            with self._engine.begin() as db:
                if property_of(db, desk_properties, _OWNER_KEYS) is None:  # another process may have been faster
                    note_property(db, desk_properties, _OWNER_KEYS, self._owner_keys.check)
        elif known != self._owner_keys.check:
            raise SecretChanged("asked_under_another_secret")

    def take_over(
        self, owners: Callable[[Sequence[str]], Mapping[str, str | None]], announce: Callable[[FormerSecret], None]
    ) -> FormerSecret | None:
        """Enter owners under the secret that is there now; None when they are.

        Questions and uses whose paper is held get its owner.  The others stay as they are, for the former secret may be
        found again.

        Args:
            owners: tells the keyed hashes of the owners of papers, by their ids; None of a paper of several owners:
                which of them was asked about is told by the former secret alone.
            announce: is called before the change is kept.

        Returns:
            the secret that is gone, and what belongs to no owner any more.
        """
        check = self._owner_keys.check
        with self._engine.begin() as db:
            if (known := property_of(db, desk_properties, _OWNER_KEYS)) in {None, check}:
                return None
            former = _former(db)
            first = max((item.last for item in former), default=0) + 1
            of_nobody = select(func.count()).where(questions.c.id >= first, questions.c.owner_key != "")
            lost = db.execute(of_nobody.where(questions.c.paper_id.is_(None))).scalar_one()
            for table in (questions, uses):
                ids = db.execute(select(table.c.paper_id).where(table.c.paper_id.is_not(None)).distinct()).scalars()
                for paper_id, owner_key in _in_portions(ids.all(), owners):
                    if owner_key is not None:
                        db.execute(update(table).where(table.c.paper_id == paper_id).values(owner_key=owner_key))
                    elif table is questions:
                        lost += db.execute(of_nobody.where(questions.c.paper_id == paper_id)).scalar_one()
            last = db.execute(select(func.max(questions.c.id))).scalar() or 0
            gone = FormerSecret(check=str(known), until=now(), last=max(last, first - 1), questions=lost)
            note_property(
                db,
                desk_properties,
                _FORMER,
                _SECRETS.dump_json([item for item in former if item.check != check] + [gone]).decode(),
            )
            note_property(db, desk_properties, _OWNER_KEYS, check)
            announce(gone)
        return gone

    def former_secrets(self) -> list[FormerSecret]:
        """Secrets that are gone, with what was asked under them, the oldest first."""
        with self._reads.connect() as db:
            return _former(db)

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
        return Question.model_validate(_values(row)) if row else None

    def numbered(self, who: str, office: str, dossier: str, number: int) -> Question | None:
        """What an officer was answered under a number, by the last look-up for a dossier."""
        mine = (questions.c.dossier == dossier) & (questions.c.who == who)
        last = select(questions.c.lookup, questions.c.office).where(mine).order_by(questions.c.id.desc()).limit(1)
        with self._reads.connect() as db:
            of = db.execute(last).first()
            if of is None or not of.lookup or of.office != office:
                return None
            answer = select(questions).where(mine, questions.c.lookup == of.lookup, questions.c.number == number)
            row = db.execute(answer.order_by(questions.c.id)).mappings().first()
        return Question.model_validate(_values(row)) if row else None

    def papers_answered(self, office: str, dossier: str, beginning: str, since: datetime) -> set[str]:
        """The ids that begin so, of papers that were answered for a dossier at an office since then."""
        mine = (questions.c.dossier == dossier) & questions.c.paper_id.startswith(beginning, autoescape=True)
        found = select(questions.c.paper_id).where(mine, questions.c.office == office, questions.c.at >= since)
        with self._reads.connect() as db:
            return set(db.execute(found.distinct()).scalars())

    def doubtful(self, since: datetime | None = None) -> list[tuple[Question, int]]:
        """The first question of each lookup for a doubtful purpose since then or ever, with how many it has."""
        query = select(questions).where(questions.c.doubts != "")
        if since is not None:
            query = query.where(questions.c.at >= since)
        with self._reads.connect() as db:
            rows = db.execute(query.order_by(questions.c.id)).mappings()
            asked = [Question.model_validate(_values(row)) for row in rows]
        lookups = groupby(asked, key=lambda item: item.lookup)
        return [(items[0], len(items)) for _, group in lookups if (items := list(group))]

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
            return [Question.model_validate(_values(row)) for row in db.execute(query).mappings()]

    def uses_about(self, owner_key: str) -> list[Use]:
        """Every paper of an owner that was handed over, oldest first."""
        query = select(uses).where(uses.c.owner_key == owner_key).order_by(uses.c.at, uses.c.dossier, uses.c.paper_id)
        with self._reads.connect() as db:
            return [Use.model_validate(_values(row)) for row in db.execute(query).mappings()]

    def uses_for(self, dossier: str) -> list[Use]:
        """The papers that were handed over for a dossier."""
        query = select(uses).where(uses.c.dossier == dossier).order_by(uses.c.at, uses.c.paper_id)
        with self._reads.connect() as db:
            return [Use.model_validate(_values(row)) for row in db.execute(query).mappings()]

    def uses_of(self, paper_id: str) -> list[Use]:
        """The dossiers for which a paper was handed over."""
        query = select(uses).where(uses.c.paper_id == paper_id).order_by(uses.c.at, uses.c.dossier)
        with self._reads.connect() as db:
            return [Use.model_validate(_values(row)) for row in db.execute(query).mappings()]

    def used_since(self, since: datetime) -> set[str]:
        """The dossiers for which papers were handed over since then."""
        with self._reads.connect() as db:
            return set(db.execute(select(uses.c.dossier).where(uses.c.at >= since).distinct()).scalars())

    def put(self, given: Iterable[Dossier], answers: Iterable[KeptAnswer] = ()) -> None:
        """Enter dossiers, or what they have become, with what was answered of them; all of it or none."""
        with self._engine.begin() as db:
            for dossier in given:
                db.execute(delete(dossiers).where(dossiers.c.code == dossier.code))
                db.execute(insert(dossiers).values(**dossier.model_dump()))
            write_answers(db, answers)

    def dossier(self, code: str) -> Dossier | None:
        """The dossier of that code."""
        with self._reads.connect() as db:
            row = db.execute(_DOSSIER, {"dossier": code}).mappings().first()
        return Dossier.model_validate(_values(row)) if row else None

    def dossiers(self, since: datetime | None = None) -> Iterator[Dossier]:
        """Dossiers that were entered or changed since then, by code, a page of rows at a time."""
        last = ""
        query = select(dossiers).order_by(dossiers.c.code).limit(500)
        if since is not None:
            query = query.where(dossiers.c.changed_at >= since)
        while True:
            with self._reads.connect() as db:
                page = db.execute(query.where(dossiers.c.code > last)).mappings().all()
            yield from (Dossier.model_validate(_values(row)) for row in page)
            if not page:
                return
            last = page[-1]["code"]

    def last_asked(self) -> datetime | None:
        """When somebody asked last; None when nobody has."""
        with self._reads.connect() as db:
            last = db.execute(select(func.max(questions.c.at))).scalar()
        return local(last) if last else None

    def count_questions(self, since: datetime | None = None) -> int:
        """How many questions were answered, since then or ever."""
        query = select(func.count()).select_from(questions)
        if since is not None:
            query = query.where(questions.c.at >= since)
        with self._reads.connect() as db:
            return db.execute(query).scalar_one()


def _values(row: RowMapping) -> dict[str, object]:
    """The columns of a row without its number."""
    return {name: value for name, value in local_values(row).items() if name != "id"}


def _former(db: Connection) -> list[FormerSecret]:
    return _SECRETS.validate_json(property_of(db, desk_properties, _FORMER) or "[]")


def _in_portions(
    ids: Sequence[str], owners: Callable[[Sequence[str]], Mapping[str, str | None]]
) -> Iterator[tuple[str, str | None]]:
    for first in range(0, len(ids), _MANY):
        some = ids[first : first + _MANY]
        found = owners(some)
        yield from ((name, found.get(name)) for name in some)  # one that was on its way when it was asked for is none


@contextmanager
def open_desk(url: str, owner_keys: OwnerKeys, *, rebuilding: bool = False) -> Iterator[Desk]:
    """The desk's database at a URL; the folder of an SQLite file is made when missing.

    Args:
        url: of the database.
        owner_keys: what makes keyed hashes of identity numbers.
        rebuilding: whether it is opened to be brought under this secret, whatever the one was before.

    Raises:
        SecretChanged: its owners were entered under another secret, so that nothing would be found about them.
    """
    with open_database(url, "desk") as engine:
        desk = Desk(engine, owner_keys)
        if not rebuilding:
            desk.check_secret()
        yield desk
