"""What is known of the inspection of a lot."""

from datetime import datetime

from domain.record import Frozen


class Inspection(Frozen):
    """A sample of a lot: the papers of a closed batch, the plan, and what chose the sample.

    A batch whose lot was refused is inspected again in a further ``round``.  ``list_sha256`` is the digest of the ids
    of the lot's papers, sorted, each with a line's end.  ``critical`` are the kinds of defects of which no more than
    ``critical_allowed`` papers may have one; of papers with any defect ``allowed`` may.
    ``short``: so many places of the sample are empty, because papers were taken out and the lot has no further ones.
    """

    batch_id: str
    round: int
    opened_at: datetime
    opened_by: str
    reason: str
    papers: int
    pages: int
    list_sha256: str
    aql: float
    level: str
    letter: str
    sample: int
    allowed: int
    critical: tuple[str, ...]
    critical_allowed: int
    plan_source: str
    plan_confirmed: bool
    seed: str
    short: int = 0

    @property
    def name(self) -> str:
        """Which it is, in one word."""
        return f"{self.batch_id}:{self.round}"


class LotPaper(Frozen):
    """A paper of a lot: its place in the draw from 1 on (None: it was not drawn), and who had a hand in it before.

    ``out_at``, ``out_by``: when and by whose act it was taken out of the sample again; the next of the draw followed.
    """

    paper_id: str
    place: int | None
    hands: tuple[str, ...]
    out_at: datetime | None = None
    out_by: str = ""


class Redrawn(Frozen):
    """What becomes of a sample when papers are taken out: rows that change, and how many places are empty then."""

    papers: tuple[LotPaper, ...]
    short: int


class Defect(Frozen):
    """What is wrong with a paper: a field, its type, a code or the image; what it is, and what is right.

    Identity numbers are masked in both.
    """

    kind: str
    found: str = ""
    right: str = ""


class PaperCheck(Frozen):
    """What a person found when he looked at a paper of a sample: no defect, or these.

    ``reason``: why he looked at one again that was looked at; the newest check of a paper counts.
    """

    paper_id: str
    at: datetime
    who: str
    office: str
    role: str
    defects: tuple[Defect, ...]
    reason: str
