"""`flow`: print the stages."""

import typer

from pipeline.flow import DIGITISE


def flow() -> None:
    """Print the stages: what each takes, gives and promises."""
    typer.echo(flow_table())


def flow_table() -> str:
    """The flow as the README shows it."""
    rows = ["| stage | takes → gives | what it promises |", "|---|---|---|"]
    rows += [
        f"| {stage.name} | {stage.takes.__name__} → {stage.gives.__name__} | {stage.promise} |"
        for stage in DIGITISE.stages
    ]
    return "\n".join(rows)
