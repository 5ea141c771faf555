"""What people decide about a scan that the rules alone do not take: too few dots, no resolution, a password.

Each decision stays with the document (who, when, why), in its remarks and in the audit journal; a password is used
once, and kept nowhere.
"""

from collections.abc import Sequence
from pathlib import Path

from archive.interface import LedgerEntry
from domain.clock import now
from domain.errors import UsageError
from domain.owners import mask_text
from pipeline.context import Context, digest
from pipeline.errors import LongerScan, SameDocument, Unreadable
from pipeline.opening import DAMAGED, REPAIR, unlock
from pipeline.records import Decision, File, Received, Statement
from pipeline.runner import tidy
from pipeline.sizes import PAPERS

ACCEPTABLE = ("resolution",)
# By which reason a paper waits for which decision.
_ASKED = {
    "resolution": ("dpi_below_",),
    "paper": ("no_dpi:", "wrong_dpi:", "dpi_below_"),
    "password": ("encrypted:",),
}
_MOST_PASSWORDS = 1000


def read_passwords(path: Path) -> tuple[str, ...]:
    """The passwords of a file, one a line.

    Raises:
        UsageError: it cannot be read, or holds none, or more than anybody has.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read ({error})", remedy="Give a text file in UTF-8") from None
    passwords = tuple(dict.fromkeys(line for line in lines if line))
    if not 0 < len(passwords) <= _MOST_PASSWORDS:
        raise UsageError(f"{path} holds {len(passwords)} passwords", remedy=f"One a line, {_MOST_PASSWORDS} at most")
    return passwords


def stated(statement: Statement, who: str) -> tuple[Decision, ...]:
    """The decisions that a manifest states; whoever puts the file in answers for them."""
    accepted = [Decision(about="resolution", reason=statement.reason, who=who, at=now())] if statement.accept else []
    sized = [Decision(about="paper", value=statement.paper, who=who, at=now())] if statement.paper else []
    return (*accepted, *sized)


def chosen(accept: str | None, paper: str | None, reason: str, who: str) -> tuple[Decision, ...]:
    """The decisions of one paper, checked as people give them.

    Raises:
        UsageError: it cannot be, or lacks its reason.
    """
    if accept is not None and accept not in ACCEPTABLE:
        raise UsageError(f"{accept!r} cannot be accepted", remedy=f"Only {', '.join(ACCEPTABLE)} can")
    if accept and not reason.strip():
        raise UsageError("Nothing is accepted without a reason", remedy='Give it: --reason "…"')
    if paper is not None and paper not in PAPERS:
        raise UsageError(f"{paper!r} is no size of paper", remedy=f"Give one of {', '.join(PAPERS)}")
    return stated(Statement(accept="resolution" if accept else None, reason=reason.strip(), paper=paper), who)


def opened(received: Received, passwords: Sequence[str], who: str, ctx: Context) -> Received:
    """The record with the file as it is without its password, when one of these opens it; else the same record.

    A file that one opens and that is damaged stays locked, and the decision says so.
    """
    if received.media != "pdf" or not passwords:
        return received
    target = ctx.settings.inbox / f"{received.scan.sha256}.unlocked.pdf"
    try:
        is_repaired = unlock(ctx.scan(received), target, passwords)
    except Unreadable as error:
        spoilt = Decision(about="password", value=f"{DAMAGED}{error}", who=who, at=now())
        return received.model_copy(update={"decisions": (*received.decisions, spoilt)})
    if is_repaired is None:
        return received
    decision = Decision(about="password", value=REPAIR if is_repaired else "", who=who, at=now())
    unlocked = File(name=target.name, sha256=digest(target))
    return received.model_copy(update={"unlocked": unlocked, "decisions": (*received.decisions, decision)})


def record_decisions(received: Received, who: str, ctx: Context) -> None:
    """Enter decisions in the audit journal."""
    ctx.journal.record_all(
        {
            "event": "accepted",
            "who": who,
            "subject": received.document_id,
            "about": item.about,
            "value": item.value,
            "why": mask_text(item.reason),
        }
        for item in received.decisions
    )


def can_be_let_in(entry: LedgerEntry) -> bool:
    """Whether a person's decision (few dots are accepted, a size of paper, a password) can bring a paper back."""
    return any(entry.reason.startswith(reasons) for reasons in _ASKED.values())


def decide(ctx: Context, entry: LedgerEntry, decisions: Sequence[Decision], passwords: Sequence[str], who: str) -> None:
    """Let a refused or held scan go on as a person decided.

    Raises:
        UsageError: it does not wait for that, or no password opens it.
    """
    for about in [*(item.about for item in decisions), *(["password"] if passwords else [])]:
        if not entry.reason.startswith(_ASKED[about]):
            raise UsageError(f"{entry.id} does not wait for that", remedy="See `review ID` for what it waits for")
    record = Received.model_validate_json(entry.record)
    record = record.model_copy(update={"decisions": (*record.decisions, *decisions)})
    if passwords:
        before, record = record, opened(record, passwords, who, ctx)
        if record is before:
            raise UsageError("None of the passwords opens the file", remedy="Ask whoever made it")
    record_decisions(record, who, ctx)
    ctx.ledger.release(entry.id, record.model_dump_json(), who)


def is_duplicate(entry: LedgerEntry) -> bool:
    """Whether a paper waits because it is perhaps the same as another one."""
    return entry.reason.startswith(f"{SameDocument.reason}:")


def is_named(entry: LedgerEntry) -> bool:
    """Whether a paper waits because of another one that its reason names."""
    return is_duplicate(entry) or entry.reason.startswith(f"{LongerScan.reason}:")


def end_former(ctx: Context, former: str, by: str, who: str) -> None:
    """End a paper that was still held when a longer scan of it took its place; an archived one is replaced later."""
    entry = ctx.ledger.entry(former)
    if entry is not None and entry.state == "held":
        discard(ctx, entry, f"{by} is a longer scan of it", who)


def discard(ctx: Context, entry: LedgerEntry, why: str, who: str) -> None:
    """End a held or refused scan: as the same paper as another one, or because of ``why``.

    Nothing is kept of it but the record of the decision; the file that was put in stays where it is.

    Raises:
        UsageError: it is not held as a duplicate, and no reason is given.
    """
    is_same = is_duplicate(entry)
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
