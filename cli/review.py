"""`review`: what waits for a person."""

import getpass
from collections.abc import Callable
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
from pipeline.decisions import can_be_let_in, chosen, decide, discard, end_former, is_named, read_passwords
from pipeline.embedded import sole_runner
from pipeline.flow import DIGITISE
from pipeline.records import Described
from pipeline.runner import run_through
from pipeline.stages.review import confirm, put_in_place, set_apart

_Settle = Callable[[Described, Context], Described]


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
    replaces: Annotated[
        bool, typer.Option("--replaces", help="It is a longer scan of the paper that is named, and takes its place")
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
        asks = bool(values or release or replaces)
        if release and replaces:
            raise UsageError("It is a paper of its own, or takes another one's place", remedy="Give one of both")
        if (asks or ends) and (decisions or passwords):
            raise UsageError("That is decided first", remedy="Give it without --set, --release and --discard")
        if entry is None or (entry.state != "held" and (entry.state != "refused" or asks)):
            raise NotFound(f"No held document {document_id}", remedy="See `review` for what waits")
        if decisions or passwords:
            with sole_runner(ctx.settings):
                decide(ctx, entry, decisions, passwords, by)
                run_through(ctx, entry.id)
        elif ends:
            if asks:
                raise UsageError("--discard ends the document", remedy="Give it without --set and --release")
            with sole_runner(ctx.settings):
                discard(ctx, entry, reason.strip(), by)
        elif asks:
            given = dict(_pair(text) for text in values or ())
            is_apart = release and is_named(entry)
            _release(ctx, entry, given, by, put_in_place if replaces else set_apart if is_apart else None)
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
    refused = [entry for entry in ctx.ledger.entries(state="refused") if can_be_let_in(entry)]
    views = [document_view(ctx, entry.id) for entry in (*held, *refused)]
    if this.json:
        for view in views:
            this.line(view)
        return
    this.table(
        ["id", "state", "file", "type", "reason"],
        [[v["id"], v["state"], Path(v["source"]).name, v["type"] or "", v["reason"]] for v in views],
    )
    CHATTER.print(f"{len(held)} documents wait for a person.", markup=False)
    if refused:
        CHATTER.print(f"{len(refused)} were refused and can be let in by a decision.", markup=False)


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


def _release(ctx: Context, entry: LedgerEntry, values: dict[str, str], who: str, settle: _Settle | None) -> None:
    """Confirm a described document and settle how it stands to others, or let a failed stage be tried again; go on."""
    record, former = entry.record, None
    if DIGITISE.after(entry.stage) is DIGITISE.stage("review"):
        confirmed = confirm(Described.model_validate_json(record), values, who, ctx)
        settled = settle(confirmed, ctx) if settle else confirmed
        record, former = settled.model_dump_json(), settled.replaces
    elif values or settle is put_in_place:
        raise UsageError(
            f"Nothing was read from {entry.id} yet: it is held after {entry.stage}",
            remedy="Use --release to try again, or scan the paper again",
        )
    with sole_runner(ctx.settings):
        ctx.ledger.release(entry.id, record, who)
        ctx.journal.record("released", who=who, subject=entry.id, fields=", ".join(sorted(values)))
        if former is not None:
            end_former(ctx, former, entry.id, who)
        run_through(ctx, entry.id)
