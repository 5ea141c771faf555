"""`lookup`: which papers need not be brought, for a dossier (law L8, design law 7).

Every question and every answer is an event of the audit journal, refusals too.
"""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from secrets import token_hex
from typing import NamedTuple

from archive.interface import Question
from config.models import Component
from config.named import procedure_named, type_named
from domain.clock import now, today
from domain.codes import code_key
from domain.errors import UsageError
from domain.events import ReuseAsked
from domain.owners import identifier_kind, mask, normal_owner
from files.outside import check_new
from services.context import Services
from services.permissions import Asker, TooManyQuestions, demand, refuse
from services.registers.interface import ComponentAnswer, answer_component
from services.reuse.components import components_of, held_for
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
    slip: Path | None = None,
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
        slip: where the answers are written out for the owner (PDF/A), outside the store; nothing may be there.

    Raises:
        PurposeDoubtful: the dossier is unknown, somebody else's or over, and the rules refuse it or ask for a reason.
        UsageError: the purpose, the owner or what is asked for is missing or unknown; or the slip cannot be written.
        TooManyQuestions: the officer has asked about more owners than a desk serves in an hour.
        ObjectsUnread: something is not held as far as is known, and it is not known of all that lies in the vault.
    """
    demand(ctx, asker, "lookup", dossier=dossier)
    dossier = has_dossier(ctx, asker, dossier, act="lookup")
    if slip is not None:
        check_new(slip, ctx.settings.home)
    owner_id = normal_owner(owner_id)
    if identifier_kind(owner_id) is None:
        raise UsageError("owner_of_no_form", remedy="give_digits", field="owner")
    owner_key = ctx.owner_keys.of(owner_id)
    purpose = stated_purpose(ctx, asker, dossier, owner_id, reason=reason)
    asked_of, components = _asked_for(ctx, purpose, procedure, type_code)
    _not_too_many(ctx, asker, owner_key, dossier)
    connections = ctx.registers.about(owner_id, owner_key=owner_key, dossier=dossier, consent=consent)
    held = held_for(ctx, owner_key, components)
    answers = [
        answer_component(component, held, connections=connections, today=today(), office=asker.office)
        for component in components
    ]
    if any(answer.answer == "not-held" for answer in answers):
        ctx.catalogue.check_read()
    asked = _Asked(owner_id, owner_key, dossier, purpose, asked_of)
    if slip is None:
        _record(ctx, asker, answers, asked)
    else:
        _record_with_slip(ctx, asker, answers, asked, slip)
    return answers


class _Asked(NamedTuple):
    """What was asked: about whom, for which purpose, and of which procedure."""

    owner_id: str
    owner_key: str
    dossier: str
    purpose: Purpose
    procedure: str | None


def _record_with_slip(
    ctx: Services, asker: Asker, answers: Sequence[ComponentAnswer], asked: _Asked, target: Path
) -> None:
    """The slip is made before anything is recorded, for it may be that it cannot be."""
    from services.reuse.slip import OwnerSlip, printed_slip, write_slip  # noqa: PLC0415 (0.3 s, and most are not printed)

    is_anothers = "other_owner" in asked.purpose.doubts
    known = None if is_anothers else asked.purpose.dossier
    slip = OwnerSlip(asked.owner_id, asked.dossier, known, asked.procedure, answers)
    pdf = printed_slip(ctx, asker, slip)
    _record(ctx, asker, answers, asked)
    write_slip(ctx, asker, slip, pdf, target)


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
    return code, components_of(ctx, asked)


def _not_too_many(ctx: Services, asker: Asker, owner_key: str, dossier: str) -> None:
    if asker.role in {"archivist", "auditor"}:
        return
    asked = ctx.desk.owners_asked(asker.who, now() - _HOUR)
    if owner_key not in asked and len(asked) >= ctx.settings.desk.owners_per_hour:
        refuse(ctx, asker, "lookup", "", "too_many", dossier=dossier)
        raise TooManyQuestions("asked_about_many", who=asker.who, number=len(asked))


def _record(ctx: Services, asker: Asker, answers: Sequence[ComponentAnswer], asked: _Asked) -> None:
    """One event for each component: in the chained journal, and where limits and owners look them up."""
    purpose = asked.purpose
    ctx.journal.record(
        *(
            ReuseAsked(
                who=asker.who,
                subject=mask(asked.owner_id),
                office=asker.office,
                role=asker.role,
                dossier=asked.dossier,
                procedure=asked.procedure,
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
                dossier=asked.dossier,
                procedure=asked.procedure,
                owner_key=asked.owner_key,
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
