"""`separators`: separator sheets to print and lay between the papers of a stack."""

from pathlib import Path
from typing import Annotated

import typer

from cli.options import Home, Json
from cli.output import say, session
from files.outside import new_file
from pipeline.scans.sheets import draw_sheets


def separators(
    output: Annotated[Path, typer.Option("-o", "--output", help="The PDF to write")],
    dossier: Annotated[list[str] | None, typer.Option(help="A sheet that begins this dossier; may be repeated")] = None,
    count: Annotated[int, typer.Option(min=1, max=500, help="How many of each sheet")] = 1,
    home: Home = Path("khoso-data"),
    as_json: Json = False,
) -> None:
    """Print separator sheets: a new document of the same dossier, or the first one of a dossier."""
    with session(home, as_json=as_json, store="no") as this:
        wanted: list[str | None] = [code for code in dossier or () for _ in range(count)] or [None] * count
        with new_file(output, this.settings.home) as file:
            file.write(draw_sheets(wanted))
        if this.json:
            this.line({"pdf": str(output), "sheets": len(wanted)})
        say("sheets_drawn", count=len(wanted), file=str(output))
