"""What is said of many papers at once: first what it would change of each, then each for itself, one after another."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from pydantic import Field

from archive.interface import LedgerEntry
from config.named import type_named, understood
from domain.errors import Disposition, KhosoError, NotFound, UsageError
from domain.events import WaitingListed
from domain.messages.told import Told, told
from domain.owners import mask, mask_text
from domain.readings import FieldSource
from domain.record import Frozen, PublicView
from domain.states import ShownState
from domain.values import checked
from pipeline.errors import NeedsReview, RecordUnreadable
from pipeline.flow import DIGITISE
from pipeline.records import ASKABLE, Described, asked_of, read_record
from pipeline.runner import bring_level
from pipeline.stages.describe import OF_COPIES
from pipeline.stages.review import PRESENTED, SETTABLE, bears, value_said
from services.context import Services
from services.document import document_view
from services.permissions import Asker, demand, may
from services.review.decisions import Settles, release
from services.review.entries import is_under_way
from services.secrecy.withheld import waits_for_secrecy

# By what a paper is found, and counts as somebody's.
_WHOSE: Final = frozenset({"owner_id", "further_owners"})


class Selection(Frozen):
    """Which papers are meant: those that wait at review and have all of this; what is empty says nothing.

    ``doubt``: the word of a doubt, the field that one is about, or the word of the reason for which a paper waits.
    """

    batch: str = ""
    type: str = ""
    box: str = ""
    doubt: str = ""


class ValueChange(PublicView):
    """What a field of a paper would be, in place of what it is, without identity numbers."""

    field: str
    before: str
    after: str


class Planned(PublicView):
    """A paper, and what would change of it, or counts as it was read; ``values`` are for who does it.

    ``doubts``: what is asked of it.  ``left_out``: why it is not released with others but decided by itself.
    """

    id: str
    file: str
    box: str
    changes: tuple[ValueChange, ...]
    doubts: tuple[str, ...] = ()
    left_out: str = ""
    values: dict[str, str] = Field(exclude=True)


class PaperCame(PublicView):
    """What came of a paper: its state and why it waits; or, ``done`` being false, why nothing was done."""

    id: str
    file: str
    done: bool
    state: ShownState
    reason: str


class WaitingPaper(Frozen):
    """A paper that waits at review for the asker, with its row."""

    entry: LedgerEntry
    described: Described

    @property
    def box(self) -> str:
        """Selection its sheets lie, as it was stated; else the folder of its file."""
        return self.described.statement.box or Path(self.described.source).parent.name

    @property
    def is_cut_off(self) -> bool:
        """Whether the asker let it go on, and his command ended before it did."""
        return self.entry.state == "waiting"


def plan_many(
    ctx: Services, asker: Asker, where: Selection, values: Mapping[str, str], *, settles: Settles = None
) -> tuple[Planned, ...]:
    """What these values would change, paper by paper; nothing is changed yet.

    Raises:
        NotAllowed: the role may not.
        NotFound: there is no such batch.
        UsageError: a value cannot be, or no type is called so.
    """
    demand(ctx, asker, "review_list", where.batch)
    said = understood(values, ctx.catalogues)
    if unknown := set(said) - set(SETTABLE):
        raise UsageError("no_such_field", remedy="fields_are", names=sorted(unknown), known=SETTABLE)
    papers = [item for item in waiting_papers(ctx, asker, where) if not item.is_cut_off or bears(item.described, said)]
    found = [_shown_to(ctx, asker, item, with_doubts(item, _planned(item, said), settles=settles)) for item in papers]
    planned = tuple(item for item in found if item.changes or settles)
    ctx.journal.record(WaitingListed(**dict(asker), subject="review", count=len(planned)))
    return planned


def with_doubts(item: WaitingPaper, planned: Planned, *, settles: Settles) -> Planned:
    """The same with what is asked of the paper and, where all of it is released, the values that would count.

    Many are released at once by what was read of their fields alone: what is doubted of the paper itself, and whose it
    is, a person decides with that one paper before him.
    """
    if item.is_cut_off or settles is None:
        return planned
    reason, said = item.entry.reason, {change.field for change in planned.changes}
    doubts = [doubt for doubt in _told(item.entry) if doubt.about not in planned.values]
    values = {name: value_said(name, item.described.description) for name in asked_of(doubts) if name not in said}
    read = tuple(
        ValueChange(field=name, before=_masked(name, text), after=_masked(name, text)) for name, text in values.items()
    )
    of_paper = [doubt for doubt in doubts if doubt.about not in ASKABLE and not _is_answered(doubt, planned.values)]
    left = None
    if reason.word != NeedsReview.reason or of_paper:
        left = told("left_for_itself")
    elif values.keys() & _WHOSE:
        left = told("left_for_owner")
    update = {"changes": (*planned.changes, *read), "left_out": left.text() if left else ""}
    return planned.model_copy(update={**update, "doubts": tuple(mask_text(str(doubt)) for doubt in doubts)})


def _told(entry: LedgerEntry) -> tuple[Told, ...]:
    """The doubts for which a paper waits, as they were told last."""
    doubts = entry.reason.params.get("doubts", ())
    return tuple(doubt for doubt in doubts if isinstance(doubt, Told)) if isinstance(doubts, tuple) else ()


def _is_answered(doubt: Told, values: Mapping[str, str]) -> bool:
    """Whether a doubt of the paper is told by the fields that it names, or answered by what it was handed in as."""
    return doubt.code == "written_over" or (doubt.code in OF_COPIES and PRESENTED in values)


def _shown_to(ctx: Services, asker: Asker, item: WaitingPaper, planned: Planned) -> Planned:
    """The same with why a paper waits that waits for something else than its fields, as the asker is told it."""
    if not planned.left_out or planned.doubts:
        return planned
    view = document_view(ctx, item.entry.id).as_told_to(ctx, asker, lists=True)
    return planned.model_copy(update={"doubts": (view.reason,)})


def carry_out(
    ctx: Services,
    asker: Asker,
    planned: Sequence[Planned],
    *,
    settles: Settles = None,
    why: str = "",
    source: FieldSource = "person",
) -> Iterator[PaperCame]:
    """Say it of each paper, as ``review`` of that one would; one that cannot be is told, and the others go on.

    Nothing is said of those that are left out.

    Raises:
        NotAllowed: the role may not.
        SetupError: a stage stopped the line.
    """
    demand(ctx, asker, "review")
    for item in planned:
        if item.left_out:
            continue
        done, reason = True, ""
        try:
            release(ctx, asker, item.id, item.values, settles=settles, why=why, source=source)
        except KhosoError as error:
            if error.disposition is Disposition.HALT:
                raise
            done, reason = False, error.told.text()
        view = document_view(ctx, item.id).as_told_to(ctx, asker)
        yield PaperCame(
            id=item.id, file=item.file, done=done, state=view.state, reason=mask_text(reason) or view.reason
        )


def waiting_papers(ctx: Services, asker: Asker, where: Selection) -> list[WaitingPaper]:
    """The papers that wait at review for the asker; and those that he let go on, while they have not.

    None of which two persons must say whether it is secret.

    Raises:
        NotFound: there is no such batch.
        UsageError: no type is called so.
    """
    if where.batch and where.batch not in {str(item["id"]) for item in ctx.ledger.batches()}:
        raise NotFound("no_batch", remedy="see_batches", batch=where.batch)
    type_code = type_named(where.type, ctx.catalogues) if where.type else ""
    found = []
    for entry in ctx.ledger.entries(where.batch or None):
        is_asked = entry.state == "held" and not waits_for_secrecy(entry) and _is_doubted(entry, where.doubt)
        if not (is_asked or is_under_way(ctx, entry, asker)) or not _is_described(entry):
            continue
        with suppress(RecordUnreadable):
            item = WaitingPaper(entry=entry, described=read_record(Described, entry.id, entry.record))
            is_meant = type_code in {"", item.described.description.type_code} and where.box in {"", item.box}
            if is_meant and _is_there(ctx, asker, entry) and not bring_level(ctx, entry):
                found.append(item)
    return found


def changes_of(item: WaitingPaper, values: Mapping[str, str]) -> tuple[ValueChange, ...]:
    """What values would change of a paper; one that is asked about is changed by its answer, too.

    Raises:
        UsageError: a value cannot be.
    """
    description, asked = item.described.description, asked_of(item.described.doubts)
    found = []
    for name in ASKABLE:
        if name not in values:
            continue
        before, after = value_said(name, description), values[name].strip()
        after = checked(name, after) if after and name != "type" else after
        if before != after or name in asked:
            found.append(ValueChange(field=name, before=_masked(name, before), after=_masked(name, after)))
    before, after = item.described.statement.presented or "", values.get(PRESENTED, "")
    if after and (before != after or any(doubt.code in OF_COPIES for doubt in item.described.doubts)):
        found.append(ValueChange(field=PRESENTED, before=before, after=after))
    return tuple(found)


def as_planned(item: WaitingPaper, values: Mapping[str, str], changes: Sequence[ValueChange]) -> Planned:
    """A paper with what would change of it."""
    file = mask_text(Path(item.described.source).name)
    return Planned(id=item.entry.id, file=file, box=mask_text(item.box), changes=tuple(changes), values=dict(values))


def _planned(item: WaitingPaper, values: Mapping[str, str]) -> Planned:
    """A paper that was let go on before its command was cut off goes on, though nothing of it changes any more."""
    if item.is_cut_off:
        return as_planned(item, values, _as_they_are(values))
    return as_planned(item, values, changes_of(item, values))


def _as_they_are(values: Mapping[str, str]) -> tuple[ValueChange, ...]:
    shown = ((name, _masked(name, text)) for name, text in values.items())
    return tuple(ValueChange(field=name, before=text, after=text) for name, text in shown)


def _is_described(entry: LedgerEntry) -> bool:
    return entry.stage in DIGITISE and DIGITISE.after(entry.stage) is DIGITISE.stage("review")


def _is_doubted(entry: LedgerEntry, doubt: str) -> bool:
    words = {word for item in _told(entry) for word in (item.code, item.about)}
    return doubt in {"", entry.reason.word, *words}


def _is_there(ctx: Services, asker: Asker, entry: LedgerEntry) -> bool:
    return may(asker, "review", document_view(ctx, entry.id).numbered, ctx.settings)


def _masked(name: str, value: str) -> str:
    return mask(value) if name == "owner_id" and value else mask_text(value)
