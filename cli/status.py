"""`status`: how far the batches are."""

import time
from pathlib import Path
from typing import Annotated

import typer

from cli.asking import asked_by
from cli.endings import exit_code, tell_lag
from cli.options import Home, Json, Who
from cli.output import say, session
from cli.words import state_word
from services.batches import left
from services.batches import status as situation
from services.context import open_services

_POLL_S = 1


def status(
    batch: Annotated[str | None, typer.Argument(help="Only this batch")] = None,
    wait: Annotated[bool, typer.Option(help="Follow until nothing waits")] = False,
    who: Who = "",
    home: Home = Path("khoso-data"),
    as_json: Json = False,
) -> None:
    """Show how far the batches are, what is held or refused and why, and for what documents wait."""
    with session(home, as_json=as_json) as this, open_services(this.settings) as ctx:
        by = asked_by(this, who)
        while wait and (waiting := left(ctx, by, batch))[0]:
            say("waiting_and_in_hand", waiting=waiting[0], in_hand=waiting[1])
            time.sleep(_POLL_S)
        found = situation(ctx, by, batch)
        rows, held_up = found.batches, found.troubles
        if this.json:
            for row in [*rows, *held_up]:
                this.line(row.model_dump(mode="json"))
            this.line({"index": found.index.model_dump(mode="json")})
        else:
            names = ["batch", "files", "archived", "waiting", "held", "refused", "duplicate", "discarded", "pages"]
            names += ["secret"] if any(row.secret for row in rows) else []
            names += ["quality"] if any(row.quality for row in rows) else []
            this.table(names, [[_cell(getattr(row, name)) for name in names] for row in rows])
            if held_up:
                names = ["id", "state", "source", "reason"]
                states = [{**dict(row), "state": state_word(row.state)} for row in held_up]
                this.table(names, [[str(row[name] or "") for name in names] for row in states])
            tell_lag(found.index)
        if found.changed_in_form:
            say("changed_in_form", steps=[f"{count} {step}" for step, count in found.changed_in_form.items()])
        totals = {"held": sum(row.held for row in rows), "refused": sum(row.refused for row in rows)}
        raise typer.Exit(exit_code(totals))


def _cell(value: object) -> str:
    return "" if value is None else str(value)
