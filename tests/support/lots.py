"""Batches of archived papers, without digitising any: for tests of how a lot is accepted."""

from hashlib import sha256
from pathlib import Path

from archive.interface import Arrival
from domain.clock import now
from domain.events import FileReceived
from pipeline.flow import DIGITISE
from pipeline.records import File, Received
from services.context import Services
from services.permissions import Asker
from tests.support.held_papers import hold

DIGITISER, CHECKER = "Nguyễn Văn Quét", "Trần Thị Kiểm"


def paper_ids(batch: str, count: int) -> list[str]:
    """Ids as documents have them."""
    return [sha256(f"{batch} {number}".encode()).hexdigest()[:16] for number in range(count)]


def lot(ctx: Services, folder: Path, batch: str, count: int, *, pages: int = 2) -> list[str]:
    """A closed batch of so many archived papers, put in by DIGITISER; their ids."""
    known = ctx.ledger.open_batch(batch, batch)
    ids = paper_ids(batch, count)
    for name in ids:
        enter_document(ctx, known, name)
        changes = {"digitisation_code": f"{name}.01", "dossier": "H17.12-260101-0001", "pages": pages}
        hold(ctx, folder, name, **changes)
    ctx.ledger.close_batch(known)
    return ids


def enter_document(ctx: Services, batch: str, name: str, *, done: bool = True) -> None:
    """A document that went all the way, or waits, as ledger and journal have it."""
    record = Received(
        document_id=name,
        batch_id=batch,
        source=f"/scans/{name}.pdf",
        media="pdf",
        scan=File(name=f"{name}.pdf", sha256=name),
        received_at=now(),
    )
    came = FileReceived(
        who=DIGITISER, subject=f"{name}.pdf", batch=batch, state="received", sha256=name, document=name, reason=""
    )
    ctx.journal.record(came)
    ctx.ledger.admit(
        Arrival(
            path=record.source,
            sha256=name,
            batch_id=batch,
            state="received",
            document_id=name,
            stage="receive",
            record=record.model_dump_json(),
        )
    )
    entry = ctx.ledger.entry(name)
    assert entry is not None
    if not done:
        return
    with ctx.ledger.settle(entry, DIGITISE.stages[-1].name):
        pass


def someone_else(who: str = CHECKER) -> Asker:
    """Who looks at papers that DIGITISER put in."""
    return Asker(who=who, office="H17.12", role="archivist")
