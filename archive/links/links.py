"""Old and new numbers of one person, linked by a decision: under keyed hashes, with the numbers as lists show them.

A link is no fact about a paper, so it stands with the dossiers and questions of the desk, which a rebuild of the
catalogue leaves as they are.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import BindParameter, Engine, RowMapping, and_, bindparam, insert, or_, select, update

from archive.database import for_reading, local_values
from archive.links.tables import number_links
from domain.record import Frozen


class NumberLink(Frozen):
    """A decision that an old and a new number are one person's; one that was undone counts no more.

    ``secret`` is the check of the secret under which the hashes were made: under another one they find nothing.
    """

    old_key: str
    new_key: str
    old_shown: str
    new_shown: str
    secret: str
    at: datetime
    who: str
    office: str
    reason: str
    undone_at: datetime | None = None
    undone_by: str = ""
    undone_reason: str = ""


_KEY: BindParameter[str] = bindparam("key")
_OPEN = number_links.c.undone_at.is_(None)
# A new number may have several old ones, and an old one has one new one.
_NEW = select(number_links.c.new_key).where(or_(number_links.c.old_key == _KEY, number_links.c.new_key == _KEY), _OPEN)
_OF_ONE = select(number_links).where(number_links.c.new_key.in_(_NEW), _OPEN).order_by(number_links.c.number)


class NumberLinks:
    """The links, in the desk's database; the audit journal has every step as well."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reads = for_reading(engine)

    def others(self, key: str) -> dict[str, str]:
        """The keys of the other numbers of the person who has one, each with its number as lists show it."""
        found: dict[str, str] = {}
        for link in self.of(key):
            found |= {link.new_key: link.new_shown, link.old_key: link.old_shown}
        found.pop(key, None)
        return found

    def of(self, key: str) -> list[NumberLink]:
        """The links of the person who has a number."""
        with self._reads.connect() as db:
            return [_link(row) for row in db.execute(_OF_ONE, {"key": key}).mappings()]

    def all(self) -> Sequence[NumberLink]:
        """Every link that was ever made, in that order."""
        with self._reads.connect() as db:
            rows = db.execute(select(number_links).order_by(number_links.c.number)).mappings().all()
        return [_link(row) for row in rows]

    @contextmanager
    def link(self, link: NumberLink) -> Iterator[tuple[NumberLink, bool]]:
        """Enter a link, if the block ends well; it gets the link of that old number that counts, and whether it is new.

        An old number that is linked already stays so, with whichever number.
        """
        with self._engine.begin() as db:
            row = (
                db.execute(select(number_links).where(number_links.c.old_key == link.old_key, _OPEN)).mappings().first()
            )
            if row is not None:
                yield _link(row), False
                return
            db.execute(insert(number_links).values(**link.model_dump(), counts_for=link.old_key))
            yield link, True

    def undo(self, link: NumberLink, at: datetime, who: str, reason: str) -> bool:
        """Let a link count no more; whether it did."""
        mine = and_(number_links.c.old_key == link.old_key, number_links.c.new_key == link.new_key, _OPEN)
        values = {"undone_at": at, "undone_by": who, "undone_reason": reason, "counts_for": None}
        with self._engine.begin() as db:
            return bool(db.execute(update(number_links).where(mine).values(**values)).rowcount)


def _link(row: RowMapping) -> NumberLink:
    left = {"number", "counts_for"}
    return NumberLink.model_validate({name: value for name, value in local_values(row).items() if name not in left})
