"""A manifest that comes when papers wait already: what it would change of them, shown before it is done."""

import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from domain.errors import UsageError
from domain.events import WaitingListed
from domain.messages.told import Told, told
from domain.owners import mask_text
from domain.record import Frozen, PublicView
from domain.states import STOPPED
from pipeline.embedded import at_work
from pipeline.flow import DIGITISE
from pipeline.manifest import ManifestRow, manifest_rows
from pipeline.records import shown_record
from pipeline.runner import from_scan, run_through
from pipeline.stages.review import value_said
from services.context import Services
from services.document import document_view
from services.permissions import Asker, demand, may
from services.review.columns import columns_left
from services.review.decisions import Settles
from services.review.entries import demand_state, seen_entry
from services.review.many import Planned, Selection, WaitingPaper, as_planned, changes_of, waiting_papers, with_doubts
from services.secrecy.withheld import is_withheld

Prefer = Literal["manifest", "person"]
"""Whose word counts where a manifest says of a field something else than a person did at review."""


class RowLeft(PublicView):
    """A row of which nothing, or not all that it states, is taken over, and why."""

    row: str
    file: str
    id: str | None = None
    why: str


class LatePlan(Frozen):
    """What a manifest would change, paper by paper; the rows that change nothing or not all of it, and why.

    ``secret``: the papers of which it says that they are secret, by the degree; they stop.
    """

    planned: tuple[Planned, ...]
    left: tuple[RowLeft, ...]
    secret: dict[str, str]


def plan_manifest(
    ctx: Services,
    asker: Asker,
    path: Path,
    selection: Selection,
    prefer: Prefer | None = None,
    *,
    settles: Settles = None,
) -> LatePlan:
    """What the rows of a manifest would change of the papers that wait, of these or of all; nothing is changed yet.

    Raises:
        NotAllowed: the role may not.
        NotFound: there is no such batch.
        UsageError: a column, a row or a value cannot be, or two rows are of one file.
    """
    demand(ctx, asker, "review_list", selection.batch)
    papers, planned, left = waiting_papers(ctx, asker, selection), [], []
    secret: dict[str, str] = {}
    found_of = [(row, _of_row(row, papers)) for row in manifest_rows(path, ctx)]
    _refuse_second_rows(found_of)
    for row, found in found_of:
        if isinstance(found, Told):
            left.append(_otherwise(ctx, asker, row) or _left(row, found))
        else:
            item = _planned(found, row, prefer)
            late = columns_left(found.described, row.statement)
            if row.statement.secrecy:
                secret[found.entry.id] = row.statement.secrecy
                left.append(_left(row, told("row_states_secrecy", degree=row.statement.secrecy), found))
            elif row.statement.presented in {"certified_copy", "photocopy"}:
                left.append(_left(row, told("row_states_copy"), found))
            elif isinstance(item, Told):
                left.append(_left(row, item, found))
            else:
                planned += [with_doubts(found, item, settles=settles)] if item is not None else []
                left += [_left(row, told("row_columns_left", columns=late), found)] if late else []
    ctx.journal.record(WaitingListed(**dict(asker), subject="review", count=len(planned)))
    return LatePlan(planned=tuple(planned), left=tuple(left), secret=secret)


def _refuse_second_rows(found_of: Sequence[tuple[ManifestRow, WaitingPaper | Told]]) -> None:
    """Let no file have two rows: one of them would be lost, and nobody knows which is meant."""
    taken: dict[object, ManifestRow] = {}
    for row, found in found_of:
        if not row.file:
            continue
        of = (row.file, row.statement.box) if isinstance(found, Told) else found.entry.id
        if of in taken:
            fault = told("row_second", name=mask_text(row.file), first=taken[of].number)
            raise UsageError("manifest_at", remedy="one_row_each", line=row.place, fault=fault)
        taken[of] = row


def _otherwise(ctx: Services, asker: Asker, row: ManifestRow) -> RowLeft | None:
    """What is told of a row whose paper waits for another decision than that about its fields."""
    for entry in ctx.ledger.entries():
        if entry.state not in STOPPED or is_withheld(entry):
            continue
        record = shown_record(entry.record)
        is_meant = row.file in _spellings(record.source) and row.statement.box in {"", record.statement.box}
        if is_meant and may(asker, "review", document_view(ctx, entry.id).numbered, ctx.settings):
            why = told("row_waits_otherwise", id=entry.id, word=entry.reason.word)
            return RowLeft(row=row.number, file=mask_text(row.file), id=entry.id, why=why.text())
    return None


def stop_secret(ctx: Services, asker: Asker, document_id: str, degree: str) -> None:
    """Stop a paper of which a manifest that came later says that it is secret: two persons decide (law L2.2).

    Raises:
        NotAllowed: the role may not.
        NotFound: no such document is held.
        UsageError: it stopped for that already.
        AlreadyDecided: somebody else was faster.
        Busy: the catalogue is being made anew.
    """
    entry = seen_entry(ctx, asker, document_id)
    demand_state(ctx, entry, "held")
    record = from_scan(ctx, entry.id, entry.record)
    record = record.model_copy(update={"statement": record.statement.model_copy(update={"secrecy": degree})})
    with at_work(ctx.settings):
        with ctx.ledger.rewind(entry, DIGITISE.stages[0].name, record.model_dump_json()):
            pass
        run_through(ctx, entry.id)


def _of_row(row: ManifestRow, papers: Sequence[WaitingPaper]) -> WaitingPaper | Told:
    """The paper of a row, by the path or the name of its file, and its box where the row has one; else why none."""
    if not row.file:
        return told("row_without_file")
    found = [item for item in papers if row.file in _spellings(item.described.source)]
    if row.statement.box:
        found = [item for item in found if item.box == row.statement.box]
    if not found:
        return told("row_of_none_waiting", name=row.file)
    return found[0] if len(found) == 1 else told("row_of_several_waiting", number=len(found), name=row.file)


def _spellings(source: str) -> set[str]:
    return {unicodedata.normalize("NFC", name) for name in (source, Path(source).name)}


def _planned(item: WaitingPaper, row: ManifestRow, prefer: Prefer | None) -> Planned | Told | None:
    """What a row changes of its paper; None for nothing, or why it cannot."""
    stated = row.statement
    values = {str(name): text for name, text in stated.fields.items()}
    values |= {"dossier_code": stated.dossier} if stated.dossier else {}
    values |= {"type": stated.type_code} if stated.type_code else {}
    changes = changes_of(item, values)
    said = {one.field: one.source for one in item.described.corrections}
    read = item.described.description
    other = [one.field for one in changes if value_said(one.field, read) != values[one.field]]
    against = [name for name in other if said.get(name) == "person"]
    if against and prefer is None:
        return told("row_against_person", fields=against)
    if prefer == "person":
        values = {name: text for name, text in values.items() if name not in against}
        changes = tuple(one for one in changes if one.field not in against)
    return as_planned(item, values, changes) if changes or (item.is_cut_off and values) else None


def _left(row: ManifestRow, why: Told, item: WaitingPaper | None = None) -> RowLeft:
    return RowLeft(row=row.number, file=mask_text(row.file), id=item.entry.id if item else None, why=why.text())
