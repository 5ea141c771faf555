"""What commands tell of a document.  These names stay: scripts are written against them."""

import json
from typing import TYPE_CHECKING, Any

from archive.interface import LedgerEntry, Paper
from archive.package import PDF, TEXT, read_package
from domain.errors import NotFound
from pipeline.flow import DIGITISE
from pipeline.records import asked_of
from services.context import Services
from signing.interface import SignatureVerdict, trust_of
from signing.keys.kinds import is_trial

if TYPE_CHECKING:
    from pipeline.intake import Seen

_FILES = ("sealed_pdf", "copy_pdf", "pdfa", "searchable", "pdf")  # the newest PDF a document has, best first


def source_views(ctx: Services, seen: "Seen") -> list[dict[str, Any]]:
    """The lines of `ingest --json` for a file: one, and for a stack one for each of its documents."""
    if seen.document_id is None:
        return [{**_empty(), "source": seen.path, "state": seen.state, "reason": seen.reason}]
    entry = ctx.ledger.entry(seen.document_id)
    ids = [part.id for part in ctx.ledger.parts(entry.sha256)] if entry else [seen.document_id]
    return [_source_view(ctx, seen, document_id) for document_id in ids]


def _source_view(ctx: Services, seen: "Seen", document_id: str) -> dict[str, Any]:
    view = document_view(ctx, document_id)
    if seen.state == "duplicate" or (seen.state == "known" and view["state"] == "archived"):
        reason = seen.reason or f"already archived as document {document_id}"
        return {**view, "source": seen.path, "state": "duplicate", "reason": reason}
    return {**view, "source": seen.path}


def document_view(ctx: Services, document_id: str) -> dict[str, Any]:
    """Everything known of a document, archived or still under way.

    Raises:
        NotFound: neither the catalogue nor the ledger knows it.
    """
    paper, entry = ctx.catalogue.paper(document_id), ctx.ledger.entry(document_id)
    if paper is not None and (entry is None or DIGITISE.has_passed("archive", entry.stage)):
        return _archived(ctx, paper)
    if entry is None:
        raise NotFound(f"No document {document_id}", remedy="Find it with `search` or `status`")
    return _under_way(ctx, entry)


def _empty() -> dict[str, Any]:
    names = "id source state reason code type pdf text dossier result_code pages pdfa copy_signature agency_seal object"
    return {**dict.fromkeys(names.split()), "stage": None, "arrived_signed": None, "level": None, "fields": {}}


def _archived(ctx: Services, paper: Paper) -> dict[str, Any]:
    stored = ctx.vault.get(paper.object_id)
    record = read_package(stored).record
    mark = "development only" if is_trial(ctx.settings.signing) else "signed"
    return {
        **_empty(),
        "id": paper.id,
        "source": record.source,
        "state": "archived",
        "reason": "",
        "code": paper.digitisation_code,
        "type": paper.type_code,
        "pdf": str(stored.files[PDF]),
        "text": str(stored.files[TEXT]),
        "dossier": paper.dossier,
        "result_code": paper.result_code,
        "pages": paper.pages,
        "confidence": record.confidence,
        "pdfa": _pdfa(record.flavour),
        "copy_signature": f"{record.signed_at:%Y-%m-%d %H:%M} ({mark})" if record.signed_at else None,
        "agency_seal": f"{record.sealed_at:%Y-%m-%d %H:%M} ({mark})" if record.sealed_at else None,
        "level": paper.level,
        "renewal_due": paper.renewal_due,
        "object": paper.object_id,
        "stage": DIGITISE.stages[-1].name,
        "valid_until": paper.valid_until,
        "retention": paper.retention_class,
        "retention_until": paper.retention_until,
        "archived_at": paper.archived_at,
        **_scan(record.model_dump(mode="json")),
        "fields": {name: item.model_dump(mode="json") for name, item in record.description.fields.items()},
    }


def _pdfa(flavour: str | None) -> str:
    return f"PDF/A-{flavour}" if flavour else "no (as it came)"


def _scan(record: dict[str, Any]) -> dict[str, Any]:
    """What is known of the file: place in a stack, quality of its pages, signatures it bore, where our marks stand."""
    stack = record.get("stack")
    signatures = [SignatureVerdict.model_validate(item, extra="ignore") for item in record.get("signatures", [])]
    return {
        "arrived_signed": trust_of(signatures),
        "signatures": [item.model_dump(mode="json") for item in signatures],
        "part": record["part"],
        "parts": stack["parts"] if stack else None,
        "remarks": record.get("remarks", []),
        "decisions": record.get("decisions", []),
        "signing": record.get("signing"),
        "marks": record.get("marks", []),
        "quality": record.get("facts", []),
    }


def _under_way(ctx: Services, entry: LedgerEntry) -> dict[str, Any]:
    record = json.loads(entry.record)
    folder = ctx.settings.work_folder / entry.id
    files = [folder / record[name]["name"] for name in _FILES if name in record]
    newest = next(iter(files), ctx.settings.inbox / record["scan"]["name"])
    text = folder / record["text"]["name"] if "text" in record else None
    description = record.get("description") or {}
    codes = record.get("codes") or {}
    return {
        **_empty(),
        "id": entry.id,
        "source": record["source"],
        "state": entry.state,
        "reason": entry.reason,
        "code": codes.get("digitisation"),
        "type": description.get("type_code"),
        "pdf": None if entry.is_over else str(newest),  # of a duplicate nothing is kept
        "text": None if entry.is_over or text is None else str(text),
        "dossier": codes.get("dossier"),
        "result_code": codes.get("result"),
        "pages": record.get("pages"),
        "confidence": record.get("confidence"),
        "pdfa": _pdfa(record["flavour"]) if "flavour" in record else None,
        "stage": entry.stage,
        "doubts": record.get("doubts", []),
        "asked": list(asked_of(record.get("doubts", []))),
        **_scan(record),
        "fields": description.get("fields", {}),
    }


def find(ctx: Services, code: str) -> str:
    """The document id that an id or code means; an unknown one is given back as it is."""
    paper = ctx.catalogue.paper(code)
    return paper.id if paper else code
