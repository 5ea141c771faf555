"""Renew archive time stamps before what they rest on ends (ETSI EN 319 142-1, 5.6; law L7.4)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import NamedTuple

from filelock import FileLock, Timeout

from archive.errors import VaultDamaged
from archive.interface import Paper, StoredObject
from archive.package import PDF, read_package, revise
from config.settings import Settings
from domain import clock
from domain.errors import Busy, Disposition, KhosoError, SetupError
from domain.events import StampRenewed
from domain.states import RenewalOutcome
from pipeline.context import digest
from pipeline.profiles import due_date
from services.context import Services
from services.permissions import Asker, demand
from signing.errors import StampTooShort
from signing.longterm.extend import LongTerm, open_long_term
from signing.pades.conformance import prove_signature
from signing.verification.verify import open_anchors


class Renewal(NamedTuple):
    """What became of one paper: its new day of renewal, or why there is none."""

    paper: Paper
    outcome: RenewalOutcome
    due: date | None
    error: KhosoError | None = None

    def line(self) -> dict[str, str]:
        """The line of ``--json``."""
        reason = self.error.told.text() if self.error else ""
        return {"id": self.paper.id, "outcome": self.outcome, "due": str(self.due), "reason": reason}


@contextmanager
def sole_renewal(settings: Settings) -> Iterator[None]:
    """One renewal at a time on a store; the lock dies with its process.

    Raises:
        Busy: another one is at work.
    """
    try:
        with FileLock(settings.home / "renewal.lock").acquire(timeout=0):
            yield
    except Timeout:
        raise Busy("renewal_at_work", remedy="wait_for_renewal", home=settings.home) from None


def due(ctx: Services, asker: Asker, due_before: date) -> list[Renewal]:
    """What is due by a day, the most urgent first.

    Raises:
        NotAllowed: the role may not.
    """
    demand(ctx, asker, "renew")
    return [Renewal(paper, "due", paper.renewal_due) for paper in ctx.catalogue.due_for_renewal(due_before)]


def renew(ctx: Services, asker: Asker, due_before: date) -> Iterator[Renewal]:
    """Renew what is due by a day, the most urgent first; one that fails does not stop the others.

    It may be stopped at any point: what was renewed is due no more, and what was begun is finished by the next run.
    With nothing due, nobody is asked for a time stamp, and no authority is needed.

    Raises:
        NotAllowed: the role may not.
        SetupError: there is no time stamp authority.
        Busy: another renewal is at work.
        KhosoError: one that stops the line, such as a wrong clock.
    """
    demand(ctx, asker, "renew")
    if not ctx.catalogue.due_for_renewal(due_before):
        return iter(())
    if not ctx.settings.signing.time_stamps:
        raise SetupError("no_authority_to_renew", remedy="name_authorities")
    return _renew_all(ctx, asker, due_before)  # not a generator itself: what may not be is told at once


def _renew_all(ctx: Services, asker: Asker, due_before: date) -> Iterator[Renewal]:
    signing = ctx.settings.signing
    with sole_renewal(ctx.settings), open_long_term(signing, open_anchors(signing)) as long_term:
        for paper in ctx.catalogue.due_for_renewal(due_before):
            try:
                until = _renew(ctx, asker, long_term, paper)
            except KhosoError as error:
                if error.disposition is Disposition.HALT:
                    raise
                yield Renewal(paper, "failed", paper.renewal_due, error)
            else:
                yield Renewal(paper, "renewed", until)


def _renew(ctx: Services, asker: Asker, long_term: LongTerm, paper: Paper) -> date | None:
    with ctx.vault.sole(paper.object_id) as stored, ctx.journal.once(paper.object_id) as record:
        held, pdf = read_package(stored).paper, b""
        if held.renewal_due == paper.renewal_due:
            held, pdf = _restamped(ctx, long_term, stored, held)
        # else an earlier run was cut off before the catalogue heard of its version
        record(StampRenewed(**dict(asker), subject=held.id, until=str(held.renewal_due)))
        if pdf:
            revise(
                ctx.vault,
                stored,
                held,
                stage="renew",
                at=clock.now(),
                who=asker.who,
                message="Archive time stamp renewed",
                pdf=pdf,
            )
        ctx.catalogue.revised(held)
    return held.renewal_due


def _restamped(ctx: Services, long_term: LongTerm, stored: StoredObject, held: Paper) -> tuple[Paper, bytes]:
    """A paper with a new archive time stamp, and its file, which begins with the former one."""
    if digest(stored.files[PDF]) != held.pdf_sha256:
        raise VaultDamaged("pdf_not_archived_one", id=held.id)
    before = stored.files[PDF]
    given = long_term.renew(before)
    due = due_date(given, ctx.catalogues)
    if due is None or (held.renewal_due is not None and due <= held.renewal_due):
        raise StampTooShort
    prove_signature(before, given.pdf)
    return held.model_copy(update={"pdf_sha256": given.sha256, "renewal_due": due}), given.pdf
