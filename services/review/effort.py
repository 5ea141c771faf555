"""What review costs: of each field how often it was asked, what people said, and how long that took them.

It is counted from the audit journal, which has every answer with its time.  A command line cannot know when somebody
began to think: what counts is the time since the paper was last shown to the same person, up to a quarter of an hour.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import NamedTuple

from domain.events import WaitingListed
from domain.record import PublicView
from services.context import Services
from services.permissions import Asker, demand, may
from services.unseen import dossier_of

_LONGEST = timedelta(minutes=15)  # who takes longer did something else meanwhile


class FieldEffort(PublicView):
    """The answers about one field; ``median_s``: seconds from seeing to saying, where that is known."""

    field: str
    confirmed: int
    changed: int
    filled: int
    people: int
    median_s: float | None


class _Answer(NamedTuple):
    field: str
    how: str
    who: str
    took: float | None


def review_effort(ctx: Services, asker: Asker, batch: str | None = None) -> tuple[FieldEffort, ...]:
    """The answers at review about papers of the asker's agency, of one batch or of all; the most frequent field first.

    Raises:
        NotAllowed: the role may not.
    """
    demand(ctx, asker, "review_list", batch or "")
    said: dict[str, list[_Answer]] = defaultdict(list)
    for answer in _answers(ctx, asker, batch):
        said[answer.field].append(answer)
    ctx.journal.record(WaitingListed(**dict(asker), subject="effort", count=len(said)))
    return tuple(_effort(field, said[field]) for field in sorted(said, key=lambda name: (-len(said[name]), name)))


def _answers(ctx: Services, asker: Asker, batch: str | None) -> Iterator[_Answer]:
    seen: dict[tuple[str, str], datetime] = {}
    for event in ctx.journal.events():
        if event["event"] not in {"shown", "corrected_at_review"}:
            continue
        at, key = datetime.fromisoformat(event["at"]), (event["who"], event["subject"])
        if event["event"] == "shown":
            seen[key] = at
        elif _counts(ctx, asker, event["subject"], batch):
            took = at - seen[key] if key in seen else None
            known = took.total_seconds() if took is not None and took <= _LONGEST else None
            yield _Answer(event["field"], event["how"], event["who"], known)


def _counts(ctx: Services, asker: Asker, document_id: str, batch: str | None) -> bool:
    if batch is not None:
        entry = ctx.ledger.entry(document_id)
        if entry is None or entry.batch_id != batch:
            return False
    return may(asker, "review_list", dossier_of(ctx, document_id), ctx.settings)


def _effort(field: str, answers: Sequence[_Answer]) -> FieldEffort:
    took = [answer.took for answer in answers if answer.took is not None]
    count = {how: sum(answer.how == how for answer in answers) for how in ("confirmed", "changed", "filled")}
    people = len({answer.who for answer in answers})
    return FieldEffort(field=field, people=people, median_s=round(median(took), 1) if took else None, **count)
