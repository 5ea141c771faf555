"""Whether a held paper still counts: an agency revokes it, or another paper replaces it (law L1.2: it stays stored)."""

from archive.interface import Paper
from domain.clock import now
from domain.errors import NotFound, UsageError
from domain.owners import mask_text
from domain.validity import Standing
from pipeline.access import Asker, demand
from pipeline.context import Context
from pipeline.indexing import drain_if_possible
from pipeline.revision import revise
from pipeline.stages.archive import paper_of


def restand(ctx: Context, code: str, standing: Standing, *, reason: str, asker: Asker, by: str | None = None) -> Paper:
    """Enter that a paper was revoked, replaced ``by`` another, or counts again; vault first, then the catalogue.

    Args:
        ctx: the services.
        code: document id, digitisation code or result code of the paper.
        standing: what it is from now on.
        reason: why, as the agency's decision says it; kept in the audit journal and with the object.
        asker: who enters it; not for desk roles.
        by: code of the paper that replaces it (`MaKetQuaThayThe`), with ``replaced`` and only then.

    Raises:
        NotFound: no such paper is held.
        UsageError: no reason is given, or ``by`` does not go with ``standing``.
        NotAllowed: the role may not.
    """
    demand(ctx, asker, "archivist", act="standing", subject=code)
    if not reason.strip():
        raise UsageError("no reason is given", remedy="Name the decision by which it was revoked or replaced")
    if (standing == "replaced") != (by is not None):
        raise UsageError("a paper is replaced by another one", remedy="Give its code with --by, and only then")
    paper = _paper(ctx, code)
    successor = _paper(ctx, by) if by else None
    if successor is not None and successor.id == paper.id:
        raise UsageError("a paper does not replace itself", remedy="Give the code of the other paper")
    return _enter(ctx, paper, standing, successor, reason, asker.who)


def replace(ctx: Context, code: str, by: str, who: str) -> None:
    """Let a longer scan of a paper take its place, as a person decided at its review; once, however often it is asked.

    A paper that was not archived has no standing, and what was revoked meanwhile stays so.
    """
    paper, successor = ctx.catalogue.paper(code), ctx.catalogue.paper(by)
    if paper is not None and successor is not None and paper.standing == "in_force":
        _enter(ctx, paper, "replaced", successor, "a longer scan of the same paper", who)


def _enter(ctx: Context, paper: Paper, standing: Standing, successor: Paper | None, reason: str, who: str) -> Paper:
    note = f"{standing}: {mask_text(reason)}"
    with ctx.vault.sole(paper.object_id) as stored:
        replaced_by = successor.digitisation_code if successor else None
        held = paper_of(stored)
        changed = held.model_copy(update={"standing": standing, "replaced_by": replaced_by})
        if changed != held:  # else an earlier run was cut off before the catalogue heard of its version
            revise(ctx.vault, stored, changed, stage=standing, at=now(), who=who, message=note)
        ctx.catalogue.restand(changed)
    drain_if_possible(ctx)
    ctx.journal.record("standing", who=who, subject=paper.id, standing=standing, reason=mask_text(reason))
    return changed


def _paper(ctx: Context, code: str) -> Paper:
    paper = ctx.catalogue.paper(code)
    if paper is None:
        raise NotFound(f"No paper {code} is held", remedy="Find it with `search`")
    return paper
