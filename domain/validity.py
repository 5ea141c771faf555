"""How long a paper holds, and what a desk is told about the papers that are held (law L2.5, L2.11)."""

import calendar
from collections.abc import Iterable
from datetime import date
from typing import Literal

from domain.readings import Frozen

ValidityKind = Literal["permanent", "months", "unknown"]


class HeldPaper(Frozen):
    """What a lookup may know of a held paper; ``valid_until`` None means permanently valid."""

    id: str
    code: str
    type_code: str
    issuer: str | None
    issued: date | None
    valid_until: date | None


class ReuseAnswer(Frozen):
    """The answer of a lookup, with the best paper: the one valid longest, else the one that expired last."""

    answer: Literal["held-and-valid", "held-but-expired", "not-held"]
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


def decide_reuse(papers: Iterable[HeldPaper], today: date) -> ReuseAnswer:
    """The answer over all held papers of one owner and type; a paper holds on its last day."""
    by_end = sorted(papers, key=lambda paper: (paper.valid_until or date.max, paper.issued or date.min, paper.id))
    if not by_end:
        return ReuseAnswer(answer="not-held")
    best = by_end[-1]
    valid = best.valid_until is None or best.valid_until >= today
    return ReuseAnswer(answer="held-and-valid" if valid else "held-but-expired", paper=best)
