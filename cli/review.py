"""`review`: what waits for a person."""

import getpass
from pathlib import Path
from typing import Annotated, Any

import typer

from archive.interface import LedgerEntry
from cli.ingest import exit_code
from cli.options import Home, Json, Who
from cli.output import CHATTER, Session, session
from cli.views import document_view
from domain.errors import NotFound, UsageError
from pipeline.context import Context, open_context
from pipeline.decisions import chosen, decide, discard, is_duplicate, read_passwords
from pipeline.embedded import sole_runner
from pipeline.flow import DIGITISE
from pipeline.records import Described
from pipeline.runner import run_through
from pipeline.stages.review import confirm, set_apart


def review(
    document_id: Annotated[str | None, typer.Argument(help="The document", metavar="[ID]")] = None,
    values: Annotated[list[str] | None, typer.Option("--set", help="field=value; type=CODE sets the type")] = None,
    release: Annotated[
        bool,
        typer.Option(
            "--release", help="Confirm what is asked as it was read; it is no duplicate; or try a failed stage again"
        ),
    ] = False,
    ends: Annotated[
        bool,
        typer.Option(
            "--discard", help="End it: it is the same paper as the one that is named; or, with --reason, nothing of it"
        ),
    ] = False,
    accept: Annotated[
        str | None, typer.Option(help="`resolution`: take the paper with the dots it has; with --reason")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why it is accepted, or ended; stays with the document")] = "",
    paper: Annotated[
        str | None, typer.Option(help="The size of its sheets, as A5, when the file does not tell")
    ] = None,
    password_file: Annotated[
        Path | None, typer.Option(help="Text file: passwords, one a line; they are kept nowhere")
    ] = None,
    who: Who = "",
    home: Home = Path("khoso-data"),
    as_json: Json = False,
) -> None:
    """List what waits for a person; fill in fields, decide, and release a document."""
    with session(home, as_json=as_json) as this, open_context(this.settings) as ctx:
        if document_id is None:
            _list(this, ctx)
            return
        entry, by = ctx.ledger.entry(document_id), who or getpass.getuser()
        decisions = chosen(accept, paper, reason, by)
        passwords = read_passwords(password_file) if password_file else ()
        asks = bool(values or release)
        if (asks or ends) and (decisions or passwords):
            raise UsageError("That is decided first", remedy="Give it without --set, --release and --discard")
        if entry is None or (entry.state != "held" and (entry.state != "refused" or asks)):
            raise NotFound(f"No held document {document_id}", remedy="See `review` for what waits")
        if decisions or passwords:
            with sole_runner(ctx.settings):
                decide(ctx, entry, decisions, passwords, by)
                run_through(ctx, entry.id)
        elif ends:
            if values or release:
                raise UsageError("--discard ends the document", remedy="Give it without --set and --release")
            with sole_runner(ctx.settings):
                discard(ctx, entry, reason.strip(), by)
        elif values or release:
            given = dict(_pair(text) for text in values or ())
            _release(ctx, entry, given, by, is_own=release and is_duplicate(entry))
        view = document_view(ctx, document_id)
        if this.json:
            this.line(view)
        else:
            this.table(
                ["what", "value"], [[name, str(view[name])] for name in ("id", "state", "code", "type", "reason")]
            )
            this.table(["field", "value", "confidence", "page", "asked"], _field_rows(view))
        raise typer.Exit(exit_code({str(view["state"]): 1}))


def _list(this: Session, ctx: Context) -> None:
    held = ctx.ledger.entries(state="held")
    views = [document_view(ctx, entry.id) for entry in held]
    if this.json:
        for view in views:
            this.line(view)
    else:
        this.table(
            ["id", "file", "type", "reason"],
            [[v["id"], Path(v["source"]).name, v["type"] or "", v["reason"]] for v in views],
        )
        CHATTER.print(f"{len(held)} documents wait for a person.", markup=False)


def _field_rows(view: dict[str, Any]) -> list[list[str]]:
    """The fields; what is asked, and so confirmed when the document is released, is marked, missing fields too."""
    asked, read = view.get("asked", []), view["fields"]
    rows = [[n, f["value"], f"{f['confidence']:.2f}", str(f["page"] or ""), _mark(n in asked)] for n, f in read.items()]
    return rows + [[name, "", "", "", _mark(True)] for name in asked if name not in read and name != "type"]


def _mark(is_asked: bool) -> str:
    return "confirm" if is_asked else ""


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise UsageError(f"--set {text!r} has no value", remedy="Write --set field=value")
    return name.strip(), value


def _release(ctx: Context, entry: LedgerEntry, values: dict[str, str], who: str, *, is_own: bool) -> None:
    """Confirm a described document, or let a failed stage be tried again; then go on with it here."""
    record = entry.record
    at_review = DIGITISE.after(entry.stage) is DIGITISE.stage("review")
    if at_review:
        described = Described.model_validate_json(record)
        confirmed = confirm(described, values, who, ctx)
        record = (set_apart(confirmed, ctx) if is_own else confirmed).model_dump_json()
    elif values:
        raise UsageError(
            f"Nothing was read from {entry.id} yet: it is held after {entry.stage}",
            remedy="Use --release to try again, or scan the paper again",
        )
    with sole_runner(ctx.settings):
        ctx.ledger.release(entry.id, record, who)
        ctx.journal.record("released", who=who, subject=entry.id, fields=", ".join(sorted(values)))
        run_through(ctx, entry.id)
