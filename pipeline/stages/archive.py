"""archive: the paper enters the vault and the catalogue, and its retention begins."""

from datetime import date
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from archive.codes.invented import tell_invented
from archive.errors import ObjectDiffers, ObjectLost
from archive.interface import Paper, StoredObject
from archive.package import METADATA, PDF, TEXT, object_id_of, read_package, record_of, write_metadata
from config.papers import DocumentType
from domain.clock import now
from domain.errors import Held
from domain.events import LINE, PaperArchived
from domain.readings import Description, FieldName
from domain.retention import decide_expiry
from domain.validity import decide_valid_until
from pipeline.context import Context
from pipeline.records import Archived, Extended, Prepared, Received, Reviewed
from signing.interface import trust_of

_CONFIRMED: tuple[FieldName, ...] = ("owner_id", "number_symbol", "issued_date", "dossier_code")


def archive(sealed: Extended, ctx: Context) -> Archived:
    """OCFL object (scan, signed PDF/A, text, metadata), catalogue row, retention; held without a class (law L6.3)."""
    try:
        stored = _stored(sealed, ctx) or _store(sealed, ctx)
    except ObjectDiffers:
        if (held := as_held(sealed, ctx)) is None:
            raise
        return held
    return _enter(sealed, stored, ctx)


def as_held(record: Received, ctx: Context) -> Archived | None:
    """What a paper became that is on its way once more: the ledger was put back from an earlier copy.

    What the vault holds stands: it is what was given out.  None when it holds no paper of this id, or a stack is not
    split yet.

    Raises:
        ObjectDiffers: it holds another paper, or a person has confirmed something else of this one now.
        VaultDamaged: what it holds cannot be read, or was withdrawn as secret.
    """
    try:
        stored = ctx.vault.get(object_id_of(record.document_id))
    except ObjectLost:
        return None
    if METADATA not in stored.files:
        raise ObjectDiffers
    read_package(stored)  # one that was withdrawn goes nowhere
    try:
        held = Extended.model_validate(record_of(stored), extra="ignore")
    except ValidationError:
        raise ObjectDiffers from None
    if (held.scan.sha256, held.part) != (record.scan.sha256, record.part):
        raise ObjectDiffers
    if isinstance(record, Reviewed) and _said(held) != _said(record):
        raise ObjectDiffers
    if held.stack is not None and not isinstance(record, Prepared):
        return None  # the whole stack is on its way, and others of its papers may not be in the vault
    return _enter(held, stored, ctx)


def _said(record: Reviewed) -> tuple[object, ...]:
    """What nobody doubts any more: which pages it has, what kind of paper it is, whose, and its number."""
    said = record.description
    return (tuple(item.number for item in record.facts), said.type_code, *map(said.value, _CONFIRMED))


def _enter(sealed: Extended, stored: StoredObject, ctx: Context) -> Archived:
    """Catalogue row, and the record that follows."""
    package = read_package(stored)
    paper = package.paper
    with ctx.journal.once(paper.id) as record:
        if ctx.catalogue.paper(paper.id) is None:
            record(PaperArchived(who=LINE, subject=paper.id, object=paper.object_id))
        outbox = ctx.catalogue.add(paper, package.identity, package.retired)
    return Archived.after(
        sealed,
        object_id=paper.object_id,
        retention_class=paper.retention_class,
        retention_until=paper.retention_until,
        valid_until=paper.valid_until,
        archived_at=paper.archived_at,
        outbox=outbox,
    )


def _stored(sealed: Extended, ctx: Context) -> StoredObject | None:
    """The object of an earlier try that was cut off after the vault had it."""
    try:
        stored = ctx.vault.get(object_id_of(sealed.document_id))
    except ObjectLost:
        return None
    return ctx.vault.put(stored.id, {**stored.files, **_files(sealed, ctx)}, created=now(), who="", message="")


def _store(sealed: Extended, ctx: Context) -> StoredObject:
    paper = _paper(sealed, ctx)
    _, made_up = tell_invented(sealed.codes, sealed.description.fields)
    content = write_metadata(
        paper,
        sealed.model_dump(mode="json"),
        retired=made_up,
        stack=_place_in_stack(sealed),
        history=[
            {"stage": item.stage, "outcome": item.outcome, "at": str(item.ended_at)}
            for item in ctx.ledger.history(sealed.document_id)
        ],
    )
    written = ctx.write(sealed, METADATA, content)
    return ctx.vault.put(
        paper.object_id,
        {**_files(sealed, ctx), METADATA: ctx.file(sealed, written)},
        created=paper.archived_at,
        who=_signer(sealed, ctx),
        message="Kept as it arrived, signed" if sealed.signatures else "Digitised, signed and sealed",
    )


def _signer(sealed: Extended, ctx: Context) -> str:
    """The officer who answers for the copy, by name."""
    signing = ctx.settings.signing
    return next((row.name for row in signing.rows_of(sealed.signed_by)), signing.officer)


