"""Books of the desk: entries that are numbered within book, office and year, without a gap and never twice.

A number is given before anything is made of it, and stays with its entry for ever: an entry that was begun and not
done is gone on with by who asks for the same again.
"""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Engine, RowMapping, Select, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from archive.database import for_reading, local_values
from archive.tables import book_entries
from domain.record import Frozen

BookName = Literal["paper_copy", "certified_copy"]


class BookEntry(Frozen):
    """What stands under a number: what was done with which paper, for which dossier, by whom.

    ``sha256`` is that of the archived PDF of which it was done; ``done_at`` None: it was begun.  Of a certified copy
    ``signer`` is who certified it in which capacity, and ``made`` the digest of what was given out.
    """

    book: BookName
    office: str
    year: int
    number: int
    at: datetime
    who: str
    paper_id: str
    code: str
    dossier: str
    pages: int
    sha256: str
    done_at: datetime | None = None
    component: str = ""
    signer: str = ""
    made: str = ""

    @property
    def shown(self) -> str:
        """The number as people write it."""
        return f"{self.number}/{self.year}"


class Books:
    """The entries, in the desk's database; the audit journal has each of them as well."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reads = for_reading(engine)

    def begin(self, entry: BookEntry, *, at_least: int) -> BookEntry:
        """Give an entry the next number, which is no lower than ``at_least``; that of the entry is not minded.

        One that the same person began for the same, and that is not done, is given back with the number that it has.
        """
        t = book_entries.c
        last = select(func.max(t.number)).where(t.book == entry.book, t.office == entry.office, t.year == entry.year)
        while True:
            with self._engine.begin() as db:
                row = db.execute(_begun(entry)).mappings().first()
                if row is not None:
                    return _entry(row)
                number = max((db.execute(last).scalar() or 0) + 1, at_least)
                numbered = entry.model_copy(update={"number": number, "done_at": None})
                try:
                    with db.begin_nested():
                        db.execute(insert(book_entries).values(numbered.model_dump()))
                except IntegrityError:  # of a database whose writers do not wait for one another
                    continue
                return numbered

    def begun(self, entry: BookEntry) -> bool:
        """Whether the same was begun by the same person, and is not done."""
        with self._reads.connect() as db:
            return db.execute(_begun(entry)).first() is not None

    def end(self, entry: BookEntry, at: datetime) -> None:
        """Enter that it is done."""
        t = book_entries.c
        key = (t.book == entry.book) & (t.office == entry.office) & (t.year == entry.year) & (t.number == entry.number)
        with self._engine.begin() as db:
            db.execute(update(book_entries).where(key).values(done_at=at))

    def keep(self, entry: BookEntry) -> None:
        """Enter what is known of a number from elsewhere, in the place of what stands under it, if anything does."""
        t = book_entries.c
        key = (t.book == entry.book) & (t.office == entry.office) & (t.year == entry.year) & (t.number == entry.number)
        with self._engine.begin() as db:
            if not db.execute(update(book_entries).where(key).values(entry.model_dump())).rowcount:
                db.execute(insert(book_entries).values(entry.model_dump()))

    def by_digest(self, sha256: str) -> BookEntry | None:
        """The entry under which a file was given out."""
        query = select(book_entries).where(book_entries.c.made == sha256, book_entries.c.made != "").limit(1)
        with self._reads.connect() as db:
            row = db.execute(query).mappings().first()
        return _entry(row) if row is not None else None

    def entries(self, book: BookName) -> list[BookEntry]:
        """Every entry of a book, by office, year and number."""
        t = book_entries.c
        query = select(book_entries).where(t.book == book).order_by(t.office, t.year, t.number)
        with self._reads.connect() as db:
            return [_entry(row) for row in db.execute(query).mappings()]


def _begun(entry: BookEntry) -> Select[Any]:
    t = book_entries.c
    same = [t[name] == getattr(entry, name) for name in ("book", "office", "who", "paper_id", "dossier", "sha256")]
    return select(book_entries).where(*same, t.done_at.is_(None)).order_by(t.year, t.number).limit(1)


def _entry(row: RowMapping) -> BookEntry:
    return BookEntry.model_validate(local_values(row))
