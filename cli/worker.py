"""`worker`: work on what was handed over to a broker."""

from pathlib import Path
from typing import Annotated

import typer

from cli.options import Home, Json
from cli.output import session


def worker(
    broker: Annotated[str, typer.Option(help="The broker's address, redis://host:port/number")],
    until_idle: Annotated[bool, typer.Option("--until-idle", help="Stop when nothing waits any more")] = False,
    home: Home = Path("khoso-data"),
    as_json: Json = False,
) -> None:
    """Work on documents that `ingest --broker` handed over, until Ctrl-C; `status` tells what became of them."""
    with session(home, as_json=as_json, store="made") as this:
        from workers.process import work  # noqa: PLC0415 (only here is dramatiq needed)

        work(this.settings, broker, until_idle=until_idle)
