"""`reindex` and `rebuild`: the index and the catalogue are made anew from the vault alone (design law 3)."""

from pathlib import Path

from cli.options import Home, Json
from cli.output import CHATTER, session
from pipeline.context import open_context
from pipeline.embedded import sole_runner
from pipeline.restore import rebuild_catalogue, rebuild_index


def reindex(home: Home = Path("khoso-data"), as_json: Json = False) -> None:
    """Make the search index anew from catalogue and vault."""
    with session(home, as_json=as_json) as this, open_context(this.settings) as ctx:
        number = rebuild_index(ctx)
        if this.json:
            this.line({"indexed": number})
        CHATTER.print(f"{number} papers indexed.", markup=False)


def rebuild(home: Home = Path("khoso-data"), as_json: Json = False) -> None:
    """Make the catalogue anew from the vault, then the index."""
    with (
        session(home, as_json=as_json) as this,
        sole_runner(this.settings),
        open_context(this.settings, rebuilding=True) as ctx,
    ):
        papers = rebuild_catalogue(ctx)
        number = rebuild_index(ctx)
        if this.json:
            this.line({"papers": papers, "indexed": number})
        CHATTER.print(f"{papers} papers catalogued from the vault, {number} indexed.", markup=False)
