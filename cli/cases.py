"""`cases`: owners ask that a paper be put right; what was asked, until when, and what became of it."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.asking import asked_by
from cli.options import Home, Json, Office, Who
from cli.output import CHATTER, Session, session
from cli.words import state_word
from domain.messages.told import told
from services.context import open_services
from services.corrections.cases import CaseView, answer_case, list_cases, open_case, refuse_case

_DAYS = ["%Y-%m-%d", "%d/%m/%Y"]

cases = typer.Typer(add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True)


@cases.callback()
def about() -> None:
    """Requests of owners to put a paper right: open, list, answer, refuse."""


@cases.command("open")
def enter_case(
    code: Annotated[str, typer.Argument(help="The paper, by its id or a code that it has or had", metavar="ID|CODE")],
    request: Annotated[str, typer.Option(help="What the owner asks")],
    received: Annotated[
        datetime | None,
        typer.Option(formats=_DAYS, help="The day on which it came (default: today)"),
    ] = None,
    who: Who = "",
    office: Office = "",
    home: Home = Path("khoso-data"),
    as_json: Json = False,
) -> None:
    """Enter a request of an owner; its terms count from the day on which it came."""
    with session(home, as_json=as_json) as this, open_services(this.settings) as ctx:
        by = asked_by(this, who, office)
        _tell(this, open_case(ctx, by, code, request=request, received=received.date() if received else None))


@cases.command("list")
def list_all(
    due: Annotated[bool, typer.Option("--due", help="Only open ones, the most urgent first")] = False,
    who: Who = "",
    office: Office = "",
    home: Home = Path("khoso-data"),
    as_json: Json = False,
) -> None:
    """List the requests of owners with the days on which they are due."""
    with session(home, as_json=as_json) as this, open_services(this.settings) as ctx:
        found = list_cases(ctx, asked_by(this, who, office), due=due)
        for view in found if this.json else ():
            this.line(view.line())
        if not this.json:
            rows = [[str(view.number), view.paper, str(view.received), *_stands(view)] for view in found]
            this.table(["case", "paper", "received", "state", "due", "request"], rows)


@cases.command("answer")
def answer_one(
    number: Annotated[int, typer.Argument(help="The number of the request", metavar="NUMBER")],
    who: Who = "",
    office: Office = "",
    home: Home = Path("khoso-data"),
    as_json: Json = False,
) -> None:
    """Enter that the owner was told how his request goes on. For archivists."""
    with session(home, as_json=as_json) as this, open_services(this.settings) as ctx:
        _tell(this, answer_case(ctx, asked_by(this, who, office), number))


@cases.command("refuse")
def refuse_one(
    number: Annotated[int, typer.Argument(help="The number of the request", metavar="NUMBER")],
    reason: Annotated[str, typer.Option(help="Why nothing is put right, as the owner is told")] = "",
    who: Who = "",
    office: Office = "",
    home: Home = Path("khoso-data"),
    as_json: Json = False,
) -> None:
    """Settle a request without putting anything right; `correct --case` grants it. For archivists."""
    with session(home, as_json=as_json) as this, open_services(this.settings) as ctx:
        _tell(this, refuse_case(ctx, asked_by(this, who, office), number, reason=reason))


def _stands(view: CaseView) -> tuple[str, str, str]:
    return state_word(view.state), str(view.due or ""), view.request


def _tell(this: Session, view: CaseView) -> None:
    if this.json:
        this.line(view.line())
    elif view.due is None:
        CHATTER.print(told("case_is_settled", number=view.number, state=state_word(view.state)).text(), markup=False)
    else:
        days = {"answer_by": view.answer_by, "settle_by": view.settle_by}
        CHATTER.print(told("case_is_open", number=view.number, **days).text(), markup=False)
