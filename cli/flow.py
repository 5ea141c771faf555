"""`flow`: print the stages."""

import json
from pathlib import Path

import typer

from cli.options import Home, Json
from pipeline.flow import DIGITISE


def flow(
    home: Home = Path("khoso-data"),  # noqa: ARG001 - every command takes it, so that scripts need not tell them apart
    as_json: Json = False,
) -> None:
    """Print the stages: what each takes, gives and promises."""
    if not as_json:
        typer.echo(flow_table())
        return
    for stage in DIGITISE.stages:
        line = {"stage": stage.name, "takes": stage.takes.__name__, "gives": stage.gives.__name__}
        typer.echo(json.dumps({**line, "promise": stage.promise}, ensure_ascii=False))


def flow_table() -> str:
    """The flow as the README shows it."""
    rows = ["| stage | takes → gives | what it promises |", "|---|---|---|"]
    rows += [
        f"| {stage.name} | {stage.takes.__name__} → {stage.gives.__name__} | {stage.promise} |"
        for stage in DIGITISE.stages
    ]
    return "\n".join(rows)