def _files(sealed: Extended, ctx: Context) -> dict[str, Path]:
    return {
        **_original(sealed, ctx),
        PDF: ctx.file(sealed, sealed.sealed_pdf),
        TEXT: ctx.file(sealed, sealed.text),
    }


def _original(sealed: Extended, ctx: Context) -> dict[str, Path]:
    """The scan as it came; of a stack only the document's own pages: the others are other people's."""
    if sealed.stack is None:
        return {f"original/scan.{sealed.media}": ctx.scan(sealed)}
    return {"original/pages.pdf": ctx.file(sealed, sealed.stack.original)}


def _place_in_stack(sealed: Extended) -> dict[str, object] | None:
    """Which file the document was cut out of, and which pages of it are its own."""
    if sealed.stack is None:
        return None
    return {
        "file": Path(sealed.source).name,
        "sha256": sealed.scan.sha256,
        "part": sealed.part,
        "parts": sealed.stack.parts,
        "pages": [item.number for item in sealed.facts],
        "separator_sheets": list(sealed.stack.sheets),
    }


def _paper(sealed: Extended, ctx: Context) -> Paper:
    """The catalogue row of a paper that is archived now."""
    description = sealed.description
    type_ = ctx.catalogues.type(description.type_code or "")
    archived_at = now()
    follows = what_follows(description, type_, ctx, received=sealed.received_at.date(), digitised=archived_at.date())
    codes, _ = tell_invented(sealed.codes, description.fields)  # an earlier release may have coded it
    return Paper(
        id=sealed.document_id,
        sha256=sealed.scan.sha256,
        type_code=ctx.catalogues.present_code(description.type_code or ""),
        owner_id=description.value("owner_id") or ctx.settings.agency,
        dossier=codes.dossier,
        digitisation_code=codes.digitisation,
        result_code=codes.result,
        file_code=codes.file,
        agency=sealed.within,
        other_owner=codes.dossier is not None and sealed.other_owner == codes.dossier,
        number_symbol=description.value("number_symbol"),
        issued=day_of(description.value("issued_date")),
        issuer=description.value("issuer"),
        title=description.value("title"),
        abstract=description.value("abstract"),
        owner_name=description.value("owner_name"),
        owner_role=description.value("owner_role"),
        further_owners=description.value("further_owners"),
        valid_until=follows.valid_until,
        pages=sealed.pages,
        retention_class=follows.retention_class,
        retention_until=follows.retention_until,
        object_id=object_id_of(sealed.document_id),
        pdf_sha256=sealed.sealed_pdf.sha256,
        arrived_signed=trust_of(sealed.signatures),
        level=sealed.level,
        renewal_due=sealed.renewal_due,
        scope=follows.scope,
        archived_at=archived_at,
    )


class Follows(NamedTuple):
    """What follows from type and fields: until when a paper counts and where, and until when it is kept."""

    valid_until: date | None
    scope: str | None
    retention_class: str
    retention_until: int | None


def what_follows(
    description: Description, type_: DocumentType, ctx: Context, *, received: date, digitised: date
) -> Follows:
    """Counted by the rules of the day on which the paper was received.

    Raises:
        Held: its type has no retention class (law L6.3).
    """
    if type_.retention is None:
        raise Held("type_without_retention", reason="no_retention", remedy="set_retention", type=type_.code)
    retention = ctx.catalogues.retention_class(type_.retention)
    issued = day_of(description.value("issued_date"))
    valid_until = decide_valid_until(
        type_.validity.kind,
        type_.validity.months,
        issued=issued,
        stated=day_of(description.value("valid_until")),
        digitised=digitised,
        default=ctx.catalogues.profile(received).default_validity_months,
    )
    until = decide_expiry(retention.years, _end_of_work(type_, issued))
    return Follows(valid_until, _scope(description, type_, ctx), retention.id, until)


def _end_of_work(type_: DocumentType, issued: date | None) -> date | None:
    """When the work ended, as far as the paper itself tells (law L6.1): a result's or an agency's, when it was issued.

    What a person brings follows its dossier, which the stage does not know: see ``services.dossiers.terms``.
    """
    return issued if type_.kind == "result" or type_.owner == "agency" else None


def _scope(description: Description, type_: DocumentType, ctx: Context) -> str | None:
    """Where the paper counts: as stated, else for place-bound types in the area of its issuer, or of who copied it."""
    stated = description.value("scope")
    if stated or not type_.validity.place_bound:
        return stated
    issuer = description.value("issuer")
    return next((agency.code for agency in ctx.catalogues.agencies if agency.name == issuer), ctx.settings.agency)


def day_of(text: str | None) -> date | None:
    """A day as it is stated."""
    return date.fromisoformat(text) if text else None
