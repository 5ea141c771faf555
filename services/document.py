"""Showing a document.  The names of its view stay: scripts are written against them."""

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field, field_serializer

from archive.errors import CatalogueBehind, ObjectDiffers, VaultDamaged
from archive.interface import LedgerEntry, Paper, RetiredCode
from archive.package import PDF, TEXT, object_id_of, read_whole
from archive.papers.forms import KeptField, KeptWay
from domain.clock import listed, stated
from domain.codes import mask_code
from domain.errors import NotFound
from domain.events import PaperShown
from domain.levels import Level
from domain.messages.papers import other_document
from domain.messages.told import NO_REASON, Reason, Told, told
from domain.owners import mask_text
from domain.record import PublicView
from domain.shown import without_places
from domain.states import STOPPED, ShownState, Standing
from pipeline.flow import DIGITISE
from pipeline.former.rescans import new_scan
from pipeline.records import asked_of, shown_record
from pipeline.runner import why_stuck
from services.context import Services
from services.permissions import Act, Asker, demand, may, sees
from services.secrecy.withheld import is_of_withdrawn, is_withheld, told_of, told_of_withdrawn
from services.unseen import WAITS, bearer_of, is_there, masked, masked_code, masked_field, without_others
from signing.interface import COPY_FIELD, SEAL_FIELD, SignatureVerdict, read_verdicts, trust_of

if TYPE_CHECKING:
    from pipeline.intake import Seen

_Lines = tuple[dict[str, Any], ...]  # as a record tells them


