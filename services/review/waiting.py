"""What waits for a person's decision."""

from collections.abc import Sequence

from archive.interface import LedgerEntry
from domain.events import PaperShown, WaitingListed
from domain.record import Frozen
from domain.states import STOPPED
from pipeline.runner import bring_level
from services.context import Services
from services.document import DocumentView, document_view, no_document, show
from services.permissions import Asker, demand, may, sees
from services.secrecy.withheld import decides, is_withheld

# By which reason a paper waits for which decision.
ASKED = {
    "resolution": {"dpi_below"},
    "paper": {"no_dpi", "wrong_dpi", "dpi_below"},
    "password": {"encrypted"},
}


class WaitingList(Frozen):
    """What waits for a person, and what was refused and a person's decision can bring back."""

    held: tuple[DocumentView, ...]
    refused: tuple[DocumentView, ...]


def list_waiting(ctx: Services, asker: Asker) -> WaitingList:
    """What waits for the asker's decision, with identity numbers masked; places of files for who may see them.

    Raises:
        NotAllowed: the role may not.
    """
    demand(ctx, asker, "review_list")
    entries = [item for item in ctx.ledger.entries(state="held") if _waits(ctx, item)]
    held = _listed(ctx, asker, [item for item in entries if not is_withheld(item) or decides(ctx, asker, item)])
    stopped = [item for item in ctx.ledger.entries(state="refused") if _can_be_let_in(item)]
    refused = _listed(ctx, asker, [item for item in stopped if _waits(ctx, item)])
    number = len(held) + len(refused)
    ctx.journal.record(WaitingListed(**dict(asker), subject="review", count=number))
    return WaitingList(held=held, refused=refused)


def _listed(ctx: Services, asker: Asker, entries: Sequence[LedgerEntry]) -> tuple[DocumentView, ...]:
    views = [document_view(ctx, entry.id) for entry in entries]
    return tuple(
        view.as_told_to(ctx, asker, lists=True)
        for view in views
        if may(asker, "review_list", view.numbered, ctx.settings)
    )


def look(ctx: Services, asker: Asker, document_id: str) -> DocumentView:
    """A document for its reviewer: whole while it waits for a decision, else as anybody is shown it.

    Nobody confirms a number that is hidden: who may decide sees it whole, and the journal has who did.

    Raises:
        NotAllowed: the role may not.
        NotFound: there is no such document, or it is another agency's.
    """
    demand(ctx, asker, "review", document_id)
    entry = ctx.ledger.entry(document_id)
    if entry is None or entry.state not in STOPPED:
        return show(ctx, asker, document_id)
    view = document_view(ctx, document_id)
    if not sees(ctx, asker, "review", document_id, dossier=view.numbered):
        raise no_document(ctx, document_id)
    ctx.journal.record(PaperShown(**dict(asker), subject=document_id, disclosed=True))
    return view.as_told_to(ctx, asker, whole=True)


def shows_whole(view: DocumentView) -> bool:
    """Whether ``look`` gave a document whole: it waits for the asker's decision."""
    return view.state in STOPPED


def _waits(ctx: Services, entry: LedgerEntry) -> bool:
    """Whether it really waits; what is archived does not, whatever a ledger of an earlier day says."""
    return not bring_level(ctx, entry)


def _can_be_let_in(entry: LedgerEntry) -> bool:
    """Whether a person's decision (few dots are accepted, a size of paper, a password) can bring a paper back."""
    return any(entry.reason.kind in words for words in ASKED.values())
