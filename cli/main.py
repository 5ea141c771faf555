"""The command line of khoso."""

import os
import time

import typer

from cli.catalogue import catalogue
from cli.doctor import doctor
from cli.dossiers import dossiers
from cli.flow import flow
from cli.ingest import ingest
from cli.lookup import lookup, use
from cli.owner import owner, standing
from cli.rebuild import index, rebuild, reindex
from cli.renew import renew
from cli.review import review
from cli.search import search
from cli.separators import separators
from cli.show import show
from cli.status import status
from cli.verify import verify
from cli.worker import worker

app = typer.Typer(
    name="run_pipeline.py",
    help="kho số: papers of a one-stop desk become signed, coded, archived, findable documents.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (
    ingest,
    separators,
    status,
    review,
    search,
    lookup,
    use,
    owner,
    standing,
    show,
    verify,
    renew,
    index,
    reindex,
    rebuild,
    worker,
    flow,
    doctor,
):
    app.command()(command)
app.add_typer(catalogue, name="catalogue")
app.add_typer(dossiers, name="dossiers")


def main() -> None:
    """Run a command; all times are Viet Nam's."""
    os.environ["TZ"] = "Asia/Ho_Chi_Minh"
    time.tzset()
    app()
