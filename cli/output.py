"""How commands speak: JSON lines on stdout for scripts, tables for people, all chatter on stderr."""

import errno
import json
import logging
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import typer
from rich.console import Console
from rich.table import Table
from typing_extensions import override

from cli.words import phrase
from config.settings import Settings, is_store, load_settings
from config.store import check_store, enter_store
from domain.errors import ExitCode, KhosoError, SetupError, UsageError
from domain.messages.language import spoken
from domain.messages.told import told
from domain.messages.values import day_shown
from domain.shown import log_shown, printable, shown, shown_json, without_places
from files import durable, scratch
from files.rights import private_files, running_user
from pipeline.errors import room


class Screen(Console):
    """Where people read: what it is given to print is made harmless, and identity numbers are masked (law 7)."""

    @override
    def print(self, *objects: Any, **how: Any) -> None:
        super().print(*(shown(item) if isinstance(item, str) else item for item in objects), **how)


CHATTER = Screen(stderr=True, highlight=False)


def say(code: str, /, **params: object) -> None:
    """Tell a person a message of the catalogues, beside what the command gives."""
    CHATTER.print(told(code, **params).text(), markup=False, soft_wrap=not CHATTER.is_terminal)


@dataclass
class Session:
    """What every command gets: the settings of the store, and whether a script is listening.

    ``discloses``: whether who gives the command may be told where files lie.
    """

    settings: Settings
    json: bool
    discloses: bool = True

    def line(self, item: dict[str, Any]) -> None:
        """One JSON object on stdout."""
        sys.stdout.write(shown_json(_as_json(item)) + "\n")
        sys.stdout.flush()

    def table(self, columns: list[str], rows: list[list[str]], *, whole: bool = False) -> None:
        """A table on stdout, its headings in the language of the run; as wide as it needs when no screen limits it.

        ``whole``: with identity numbers in full, for whoever must compare them with the paper.
        """
        table = Table(*map(phrase, columns), box=None, header_style="bold", pad_edge=False)
        for row in rows:
            cells = [day_shown(cell, spoken()) for cell in row]
            table.add_row(*map(printable if whole else shown, cells))
        Console(highlight=False, width=None if sys.stdout.isatty() else 200, markup=False).print(table)

    def facts(self, rows: list[list[str]]) -> None:
        """What is known of one thing: a table whose first cells are headings, too."""
        self.table(["what", "value"], [[phrase(name), *values] for name, *values in rows])


def _as_json(item: dict[str, Any]) -> str:
    """JSON as others read it: a number that is none, as a damaged record may hold, is null there (RFC 8259, 6)."""
    try:
        return json.dumps(item, ensure_ascii=False, default=str, allow_nan=False)
    except ValueError:
        plain = json.loads(json.dumps(item, default=str), parse_constant=lambda _: None)
        return json.dumps(plain, ensure_ascii=False)


NeedsStore = Literal["there", "made", "no"]
"""What a command needs: a store that is there, one that is made where none is, or none."""


@contextmanager
def session(home: Path, *, as_json: bool, store: NeedsStore = "there") -> Iterator[Session]:
    """Run a command's body; errors become one clear line and their exit code."""
    log_shown()
    for vendor in ("alembic", "elastic_transport", "elasticsearch"):
        logging.getLogger(vendor).setLevel(logging.ERROR)  # what matters of it is told as our own errors
    this: Session | None = None
    try:
        with _surroundings(), room():
            settings = load_settings(home)
            with private_files(group=settings.work.group):
                if store == "made":
                    enter_store(settings)
                elif store == "there":
                    check_store(settings.home)
                with _temporary_files(settings):
                    this = Session(settings, as_json)
                    yield this
    except KhosoError as error:
        CHATTER.print(f"[red]{phrase('Error')}:[/red] ", end="")
        # What a command was given wrongly is told as it was given.
        is_told = this is None or this.discloses or isinstance(error, UsageError)
        text = error.told.text() if as_json or spoken() == "en" else error.told.for_people()
        CHATTER.print(text if is_told else without_places(text), markup=False)
        raise typer.Exit(error.exit_code) from None
    except KeyboardInterrupt:
        say("stopped_by_person")
        raise typer.Exit(ExitCode.INTERRUPTED) from None


@contextmanager
def _surroundings() -> Iterator[None]:
    """Tell a disk that may not be written, or another user's store as what it is: no fault of the program.

    And what a terminal gave that is no text: it reaches us as halves of characters, which nothing can be asked about.
    """
    try:
        yield
    except OSError as error:
        what = error.filename or told("a_file_of_store")
        if isinstance(error, PermissionError):
            raise SetupError(
                "store_place_closed", remedy="run_as_its_owner", what=what, user=running_user(), error=error.strerror
            ) from None
        if error.errno == errno.EROFS:
            raise SetupError("place_read_only", remedy="mount_for_writing", what=what) from None
        raise
    except UnicodeEncodeError:
        raise UsageError("given_no_text", remedy="write_anew_utf8") from None


@contextmanager
def _temporary_files(settings: Settings) -> Iterator[None]:
    """Whatever is put aside meanwhile lies in the store, for it may be a page of a paper; afterwards it is gone.

    So is what commands left that were killed.
    """
    if not is_store(settings.home):
        yield
        return
    with ExitStack() as opened:
        folder = str(settings.scratch)
        with suppress(PermissionError):  # of a command that puts nothing aside; one that does is told so then
            _sweep(settings)
            opened.callback(_sweep, settings)
            opened.callback(scratch.leave, settings.scratch)
            folder = opened.enter_context(tempfile.TemporaryDirectory(dir=scratch.own_folder(settings.scratch)))
        opened.callback(setattr, tempfile, "tempdir", tempfile.tempdir)
        tempfile.tempdir = folder
        yield


def _sweep(settings: Settings) -> None:
    """Remove what processes left that are gone: commands that were killed, and those of our own that did their part."""
    with suppress(PermissionError):
        scratch.sweep_scratch(settings.scratch)
        durable.sweep_unfinished(settings.home)
