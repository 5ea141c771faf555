"""What the rest of khoso may know of search."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from datetime import date
from pkgutil import resolve_name
from typing import Protocol

from config.settings import SearchSettings
from domain.readings import Frozen
from search.engines import OPENERS


class Entry(Frozen):
    """One document as it is found: its text, and the names and numbers it goes by."""

    id: str
    title: str
    body: str
    number_symbol: str | None
    codes: tuple[str, ...]
    type_code: str
    type_name: str
    dossier: str | None
    issuer: str | None
    issued: date | None


class Hit(Frozen):
    """One document found; ``marks`` are the places in the snippet that match."""

    id: str
    score: float
    snippet: str
    marks: tuple[tuple[int, int], ...]


class SearchIndex(Protocol):
    """Documents findable by their words and numbers.

    Several processes may hold the same index open.  Each sees what the others have added from the next call on.
    """

    def add(self, entries: Iterable[Entry]) -> None:
        """Make documents findable, in place of what was known under the same ids; durable when it returns.

        Raises:
            IndexBusy: another process kept writing for too long.
            IndexNotWritten: the disk is full or may not be written; what was known before still is.
        """

    def search(self, text: str, limit: int = 20) -> list[Hit]:
        """The documents in which everything typed is found, best first; any text is a query, an empty one finds none.

        Accents are optional, and papers spelled as typed come first.  A paper that bears a typed number comes before
        those that mention it.  Only when nothing is found, words of five letters and more may have one slip.
        """

    def count(self) -> int:
        """How many documents are findable."""

    def ids(self) -> set[str]:
        """The ids of all findable documents."""

    def rebuild(self, entries: Iterable[Entry]) -> int:
        """Make a new index of these documents alone and put it in the place of the old one; say how many it holds.

        The old index answers until the new one is complete.  Others who add meanwhile wait, or are told to.

        Raises:
            IndexBusy: another process kept writing for too long.
            IndexNotWritten: the disk is full or may not be written; what was known before still is.
        """


def open_index(settings: SearchSettings, *, fresh: bool = False) -> AbstractContextManager[SearchIndex]:
    """Open the index of the settings; where nothing lies yet, an empty one is made.

    Args:
        settings: which engine, and where its files lie.
        fresh: do not look at the present index, which may be damaged or outdated: for ``rebuild``.

    Raises:
        IndexOutdated: the index is damaged or of another format.
    """
    opened: AbstractContextManager[SearchIndex] = resolve_name(OPENERS[settings.kind])(settings, fresh=fresh)
    return opened
