"""`lookup` and `use`: do we already hold a valid copy of this paper, and if so, hand it over."""

from pathlib import Path
from typing import Annotated, Any

import typer

from cli.asking import asked_by
from cli.options import Home, Json, Office, Who
from cli.output import CHATTER, session
from domain.codes import file_name, mask_code
from services.context import open_services
from services.registers.interface import ComponentAnswer
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
        if this.json:
            for answer in answers:
                this.line(_view(answer))
            return
        rows = []
        for answer in answers:
            view = _view(answer)
            until = view["valid_until"] or ""
            told = [mask_code(view["code"] or ""), view["issuer"] or "", str(view["issued"] or ""), str(until)]
            rows.append([answer.name, answer.answer, *told, answer.why])
        this.table(["component", "answer", "code", "issuer", "issued", "valid until", "why"], rows)


def _view(answer: ComponentAnswer) -> dict[str, Any]:
    """The line of `lookup --json` for a component; of a paper elsewhere what the other database told."""
    paper, elsewhere = answer.paper, answer.elsewhere
    found = elsewhere if elsewhere is not None and elsewhere.state == "found" else paper
    return {
        "component": answer.component,
        "name": answer.name,
        "required": answer.required,
        "answer": answer.answer,
        "why": answer.why,
        "id": paper.id if paper else None,
        "code": paper.code if paper else None,
        "type": paper.type_code if paper else None,
        "issuer": found.issuer if found else None,
        "number": found.number_symbol if found else None,
        "issued": found.issued if found else None,
        "valid_until": (found.valid_until or "permanent") if found else None,
        "scope": paper.scope if paper else None,
        "replaced_by": paper.replaced_by if paper else None,
        "signatures": _signatures(answer),
        "source": elsewhere.source if elsewhere else None,
    }


def _signatures(answer: ComponentAnswer) -> str | None:
    """The verdict on the paper's signatures as of archiving; `use` checks the file, `verify` its signatures."""
    if answer.paper is None:
        return None
    if answer.paper.level is not None:
        return f"ours, {answer.paper.level}"
    return "trusted" if answer.paper.trusted else "untrusted"


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
        paper, is_first = hand_over(ctx, by, code, dossier=dossier, target=target)
        if this.json:
            told = {"id": paper.id, "code": paper.digitisation_code, "dossier": dossier, "pdf": str(target.resolve())}
            this.line({**told, "first_use": is_first})
        else:
            again = "" if is_first else " (it was recorded for this dossier before)"
            CHATTER.print(f"The paper lies at {target}{again}.", markup=False)
