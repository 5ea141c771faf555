"""What is told of a paper that waits as perhaps secret, or ended as secret: that it does, and nothing that it says."""

from typing import Any

from archive.interface import LedgerEntry
from archive.withdrawn.apart import WithdrawnPaper
from domain.errors import UsageError
from domain.messages.papers import other_id
from domain.messages.told import Reason, Told
from pipeline.records import ShownRecord, shown_record
from pipeline.secrecy.stop import ABOUT, UNREAD, PerhapsSecret
from services.context import Services
from services.permissions import Asker, may


def is_withheld(entry: LedgerEntry) -> bool:
    """Whether a paper waits because it may be secret, or ended as one that is."""
    return entry.state == "secret" or (entry.state == "held" and waits_for_secrecy(entry))


def waits_for_secrecy(entry: LedgerEntry) -> bool:
    """Whether two persons must say of a paper that it is not secret."""
    return entry.reason.word == PerhapsSecret.reason


def decides(ctx: Services, asker: Asker, entry: LedgerEntry) -> bool:
    """Whether the asker may say whether such a paper is secret; nobody else is told in lists that it waits."""
    return may(asker, "secrecy", shown_record(entry.record).belongs, ctx.settings)


def is_unread(entry: LedgerEntry) -> bool:
    """Whether nothing speaks for a secret but that nobody could read the paper, whatever one person said since."""
    seen = entry.reason.params.get("seen")
    return waits_for_secrecy(entry) and bool(UNREAD & {entry.reason.what, seen.code if isinstance(seen, Told) else ""})


def demand_no_secret(entry: LedgerEntry) -> None:
    """Let nobody decide about a paper in another way, as long as it may be secret.

    Raises:
        UsageError: it may be.
    """
    if entry.state == "held" and waits_for_secrecy(entry):
        raise UsageError("secrecy_first", remedy="two_decide_secrecy", id=entry.id)


def is_of_withdrawn(ctx: Services, entry: LedgerEntry) -> bool:
    """Whether a document is, or seems to be, the same paper as one that was withdrawn, so that it is held back, too."""
    named = filter(None, map(other_id, entry.reason.within()))
    return any(ctx.catalogue.withdrawn.of(name) is not None for name in named)


def told_of_withdrawn(row: WithdrawnPaper) -> dict[str, Any]:
    """What is told of a paper that was withdrawn: that it was, to those who decide about it."""
    what = "paper_erased" if row.state == "erased" else "paper_withdrawn"
    reason = Reason(word=PerhapsSecret.reason, what=what, remedy="list_withdrawn")
    belonging = {"belongs": row.belongs, "reason": reason.text(), "told": reason}
    return {"id": row.id, "state": row.state, **belonging}


def told_of(entry: LedgerEntry, record: ShownRecord) -> dict[str, Any]:
    """As much of such a paper as its place in the shelf: the scan's name, what part it is, who put it in."""
    return {
        "id": entry.id,
        "source": record.source,
        "state": entry.state,
        "stage": entry.stage,
        "belongs": record.belongs,
        "brought_by": record.scanned_by or None,
        "decisions": tuple(item for item in record.decisions if item.get("about") == ABOUT),
        **({"part": record.part} if record.part != 1 else {}),
    }
