"""What the rest of khoso may know of search."""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from datetime import date
from typing import Literal, Protocol

from pydantic import Field

from domain.record import Frozen
from domain.states import Standing, ValidityState
from search.filters import Filters

Sort = Literal["best", "newest", "oldest"]
MOST_HITS = 1_000  # offset and limit together; who needs more narrows the question
_ANY = Filters()


class IndexEntry(Frozen):
    """One document as it is found: its text, and the names and numbers it goes by.

    ``version`` rises with every change of the document; an engine never replaces a later version by an earlier one.
    Pages of ``body`` are separated by form feeds.  ``owners`` are keyed hashes, never the identifiers; ``valid_until``
    None means for ever.
    """

    id: str
    version: int = Field(default=0, ge=0)
    title: str
    body: str
    number_symbol: str | None
    codes: tuple[str, ...]
    type_code: str
    type_name: str
    dossier: str | None
    issuer: str | None
    issued: date | None
    owners: tuple[str, ...] = ()
    valid_until: date | None = None
    standing: Standing = "in_force"


class Rejected(Frozen):
    """A document that the engine cannot take as it is, and why."""

    id: str
    reason: str


class FoundPassage(Frozen):
    """A piece of a document; ``marks`` are the places in it that match, ``page`` None is the title."""

    page: int | None
    snippet: str
    marks: tuple[tuple[int, int], ...]


Fits = Literal["all", "accents", "rarest", "keyboard", "letter", "missing", "asking", "mentioned", "number"]
"""How a document fits: it has all that was typed, or some of it with other accents and apart from the rest, or the
rarest words of very many, or all as it was meant when the keyboard seemed to be set wrong; or some words with one
letter other, without some words, or all but words of asking, or it only mentions a number that was asked for as its
own, or its number is longer than what was typed of it."""


class Fit(Frozen):
    """How one document fits what was typed.

    ``lacks``: the words that are not in it; ``slips``: words as they were typed, and as it has them.
    """

    how: Fits = "all"
    lacks: tuple[str, ...] = ()
    slips: tuple[tuple[str, str], ...] = ()


class Hit(Frozen):
    """One document found, how it fits, and the pages on which; the first passage tells most."""

    id: str
    score: float
    fit: Fit = Fit()
    passages: tuple[FoundPassage, ...]


class Counts(Frozen):
    """How many documents are found in all, and by type, issuer, year of issue and state; the most first.

    ``estimated``: there are so many that a part of the papers was counted and the rest concluded from it: totals within
    a few in a hundred, and what very few papers have may be missing.
    """

    total: int
    types: tuple[tuple[str, int], ...]
    agencies: tuple[tuple[str, int], ...]
    years: tuple[tuple[str, int], ...]
    states: tuple[tuple[ValidityState, int], ...]
    estimated: bool = False


class Near(Frozen):
    """A folded word that no document has, and words of documents that are near to it, the nearest first."""

    word: str
    spelled: tuple[str, ...]


class Found(Frozen):
    """The answer.  ``loose``: nothing has everything that was typed, and these come near to it.

    ``left_out``: words that were not looked for, because rarer ones among very many decided.  ``read_as``: the words
    that were looked for, when those that were typed seemed to be typed with the wrong keyboard.  ``asking``: words by
    which people ask, which were left out.  ``near``: where nothing is found, words that may have been meant;
    ``emptying``: words and numbers without any one of which something would be.
    """

    hits: tuple[Hit, ...]
    loose: bool = False
    counts: Counts | None = None
    left_out: tuple[str, ...] = ()
    read_as: str = ""
    asking: tuple[str, ...] = ()
    near: tuple[Near, ...] = ()
    emptying: tuple[str, ...] = ()


class IndexMark(Frozen):
    """What an index says of itself: whose changes it follows (``series``), and up to which of them it was ``reached``.

    It lies where the documents lie, and so it is of the same day as they are, wherever they were copied from.
    """

    series: str
    reached: int


class Writer(Protocol):
    """Whatever takes documents."""

    def add(self, entries: Iterable[IndexEntry]) -> list[Rejected]:
        """Make documents findable, in place of earlier versions under the same ids; durable when it returns.

        Of several entries with one id the last counts; one with an earlier version than is known is passed over.

        Raises:
            IndexBusy: another process kept writing for too long.
            IndexNotWritten: the disk is full or may not be written; what was known before still is.
            EngineAway: the engine does not answer.
        """

    def remove(self, versions: Iterable[tuple[str, int]]) -> None:
        """Forget documents, unless a later version than the given one is known; raises as ``add`` does."""


class Draft(Writer, Protocol):
    """A new index beside the live one."""

    def publish(self, mark: IndexMark | None = None) -> int:
        """Put the new index in the place of the live one, at once for everybody; say how many documents it holds.

        ``mark`` is what it says of itself from then on.
        """


class SearchIndex(Writer, Protocol):
    """Documents findable by their words and numbers.

    Several processes may hold the same index open.  Each sees what the others have added from the next call on.
    Everything may raise ``EngineAway``.
    """

    def search(
        self,
        text: str,
        limit: int = 20,
        *,
        filters: Filters = _ANY,
        sort: Sort = "best",
        offset: int = 0,
        counted: bool = False,
    ) -> Found:
        """The documents in which everything typed is found; any text is a query, an empty one finds none.

        Accents are optional, and papers spelled as typed come first.  A paper that bears a typed number comes before
        those that mention it.  Only when nothing is found, words of five letters and more may have one slip, and of
        four words and more one may be missing.  Filters alone find the newest papers.

        Args:
            text: words, numbers, ``"phrases"`` and filters (docs/search.md).
            limit: how many documents at most.
            filters: which may be found at all; those that are typed narrow them.
            sort: best first, or by date of issue; papers without a date come last.
            offset: how many of the first are left out.
            counted: also say how many there are in all, by type, agency, year and state.

        Raises:
            UsageError: more than ``MOST_HITS`` documents are asked for, or none.
        """

    def mark(self) -> IndexMark | None:
        """What the index says of itself; None when it is new, or its mark cannot be read."""

    def put_mark(self, mark: IndexMark) -> None:
        """Let the index say that of itself, once it has what the mark tells; raises as ``add`` does."""

    def check_writable(self) -> None:
        """See that documents may be added now; nothing is written.

        Raises:
            IndexNotWritten: they may not be.
        """

    def count(self) -> int:
        """How many documents are findable."""

    def ids(self) -> set[str]:
        """The ids of all findable documents."""

    def versions(self) -> Iterator[tuple[str, int]]:
        """The id and version of every findable document, in order of the ids."""

    def rebuild(self) -> AbstractContextManager[Draft]:
        """Begin a new index; it is thrown away unless it is published before the block ends.

        The live index answers, and may be written, until then.  What is written to it meanwhile is not in the draft.
        """
