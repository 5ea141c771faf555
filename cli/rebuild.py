"""`index`, `reindex` and `rebuild`: index and catalogue kept in step, or made anew from the vault (design law 3)."""

import time
from pathlib import Path
from typing import Annotated

import typer

from cli.asking import asked_by
from cli.endings import tell_lag
from cli.options import Home, Json, Who
from cli.output import Session, say, session
from cli.progress import step_bar
from cli.words import word_of
from domain.codes import mask_code
from domain.errors import ExitCode
from services import index as act
from services.context import open_services
from services.rebuild import Rebuilt
from services.rebuild import rebuild as make_all_anew

_POLL_S = 2


def reindex(
    check: Annotated[
        bool, typer.Option("--check", help="Only send what differs from the catalogue; for every night")
    ] = False,
    who: Who = "",
    home: Home = Path("khoso-data"),
    as_json: Json = False,
) -> None:
    """Make the search index anew beside the live one, or compare it with the catalogue and mend what differs."""
    with session(home, as_json=as_json) as this, open_services(this.settings) as ctx:
        by = asked_by(this, who)
        if check:
            mended = act.mend(ctx, by)
            numbers = {name: len(ids) for name, ids in mended.found._asdict().items()}
            if this.json:
                this.line(numbers | {"left": len(mended.left.all)})
            say("compared_with_catalogue", **numbers)
            lag = act.lag(ctx, by)
            tell_lag(lag)
            if mended.left.all or lag.dead:
                say("index_differs_yet", count=len(mended.left.all), dead=lag.dead)
                raise typer.Exit(ExitCode.NOT_VALID)
        else:
            number = act.make_anew(ctx, by)
            if this.json:
                this.line({"indexed": number})
            say("papers_indexed", count=number)
            tell_lag(act.lag(ctx, by))


def index(
    follow: Annotated[
        bool, typer.Option("--follow", help="Go on until stopped: the indexer of several workers")
    ] = False,
    who: Who = "",
    home: Home = Path("khoso-data"),
    as_json: Json = False,
) -> None:
    """Send the search index the changes that it missed; one that cannot be used is made anew."""
    with session(home, as_json=as_json) as this, open_services(this.settings) as ctx:
        by = asked_by(this, who)
        while follow:
            act.keep_sending(ctx, by)
            time.sleep(_POLL_S)
        sending = act.send(ctx, by)
        if this.json:
            this.line({"sent": sending.papers, "anew": sending.anew})
        if sending.anew:
            say("index_made_anew", why=sending.anew)
        say("papers_sent", count=sending.papers)
        tell_lag(act.lag(ctx, by))


def rebuild(who: Who = "", home: Home = Path("khoso-data"), as_json: Json = False) -> None:
    """Make the catalogue anew from the vault, then the index; what cannot be read or differs is told (exit code 7).

    It stands in the audit journal too, for the next rebuild compares with the catalogue that this one made.
    """
    with session(home, as_json=as_json) as this, open_services(this.settings, rebuilding=True) as ctx:
        by = asked_by(this, who)
        with step_bar() as follow:
            found = make_all_anew(ctx, by, follow)
        if this.json:
            for line in found.lines():
                this.line(line)
        else:
            tell_differences(this, found)
        say("papers_catalogued", papers=found.papers, indexed=found.indexed)
        if found.former_secret:
            say("owners_under_former_secret", count=found.former_secret.questions)
        if found.index_waits:
            say("index_lacks_them", why=found.index_waits)
        if found.unread or found.differences or found.former_secret:
            raise typer.Exit(ExitCode.NOT_VALID)
        if found.index_waits:
            raise typer.Exit(ExitCode.SETUP)


def tell_differences(this: Session, found: Rebuilt) -> None:
    """What could not be read, and which papers are not as they were known."""
    if found.unread:
        this.table(
            ["object that cannot be read", "reason", "what to do"],
            [[str(item.path), item.reason, item.remedy] for item in found.unread],
        )
    if found.differences:
        this.table(
            ["paper", "code", "object", "what is so", "what to do"],
            [[item.id, mask_code(item.code), item.object_id, *_difference(item.about)] for item in found.differences],
        )


def _difference(about: str) -> tuple[str, str]:
    return word_of("differs", about), word_of("differs", f"{about}_remedy")
