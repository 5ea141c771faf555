"""How long a paper holds, and what a desk is told about the papers that are held (law L2.5, L2.11)."""

import calendar
from collections.abc import Iterable
from datetime import date
from typing import Literal

from domain.codes import mask_code
from domain.record import Frozen
from domain.states import Standing

ValidityKind = Literal["permanent", "months", "unknown"]

LookupAnswer = Literal[
    "held-and-valid",
    "held-but-expired",
    "held-but-revoked",
    "held-but-replaced",
    "held-but-untrusted",
    "held-but-not-here",
    "held-unchecked",
    "not-held",
    "held-elsewhere",
    "must-be-brought",
    "owner-unknown",
]


class HeldPaper(Frozen):
    """What a lookup may know of a held paper; never the file.

    ``valid_until`` None means permanently valid; ``scope`` the agency identifier within whose area it counts, None
    everywhere.  ``trusted`` is False for a paper that arrived with signatures whose issuer is not trusted here;
    ``level`` is that of our own signatures.  ``role``: in which the owner who was asked about stands on it.
    ``own_term``: its own last day, where another one counts for what it is used as.
    """

    id: str
    code: str
    type_code: str
    issuer: str | None
    issued: date | None
    valid_until: date | None
    number_symbol: str | None = None
    scope: str | None = None
    standing: Standing = "in_force"
    replaced_by: str | None = None
    trusted: bool = True
    level: str | None = None
    role: str | None = None
    own_term: date | None = None

    @property
    def masked(self) -> "HeldPaper":
        """The paper without identity numbers in its codes (design law 7)."""
        later = self.replaced_by and mask_code(self.replaced_by)
        return self.model_copy(update={"code": mask_code(self.code), "replaced_by": later})

    def used_for(self, kind: Literal["permanent", "months"], months: int | None) -> "HeldPaper":
        """The paper with the days of a use that has its own; one whose day of issue is not known keeps its term."""
        if kind == "months" and (self.issued is None or months is None):
            return self
        until = add_months(self.issued, months) if self.issued and months else None
        return self.model_copy(update={"valid_until": until, "own_term": self.valid_until})

    def answer(self, today: date, office: str) -> LookupAnswer:
        """Whether it can be reused on a day at an office, else the first reason why not; it holds on its last day."""
        if self.standing != "in_force":
            return "held-but-revoked" if self.standing == "revoked" else "held-but-replaced"
        if not self.trusted:
            return "held-but-untrusted"
        if self.valid_until is not None and self.valid_until < today:
            return "held-but-expired"
        if self.scope is not None and not f"{office}.".startswith(f"{self.scope}."):
            return "held-but-not-here"
        return "held-and-valid"


class ReuseAnswer(Frozen):
    """The answer of a lookup, with the best paper: a valid one before others, then the one that lasts longest."""

    answer: LookupAnswer
    paper: HeldPaper | None = None


def add_months(day: date, months: int) -> date:
    """The same day ``months`` later, or the last day of that month when it is shorter."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def decide_valid_until(
    kind: ValidityKind, months: int | None, issued: date | None, stated: date | None, digitised: date, default: int
) -> date | None:
    """The last day on which the paper can be reused; None = permanent.

    What the paper states wins; then the type's term from the day of issue; a paper of unknown term, or of unknown
    day of issue, holds for ``default`` months from digitisation (law L2.11: product practice, not law).
    """
    if stated is not None:
        return stated
    if kind == "permanent":
        return None
    if kind == "months" and months is not None and issued is not None:
        return add_months(issued, months)
    return add_months(digitised, default)


def decide_reuse(papers: Iterable[HeldPaper], today: date, office: str) -> ReuseAnswer:
    """The answer over all held papers of one owner that would serve, for an office on a day."""

    def rank(paper: HeldPaper) -> tuple[bool, date, date, str]:
        fits = paper.answer(today, office) == "held-and-valid"
        return fits, paper.valid_until or date.max, paper.issued or date.min, paper.id

    best = max(papers, key=rank, default=None)
    return ReuseAnswer(answer=best.answer(today, office), paper=best) if best else ReuseAnswer(answer="not-held")
