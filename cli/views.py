"""What commands tell of a document.  These names stay: scripts are written against them."""

import json
from typing import Any

from archive.interface import LedgerEntry, Paper
from domain.errors import NotFound
from pipeline.context import Context
from pipeline.flow import DIGITISE
from pipeline.intake import Seen
from pipeline.stages.archive import PDF, TEXT, record_of

_FILES = ("sealed_pdf", "copy_pdf", "pdfa", "searchable", "pdf")  # the newest PDF a document has, best first


def source_view(ctx: Context, seen: Seen) -> dict[str, Any]:
    """One line of `ingest --json` for a file."""
    if seen.document_id is None:
        return {**_empty(), "source": seen.path, "state": seen.state, "reason": seen.reason}
    view = document_view(ctx, seen.document_id)
    if seen.state == "duplicate" or (seen.state == "known" and view["state"] == "archived"):
        reason = seen.reason or f"already archived as document {seen.document_id}"
        return {**view, "source": seen.path, "state": "duplicate", "reason": reason}
    return {**view, "source": seen.path}


def document_view(ctx: Context, document_id: str) -> dict[str, Any]:
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
    return {**dict.fromkeys(names.split()), "stage": None, "fields": {}}


def _archived(ctx: Context, paper: Paper) -> dict[str, Any]:
    stored = ctx.vault.get(paper.object_id)
    record = record_of(stored)
    mark = "development only" if ctx.signers.development_only else "signed"
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
        "pdfa": f"PDF/A-{record.flavour}",
        "copy_signature": f"{record.signed_at:%Y-%m-%d %H:%M} ({mark})",
        "agency_seal": f"{record.sealed_at:%Y-%m-%d %H:%M} ({mark})",
        "object": paper.object_id,
        "stage": DIGITISE.stages[-1].name,
        "valid_until": paper.valid_until,
        "retention": paper.retention_class,
        "retention_until": paper.retention_until,
        "archived_at": paper.archived_at,
        "remarks": list(record.remarks),
        "fields": {name: item.model_dump(mode="json") for name, item in record.description.fields.items()},
    }


def _under_way(ctx: Context, entry: LedgerEntry) -> dict[str, Any]:
    record = json.loads(entry.record)
    folder = ctx.settings.work_folder / entry.id
    newest = next((folder / record[name]["name"] for name in _FILES if name in record), None)
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
        "pdf": str(newest or ctx.settings.inbox / record["scan"]["name"]),
        "text": str(folder / record["text"]["name"]) if "text" in record else None,
        "dossier": codes.get("dossier"),
        "result_code": codes.get("result"),
        "pages": record.get("pages"),
        "confidence": record.get("confidence"),
        "pdfa": f"PDF/A-{record['flavour']}" if "flavour" in record else None,
        "stage": entry.stage,
        "doubts": record.get("doubts", []),
        "fields": description.get("fields", {}),
    }
