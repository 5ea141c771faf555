"""The tables of the ledger, the catalogue and the desk.

What each document has passed; what the archive holds; what was asked of it and handed over, and for which dossiers.
Three metadata sets, because they live and die apart: the catalogue can be made anew from the vault (design law 3), the
ledger is the memory of work in progress, and the desk's is kept by nobody else.
"""

from typing import get_args

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    MetaData,
    RowMapping,
    String,
    Table,
    Text,
    UniqueConstraint,
    case,
    false,
    select,
)

from archive.database import local
from archive.identities import Identities
from archive.interface import LedgerEntry, SourceEntry
from domain.messages.told import Reason
from domain.states import DocumentState, SourceState

LEDGER = MetaData()
CATALOGUE = MetaData()
DESK = MetaData()

batches = Table(
    "batches",
    LEDGER,
    Column("id", String(32), primary_key=True),
    Column("key", String(64), nullable=False, index=True),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("closed_at", DateTime(timezone=True)),
    Column("lane", String(8), nullable=False, server_default="backlog"),
)

# One row per file that was ever seen: (path, bytes) is what makes it the same file.
sources = Table(
    "sources",
    LEDGER,
    Column("path", Text, primary_key=True),
    Column("sha256", String(64), primary_key=True),
    Column("batch_id", String(32), nullable=False, index=True),
    Column("seq", Integer, nullable=False),
    Column("document_id", String(40)),
    Column("state", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("seen_at", DateTime(timezone=True), nullable=False),
)

documents = Table(
    "documents",
    LEDGER,
    Column("id", String(40), primary_key=True),
    Column("sha256", String(64), nullable=False, index=True),
    Column("batch_id", String(32), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("part", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("stage", String(32), nullable=False),
    Column("record", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("not_before", DateTime(timezone=True)),
    Column("lease_owner", String(80)),
    Column("lease_until", DateTime(timezone=True)),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    Index("documents_by_batch", "batch_id", "seq", "part"),
    Index("documents_by_state", "state"),
)

passages = Table(
    "passages",
    LEDGER,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("document_id", String(40), nullable=False, index=True),
    Column("stage", String(32), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("error", Text, nullable=False),
    Column("worker", String(80), nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True), nullable=False),
)

# How documents stood before a person's last decision, and how it left them, until it can be taken back no more.
undos = Table(
    "undos",
    LEDGER,
    Column("document_id", String(40), primary_key=True),
    Column("who", Text, nullable=False),
    Column("until", DateTime(timezone=True), nullable=False),
    Column("state", String(16), nullable=False),
    Column("stage", String(32), nullable=False),
    Column("record", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("left_state", String(16), nullable=False),
    Column("left_record", Text, nullable=False),
    Column("left_reason", Text, nullable=False),
)

# Papers that were withdrawn as secret, and what became of them: the ledger tells a catalogue and a vault that were put
# back together to a day before (docs/decisions/0060).
withdrawals = Table(
    "withdrawals",
    LEDGER,
    Column("id", String(40), primary_key=True),
    Column("object_id", String(80), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("code", String(200), nullable=False),
    Column("belongs", String(60)),
    Column("state", String(16), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("tombstone", Text),
)

# Every code that a document bears, archived or not, but its dossier's: a code is never given twice.
codes = Table(
    "codes",
    CATALOGUE,
    Column("code", String(200), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("document_id", String(40), nullable=False),
    UniqueConstraint("document_id", "kind", name="one_code_of_a_kind"),
)

# Codes that a document bore: nobody gets them any more.
retired = Table(
    "retired",
    CATALOGUE,
    Column("code", String(200), primary_key=True),
    Column("document_id", String(40), primary_key=True, index=True),
    Column("kind", String(16), nullable=False),
    Column("instead", String(200)),
    Column("why", String(16), nullable=False),
)

counters = Table(
    "counters",
    CATALOGUE,
    Column("prefix", String(200), primary_key=True),
    Column("last", Integer, nullable=False),
)

papers = Table(
    "papers",
    CATALOGUE,
    Column("id", String(40), primary_key=True),
    Column("sha256", String(64), nullable=False, index=True),
    Column("type_code", String(50), nullable=False),
    Column("owner_id", String(40), nullable=False),
    Column("dossier", String(60), index=True),
    Column("digitisation_code", String(200), nullable=False, unique=True),
    Column("result_code", String(80), unique=True),
    Column("number_symbol", String(80)),
    Column("issued", Date),
    Column("issuer", Text),
    Column("title", Text),
    Column("abstract", Text),
    Column("owner_name", Text),
    Column("valid_until", Date),
    Column("pages", Integer, nullable=False),
    Column("retention_class", String(32), nullable=False),
    Column("retention_until", Integer),
    Column("object_id", String(80), nullable=False, unique=True),
    Column("pdf_sha256", String(64), nullable=False),
    Column("archived_at", DateTime(timezone=True), nullable=False),
    Column("arrived_signed", String(16)),
    Column("level", String(8)),
    Column("renewal_due", Date, index=True),
    Column("owner_key", String(64), nullable=False),
    Column("scope", String(35)),
    Column("standing", String(16), nullable=False),
    Column("replaced_by", String(200)),
    Column("file_code", String(80), unique=True),
    Column("agency", String(35)),
    Column("tied_at", DateTime(timezone=True), index=True),
    Column("other_owner", Boolean, nullable=False, server_default=false()),
    Column("owner_role", String(32)),
    Column("further_owners", Text),
    Column("words", Text, nullable=False, server_default=""),
    Index("papers_by_owner_key", "owner_key", "type_code"),
)

# By whom else papers are found: a row for each further owner whose number is known.
further_keys = Table(
    "further_keys",
    CATALOGUE,
    Column("owner_key", String(64), primary_key=True),
    Column("paper_id", String(40), primary_key=True, index=True),
    Column("role", String(32), nullable=False),
)

# Papers that were found secret after they were archived: whoever asks for papers does not ask here.
withdrawn = Table(
    "withdrawn",
    CATALOGUE,
    Column("id", String(40), primary_key=True),
    Column("object_id", String(80), nullable=False, unique=True),
    Column("sha256", String(64), nullable=False, index=True),
    Column("code", String(200), nullable=False),
    Column("belongs", String(60)),
    Column("state", String(16), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("tombstone", Text),
)

# What the catalogue must know of itself, such as by which secret its owner keys were made.
properties = Table(
    "properties",
    CATALOGUE,
    Column("name", String(32), primary_key=True),
    Column("value", Text, nullable=False),
)

# A row for every change that the search index must be sent; the last number of a paper is its version there.
outbox = Table(
    "outbox",
    CATALOGUE,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("paper_id", String(40), nullable=False, index=True),
    Column("written_at", DateTime(timezone=True), nullable=False),
    Column("state", String(8), nullable=False, index=True),
    Column("reason", Text, nullable=False),
    sqlite_autoincrement=True,  # a number is never given twice, even when the last row is deleted
)

introduced = Identities("document", LEDGER)  # papers under way, from review on
archived = Identities("paper", CATALOGUE)  # papers that are held

# What the desk's database must know of itself: by which secret its owner keys were made, and by which before.
desk_properties = Table(
    "desk_properties",
    DESK,
    Column("name", String(32), primary_key=True),
    Column("value", Text, nullable=False),
)

dossiers = Table(
    "dossiers",
    DESK,
    Column("code", String(60), primary_key=True),
    Column("procedure", String(40), nullable=False),
    Column("owner_key", String(64), nullable=False, index=True),
    Column("owner_shown", String(40), nullable=False),
    Column("agency", String(35), nullable=False),
    Column("received", Date, nullable=False),
    Column("finished", Date),
    Column("state", String(40), nullable=False),
    Column("data", Text, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False, index=True),
)

# Every question, one row per component; the audit journal has the same events, chained.
questions = Table(
    "questions",
    DESK,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("who", String(80), nullable=False),
    Column("office", String(35), nullable=False),
    Column("role", String(16), nullable=False),
    Column("dossier", String(60), nullable=False),
    Column("procedure", String(40)),
    Column("owner_key", String(64), nullable=False),
    Column("asked_for", Text, nullable=False),
    Column("answer", String(32), nullable=False),
    Column("paper_id", String(40)),
    Column("lookup", String(16), nullable=False, server_default=""),
    Column("number", Integer, nullable=False, server_default="0"),
    Column("doubts", String(80), nullable=False, server_default=""),
    Column("reason", Text, nullable=False, server_default=""),
    Column("concerns", String(31), nullable=False, server_default=""),
    Index("questions_by_officer", "who", "at", "owner_key"),
    Index("questions_by_owner", "owner_key", "at"),
    Index("questions_by_purpose", "dossier", "paper_id"),
    Index("questions_for_dossier", "dossier", "who"),
)

uses = Table(
    "uses",
    DESK,
    Column("dossier", String(60), primary_key=True),
    Column("paper_id", String(40), primary_key=True, index=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("who", String(80), nullable=False),
    Column("office", String(35), nullable=False),
    Column("procedure", String(40)),
    Column("asked_for", Text, nullable=False),
    Column("owner_key", String(64), nullable=False, index=True),
)

# What was answered of each component when a dossier came.
dossier_answers = Table(
    "dossier_answers",
    DESK,
    Column("dossier", String(60), primary_key=True),
    Column("round", Integer, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("owner_key", String(64), nullable=False),
    Column("procedure", String(40), nullable=False),
    Column("received", Date, nullable=False),
    Column("rules_from", Date, nullable=False),
    Column("component", String(50), nullable=False),
    Column("name", Text, nullable=False),
    Column("answer", String(32), nullable=False),
    Column("why", Text, nullable=False),
    Column("paper_id", String(40)),
    Column("held_before", String(40)),
)

# What owners ask to be put right, and until when it is answered and settled.
owner_cases = Table(
    "owner_cases",
    DESK,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("paper_id", String(40), nullable=False, index=True),
    Column("received", Date, nullable=False),
    Column("request", Text, nullable=False),
    Column("answer_by", Date, nullable=False),
    Column("settle_by", Date, nullable=False),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("opened_by", String(80), nullable=False),
    Column("state", String(16), nullable=False),
    Column("answered_at", DateTime(timezone=True)),
    Column("decided_at", DateTime(timezone=True)),
    Column("decided_by", String(80)),
    Column("reason", Text, nullable=False),
    sqlite_autoincrement=True,  # a number that an owner was told is nobody else's
)

# What is entered under numbers, within book, office and year.
book_entries = Table(
    "book_entries",
    DESK,
    Column("book", String(16), primary_key=True),
    Column("office", String(35), primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("who", String(80), nullable=False),
    Column("paper_id", String(40), nullable=False, index=True),
    Column("code", String(200), nullable=False),
    Column("dossier", String(60), nullable=False),
    Column("pages", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("done_at", DateTime(timezone=True)),
    Column("component", String(50), nullable=False, server_default=""),
    Column("signer", String(400), nullable=False, server_default=""),
    Column("made", String(64), nullable=False, server_default="", index=True),
)

# A state that another release wrote, and this one does not know: a person is told, and can end the document.
STATE = case((documents.c.state.in_(get_args(DocumentState)), documents.c.state), else_="held")
LANE = case((batches.c.lane == "desk", "desk"), else_="backlog")  # also of a word of another release
ROWS = select(documents, STATE.label("known"), LANE.label("lane")).join(
    batches, documents.c.batch_id == batches.c.id, isouter=True
)


def source_entry(row: RowMapping) -> SourceEntry:
    """A file of the ledger; of one whose state this release does not know, whether it brought a document."""
    state, known = row["state"], get_args(SourceState)
    if state in known:
        return SourceEntry(**row)
    reason = row["reason"] or Reason(word="record_unreadable", what="source_state_unknown", params={"state": state})
    return SourceEntry(**{**row, "state": "received" if row["document_id"] else "refused", "reason": reason})


def ledger_entry(row: RowMapping) -> LedgerEntry:
    """A document of the ledger, from a row of ``ROWS``."""
    names = LedgerEntry.model_fields
    values = {name: row[name] for name in names if name in row}
    if row["known"] != row["state"]:
        values |= {"state": row["known"], "unknown_state": row["state"]}
    for name in ("not_before", "lease_until", "updated_at"):
        values[name] = local(values[name]) if values[name] else None
    return LedgerEntry(**values)
