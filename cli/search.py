"""`search`: find archived papers by what they say."""

import getpass
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.options import Home, Json, Who
from cli.output import CHATTER, session
from domain.codes import mask_code
from domain.owners import mask_text
from pipeline.context import open_context


def search(
    words: Annotated[list[str], typer.Argument(help='Words, numbers, "phrases"; accents may be left out')],
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 20,
    who: Who = "",
    home: Home = Path("khoso-data"),
    as_json: Json = False,
) -> None:
    """Find papers by words, numbers or codes; recorded in the audit journal."""
    with session(home, as_json=as_json) as this, open_context(this.settings) as ctx:
        question = " ".join(words)
        with ctx.index() as index:
            hits = index.search(question, limit)
        ctx.journal.record("searched", who=who or getpass.getuser(), subject="index", hits=len(hits))
        found: list[dict[str, Any]] = []
        for hit in hits:
            paper = ctx.catalogue.paper(hit.id)
            if paper is not None:  # the index may lag behind; the catalogue is right
                found.append(
                    {
                        "id": paper.id,
                        "code": paper.digitisation_code,
                        "type": paper.type_code,
                        "number": paper.number_symbol,
                        "issued": paper.issued,
                        "title": paper.title,
                        "score": round(hit.score, 3),
                        "snippet": mask_text(hit.snippet),
                    }
                )
        if this.json:
            for item in found:
                this.line(item)
        else:
            rows = [
                [
                    item["id"],
                    mask_code(item["code"]),
                    str(item["number"] or ""),
                    str(item["issued"] or ""),
                    item["title"] or "",
                    " ".join(item["snippet"].split())[:80],
                ]
                for item in found
            ]
            this.table(["id", "code", "number", "issued", "title", "text"], rows)
            CHATTER.print(f"{len(found)} found.", markup=False)
