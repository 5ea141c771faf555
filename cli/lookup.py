"""`lookup` and `use`: do we already hold a valid copy of this paper, and if so, hand it over."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from cli.asking import asked_by
from cli.options import Home, Json, Office, Who
from cli.output import Session, say, session
from cli.words import role_shown
from domain.codes import file_name, mask_code
from domain.messages.told import told
from services.context import open_services
from services.registers.interface import ComponentView
from services.reuse.asking import lookup as ask
from services.reuse.handing_over import use as hand_over
from services.reuse.persons import persons_given
from services.reuse.references import is_short, short_ids
from services.reuse.wording import ANSWERS

_LONGEST_NAME = 200  # of letters; no file system has names of more than 255 bytes


def lookup(
    dossier: Annotated[str, typer.Option(help="The dossier for which it is asked: the purpose")],
    owner: Annotated[
        list[str] | None,
        typer.Option(
            help="The applicant's identifier, or that of another person of the dossier with the role; several times",
            metavar="[ROLE=]NUMBER",
        ),
    ] = None,
    procedure: Annotated[
        str, typer.Option(help="Code or name of the procedure; that of the dossier when it is known")
    ] = "",
    type_code: Annotated[str, typer.Option("--type", help="Ask for one paper type by its code or name instead")] = "",
    reason: Annotated[str, typer.Option(help="Why it is asked for a dossier that may be no purpose")] = "",
    slip: Annotated[
        Path | None, typer.Option(help="Write the answers for the owner, in Vietnamese, to this PDF")
    ] = None,
    who: Who = "",
    office: Office = "",
    home: Home = Path("khoso-data"),
    as_json: Json = False,
) -> None:
    """Ask which papers need not be brought, one answer per component; never hands over a file."""
    with session(home, as_json=as_json) as this, open_services(this.settings) as ctx:
        by = asked_by(this, who, office)
        answers = ask(
            ctx,
            by,
            persons=persons_given(owner or ()),
            dossier=dossier,
            procedure=procedure,
            type_code=type_code,
            reason=reason,
            slip=slip,
        )
        views = [answer.view(number) for number, answer in enumerate(answers, start=1)]
        if this.json:
            for view in views:
                this.line(view.line())
            return
        _show(this, views)
        for role, also in dict.fromkeys((view.role, view.also) for view in views if view.also):
            say("looked_under_numbers", who=role_shown(role), numbers=also)
        if any(view.answer == "held-and-valid" for view in views):
            say("use_by_number", dossier=dossier)
        if slip:
            say("slip_written", file=slip)


def _show(this: Session, views: Sequence[ComponentView]) -> None:
    """The answers as a table, with the beginnings of ids by which papers are used."""
    ids = dict(zip(held := [view.id for view in views if view.id], short_ids(held), strict=True))
    rows = [
        [
            str(view.reference),
            view.name,
            role_shown(view.role),
            told(ANSWERS[view.answer]).text(),
            ids.get(view.id or "", ""),
            view.issuer or "",
            str(view.issued or ""),
            told("for_ever").text() if view.valid_until == "permanent" else str(view.valid_until or ""),
            view.why,
        ]
        for view in views
    ]
    this.table(["no.", "component", "whose", "answer", "id", "issuer", "issued", "valid until", "why"], rows)


def use(
    code: Annotated[str, typer.Argument(help="Number of the answer, or the paper's id", metavar="NUMBER|ID|CODE")],
    dossier: Annotated[str, typer.Option(help="The dossier for which it was asked")],
    out: Annotated[Path | None, typer.Option(help="Where the signed PDF is written (default: named by NUMBER)")] = None,
    who: Who = "",
    office: Office = "",
    home: Home = Path("khoso-data"),
    as_json: Json = False,
) -> None:
    """Take over a held paper for the dossier for which it was asked; the reuse is recorded once."""
    with session(home, as_json=as_json) as this, open_services(this.settings) as ctx:
        by = asked_by(this, who, office)
        name = f"{dossier}-{code}" if is_short(code) else mask_code(code).replace("*", "_")
        target = out or Path(f"{file_name(name)[:_LONGEST_NAME]}.pdf")
        handed = hand_over(ctx, by, code, dossier=dossier, target=target)
        if this.json:
            this.line(handed.line())
        else:
            say("handed_over" if handed.first_use else "handed_over_again", place=target)
