"""`dossiers`: what the one-stop system knows of its dossiers comes in, and goes back with what was reused."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.asking import asked_in_office
from cli.dossier_answers import list_dossiers, show_dossier
from cli.faults import faults_shown
from cli.options import Home, Json, Office, Who
from cli.output import Session, say, session
from domain.clock import VIETNAM, listed
from domain.errors import ExitCode
from domain.messages.told import told
from services.context import open_services
from services.document import DocumentView, show
from services.dossiers.ended import export_ended
from services.dossiers.give_back import LeftOut, export
from services.dossiers.take_in import take_in_dossiers
from services.dossiers.terms import unknown_terms
from services.dossiers.tie import tie, untie
from services.reuse.purpose import DoubtfulLookup, doubtful_lookups

_DOUBTS = {
    "unknown": "doubt_unknown",
    "other_owner": "doubt_other_owner",
    "unnamed_person": "doubt_unnamed_person",
    "closed": "doubt_closed",
}

dossiers = typer.Typer(add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True)


@dossiers.callback()
def about() -> None:
    """Dossiers of the one-stop system: import, list, export, terms; tie held papers to them, untie."""


dossiers.command("list")(list_dossiers)
dossiers.command("show")(show_dossier)


@dossiers.command("import")
def import_dossiers(
    file: Annotated[Path, typer.Argument(help="JSON, CSV or XLSX with the names of the portal (MaHoSo, MaTTHC, …)")],
    who: Who = "",
    office: Office = "",
    home: Home = Path("khoso-data"),
    as_json: Json = False,
) -> None:
    """Enter the dossiers of a file, or what they have become: all or none."""
    opened = session(home, as_json=as_json, store="made")
    with opened as this, open_services(this.settings) as ctx, faults_shown(this):
        taken = take_in_dossiers(ctx, asked_in_office(this, who, office), file)
        counts = {"added": taken.added, "changed": taken.changed, "unchanged": taken.unchanged}
        counts["answered"] = taken.answered
        if this.json:
            this.line({**counts, "unknown_procedures": sorted(taken.unknown)})
            return
        say("dossiers_entered", **counts)
        if taken.terms.counted:
            say("terms_counted", count=taken.terms.counted)
        if taken.terms.unread:
            say("terms_unread", ids=taken.terms.unread)
        if taken.unknown:
            say("procedures_unknown", codes=sorted(taken.unknown))


@dossiers.command("terms")
def list_unknown_terms(
    who: Who = "", office: Office = "", home: Home = Path("khoso-data"), as_json: Json = False
) -> None:
    """List papers of which nobody knows until when they are kept; they are kept until then."""
    with session(home, as_json=as_json) as this, open_services(this.settings) as ctx:
        found = unknown_terms(ctx, asked_in_office(this, who, office))
        for paper in found if this.json else ():
            this.line(
                {"id": paper.id, "type": paper.type_code, "class": paper.retention_class, "dossier": paper.dossier}
            )
        if not this.json:
            rows = [[paper.id, paper.type_code, paper.retention_class, paper.dossier or ""] for paper in found]
            this.table(["id", "type", "class", "dossier"], rows)
            say("terms_listed", count=len(found))


@dossiers.command("doubts")
def list_doubtful_lookups(
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only what was asked since that day")
    ] = None,
    who: Who = "",
    office: Office = "",
    home: Home = Path("khoso-data"),
    as_json: Json = False,
) -> None:
    """List look-ups for dossiers that are unknown, somebody else's or over, with the reasons that were given."""
    with session(home, as_json=as_json) as this, open_services(this.settings) as ctx:
        found = doubtful_lookups(
            ctx, asked_in_office(this, who, office), since.replace(tzinfo=VIETNAM) if since else None
        )
        for item in found if this.json else ():
            this.line(item.line())
        if this.json:
            return
        rows = [[listed(item.at), item.who, item.office, item.dossier, _named(item), item.reason] for item in found]
        this.table(["time", "who", "office", "dossier", "doubt", "reason"], rows)
        offices = Counter((item.office, _named(item)) for item in found)
        parts = [told("doubts_of_office", office=of, doubt=doubt, number=n) for (of, doubt), n in offices.items()]
        say("doubts_counted", count=len(found), parts=parts)


