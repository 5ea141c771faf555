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


class CopyCertified(ActEvent):
    """Somebody who saw the original certified an e-copy, under a number of the office's book (law L1.3, L1.12).

    Recorded when the number is given for good: before the vault has the copy, and before anybody gets it.  ``doubts``
    and ``why`` are those of the purpose, as when somebody asks for a paper.
    """

    event: Literal["certified"] = "certified"
    number: int
    year: int
    dossier: str
    component: str
    code: Masked
    pages: int
    signer: Masked
    doubts: str = ""
    why: Masked = ""


class CertifiedGiven(ActEvent):
    """A certified copy was handed out; every time."""

    event: Literal["certified_given"] = "certified_given"
    number: int
    year: int
    dossier: str
    sha256: str
    doubts: str = ""
    why: Masked = ""


class CertifiedWritten(ActEvent):
    """The book of certified copies was written out."""

    event: Literal["certified_written"] = "certified_written"
    since: str | None
    count: int


class CopiesWritten(ActEvent):
    """The book of copies was written out."""

    event: Literal["copies_written"] = "copies_written"
    since: str | None
    count: int
