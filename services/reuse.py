"""The desk's two calls: `lookup` tells what need not be brought, `use` hands a paper over (law L8, design law 7).

Every question and every answer is an event of the audit journal, refusals too; the purpose is a dossier, and a paper is
handed over only for the dossier for which it was asked.
"""

import os
import shutil
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from archive.errors import VaultDamaged
from archive.interface import FormerSecret, Paper, Question, Use
from archive.package import PDF
from config.models import Component
from domain.clock import now, today
from domain.codes import code_key, parse_dossier
from domain.errors import NotValid, UsageError
from domain.events import OwnerListed, PaperUsed, ReuseAsked
from domain.owners import identifier_kind, mask, normal_owner
from domain.record import PublicView
from domain.validity import HeldPaper
from files.outside import new_file
from pipeline.context import digest
from services.context import Services
from services.permissions import Act, Asker, NotAllowed, TooManyQuestions, demand, refuse
from services.registers.interface import ComponentAnswer, answer_component
from services.unseen import unread

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
) -> Sequence[ComponentAnswer]:
    """For each component of a procedure (or one paper type): need it be brought?

    Args:
        ctx: the services.
        asker: who asks, recorded with the question.
        owner_id: whom the papers are about.
        dossier: the dossier they are needed for: the purpose, without which nothing is answered (law 8A).
        procedure: code of the procedure; when empty, that of the dossier if it is known here.
        type_code: ask for one paper type instead.
        consent: the owner consents that answers of other databases are kept for some minutes, for this dossier.

    Raises:
        UsageError: the purpose, the owner or what is asked for is missing or unknown.
        TooManyQuestions: the officer has asked about more owners than a desk serves in an hour.
        ObjectsUnread: something is not held as far as is known, and it is not known of all that lies in the vault.
    """
    demand(ctx, asker, "lookup", dossier=dossier)
    _purpose(ctx, asker, dossier, act="lookup")
    owner_id = normal_owner(owner_id)
    if identifier_kind(owner_id) is None:
        raise UsageError("owner: not of the form of any identifier", remedy="Give 12, 9 or 10 digits")
    owner_key = ctx.owner_keys.of(owner_id)
    asked_of, components = _asked_for(ctx, dossier, procedure, type_code)
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
    _record(ctx, asker, answers, owner_key=owner_key, shown=mask(owner_id), dossier=dossier, procedure=asked_of)
    return answers


def _purpose(ctx: Services, asker: Asker, dossier: str, *, act: Act) -> None:
    """Without a dossier there is no answer; that somebody tried is recorded (law 8A: refusals too)."""
    try:
        parse_dossier(dossier)
    except UsageError as error:
        refuse(ctx, asker, act, "", "purpose_missing", dossier=dossier)
        message = "personal papers are looked up for a purpose (law 8A)"
        if dossier.strip():
            message = f"{message}; {error}"
        raise UsageError(
            message, remedy="Give the code of the dossier for which the paper is needed", reason="purpose_missing"
        ) from None


def _asked_for(ctx: Services, dossier: str, procedure: str, type_code: str) -> tuple[str | None, tuple[Component, ...]]:
    if type_code and procedure:
        raise UsageError("a procedure and a type were given", remedy="Ask for one of them")
    if type_code:
        try:
            type_ = ctx.catalogues.type(type_code)
        except KeyError:
            raise UsageError(f"No document type {type_code!r}", remedy="See `catalogue list types`") from None
        return None, (Component(code=code_key(type_code), name=type_.name, types=(type_.code,)),)
    known = ctx.desk.dossier(dossier)
    code = procedure or (known.procedure if known else "")
    if not code:
        raise UsageError("no procedure is given, and the dossier is not known here", remedy="Give --procedure CODE")
    # what may be asked for is what the procedure asked for when the dossier was received
    day = known.received if known else today()
    try:
        asked = ctx.catalogues.procedure(code, day)
    except KeyError:
        if ended := ctx.catalogues.rules_end(code, day):
            what = f"The rules of {code} are not known yet for {day}: those that are known end on {ended}"
            raise UsageError(what, remedy="Import them: `catalogue import FILE`", reason="rules_unknown") from None
        raise UsageError(f"No procedure {code!r} is in force", remedy="Import it, or see `catalogue list`") from None
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
        raise TooManyQuestions(f"{asker.who} asked about {len(asked)} owners within an hour")


def _record(
    ctx: Services,
    asker: Asker,
    answers: Sequence[ComponentAnswer],
    *,
    owner_key: str,
    shown: str,
    dossier: str,
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
            )
            for answer in answers
        )
    )
    at = now()
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
            )
            for answer in answers
        ]
    )


class HandedOver(PublicView):
    """A paper that was handed over: the file ``pdf``; ``first_use``: it had not been for this dossier before."""

    id: str
    code: str
    dossier: str
    pdf: Path
    first_use: bool


