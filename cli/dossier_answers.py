"""`dossiers list` and `dossiers show`: dossiers, what was answered when they came, what was brought although held."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.asking import asked_in_office
from cli.options import Home, Json, Office, Who
from cli.output import Session, say, session
from domain.clock import listed
from domain.messages.told import told
from services.context import open_services
from services.dossiers import demanded
from services.reuse.wording import ANSWERS

_HANDINGS = {"demanded": "handing_demanded", "reused": "handing_reused", "not_brought": "handing_not_brought"}


def list_dossiers(
    only_demanded: Annotated[
        bool, typer.Option("--demanded", help="Papers that were brought although they were held, with their shares")
    ] = False,
    of_office: Annotated[str, typer.Option("--of", help="Only of this office and those below it: code or name")] = "",
    procedure: Annotated[str, typer.Option(help="Only of this procedure: code or name")] = "",
    since: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Received from that day on")] = None,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Received up to that day")] = None,
    who: Who = "",
    office: Office = "",
    home: Home = Path("khoso-data"),
    as_json: Json = False,
) -> None:
    """List dossiers, or the papers that were brought for them although they were held."""
    with session(home, as_json=as_json) as this, open_services(this.settings) as ctx:
        by = asked_in_office(this, who, office)
        days = (day.date() if day else None for day in (since, until))
        chosen = demanded.DossierFilter(office=of_office, procedure=procedure, since=next(days), until=next(days))
        if only_demanded:
            _tell_demanded(this, *demanded.list_demanded(ctx, by, chosen))
        else:
            _tell_dossiers(this, demanded.list_dossiers(ctx, by, chosen))


def _tell_demanded(
    this: Session, papers: Sequence[demanded.DemandedPaper], counts: Sequence[demanded.DemandedCount]
) -> None:
    if this.json:
        for paper in papers:
            this.line({"what": "paper", **paper.line()})
        for count in counts:
            this.line({"what": "count", **count.line()})
        return
    rows = [[item.dossier, item.office, item.procedure, item.name, item.paper or ""] for item in papers]
    this.table(["dossier", "office", "procedure", "component", "id"], rows)
    shares = [
        [
            item.office,
            item.procedure,
            f"{item.troubled}/{item.dossiers}",
            f"{item.demanded}/{item.held}",
            f"{item.share:.1%}",
        ]
        for item in counts
    ]
    this.table(["office", "procedure", "dossiers", "papers", "share"], shares)
    say("demanded_counted", count=len(papers), held=sum(item.held for item in counts))


def _tell_dossiers(this: Session, found: Sequence[demanded.DossierLine]) -> None:
    if this.json:
        for dossier in found:
            this.line(dossier.line())
        return
    rows = [
        [
            item.dossier,
            item.office,
            item.procedure,
            str(item.received),
            str(item.finished or ""),
            str(item.components),
            str(item.held),
            str(item.demanded),
        ]
        for item in found
    ]
    this.table(
        ["dossier", "office", "procedure", "received", "ended", "components", "held here", "brought anyway"], rows
    )
    say("dossiers_listed", count=len(found))


def show_dossier(
    code: Annotated[str, typer.Argument(help="Code of the dossier", metavar="DOSSIER")],
    who: Who = "",
    office: Office = "",
    home: Home = Path("khoso-data"),
    as_json: Json = False,
) -> None:
    """Show a dossier, and what was answered of each component when it came."""
    with session(home, as_json=as_json) as this, open_services(this.settings) as ctx:
        view = demanded.show_dossier(ctx, asked_in_office(this, who, office), code)
        if this.json:
            this.line(view.line())
            return
        this.facts(
            [
                ["dossier", view.dossier],
                ["office", view.office],
                ["procedure", f"{view.procedure} {view.name}".strip()],
                ["owner", view.owner],
                ["received", str(view.received)],
                ["ended", str(view.finished or "")],
                ["portal's state", view.portal_state],
            ]
        )
        rows = [
            [
                listed(item.at),
                item.component,
                item.name,
                told(ANSWERS[item.answer]).text(),
                item.paper or "",
                item.why,
                told(_HANDINGS[item.handing]).text() if item.handing else "",
            ]
            for item in view.answers
        ]
        this.table(["time", "code", "component", "answer", "id", "why", "what became of it"], rows)
        rounds = Counter(item.round for item in view.answers)
        say("dossier_answered" if rounds else "dossier_unanswered", count=len(rounds))
