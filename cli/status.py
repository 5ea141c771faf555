"""`status`: how far the batches are."""

import time
from pathlib import Path
from typing import Annotated

import typer

from cli.options import Home, Json
from cli.output import CHATTER, session
from cli.told import exit_code, tell_lag
from services.batches import changed_in_form, progress, troubles
from services.context import open_services

_POLL_S = 1


def status(
    batch: Annotated[str | None, typer.Argument(help="Only this batch")] = None,
    wait: Annotated[bool, typer.Option(help="Follow until nothing waits")] = False,
    home: Home = Path("khoso-data"),
    as_json: Json = False,
) -> None:
    """Show how far the batches are, what is held or refused and why, and for what documents wait."""
    with session(home, as_json=as_json) as this, open_services(this.settings) as ctx:
        progress(ctx, batch)  # there is such a batch
        while wait and (waiting := ctx.ledger.entries(batch, "waiting")):
            CHATTER.print(f"{len(waiting)} waiting, {ctx.ledger.leased()} in hand", markup=False)
            time.sleep(_POLL_S)
        rows, held_up = progress(ctx, batch), troubles(ctx, batch)
        if this.json:
            for row in [*rows, *held_up]:
                this.line(row.model_dump())
            this.line({"index": ctx.catalogue.outbox.lag().model_dump(mode="json")})
        else:
            names = ["batch", "files", "archived", "waiting", "held", "refused", "duplicate", "discarded", "pages"]
            this.table(names, [[str(getattr(row, name)) for name in names] for row in rows])
            if held_up:
                names = ["id", "state", "source", "reason"]
                this.table(names, [[str(getattr(row, name) or "") for name in names] for row in held_up])
            tell_lag(ctx)
        if steps := ", ".join(f"{count} {step}" for step, count in changed_in_form(ctx, batch).items()):
            CHATTER.print(f"To be PDF/A, papers were changed in form: {steps} (see `show ID`)", markup=False)
        totals = {"held": sum(row.held for row in rows), "refused": sum(row.refused for row in rows)}
        raise typer.Exit(exit_code(totals))