class DocumentView(PublicView):
    """Everything known of a document, or of a file that became none.

    What is not known yet is None; what does not go with its state (``doubts`` of an archived paper, ``archived_at`` of
    one under way, ``standing`` of one in force) is not set, and is no part of its line.  ``unreadable``: where its
    object, or the ledger, says of how it was digitised what this release cannot read.
    """

    id: str | None = None
    source: str = ""
    state: ShownState
    reason: str = ""
    code: str | None = None
    type: str | None = None
    pdf: str | None = None
    text: str | None = None
    dossier: str | None = None
    result_code: str | None = None
    file_code: str | None = None
    pages: int | None = None
    pdfa: str | None = None
    copy_signature: str | None = None
    agency_seal: str | None = None
    object: str | None = None
    stage: str | None = None
    arrived_signed: str | None = None
    level: Level | None = None
    fields: dict[str, KeptField] = Field(default_factory=dict)
    confidence: float | None = None
    renewal_due: date | None = None
    valid_until: date | None = None
    retention: str | None = None
    retention_until: int | None = None
    archived_at: datetime | None = None
    doubts: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    signatures: tuple[SignatureVerdict, ...] = ()
    part: int | None = None
    parts: int | None = None
    remarks: tuple[str, ...] = ()
    decisions: _Lines = ()
    signing: str | None = None
    rescan_of: str | None = None
    rescanned_as: str | None = None
    marks: _Lines = ()
    quality: _Lines = ()
    standing: Standing | None = None
    replaced_by: str | None = None
    other_owner: bool | None = None
    retired: _Lines = ()
    unreadable: tuple[str, ...] = ()
    told: Reason = NO_REASON
    doubts_told: tuple[Told, ...] = ()
    remarks_told: tuple[Told, ...] = ()
    belongs: str | None = Field(default=None, exclude=True)  # nothing that is told
    brought_by: str | None = Field(default=None, exclude=True)

    @property
    def numbered(self) -> str | None:
        """The code of its dossier, as somebody stated it; else the agency that put it in."""
        return self.dossier or self.belongs

    @field_serializer("archived_at")
    def _moment(self, value: datetime | None) -> str | None:
        return stated(value) if value else None

    @field_serializer("signatures")
    def _verdicts(self, verdicts: tuple[SignatureVerdict, ...]) -> list[dict[str, Any]]:
        return [{**item.model_dump(mode="json"), "problem": item.problem} for item in verdicts]

    def line(self) -> dict[str, Any]:
        """The line of ``--json``."""
        return self.model_dump(mode="json", exclude_unset=True)

    def as_told_to(self, ctx: Services, asker: Asker, *, whole: bool = False, lists: bool = False) -> "DocumentView":
        """What the asker is told of a paper that is there for him: nothing of papers that are not.

        ``whole``: he sees the numbers about which he decides.  ``lists``: they are masked for everybody.
        """
        reason = without_others(ctx, asker, self.told)
        changes: dict[str, object] = {} if reason == self.told else {"told": reason, "reason": reason.text()}
        for name in ("replaced_by", "rescan_of", "rescanned_as"):
            if (other := getattr(self, name)) and not is_there(ctx, asker, other):
                changes[name] = None
        if reason.what == WAITS:
            changes["decisions"] = ()
        view = self.model_copy(update=changes)
        discloses = whole or may(asker, "disclose", self.numbered, ctx.settings)
        return view if discloses and not lists else view.masked(places=discloses)

    def masked(self, *, places: bool = False) -> "DocumentView":
        """The same without identity numbers and, unless ``places``, where its files lie (design law 7)."""
        changes: dict[str, object] = {
            "source": self.source if places else mask_text(Path(self.source).name),
            "reason": mask_text(self.reason if places else without_places(self.reason)),
            "told": masked(self.told, places=places),
            "code": mask_code(self.code) if self.code else None,
            "pdf": self.pdf if places else None,
            "text": self.text if places else None,
            "fields": {name: masked_field(name, item) for name, item in self.fields.items()},
            "replaced_by": mask_code(self.replaced_by) if self.replaced_by else None,
            "retired": tuple(masked_code(item) for item in self.retired),
            "unreadable": tuple(mask_text(item) for item in self.unreadable),
        }
        changes = {name: value for name, value in changes.items() if name in self.model_fields_set}
        if "signatures" in self.model_fields_set:
            changes["signatures"] = tuple(item.masked() for item in self.signatures)
            changes["remarks"] = tuple(mask_text(item) for item in self.remarks)
            changes["remarks_told"] = tuple(masked(item, places=True) for item in self.remarks_told)
            told_why = ({**item, "reason": mask_text(str(item.get("reason") or ""))} for item in self.decisions)
            changes["decisions"] = tuple(told_why)
        if "doubts" in self.model_fields_set:
            changes["doubts"] = tuple(mask_text(item) for item in self.doubts)
            changes["doubts_told"] = tuple(masked(item, places=True) for item in self.doubts_told)
        return self.model_copy(update=changes)

    def of_another_agency(self) -> "DocumentView":
        """What is told to who puts in a file that is another agency's paper: what becomes of the file, and no more."""
        what = "another_agency_decides" if self.state in STOPPED else "of_another_agency"
        reason = Reason(word=self.told.word, what=what) if self.told.word else NO_REASON
        return DocumentView.model_validate(_basic() | {"source": self.source, "state": self.state} | _reason(reason))


_NOTHING = DocumentView(state="waiting")


def show(ctx: Services, asker: Asker, code: str) -> DocumentView:
    """Everything known of a document, by id or code; identity numbers and places of files only for who may see them.

    Raises:
        NotAllowed: the role may not.
        NotFound: neither the catalogue nor the ledger knows it, or it is another agency's.
        ObjectsUnread: the same, and it is not known of all that lies in the vault.
    """
    demand(ctx, asker, "show", code)
    document_id = bearer_of(ctx, code)
    view = _view(ctx, document_id)
    act: Act = "withdrawn" if view is not None and view.state in {"withdrawn", "erased"} else "show"
    if view is None or not sees(ctx, asker, act, document_id, dossier=view.numbered, by=view.brought_by):
        raise no_document(ctx, code)
    discloses = may(asker, "disclose", view.numbered, ctx.settings)
    ctx.journal.record(PaperShown(**dict(asker), subject=document_id, disclosed=discloses))
    return view.as_told_to(ctx, asker)


def source_views(ctx: Services, seen: "Seen") -> list[DocumentView]:
    """What became of a file: one view, and for a stack one for each of its documents."""
    if seen.document_id is None:
        values = {**_basic(), "source": seen.path, "state": seen.state, **_reason(seen.reason)}
        return [DocumentView.model_validate(values)]
    entry = ctx.ledger.entry(seen.document_id)
    ids = [part.id for part in ctx.ledger.parts(entry.sha256)] if entry else [seen.document_id]
    return [_source_view(ctx, seen, document_id) for document_id in ids]


