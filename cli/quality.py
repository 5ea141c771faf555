"""`quality`: a lot is accepted or refused by a sample that a second person looks at."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.asking import asked_by
from cli.options import Home, Json, Office, Who
from cli.output import Session, say, session
from cli.words import phrase, state_word
from config.sampling import SamplingLevel
from domain.clock import listed
from domain.errors import UsageError
from domain.messages.told import told
from services.context import open_services
from services.quality.checking import check_paper
from services.quality.kept import MinutesStatement
from services.quality.minutes import give_minutes
from services.quality.opening import open_lot
from services.quality.telling import LotView, Rate, lot_list, lot_view, lot_views

quality = typer.Typer(add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True)

Batch = Annotated[str, typer.Argument(help="The batch, as `status` names it", metavar="BATCH")]


@quality.callback()
def about() -> None:
    """Acceptance of digitised lots: draw a sample, check it, minutes."""


@quality.command("open")
def open_batch(
    batch: Batch,
    aql: Annotated[
        float | None, typer.Option(help="Acceptance quality limit in percent (default: the settings')")
    ] = None,
    level: Annotated[
        SamplingLevel | None, typer.Option(help="Inspection level: I, II, III, S-1 to S-4 (default: the settings')")
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="A further sample of a lot that was refused; with --reason")
    ] = False,
    reason: Annotated[str, typer.Option(help="What was done since")] = "",
    who: Who = "",
    home: Home = Path("khoso-data"),
    as_json: Json = False,
) -> None:
    """Draw the sample of a closed batch by a seed that is kept."""
    with session(home, as_json=as_json) as this, open_services(this.settings) as ctx:
        by = asked_by(this, who)
        open_lot(ctx, by, batch, aql=aql, level=level, again=again, reason=reason)
        _show(this, lot_view(ctx, by, batch))


@quality.command("check")
def check(
    paper: Annotated[str, typer.Argument(help="The paper: its id or code", metavar="PAPER")],
    ok: Annotated[bool, typer.Option("--ok", help="Nothing is wrong with it")] = False,
    defect: Annotated[
        list[str] | None, typer.Option(help="A field, `type` or `code` that is wrong; may be repeated")
    ] = None,
    value: Annotated[
        list[str] | None, typer.Option(help="What is right there: one for each --defect, in their order")
    ] = None,
    image: Annotated[str, typer.Option(help="What is wrong with its image")] = "",
    reason: Annotated[str, typer.Option(help="Why it is checked again")] = "",
    who: Who = "",
    office: Office = "",
    home: Home = Path("khoso-data"),
    as_json: Json = False,
) -> None:
    """Enter what a second person found when he compared a paper of a sample with the original."""
    with session(home, as_json=as_json) as this, open_services(this.settings) as ctx:
        found = _defects(defect or [], value or [], image)
        if ok == bool(found):
            raise UsageError("ok_or_defect", remedy="give_ok_or_defect")
        inspection, counted = check_paper(ctx, asked_by(this, who, office), paper, found, reason=reason)
        if this.json:
            told = {"batch": inspection.batch_id, "round": inspection.round, "sample": inspection.sample}
            this.line({**told, **counted.model_dump(mode="json")})
            return
        say(
            "papers_of_sample_checked",
            batch=inspection.batch_id,
            checked=counted.checked,
            sample=inspection.sample,
            defective=counted.defective,
            allowed=inspection.allowed,
            critical=counted.critical,
            critical_allowed=inspection.critical_allowed,
            state=state_word(counted.state),
        )


@quality.command("show")
def show_lot(
    batch: Batch,
    papers: Annotated[bool, typer.Option("--papers", help="Only the ids of the whole lot, one a line")] = False,
    who: Who = "",
    home: Home = Path("khoso-data"),
    as_json: Json = False,
) -> None:
    """Show how far a lot is, and the rate of each kind of defect with its interval."""
    with session(home, as_json=as_json) as this, open_services(this.settings) as ctx:
        by = asked_by(this, who)
        if papers:
            for name in lot_list(ctx, by, batch):
                this.line({"id": name}) if this.json else typer.echo(name)
            return
        _show(this, lot_view(ctx, by, batch))


@quality.command("list")
def list_lots(who: Who = "", home: Home = Path("khoso-data"), as_json: Json = False) -> None:
    """List all lots of which a sample was drawn."""
    with session(home, as_json=as_json) as this, open_services(this.settings) as ctx:
        views = lot_views(ctx, asked_by(this, who))
        if this.json:
            for view in views:
                this.line(view.line())
            return
        this.table(
            ["batch", "round", "opened", "papers", "sample", "checked", "defective", "state", "minutes"],
            [
                [
                    view.batch,
                    str(view.round),
                    listed(view.opened_at),
                    str(view.papers),
                    str(view.sample),
                    str(view.checked),
                    str(view.defective.papers),
                    state_word(view.state),
                    phrase("signed") if view.minutes else "",
                ]
                for view in views
            ],
        )


@quality.command("minutes")
def minutes(
    batch: Batch,
    contract: Annotated[str, typer.Option(help="Number and day of the contract")],
    party_a: Annotated[str, typer.Option(help="Who ordered the work")],
    party_b: Annotated[str, typer.Option(help="Who did it")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The PDF to write; outside the store")],
    person_a: Annotated[str, typer.Option(help="Who signs for the one")] = "",
    person_b: Annotated[str, typer.Option(help="Who signs for the other")] = "",
    sheets: Annotated[int | None, typer.Option(min=1, help="Sheets of paper, where they were counted")] = None,
    boxes: Annotated[str, typer.Option(help="In which boxes they lie")] = "",
    rework: Annotated[str, typer.Option(help="What is to be done where the lot is refused")] = "",
    rework_until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Until when")] = None,
    who: Who = "",
    home: Home = Path("khoso-data"),
    as_json: Json = False,
) -> None:
    """Write the minutes of acceptance in Vietnamese: PDF/A, signed and sealed, kept in the store."""
    with session(home, as_json=as_json) as this, open_services(this.settings) as ctx:
        statement = MinutesStatement(
            contract=contract,
            party_a=party_a,
            party_b=party_b,
            person_a=person_a,
            person_b=person_b,
            sheets=sheets,
            boxes=boxes,
            rework=rework,
            rework_until=rework_until.date() if rework_until else None,
        )
        kept = give_minutes(ctx, asked_by(this, who), batch, statement, out)
        told = {"batch": batch, "round": kept.data.inspection.round, "state": kept.data.tally.state}
        if this.json:
            this.line({**told, "sha256": kept.sha256, "file": str(out.resolve())})
        else:
            say("minutes_written", batch=batch, state=state_word(kept.data.tally.state), file=str(out))


def _defects(kinds: list[str], values: list[str], image: str) -> list[tuple[str, str]]:
    """What is wrong, with what is right.

    Raises:
        UsageError: it is not told of which defect a value is, or one is told twice.
    """
    if values and len(values) != len(kinds):
        raise UsageError("values_for_defects", remedy="give_one_for_each", values=len(values), kinds=len(kinds))
    if "image" in kinds or len(set(kinds)) < len(kinds):
        raise UsageError("defect_given_twice", remedy="give_each_once")
    found = list(zip(kinds, values or [""] * len(kinds), strict=True))
    return [*found, ("image", image)] if image else found


def _show(this: Session, view: LotView) -> None:
    if this.json:
        this.line(view.line())
        return
    part = told("lot_letter", letter=view.letter) if view.letter else told("lot_whole")
    plan = {"aql": f"{view.aql:g}", "level": view.level, "part": part}
    by = {"at": listed(view.opened_at), "who": view.opened_by, "reason": view.reason}
    seen = {"checked": view.checked, "who": view.checkers or told("lot_nobody"), "again": view.again}
    sample = {"sample": view.sample, "seed": view.seed, "out": view.out, "short": view.short}
    size = {"papers": view.papers, "pages": view.pages, "later": view.later}
    this.facts(
        [
            ["batch", told("lot_round", batch=view.batch, round=view.round).text()],
            ["lot", told("lot_size_later" if view.later else "lot_size", **size).text()],
            ["list (sha256)", view.list_sha256],
            ["plan", told("lot_plan" if view.plan_confirmed else "lot_plan_unconfirmed", **plan).text()],
            ["sample", told("lot_sample_redrawn" if view.out else "lot_sample", **sample).text()],
            ["allowed", told("lot_allowed", allowed=view.allowed, critical=view.critical_allowed).text()],
            ["opened", told("lot_opened_again" if view.reason else "lot_opened", **by).text()],
            ["checked", told("lot_checked_again" if view.again else "lot_checked", **seen).text()],
            ["state", state_word(view.state)],
            ["minutes (sha256)", view.minutes or told("lot_not_signed").text()],
        ]
    )
    rates = {**view.kinds, phrase("any critical"): view.critical, phrase("any"): view.defective}
    this.table(["defect", "papers", "share", "interval (95 %)"], [[name, *_rate(rate)] for name, rate in rates.items()])
    if view.left:
        say("papers_to_check", count=len(view.left), ids=view.left[:10], rest=" …" if len(view.left) > 10 else "")


def _rate(rate: Rate) -> list[str]:
    share = "" if rate.share is None else f"{rate.share:.2%}"
    known = rate.low is not None and rate.high is not None
    interval = told("rate_interval", low=f"{rate.low:.2%}", high=f"{rate.high:.2%}").text() if known else ""
    papers = told("rate_critical", papers=rate.papers).text() if rate.critical and rate.papers else str(rate.papers)
    return [papers, share, interval]
