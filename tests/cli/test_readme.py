"""What the README says of commands is so."""

import re
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from cli.main import _COMMANDS, _GROUPS, app

_README = (Path(__file__).parent.parent.parent / "README.md").read_text(encoding="utf-8")
_TABLE = _README.partition("## Commands\n")[2].partition("\nEvery command takes")[0]
_ROWS = [line.replace(r"\|", "/") for line in _TABLE.splitlines() if line.startswith("| `")]
_OPTION = re.compile(r"(?<![\w-])(--?[a-z][a-z-]*)")


def commands(name: str) -> list[Any]:
    """The command of a name, or those of a group."""
    found: Any = get_command(app)
    found = found.get_command(None, name)
    return list(found.commands.values()) if name in _GROUPS else [found]


def options(command: Any) -> set[str]:
    """The options of a command, as they are typed."""
    return {text for option in command.params for text in (*option.opts, *option.secondary_opts) if text[0] == "-"}


def named(row: str) -> set[str]:
    """The commands whose use a row of the table shows."""
    uses = re.findall(r"`([^`]*)`", row.split(" | ", maxsplit=1)[0])
    return {use.split()[0] for use in uses if not use.startswith("-")}


def test_the_table_has_every_command() -> None:
    """And no other."""
    assert set().union(*map(named, _ROWS)) == set(_COMMANDS)


@pytest.mark.parametrize("row", _ROWS, ids=lambda row: " ".join(sorted(named(row))))
def test_every_option_exists(row: str) -> None:
    """Each is one of a command that the row is about, or of the one that it is told to go with."""
    known = set().union(*(options(command) for name in named(row) | _others(row) for command in commands(name)))
    got = {option for text in re.findall(r"`([^`]*)`", row) for option in _OPTION.findall(text)}
    assert got <= known


def _others(row: str) -> set[str]:
    """Commands that a row mentions beside its own."""
    uses = [text.split()[0] for text in re.findall(r"`([^`]+)`", row.split(" | ", 1)[1])]
    return {use for use in uses if use in _COMMANDS}


@pytest.mark.parametrize("name", _COMMANDS)
def test_every_command_takes_what_all_take(name: str) -> None:
    """`--json` and `--home`, as the README says."""
    for command in commands(name):
        assert {"--json", "--home"} <= options(command)
