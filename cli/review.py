"""`review`: what waits for a person."""

from pathlib import Path
from typing import Annotated

import typer

from cli.asking import asked_by
from cli.endings import exit_code
from cli.options import Home, Json, Office, Who
from cli.output import CHATTER, Session, session
from domain.errors import ExitCode, UsageError
from pipeline.decisions import chosen, read_passwords
from services.context import open_services
from services.document import DocumentView
from services.review import decisions as act
from services.review import waiting

_OF_ANOTHER = 'Give it with --release or --set, and say why: --reason "…"'


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
    reason: Annotated[str, typer.Option(help="Why it is accepted, ended, or another's; stays with it")] = "",
    other_owner: Annotated[
        bool, typer.Option("--other-owner", help="Its dossier is somebody else's, and it belongs there; with --reason")
    ] = False,
    paper: Annotated[
        str | None, typer.Option(help="The size of its sheets, as A5, when the file does not tell")
    ] = None,
    password_file: Annotated[
        Path | None, typer.Option(help="Text file: passwords, one a line; they are kept nowhere")
    ] = None,
    who: Who = "",
    office: Office = "",
    home: Home = Path("khoso-data"),
    as_json: Json = False,
) -> None:
    """List what waits for a person; fill in fields, decide, and release a document."""
    with session(home, as_json=as_json) as this, open_services(this.settings) as ctx:
        by = asked_by(this, who, office)
        if document_id is None:
            _list(this, waiting.list_waiting(ctx, by))
            return
        asks = bool(values or release or replaces)
        decisions = chosen(accept, paper, reason, by.who)
        passwords = read_passwords(password_file) if password_file else ()
        if release and replaces:
            raise UsageError("It is a paper of its own, or takes another one's place", remedy="Give one of both")
        _one_thing(asks=asks, ends=ends, lets_in=bool(decisions or passwords))
        why = _why_anothers(reason, asks=asks) if other_owner else ""
        if decisions or passwords:
            act.let_in(ctx, by, document_id, decisions, passwords)
        elif ends:
            act.discard(ctx, by, document_id, reason.strip())
        elif asks:
            settles: act.Settles = "replaces" if replaces else "apart" if release else None
            act.release(ctx, by, document_id, dict(map(_pair, values or ())), settles=settles, other_owner=why)
        view = waiting.look(ctx, by, document_id)
        _show(this, view)
        raise typer.Exit(_outcome(view, is_decided=bool(asks or ends or decisions or passwords)))


def _why_anothers(reason: str, *, asks: bool) -> str:
    if not (asks and reason.strip()):
        raise UsageError("--other-owner says that a paper belongs in another's dossier", remedy=_OF_ANOTHER)
    return reason


def _one_thing(*, asks: bool, ends: bool, lets_in: bool) -> None:
    if (asks or ends) and lets_in:
        raise UsageError("That is decided first", remedy="Give it without --set, --release and --discard")
    if asks and ends:
        raise UsageError("--discard ends the document", remedy="Give it without --set and --release")


def _outcome(view: DocumentView, *, is_decided: bool) -> ExitCode:
    """0 only when nothing is left to be done of what was decided."""
    if is_decided and view.state == "waiting":
        CHATTER.print("It was decided, and waits; `ingest` or a worker goes on with it.", markup=False)
        return ExitCode.HELD
    return exit_code({view.state: 1})


def _show(this: Session, view: DocumentView) -> None:
    if this.json:
        this.line(view.line())
        return
    summary = {"id": view.id, "state": view.state, "code": view.code, "type": view.type, "reason": view.reason}
    this.table(["what", "value"], [[name, str(value)] for name, value in summary.items()])
    this.table(["field", "value", "confidence", "page", "asked"], _field_rows(view))


def _list(this: Session, waiting: waiting.WaitingList) -> None:
    views = (*waiting.held, *waiting.refused)
    if this.json:
        for view in views:
            this.line(view.line())
        return
    this.table(
        ["id", "state", "file", "type", "reason"],
        [[view.id or "", view.state, Path(view.source).name, view.type or "", view.reason] for view in views],
    )
    CHATTER.print(f"{len(waiting.held)} documents wait for a person.", markup=False)
    if waiting.refused:
        CHATTER.print(f"{len(waiting.refused)} were refused and can be let in by a decision.", markup=False)


def _field_rows(view: DocumentView) -> list[list[str]]:
    """The fields; what is asked is marked: it is confirmed when the document is released, or must be set."""
    asked, read = view.asked, view.fields
    rows = [
        [name, item.value, f"{item.confidence:.2f}", str(item.page or ""), "confirm" if name in asked else ""]
        for name, item in read.items()
    ]
    return rows + [[name, "", "", "", "set"] for name in asked if name not in read and name != "type"]


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise UsageError(f"--set {text!r} has no value", remedy="Write --set field=value")
    return name.strip(), value
