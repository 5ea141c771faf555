"""`upgrade`: a store of an earlier release is brought up to this one."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from cli.asking import asked_by
from cli.options import Home, Json, Who
from cli.output import Session, say, session
from cli.progress import step_bar
from cli.rebuild import tell_differences
from cli.words import part_word, state_word
from domain.errors import ExitCode
from domain.messages.told import Told
from services.health.interface import Finding
from services.upgrade.upgrading import Upgraded, UpgradePlan, open_for_upgrade, plan_upgrade
from services.upgrade.upgrading import upgrade as bring_up


def upgrade(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would be done")] = False,
    who: Who = "",
    home: Home = Path("khoso-data"),
    as_json: Json = False,
) -> None:
    """Bring a store of an earlier release up to this one; what it changes is copied aside first."""
    with session(home, as_json=as_json) as this, open_for_upgrade(this.settings) as ctx:
        by = asked_by(this, who)
        if dry_run:
            plan = plan_upgrade(ctx, by)
            _tell_plan(this, plan)
            raise typer.Exit(ExitCode.SETUP if plan.amiss else ExitCode.OK)
        with step_bar() as follow:
            done = bring_up(ctx, by, _tell_step, follow)
        _tell_done(this, done)
        found = done.rebuilt
        states = {item.state for item in done.amiss}
        if done.index_waits or "missing" in states:
            raise typer.Exit(ExitCode.SETUP)
        if "broken" in states or (found and (found.unread or found.differences or found.former_secret)):
            raise typer.Exit(ExitCode.NOT_VALID)


def _tell_plan(this: Session, plan: UpgradePlan) -> None:
    if this.json:
        this.line(plan.line())
    elif plan.steps:
        this.table(["step"], [[f"{number}. {step.text()}"] for number, step in enumerate(plan.told(), 1)])
        _tell_amiss(this, plan.amiss)
    if plan.steps:
        say("upgrade_would", version=plan.version, becomes=plan.becomes, number=len(plan.steps))
    else:
        say("upgrade_nothing", version=plan.becomes)


def _tell_step(step: Told) -> None:
    say("upgrade_step", step=step)


def _tell_done(this: Session, done: Upgraded) -> None:
    if this.json:
        for line in done.lines():
            this.line(line)
    else:
        if done.rebuilt:
            tell_differences(this, done.rebuilt)
        _tell_amiss(this, done.amiss)
    if not done.plan.steps:
        say("upgrade_nothing", version=done.plan.becomes)
        return
    if done.rebuilt:
        say("papers_catalogued", papers=done.rebuilt.papers, indexed=done.rebuilt.indexed)
    if done.index_waits:
        say("index_lacks_them", why=done.index_waits)
    if done.copy_in:
        say("upgrade_done", version=done.plan.becomes, folder=done.copy_in)


def _tell_amiss(this: Session, found: Sequence[Finding]) -> None:
    if found:
        rows = [[part_word(item.name), state_word(item.state), item.detail, item.remedy] for item in found]
        this.table(["what", "state", "detail", "what to do"], rows)
