"""`catalogue`: lists of procedures and agencies are imported, shown, and taken back."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.asking import asked_by
from cli.faults import SHOWN, faults_shown, tell_rest
from cli.options import Home, Json, Who
from cli.output import Session, say, session
from cli.words import phrase, word_of
from config.imports.difference import Change
from config.imports.plan import ImportPlan
from config.models import Agency, Component, Procedure
from config.papers import DocumentType
from config.registers import database_name
from domain.clock import listed, today
from domain.messages.told import told
from services import catalogues as act
from services.context import open_services

catalogue = typer.Typer(add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True)


@catalogue.callback()
def about() -> None:
    """Lists of procedures and agencies: import, list, show, versions, undo."""


On = Annotated[datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="The day (default: today)")]


@catalogue.command("import")
def import_list(
    file: Annotated[Path, typer.Argument(help="CSV, XLSX or JSON")],
    apply: Annotated[bool, typer.Option("--apply", help="Change it; without, only tell")] = False,
    starts: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day of what states none")
    ] = None,
    columns: Annotated[Path | None, typer.Option(help="Names of columns beside config/catalogues/columns.yaml")] = None,
    complete: Annotated[bool, typer.Option("--complete", help="What is not on the list ends")] = False,
    add_types: Annotated[bool, typer.Option("--types", help="Add unknown paper types by code and name")] = False,
    who: Who = "",
    home: Home = Path("khoso-data"),
    as_json: Json = False,
) -> None:
    """Tell what a list would change; with --apply, change it."""
    opened = session(home, as_json=as_json, store="made" if apply else "there")
    with opened as this, open_services(this.settings) as ctx, faults_shown(this):
        plan, head, lost = act.import_list(
            ctx,
            asked_by(this, who),
            file,
            apply=apply,
            starts=starts.date() if starts else None,
            columns=columns,
            complete=complete,
            add_types=add_types,
        )
        _tell_plan(this, plan)
        if lost:
            say("versions_lost", count=lost)
        if this.json:
            this.line({"version": head.number if head else None, "unused_columns": plan.incoming.unused, **plan.counts})
            return
        if plan.is_empty and not head:
            say("catalogue_unchanged")
        elif head:
            say("catalogue_imported_as", counted=_counted(plan.counts), version=head.number)
        else:
            say("catalogue_not_applied", counted=_counted(plan.counts))


@catalogue.command("list")
def list_entries(
    kind: Annotated[act.CatalogueKind, typer.Argument()] = "procedures",
    on: On = None,
    who: Who = "",
    home: Home = Path("khoso-data"),
    as_json: Json = False,
) -> None:
    """List what is in force."""
    with session(home, as_json=as_json) as this, open_services(this.settings) as ctx:
        found = act.entries(ctx, asked_by(this, who), kind, on.date() if on else today())
        if this.json:
            for item in found:
                this.line(item.model_dump(mode="json"))
            return
        rows = [[item.code, item.name, phrase("yes" if item.confirmed else "no"), item.source] for item in found]
        this.table(["code", "name", "confirmed", "source"], rows)


@catalogue.command("show")
def show_entry(code: str, on: On = None, who: Who = "", home: Home = Path("khoso-data"), as_json: Json = False) -> None:
    """All that is known of a procedure, an agency or a paper type: every period, or that of a day."""
    with session(home, as_json=as_json) as this, open_services(this.settings) as ctx:
        found = act.entry(ctx, asked_by(this, who), code, on.date() if on else None)
        for item in found:
            if this.json:
                this.line(item.model_dump(mode="json"))
            else:
                _tell_entry(this, item)


@catalogue.command("versions")
def list_versions(who: Who = "", home: Home = Path("khoso-data"), as_json: Json = False) -> None:
    """The versions that were imported, and what was taken back."""
    with session(home, as_json=as_json) as this, open_services(this.settings) as ctx:
        heads = act.versions(ctx, asked_by(this, who))
        if this.json:
            for head in heads:
                this.line(head.model_dump(mode="json", exclude={"format"}))
            return
        rows = []
        for head in heads:
            origin, action = head.origin, word_of("imported", head.origin.action)
            rows.append([str(head.number), listed(head.at), origin.who, action, origin.source, _counted(origin.counts)])
        this.table(["version", "when", "who", "what", "file", "changes"], rows)


@catalogue.command("undo")
def undo(who: Who = "", home: Home = Path("khoso-data"), as_json: Json = False) -> None:
    """Take the last import back; what it brought stays in its version."""
    with session(home, as_json=as_json) as this, open_services(this.settings) as ctx:
        head = act.undo(ctx, asked_by(this, who))
        parts = {"version": head.number, "back_to": head.origin.counts["back to"]}
        if this.json:
            this.line(parts)
        else:
            say("version_as_before", **parts)


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {word_of('imported', name)}" for name, number in counts.items() if number)


def _tell_plan(this: Session, plan: ImportPlan) -> None:
    changes = [change for change in plan.difference.changes if change.outcome != "unchanged"]
    if this.json:
        for change in changes:
            this.line(change.model_dump(mode="json"))
        return
    if plan.incoming.unused:
        say("columns_unused", names=plan.incoming.unused)
    rows = [row for change in changes for row in _rows(change)]
    this.table(["what", "code", "name or field", "before", "after"], rows[:SHOWN])
    tell_rest(len(rows))


def _rows(change: Change) -> Iterator[list[str]]:
    yield [word_of("imported", change.outcome), change.code, change.name, "", ""]
    for item in change.fields:
        yield ["", "", item.field, item.before or "-", item.after or "-"]


def _tell_entry(this: Session, item: Procedure | Agency | DocumentType) -> None:
    rows = []
    for name, value in item:
        if name == "components":
            rows += [[f"{phrase('component')} {part.code}", _component(part)] for part in value]
        elif value not in {None, ()}:
            rows.append(
                [word_of("entry", name), ", ".join(map(str, value)) if isinstance(value, tuple) else _plain(value)]
            )
    this.table(["what", "value"], rows)


def _component(part: Component) -> str:
    parts = [part.name, part.form, *([] if part.required else [told("component_not_always").text()]), *part.types]
    where = told("component_elsewhere", where=database_name(part.elsewhere)).text() if part.elsewhere else ""
    return "; ".join(filter(None, [*parts, where]))


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return phrase("yes" if value else "no")
    return value.isoformat() if isinstance(value, date) else str(value)
