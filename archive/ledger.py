"""The ledger: what each document has passed.  It is the truth about work in progress; messages only hint at it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, and_, bindparam, func, insert, select, update

from archive.database import local, local_values
from archive.errors import LeaseLost
from archive.interface import (
    LONGEST_PAUSE,
    Arrival,
    Claim,
    DuplicateCandidate,
    Identity,
    LedgerEntry,
    SourceEntry,
    StagePassage,
)
from archive.owner_keys import OwnerKeys
from archive.schemas.opening import open_database
from archive.tables import STATE, batches, documents, introduced, source_entry, sources
from archive.withdrawn.lasting import Withdrawals
from archive.work.owners import no_keys
from archive.work.rows import DocumentRows
from domain.clock import now
from domain.messages.told import NO_REASON, Reason
from domain.states import DocumentState, FailedState, Lane, PassageOutcome
from files.processes import is_dead

# Asked for every document at every stage; made once, for SQLAlchemy takes longer to make them than SQLite to answer.
_ONE = select(documents).where(documents.c.id == bindparam("document"))
_PUT_BACK = select(documents.c.id).where(
    documents.c.state == "waiting",
    documents.c.stage == bindparam("passed"),
    documents.c.not_before > bindparam("now"),
    documents.c.not_before <= bindparam("longest"),  # see LedgerEntry.is_due
)
_CHANGE = update(documents).where(documents.c.id == bindparam("document"))
_CHANGE_HELD = _CHANGE.where(
    documents.c.stage == bindparam("passed"),
    documents.c.state == "waiting",
    documents.c.lease_owner.is_not_distinct_from(bindparam("holder")),
)


class Ledger(DocumentRows):
    """Batches, sources, documents and the stages they passed; and which papers were withdrawn."""

    def __init__(self, engine: Engine, keys: Callable[[], OwnerKeys] = no_keys) -> None:
        super().__init__(engine, keys)
        self.withdrawals = Withdrawals(engine)

    # Intake

    def open_batch(self, key: str, fresh_id: str, lane: Lane = "backlog") -> str:
        """The unfinished batch of the same command, or a new one; a number follows its id when another one has that.

        Its papers go by the lane of the last command.
        """
        unfinished = select(batches.c.id).where(batches.c.key == key, batches.c.closed_at.is_(None))
        alike = select(func.count()).where(batches.c.id.startswith(fresh_id, autoescape=True))
        with self._engine.begin() as db:
            if (found := db.execute(unfinished).scalar()) is None:
                others = db.execute(alike).scalar_one()
                found = f"{fresh_id}-{others + 1}" if others else fresh_id
                db.execute(insert(batches).values(id=found, key=key, opened_at=now()))
            db.execute(update(batches).where(batches.c.id == found).values(lane=lane))
            return found

    def close_batch(self, batch_id: str) -> None:
        """Note that every source of the batch was received and no document of it waits."""
        with self._engine.begin() as db:
            db.execute(update(batches).where(batches.c.id == batch_id).values(closed_at=now()))

    def source(self, path: str, sha256: str) -> SourceEntry | None:
        """What is known of a file with these bytes at this path."""
        mine = select(sources).where(sources.c.path == path, sources.c.sha256 == sha256)
        with self._reads.connect() as db:
            row = db.execute(mine).mappings().first()
            return source_entry(row) if row else None

    def earlier(self, path: str, sha256: str) -> list[SourceEntry]:
        """The files with other bytes that were seen at a path, the newest first."""
        query = select(sources).where(sources.c.path == path, sources.c.sha256 != sha256)
        with self._reads.connect() as db:
            rows = db.execute(query.order_by(sources.c.seen_at.desc())).mappings()
            return [source_entry(row) for row in rows]

    def sources(self, batch_id: str) -> list[SourceEntry]:
        """The sources of a batch in the order of intake."""
        with self._reads.connect() as db:
            rows = db.execute(select(sources).where(sources.c.batch_id == batch_id).order_by(sources.c.seq)).mappings()
            return [source_entry(row) for row in rows]

    def admit(self, arrival: Arrival) -> None:
        """Record a source, with the new document that it brings; one that is refused again, by its newest reason."""
        mine = (sources.c.path == arrival.path) & (sources.c.sha256 == arrival.sha256)
        with self._engine.begin() as db:
            known = db.execute(select(sources.c.state).where(mine)).scalar()
            if known == arrival.state == "refused":
                db.execute(update(sources).where(mine).values(reason=arrival.reason.stored()))
            if known is not None:
                return
            seq = db.execute(
                select(func.coalesce(func.max(sources.c.seq), 0) + 1).where(sources.c.batch_id == arrival.batch_id)
            ).scalar_one()
            came = arrival.model_dump(exclude={"stage", "record"})
            db.execute(insert(sources).values(**{**came, "reason": arrival.reason.stored()}, seq=seq, seen_at=now()))
            if arrival.record is not None:
                self._insert(db, arrival, seq)

    def overtake(self, sha256: str, batch_id: str) -> None:
        """Let the documents of a scan that wait in another batch go in front of a batch that is served before it."""
        others = (documents.c.sha256 == sha256) & (documents.c.batch_id != batch_id) & (documents.c.state == "waiting")
        with self._engine.begin() as db:
            db.execute(update(documents).where(others).values(batch_id=batch_id, seq=0))

    def _insert(self, db: Connection, arrival: Arrival, seq: int) -> None:
        db.execute(
            insert(documents).values(
                id=arrival.document_id,
                sha256=arrival.sha256,
                batch_id=arrival.batch_id,
                seq=seq,
                part=1,
                state="waiting",
                pages=0,
                **self._free(stage=arrival.stage, record=arrival.record, tries=0),
            )
        )
        self._note(db, arrival.document_id or "", arrival.stage, "passed", NO_REASON, now())

    # Work

    def claim(self, document_id: str, passed: str, lease_s: int) -> Claim | None:
        """Take a document that waits after stage ``passed``.

        None when it does not, when another worker has it, or when a document at its stage waits for a new try: what
        failed that one would fail the others too.
        """
        with self._engine.begin() as db:
            row = db.execute(_ONE, {"document": document_id}).mappings().first()
            if row is None or row["state"] != "waiting" or row["stage"] != passed:
                return None
            owner, until = row["lease_owner"], row["lease_until"]
            if owner is not None and owner != self._worker and not is_dead(owner) and local(until) > now():
                return None
            if db.execute(_PUT_BACK, {"passed": passed, "now": now(), "longest": now() + LONGEST_PAUSE}).first():
                return None
            lost = owner if owner not in {None, self._worker} else None
            lease = {"lease_owner": self._worker, "lease_until": now() + timedelta(seconds=lease_s)}
            if not db.execute(
                _CHANGE_HELD, {"document": document_id, "passed": passed, "holder": owner, **lease}
            ).rowcount:
                return None
            taken = {"document_id": document_id, "passed": passed, "record": row["record"], "tries": row["tries"]}
            return Claim.model_validate({**taken, "began": now(), "lost": lost})

    def note_lost(self, claim: Claim, stage: str) -> None:
        """Write at which stage the worker was lost from which a claim took the document over."""
        if claim.lost:
            error = Reason(word="worker_lost", what="taken_over")
            with self._engine.begin() as db:
                self._note(db, claim.document_id, stage, "lost", error, claim.began, claim.lost)

    def pass_stage(self, claim: Claim, stage: str, results: Sequence[StagePassage]) -> None:
        """Write what a stage gave: the document goes on, further documents (parts) join it, in one transaction.

        Raises:
            LeaseLost: another worker has taken the document over meanwhile.
        """
        with self._engine.begin() as db:
            first, *others = results
            values = self._free(stage=stage, record=first.record, pages=first.pages, tries=0, state=first.state)
            self._change_held(db, claim, values)
            self._follow(db, claim.document_id, first.state, first.record)
            for part, other in enumerate(others, 2):
                mine = db.execute(_ONE, {"document": claim.document_id}).mappings().one()
                own = {"id": other.document_id, "part": part, "record": other.record, "pages": other.pages}
                db.execute(insert(documents).values({**mine, **own}))
                self._follow(db, other.document_id, first.state, other.record)
                self._note(db, other.document_id, stage, "passed", NO_REASON, claim.began)
            self._note(db, claim.document_id, stage, "passed", NO_REASON, claim.began)

    def fail_stage(
        self,
        claim: Claim,
        stage: str,
        state: FailedState,
        reason: Reason,
        not_before: datetime | None = None,
        *,
        worker: str = "",
    ) -> None:
        """Write that a stage failed: ``waiting`` (tried again), ``held`` or ``refused``, with the reason.

        ``worker`` is whose try it was, when not this one's.

        Raises:
            LeaseLost: another worker has taken the document over meanwhile.
        """
        with self._engine.begin() as db:
            values = self._free(state=state, reason=reason.stored(), tries=claim.tries + 1, not_before=not_before)
            self._change_held(db, claim, values)
            if state == "duplicate":
                self._follow(db, claim.document_id, state, "")
            outcome: PassageOutcome = "retry" if state == "waiting" else state
            self._note(db, claim.document_id, stage, outcome, reason, claim.began, worker)

    def introduce(self, document_id: str, identity: Identity) -> list[DuplicateCandidate]:
        """Note by what a document is known again, and name those introduced before it that may be the same paper.

        One transaction: of two papers that come at once, exactly one finds the other.
        """
        with self._engine.begin() as db:
            introduced.write(db, document_id, identity)
            return introduced.alike(db, document_id, identity)

    def restart(self, claim: Claim, stage: str, record: str) -> None:
        """Let a document begin again after ``stage`` (its work folder was lost).

        Raises:
            LeaseLost: another worker has taken the document over meanwhile.
        """
        with self._engine.begin() as db:
            self._change_held(db, claim, self._free(record=record, stage=stage, tries=0))
            self._follow(db, claim.document_id, "waiting", record)
            self._note(db, claim.document_id, stage, "rewound", NO_REASON, now())

    def _change_held(self, db: Connection, claim: Claim, values: dict[str, object]) -> None:
        held = {"document": claim.document_id, "passed": claim.passed, "holder": self._worker}
        if not db.execute(_CHANGE_HELD, {**held, **values}).rowcount:
            raise LeaseLost

    # Questions

    def parts(self, sha256: str) -> list[LedgerEntry]:
        """All documents that a scan with these bytes gave, in the order of its pages."""
        return list(self._entries(documents.c.sha256 == sha256))

    def entries(self, batch_id: str | None = None, state: DocumentState | None = None) -> list[LedgerEntry]:
        """Documents in the order of intake, of one batch or of all, in one state or in any."""
        conditions = [documents.c.batch_id == batch_id] if batch_id else []
        conditions += [STATE.in_((state,))] if state else []
        return list(self._entries(and_(True, *conditions)))

    def archived(self, batch_id: str | None = None) -> list[str]:
        """The documents of a batch, or all, that were archived."""
        query = select(documents.c.id).where(documents.c.state == "done").order_by(documents.c.id)
        with self._reads.connect() as db:
            return list(db.execute(query.where(documents.c.batch_id == batch_id) if batch_id else query).scalars())

    def ready(self, gates: Sequence[str], before_gates: Sequence[str]) -> list[LedgerEntry]:
        """Waiting documents that may be worked on now, those of desks first, and in the order of intake.

        A document whose last stage is one of ``gates`` waits until no earlier document of its batch is at or before
        them: so which of two equal papers was first, and the codes, do not depend on how many workers there are.
        Where one had to be put back, all that stand at its stage wait with it (``claim``).
        """
        pending: set[str] = set()
        free = []
        waiting = sorted(self._entries(documents.c.state == "waiting"), key=lambda entry: entry.lane != "desk")
        paused = {entry.stage for entry in waiting if not entry.is_due()}
        for entry in waiting:
            if entry.stage in before_gates:
                pending.add(entry.batch_id)
            elif entry.stage in gates:
                if entry.batch_id in pending:
                    continue
                pending.add(entry.batch_id)
            if entry.stage not in paused:
                free.append(entry)
        return free

    def counts(self, batch_id: str | None = None) -> dict[DocumentState, tuple[int, int]]:
        """Documents and pages per state."""
        query = select(STATE, func.count(), func.coalesce(func.sum(documents.c.pages), 0))
        if batch_id:
            query = query.where(documents.c.batch_id == batch_id)
        with self._reads.connect() as db:
            return {state: (n, pages) for state, n, pages in db.execute(query.group_by(STATE))}

    def mentioning(self, text: str, batch_id: str | None = None) -> int:
        """How many documents of a batch, or of all, have this text in their record."""
        condition = documents.c.record.contains(text, autoescape=True)
        if batch_id:
            condition &= documents.c.batch_id == batch_id
        with self._reads.connect() as db:
            return int(db.execute(select(func.count()).where(condition)).scalar_one())

    def batches(self) -> list[dict[str, object]]:
        """All batches, oldest first."""
        with self._reads.connect() as db:
            return [local_values(row) for row in db.execute(select(batches).order_by(batches.c.opened_at)).mappings()]

    def leased(self) -> int:
        """How many documents a living worker has in hand."""
        with self._reads.connect() as db:
            owners = db.execute(
                select(documents.c.lease_owner).where(
                    documents.c.lease_owner.is_not(None), documents.c.state == "waiting"
                )
            ).scalars()
            return sum(not is_dead(owner) for owner in owners)


@contextmanager
def open_ledger(url: str, keys: Callable[[], OwnerKeys] = no_keys) -> Iterator[Ledger]:
    """The ledger at a database URL; the folder of an SQLite file is made when missing.

    ``keys``: what makes keyed hashes of owners' numbers, asked for when it is needed.
    """
    with open_database(url, "ledger") as engine:
        yield Ledger(engine, keys)
