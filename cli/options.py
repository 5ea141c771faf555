"""Options that all commands share."""

from pathlib import Path
from typing import Annotated

import typer

from domain.messages.told import told


def _folder(text: str) -> Path:
    """The folder that is named; what may be done with it is told where it is opened."""
    if not str(text).strip():  # an empty variable of a script would name the folder in which it runs
        raise typer.BadParameter(told("no_folder_named").text())
    return Path(text)


Home = Annotated[
    Path, typer.Option(envvar="KHOSO_HOME", help="The folder of the store", parser=_folder, metavar="FOLDER")
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object per line on stdout")]
Who = Annotated[str, typer.Option(envvar="KHOSO_WHO", help="Who asks or decides; goes into the audit journal")]
Office = Annotated[
    str, typer.Option(envvar="KHOSO_OFFICE", help="Identifier of the asking office (default: the agency's)")
]
