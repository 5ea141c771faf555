"""`show`: everything known of one document."""

import getpass
from pathlib import Path
from typing import Annotated

import typer

from cli.options import Home, Json, Who
from cli.output import session
from cli.views import document_view
from domain.owners import mask
from pipeline.context import Context, open_context


def show(
    code: Annotated[str, typer.Argument(help="Document id, digitisation code or result code", metavar="ID|CODE")],
    who: Who = "",
    home: Home = Path("khoso-data"),
    as_json: Json = False,
) -> None:
    """Show a document: state, codes, fields, files; recorded in the audit journal."""
    with session(home, as_json=as_json) as this, open_context(this.settings) as ctx:
        view = document_view(ctx, find(ctx, code))
        ctx.journal.record("shown", who=who or getpass.getuser(), subject=str(view["id"]))
        if this.json:
            this.line(view)
            return
        fields = view.pop("fields")
        rows = [[name, str(value)] for name, value in view.items() if value not in (None, "", [])]
        for name, item in fields.items():
            value = mask(item["value"]) if name == "owner_id" else item["value"]
            place = f"page {item['page']}" if item["page"] else item["source"]
            rows.append([f"  {name}", f"{value}  ({item['confidence']:.2f}, {place})"])
        this.table(["what", "value"], rows)


def find(ctx: Context, code: str) -> str:
    """The document id that an id or code means; an unknown one is given back as it is."""
    paper = ctx.catalogue.paper(code)
    return paper.id if paper else code
