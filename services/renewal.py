"""Renew archive time stamps before what they rest on ends (ETSI EN 319 142-1, 5.6; law L7.4)."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import NamedTuple, Self

from filelock import FileLock, Timeout

from archive.errors import VaultDamaged
from archive.interface import Paper, StoredObject
from archive.package import PDF, read_package, revise
from config.models import Catalogues
from config.settings import Settings
from domain import clock
from domain.errors import Busy, KhosoError, SetupError, TemporaryFailure
from domain.events import StampRenewed
from domain.levels import RENEWAL_MONTHS, renewal_due
from domain.states import RenewalOutcome
from domain.validity import add_months
from pipeline.context import digest
from pipeline.profiles import due_date
from services.context import Services
from services.permissions import Asker, demand
from signing.errors import CertificateExpired, CertificateRevoked, ClockWrong, StampTooShort, TimeStampUnusable
from signing.interface import Provable
from signing.longterm.extend import LongTerm, open_each
from signing.pades.conformance import prove_signature
from signing.verification.verify import open_anchors

_PAUSE_S = 60.0  # before an authority that could not be asked is asked again


class Renewal(NamedTuple):
    """What became of one paper: its new day of renewal, or why there is none."""

    paper: Paper
    outcome: RenewalOutcome
    due: date | None
    error: KhosoError | None = None

    def line(self) -> dict[str, str]:
        """The line of ``--json``."""
        return {"id": self.paper.id, "outcome": self.outcome, "due": str(self.due), "reason": self.reason}

    @property
    def reason(self) -> str:
        """Why it was not renewed, and what to do: no document waits here that would be tried again by itself."""
        if self.error is None:
            return ""
        told = self.error.told
        return (told.model_copy(update={"remedy": "renew_again"}) if _passes(self.error) else told).text()

    @property
    def proof_ends(self) -> date | None:
        """The day on which the proof is lost if it is not renewed before."""
        return add_months(self.due, RENEWAL_MONTHS) if self.due else None


def _passes(error: KhosoError) -> bool:
    return isinstance(error, TemporaryFailure | Busy)


class RenewalSummary(NamedTuple):
    """What a run has done, and of what it has not, the one whose proof ends first."""

    renewed: int
    failed: int
    nearest: Renewal | None

    @classmethod
    def of(cls, items: Sequence[Renewal]) -> Self:
        """The summary of a run."""
        failed = [item for item in items if item.outcome == "failed"]
        nearest = min(failed, key=lambda item: (item.proof_ends or date.max, item.paper.id), default=None)
        return cls(len(items) - len(failed), len(failed), nearest)

    def line(self) -> dict[str, str | int]:
        """The last line of ``--json``."""
        ends = {"id": self.nearest.paper.id, "proof_ends": str(self.nearest.proof_ends)} if self.nearest else {}
        return {"renewed": self.renewed, "failed": self.failed, **ends}


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
        ClockWrong: no paper can be renewed.
    """
    demand(ctx, asker, "renew")
    if not ctx.catalogue.due_for_renewal(due_before):
        return iter(())
    if not ctx.settings.signing.time_stamps:
        raise SetupError("no_authority_to_renew", remedy="name_authorities")
    return _renew_all(ctx, asker, due_before)  # not a generator itself: what may not be is told at once


def _renew_all(ctx: Services, asker: Asker, due_before: date) -> Iterator[Renewal]:
    signing = ctx.settings.signing
    with sole_renewal(ctx.settings), open_each(signing, open_anchors(signing)) as each:
        authorities = Authorities(ctx.catalogues, each)
        for paper in ctx.catalogue.due_for_renewal(due_before):
            try:
                until = _renew(ctx, asker, authorities, paper)
            except ClockWrong:
                raise  # for every other paper, too
            except KhosoError as error:
                yield Renewal(paper, "failed", paper.renewal_due, error)
            else:
                yield Renewal(paper, "renewed", until)


def _renew(ctx: Services, asker: Asker, authorities: "Authorities", paper: Paper) -> date | None:
    with ctx.vault.sole(paper.object_id) as stored, ctx.journal.once(paper.object_id) as record:
        held, pdf = read_package(stored).paper, b""
        if held.renewal_due == paper.renewal_due:
            held, pdf = _restamped(authorities, stored, held)
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


