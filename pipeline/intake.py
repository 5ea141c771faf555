"""Intake: which files are put in, what the manifest says of them, and which of them are new."""

import csv
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from archive.interface import Arrival
from domain.clock import now
from domain.errors import KhosoError, UsageError
from domain.owners import normal_owner
from domain.readings import FieldName, Frozen
from pipeline.context import Context, digest
from pipeline.records import Source, Statement
from pipeline.stages.receive import receive

_IGNORED = {".json", ".csv", ".txt", ".md", ".xml", ".db", ".ini"}  # what lies beside scans and is none


class Seen(Frozen):
    """What became of one file at the door: ``received``, ``duplicate``, ``known`` or ``refused``.

    ``resumed``: this very batch received it, before its command was cut off.
    """

    path: str
    state: str
    document_id: str | None = None
    reason: str = ""


def find_files(paths: Sequence[Path], home: Path) -> list[Path]:
    """The files to put in, in a fixed order; folders are searched to the bottom.

    Files named one by one are all taken; within folders, what is no scan by its extension is passed over, and so are
    hidden files and the store itself.

    Raises:
        UsageError: a path does not exist.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(item for item in path.rglob("*") if item.is_file() and not item.name.startswith("."))
            found += [item for item in inside if item.suffix.lower() not in _IGNORED and home not in item.parents]
        elif path.exists():
            found.append(path)
        else:
            raise UsageError(f"{path} does not exist", remedy="Check the path")
    return list(dict.fromkeys(item.absolute() for item in found))


def read_manifest(path: Path, ctx: Context) -> dict[str, Statement]:
    """The manifest: a CSV file with a column ``file`` and any of ``dossier``, ``type``, ``signing`` and field names.

    Raises:
        UsageError: a column or a value cannot be; the message names the line.
    """
    columns = {"file", "dossier", "type", "signing", *get_args(FieldName)}
    types = {item.code for item in ctx.catalogues.types}
    profiles = {item.id for item in ctx.catalogues.signing}
    statements = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            unknown = set(rows.fieldnames or ()) - columns
            if unknown or "file" not in (rows.fieldnames or ()):
                raise UsageError(f"{path}:1: columns must be `file` and any of {', '.join(sorted(columns))}")
            for row in rows:
                given = {name: value.strip() for name, value in row.items() if value and value.strip()}
                if "type" in given and given["type"] not in types:
                    raise UsageError(f"{path}:{rows.line_num}: no document type {given['type']!r}")
                if "signing" in given and given["signing"] not in profiles:
                    raise UsageError(f"{path}:{rows.line_num}: no signing profile {given['signing']!r}")
                statements[given.pop("file")] = _statement(given)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{path} cannot be read ({error})", remedy="Give a CSV file in UTF-8") from None
    return statements


def _statement(given: dict[str, str]) -> Statement:
    fields: dict[FieldName, str] = {name: given[name] for name in get_args(FieldName) if name in given}
    if "owner_id" in fields:
        fields["owner_id"] = normal_owner(fields["owner_id"])
    return Statement(
        dossier=given.get("dossier"), type_code=given.get("type"), signing=given.get("signing"), fields=fields
    )


def batch_key(paths: Sequence[Path], manifest: Path | None) -> str:
    """What makes two ingest commands the same: what they were given."""
    given = [str(path.absolute()) for path in paths] + [str(manifest.absolute()) if manifest else ""]
    return hashlib.sha256("\0".join(given).encode()).hexdigest()


def open_batch(ctx: Context, key: str) -> str:
    """The unfinished batch of the same command, or a new one named by the moment it began."""
    return ctx.ledger.open_batch(key, f"{now():%Y%m%d-%H%M%S}-{key[:6]}")


def take_in(ctx: Context, path: Path, batch_id: str, statement: Statement) -> Seen:
    """Receive one file, unless it is known; the ledger has it when this returns."""
    source = Source(path=str(path), batch_id=batch_id, statement=statement)
    try:
        received = receive(source, ctx)
    except KhosoError as error:
        sha256 = digest(path) if path.is_file() else ""
        arrival = Arrival(path=source.path, sha256=sha256, batch_id=batch_id, state="refused", reason=error.explain())
        ctx.ledger.admit(arrival)
        return Seen(path=source.path, state="refused", reason=error.explain())
    sha256, document_id = received.scan.sha256, received.document_id
    known = ctx.ledger.source(source.path, sha256)
    parts, paper = ctx.ledger.parts(sha256), ctx.catalogue.by_bytes(sha256)
    if not parts and paper is None:
        record = received.model_dump_json()
        ctx.ledger.admit(
            Arrival(
                path=source.path,
                sha256=sha256,
                batch_id=batch_id,
                state="received",
                document_id=document_id,
                stage=receive.__name__,
                record=record,
            )
        )
        return Seen(path=source.path, state="received", document_id=document_id)
    if all(part.state == "duplicate" or (part.state == "done" and paper is not None) for part in parts):
        (ctx.settings.inbox / received.scan.name).unlink(missing_ok=True)  # the vault has this paper already
    if known is not None:
        is_resumed = known.batch_id == batch_id and known.state == "received"
        return Seen(path=source.path, state="resumed" if is_resumed else "known", document_id=document_id)
    reason = f"same_bytes: the same file as document {document_id}"
    is_linked = ctx.settings.duplicates.bytes == "link"
    state, link = ("duplicate", document_id) if is_linked else ("refused", None)
    ctx.ledger.admit(
        Arrival(path=source.path, sha256=sha256, batch_id=batch_id, state=state, document_id=link, reason=reason)
    )
    return Seen(path=source.path, state=state, document_id=link, reason=reason)
