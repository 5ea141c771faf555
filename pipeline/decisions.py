"""What people decide about a scan that the rules alone do not take: too few dots, no resolution, a password.

Each decision stays with the document (who, when, why), in its remarks and in the audit journal; a password is used
once, and kept nowhere.
"""

from collections.abc import Sequence
from pathlib import Path

from domain.clock import now
from domain.errors import UsageError
from domain.events import Actor, ScanAccepted
from domain.messages.told import told
from domain.values import checked
from pipeline.context import Context, digest
from pipeline.embedded import call_apart
from pipeline.errors import OutOfMemory, OutOfTime, Unreadable, WorkerLost
from pipeline.records import Decision, File, Received, Statement
from pipeline.scans.opening import DAMAGED, unlock
from pipeline.scans.sizes import PAPERS

ACCEPTABLE = ("resolution",)
_MOST_PASSWORDS = 1000
_MOST_LETTERS = 1_000_000


def read_passwords(path: Path) -> tuple[str, ...]:
    """The passwords of a file, one a line.

    Raises:
        UsageError: it cannot be read, or holds none, or more than anybody has.
    """
    if path.exists() and not path.is_file():  # a pipe would be waited for
        raise UsageError("no_text_file", remedy="give_text_file", path=path)
    try:
        with path.open(encoding="utf-8-sig") as file:
            text = file.read(_MOST_LETTERS + 1)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError("file_not_read", remedy="give_text_file", file=path, error=str(error)) from None
    if len(text) > _MOST_LETTERS:
        raise UsageError("no_list_of_passwords", remedy="one_a_line", path=path, most=_MOST_PASSWORDS)
    passwords = tuple(dict.fromkeys(line for line in text.splitlines() if line))
    if not 0 < len(passwords) <= _MOST_PASSWORDS:
        number = len(passwords)
        raise UsageError("passwords_in_file", remedy="one_a_line", path=path, number=number, most=_MOST_PASSWORDS)
    return passwords


def stated_decisions(statement: Statement, who: str) -> tuple[Decision, ...]:
    """The decisions that a manifest states; whoever puts the file in answers for them."""
    accepted = [Decision(about="resolution", reason=statement.reason, who=who, at=now())] if statement.accept else []
    if statement.paper is None:
        return tuple(accepted)
    return (*accepted, Decision(about="paper", value=statement.paper, reason=statement.reason, who=who, at=now()))


def chosen(accept: str | None, paper: str | None, reason: str, who: str) -> tuple[Decision, ...]:
    """The decisions of one paper, checked as people give them.

    Raises:
        UsageError: it cannot be, or lacks its reason.
    """
    if accept is not None and accept not in ACCEPTABLE:
        raise UsageError("not_acceptable", remedy="only_these_accepted", what=accept, known=ACCEPTABLE)
    if accept and not reason.strip():
        raise UsageError("accepted_without_reason", remedy="give_reason")
    reason = checked("reason", reason) if reason.strip() else ""
    if paper is not None and paper not in PAPERS:
        raise UsageError("no_paper_size", remedy="give_one_of", paper=paper, known=tuple(PAPERS))
    return stated_decisions(Statement(accept="resolution" if accept else None, reason=reason, paper=paper), who)


def opened(received: Received, passwords: Sequence[str], who: str, ctx: Context) -> Received:
    """The record with the file as it is without its password, when one of these opens it; else the same record.

    A file that one opens and that is damaged stays locked, and the decision says so.
    """
    if received.media != "pdf" or not passwords:
        return received
    target = ctx.settings.inbox / f"{received.scan.sha256}.unlocked.pdf"
    try:
        done = call_apart(ctx.settings, unlock, ctx.scan(received), target, passwords)
    except (Unreadable, OutOfMemory, OutOfTime, WorkerLost) as error:
        why = error.inner if isinstance(error, Unreadable) else told("opening_too_heavy")
        spoilt = Decision(about="password", value=DAMAGED, who=who, at=now(), told=why)
        return received.model_copy(update={"decisions": (*received.decisions, spoilt)})
    if done is None:
        return received
    decision = Decision(about="password", value=done, who=who, at=now())
    unlocked = File(name=target.name, sha256=digest(target))
    return received.model_copy(update={"unlocked": unlocked, "decisions": (*received.decisions, decision)})


def events_of(received: Received, by: Actor) -> tuple[ScanAccepted, ...]:
    """The decisions of a scan as the audit journal tells them."""
    return tuple(
        ScanAccepted(**dict(by), subject=received.document_id, about=item.about, value=item.value, why=item.reason)
        for item in received.decisions
        if item.about != "secrecy"  # told when it was made, by who made it
    )
