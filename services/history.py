"""Why did it take so long, and why was it tried again?  What the ledger kept of a document's way."""

from datetime import datetime
from heapq import merge
from typing import Final

from archive.package import read_package
from archive.papers.forms import KeptChange, KeptSaying, KeptStep
from domain.messages.told import BY, Param, Reason, as_params, told
from domain.record import PublicView
from domain.states import OtherWord, PassageOutcome
from pipeline.records import shown_record
from services.context import Services
from services.document import show
from services.permissions import Asker, may
from services.secrecy.withdrawing import steps_of
from services.secrecy.withheld import is_of_withdrawn, is_withheld
from services.unseen import masked, without_others

_NO_TRIES: tuple[PassageOutcome, ...] = (
    "released",
    "discarded",
    "secret",
    "vouched",
    "filled",
    "taken_back",
    "rewound",
)


_APART: Final = {"withdrawn", "erased"}  # who decides about such a paper needs nothing that it says


class HistoryLine(PublicView):
    """One try at a stage, or what a person did with the document there.

    ``number`` counts the tries since the stage was reached, or since a person let the document go on; None for what
    was no try.  ``error`` begins with the fixed word of the reason, as in ``status``.  ``worker`` is a host, a process
    and the moment (in clock ticks since the machine was started) at which that process began.
    """

    stage: str
    number: int | None
    outcome: PassageOutcome | OtherWord
    started_at: datetime
    ended_at: datetime
    took_s: int
    worker: str
    error: str
    told: Reason


def history_of(ctx: Services, asker: Asker, code: str) -> list[HistoryLine]:
    """All tries, oldest first; nothing for a paper whose ledger is gone, for the vault keeps the outcomes only.

    It is a part of what `show` tells, and recorded as that.

    Raises:
        NotAllowed: the role may not.
        NotFound: there is no such document, or it is another agency's.
    """
    view = show(ctx, asker, code)
    discloses = may(asker, "disclose", view.numbered, ctx.settings)
    lines: list[HistoryLine] = []
    stage, number = "", 0
    for item in ctx.ledger.history(str(view.id)):
        is_try = item.outcome not in _NO_TRIES and item.error.what != BY
        number = 0 if not is_try else number + 1 if item.stage == stage else 1
        stage = item.stage
        error = without_others(ctx, asker, item.error)
        error = _withheld(error) if view.state in _APART else error if discloses else masked(error)
        lines.append(
            HistoryLine(
                **{**dict(item), "error": error.text()},
                told=error,
                number=number or None,
                took_s=round((item.ended_at - item.started_at).total_seconds()),
            )
        )
    told_of = may(asker, "withdrawn", view.numbered, ctx.settings)
    after = [
        *_corrections(ctx, str(view.id), discloses=discloses),
        *_certified(ctx, str(view.id)),
        *(_withdrawals(ctx, str(view.id)) if told_of else ()),
    ]
    said = _said_at_review(ctx, str(view.id), discloses=discloses)
    before = merge(said, lines, key=lambda item: item.started_at)  # moments are whole seconds: what follows comes after
    return [*before, *sorted(after, key=lambda item: item.started_at)]


def _withheld(reason: Reason) -> Reason:
    """Of why a withdrawn paper stopped on its way only the fixed word: the rest may tell what it says (law L8.5)."""
    return reason if not reason or reason.what == BY else Reason(word=reason.word, what="not_told_of_withdrawn")


def _withdrawals(ctx: Services, document_id: str) -> list[HistoryLine]:
    """That an archived paper was withdrawn, and what was decided of it; also of one that was given back."""
    row, paper = ctx.catalogue.withdrawn.of(document_id), ctx.catalogue.paper(document_id)
    if row is not None:
        steps, _ = steps_of(ctx, row)
    else:
        steps = read_package(ctx.vault.get(paper.object_id)).secrecy if paper is not None else ()
    return [
        _done("withdraw", step.word, step.at, step.who, Reason(word=step.word, what="step_said", params=_why(step)))
        for step in steps
    ]


def _why(step: KeptStep) -> dict[str, Param]:
    return as_params({"why": step.reason or told("nothing_there")})


def _done(stage: str, word: str, at: datetime, who: str, reason: Reason) -> HistoryLine:
    """What somebody did with an archived paper."""
    return HistoryLine(
        stage=stage,
        number=None,
        outcome=OtherWord(word),
        started_at=at,
        ended_at=at,
        took_s=0,
        worker=who,
        error=reason.text(),
        told=reason,
    )


def _corrections(ctx: Services, document_id: str, *, discloses: bool) -> list[HistoryLine]:
    """What was put right of an archived paper, a line for each field."""
    paper = ctx.catalogue.paper(document_id)
    if paper is None:
        return []
    lines = []
    for item in read_package(ctx.vault.get(paper.object_id)).corrections:
        for change in item.changes:
            reason = Reason(word="corrected", what="corrected_from_to", params=_params(change, item.reason))
            reason = reason if discloses else masked(reason)
            lines.append(_done("correct", "corrected", item.at, item.who, reason))
    return lines


def _said_at_review(ctx: Services, document_id: str, *, discloses: bool) -> list[HistoryLine]:
    """What was changed or filled in at review, a line for each field; what was read rightly is not told."""
    lines = []
    for item in _review_of(ctx, document_id):
        if item.how != "confirmed":
            params = _params(KeptChange(field=item.field, old=item.before, new=item.after), item.reason)
            reason = Reason(word="corrected_at_review", what="corrected_from_to", params=params)
            lines.append(_done("review", item.how, item.at, item.who, reason if discloses else masked(reason)))
    return lines


def _review_of(ctx: Services, document_id: str) -> tuple[KeptSaying, ...]:
    """What people said of a paper at review, by its object, else by the ledger; of one that may be secret nothing."""
    paper, entry = ctx.catalogue.paper(document_id), ctx.ledger.entry(document_id)
    if paper is not None:
        return read_package(ctx.vault.get(paper.object_id)).record.corrections
    if entry is None or is_withheld(entry) or is_of_withdrawn(ctx, entry):
        return ()
    return shown_record(entry.record).corrections


def _certified(ctx: Services, document_id: str) -> list[HistoryLine]:
    """The certified copies that were made of an archived paper."""
    paper = ctx.catalogue.paper(document_id)
    made = read_package(ctx.vault.get(paper.object_id)).certified if paper is not None else ()
    lines = []
    for item in made:
        said = item.model_dump(include={"number", "book", "office", "dossier", "signer"})
        reason = masked(Reason(word="certified", what="certified_for", params=as_params(said)))
        lines.append(_done("certify", "certified", item.done_at, item.who, reason))
    return lines


def _params(change: KeptChange, why: str) -> dict[str, Param]:
    nothing = told("nothing_there")
    return as_params({"field": change.field, "old": change.old or nothing, "new": change.new or nothing, "why": why})
