"""Making the catalogue anew from the vault (design law 3)."""

from datetime import datetime
from pathlib import Path

from archive.errors import VaultDamaged
from archive.package import Package, read_package
from domain.events import CatalogueRebuilt
from domain.record import Frozen
from pipeline.embedded import sole_runner
from pipeline.flow import DIGITISE
from pipeline.indexing import rebuild_index
from pipeline.records import Coded
from services.context import Services
from services.permissions import Asker, demand


class Unread(Frozen):
    """An object of the vault that could not be entered: where it lies, and why."""

    path: Path
    reason: str
    remedy: str


class Rebuilt(Frozen):
    """How many papers were entered, which objects could not be, and how many papers the new index has."""

    papers: int
    unread: tuple[Unread, ...]
    indexed: int = 0


def rebuild(ctx: Services, asker: Asker) -> Rebuilt:
    """Make the catalogue anew from the vault, then the index.

    Raises:
        NotAllowed: the role may not.
        Busy: another process is at work on the store.
    """
    demand(ctx, asker, "rebuild")
    with sole_runner(ctx.settings):
        found = rebuild_catalogue(ctx)
        ctx.journal.record(
            CatalogueRebuilt(who=asker.who, subject="catalogue", papers=found.papers, unread=len(found.unread))
        )
        return found.model_copy(update={"indexed": rebuild_index(ctx)})


def rebuild_catalogue(ctx: Services) -> Rebuilt:
    """Empty the catalogue and fill it from the vault; codes of papers still under way come from the ledger.

    Papers are entered in the order in which they were archived.  An object that cannot be read is passed over and told:
    it stays in the vault, and the others are found again.
    """
    order, unread = _order(ctx)
    ctx.catalogue.forget_all()
    for _, path in order:
        _enter(ctx, read_package(ctx.vault.read(path)))
    for entry in ctx.ledger.entries():
        if entry.state != "done" and DIGITISE.has_passed("code", entry.stage):
            coded = Coded.model_validate_json(entry.record, extra="ignore")
            minted = coded.description.value("dossier_code") is None
            ctx.catalogue.restore_codes(entry.id, coded.codes, minted_dossier=minted)
    return Rebuilt(papers=len(order), unread=tuple(unread))


def _order(ctx: Services) -> tuple[list[tuple[datetime, Path]], list[Unread]]:
    """Where the objects lie, by the time of archiving; and those that cannot be read."""
    order, unread = [], []
    for path in ctx.vault.paths():
        try:
            package = read_package(ctx.vault.read(path))
        except VaultDamaged as error:
            unread.append(Unread(path=path, reason=f"{error.reason}: {error}", remedy=error.remedy))
        else:
            order.append((package.paper.archived_at, path))
    return sorted(order), unread


def _enter(ctx: Services, package: Package) -> None:
    minted = "dossier_code" not in package.record.description.fields
    ctx.catalogue.restore_codes(package.paper.id, package.record.codes, minted_dossier=minted)
    ctx.catalogue.add(package.paper, package.record.identity)
