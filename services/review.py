"""What waits for a person, and what a person decides about it."""

from collections.abc import Mapping, Sequence
from typing import Literal

from archive.interface import LedgerEntry
from domain.errors import NotFound, UsageError
from domain.owners import mask_text
from domain.states import DocumentState
from pipeline.decisions import opened, record_decisions
from pipeline.embedded import sole_runner
from pipeline.errors import LongerScan, SameDocument
from pipeline.flow import DIGITISE
from pipeline.records import Decision, Described, Received
from pipeline.runner import run_through, tidy
from pipeline.stages.review import confirm, put_in_place, set_apart
from services.context import Services

Settles = Literal["apart", "replaces"] | None

# By which reason a paper waits for which decision.
_ASKED = {
    "resolution": ("dpi_below_",),
    "paper": ("no_dpi:", "wrong_dpi:", "dpi_below_"),
    "password": ("encrypted:",),
}


def held(ctx: Services) -> list[LedgerEntry]:
    """What waits for a person."""
    return ctx.ledger.entries(state="held")


def can_return(ctx: Services) -> list[LedgerEntry]:
    """What was refused, and a person's decision can bring back."""
    return [entry for entry in ctx.ledger.entries(state="refused") if _can_be_let_in(entry)]


def let_in(ctx: Services, document_id: str, decisions: Sequence[Decision], passwords: Sequence[str], who: str) -> None:
    """Let a refused or held scan go on as a person decided.

    Raises:
        NotFound: no such document is held or refused.
        UsageError: it does not wait for that, or no password opens it.
        Busy: another process is at work on the store.
    """
    entry = _stopped(ctx, document_id, "held", "refused")
    for about in [*(item.about for item in decisions), *(["password"] if passwords else [])]:
        if not entry.reason.startswith(_ASKED[about]):
            raise UsageError(f"{entry.id} does not wait for that", remedy="See `review ID` for what it waits for")
    record = Received.model_validate_json(entry.record)
    record = record.model_copy(update={"decisions": (*record.decisions, *decisions)})
    if passwords:
        before, record = record, opened(record, passwords, who, ctx)
        if record is before:
            raise UsageError("None of the passwords opens the file", remedy="Ask whoever made it")
    with sole_runner(ctx.settings):
        record_decisions(record, who, ctx)
        ctx.ledger.release(entry.id, record.model_dump_json(), who)
        run_through(ctx, entry.id)


def discard(ctx: Services, document_id: str, why: str, who: str) -> None:
    """End a held or refused scan: as the same paper as another one, or because of ``why``.

    Nothing is kept of it but the record of the decision; the file that was put in stays where it is.

    Raises:
        NotFound: no such document is held or refused.
        UsageError: it is not held as a duplicate, and no reason is given.
        Busy: another process is at work on the store.
    """
    entry = _stopped(ctx, document_id, "held", "refused")
    with sole_runner(ctx.settings):
        _end(ctx, entry, why, who)


def release(ctx: Services, document_id: str, values: Mapping[str, str], who: str, *, settles: Settles = None) -> None:
    """Confirm a described document and settle how it stands to others, or let a failed stage be tried again; go on.

    Args:
        ctx: the services.
        document_id: a held document.
        values: field names with what a person read; what was asked and is not among them was read rightly.
        who: decides.
        settles: ``apart``: it is a paper of its own, whatever it looks like; ``replaces``: it takes the place of the
            paper of which it is a longer scan.

    Raises:
        NotFound: no such document is held.
        UsageError: nothing was read yet that could be confirmed, or a value cannot be.
        Busy: another process is at work on the store.
    """
    entry = _stopped(ctx, document_id, "held")
    record, former = entry.record, None
    if DIGITISE.after(entry.stage) is DIGITISE.stage("review"):
        confirmed = confirm(Described.model_validate_json(record), values, who, ctx)
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
        ctx.ledger.release(entry.id, record, who)
        ctx.journal.record("released", who=who, subject=entry.id, fields=", ".join(sorted(values)))
        if former is not None:
            _end_former(ctx, former, entry.id, who)
        run_through(ctx, entry.id)


def _stopped(ctx: Services, document_id: str, *states: DocumentState) -> LedgerEntry:
    entry = ctx.ledger.entry(document_id)
    if entry is None or entry.state not in states:
        raise NotFound(f"No held document {document_id}", remedy="See `review` for what waits")
    return entry


def _end(ctx: Services, entry: LedgerEntry, why: str, who: str) -> None:
    is_same = _is_duplicate(entry)
    if not is_same and not why:
        raise UsageError(f"{entry.id} is not held as a duplicate", remedy='Say why it is ended: --reason "…"')
    told = f"discarded: {mask_text(why)} (by {who}; it stopped as {entry.reason})"
    if is_same:
        told = entry.reason
    ctx.journal.record("discarded", who=who, subject=entry.id, told=told)
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
