"""The command line of khoso."""

import fcntl
import os
import sys
import time
import traceback
from pkgutil import resolve_name
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.exceptions import TyperException
from typer.main import get_command
from typing_extensions import override

from cli.command_line import worded
from cli.words import phrase, put_into_words, speak_on_screen
from domain.errors import ExitCode
from domain.messages.language import language_of, languages
from domain.messages.told import told
from domain.shown import shown_lines
from files.sources import promise

_ANSWERS, _CHATTER = 1, 2  # streams
_GROUPS = ("cases", "catalogue", "dossiers", "quality")
_COMMANDS = {
    "ingest": "cli.ingest",
    "separators": "cli.separators",
    "status": "cli.status",
    "review": "cli.review",
    "search": "cli.search",
    "lookup": "cli.lookup",
    "use": "cli.lookup",
    "copy": "cli.copy",
    "copies": "cli.copy",
    "certify": "cli.certify",
    "certified": "cli.certify",
    "owner": "cli.owner",
    "link": "cli.linking",
    "standing": "cli.owner",
    "correct": "cli.correct",
    "withdraw": "cli.withdraw",
    "withdrawn": "cli.withdraw",
    "cases": "cli.cases",
    "show": "cli.show",
    "verify": "cli.verify",
    "renew": "cli.renew",
    "index": "cli.rebuild",
    "reindex": "cli.rebuild",
    "rebuild": "cli.rebuild",
    "upgrade": "cli.upgrade",
    "worker": "cli.worker",
    "flow": "cli.flow",
    "doctor": "cli.doctor",
    "catalogue": "cli.catalogue",
    "dossiers": "cli.dossiers",
    "quality": "cli.quality",
}
"""A command is the function of its name in this module; a group is a ``typer.Typer`` of its name, told by ``about``."""


class _Commands(TyperGroup):
    """Commands that are imported when they are called: most need only a part of what khoso can do."""

    _is_listed = False

    @override
    def list_commands(self, ctx: Any) -> list[str]:
        """All of them, in the order of a paper's way."""
        return list(_COMMANDS)

    @override
    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """A command; for the list of all of them only its name and what it promises."""
        if cmd_name not in _COMMANDS:
            return None
        module = _COMMANDS[cmd_name]
        if self._is_listed:
            told_whole = phrase(promise(module, "about" if cmd_name in _GROUPS else cmd_name))
            return TyperCommand(cmd_name, help=told_whole.partition("\n\n")[0])
        command = resolve_name(f"{module}:{cmd_name}")
        if cmd_name not in _GROUPS:
            alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
            alone.command(cmd_name)(command)
            command = alone
        made = get_command(command)
        made.name = cmd_name
        return put_into_words(made)

    @override
    def invoke(self, ctx: Any) -> Any:
        """Run a command; what was typed and cannot be is told back as all else is."""
        try:
            return super().invoke(ctx)
        except TyperException as error:
            raise worded(error) from None

    @override
    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """Read what stands before the command; what is wrong there is told in the language of the surroundings."""
        speak_on_screen(language_of(os.environ))
        try:
            return super().make_context(info_name, args, parent, **extra)
        except TyperException as error:
            raise worded(error) from None

    @override
    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the list of all commands."""
        self._is_listed = True
        put_into_words(self)
        try:
            super().format_help(ctx, formatter)
        finally:
            self._is_listed = False


app = typer.Typer(
    name="run_pipeline.py", cls=_Commands, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)


def _language(given: str) -> str:
    """Let the run speak the language that was given, before anything is told; default: by the locale.

    Raises:
        BadParameter: nobody speaks it.
    """
    language = next((item for item in languages() if item == given), None)
    speak_on_screen(language or language_of(os.environ))
    if given and language is None:
        raise typer.BadParameter(told("no_language", given=given, known=languages()).text())
    return given


@app.callback()
def khoso(
    lang: Annotated[
        str,
        typer.Option(
            envvar="KHOSO_LANG",
            help="`vi` or `en`: the language of screens (default: by the locale)",
            show_default=False,
            is_eager=True,  # help is told in it
            callback=_language,
        ),
    ] = "",
) -> None:
    """Kho số: papers of a one-stop desk become signed, coded, archived, findable documents."""


def _hold_streams() -> None:
    """Put something where a stream is closed: else a file that is opened takes its place, and is written into.

    The file of the program itself may have taken it already; that one is only read.
    """
    closed = [stream for stream in range(3) if not _leads_somewhere(stream)]
    for stream in closed:
        null = os.open(os.devnull, os.O_RDWR)
        if null != stream:
            os.dup2(null, stream)
            os.close(null)
    if _CHATTER in closed:
        sys.stderr = os.fdopen(_CHATTER, "w", encoding="utf-8", closefd=False)
    if _ANSWERS in closed:
        sys.stderr.write("The standard output is closed. Let it lead somewhere, such as to /dev/null.\n")
        sys.exit(ExitCode.USAGE)


def _leads_somewhere(stream: int) -> bool:
    try:
        mode = fcntl.fcntl(stream, fcntl.F_GETFL) & os.O_ACCMODE
    except OSError:
        return False
    return stream == 0 or mode != os.O_RDONLY


def main() -> None:
    """Run a command; all times are Viet Nam's."""
    os.environ["TZ"] = "Asia/Ho_Chi_Minh"
    time.tzset()
    _hold_streams()
    speak_on_screen(language_of(os.environ))
    try:
        app()
    except OSError as error:  # of a command that opens no store: what others cannot write, they tell themselves
        sys.stderr.write(f"What was to be printed cannot be written: {error.strerror}.\n")
        sys.exit(ExitCode.SETUP)
    except Exception:  # noqa: BLE001 (outer edge: an error of the program, told in full but for identity numbers)
        sys.stderr.write(shown_lines(traceback.format_exc()))
        sys.exit(ExitCode.INTERNAL)
