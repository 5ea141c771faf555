"""Papers that are not archived yet: they wait for review, or are on their way (docs/decisions/0071).

Only that there is one is told, what it is, since when, and where it stands: a number that nobody has checked may be
misread.  Of what is or may be secret, or of a paper that has ended, nothing is told.
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Final

from archive.interface import LedgerEntry
from archive.work.owners import OnWay
from config.models import Component
from domain.errors import KhosoError, SetupError
from domain.messages.told import Told, told
from domain.validity import HeldPaper, decide_reuse
from pipeline.errors import LongerScan, NeedsReview, RecordUnreadable, SameDocument
from pipeline.flow import DIGITISE
from pipeline.records import Described, read_record
from pipeline.runner import is_apart
from pipeline.stages.archive import day_of, what_follows
from services.context import Services
from services.permissions import Asker, may
from services.registers.interface import ComponentAnswer, PaperOnWay, serving
from services.reuse.persons import Person
from services.reuse.wording import NOT_BROUGHT
from services.secrecy.withheld import is_of_withdrawn, waits_for_secrecy

UNCHECKED: Final = "held-unchecked"
"""The answer where nothing is held, and a paper that would serve is on its way."""
_OF_REVIEW = {NeedsReview.reason, SameDocument.reason, LongerScan.reason}
OnItsWay = Callable[[Component, Person], PaperOnWay | Told | None]
"""What is on its way of a person for a component; a message where nobody can tell."""


def papers_on_way(ctx: Services, today: date, office: str, *, asker: Asker | None = None, but_of: str = "") -> OnItsWay:
    """How papers on their way are looked for: by a person who asks, or by nobody in particular.

    Args:
        ctx: the services.
        today: the day on which the paper is needed.
        office: where it is needed.
        asker: who asks; what he may not see has no name for him.
        but_of: a dossier whose own papers are not meant.
    """
    known: dict[tuple[str, tuple[str, ...]], Sequence[tuple[OnWay, Described]] | Told] = {}

    def find(component: Component, person: Person) -> PaperOnWay | Told | None:
        if (asked := (person.key, component.types)) not in known:
            known[asked] = _of_person(ctx, person, component.types)
        if isinstance(there := known[asked], Told):
            return there
        fitting = [
            _told(ctx, item, record, asker)
            for item, record in there
            if not (but_of and but_of in {record.description.value("dossier_code"), record.statement.dossier})
            and (asker is None or may(asker, "lookup", belongs_to(record), ctx.settings))
            and _would_serve(ctx, component, item, record, today, office)
        ]
        return max(fitting, key=lambda item: (item.since, item.id), default=None)

    return find


def with_on_way(got: ComponentAnswer, found: PaperOnWay | Told | None) -> ComponentAnswer:
    """An answer with what is on its way, where that is worth waiting for."""
    if found is None or got.answer in NOT_BROUGHT:
        return got
    if isinstance(found, Told):
        why = told("both_reasons", one=got.why, other=found) if got.why else found
        return got.model_copy(update={"why": why})
    answer = UNCHECKED if got.answer == "not-held" else got.answer
    return got.model_copy(update={"answer": answer, "on_way": found})


def is_told(ctx: Services, entry: LedgerEntry) -> bool:
    """Whether it may be told that a document is under way: nothing speaks for a secret, and it is not archived."""
    return (
        entry.unknown_state is None
        and not waits_for_secrecy(entry)
        and not is_of_withdrawn(ctx, entry)
        and not is_apart(ctx, entry)
        and ctx.catalogue.paper(entry.id) is None
    )


def _of_person(ctx: Services, person: Person, types: Sequence[str]) -> Sequence[tuple[OnWay, Described]] | Told:
    """What is under way of a person, by any of his numbers; a message where the ledger cannot be read."""
    if not ctx.has_ledger:
        return ()
    try:
        found = ctx.ledger.on_way.of(person.keys, ctx.catalogues.serving(types))
    except (SetupError, OSError):  # `doctor` tells what is wrong with it; what is held is answered all the same
        return told("on_way_not_known")
    records = ((item, record_under_way(item.entry)) for item in found if is_told(ctx, item.entry))
    return [(item, record) for item, record in records if record is not None]


def record_under_way(entry: LedgerEntry) -> Described | None:
    """The record of a paper that `review` has looked at, so that nothing of its secrecy is open; None of any other."""
    try:
        record = read_record(Described, entry.id, entry.record)
    except RecordUnreadable:
        return None
    is_past = entry.stage in DIGITISE and DIGITISE.has_passed("review", entry.stage)
    is_asked = entry.state == "held" and entry.reason.word in _OF_REVIEW
    return record if is_past or is_asked or record.confirmed_by else None


def belongs_to(record: Described) -> str | None:
    """The dossier to which a paper on its way belongs, else the agency that put it in."""
    return record.description.stated("dossier_code") or record.within


def _would_serve(ctx: Services, component: Component, item: OnWay, record: Described, today: date, office: str) -> bool:
    """Whether it would count as the component, were it archived as it was read."""
    said = record.description
    type_ = ctx.catalogues.find_type(said.type_code)
    if type_ is None or item.role in type_.named:
        return False
    try:
        follows = what_follows(said, type_, ctx, received=record.received_at.date(), digitised=today)
    except (KhosoError, KeyError, ValueError):  # a person is asked before it goes on
        return False
    paper = HeldPaper(
        id=item.entry.id,
        code="",
        type_code=ctx.catalogues.kind_of(type_.code),
        issuer=None,
        issued=day_of(said.value("issued_date")),
        valid_until=follows.valid_until,
        scope=follows.scope,
    )
    return decide_reuse(serving(component, [paper]), today, office).answer == "held-and-valid"


def _told(ctx: Services, item: OnWay, record: Described, asker: Asker | None) -> PaperOnWay:
    entry = item.entry
    is_named = asker is not None and may(asker, "show", belongs_to(record), ctx.settings, by=record.scanned_by)
    stands = "on_way_worked"
    if entry.state == "held":
        stands = "on_way_in_review" if entry.reason.word in _OF_REVIEW else "on_way_stopped"
    type_ = ctx.catalogues.type(record.description.type_code or "")
    since = record.received_at.date()
    return PaperOnWay(
        id=entry.id,
        is_named=is_named,
        type_code=ctx.catalogues.kind_of(type_.code),
        since=since,
        state=entry.state,
        stage=entry.stage,
        batch=entry.batch_id,
        owner_key=item.owner_key,
        what=told("on_way", type=type_.name, since=f"{since:%d/%m/%Y}", where=told(stands)),
    )
