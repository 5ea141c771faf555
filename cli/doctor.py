"""`doctor`: what is installed, what is missing and how to install it."""

from pathlib import Path

import typer

from cli.options import Home, Json
from cli.output import session
from cli.words import part_word, state_word
from config.settings import SETTINGS_FILE, is_store
from config.store import check_store
from domain.errors import ExitCode
from services.health.check import check_installation


def doctor(home: Home = Path("khoso-data"), as_json: Json = False) -> None:
    """Say what is installed, what is missing and how to install it."""
    # The machine is told in any case; of a folder that is no store nobody shall believe that it is in order.
    with session(home, as_json=as_json, store="no") as this:
        found = check_installation(this.settings)
        if this.json:
            for item in found:
                this.line(item.line())
        else:
            rows = [[part_word(item.name), state_word(item.state), item.detail, item.remedy] for item in found]
            this.table(["what", "state", "detail", "what to do"], rows)
        folder = this.settings.home
        if not (is_store(folder) or (folder / SETTINGS_FILE).exists()):  # settings come before the first paper
            check_store(folder)
        states = {item.state for item in found}
        is_broken = ExitCode.NOT_VALID if "broken" in states else ExitCode.OK
        raise typer.Exit(ExitCode.SETUP if "missing" in states else is_broken)
