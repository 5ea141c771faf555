"""`certify` and `certified`: the e-copy of an original that was seen is certified, and the book of such copies."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.asking import asked_by
from cli.options import Home, Json, Office, Who
from cli.output import Session, say, session
from domain.clock import listed
from domain.codes import dossier_key, file_name
from domain.messages.told import told
from services.certifying.certifying import certify_paper
from services.certifying.register import (
    CertifiedBook,
    CertifiedEntry,
    certified_book,
    certified_books,
    write_certified_book,
)
from services.context import open_services

_LONGEST_NAME = 200  # of letters; no file system has names of more than 255 bytes


def certify(
    code: Annotated[str, typer.Argument(help="Document id, or a code that it has or had", metavar="ID|CODE")],
    dossier: Annotated[str, typer.Option("--for", help="The dossier in which the certification was asked for")],
    component: Annotated[str, typer.Option(help="The component of that dossier for which it is")] = "",
    reason: Annotated[str, typer.Option(help="Why it is certified for a dossier that may be no purpose")] = "",
    out: Annotated[Path | None, typer.Option("--out", "-o", help="The PDF to give out (default: by DOSSIER)")] = None,
    who: Who = "",
    office: Office = "",
    home: Home = Path("khoso-data"),
    as_json: Json = False,
) -> None:
    """Certify the e-copy of an original that lies before you: numbered, signed by you, sealed, entered in the book."""
    with session(home, as_json=as_json) as this, open_services(this.settings) as ctx:
        by = asked_by(this, who, office)
        target = out or Path(f"{file_name(f'{dossier_key(dossier)}-certified')[:_LONGEST_NAME]}.pdf")
        made = certify_paper(ctx, by, code, dossier=dossier, target=target, component=component, reason=reason)
        if this.json:
            this.line(made.line())
        else:
            say("certified_made", number=made.number, book=made.book, place=target, signer=made.signer)


def certified(
    books: Annotated[bool, typer.Option("--books", help="The books themselves: first and last number, closed")] = False,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write a CSV file instead")] = None,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d", "%d/%m/%Y"], help="Only from that day on")
    ] = None,
    who: Who = "",
    office: Office = "",
    home: Home = Path("khoso-data"),
    as_json: Json = False,
) -> None:
    """List the book of certified e-copies: numbers, who certified, dossiers, papers."""
    with session(home, as_json=as_json) as this, open_services(this.settings) as ctx:
        by, first = asked_by(this, who, office), since.date() if since else None
        if out is not None:
            count = write_certified_book(ctx, by, out, first)
            if this.json:
                this.line({"count": count, "file": str(out.resolve())})
            else:
                say("copies_written", number=count, place=out)
            return
        if books:
            _show_books(this, certified_books(ctx, by))
        else:
            _show(this, certified_book(ctx, by, first))


def _show_books(this: Session, books: Sequence[CertifiedBook]) -> None:
    if this.json:
        for item in books:
            this.line(item.line())
        return
    rows = [
        [item.office, item.book, str(item.first), str(item.last), str(item.begun), str(item.closed or "")]
        for item in books
    ]
    this.table(["office", "book", "first", "last", "begun", "closed"], rows)


def _show(this: Session, entries: Sequence[CertifiedEntry]) -> None:
    if this.json:
        for item in entries:
            this.line(item.line())
        return
    rows = [
        [
            str(item.number),
            item.book,
            item.office,
            listed(datetime.fromisoformat(item.at)),
            item.signer,
            item.paper,
            item.dossier,
            item.component,
            "" if item.done else told("certifying_begun").text(),
        ]
        for item in entries
    ]
    this.table(["no.", "book", "office", "time", "who", "paper", "dossier", "component", "state"], rows)
