"""A paper that two persons found secret is erased as far as the file system can; that it was here stays (law L8.6)."""

from archive.errors import ObjectErased, VaultDamaged
from archive.package import METADATA, Package, read_package, record_of
from archive.withdrawn.apart import WithdrawnPaper
from archive.withdrawn.tombstone import Tombstone, tombstone_of, write_tombstone
from domain.clock import now
from domain.codes import agency_of
from domain.messages.told import Reason
from domain.secrecy.events import PaperErased
from pipeline.runner import tidy
from services.context import Services
from services.permissions import Asker
from services.quality.redrawing import forget_findings
from services.secrecy.decisions import bare_record
from services.secrecy.remembering import remember


def erase(ctx: Services, asker: Asker, row: WithdrawnPaper, package: Package) -> None:
    """Erase a withdrawn paper: what it is known by, what the ledger knows of it, its files; in this order.

    The catalogue keeps what is to be left of it, so that the rest goes on from whatever step it was cut off at.
    """
    entry = ctx.ledger.entry(row.id)
    batch = str(record_of(ctx.vault.get(row.object_id)).get("batch_id") or "")
    left = tombstone_of(
        package,
        code=row.code,
        belongs=agency_of(row.belongs, ctx.settings.agency),
        batch=batch,
        seq=entry.seq if entry is not None else None,
        at=now(),
    )
    with ctx.journal.once(row.id, "erased") as record:
        record(PaperErased(**dict(asker), subject=row.id, batch=batch))
        ctx.catalogue.withdrawn.erase(left)
    _finish(ctx, asker, left)


def finish_erasing(ctx: Services, asker: Asker, row: WithdrawnPaper) -> None:
    """Erase what is left of a paper after the command that did so was cut off, or its files were put back."""
    _finish(ctx, asker, ctx.catalogue.withdrawn.tombstone(row.id))


def _finish(ctx: Services, asker: Asker, left: Tombstone) -> None:
    remember(ctx)
    forget_findings(ctx, left.id)
    _bare(ctx, asker, left.id)
    if not _is_erased(ctx, left):
        files = {METADATA: write_tombstone(left)}
        ctx.vault.replace(left.object_id, files, created=left.erased_at, who=asker.who, message="erased")
    entry = ctx.ledger.entry(left.id)
    if entry is not None:
        tidy(ctx, entry)


def _is_erased(ctx: Services, left: Tombstone) -> bool:
    try:
        read_package(ctx.vault.get(left.object_id), withdrawn=True)
    except ObjectErased:
        return True
    except VaultDamaged:  # whatever else is wrong with it, or nothing is there
        return False
    return False


def _bare(ctx: Services, asker: Asker, document_id: str) -> None:
    """Leave of the ledger's record where the scan was in its batch, and nothing of what hindered it on its way.

    Raises:
        AlreadyDecided: somebody changed it meanwhile; the same command goes on.
    """
    entry = ctx.ledger.entry(document_id)
    if entry is None:
        return
    if entry.state != "secret":
        ended = Reason(word="secret", what="erased_as_secret", params={"who": asker.who})
        with ctx.ledger.discard(entry, "secret", ended, asker.who, record=bare_record(entry, ctx.settings.agency)):
            pass
    ctx.ledger.forget_errors(document_id)
