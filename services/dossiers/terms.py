"""Until when the papers of a dossier are kept: counted from the end of the work on it (law L6.1).

A paper is archived before its dossier is known here, and says at most when it was issued.  Once the one-stop system
tells when the work ended, its result and what was brought for it count from that day: in the vault first, then in the
catalogue.
"""

from collections.abc import Sequence
from typing import NamedTuple

from archive.errors import ObjectLost, VaultDamaged
from archive.interface import Dossier, Paper
from archive.package import read_package, revise
from domain.clock import now
from domain.dossiers.events import TermCounted
from domain.retention import decide_expiry
from services.context import Services
from services.permissions import Asker, demand

_AT_A_TIME = 500  # databases limit the variables of a statement


class Terms(NamedTuple):
    """How many papers have another term now, and the ids of those whose object could not be read."""

    counted: int = 0
    unread: tuple[str, ...] = ()


def count_terms(ctx: Services, asker: Asker, dossiers: Sequence[Dossier]) -> Terms:
    """Let the papers of dossiers that ended count from that day; those that do already are left alone.

    Raises:
        NotAllowed: the role may not.
    """
    demand(ctx, asker, "dossiers_import")
    ended = {dossier.code: dossier for dossier in dossiers if dossier.finished}
    counted, unread = 0, []
    codes = sorted(ended)
    for place in range(0, len(codes), _AT_A_TIME):
        for paper in ctx.catalogue.of_dossier(*codes[place : place + _AT_A_TIME]):
            until = expiry_in(ctx, paper, ended[paper.dossier or ""])
            if until != paper.retention_until:
                try:
                    _enter(ctx, asker, paper, until)
                    counted += 1
                except (ObjectLost, VaultDamaged):
                    unread.append(paper.id)
    return Terms(counted, tuple(unread))


def expiry_in(ctx: Services, paper: Paper, dossier: Dossier) -> int | None:
    """Until when a paper of a dossier that ended is kept."""
    try:
        years = ctx.catalogues.retention_class(paper.retention_class).years
    except KeyError:  # of a catalogue that is not here any more: what was counted by it stays
        return paper.retention_until
    return decide_expiry(years, dossier.finished)


def _enter(ctx: Services, asker: Asker, paper: Paper, until: int | None) -> None:
    with ctx.vault.sole(paper.object_id) as stored, ctx.journal.once(paper.object_id) as record:
        held = read_package(stored).paper
        changed = held.model_copy(update={"retention_until": until})
        told = None if until is None else str(until)
        record(TermCounted(**dict(asker), subject=paper.id, dossier=paper.dossier, until=told))
        if changed != held:  # else an earlier run was cut off before the catalogue heard of its version
            message = "Retention counted from the end of the dossier"
            revise(ctx.vault, stored, changed, stage="retention", at=now(), who=asker.who, message=message)
        ctx.catalogue.revised(changed)


def unknown_terms(ctx: Services, asker: Asker) -> Sequence[Paper]:
    """The papers of which nobody knows until when they are kept: they are kept, and listed until somebody does.

    Raises:
        NotAllowed: the role may not.
    """
    demand(ctx, asker, "terms")
    permanent = {item.id for item in ctx.catalogues.retention if item.is_permanent}
    every = ctx.catalogue.all()
    return [paper for paper in every if paper.retention_until is None and paper.retention_class not in permanent]
