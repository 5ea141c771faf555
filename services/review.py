"""What waits for a person, and what a person decides about it."""

from collections.abc import Mapping, Sequence
from typing import Literal

from archive.interface import LedgerEntry
from domain.errors import NotFound, UsageError
from domain.events import PaperDiscarded, PaperReleased, PaperShown, WaitingListed
from domain.owners import mask_text
from domain.record import Frozen
from domain.states import DocumentState
from domain.values import checked
from pipeline.decisions import opened, record_decisions
from pipeline.embedded import sole_runner
from pipeline.errors import LongerScan, SameDocument
from pipeline.flow import DIGITISE
from pipeline.records import Decision, Described, Received
from pipeline.runner import run_through, tidy
from pipeline.stages.review import confirm, put_in_place, set_apart
from services.context import Services
from services.document import DocumentView, document_view, no_document, show
from services.permissions import Asker, demand, may, sees

Settles = Literal["apart", "replaces"] | None

# By which reason a paper waits for which decision.
_ASKED = {
    "resolution": ("dpi_below_",),
    "paper": ("no_dpi:", "wrong_dpi:", "dpi_below_"),
    "password": ("encrypted:",),
}


class WaitingList(Frozen):
    """What waits for a person, and what was refused and a person's decision can bring back."""

    held: tuple[DocumentView, ...]
    refused: tuple[DocumentView, ...]


def list_waiting(ctx: Services, asker: Asker) -> WaitingList:
    """What waits for the asker's decision; identity numbers and files only for who may see them in lists.

    Raises:
        NotAllowed: the role may not.
    """
    demand(ctx, asker, "review_list")
    held = _listed(ctx, asker, ctx.ledger.entries(state="held"))
    refused = _listed(ctx, asker, [item for item in ctx.ledger.entries(state="refused") if _can_be_let_in(item)])
    number = len(held) + len(refused)
    ctx.journal.record(
        WaitingListed(who=asker.who, subject="review", role=asker.role, office=asker.office, count=number)
    )
    return WaitingList(held=held, refused=refused)


def _listed(ctx: Services, asker: Asker, entries: Sequence[LedgerEntry]) -> tuple[DocumentView, ...]:
    views = [document_view(ctx, entry.id) for entry in entries]
    return tuple(
        view if may(asker, "disclose", view.numbered, ctx.settings) else view.masked()
        for view in views
        if may(asker, "review_list", view.numbered, ctx.settings)
    )


def look(ctx: Services, asker: Asker, document_id: str) -> DocumentView:
    """A document for its reviewer: whole while it waits for a decision, else as anybody is shown it.

    Raises:
        NotAllowed: the role may not.
        NotFound: there is no such document, or it is another agency's.
    """
    demand(ctx, asker, "review", document_id)
    entry = ctx.ledger.entry(document_id)
    if entry is None or entry.state not in {"held", "refused"}:
        return show(ctx, asker, document_id)
    view = document_view(ctx, document_id)
    if not sees(ctx, asker, "review", document_id, dossier=view.numbered):
        raise no_document(document_id)
    ctx.journal.record(
        PaperShown(who=asker.who, subject=document_id, role=asker.role, office=asker.office, disclosed=True)
    )
    return view


def let_in(
    ctx: Services, asker: Asker, document_id: str, decisions: Sequence[Decision], passwords: Sequence[str]
) -> None:
    """Let a refused or held scan go on as a person decided.

    Raises:
        NotAllowed: the role may not.
        NotFound: no such document is held or refused.
        UsageError: it does not wait for that, or no password opens it.
        Busy: another process is at work on the store.
    """
    entry = _stopped(ctx, asker, document_id, "held", "refused")
    for about in [*(item.about for item in decisions), *(["password"] if passwords else [])]:
        if not entry.reason.startswith(_ASKED[about]):
            raise UsageError(f"{entry.id} does not wait for that", remedy="See `review ID` for what it waits for")
    record = Received.model_validate_json(entry.record)
    record = record.model_copy(update={"decisions": (*record.decisions, *decisions)})
    if passwords:
        before, record = record, opened(record, passwords, asker.who, ctx)
        if record is before:
            raise UsageError("None of the passwords opens the file", remedy="Ask whoever made it")
    with sole_runner(ctx.settings):
        record_decisions(record, asker.who, ctx)
        ctx.ledger.release(entry.id, record.model_dump_json(), asker.who)
        run_through(ctx, entry.id)