def _named(item: DoubtfulLookup) -> str:
    return ", ".join(told(_DOUBTS.get(doubt, doubt)).text() for doubt in item.doubts)


@dossiers.command("export")
def export_dossiers(
    out: Annotated[Path, typer.Option("--out", "-o", help="The JSON file to write")],
    results: Annotated[bool, typer.Option("--results", help="Results instead of dossiers")] = False,
    ended: Annotated[
        bool, typer.Option("--ended", help="Results that are over, with what came after them, instead of dossiers")
    ] = False,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="What was changed, used or archived since that day")
    ] = None,
    who: Who = "",
    office: Office = "",
    home: Home = Path("khoso-data"),
    as_json: Json = False,
) -> None:
    """Write dossiers (DongBoHoSo) or their results for the portal; for archivists."""
    with session(home, as_json=as_json) as this, open_services(this.settings) as ctx:
        by, day = asked_in_office(this, who, office), since.date() if since else None
        if ended:
            _tell_ended(this, export_ended(ctx, by, out, since=day), out)
            return
        done = export(ctx, by, out, results=results, since=day)
        if this.json:
            this.line({"count": done.count, "file": str(out.resolve()), "left_out": len(done.left_out)})
            for item in done.left_out:
                this.line(item.line())
        else:
            say("results_given_back" if results else "dossiers_given_back", count=done.count, file=out)
            _tell_left_out(this, done.left_out)
        raise typer.Exit(ExitCode.INCOMPLETE if done.left_out else ExitCode.OK)


def _tell_ended(this: Session, count: int, out: Path) -> None:
    if this.json:
        this.line({"count": count, "file": str(out.resolve()), "left_out": 0})
    else:
        say("ended_given_back", count=count, file=out)


def _tell_left_out(this: Session, left_out: Sequence[LeftOut]) -> None:
    if not left_out:
        return
    this.table(["paper", "code", "dossier"], [[item.id, item.code, item.dossier] for item in left_out])
    say("papers_left_out", count=len(left_out))


@dossiers.command("tie")
def tie_paper(
    code: Annotated[str, typer.Argument(help="Document id, or a code of the paper", metavar="CODE")],
    dossier: Annotated[str, typer.Argument(help="The dossier in which the paper is", metavar="DOSSIER")],
    reason: Annotated[str, typer.Option(help="How that is known; stays with the paper")] = "",
    other_owner: Annotated[
        bool, typer.Option("--other-owner", help="The dossier is somebody else's, and the paper belongs there")
    ] = False,
    who: Who = "",
    office: Office = "",
    home: Home = Path("khoso-data"),
    as_json: Json = False,
) -> None:
    """Enter a held paper in a dossier of the one-stop system; its own codes stay."""
    with session(home, as_json=as_json) as this, open_services(this.settings) as ctx:
        by = asked_in_office(this, who, office)
        paper = tie(ctx, by, code, dossier, reason=reason, other_owner=other_owner)
        _tell(this, show(ctx, by, paper.id))


@dossiers.command("untie")
def untie_paper(
    code: Annotated[str, typer.Argument(help="Document id, or a code of the paper", metavar="CODE")],
    reason: Annotated[str, typer.Option(help="Why it is not in that dossier; stays with the paper")] = "",
    who: Who = "",
    office: Office = "",
    home: Home = Path("khoso-data"),
    as_json: Json = False,
) -> None:
    """Take a held paper out of the dossier in which it was entered."""
    with session(home, as_json=as_json) as this, open_services(this.settings) as ctx:
        by = asked_in_office(this, who, office)
        _tell(this, show(ctx, by, untie(ctx, by, code, reason=reason).id))


def _tell(this: Session, view: DocumentView) -> None:
    if this.json:
        this.line(view.line())
        return
    dossier = view.dossier or told("no_dossier_yet").text()
    known = {"id": view.id, "code": view.code, "file_code": view.file_code, "dossier": dossier}
    this.facts([[name, str(value)] for name, value in known.items() if value])
