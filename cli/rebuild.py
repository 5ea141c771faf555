"""`index`, `reindex` and `rebuild`: index and catalogue kept in step, or made anew from the vault (design law 3)."""

import time
from pathlib import Path
from typing import Annotated

import typer

from cli.options import Home, Json
from cli.output import CHATTER, session
from cli.told import tell_lag
from domain.errors import ExitCode
from pipeline.embedded import sole_runner
from pipeline.indexing import drain, drain_if_possible, rebuild_index, reconcile
from services.context import open_services
from services.rebuild import rebuild_catalogue

_POLL_S = 2


def reindex(
    check: Annotated[
        bool, typer.Option("--check", help="Only send what differs from the catalogue; for every night")
    ] = False,
    home: Home = Path("khoso-data"),
    as_json: Json = False,
) -> None:
    """Make the search index anew beside the live one, or compare it with the catalogue and mend what differs."""
    with session(home, as_json=as_json) as this, open_services(this.settings) as ctx:
        if check:
            found = reconcile(ctx)
            if this.json:
                this.line({name: len(ids) for name, ids in found._asdict().items()})
            told = ", ".join(f"{len(ids)} {name}" for name, ids in found._asdict().items())
            CHATTER.print(f"Compared with the catalogue: {told}; sent again.", markup=False)
        else:
            number = rebuild_index(ctx)
            if this.json:
                this.line({"indexed": number})
            CHATTER.print(f"{number} papers indexed.", markup=False)
        tell_lag(ctx)


def index(
    follow: Annotated[
        bool, typer.Option("--follow", help="Go on until stopped: the indexer of several workers")
    ] = False,
    home: Home = Path("khoso-data"),
    as_json: Json = False,
) -> None:
    """Send the search index what it has not heard of."""
    with session(home, as_json=as_json) as this, open_services(this.settings) as ctx:
        while follow:
            drain_if_possible(ctx)
            time.sleep(_POLL_S)
        number = drain(ctx)
        if this.json:
            this.line({"sent": number})
        CHATTER.print(f"{number} papers sent.", markup=False)
        tell_lag(ctx)


def rebuild(home: Home = Path("khoso-data"), as_json: Json = False) -> None:
    """Make the catalogue anew from the vault, then the index; objects that cannot be read are told (exit code 7)."""
    with (
        session(home, as_json=as_json) as this,
        sole_runner(this.settings),
        open_services(this.settings, rebuilding=True) as ctx,
    ):
        found = rebuild_catalogue(ctx)
        number = rebuild_index(ctx)
        if this.json:
            this.line({"papers": found.papers, "indexed": number})
            for item in found.unread:
                this.line(item.model_dump(mode="json"))
        elif found.unread:
            this.table(
                ["object that cannot be read", "reason", "what to do"],
                [[str(item.path), item.reason, item.remedy] for item in found.unread],
            )
        CHATTER.print(f"{found.papers} papers catalogued from the vault, {number} indexed.", markup=False)
        if found.unread:
            raise typer.Exit(ExitCode.NOT_VALID)
