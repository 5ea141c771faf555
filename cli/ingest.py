"""`ingest`: digitise files and folders."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from cli.asking import asked_by
from cli.endings import exit_code, tell_lag
from cli.options import Home, Json, Office, Who
from cli.output import CHATTER, Session, session
from cli.progress import follow
from config.settings import MOST_WORKERS
from domain.codes import mask_code
from domain.errors import ExitCode
from domain.states import Lane
from services.context import open_services
from services.document import DocumentView
from services.index import lag
from services.ingest import Ingest
from services.ingest import ingest as put_in


def ingest(
    paths: Annotated[list[Path], typer.Argument(help="Files and folders to digitise", metavar="PATH…")],
    manifest: Annotated[Path | None, typer.Option(help="CSV file: what is known of the files")] = None,
    password_file: Annotated[
        Path | None, typer.Option(help="Text file: passwords that open locked PDFs, one a line; they are kept nowhere")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=MOST_WORKERS, help="Processes (default: one per core)")
    ] = None,
    desk: Annotated[bool, typer.Option("--desk", help="Somebody waits for it: it goes before whatever waits")] = False,
    broker: Annotated[str | None, typer.Option(help="Hand over to workers on this broker (redis://…)")] = None,
    officer: Annotated[
        str, typer.Option("--as", help="The officer who signs the copies, where whoever scans does not", metavar="NAME")
    ] = "",
    who: Who = "",
    office: Office = "",
    home: Home = Path("khoso-data"),
    as_json: Json = False,
) -> None:
    """Digitise files and folders: signed, coded, archived, findable."""
    with session(home, as_json=as_json, store="made") as this, open_services(this.settings) as ctx:
        by = asked_by(this, who, office)
        if broker:
            from workers.actors import check_address  # noqa: PLC0415 (only here is dramatiq needed)
            from workers.dispatch import hand_over  # noqa: PLC0415

            check_address(broker)
        lane: Lane = "desk" if desk else "backlog"
        put = put_in(ctx, by, paths, manifest=manifest, password_file=password_file, lane=lane, officer=officer)
        if broker:
            for _ in _door(put):
                pass
            handed = hand_over(ctx, broker)
            CHATTER.print(f"{handed} documents handed over; follow them with `status`.", markup=False)
        else:
            processes = workers or this.settings.work.workers
            with put.working(), follow(ctx, put.batch, len(put.files), put.seen, processes) as on_progress:
                put.run(_door(put), processes, on_progress)
        tell_lag(lag(ctx, by))
        raise typer.Exit(_report(this, put))


def _door(put: Ingest) -> Iterator[None]:
    """Receives one file a step."""
    is_told = False
    for arrived in put.arriving():
        if arrived is None and not is_told:
            is_told = True
            left = len(put.files) - len(put.seen)
            CHATTER.print(f"Waiting: {left} of the files are still being written; Ctrl-C leaves them.", markup=False)
        yield


def _report(this: Session, put: Ingest) -> ExitCode:
    views = put.views()
    if this.json:
        for view in views:
            this.line(view.line())
    else:
        _print(this, views)
    counts: dict[str, int] = {}
    for view in views:
        counts[view.state] = counts.get(view.state, 0) + 1
    numbers = ", ".join(f"{number} {state}" for state, number in sorted(counts.items())) or "nothing to do"
    new = sum(item.state in {"received", "resumed"} for item in put.seen)
    CHATTER.print(f"{len(put.seen)} files: {numbers}; {new} new.", markup=False)
    if put.seen and not new and set(counts) <= {"archived", "duplicate", "discarded"}:
        CHATTER.print("Nothing was added: every file was here before.", markup=False)
    return exit_code(counts) if put.is_whole else ExitCode.NOT_VALID


def _arrived(view: DocumentView) -> str:
    """What stands in place of our signatures on a paper that brought its own."""
    return f"arrived signed ({view.arrived_signed})" if view.arrived_signed else ""


def _print(this: Session, views: list[DocumentView]) -> None:
    held = [view for view in views if view.code]
    if held:
        this.table(
            ["id", "code", "type", "pages", "PDF/A", "copy signature", "agency seal", "object"],
            [
                [
                    str(view.id),
                    mask_code(str(view.code)),
                    str(view.type),
                    str(view.pages),
                    str(view.pdfa),
                    str(view.copy_signature or _arrived(view)),
                    str(view.agency_seal or _arrived(view)),
                    str(view.object or view.state),
                ]
                for view in held
            ],
        )
    rest = [view for view in views if view.state != "archived"]
    if rest:
        this.table(
            ["file", "state", "id", "reason"],
            [[Path(view.source).name, view.state, view.id or "", view.reason] for view in rest],
        )
