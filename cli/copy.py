"""`copy` and `copies`: a held paper is printed as a converted copy, and the book of such copies."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.asking import asked_by
from cli.options import Home, Json, Office, Who
from cli.output import say, session
from domain.clock import listed
from domain.codes import file_name, mask_code
from domain.messages.told import told
from services.context import open_services
from services.copies.book import copy_book, write_copy_book
from services.copies.converting import copy_paper
from services.reuse.references import is_short

_LONGEST_NAME = 200  # of letters; no file system has names of more than 255 bytes


def copy(
    code: Annotated[str, typer.Argument(help="Number of the answer, or the paper's id", metavar="NUMBER|ID|CODE")],
    dossier: Annotated[str, typer.Option("--for", help="The dossier for which it was asked")],
    out: Annotated[Path | None, typer.Option("--out", "-o", help="The PDF to print (default: named by NUMBER)")] = None,
    who: Who = "",
    office: Office = "",
    home: Home = Path("khoso-data"),
    as_json: Json = False,
) -> None:
    """Convert a held paper to a copy on paper, with its marks and a number of the office's book."""
    with session(home, as_json=as_json) as this, open_services(this.settings) as ctx:
        by = asked_by(this, who, office)
        name = f"{dossier}-{code}" if is_short(code) else mask_code(code).replace("*", "_")
        target = out or Path(f"{file_name(f'{name}-copy')[:_LONGEST_NAME]}.pdf")
        made = copy_paper(ctx, by, code, dossier=dossier, target=target)
        if this.json:
            this.line(made.line())
        else:
            say("copy_made", number=made.number, place=target, pages=made.pages)


def copies(
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write a CSV file instead")] = None,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d", "%d/%m/%Y"], help="Only from that day on")
    ] = None,
    who: Who = "",
    home: Home = Path("khoso-data"),
    as_json: Json = False,
) -> None:
    """List the book of copies on paper: numbers, papers, dossiers, who converted them."""
    with session(home, as_json=as_json) as this, open_services(this.settings) as ctx:
        by, first = asked_by(this, who), since.date() if since else None
        if out is not None:
            count = write_copy_book(ctx, by, out, first)
            if this.json:
                this.line({"count": count, "file": str(out.resolve())})
            else:
                say("copies_written", number=count, place=out)
            return
        found = copy_book(ctx, by, first)
        for item in found if this.json else ():
            this.line(item.line())
        if this.json:
            return
        rows = [
            [
                item.number,
                item.office,
                listed(datetime.fromisoformat(item.at)),
                item.who,
                item.paper,
                item.dossier,
                str(item.pages),
                "" if item.done else told("copy_begun").text(),
            ]
            for item in found
        ]
        this.table(["no.", "office", "time", "who", "paper", "dossier", "pages", "state"], rows)
