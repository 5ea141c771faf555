"""How commands speak: JSON lines on stdout for scripts, tables for people, all chatter on stderr."""

import getpass
import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from config.settings import Settings, load_settings
from domain.errors import ExitCode, KhosoError, SetupError

CHATTER = Console(stderr=True, highlight=False)


@dataclass(frozen=True)
class Session:
    """What every command gets: the settings of the store, and whether a script is listening."""

    settings: Settings
    json: bool

    def line(self, item: dict[str, Any]) -> None:
        """One JSON object on stdout."""
        sys.stdout.write(json.dumps(item, ensure_ascii=False, default=str) + "\n")
        sys.stdout.flush()

    def table(self, columns: list[str], rows: list[list[str]]) -> None:
        """A table on stdout; as wide as it needs when nobody's screen limits it."""
        table = Table(*columns, box=None, header_style="bold", pad_edge=False)
        for row in rows:
            table.add_row(*row)
        Console(highlight=False, width=None if sys.stdout.isatty() else 200, markup=False).print(table)


@contextmanager
def session(home: Path, *, as_json: bool) -> Iterator[Session]:
    """Run a command's body; errors become one clear line and their exit code."""
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr, force=True)
    logging.getLogger("alembic").setLevel(logging.ERROR)
    try:
        with _rights():
            yield Session(load_settings(home), as_json)
    except KhosoError as error:
        CHATTER.print(f"[red]{type(error).__name__}[/red] ", end="")
        CHATTER.print(error.explain(), markup=False)
        raise typer.Exit(error.exit_code) from None
    except KeyboardInterrupt:
        CHATTER.print("Stopped. Nothing is lost; the same command goes on where this one stood.")
        raise typer.Exit(ExitCode.INTERRUPTED) from None


@contextmanager
def _rights() -> Iterator[None]:
    """Tell what this user may not do, most often with another one's store, as what it is: no fault of the program."""
    try:
        yield
    except PermissionError as error:
        what = error.filename or "A file of the store"
        raise SetupError(
            f"{what} may not be read or written by {getpass.getuser()} ({error.strerror})",
            remedy="Run the command as the user who owns it, or have that user give you the rights",
        ) from None
