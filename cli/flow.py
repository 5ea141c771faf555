"""`flow`: print the stages."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Final

import typer

from cli.options import Home, Json
from cli.words import phrase
from pipeline.flow import DIGITISE

HEADINGS: Final = ("stage", "takes → gives", "what it promises")


def flow(
    home: Home = Path("khoso-data"),  # noqa: ARG001 - every command takes it, so that scripts need not tell them apart
    as_json: Json = False,
) -> None:
    """Print the stages: what each takes, gives and promises."""
    if not as_json:
        typer.echo(flow_table(phrase))
        return
    for stage in DIGITISE.stages:
        line = {"stage": stage.name, "takes": stage.takes.__name__, "gives": stage.gives.__name__}
        typer.echo(json.dumps({**line, "promise": stage.promise}, ensure_ascii=False))


def flow_table(worded: Callable[[str], str] = str) -> str:
    """The flow as the README shows it; ``worded`` puts it into another language."""
    rows = [f"| {' | '.join(map(worded, HEADINGS))} |", "|---|---|---|"]
    rows += [
        f"| {stage.name} | {stage.takes.__name__} → {stage.gives.__name__} | {worded(stage.promise)} |"
        for stage in DIGITISE.stages
    ]
    return "\n".join(rows)
