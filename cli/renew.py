"""`renew`: archive time stamps are renewed before what they rest on ends."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.asking import asked_by
from cli.endings import tell_unread
from cli.options import Home, Json, Who
from cli.output import CHATTER, Session, say, session
from domain.clock import today
from domain.errors import ExitCode
from services.context import open_services
from services.renewal import Renewal, RenewalSummary, due
from services.renewal import renew as renew_due
from services.unseen import unread


def renew(
    due_before: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Also what is due by this day (default: today)")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what is due")] = False,
    who: Who = "",
    home: Home = Path("khoso-data"),
    as_json: Json = False,
) -> None:
    """Renew the archive time stamps that are due; run it once a month."""
    with session(home, as_json=as_json) as this, open_services(this.settings) as ctx:
        by = asked_by(this, who)
        day = due_before.date() if due_before else today()
        if dry_run:
            found = due(ctx, by, day)
            for item in found:
                _tell(this, item)
            say("due_by", count=len(found), day=str(day))
            raise typer.Exit(tell_unread(unread(ctx)))
        done = []
        for item in renew_due(ctx, by, day):
            _tell(this, item)
            done.append(item)
        summary = RenewalSummary.of(done)
        if this.json and done:
            this.line({"summary": summary.line()})
        say("renewed_and_failed", renewed=summary.renewed, failed=summary.failed)
        if summary.nearest is not None:
            say("proof_ends_first", id=summary.nearest.paper.id, day=summary.nearest.proof_ends)
        ended = tell_unread(unread(ctx))
        raise typer.Exit(ExitCode.NOT_VALID if summary.failed else ended)


def _tell(this: Session, item: Renewal) -> None:
    if this.json:
        this.line(item.line())
    else:
        CHATTER.print("  ".join(value for value in item.line().values() if value), markup=False)
