"""New scans of papers that could not be used: which paper a file is a new scan of, and when that one ends.

A paper that a person sent back to be scanned again, or that still waits, ends when its new scan was archived, not
before: until then nobody has anything better of it.
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from archive.errors import AlreadyDecided
from archive.interface import LedgerEntry
from domain.events import LINE
from domain.messages.papers import other_id, other_paper
from domain.messages.told import Reason, Told, as_params
from domain.review_events import PaperRescanned
from domain.states import STOPPED
from pipeline.context import Context
from pipeline.flow import DIGITISE
from pipeline.manifest import shown_path, statement_of
from pipeline.records import Archived, Statement, shown_record
from pipeline.runner import tidy

SENT_BACK = "rescan"  # the reason's word of a paper that is to be scanned again


class Place(NamedTuple):
    """Where the sheets of a paper lie: in which box, and at which place or in which file."""

    box: str
    file: str


def place_of(path: str, box: str) -> Place:
    """The place of a file: a box as it was stated, else the folder of the file."""
    return Place(
        unicodedata.normalize("NFC", box or Path(path).parent.name), unicodedata.normalize("NFC", Path(path).name)
    )


def sent_back(ctx: Context, batch_id: str | None = None) -> list[LedgerEntry]:
    """The papers that are to be scanned again, in the order of their intake."""
    return [entry for entry in ctx.ledger.entries(batch_id, "discarded") if entry.reason.word == SENT_BACK]


def with_rescans(
    ctx: Context, files: Sequence[Path], statements: Mapping[str, Statement], rescan_of: str = ""
) -> dict[str, Statement]:
    """What is stated of all files, with the paper of which each is a new scan.

    ``rescan_of`` is of the only file.  Else it is guessed of a file that has name and place of one that was sent back;
    a person is asked then.
    """
    waiting: dict[Place, list[str]] = {}
    for entry in [] if rescan_of else sent_back(ctx):
        record = shown_record(entry.record)
        waiting.setdefault(place_of(record.source, record.statement.box), []).append(entry.id)
    found = dict(statements)
    for path in files:
        stated = statement_of(statements, path)
        name = shown_path(path)
        if rescan_of:
            found[unicodedata.normalize("NFC", name)] = stated.model_copy(update={"rescan_of": rescan_of})
        elif not stated.rescan_of and len(likely := waiting.get(place_of(name, stated.box), [])) == 1:
            guess = {"rescan_of": likely[0], "rescan_guessed": True}
            found[unicodedata.normalize("NFC", name)] = stated.model_copy(update=guess)
    return found


def on_their_way(ctx: Context, former: Iterable[str]) -> dict[str, str]:
    """The new scans that are under way or wait, by the papers that they are of."""
    wanted, found = set(former), {}
    for state in ("waiting", "held"):
        for entry in ctx.ledger.entries(state=state):
            of = shown_record(entry.record).rescan_of
            if of in wanted:
                found[of] = entry.id
    return found


def new_scan(reason: Reason) -> str | None:
    """The document that took the place of one that ended for this reason, of which it is a new scan."""
    new = reason.params.get("paper") if reason.word == "rescanned" else None
    return other_id(new) if isinstance(new, Told) else None


def end_rescanned(ctx: Context, archived: Archived) -> None:
    """End the paper of which an archived one is a new scan; once, however often it is asked.

    One that went on meanwhile, or ended for another reason, stays as it is, and so does one that is perhaps secret.
    """
    former = ctx.ledger.entry(archived.rescan_of)
    if former is None:
        return
    is_left = former.state == "discarded" and former.reason.word == SENT_BACK
    if not is_left and (former.state not in STOPPED or former.reason.word == "secret"):
        return
    paper = ctx.catalogue.paper(archived.document_id)
    new = other_paper(archived.document_id, paper.digitisation_code if paper else None)
    reason = Reason(word="rescanned", what="rescanned", params=as_params({"paper": new}))
    with (
        suppress(AlreadyDecided),
        ctx.journal.once(former.id) as record,
        ctx.ledger.discard(former, "discarded", reason, LINE),
    ):
        if DIGITISE.has_passed("code", former.stage):
            ctx.catalogue.free_result(former.id)
        record(PaperRescanned(who=LINE, subject=former.id, by=archived.document_id))
    ended = ctx.ledger.entry(former.id)
    if ended is not None:
        tidy(ctx, ended)
