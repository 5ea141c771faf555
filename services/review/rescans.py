"""What is to be scanned again: the list of whoever stands at the scanner."""

from datetime import datetime
from pathlib import Path

from archive.interface import LedgerEntry
from domain.errors import NotFound, UsageError
from domain.events import WaitingListed
from domain.owners import mask_text
from domain.record import PublicView
from domain.shown import without_places
from pipeline.former.rescans import SENT_BACK, on_their_way, sent_back
from pipeline.records import shown_record
from services.context import Services
from services.permissions import Asker, demand, may, sees
from services.unseen import dossier_of, masked, without_others


class Rescan(PublicView):
    """A paper that is to be scanned again: where its sheets lie, what is wrong, since when, and who said so.

    ``box`` is stated, or the folder of its file; ``position`` is stated, or None; ``pages`` are those of the file of
    which it was made, where that is known.  ``new``: the new scan, when one came and is not archived yet.
    """

    id: str
    batch: str
    box: str
    position: str | None
    file: str
    part: int
    pages: tuple[int, ...]
    reason: str
    since: datetime
    new: str | None


def rescan_list(ctx: Services, asker: Asker, batch: str | None = None) -> tuple[Rescan, ...]:
    """What is to be scanned again, of one batch or of all, in the order in which it was put in.

    Raises:
        NotAllowed: the role may not.
        NotFound: there is no such batch.
    """
    demand(ctx, asker, "review_list", batch or "")
    if batch is not None and batch not in {str(item["id"]) for item in ctx.ledger.batches()}:
        raise NotFound("no_batch", remedy="see_batches", batch=batch)
    entries = [
        entry for entry in sent_back(ctx, batch) if may(asker, "review_list", dossier_of(ctx, entry.id), ctx.settings)
    ]
    coming = on_their_way(ctx, [entry.id for entry in entries])
    ctx.journal.record(WaitingListed(**dict(asker), subject="rescan", count=len(entries)))
    return tuple(_line(ctx, asker, entry, coming.get(entry.id)) for entry in entries)


def check_former(ctx: Services, asker: Asker, document_id: str) -> None:
    """See that a file can be a new scan of a paper: that one is there for the asker, and waits or was sent back.

    Raises:
        NotFound: there is none, or it is another agency's.
        UsageError: it is archived, under way, or ended for another reason.
    """
    entry = ctx.ledger.entry(document_id)
    if entry is None or not sees(ctx, asker, "ingest", document_id, dossier=dossier_of(ctx, document_id)):
        raise NotFound("rescan_of_nothing", remedy="see_rescans", id=document_id)
    if entry.reason.word == "secret":
        raise UsageError("rescan_of_secret", remedy="secrecy_first", id=document_id)
    is_left = entry.state == "discarded" and entry.reason.word == SENT_BACK
    if not is_left and entry.state not in {"held", "refused"}:
        raise UsageError("rescan_of_other", remedy="rescan_only_waiting", id=document_id, state=entry.state)


def _line(ctx: Services, asker: Asker, entry: LedgerEntry, new: str | None) -> Rescan:
    record, discloses = shown_record(entry.record), may(asker, "disclose", dossier_of(ctx, entry.id), ctx.settings)
    reason = without_others(ctx, asker, entry.reason)
    box = record.statement.box or Path(record.source).parent.name
    return Rescan(
        id=entry.id,
        batch=entry.batch_id,
        box=mask_text(box),
        position=mask_text(record.statement.position) or None,
        file=mask_text(Path(record.source).name),
        part=entry.part,
        pages=tuple(int(item["number"]) for item in record.facts if str(item.get("number", "")).isdigit()),
        reason=reason.text() if discloses else without_places(masked(reason).text()),
        since=entry.updated_at,
        new=new,
    )