def _source_view(ctx: Services, seen: "Seen", document_id: str) -> DocumentView:
    view, so = document_view(ctx, document_id), {"source": seen.path}
    if seen.state == "duplicate" or (seen.state == "known" and view.state == "archived"):
        known = Reason(word="", what="archived_already", params={"paper": other_document(document_id)})
        so |= {"state": "duplicate", **_reason(view.told or seen.reason or known)}
    return view.model_copy(update=so)


def document_view(ctx: Services, document_id: str) -> DocumentView:
    """Everything known of a document, archived or still under way; whoever asks for it was allowed to see it.

    Of a paper whose object cannot be read it is what the catalogue knows, and the reason why that is all.

    Raises:
        NotFound: neither the catalogue nor the ledger knows it.
    """
    try:
        view = _view(ctx, document_id)
    except VaultDamaged as error:
        paper = ctx.catalogue.paper(document_id)
        view = _catalogued(paper, _reason(error.told)) if paper else None
    if view is None:
        raise no_document(ctx, document_id)
    return view


def no_document(ctx: Services, code: str) -> NotFound:
    """What is answered for a document that is not there, or not there for the asker.

    Raises:
        ObjectsUnread: it may be one of those.
    """
    ctx.catalogue.check_read()
    return NotFound("no_document", remedy="find_with_search", code=code)


def _view(ctx: Services, document_id: str) -> DocumentView | None:
    if (withdrawn := ctx.catalogue.withdrawn.of(document_id)) is not None:
        return DocumentView.model_validate({**_basic(), **told_of_withdrawn(withdrawn)})
    paper, entry = ctx.catalogue.paper(document_id), ctx.ledger.entry(document_id)
    if paper is not None and (entry is None or _is_of(paper, entry)):
        return _archived(ctx, paper)
    return _under_way(ctx, entry) if entry is not None else None


def _is_of(paper: Paper, entry: LedgerEntry) -> bool:
    """Whether a paper is what became of a document, also where the ledger is of an earlier day and does not know it.

    Not while a person is asked because the document differs from it.
    """
    is_asked = entry.state in STOPPED and entry.reason.word == ObjectDiffers.reason
    return paper.sha256 == entry.sha256 and not is_asked


def _basic() -> dict[str, Any]:
    """What every line has: all names up to the fields."""
    names = list(DocumentView.model_fields)
    return {name: getattr(_NOTHING, name) for name in names[: names.index("fields") + 1]}


def _archived(ctx: Services, paper: Paper) -> DocumentView:
    """A paper of the vault.

    Raises:
        VaultDamaged: its object is gone, or cannot be read.
    """
    stored = ctx.vault.get(paper.object_id)
    package = read_whole(stored)
    record = package.record
    from signing.verification.legal_value import without_value  # noqa: PLC0415 (only of papers that are shown)

    trial = without_value(stored.files[PDF]) if record.signed_at or record.sealed_at else {}
    return _catalogued(
        paper,
        {
            "source": record.source,
            "pdf": str(stored.files[PDF]),
            "text": str(stored.files[TEXT]),
            "confidence": record.confidence,
            "pdfa": _pdfa(record.flavour),
            "copy_signature": _signed(record.signed_at, trial.get(COPY_FIELD)),
            "agency_seal": _signed(record.sealed_at, trial.get(SEAL_FIELD)),
            **_way(record),
            **_bore(package.retired),
        },
    )


def _way(record: KeptWay) -> dict[str, Any]:
    """What is told of a paper's way, as far as it came."""
    verdicts, odd = read_verdicts(record.signatures)
    odd = (*record.odd, *odd)
    return {
        "signatures": verdicts,
        "part": record.part,
        "parts": record.stack.parts if record.stack else None,
        "remarks": tuple(map(str, record.remarks)),
        "remarks_told": record.remarks,
        "decisions": record.decisions,
        "signing": record.signing,
        "brought_by": record.scanned_by or None,
        "marks": record.marks,
        "quality": record.facts,
        "fields": {name: item.model_dump(mode="json") for name, item in record.description.fields.items()},
        **({"rescan_of": record.rescan_of} if record.rescan_of else {}),
        **({"unreadable": odd} if odd else {}),
    }


