"""Whether a held paper still counts, written down: in the vault first, then in the catalogue (law L1.2)."""

from contextlib import suppress

from archive.errors import AlreadyDecided
from archive.interface import Paper
from archive.package import read_package, revise
from domain.clock import now
from domain.events import Actor, StandingEntered
from domain.owners import mask_text
from domain.states import Standing
from pipeline.context import Context
from pipeline.indexing import drain_if_possible


def enter_standing(
    ctx: Context,
    paper: Paper,
    standing: Standing,
    successor: Paper | None,
    reason: str,
    *,
    who: str,
    role: str | None = None,
    office: str | None = None,
) -> Paper:
    """Enter what a paper that was seen so is from now on, and which one came after it; returns its row as it is then.

    ``role`` and ``office`` are those in which ``who`` decided it, where they are known.

    Raises:
        AlreadyDecided: somebody else entered another standing since it was seen.
    """
    note = f"{standing}: {mask_text(reason)}"
    with ctx.vault.sole(paper.object_id) as stored, ctx.journal.once(paper.object_id) as record:
        replaced_by = successor.digitisation_code if successor else None
        held = read_package(stored).paper
        changed = held.model_copy(update={"standing": standing, "replaced_by": replaced_by})
        if changed != held and (held.standing, held.replaced_by) != (paper.standing, paper.replaced_by):
            ctx.catalogue.change_standing(held)  # who entered it may have been cut off before
            raise AlreadyDecided("standing_entered", standing=held.standing, id=paper.id)
        if changed != held or (paper.standing, paper.replaced_by) != (standing, replaced_by):  # else it is so
            record(
                StandingEntered(who=who, subject=paper.id, role=role, office=office, standing=standing, reason=reason)
            )
            if changed != held:  # else an earlier run was cut off before the catalogue heard of its version
                revise(ctx.vault, stored, changed, stage=standing, at=now(), who=who, message=note)
            ctx.catalogue.change_standing(changed)
    drain_if_possible(ctx)
    return changed


def replace(ctx: Context, code: str, successor_id: str, by: Actor) -> None:
    """Let a longer scan of a paper take its place, as a person decided at its review; once, however often it is asked.

    A paper that was not archived has no standing, and what was revoked meanwhile stays so.
    """
    paper, successor = ctx.catalogue.paper(code), ctx.catalogue.paper(successor_id)
    if paper is not None and successor is not None and paper.standing == "in_force":
        with suppress(AlreadyDecided):
            enter_standing(ctx, paper, "replaced", successor, "a longer scan of the same paper", **dict(by))