def _restamped(authorities: "Authorities", stored: StoredObject, held: Paper) -> tuple[Paper, bytes]:
    """A paper with a new archive time stamp, and its file, which begins with the former one."""
    if digest(stored.files[PDF]) != held.pdf_sha256:
        raise VaultDamaged("pdf_not_archived_one", id=held.id)
    before = stored.files[PDF]
    given, due = authorities.renew(before, held.renewal_due)
    prove_signature(before, given.pdf)
    return held.model_copy(update={"pdf_sha256": given.sha256, "renewal_due": due}), given.pdf


class Authorities:
    """The authorities by which archive time stamps are renewed: the one that carries furthest is taken."""

    def __init__(self, catalogues: Catalogues, each: Sequence[LongTerm]) -> None:
        """Ask nobody yet."""
        self._catalogues = catalogues
        self._unknown = list(each)
        self._known: list[tuple[Reach, LongTerm]] = []
        self._failures: list[KhosoError] = []
        self._asked_at = -_PAUSE_S

    def renew(self, pdf: Path, held_until: date | None) -> tuple[Provable, date]:
        """The file with a new time stamp, and its next day of renewal, which is later than the one that it has.

        Raises:
            TooLate: the newest time stamp proves nothing any more.
            StampTooShort: nobody carries further.
            TimeStampAway, RevocationAway, TimeStampUnusable: those who might do not, for now or till somebody mends it.
        """
        self._ask()
        failures = list(self._failures)
        for item in list(self._known):
            reach, long_term = item
            if held_until is not None and reach.due <= held_until:
                break
            try:
                given = long_term.renew(pdf)
            except (TemporaryFailure, TimeStampUnusable) as error:
                failures.append(error)
                self._known.remove(item)
                self._unknown.append(long_term)
                self._failures.append(error)
                self._asked_at = time.monotonic()
                continue
            due = due_date(given, self._catalogues)
            if due is not None and (held_until is None or due > held_until):
                return given, due
        if failures:
            raise next((error for error in failures if isinstance(error, TemporaryFailure)), failures[0])
        raise self._known[0][0].too_short()

    def _ask(self) -> None:
        """Ask those of whom it is not known how far they carry, unless they have just been asked."""
        if not self._unknown or time.monotonic() - self._asked_at < _PAUSE_S:
            return
        unknown, self._unknown, self._failures = self._unknown, [], []
        for long_term in unknown:
            try:
                self._known.append((Reach.of(long_term.reach(), self._catalogues), long_term))
            except (TemporaryFailure, TimeStampUnusable, CertificateExpired, CertificateRevoked) as error:
                self._unknown.append(long_term)
                self._failures.append(error)
        self._known.sort(key=lambda item: item[0].due, reverse=True)
        self._asked_at = time.monotonic()


class Reach(NamedTuple):
    """Until when proof by an authority may wait for its renewal, and the algorithm that ends first, if one does."""

    due: date
    algorithm: str
    ends: date

    @classmethod
    def of(cls, given: Provable, catalogues: Catalogues) -> Self:
        """How far an authority carries.

        Raises:
            TimeStampUnusable: by an algorithm of which the catalogue knows no end.
        """
        try:
            terms = [(catalogues.algorithm_end(*item), f"{item.family}-{item.bits}") for item in given.strengths]
        except KeyError as error:
            raise TimeStampUnusable("stamp_algorithm_unknown", remedy="add_algorithm", error=error) from None
        ends, algorithm = min(terms)
        last = given.certificates_end
        if last is not None and last < ends:
            return cls(renewal_due([last]), "", last)
        return cls(renewal_due([ends]), algorithm, ends)

    def too_short(self) -> StampTooShort:
        """What is told when this is the furthest, and no further than the stamp that is there."""
        if not self.algorithm:
            return StampTooShort("stamp_too_short", ends=self.ends)
        return StampTooShort(
            "algorithm_ends_first", remedy="stronger_or_later_term", algorithm=self.algorithm, ends=self.ends
        )
