"""`lookup`: which papers need not be brought, for a dossier (law L8, design law 7).

Every question and every answer is an event of the audit journal, refusals too.
"""

from collections.abc import Sequence
from datetime import timedelta
from secrets import token_hex

from archive.interface import Question
from config.models import Component
from config.named import procedure_named, type_named
from domain.clock import now, today
from domain.codes import code_key
from domain.errors import UsageError
from domain.events import ReuseAsked
from domain.owners import identifier_kind, mask, normal_owner
from domain.validity import HeldPaper
from services.context import Services
from services.permissions import Asker, TooManyQuestions, demand, refuse
from services.registers.interface import ComponentAnswer, answer_component
from services.reuse.purpose import Purpose, has_dossier, stated_purpose

_HOUR = timedelta(hours=1)


def lookup(
    ctx: Services,
    asker: Asker,
    *,
    owner_id: str,
    dossier: str,
    procedure: str = "",
    type_code: str = "",
    consent: bool = False,
    reason: str = "",
) -> Sequence[ComponentAnswer]:
    """For each component of a procedure (or one paper type): need it be brought?

    Args:
        ctx: the services.
        asker: who asks, recorded with the question.
        owner_id: whom the papers are about.
        dossier: the dossier they are needed for: the purpose, without which nothing is answered (law 8A).
        procedure: code or name of the procedure; when empty, that of the dossier if it is known here.
        type_code: ask for one paper type instead, by code or name.
        consent: the owner consents that answers of other databases are kept for some minutes, for this dossier.
        reason: why it is asked for a dossier that may be no purpose.

    Raises:
        PurposeDoubtful: the dossier is unknown, somebody else's or over, and the rules refuse it or ask for a reason.
        UsageError: the purpose, the owner or what is asked for is missing or unknown.
        TooManyQuestions: the officer has asked about more owners than a desk serves in an hour.
        ObjectsUnread: something is not held as far as is known, and it is not known of all that lies in the vault.
    """
    demand(ctx, asker, "lookup", dossier=dossier)
    has_dossier(ctx, asker, dossier, act="lookup")
    owner_id = normal_owner(owner_id)
    if identifier_kind(owner_id) is None:
        raise UsageError("owner_of_no_form", remedy="give_digits", field="owner")
    owner_key = ctx.owner_keys.of(owner_id)
    purpose = stated_purpose(ctx, asker, dossier, owner_id, reason=reason)
    asked_of, components = _asked_for(ctx, purpose, procedure, type_code)
    _not_too_many(ctx, asker, owner_key, dossier)
    day = today()
    connections = ctx.registers.about(owner_id, owner_key=owner_key, dossier=dossier, consent=consent)
    held = _held(ctx, owner_key, components)
    answers = [
        answer_component(component, held, connections=connections, today=day, office=asker.office)
        for component in components
    ]
    if any(answer.answer == "not-held" for answer in answers):
        ctx.catalogue.check_read()
    _record(
        ctx,
        asker,
        answers,
        owner_key=owner_key,
        shown=mask(owner_id),
        dossier=dossier,
        purpose=purpose,
        procedure=asked_of,
    )
    return answers


def _asked_for(
    ctx: Services, purpose: Purpose, procedure: str, type_code: str
) -> tuple[str | None, tuple[Component, ...]]:
    if type_code and procedure:
        raise UsageError("procedure_and_type", remedy="ask_for_one")
    if type_code:
        type_code = type_named(type_code, ctx.catalogues)
        try:
            type_ = ctx.catalogues.type(type_code)
        except KeyError:
            raise UsageError("no_document_type", remedy="see_listed_types", code=type_code) from None
        return None, (Component(code=code_key(type_code), name=type_.name, types=(type_.code,)),)
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
    return code, tuple(_of_today(component, ctx) for component in asked.components)


def _of_today(component: Component, ctx: Services) -> Component:
    """The component with the codes that its types bear today; an import of an earlier year may name others."""
    return component.model_copy(update={"types": tuple(map(ctx.catalogues.kind_of, component.types))})


def _held(ctx: Services, owner_key: str, components: Sequence[Component]) -> list[HeldPaper]:
    """What is held of the types that would serve, whichever of its codes a paper was archived under."""
    codes = ctx.catalogues.serving(code for component in components for code in component.types)
    found = ctx.catalogue.held(owner_key, sorted(codes))
    return [item.model_copy(update={"type_code": ctx.catalogues.kind_of(item.type_code)}) for item in found]


def _not_too_many(ctx: Services, asker: Asker, owner_key: str, dossier: str) -> None:
    if asker.role in {"archivist", "auditor"}:
        return
    asked = ctx.desk.owners_asked(asker.who, now() - _HOUR)
    if owner_key not in asked and len(asked) >= ctx.settings.desk.owners_per_hour:
        refuse(ctx, asker, "lookup", "", "too_many", dossier=dossier)
        raise TooManyQuestions("asked_about_many", who=asker.who, number=len(asked))


def _record(
    ctx: Services,
    asker: Asker,
    answers: Sequence[ComponentAnswer],
    *,
    owner_key: str,
    shown: str,
    dossier: str,
    purpose: Purpose,
    procedure: str | None,
) -> None:
    """One event for each component: in the chained journal, and where limits and owners look them up."""
    ctx.journal.record(
        *(
            ReuseAsked(
                who=asker.who,
                subject=shown,
                office=asker.office,
                role=asker.role,
                dossier=dossier,
                procedure=procedure,
                component=answer.component,
                answer=answer.answer,
                paper=answer.paper.id if answer.paper else None,
                doubts=",".join(purpose.doubts),
                why=purpose.reason,
            )
            for answer in answers
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
                dossier=dossier,
                procedure=procedure,
                owner_key=owner_key,
                asked_for=answer.component,
                answer=answer.answer,
                paper_id=answer.paper.id if answer.paper else None,
                lookup=of,
                number=number,
                doubts=",".join(purpose.doubts),
                reason=purpose.reason,
            )
            for number, answer in enumerate(answers, start=1)
        ]
    )