def discard(ctx: Services, asker: Asker, document_id: str, why: str) -> None:
    """End a held or refused scan: as the same paper as another one, or because of ``why``.

    Nothing is kept of it but the record of the decision; the file that was put in stays where it is.

    Raises:
        NotAllowed: the role may not.
        NotFound: no such document is held or refused.
        UsageError: it is not held as a duplicate, and no reason is given.
        Busy: another process is at work on the store.
    """
    entry = _stopped(ctx, asker, document_id, "held", "refused")
    with sole_runner(ctx.settings):
        _end(ctx, entry, why, asker.who)


def release(
    ctx: Services, asker: Asker, document_id: str, values: Mapping[str, str], *, settles: Settles = None
) -> None:
    """Confirm a described document and settle how it stands to others, or let a failed stage be tried again; go on.

    Args:
        ctx: the services.
        asker: decides.
        document_id: a held document.
        values: field names with what a person read; what was asked and is not among them was read rightly.
        settles: ``apart``: it is a paper of its own, whatever it looks like; ``replaces``: it takes the place of the
            paper of which it is a longer scan.

    Raises:
        NotAllowed: the role may not.
        NotFound: no such document is held.
        UsageError: nothing was read yet that could be confirmed, or a value cannot be.
        Busy: another process is at work on the store.
    """
    entry = _stopped(ctx, asker, document_id, "held")
    record, former = entry.record, None
    if DIGITISE.after(entry.stage) is DIGITISE.stage("review"):
        confirmed = confirm(Described.model_validate_json(record), values, asker.who, ctx)
        settled = confirmed
        if settles == "replaces":
            settled = put_in_place(confirmed, ctx)
        elif settles == "apart" and _is_named(entry):
            settled = set_apart(confirmed, ctx)
        record, former = settled.model_dump_json(), settled.replaces
    elif values or settles == "replaces":
        raise UsageError(
            f"Nothing was read from {entry.id} yet: it is held after {entry.stage}",
            remedy="Use --release to try again, or scan the paper again",
        )
    with sole_runner(ctx.settings):
        ctx.journal.record(PaperReleased(who=asker.who, subject=entry.id, fields=", ".join(sorted(values))))
        ctx.ledger.release(entry.id, record, asker.who)
        if former is not None:
            _end_former(ctx, former, entry.id, asker.who)
        run_through(ctx, entry.id)


def _stopped(ctx: Services, asker: Asker, document_id: str, *states: DocumentState) -> LedgerEntry:
    demand(ctx, asker, "review", document_id)
    entry = ctx.ledger.entry(document_id)
    dossier = document_view(ctx, document_id).numbered if entry else None
    if entry is None or not sees(ctx, asker, "review", document_id, dossier=dossier) or entry.state not in states:
        raise NotFound(f"No held document {document_id}", remedy="See `review` for what waits")
    return entry


def _end(ctx: Services, entry: LedgerEntry, why: str, who: str) -> None:
    is_same = _is_duplicate(entry)
    why = checked("reason", why) if why.strip() else ""
    if not is_same and not why:
        raise UsageError(f"{entry.id} is not held as a duplicate", remedy='Say why it is ended: --reason "…"')
    told = f"discarded: {mask_text(why)} (by {who}; it stopped as {entry.reason})"
    if is_same:
        told = entry.reason
    ctx.journal.record(PaperDiscarded(who=who, subject=entry.id, told=told))
    ctx.ledger.discard(entry.id, "duplicate" if is_same else "discarded", told, who)
    ended = ctx.ledger.entry(entry.id)
    if ended is not None:
        tidy(ctx, ended)


def _end_former(ctx: Services, former: str, by: str, who: str) -> None:
    """End a paper that was still held when a longer scan of it took its place; an archived one is replaced later."""
    entry = ctx.ledger.entry(former)
    if entry is not None and entry.state == "held":
        _end(ctx, entry, f"{by} is a longer scan of it", who)


def _can_be_let_in(entry: LedgerEntry) -> bool:
    """Whether a person's decision (few dots are accepted, a size of paper, a password) can bring a paper back."""
    return any(entry.reason.startswith(reasons) for reasons in _ASKED.values())


def _is_duplicate(entry: LedgerEntry) -> bool:
    """Whether a paper waits because it is perhaps the same as another one."""
    return entry.reason.startswith(f"{SameDocument.reason}:")


def _is_named(entry: LedgerEntry) -> bool:
    """Whether a paper waits because of another one that its reason names."""
    return _is_duplicate(entry) or entry.reason.startswith(f"{LongerScan.reason}:")
