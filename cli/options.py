"""Options that all commands share."""

from pathlib import Path
from typing import Annotated

import typer

Home = Annotated[Path, typer.Option(envvar="KHOSO_HOME", help="The folder of the store")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object per line on stdout")]
Who = Annotated[str, typer.Option(envvar="KHOSO_WHO", help="Who asks or decides; goes into the audit journal")]
Office = Annotated[
    str, typer.Option(envvar="KHOSO_OFFICE", help="Identifier of the asking office (default: the agency's)")
]
