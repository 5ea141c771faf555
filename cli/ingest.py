"""`ingest`: digitise files and folders."""

import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from cli.options import Home, Json
from cli.output import CHATTER, Session, session
from cli.progress import follow
from cli.told import exit_code, tell_lag
from domain.clock import now
from domain.codes import mask_code
from domain.errors import ExitCode
from pipeline.decisions import read_passwords
from pipeline.embedded import run_embedded, sole_runner, sweep_scratch
from pipeline.indexing import drain_if_possible
from pipeline.intake import Seen, arrivals, batch_key, find_files, open_batch, read_manifest, shown
from pipeline.records import Statement
from services.context import Services, open_services
from services.document import source_views
from signing.keys.terms import warn_of_ends


def ingest(
    paths: Annotated[list[Path], typer.Argument(help="Files and folders to digitise", metavar="PATH…")],
    manifest: Annotated[Path | None, typer.Option(help="CSV file: what is known of the files")] = None,
    password_file: Annotated[
        Path | None, typer.Option(help="Text file: passwords that open locked PDFs, one a line; they are kept nowhere")
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes (default: one per core)")] = None,
    broker: Annotated[str | None, typer.Option(help="Hand over to workers on this broker (redis://…)")] = None,
    home: Home = Path("khoso-data"),
    as_json: Json = False,
) -> None:
    """Digitise files and folders: signed, coded, archived, findable."""
    with session(home, as_json=as_json) as this, open_services(this.settings) as ctx:
        warn_of_ends(ctx.signers.terms(), now())
        ctx.signers.get_ready()
        files = find_files(paths, this.settings.home)
        statements = read_manifest(manifest, ctx) if manifest else {}
        passwords = read_passwords(password_file) if password_file else ()
        _tell_unused(statements, files)
        batch = open_batch(ctx, batch_key(paths, manifest))
        seen: list[Seen] = []
        door = _door(seen, arrivals(ctx, files, batch, statements, passwords), len(files))
        if broker:
            from workers.dispatch import hand_over  # noqa: PLC0415 (only here is dramatiq needed)

            for _ in door:
                pass
            handed = hand_over(ctx, broker)
            CHATTER.print(f"{handed} documents handed over; follow them with `status`.", markup=False)
        else:
            with sole_runner(this.settings):
                sweep_scratch(this.settings)
                processes = workers or this.settings.work.workers
                with follow(ctx, len(files), seen, processes) as on_progress:
                    run_embedded(ctx, door, processes, on_progress)
                ctx.ledger.close_batch(batch)
                drain_if_possible(ctx)
        tell_lag(ctx)
        raise typer.Exit(_report(this, ctx, seen))


def _door(seen: list[Seen], arriving: Iterator[Seen | None], files: int) -> Iterator[None]:
    """Receives one file a step."""
    is_told = False
    for arrived in arriving:
        if arrived is not None:
            seen.append(arrived)
        elif not is_told:
            is_told = True
            left = files - len(seen)
            CHATTER.print(f"Waiting: {left} of the files are still being written; Ctrl-C leaves them.", markup=False)
        yield


def _tell_unused(statements: dict[str, Statement], files: list[Path]) -> None:
    """Say which rows of the manifest are of no file; most often their names are misspelt."""
    names = {unicodedata.normalize("NFC", name) for path in files for name in (shown(path), shown(Path(path.name)))}
    for name in sorted(statements.keys() - names):
        CHATTER.print(f"The manifest names {name}, which is not among the files.", markup=False)


def _report(this: Session, ctx: Services, seen: list[Seen]) -> ExitCode:
    views = [view for item in seen for view in source_views(ctx, item)]
    if this.json:
        for view in views:
            this.line(view)
    else:
        _print(this, views)
    counts: dict[str, int] = {}
    for view in views:
        counts[view["state"]] = counts.get(view["state"], 0) + 1
    told = ", ".join(f"{number} {state}" for state, number in sorted(counts.items())) or "nothing to do"
    new = sum(item.state in {"received", "resumed"} for item in seen)
    CHATTER.print(f"{len(seen)} files: {told}; {new} new.", markup=False)
    if seen and not new and set(counts) <= {"archived", "duplicate", "discarded"}:
        CHATTER.print("Nothing was added: every file was here before.", markup=False)
    return exit_code(counts)


def _arrived(view: dict[str, object]) -> str:
    """What stands in place of our signatures on a paper that brought its own."""
    return f"arrived signed ({view['arrived_signed']})" if view["arrived_signed"] else ""


def _print(this: Session, views: list[dict[str, object]]) -> None:
    held = [view for view in views if view["code"]]
    if held:
        this.table(
            ["id", "code", "type", "pages", "PDF/A", "copy signature", "agency seal", "object"],
            [
                [
                    str(view["id"]),
                    mask_code(str(view["code"])),
                    str(view["type"]),
                    str(view["pages"]),
                    str(view["pdfa"]),
                    str(view["copy_signature"] or _arrived(view)),
                    str(view["agency_seal"] or _arrived(view)),
                    str(view["object"] or view["state"]),
                ]
                for view in held
            ],
        )
    rest = [view for view in views if view["state"] != "archived"]
    if rest:
        this.table(
            ["file", "state", "id", "reason"],
            [[Path(str(v["source"])).name, str(v["state"]), str(v["id"] or ""), str(v["reason"])] for v in rest],
        )
