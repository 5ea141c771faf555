"""`status`: how far the batches are."""

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.ingest import exit_code
from cli.options import Home, Json
from cli.output import CHATTER, session
from cli.rebuild import tell_lag
from domain.errors import NotFound
from pipeline.context import Context, open_context

_POLL_S = 1
_STATES = ("done", "waiting", "held", "refused", "duplicate", "discarded")


def status(
    batch: Annotated[str | None, typer.Argument(help="Only this batch")] = None,
    wait: Annotated[bool, typer.Option(help="Follow until nothing waits")] = False,
    home: Home = Path("khoso-data"),
    as_json: Json = False,
) -> None:
    """Show how far the batches are, what is held or refused and why, and for what documents wait."""
    with session(home, as_json=as_json) as this, open_context(this.settings) as ctx:
        if batch and batch not in {str(item["id"]) for item in ctx.ledger.batches()}:
            raise NotFound(f"No batch {batch}", remedy="See `status` for all of them")
        while wait and (waiting := ctx.ledger.entries(batch, "waiting")):
            CHATTER.print(f"{len(waiting)} waiting, {ctx.ledger.leased()} in hand", markup=False)
            time.sleep(_POLL_S)
        rows = _batches(ctx, batch)
        lag = ctx.catalogue.outbox.lag()
        troubles = _troubles(ctx, batch)
        if this.json:
            for row in [*rows, *troubles]:
                this.line(row)
            this.line({"index": lag.model_dump(mode="json")})
        else:
            names = ["batch", "files", "archived", "waiting", "held", "refused", "duplicate", "discarded", "pages"]
            this.table(names, [[str(row[name]) for name in names] for row in rows])
            if troubles:
                names = ["id", "state", "source", "reason"]
                this.table(names, [[str(row[name] or "") for name in names] for row in troubles])
            tell_lag(ctx)
        if steps := _steps(ctx, batch):
            CHATTER.print(f"To be PDF/A, papers were changed in form: {steps} (see `show ID`)", markup=False)
        totals = {name: sum(int(row[name]) for row in rows) for name in ("held", "refused")}
        raise typer.Exit(exit_code(totals))


def _batches(ctx: Context, only: str | None) -> list[dict[str, Any]]:
    rows = []
    for item in ctx.ledger.batches():
        batch = str(item["id"])
        if only in (None, batch):
            sources = ctx.ledger.sources(batch)
            counts = ctx.ledger.counts(batch)
            number = {state: counts.get(state, (0, 0))[0] for state in _STATES}
            rows.append(
                {
                    "batch": batch,
                    "files": len(sources),
                    "archived": number["done"],
                    "waiting": number["waiting"],
                    "held": number["held"],
                    "refused": number["refused"] + sum(source.state == "refused" for source in sources),
                    "duplicate": number["duplicate"] + sum(source.state == "duplicate" for source in sources),
                    "discarded": number["discarded"],
                    "pages": sum(pages for _, pages in counts.values()),
                    "opened_at": item["opened_at"],
                    "closed_at": item["closed_at"],
                }
            )
    return rows


def _steps(ctx: Context, only: str | None) -> str:
    """How many papers needed a higher rung of the ladder to PDF/A, such as ``3 cleaned, 1 drawn``."""
    counts = {step: ctx.ledger.mentioning(f'"step":"{step}"', only) for step in ("cleaned", "rewritten", "drawn")}
    return ", ".join(f"{count} {step}" for step, count in counts.items() if count)


def _troubles(ctx: Context, only: str | None) -> list[dict[str, Any]]:
    entries = [entry for state in ("held", "refused") for entry in ctx.ledger.entries(only, state)]
    entries += [entry for entry in ctx.ledger.entries(only, "waiting") if entry.reason]
    found: list[dict[str, Any]] = [
        {"id": entry.id, "state": entry.state, "source": "", "stage": entry.stage, "reason": entry.reason}
        for entry in entries
    ]
    for item in ctx.ledger.batches():
        if only in (None, str(item["id"])):
            found += [
                {"id": None, "state": source.state, "source": source.path, "stage": None, "reason": source.reason}
                for source in ctx.ledger.sources(str(item["id"]))
                if source.state == "refused"
            ]
    return found
