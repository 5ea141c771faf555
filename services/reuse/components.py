"""What a procedure asks for, by the codes of today, and what is held of that for an owner."""

from collections.abc import Sequence

from archive.interface import Dossier
from config.models import Component, Procedure
from domain.validity import HeldPaper
from services.context import Services


def procedure_of(ctx: Services, dossier: Dossier) -> Procedure | None:
    """The procedure as it was when the dossier was received; None of one that no catalogue has."""
    try:
        return ctx.catalogues.procedure(dossier.procedure, dossier.received)
    except KeyError:
        return None


def components_of(ctx: Services, procedure: Procedure) -> tuple[Component, ...]:
    """The components with the codes that their types bear today; an import of an earlier year may name others."""
    return tuple(
        item.model_copy(update={"types": tuple(map(ctx.catalogues.kind_of, item.types))})
        for item in procedure.components
    )


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
