"""What the other packages may use of the archive: its records."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Literal

from domain.clock import now
from domain.levels import Level
from domain.messages.told import NO_REASON, Reason
from domain.owners import identifier_kind
from domain.record import Frozen
from domain.roles import HOLDER, OwnersLine, PaperOwner, owners_of_line
from domain.states import OVER, DocumentState, Lane, OtherWord, PassageOutcome, SourceState, Standing
from files.processes import is_dead

LONGEST_PAUSE = timedelta(minutes=1)  # before a stage that failed is tried again


class Arrival(Frozen):
    """A source as it is recorded at intake; ``record`` is given when it brings a new document."""

    path: str
    sha256: str
    batch_id: str
    state: SourceState
    reason: Reason = NO_REASON
    document_id: str | None = None
    stage: str = ""
    record: str | None = None


class SourceEntry(Frozen):
    """A file that was seen: ``received``, ``duplicate`` or ``refused``."""

    path: str
    sha256: str
    batch_id: str
    seq: int
    document_id: str | None
    state: SourceState
    reason: Reason
    seen_at: datetime


class Claim(Frozen):
    """A document taken by this worker, standing after stage ``passed``; ``lost`` is the worker that had it before."""

    document_id: str
    passed: str
    record: str
    tries: int
    began: datetime
    lost: str | None = None


class StageTry(Frozen):
    """One try at a stage, or what a person did with a document: when, by which worker, how it ended, and why."""

    stage: str
    outcome: PassageOutcome | OtherWord
    error: Reason
    worker: str
    started_at: datetime
    ended_at: datetime


class Undo(Frozen):
    """How a document stood before a person's last decision about it, who decided, and until when he may take it back.

    ``left``: state, record and reason as the decision left them.
    """

    document_id: str
    who: str
    until: datetime
    state: DocumentState
    stage: str
    record: str
    reason: str
    tries: int
    left: tuple[str, str, str]

    def is_left(self, entry: "LedgerEntry") -> bool:
        """Whether the document stands as the decision left it: nothing was made of it since."""
        state, record, reason = self.left
        if (entry.stage, entry.record) != (self.stage, record):
            return False
        if state == "waiting":  # it may be held for something else by now
            return entry.state in {"waiting", "held"}
        return (entry.state, entry.reason.stored()) == (state, reason)


class StagePassage(Frozen):
    """What a stage gave for one document: its next record as JSON."""

    document_id: str
    record: str
    pages: int
    state: DocumentState = "waiting"


class LedgerEntry(Frozen):
    """A document's row in the ledger; ``stage`` is the last stage it passed.

    ``unknown_state``: a word of another release in place of its state, which is taken for ``held``.
    """

    id: str
    sha256: str
    batch_id: str
    seq: int
    part: int
    state: DocumentState
    stage: str
    record: str
    reason: Reason
    pages: int
    tries: int
    not_before: datetime | None
    lease_owner: str | None
    lease_until: datetime | None
    updated_at: datetime
    lane: Lane = "backlog"
    unknown_state: str | None = None

    def is_due(self) -> bool:
        """Whether the pause after a failure is over; one that is longer than any was set by a clock that was wrong."""
        return self.not_before is None or not timedelta() < self.not_before - now() <= LONGEST_PAUSE

    @property
    def is_in_hand(self) -> bool:
        """Whether a worker has it that is there, as far as can be told."""
        if self.lease_owner is None or self.lease_until is None or is_dead(self.lease_owner):
            return False
        return self.lease_until > now()

    @property
    def is_over(self) -> bool:
        """Whether its files of work are needed no more: it is archived, a duplicate, or was ended by a person."""
        return self.state in OVER


class Codes(Frozen):
    """The codes of one document (law table 2B).

    ``dossier`` and ``result`` are the one-stop system's, as somebody stated them; ``digitisation`` and ``file`` (for a
    paper that came with no dossier) are ours.
    """

    dossier: str | None = None
    digitisation: str
    result: str | None = None
    file: str | None = None


CodeKind = Literal["dossier", "result", "digitisation", "file"]


class RetiredCode(Frozen):
    """A code that a document bore and that nobody gets any more; ``instead`` is what it bears since.

    ``invented``: an earlier release made it up in the one-stop system's grammar; ``corrected``: what it was made of was
    wrong.
    """

    kind: CodeKind
    code: str
    instead: str | None = None
    why: Literal["invented", "corrected"]


class Paper(Frozen):
    """The catalogue's row of an archived paper; ``valid_until`` None means for ever.

    ``retention_until`` None: for ever, where the class is permanent; else nobody knows yet.

    ``arrived_signed``: whether the signatures with which the paper came were trusted; None for a scan.  ``level`` is
    that of our signatures; ``renewal_due`` the day from which the archive time stamp is to be renewed.  ``scope`` is
    the agency identifier within whose area the paper counts, None everywhere; ``replaced_by`` the code of what
    came after.  ``dossier`` and ``result_code`` are as somebody stated them; a paper that came with no dossier has a
    ``file_code``, and belongs to the ``agency`` that put it in (None: the installation's).  ``tied_at``: when its
    dossier was last entered or taken off after it was archived; ``other_owner``: a person confirmed that it is in a
    dossier of somebody else.  ``owner_id`` is the owner by whom its code is made (law table 2B), in ``owner_role``;
    ``further_owners`` are those whom it is about besides, in their roles, as ``domain.roles`` writes them.
    """

    id: str
    sha256: str
    type_code: str
    owner_id: str
    dossier: str | None
    digitisation_code: str
    result_code: str | None
    number_symbol: str | None
    issued: date | None
    issuer: str | None
    title: str | None
    abstract: str | None
    owner_name: str | None
    valid_until: date | None
    pages: int
    retention_class: str
    retention_until: int | None
    object_id: str
    pdf_sha256: str
    archived_at: datetime
    arrived_signed: Literal["trusted", "untrusted"] | None = None
    level: Level | None = None
    renewal_due: date | None = None
    scope: str | None = None
    standing: Standing = "in_force"
    replaced_by: str | None = None
    file_code: str | None = None
    agency: str | None = None
    tied_at: datetime | None = None
    other_owner: bool = False
    owner_role: str | None = None
    further_owners: OwnersLine | None = None

    @property
    def others(self) -> tuple[PaperOwner, ...]:
        """The owners besides the one by whom its code is made."""
        return owners_of_line(self.further_owners)

    @property
    def owners(self) -> tuple[PaperOwner, ...]:
        """All whom the paper is about, the one by whom its code is made first; none of the administration's own.

        An owner without a number has a name; the code is made of the agency then.
        """
        number = None if identifier_kind(self.owner_id) is None else self.owner_id
        if number is None and self.owner_name is None:
            return self.others
        first = PaperOwner(role=self.owner_role or HOLDER, name=self.owner_name, number=number)
        return (first, *self.others)

    @property
    def owner_ids(self) -> tuple[str, ...]:
        """The numbers of its owners, as far as they are known."""
        return tuple(item.number for item in self.owners if item.number)

    @property
    def belongs(self) -> str | None:
        """The dossier that tells whose paper it is, else the agency that put it in; None: the installation's."""
        return self.dossier or self.agency


class Question(Frozen):
    """One paper that was asked for: who asked, for which dossier, about whom (keyed hash), and what was answered.

    ``number`` is that of the answer within its ``lookup``; an earlier release gave none.  ``doubts`` are the words
    of what made the purpose doubtful, with commas between them, and ``reason`` why it was asked all the same.
    ``concerns`` is the role in the dossier of the person who was asked about, whose key is empty where nobody was; an
    earlier release asked about the applicant alone.
    """

    at: datetime
    who: str
    office: str
    role: str
    dossier: str
    procedure: str | None
    owner_key: str
    asked_for: str
    answer: str
    paper_id: str | None
    lookup: str = ""
    number: int = 0
    doubts: str = ""
    reason: str = ""
    concerns: str = ""


class Use(Frozen):
    """A held paper that was handed over for a dossier, instead of being brought again."""

    dossier: str
    paper_id: str
    at: datetime
    who: str
    office: str
    procedure: str | None
    asked_for: str
    owner_key: str


class Dossier(Frozen):
    """A dossier of the one-stop system; ``data`` are its fields as they came (law L2.12), as JSON.

    ``state`` is the portal's own code: which there are differs between portals.
    """

    code: str
    procedure: str
    owner_key: str
    owner_shown: str
    agency: str
    received: date
    finished: date | None
    state: str
    data: str
    changed_at: datetime


class FormerSecret(Frozen):
    """A secret under which owners were entered that is gone; by its ``check`` it would be known again.

    ``questions``: so many that were asked under it, up to then and to number ``last``, belong to no owner any more.
    """

    check: str
    until: datetime
    last: int
    questions: int


class PaperFilter(Frozen):
    """Which papers are looked for in the catalogue at all."""

    types: tuple[str, ...] = ()
    dossier: str | None = None
    owner_keys: tuple[str, ...] = ()
    issued_from: date | None = None
    issued_to: date | None = None


class Identity(Frozen):
    """By what a paper is known again; an empty one is known by its bytes alone.

    ``business_key`` stands for owner, type, number and day of issue; ``image_key`` for how the first page looks, in
    hexadecimal; ``marks`` are what papers that may be the same one have in common, at least ``in_common`` of them.
    """

    business_key: str | None = None
    image_key: str | None = None
    marks: tuple[int, ...] = ()
    in_common: int = 1


class DuplicateCandidate(Frozen):
    """Another paper that may be the same one."""

    document_id: str
    same_business: bool
    image_key: str | None


class StoredObject(Frozen):
    """An object in the vault: logical file names to absolute paths."""

    id: str
    path: Path
    files: dict[str, Path]
