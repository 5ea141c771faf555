"""`lookup`: which papers need not be brought, for a dossier (law L8, design law 7).

Every question and every answer is an event of the audit journal, refusals too.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from secrets import token_hex
from types import MappingProxyType
from typing import NamedTuple

from archive.interface import Question
from config.models import Component
from config.named import procedure_named, type_named
from config.owners import APPLICANT, role_name
from domain.clock import now, today
from domain.codes import code_key
from domain.errors import UsageError
from domain.events import ReuseAsked
from domain.messages.language import spoken
from domain.owners import mask
from files.outside import check_new
from services.context import Services
from services.permissions import Asker, TooManyQuestions, demand, may, refuse
from services.registers.interface import ComponentAnswer, Connections, Elsewhere
from services.reuse.answers import Answered, Asking, answers_of
from services.reuse.components import components_of
from services.reuse.on_way import UNCHECKED, papers_on_way
from services.reuse.persons import Person, concerned, papers_of_persons, persons_given, persons_of
from services.reuse.purpose import Purpose, has_dossier, stated_purpose
from services.reuse.reasons import why_not

_HOUR = timedelta(hours=1)


def lookup(
    ctx: Services,
    asker: Asker,
    *,
    owner_id: str = "",
    persons: Mapping[str, str] = MappingProxyType({}),
    dossier: str,
    procedure: str = "",
    type_code: str = "",
    consent: bool = False,
    reason: str = "",
    slip: Path | None = None,
) -> Sequence[ComponentAnswer]:
    """For each component of a procedure (or one paper type): need it be brought?

    Each is answered about the person whose paper it is; where nobody knows who that is, by whose number to ask.

    Args:
        ctx: the services.
        asker: who asks, recorded with the question.
        owner_id: the applicant, by his number; when empty, whoever the dossier names if it is known here.
        persons: the numbers of other persons of the dossier by their roles, as `persons_given` reads them.
        dossier: the dossier they are needed for: the purpose, without which nothing is answered (law 8A).
        procedure: code or name of the procedure; when empty, that of the dossier if it is known here.
        type_code: ask for one paper type instead, by code or name: of each person who is given, else of the applicant.
        consent: the applicant consents that answers of other databases are kept for some minutes, for this dossier.
        reason: why it is asked for a dossier that may be no purpose.
        slip: where the answers are written out for the owner (PDF/A), outside the store; nothing may be there.

    Raises:
        PurposeDoubtful: the dossier is unknown, somebody else's or over, or does not name whom is asked about, and the
            rules refuse it or ask for a reason.
        UsageError: the purpose, the owner or what is asked for is missing or unknown; or the slip cannot be written.
        TooManyQuestions: the officer has asked about more owners than a desk serves in an hour.
        ObjectsUnread: something is not held as far as is known, and it is not known of all that lies in the vault.
    """
    demand(ctx, asker, "lookup", dossier=dossier)
    dossier = has_dossier(ctx, asker, dossier, act="lookup")
    if slip is not None:
        check_new(slip, ctx.settings.home)
    others = [f"{role}={number}" for role, number in persons.items()]
    given = persons_given([owner_id, *others] if owner_id else others)
    purpose = stated_purpose(ctx, asker, dossier, given, reason=reason)
    asked_of, components = _asked_for(ctx, purpose, procedure, type_code, tuple(given) or (APPLICANT,))
    people = _people(ctx, given, purpose, components)
    _not_too_many(ctx, asker, {person.key for person in people}, dossier)
    day = today()
    on_way = papers_on_way(ctx, day, asker.office, asker=asker)
    asking = Asking(day, asker.office, _registers(ctx, dossier, consent=consent), partial(why_not, ctx), on_way)
    answers = answers_of(components, papers_of_persons(ctx, people, components), asking)
    if any(item.answer.answer in {"not-held", UNCHECKED} for answer in answers for item in answer.asked):
        ctx.catalogue.check_read()
    asked = _Asked(people, dossier, purpose, asked_of)
    if slip is None:
        _record(ctx, asker, answers, asked)
    else:
        _record_with_slip(ctx, asker, answers, asked, slip)
    return _without_numbers(ctx, asker, [answer.told for answer in answers])


def _without_numbers(ctx: Services, asker: Asker, answers: Sequence[ComponentAnswer]) -> list[ComponentAnswer]:
    """The answers with the codes of papers masked for who may not see identity numbers: they begin with the owner's.

    That may be another person than who was asked about, as on a marriage certificate.
    """
    rows = ctx.catalogue.some([answer.paper.id for answer in answers if answer.paper])
    open_ = {row.id for row in rows if may(asker, "disclose", row.belongs, ctx.settings)}
    return [
        answer.model_copy(update={"paper": answer.paper.masked})
        if answer.paper and answer.paper.id not in open_
        else answer
        for answer in answers
    ]


def _registers(ctx: Services, dossier: str, *, consent: bool) -> Callable[[Person], Connections]:
    """How other databases are asked about a person; one that failed is not asked about the next one."""
    away: dict[str, Elsewhere] = {}

    def about(person: Person) -> Connections:
        may_keep = consent and person.role == APPLICANT
        return ctx.registers.about(person.number, owner_key=person.key, dossier=dossier, consent=may_keep, away=away)

    return about


def _people(ctx: Services, given: Mapping[str, str], purpose: Purpose, components: Sequence[Component]) -> list[Person]:
    """Those about whom is asked: the applicant, and whom else the components concern.

    Raises:
        UsageError: nobody is known, or somebody is given whom none of them concerns.
    """
    people = persons_of(ctx, given, purpose.dossier)
    if not people:
        raise UsageError("owner_not_told", remedy="give_owner_too")
    roles = [APPLICANT, *concerned(components)]
    if stray := [role for role in given if role not in roles]:
        known = [role_name(role, spoken()) for role in dict.fromkeys(roles)]
        raise UsageError(
            "no_component_of_person", remedy="give_person_of_procedure", name=role_name(stray[0], spoken()), roles=known
        )
    return [person for role, person in people.items() if role in roles]


class _Asked(NamedTuple):
    """What was asked: about whom, for which purpose, and of which procedure."""

    people: Sequence[Person]
    dossier: str
    purpose: Purpose
    procedure: str | None


def _record_with_slip(ctx: Services, asker: Asker, answers: Sequence[Answered], asked: _Asked, target: Path) -> None:
    """The slip is made before anything is recorded, for it may be that it cannot be."""
    from services.reuse.slip import OwnerSlip, printed_slip, write_slip  # noqa: PLC0415 (0.3 s, and most are not printed)

    is_anothers = "other_owner" in asked.purpose.doubts
    known = None if is_anothers else asked.purpose.dossier
    people = {person.role: person.number for person in asked.people}
    slip = OwnerSlip(people, asked.dossier, known, asked.procedure, [answer.told for answer in answers])
    pdf = printed_slip(ctx, asker, slip)
    _record(ctx, asker, answers, asked)
    write_slip(ctx, asker, slip, pdf, target)


def _asked_for(
    ctx: Services, purpose: Purpose, procedure: str, type_code: str, whose: tuple[str, ...]
) -> tuple[str | None, tuple[Component, ...]]:
    if type_code and procedure:
        raise UsageError("procedure_and_type", remedy="ask_for_one")
    if type_code:
        type_code = type_named(type_code, ctx.catalogues)
        try:
            type_ = ctx.catalogues.type(type_code)
        except KeyError:
            raise UsageError("no_document_type", remedy="see_listed_types", code=type_code) from None
        return None, (
            Component(code=code_key(type_code), name=type_.name, types=(type_.code,), whose=whose, each=True),
        )
    known = purpose.dossier
    code = procedure or (known.procedure if known else "")
    if not code:
        raise UsageError("procedure_not_told", remedy="give_procedure")
    # what may be asked for is what the procedure asked for when the dossier was received
    day = known.received if known else today()
    code = procedure_named(code, ctx.catalogues, day)
    try:
        asked = ctx.catalogues.procedure(code, day)
    except KeyError:
        if ended := ctx.catalogues.rules_end(code, day):
            why = {"code": code, "day": day, "ended": ended}
            raise UsageError("rules_not_known", remedy="import_rules", reason="rules_unknown", **why) from None
        raise UsageError("procedure_not_in_force", remedy="import_or_see_list", code=code) from None
    return code, components_of(ctx, asked)


def _not_too_many(ctx: Services, asker: Asker, owner_keys: set[str], dossier: str) -> None:
    if asker.role in {"archivist", "auditor"}:
        return
    asked = ctx.desk.owners_asked(asker.who, now() - _HOUR)
    if not owner_keys <= asked and len(asked | owner_keys) > ctx.settings.desk.owners_per_hour:
        refuse(ctx, asker, "lookup", "", "too_many", dossier=dossier)
        raise TooManyQuestions("asked_about_many", who=asker.who, number=len(asked))


def _record(ctx: Services, asker: Asker, answers: Sequence[Answered], asked: _Asked) -> None:
    """One event for each component and person asked about: in the chained journal, and where limits and owners look."""
    purpose = asked.purpose
    every = [(number, item) for number, answer in enumerate(answers, start=1) for item in answer.asked]
    ctx.journal.record(
        *(
            ReuseAsked(
                who=asker.who,
                subject=mask(item.person.number) if item.person else "",
                office=asker.office,
                role=asker.role,
                dossier=asked.dossier,
                procedure=asked.procedure,
                component=item.answer.component,
                answer=item.answer.answer,
                paper=item.answer.paper_id,
                doubts=",".join(purpose.doubts),
                why=purpose.reason,
                concerns=item.answer.role,
            )
            for _, item in every
        )
    )
    at, of = now(), token_hex(8)
    ctx.desk.note(
        [
            Question(
                at=at,
                who=asker.who,
                office=asker.office,
                role=asker.role,
                dossier=asked.dossier,
                procedure=asked.procedure,
                owner_key=item.key,
                asked_for=item.answer.component,
                answer=item.answer.answer,
                paper_id=item.answer.paper_id,
                lookup=of,
                number=number,
                doubts=",".join(purpose.doubts),
                reason=purpose.reason,
                concerns=item.answer.role,
            )
            for number, item in every
        ]
    )
