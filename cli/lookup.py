"""`lookup` and `use`: do we already hold a valid copy of this paper, and if so, hand it over."""

from pathlib import Path
from typing import Annotated

import typer

from cli.asking import asked_by
from cli.options import Home, Json, Office, Who
from cli.output import CHATTER, session
from domain.codes import file_name, mask_code
from services.context import open_services
from services.reuse import lookup as ask
from services.reuse import use as hand_over

_LONGEST_NAME = 200  # of letters; no file system has names of more than 255 bytes


def lookup(
    owner: Annotated[str, typer.Option(help="The owner's identifier")],
    dossier: Annotated[str, typer.Option(help="The dossier for which it is asked: the purpose")],
    procedure: Annotated[str, typer.Option(help="The procedure's code; that of the dossier when it is known")] = "",
    type_code: Annotated[str, typer.Option("--type", help="Ask for one paper type by its code instead")] = "",
    who: Who = "",
    office: Office = "",
    home: Home = Path("khoso-data"),
    as_json: Json = False,
) -> None:
    """Ask which papers need not be brought, one answer per component; never hands over a file."""
    with session(home, as_json=as_json) as this, open_services(this.settings) as ctx:
        by = asked_by(this, who, office)
        answers = ask(ctx, by, owner_id=owner, dossier=dossier, procedure=procedure, type_code=type_code)
        views = [answer.view() for answer in answers]
        if this.json:
            for view in views:
                this.line(view.line())
            return
        rows = [
            [
                view.name,
                view.answer,
                mask_code(view.code or ""),
                view.issuer or "",
                str(view.issued or ""),
                str(view.valid_until or ""),
                view.why,
            ]
            for view in views
        ]
        this.table(["component", "answer", "code", "issuer", "issued", "valid until", "why"], rows)


def use(
    code: Annotated[str, typer.Argument(help="The paper, as `lookup` told it", metavar="ID|CODE")],
    dossier: Annotated[str, typer.Option(help="The dossier for which it was asked")],
    out: Annotated[Path | None, typer.Option(help="Where the signed PDF is written (default: <code>.pdf)")] = None,
    who: Who = "",
    office: Office = "",
    home: Home = Path("khoso-data"),
    as_json: Json = False,
) -> None:
    """Take over a held paper for the dossier for which it was asked; the reuse is recorded once."""
    with session(home, as_json=as_json) as this, open_services(this.settings) as ctx:
        by = asked_by(this, who, office)
        target = out or Path(f"{file_name(mask_code(code).replace('*', '_'))[:_LONGEST_NAME]}.pdf")
        handed = hand_over(ctx, by, code, dossier=dossier, target=target)
        if this.json:
            this.line(handed.line())
        else:
            again = "" if handed.first_use else " (it was recorded for this dossier before)"
            CHATTER.print(f"The paper lies at {target}{again}.", markup=False)
