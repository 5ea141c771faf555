"""Whether a dossier is a purpose for a look-up: known here, of the owner who is asked about, and not over (law 8A).

What becomes of a doubtful one is a rule of the settings (`[desk.purpose]`); it may be asked for all the same where the
rule lets it and somebody says why, which is recorded with the question and counted.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

from archive.interface import Dossier, Paper, Question
from config.desk import PurposeRule
from config.owners import APPLICANT, role_name
from domain.clock import today
from domain.codes import dossier_key, parse_dossier
from domain.errors import ExitCode, KhosoError, UsageError
from domain.messages.language import spoken
from domain.messages.told import Told, told
from domain.owners import mask_text
from domain.record import PublicView
from domain.values import checked
from services.context import Services
from services.dossiers.owners import is_of_another, persons_told
from services.permissions import Act, Asker, demand, may, refuse
from services.reuse.components import may_be_for

PurposeDoubt = Literal["unknown", "other_owner", "unnamed_person", "closed", "component"]


# What is told where a reason would do; who only takes what was asked for before asks again.
_ASKED_FOR: Final[Mapping[Act, str]] = MappingProxyType(
    {"lookup": "purpose_needs_reason", "certify": "certify_needs_reason"}
)


class PurposeDoubtful(KhosoError):
    """The dossier is no purpose as it stands, or nobody says why it is one all the same."""

    exit_code = ExitCode.REFUSED
    reason = "purpose_doubtful"
    what = "purpose_doubted"
    remedy = "purpose_needs_reason"


class Purpose(NamedTuple):
    """The dossier for which is asked, as far as the asker may know it; what makes it doubtful, and why it is one."""

    dossier: Dossier | None
    doubts: tuple[PurposeDoubt, ...]
    reason: str


class DoubtfulLookup(PublicView):
    """A look-up for a doubtful purpose: who asked, why, and how many ``answers`` were given."""

    at: datetime
    who: str
    office: str
    dossier: str
    doubts: tuple[str, ...]
    reason: str
    answers: int


def has_dossier(ctx: Services, asker: Asker, dossier: str, *, act: Act) -> str:
    """The dossier's code as it is kept; without one there is no answer, and that is recorded (law 8A: refusals too).

    Raises:
        UsageError: what is given is no code of one.
    """
    code = dossier_key(dossier)
    try:
        parse_dossier(code)
    except UsageError as error:
        refuse(ctx, asker, act, "", "purpose_missing", dossier=dossier)
        if act == "certify":
            what = "certify_dossier_odd" if dossier.strip() else "certify_no_dossier"
            raise UsageError(what, remedy="give_dossier_of_certifying", reason="usage", dossier=dossier[:60]) from None
        why = {"why": error} if dossier.strip() else {}
        what = "purpose_no_code" if why else "purpose_missing"
        raise UsageError(what, remedy="give_dossier_of_need", reason="purpose_missing", **why) from None
    return code


def stated_purpose(ctx: Services, asker: Asker, code: str, given: Mapping[str, str], *, reason: str) -> Purpose:
    """The purpose of a look-up about the persons who are given, in their roles; others are those of the dossier.

    Raises:
        PurposeDoubtful: the rules refuse it, or ask for a reason that is not given.
        UsageError: the reason cannot be entered.
    """
    dossier, doubts = _doubts(ctx, asker, code, given)
    reason = _entered(reason)
    said = {doubt: _told(doubt, code, dossier) for doubt in doubts}
    if dossier is not None and "other_owner" in said and (role := _role_in(dossier, given.get(APPLICANT))):
        said["other_owner"] = told("purpose_other_role", dossier=code, role=role_name(role, spoken()))
    _judge(ctx, asker, "lookup", code, said, has_reason=bool(reason))
    return Purpose(dossier, doubts, reason)


def _role_in(dossier: Dossier, number: str | None) -> str | None:
    """In which role a dossier names whom it is asked for as its applicant."""
    told_of = persons_told(dossier)
    return next((role for role, numbers in told_of.items() if role != APPLICANT and number in numbers), None)


def purpose_of_paper(ctx: Services, asker: Asker, code: str, paper: Paper, *, component: str, reason: str) -> Purpose:
    """The purpose for which a paper is certified that lies before the asker, so that nothing was looked up before.

    Whom it only names is none of its owners, as for a look-up; whom the dossier names it may be of.

    Raises:
        PurposeDoubtful: the rules refuse it, or ask for a reason that is not given.
        UsageError: the reason cannot be entered.
    """
    type_ = ctx.catalogues.find_type(paper.type_code)
    named = type_.named if type_ else ()
    owners = [item.number for item in paper.owners if item.number and item.role not in named]
    dossier, doubts = _doubts(ctx, asker, code, {}, owners or paper.owner_ids)
    if component and not may_be_for(ctx, dossier, component):
        doubts = (*doubts, "component")
    reason = _entered(reason)
    said = {doubt: _told(doubt, code, dossier, component) for doubt in doubts}
    if "other_owner" in said:
        said["other_owner"] = told("dossier_of_other_owner", dossier=code)
    _judge(ctx, asker, "certify", code, said, has_reason=bool(reason))
    return Purpose(dossier, doubts, reason)


def still_stated(ctx: Services, asker: Asker, asked: Question, owner_id: str, *, act: Act) -> None:
    """See that the purpose of a question is no more doubtful than it was when it was asked.

    Raises:
        PurposeDoubtful: it is; whoever needs the paper all the same asks again, and says why.
    """
    dossier, doubts = _doubts(ctx, asker, asked.dossier, {asked.concerns or APPLICANT: owner_id})
    known = asked.doubts.split(",")
    new = {doubt: _told(doubt, asked.dossier, dossier) for doubt in doubts if doubt not in known}
    _judge(ctx, asker, act, asked.dossier, new, has_reason=False)


def doubtful_lookups(ctx: Services, asker: Asker, since: datetime | None = None) -> Sequence[DoubtfulLookup]:
    """The look-ups that were answered for a doubtful purpose since then or ever, the oldest first.

    Raises:
        NotAllowed: the role may not.
    """
    demand(ctx, asker, "doubts")
    return [
        DoubtfulLookup(
            at=first.at,
            who=first.who,
            office=first.office,
            dossier=first.dossier,
            doubts=tuple(first.doubts.split(",")),
            reason=first.reason,
            answers=answers,
        )
        for first, answers in ctx.desk.doubtful(since)
    ]


def _entered(reason: str) -> str:
    return mask_text(checked("reason", reason)) if reason.strip() else ""


def _doubts(
    ctx: Services, asker: Asker, code: str, given: Mapping[str, str], owners: Sequence[str] = ()
) -> tuple[Dossier | None, tuple[PurposeDoubt, ...]]:
    """What speaks against a dossier; one that the asker does not see is answered as one that nobody knows.

    Args:
        ctx: the services.
        asker: who asks.
        code: the dossier's.
        given: the persons who are asked about, by their roles.
        owners: those of a paper, any of whom may be of the dossier, in whichever role.
    """
    dossier = ctx.desk.dossier(code) if may(asker, "show", code, ctx.settings) else None
    if dossier is None:
        return None, ("unknown",)
    named = {ctx.owner_keys.of(number) for numbers in persons_told(dossier).values() for number in numbers}
    doubts: list[PurposeDoubt] = []
    applicant = given.get(APPLICANT)

    def is_named(number: str) -> bool:
        key = ctx.owner_keys.of(number)
        return key in named or not named.isdisjoint(ctx.desk.links.others(key))

    if is_of_another(ctx, [applicant] if applicant else owners, dossier) and not any(map(is_named, owners)):
        doubts.append("other_owner")
    others = {number for role, number in given.items() if role != APPLICANT} - {APPLICANT, applicant}
    if not all(map(is_named, filter(None, others))):
        doubts.append("unnamed_person")
    if dossier.finished is not None and dossier.finished <= today():
        doubts.append("closed")
    return dossier, tuple(doubts)


def _judge(
    ctx: Services, asker: Asker, act: Act, code: str, doubts: dict[PurposeDoubt, Told], *, has_reason: bool
) -> None:
    rules = ctx.settings.desk.purpose
    by_rule: dict[PurposeRule, list[PurposeDoubt]] = {"allow": [], "reason": [], "refuse": []}
    for doubt in doubts:
        by_rule[getattr(rules, doubt)].append(doubt)
    against = by_rule["refuse"] or ([] if has_reason else by_rule["reason"])
    if not against:
        return
    refuse(ctx, asker, act, "", f"purpose_{against[0]}", dossier=code)
    remedy = "purpose_refused" if by_rule["refuse"] else _ASKED_FOR.get(act, "purpose_asked_anew")
    raise PurposeDoubtful(doubts=[doubts[doubt] for doubt in against], remedy=remedy)


def _told(doubt: PurposeDoubt, code: str, dossier: Dossier | None, component: str = "") -> Told:
    if doubt == "component":
        return told("purpose_component", dossier=code, component=component)
    if doubt == "unknown":
        return told("purpose_unknown", dossier=code)
    if doubt == "other_owner":
        return told("purpose_other_owner", dossier=code)
    if doubt == "unnamed_person":
        return told("purpose_unnamed_person", dossier=code)
    return told("purpose_closed", dossier=code, day=f"{dossier.finished:%d/%m/%Y}" if dossier else "")
