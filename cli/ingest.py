"""`ingest`: digitise files and folders."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from cli.asking import asked_by
from cli.endings import exit_code, tell_lag
from cli.options import Home, Json, Office, Who
from cli.output import Session, say, session
from cli.progress import follow
from cli.words import state_word
from config.settings import MOST_WORKERS
from domain.codes import mask_code
from domain.errors import ExitCode, SetupError
from domain.messages.told import told
from domain.owners import mask_text
from domain.states import Lane
from services.context import Services, open_services
from services.document import DocumentView
from services.index import lag
from services.ingest import Ingest
from services.ingest import ingest as put_in
from services.permissions import Asker

_SCAN_AGAIN = ("scan_", "replace_sheet")  # remedies of what only a new scan mends
_NAMED = 10  # file names in one line

HandedIn = Annotated[
    str,
    typer.Option(
        "--presented",
        help="As what the papers were handed in: original, certified_copy or photocopy",
        metavar="HOW",
    ),
]


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
    rescan: Annotated[
        str, typer.Option("--rescan", help="The file is a new scan of this document, which waits for one", metavar="ID")
    ] = "",
    handed_in: HandedIn = "",
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
        with _lag_told_at_halt(ctx, by):
            put = put_in(
                ctx,
                by,
                paths,
                manifest=manifest,
                password_file=password_file,
                lane=lane,
                officer=officer,
                rescan_of=rescan,
                handed_in=handed_in,
            )
            if broker:
                for _ in _door(put):
                    pass
                handed = hand_over(ctx, broker)
                say("handed_over_to_workers", count=handed)
            else:
                processes = workers or this.settings.work.workers
                with put.working(), follow(ctx, put.batch, len(put.files), put.seen, processes) as on_progress:
                    put.run(_door(put), processes, on_progress)
        tell_lag(lag(ctx, by))
        raise typer.Exit(_report(this, put))


@contextmanager
def _lag_told_at_halt(ctx: Services, by: Asker) -> Iterator[None]:
    """Say what the index does not know yet when the line stops, too."""
    try:
        yield
    except SetupError:
        tell_lag(lag(ctx, by))
        raise


def _door(put: Ingest) -> Iterator[None]:
    """Receives one file a step."""
    is_told = False
    for arrived in put.arriving():
        if arrived is None and not is_told:
            is_told = True
            left = len(put.files) - len(put.seen)
            say("files_still_written", count=left)
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
    numbers = tuple(f"{number} {state_word(state)}" for state, number in sorted(counts.items()))
    new = sum(item.state in {"received", "resumed"} for item in put.seen)
    say("files_put_in", files=len(put.seen), states=numbers or told("no_file_to_do"), new=new)
    if put.seen and not new and set(counts) <= {"archived", "duplicate", "discarded", "secret"}:
        say("nothing_was_added")
    _close(views)
    return exit_code(counts) if put.is_whole else ExitCode.NOT_VALID


def _close(views: list[DocumentView]) -> None:
    """The closing report: what waits for whom and why, and what is to be scanned again."""
    for state in ("waiting", "held", "refused"):
        stopped = Counter(view.told.word or "-" for view in views if view.state == state)
        if stopped:
            reasons = [f"{number} {word}" for word, number in stopped.most_common()]
            say(f"closing_{state}", count=stopped.total(), reasons=reasons)
    moved = sum(any(mark.get("state") in {"moved", "over_ink"} for mark in view.marks) for view in views)
    if moved:
        say("marks_not_in_corner", count=moved)
    again = [mask_text(Path(view.source).name) for view in views if view.told.remedy.startswith(_SCAN_AGAIN)]
    if again:
        say("closing_rescan", count=len(again), files=again[:_NAMED], rest=" …" if len(again) > _NAMED else "")


def _arrived(view: DocumentView) -> str:
    """What stands in place of our signatures on a paper that brought its own."""
    return told("arrived_with_signature", standing=view.arrived_signed).text() if view.arrived_signed else ""


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
                    str(view.object or state_word(view.state)),
                ]
                for view in held
            ],
        )
    rest = [view for view in views if view.state != "archived"]
    if rest:
        this.table(
            ["file", "state", "id", "reason"],
            [[Path(view.source).name, state_word(view.state), view.id or "", view.reason] for view in rest],
        )
