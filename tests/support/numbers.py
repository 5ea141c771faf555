"""Whether anything that khoso says in the tests tells an identity number (design law 7).

Watched are all commands, in this process or one of their own, what goes past them to a captured stdout or stderr, and
every audit journal and log that the tests leave behind.  A number may stand in what ``--json`` gives to a role that may
see it, in the fields of a paper about which somebody decides, and nowhere else.
"""

import itertools
import json
import re
import subprocess
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, get_args

import pytest
from typer.testing import CliRunner, Result

from domain.owners import identifier_kind
from domain.readings import FieldName
from tests.support.source import ROOT

# Names in `--json` under which also who discloses nothing reads what he gave himself a moment ago.
ALLOWED = {
    "use": {"pdf"},  # as it was given
    "review": {"code", "fields"},  # who decides about a paper sees what was read of it
    "ingest": {"source"},  # the path as it was given: by it a program knows its files again
}
_FULL = {"operator", "archivist"}  # may disclose; see services/permissions.py
_NUMBER = re.compile(r"(?<!\d)0\d{11}(?!\d)")
_SEPARATORS = re.compile(r"(?<=\d)[ .\u00a0-](?=\d)")
_PROGRAM = "run_pipeline.py"


def _known() -> frozenset[str]:
    """The identity numbers of the samples, and those that tests make up."""
    sources = [path for folder in ("samples", "tests") for path in (ROOT / folder).rglob("*.py")]
    found = {number for path in sources for number in _NUMBER.findall(path.read_text(encoding="utf-8"))}
    return frozenset(number for number in found if identifier_kind(number))


KNOWN = _known()


def numbers_in(text: str | bytes | None) -> set[str]:
    """The identity numbers in a text, however they are written."""
    text = text.decode(errors="replace") if isinstance(text, bytes) else text or ""
    digits = re.findall(r"\d{12,}", f"{text} {_SEPARATORS.sub('', text)}")
    return {number for run in digits for number in KNOWN if number in run}


def check_numbers(
    arguments: Sequence[str], home: Path | None, out: str | bytes | None, err: str | bytes | None
) -> None:
    """See that a command told no number to anybody who may not see it."""
    got = numbers_in(err)
    if "--json" not in arguments:
        got |= numbers_in(_besides_decided(arguments, out))
    elif not _may_see(arguments, home):
        allowed = ALLOWED.get(arguments[0], set())
        got |= {number for line in (out or "").splitlines() for number in _in_line(json.loads(line), allowed)}
    assert not got, f"khoso {' '.join(arguments[:1])} told {len(got)} identity numbers:\n{out!r}\n{err!r}"


def _besides_decided(arguments: Sequence[str], out: str | bytes | None) -> str | bytes | None:
    """What a screen says, but for the fields of the one paper about which `review ID` lets somebody decide."""
    is_of_one = len(arguments) > 1 and arguments[0] == "review" and not arguments[1].startswith("-")
    if not is_of_one or not isinstance(out, str):
        return out
    return "\n".join(line for line in out.splitlines() if line.partition(" ")[0] not in get_args(FieldName))


def _may_see(arguments: Sequence[str], home: Path | None) -> bool:
    """Whether the asker may see numbers: nobody is named (the user of the machine), or one with such a role is."""
    who = next((value for name, value in itertools.pairwise(arguments) if name == "--who"), "")
    if not who:
        return True
    try:
        settings = tomllib.loads((home / "khoso.toml").read_text(encoding="utf-8")) if home else {}
    except ValueError:  # damaged, and so nobody has a role
        settings = {}
    return settings.get("desk", {}).get("roles", {}).get(who) in _FULL


def _in_line(line: dict[str, Any], allowed: set[str]) -> set[str]:
    return numbers_in(json.dumps({name: value for name, value in line.items() if name not in allowed}))


@contextmanager
def watched() -> Iterator[None]:
    """Every command that is run meanwhile is watched."""
    run, invoke = subprocess.run, CliRunner.invoke

    def ran(command: Any, *others: Any, **named: Any) -> Any:
        done = run(command, *others, **named)
        words = [str(word) for word in command] if isinstance(command, list | tuple) else []
        for place in [number for number, word in enumerate(words) if Path(word).name == _PROGRAM][:1]:
            arguments, environment = words[place + 1 :], named.get("env") or {}
            check_numbers(arguments, _home(arguments, environment.get("KHOSO_HOME")), done.stdout, done.stderr)
        return done

    def invoked(self: CliRunner, app: Any, args: Any = None, **named: Any) -> Result:
        done = invoke(self, app, args, **named)
        check_numbers(list(args or ()), _home(list(args or ()), None), done.stdout, done.stderr)
        return done

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subprocess, "run", ran)
        patch.setattr(CliRunner, "invoke", invoked)
        yield


def _home(arguments: Sequence[str], default: str | None) -> Path | None:
    named = [value for name, value in itertools.pairwise(arguments) if name == "--home"]
    home = Path((named or [default or ""])[-1])
    with suppress(PermissionError):
        return home if (home / "khoso.toml").exists() else None
    return None


def numbers_in_files(folder: Path) -> list[str]:
    """The journals and logs below a folder that tell a number."""
    files = [path for name in ("audit.jsonl*", "*.log") for path in folder.rglob(name) if path.is_file()]
    return [str(path) for path in files if numbers_in(path.read_bytes())]
