"""Rows of the ledger's documents: how they are read, and how a person's decision changes one."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Engine, and_, delete, insert, select, update

from archive.database import for_reading, local_values
from archive.errors import AlreadyDecided, already_decided
from archive.interface import LedgerEntry, StageTry, Undo
from archive.owner_keys import OwnerKeys
from archive.tables import ROWS, documents, ledger_entry, passages, undos
from archive.work.owners import OwnersOnWay, no_keys
from archive.work.words import WordsOnWay
from domain.clock import now
from domain.messages.told import BY, NO_REASON, Reason
from domain.states import DocumentState, EndedState, PassageOutcome
from files.processes import worker_name

_SEEN = ("id", "stage", "record", "reason", "tries")  # what somebody has seen who decides about a document
_DECISIONS: tuple[PassageOutcome, ...] = (
    "released",
    "discarded",
    "duplicate",
    "vouched",
    "filled",
    "taken_back",
    "secret",
)
_Note = tuple[str, PassageOutcome, Reason]


class DocumentRows:
    """The documents, what each passed, and what people decide about them.

    A decision counts only if the row is still as it was seen (docs/decisions/0041).
    """

    def __init__(self, engine: Engine, keys: Callable[[], OwnerKeys] = no_keys) -> None:
        self._engine = engine
        self._reads = for_reading(engine)
        self.on_way = OwnersOnWay(engine, keys)
        self.words_on_way = WordsOnWay(engine)
        self._worker = worker_name()

    # Decisions

    def release(
        self, seen: LedgerEntry, record: str, who: str, *, until: datetime | None = None
    ) -> AbstractContextManager[None]:
        """Send a held document on with the record that a person confirmed who saw it so; see ``_decide``."""
        note: _Note = ("review", "released", Reason.by(who))
        return self._decide(seen, note, until, state="waiting", record=record, tries=0)

    def keep(
        self,
        seen: LedgerEntry,
        how: Literal["vouched", "filled"],
        record: str,
        reason: Reason,
        who: str,
        *,
        until: datetime | None = None,
    ) -> AbstractContextManager[None]:
        """Keep what a person said of a document that waits on; see ``_decide``."""
        return self._decide(seen, ("review", how, Reason.by(who)), until, record=record, reason=reason.stored())

    def discard(
        self,
        seen: LedgerEntry,
        state: EndedState,
        reason: Reason,
        who: str,
        record: str = "",
        *,
        until: datetime | None = None,
    ) -> AbstractContextManager[None]:
        """End a held or refused document, with what is kept of its record if not all; see ``_decide``."""
        kept = {"reason": reason.stored(), "record": record or seen.record}
        return self._decide(seen, ("review", state, Reason.by(who)), until, state=state, **kept)

    def take_back(self, seen: LedgerEntry, undo: Undo, who: str) -> AbstractContextManager[None]:
        """Let a document stand as before what a person decided last; see ``_decide``."""
        before = undo.model_dump(include={"state", "stage", "record", "reason", "tries"})
        return self._decide(seen, ("review", "taken_back", Reason.by(who)), None, **before)

    def forget_errors(self, document_id: str) -> None:
        """Forget what hindered a document on its way, which may tell what it says; that something did stays."""
        mine = (passages.c.document_id == document_id) & passages.c.outcome.not_in(_DECISIONS)
        with self._engine.begin() as db:
            db.execute(update(passages).where(mine, passages.c.error != "").values(error=""))

    def settle(self, seen: LedgerEntry, stage: str) -> AbstractContextManager[None]:
        """Note that a document has passed the last ``stage``, as the archive tells; see ``_decide``."""
        return self._decide(seen, (stage, "passed", NO_REASON), None, state="done", stage=stage)

    def rewind(self, seen: LedgerEntry, stage: str, record: str) -> AbstractContextManager[None]:
        """Let a document begin again after ``stage``, which ended as a duplicate of what is gone; see ``_decide``."""
        note: _Note = (stage, "rewound", NO_REASON)
        return self._decide(seen, note, None, state="waiting", record=record, stage=stage, tries=0)

    @contextmanager
    def _decide(self, seen: LedgerEntry, note: _Note, until: datetime | None, **values: Any) -> Iterator[None]:
        """Change a document if it is still as it was seen; what the block does comes before the change counts.

        ``until``: when it can be taken back last; None: it cannot, and nothing before it.

        Raises:
            AlreadyDecided: it is not.
        """
        was = {name: getattr(seen, name) for name in _SEEN} | {"reason": seen.reason.stored()}
        unchanged = and_(*(documents.c[name] == value for name, value in was.items()))
        unchanged &= documents.c.state == (seen.state if seen.unknown_state is None else seen.unknown_state)
        with self._engine.begin() as db:
            if is_mine := bool(db.execute(update(documents).where(unchanged).values(self._free(**values))).rowcount):
                self._follow(db, seen.id, values.get("state", seen.state), values.get("record", seen.record))
                self._note(db, seen.id, *note, now())
                db.execute(delete(undos).where(undos.c.document_id == seen.id))
                if until is not None:
                    db.execute(insert(undos), _before(seen, values, str(note[2].params["who"]), until))
                yield
        if not is_mine:
            raise self.decided(seen.id)

    def _follow(self, db: Connection, document_id: str, state: DocumentState, record: str) -> None:
        """Let a document be found by what its record says now, as long as it is under way."""
        self.on_way.follow(db, document_id, state, record)
        self.words_on_way.follow(db, document_id, state, record)

    # Questions

    def entry(self, document_id: str) -> LedgerEntry | None:
        """The ledger's row of a document."""
        return next(self._entries(documents.c.id == document_id), None)

    def history(self, document_id: str) -> list[StageTry]:
        """The stages a document passed or failed, oldest first; a part's begins with the stage that split its scan."""
        columns = [passages.c[name] for name in StageTry.model_fields]
        query = select(*columns).where(passages.c.document_id == document_id).order_by(passages.c.id)
        with self._reads.connect() as db:
            rows = db.execute(query).mappings().all()
        return [StageTry.model_validate(local_values(row)) for row in rows]

    def decision(self, document_id: str) -> StageTry | None:
        """What a person decided last about a document."""
        made = [item for item in self.history(document_id) if item.outcome in _DECISIONS and item.error.what == BY]
        return made[-1] if made else None

    def undo(self, document_id: str) -> Undo | None:
        """How a document stood before what a person decided last, if that can be taken back."""
        with self._reads.connect() as db:
            row = db.execute(select(undos).where(undos.c.document_id == document_id)).mappings().first()
        if row is None:
            return None
        values = dict(local_values(row))
        left = tuple(values.pop(name) for name in ("left_state", "left_record", "left_reason"))
        return Undo.model_validate({**values, "left": left})

    def forget_undos(self) -> None:
        """Forget how documents stood before decisions that can be taken back no more."""
        with self._engine.begin() as db:
            db.execute(delete(undos).where(undos.c.until <= now()))

    def decided(self, document_id: str) -> AlreadyDecided:
        """What is told to somebody who decides about a document after another one did."""
        entry = self.entry(document_id)
        return already_decided(document_id, entry.state if entry else "gone", self.decision(document_id))

    def _entries(self, condition: ColumnElement[bool]) -> Iterator[LedgerEntry]:
        order = (documents.c.batch_id, documents.c.seq, documents.c.part, documents.c.id)
        with self._reads.connect() as db:
            rows = db.execute(ROWS.where(condition).order_by(*order)).mappings().all()
        for row in rows:
            yield ledger_entry(row)

    def _free(self, **values: object) -> dict[str, object]:
        return {
            "reason": "",
            "not_before": None,
            **values,
            "lease_owner": None,
            "lease_until": None,
            "updated_at": now(),
        }

    def _note(
        self,
        db: Connection,
        document_id: str,
        stage: str,
        outcome: PassageOutcome,
        error: Reason,
        began: datetime,
        worker: str = "",
    ) -> None:
        values = {"document_id": document_id, "stage": stage, "outcome": outcome, "error": error.stored()}
        made = {"started_at": began, "ended_at": now(), "worker": worker or self._worker}
        db.execute(insert(passages), {**values, **made})


def _before(seen: LedgerEntry, values: Mapping[str, Any], who: str, until: datetime) -> dict[str, Any]:
    """The row of how a document stands before a decision, and how that leaves it."""
    before = {name: getattr(seen, name) for name in ("state", "stage", "record", "tries")}
    left = {f"left_{name}": values.get(name, before.get(name, "")) for name in ("state", "record", "reason")}
    return {"document_id": seen.id, "who": who, "until": until, **before, "reason": seen.reason.stored(), **left}