def use(ctx: Services, asker: Asker, code: str, *, dossier: str, target: Path) -> HandedOver:
    """Hand a held paper over for a dossier, and record the reuse once.

    The copy is complete beside its target before the reuse is recorded, and takes its place afterwards: nothing is
    recorded that cannot be handed over, and nothing handed over that was not recorded.

    Args:
        ctx: the services.
        asker: who takes it.
        code: digitisation or result code, or document id, as the lookup told it.
        dossier: the dossier for which it was asked.
        target: where the signed PDF is written, outside the store; nothing may be there.

    Raises:
        NotAllowed: nobody asked for it for this dossier of late, or the answer was not held-and-valid; so is a paper
            answered that nobody has, for a code tells whose it is.
        NotValid: the file is not the one that was archived, or the paper has ceased to count.
        UsageError: there is no purpose, nothing can be written at the target, or something lies there already.
    """
    demand(ctx, asker, "use", code, dossier=dossier)
    _purpose(ctx, asker, dossier, act="use")
    paper = ctx.catalogue.paper(code)
    asked = ctx.desk.answered(dossier, paper.id) if paper else None
    patience = timedelta(seconds=ctx.settings.desk.ask_before_s)
    if paper is None or asked is None or asked.office != asker.office or asked.at < now() - patience:
        refuse(ctx, asker, "use", paper.id if paper else code, "not_asked", dossier=dossier)
        raise NotAllowed(
            "nobody asked for this paper for this dossier at this office", remedy="Ask with `lookup` first"
        )
    _still_counts(ctx, asker, paper, asked)
    stored = _sound_pdf(ctx, paper)
    if stored is None:
        refuse(ctx, asker, "use", paper.id, "damaged", dossier=dossier)
        raise NotValid("The file is not the one that was archived", remedy="Tell an archivist; `verify` says more")
    with new_file(target, ctx.settings.home) as copy:
        with stored.open("rb") as file:
            shutil.copyfileobj(file, copy)
        copy.flush()
        os.fsync(copy.fileno())
        _still_counts(ctx, asker, paper, asked)
        is_first = _record_use(ctx, asker, paper, asked)
    return HandedOver(
        id=paper.id, code=paper.digitisation_code, dossier=dossier, pdf=target.resolve(), first_use=is_first
    )


def _record_use(ctx: Services, asker: Asker, paper: Paper, asked: Question) -> bool:
    """Enter that a paper is handed over; tells whether this is the first time for the dossier."""
    use = Use(
        dossier=asked.dossier,
        paper_id=paper.id,
        at=now(),
        who=asker.who,
        office=asker.office,
        procedure=asked.procedure,
        asked_for=asked.asked_for,
        owner_key=ctx.owner_keys.of(paper.owner_id),
    )
    with ctx.journal.once(use.dossier, use.paper_id) as record, ctx.desk.use(use) as is_first:
        record(
            PaperUsed(
                event="used" if is_first else "used_again",
                who=asker.who,
                subject=paper.id,
                dossier=asked.dossier,
                office=asker.office,
                role=asker.role,
            )
        )
    return is_first


def _still_counts(ctx: Services, asker: Asker, paper: Paper, asked: Question) -> None:
    """A paper may have been revoked, have expired, or turned out to be another owner's between question and use."""
    held = next((item for item in ctx.catalogue.held(asked.owner_key, (paper.type_code,)) if item.id == paper.id), None)
    answer = held.answer(today(), asker.office) if held else "not-held"
    if answer != "held-and-valid":
        refuse(ctx, asker, "use", paper.id, answer, dossier=asked.dossier)
        raise NotValid(f"The paper does not count any more: {answer}", remedy="Ask the owner to bring it")


def _sound_pdf(ctx: Services, paper: Paper) -> Path | None:
    """Where the PDF of a paper lies; None when it is not there as it was archived."""
    try:
        path = ctx.vault.get(paper.object_id).files[PDF]
        return path if path.is_file() and digest(path) == paper.pdf_sha256 else None
    except (VaultDamaged, KeyError, OSError):
        return None


class OwnerView:
    """What an owner may see of the data store about him (law L1.5, L8.2): what is held, and who looked.

    ``former_secrets``: what was asked under these is told of nobody, and may have been about him.  ``unread`` says why
    there may be papers of his that nobody knows.
    """

    def __init__(
        self,
        papers: Sequence[Paper],
        questions: Sequence[Question],
        uses: Sequence[Use],
        former_secrets: Sequence[FormerSecret],
        unread: str = "",
    ) -> None:
        self.papers = papers
        self.questions = questions
        self.uses = uses
        self.former_secrets = former_secrets
        self.unread = unread

    def lines(self) -> Iterator[dict[str, Any]]:
        """The lines of ``--json``: what is kept of each, but no place of a file and no key that owners are kept by."""
        parts: tuple[tuple[str, Sequence[BaseModel], set[str]], ...] = (
            ("paper", self.papers, {"sha256", "pdf_sha256", "object_id"}),
            ("question", self.questions, {"owner_key"}),
            ("use", self.uses, {"owner_key"}),
            ("hidden", self.former_secrets, {"check", "last"}),
        )
        for what, items, left_out in parts:
            yield from ({"what": what, **item.model_dump(mode="json", exclude=left_out)} for item in items)


def view_of_owner(ctx: Services, asker: Asker, owner_id: str, *, reason: str) -> OwnerView:
    """Everything that is held about an owner and everybody who asked; never for desk roles.

    Raises:
        NotAllowed: the asker is at a desk.
        UsageError: there is no reason, or the identifier is none.
    """
    owner_id = normal_owner(owner_id)
    demand(ctx, asker, "owner", mask(owner_id))
    if identifier_kind(owner_id) is None:
        raise UsageError("owner: not of the form of any identifier", remedy="Give 12, 9 or 10 digits")
    if not reason.strip():
        raise UsageError("no reason is given", remedy="Say for whom and why, such as the owner's request of a day")
    owner_key = ctx.owner_keys.of(owner_id)
    ctx.journal.record(OwnerListed(**dict(asker), subject=mask(owner_id), reason=reason))
    return OwnerView(
        ctx.catalogue.all_of(owner_key),
        ctx.desk.questions_about(owner_key),
        ctx.desk.uses_about(owner_key),
        ctx.desk.former_secrets(),
        unread(ctx),
    )
