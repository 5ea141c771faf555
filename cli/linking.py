"""`link`: an old and a new number are one person's, or are not."""

from pathlib import Path
from typing import Annotated

import typer

from cli.asking import asked_by
from cli.options import Home, Json, Office, Who
from cli.output import say, session
from cli.words import phrase
from domain.clock import listed
from domain.errors import UsageError
from services.context import open_services
from services.reuse.linking import link_numbers, list_links, unlink_numbers


def link(
    old: Annotated[str, typer.Argument(help="The old number, of 9 digits", metavar="[OLD]")] = "",
    new: Annotated[str, typer.Argument(help="The new number, of 12 digits", metavar="[NEW]")] = "",
    reason: Annotated[str, typer.Option(help="By what it is known that they are one person's, or are not")] = "",
    undo: Annotated[bool, typer.Option("--undo", help="They are not one person's")] = False,
    who: Who = "",
    office: Office = "",
    home: Home = Path("khoso-data"),
    as_json: Json = False,
) -> None:
    """Enter that an old and a new number are one person's, so that each finds the papers of both; lists all."""
    with session(home, as_json=as_json) as this, open_services(this.settings) as ctx:
        by = asked_by(this, who, office)
        if not old and not new:
            if undo or reason:
                raise UsageError("no_numbers_to_link", remedy="give_old_and_new")
            views = list_links(ctx, by)
            if this.json:
                for view in views:
                    this.line(view.line())
                return
            rows = [
                [item.old, item.new, listed(item.at), item.who, item.reason,
                 f"{listed(item.undone_at)} {item.undone_by}" if item.undone_at else "",
                 item.undone_reason, phrase("yes") if item.counts else phrase("no")]
                for item in views
            ]  # fmt: skip
            this.table(["old number", "new number", "time", "who", "reason", "undone", "why undone", "counts"], rows)
            return
        act = unlink_numbers if undo else link_numbers
        view = act(ctx, by, old, new, reason=reason)
        if this.json:
            this.line(view.line())
        else:
            say("numbers_apart" if undo else "numbers_together", old=view.old, new=view.new)
