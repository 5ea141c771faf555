"""What the desks' own database says of papers: of one that was withdrawn or erased nothing, as if it had never been.

Uses, questions and books are not the archive's, so that they know a paper after the catalogue has forgotten it (L8.5).
Whatever tells them asks here.
"""

from collections.abc import Iterable
from contextlib import suppress

from archive.interface import LedgerEntry, Question, Use
from domain.errors import SetupError
from services.context import Services
from services.secrecy.withheld import is_withheld


def gone(ctx: Services, paper_ids: Iterable[str | None]) -> set[str]:
    """Those of these papers that were withdrawn or erased."""
    return ctx.catalogue.withdrawn.among({name for name in paper_ids if name})


def stopped(ctx: Services, paper_ids: Iterable[str | None]) -> set[str]:
    """Those of these papers that were answered as on their way, and since then stopped as secret, or perhaps so.

    Also those of which nobody can tell any more.
    """
    asked = {name for name in paper_ids if name}
    left = asked - {paper.id for paper in ctx.catalogue.some(sorted(asked))} if asked else set()
    entries = {name: _entry(ctx, name) for name in left}
    return {name for name, entry in entries.items() if entry is None or is_withheld(entry)}


def _entry(ctx: Services, document_id: str) -> LedgerEntry | None:
    with suppress(SetupError, OSError):  # `doctor` tells what is wrong with the ledger
        return ctx.ledger.entry(document_id)
    return None


def uses_for(ctx: Services, dossier: str) -> list[Use]:
    """The papers that were handed over for a dossier."""
    return _there(ctx, ctx.desk.uses_for(dossier))


def uses_about(ctx: Services, owner_key: str) -> list[Use]:
    """Every paper of an owner that was handed over."""
    return _there(ctx, ctx.desk.uses_about(owner_key))


def questions_about(ctx: Services, owner_key: str) -> list[Question]:
    """Everything that was asked about an owner; what was answered with such a paper, as if there had been none."""
    asked = ctx.desk.questions_about(owner_key)
    hidden = gone(ctx, (item.paper_id for item in asked))
    hidden |= stopped(ctx, (item.paper_id for item in asked if item.answer == "held-unchecked"))
    nothing = {"answer": "not-held", "paper_id": None}
    return [item.model_copy(update=nothing) if item.paper_id in hidden else item for item in asked]


def _there(ctx: Services, uses: list[Use]) -> list[Use]:
    hidden = gone(ctx, (item.paper_id for item in uses))
    return [item for item in uses if item.paper_id not in hidden]
