"""Requests of owners to put a paper right: entered, answered and settled within their terms (law L8.3)."""

from collections.abc import Sequence
from datetime import date, timedelta

from archive.cases.cases import OwnerCase
from archive.errors import AlreadyDecided
from archive.interface import Paper
from config.requests.terms import load_request_terms
from domain.clock import now, today
from domain.corrections.events import CaseAnswered, CaseDecided, CaseOpened
from domain.errors import NotFound
from domain.record import PublicView
from domain.states import CaseState
from domain.values import checked
from services.context import Services
from services.corrections.errors import CannotCorrect
from services.permissions import Asker, demand, may, sees
from services.unseen import paper_there


class CaseView(PublicView):
    """A request as it is listed; ``due``: the next day that counts for it, None once it is settled."""

    number: int
    paper: str
    received: date
    state: CaseState
    answer_by: date
    settle_by: date
    answered: bool
    due: date | None
    reason: str
    request: str


def open_case(ctx: Services, asker: Asker, code: str, *, request: str, received: date | None = None) -> CaseView:
    """Enter an owner's request about a paper; the same one of the same day is entered once.

    Args:
        ctx: the services.
        asker: who took it in.
        code: document id, or a code that the paper bears or bore.
        request: what the owner asks, in his words.
        received: when it came; None: today.

    Raises:
        NotAllowed: the role may not.
        NotFound: no such paper is held, or another agency's.
        CannotCorrect: nothing is asked, it came after today, or before there were terms.
    """
    demand(ctx, asker, "case_open", code)
    if not request.strip():
        raise CannotCorrect("no_request", remedy="say_request")
    paper, day = paper_there(ctx, asker, "case_open", code), received or today()
    terms = load_request_terms()
    term = terms.of(day)
    if day > today() or term is None:
        raise CannotCorrect("no_term_of_day", remedy="give_day_of_receipt", day=day)
    case = OwnerCase(
        number=0,
        paper_id=paper.id,
        received=day,
        request=checked("reason", request),
        answer_by=terms.working_day(day, term.answer_working_days),
        settle_by=day + timedelta(days=term.correct_days),
        opened_at=now(),
        opened_by=asker.who,
    )
    with (
        ctx.journal.once("case", paper.id, str(day), case.request) as record,
        ctx.desk.cases.open(case) as (
            entered,
            is_new,
        ),
    ):
        if is_new:
            record(
                CaseOpened(
                    **dict(asker),
                    subject=paper.id,
                    case=entered.number,
                    received=str(day),
                    answer_by=str(entered.answer_by),
                    settle_by=str(entered.settle_by),
                    request=case.request,
                )
            )
    return case_view(entered)


def list_cases(ctx: Services, asker: Asker, *, due: bool = False) -> list[CaseView]:
    """The requests about papers that the asker may see, in their order; ``due``: the open ones, the most urgent first.

    Raises:
        NotAllowed: the role may not.
    """
    demand(ctx, asker, "case_list")
    cases = ctx.desk.cases.all()
    papers = _papers(ctx, cases)
    views = [
        case_view(case)
        for case in cases
        if case.paper_id in papers and may(asker, "case_list", papers[case.paper_id].belongs, ctx.settings)
    ]
    return sorted((item for item in views if item.due), key=lambda item: (item.due, item.number)) if due else views


def answer_case(ctx: Services, asker: Asker, number: int) -> CaseView:
    """Enter that the owner was told how his request goes on; once.

    Raises:
        NotAllowed: the role may not.
        NotFound: there is no such request, or it is about another agency's paper.
    """
    demand(ctx, asker, "case_decide", str(number))
    case = case_of(ctx, asker, number)
    if case.answered_at is None:
        with ctx.journal.once("case", str(number)) as record:
            record(CaseAnswered(**dict(asker), subject=case.paper_id, case=number))
            ctx.desk.cases.answer(case, now())
    return case_view(ctx.desk.cases.case(number) or case)


def refuse_case(ctx: Services, asker: Asker, number: int, *, reason: str) -> CaseView:
    """Settle a request without putting anything right, with the reason that the owner is told.

    Raises:
        NotAllowed: the role may not.
        NotFound: there is no such request, or it is about another agency's paper.
        CannotCorrect: no reason is given.
        AlreadyDecided: it was settled otherwise.
    """
    demand(ctx, asker, "case_decide", str(number))
    if not reason.strip():
        raise CannotCorrect("no_reason", remedy="say_why_refused")
    return settle_case(ctx, asker, case_of(ctx, asker, number), "refused", checked("reason", reason))


def settle_case(ctx: Services, asker: Asker, case: OwnerCase, state: CaseState, reason: str) -> CaseView:
    """Settle a request; the same once more changes nothing.

    Raises:
        AlreadyDecided: it was settled otherwise.
    """
    if case.state == "pending":
        with ctx.journal.once("case", str(case.number)) as record:
            record(CaseDecided(**dict(asker), subject=case.paper_id, case=case.number, state=state, reason=reason))
            ctx.desk.cases.decide(case, state, now(), asker.who, reason)
        case = ctx.desk.cases.case(case.number) or case
    if (case.state, case.reason) != (state, reason):
        raise AlreadyDecided("case_settled", number=case.number, state=case.state, who=case.decided_by or "")
    return case_view(case)


def case_of(ctx: Services, asker: Asker, number: int) -> OwnerCase:
    """A request about a paper of the asker's agency.

    Raises:
        NotFound: there is none.
    """
    case = ctx.desk.cases.case(number)
    paper = ctx.catalogue.paper(case.paper_id) if case else None
    if case is None or paper is None or not sees(ctx, asker, "case_decide", paper.id, dossier=paper.belongs):
        raise NotFound("no_case", remedy="list_cases", number=number)
    return case


def case_about(ctx: Services, asker: Asker, number: int, paper: Paper) -> OwnerCase:
    """A request about this paper that was not refused.

    Raises:
        NotFound: there is none about a paper of the asker's agency.
        CannotCorrect: it is about another paper.
        AlreadyDecided: it was refused.
    """
    case = case_of(ctx, asker, number)
    if case.paper_id != paper.id:
        raise CannotCorrect("case_of_another_paper", remedy="list_cases", number=number, id=paper.id)
    if case.state == "refused":
        raise AlreadyDecided("case_settled", number=number, state=case.state, who=case.decided_by or "")
    return case


def case_view(case: OwnerCase) -> CaseView:
    """A request as it is told."""
    due = case.settle_by if case.answered_at else min(case.answer_by, case.settle_by)
    return CaseView(
        number=case.number,
        paper=case.paper_id,
        received=case.received,
        state=case.state,
        answer_by=case.answer_by,
        settle_by=case.settle_by,
        answered=case.answered_at is not None,
        due=due if case.state == "pending" else None,
        reason=case.reason,
        request=case.request,
    )


def _papers(ctx: Services, cases: Sequence[OwnerCase]) -> dict[str, Paper]:
    ids = sorted({case.paper_id for case in cases})
    found: dict[str, Paper] = {}
    for first in range(0, len(ids), 500):  # databases limit the variables of a statement
        found |= {paper.id: paper for paper in ctx.catalogue.some(ids[first : first + 500])}
    return found
