"""What a procedure asks for, by the codes of today, and what is held of that for an owner."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from archive.interface import Dossier, Question
from config.models import Component, Procedure
from domain.codes import code_key
from domain.validity import HeldPaper
from services.context import Services
from services.dossiers.owners import portal_fields


def procedure_of(ctx: Services, dossier: Dossier) -> Procedure | None:
    """The procedure as it was when the dossier was received; None of one that no catalogue has."""
    try:
        return ctx.catalogues.procedure(dossier.procedure, dossier.received)
    except KeyError:
        return None


def may_be_for(ctx: Services, dossier: Dossier | None, component: str) -> bool:
    """Whether a code is that of a component of the dossier: one of its procedure, or one that was handed in.

    Where the dossier or its procedure is not known here: whether any procedure, or any paper type, has that code.
    """
    lists, key = ctx.catalogues, code_key(component)
    if dossier and key in {code_key(str(part.get("MaThanhPhanHoSo"))) for part in _handed_in(dossier)}:
        return True
    procedure = procedure_of(ctx, dossier) if dossier else None
    if procedure is None:
        return lists.find_type(key) is not None or any(item.component(key) for item in lists.procedures)
    types = {name for item in components_of(ctx, procedure) for name in item.types}
    return procedure.component(key) is not None or lists.kind_of(key) in types


def _handed_in(dossier: Dossier) -> list[dict[str, Any]]:
    parts = portal_fields(dossier).get("TaiLieuNop")
    return [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []


def components_of(ctx: Services, procedure: Procedure) -> tuple[Component, ...]:
    """The components with the codes that their types bear today; an import of an earlier year may name others."""
    return tuple(
        item.model_copy(update={"types": tuple(map(ctx.catalogues.kind_of, item.types))})
        for item in procedure.components
    )


def as_asked(ctx: Services, asked: Question, held: HeldPaper) -> HeldPaper:
    """A paper with the days on which it serves as the component for which it was asked."""
    dossier = ctx.desk.dossier(asked.dossier)
    day = dossier.received if dossier else asked.at.date()
    with suppress(KeyError):  # it was asked for by its type, or its procedure is in no catalogue any more
        component = ctx.catalogues.procedure(asked.procedure or "", day).component(asked.asked_for)
        rule = component.validity if component else None
        return held.used_for(rule.kind, rule.months) if rule else held
    return held


def held_for(ctx: Services, owner_key: str, components: Sequence[Component]) -> list[HeldPaper]:
    """What is held of the types that would serve, whichever of its codes a paper was archived under.

    Whom a paper only names, as a birth certificate does the parents, is not answered with it as with his own.
    """
    codes = ctx.catalogues.serving(code for component in components for code in component.types)
    found = [item for item in ctx.catalogue.held(owner_key, sorted(codes)) if not _is_only_named(ctx, item)]
    return [item.model_copy(update={"type_code": ctx.catalogues.kind_of(item.type_code)}) for item in found]


def _is_only_named(ctx: Services, paper: HeldPaper) -> bool:
    type_ = ctx.catalogues.find_type(paper.type_code)
    return type_ is not None and paper.role in type_.named
