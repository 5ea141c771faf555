"""`lookup`: do we already hold a valid copy of this paper?"""

import getpass
from pathlib import Path
from typing import Annotated

import typer

from cli.options import Home, Json, Who
from cli.output import session
from domain.clock import today
from domain.codes import mask_code, parse_dossier
from domain.errors import UsageError
from domain.owners import mask, normal_owner
from pipeline.context import open_context
from search.reuse import lookup as ask


def lookup(
    owner: Annotated[str, typer.Option(help="The owner's identifier")],
    type_code: Annotated[str, typer.Option("--type", help="The paper type's code")],
    dossier: Annotated[str, typer.Option(help="The dossier for which it is asked: the purpose")],
    who: Who = "",
    home: Home = Path("khoso-data"),
    as_json: Json = False,
) -> None:
    """Ask whether a paper is held: held-and-valid, held-but-expired or not-held; never hands over the file."""
    with session(home, as_json=as_json) as this, open_context(this.settings) as ctx:
        if type_code not in {item.code for item in ctx.catalogues.types}:
            raise UsageError(f"No document type {type_code!r}", remedy="See config/catalogues/types.yaml")
        if dossier:
            parse_dossier(dossier)
        owner = normal_owner(owner)
        answer = ask(ctx.catalogue, owner_id=owner, type_code=type_code, dossier=dossier, today=today())
        paper = answer.paper
        # law 8A: every question is recorded, the purpose with it; the owner only masked
        ctx.journal.record(
            "asked",
            who=who or getpass.getuser(),
            subject=mask(owner),
            type=type_code,
            dossier=dossier,
            answer=answer.answer,
            paper=paper.id if paper else None,
        )
        told = {
            "answer": answer.answer,
            "id": paper.id if paper else None,
            "code": paper.code if paper else None,
            "issuer": paper.issuer if paper else None,
            "issued": paper.issued if paper else None,
            "valid_until": (paper.valid_until or "permanent") if paper else None,
        }
        if this.json:
            this.line(told)
        else:
            told["code"] = mask_code(paper.code) if paper else None
            this.table(["what", "value"], [[name, str(value)] for name, value in told.items() if value])