def _bore(gone: Iterable[RetiredCode]) -> dict[str, _Lines]:
    return {"retired": tuple(item.model_dump(mode="json") for item in gone)} if gone else {}


def _catalogued(paper: Paper, besides: dict[str, Any]) -> DocumentView:
    """What the catalogue knows of a paper, and what else is known of it."""
    return DocumentView.model_validate(
        {
            **_basic(),
            "id": paper.id,
            "state": "archived",
            "code": paper.digitisation_code,
            "type": paper.type_code,
            "dossier": paper.dossier,
            "result_code": paper.result_code,
            "file_code": paper.file_code,
            "belongs": paper.agency,
            "pages": paper.pages,
            "level": paper.level,
            "renewal_due": paper.renewal_due,
            "object": paper.object_id,
            "stage": DIGITISE.stages[-1].name,
            "valid_until": paper.valid_until,
            "retention": paper.retention_class,
            "retention_until": paper.retention_until,
            "archived_at": paper.archived_at,
            "arrived_signed": paper.arrived_signed,
            **({"other_owner": True} if paper.other_owner else {}),
            **({} if paper.standing == "in_force" else {"standing": paper.standing, "replaced_by": paper.replaced_by}),
            **besides,
        }
    )


def _reason(reason: Reason) -> dict[str, Any]:
    return {"reason": reason.text(), **({"told": reason} if reason else {})}


def _signed(at: datetime | None, is_trial: bool | None) -> str | None:
    """When a signature of ours was made, and what it is worth by its own certificate, whatever keys there are today."""
    worth = {True: "trial_worth", False: "signed_worth", None: "unread_worth"}[is_trial]
    return told(worth, at=listed(at)).text() if at else None


def _pdfa(flavour: str | None) -> str:
    return f"PDF/A-{flavour}" if flavour else told("pdfa_not").text()


def _why_lost(ctx: Services, document_id: str) -> Reason:
    """Why the catalogue does not have a paper that was archived."""
    try:
        read_whole(ctx.vault.get(object_id_of(document_id)))
    except VaultDamaged as error:
        return error.told
    return CatalogueBehind("not_in_catalogue").told


def _under_way(ctx: Services, entry: LedgerEntry) -> DocumentView:
    record = shown_record(entry.record)
    if is_withheld(entry) or is_of_withdrawn(ctx, entry):
        return DocumentView.model_validate({**_basic(), **told_of(entry, record), **_reason(entry.reason)})
    known, folder = record.model_fields_set, ctx.settings.work_folder / entry.id
    scan = ctx.settings.inbox / record.scan.name if record.scan else None
    newest = folder / record.newest.name if record.newest else scan
    text = folder / record.text.name if record.text else None
    codes, gone = record.true_codes if record.codes else (None, ())
    way, lost = _way(record), _why_lost(ctx, entry.id) if entry.state == "done" else NO_REASON
    return DocumentView.model_validate(
        {
            **_basic(),
            "id": entry.id,
            "source": record.source,
            "state": entry.state,
            **_reason(why_stuck(entry) or entry.reason or lost),
            "code": codes.digitisation if codes else None,
            "type": record.description.type_code,
            "pdf": None if entry.is_over or newest is None else str(newest),  # of a duplicate nothing is kept
            "text": None if entry.is_over or text is None else str(text),
            "dossier": codes.dossier if codes else None,
            "result_code": codes.result if codes else None,
            "file_code": codes.file if codes else None,
            "pages": record.pages,
            "confidence": record.confidence if "confidence" in known else None,
            "pdfa": _pdfa(record.flavour) if "flavour" in known else None,
            "stage": entry.stage,
            "doubts": tuple(map(str, record.doubts)),
            "doubts_told": record.doubts,
            "asked": asked_of(record.doubts),
            "belongs": record.belongs,
            "arrived_signed": trust_of(way["signatures"]),
            **way,
            **({"rescanned_as": new} if (new := new_scan(entry.reason)) else {}),
            **_bore(gone),
        }
    )
