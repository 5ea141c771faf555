"""What the audit journal says of copies on paper; a part of its closed set (``domain.events``)."""

from typing import Literal

from domain.events import ActEvent, Masked


class PaperCopied(ActEvent):
    """A paper was converted to a copy on paper, for a dossier, under a number of the office's book (law L1.7).

    ``code`` is what it is looked up by, and stands on the copy; ``proof`` what its signatures were found to be.
    """

    event: Literal["copied"] = "copied"
    number: int
    year: int
    dossier: str
    code: Masked
    pages: int
    proof: str


class CopiesWritten(ActEvent):
    """The book of copies was written out."""

    event: Literal["copies_written"] = "copies_written"
    since: str | None
    count: int
