"""An index whose folder is closed to us is no damaged one: what is told is the rights, and the catalogue answers."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from config.settings import Settings
from domain.errors import ExitCode
from pipeline.indexing import drain
from services.context import open_services
from tests.conftest import program
from tests.support.desk import COMMAND
from tests.support.outbox import hold, paper

_WORD = "Give that user the rights"


def _as_plain_user(home: Path, *arguments: str) -> tuple[int, list[dict[str, str]], str]:
    """A command of a user for whom the permissions count, which they do not for root."""
    without = ("--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search")
    drops = [program("setpriv"), *without] if os.getuid() == 0 else []
    environment = {**os.environ, "KHOSO_HOME": str(home), "KHOSO_LANG": "en"}
    done = subprocess.run(
        [*drops, *COMMAND, *arguments, "--json"], capture_output=True, text=True, env=environment, check=False
    )
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], " ".join(done.stderr.split())


@pytest.mark.parametrize(
    ("what", "mode"),
    [
        (".", 0o000),
        ("index-*", 0o555),
        ("index-*/*.store", 0o000),
        ("index-*/.tantivy-meta.lock", 0o444),
        ("current.json", 0o000),
    ],
)
def test_a_closed_folder_is_told_as_one(settings: Settings, what: str, mode: int) -> None:
    """Nobody is sent to make the index anew, and what waits is sent once the rights are there."""
    with open_services(settings) as ctx:
        hold(ctx, 1)
        drain(ctx)
        hold(ctx, 2)
    folder = settings.search.path
    closed = [folder] if what == "." else list(folder.glob(what))
    modes = [path.stat().st_mode for path in closed]
    for path in closed:
        path.chmod(mode)
    try:
        code, lines, said = _as_plain_user(settings.home, "search", "2/2025")
        assert ([line["id"] for line in lines], code) == ([paper(2).id], ExitCode.INCOMPLETE)
        assert _WORD in said
        for command in (("index",), ("reindex", "--check")):
            code, lines, said = _as_plain_user(settings.home, *command)
            assert (code, lines) == (ExitCode.SETUP, [])
            assert _WORD in said
            assert "Traceback" not in said
        (row,) = [line for line in _as_plain_user(settings.home, "doctor")[1] if line["name"] == "search index"]
        assert (row["state"], row["remedy"].startswith(_WORD)) == ("missing", True)
    finally:
        for path, before in zip(closed, modes, strict=True):
            path.chmod(before)
    assert _as_plain_user(settings.home, "index")[:2] == (0, [{"sent": 1, "anew": ""}])


def test_a_new_index_needs_the_rights_too(settings: Settings) -> None:
    """Where only the folder of the indexes is closed, the present one answers, and none is made beside it."""
    with open_services(settings) as ctx:
        hold(ctx, 1)
        drain(ctx)
    settings.search.path.chmod(0o555)
    try:
        code, lines, _ = _as_plain_user(settings.home, "search", "1/2025")
        assert ([line["from"] for line in lines], code) == (["index"], 0)
        code, lines, said = _as_plain_user(settings.home, "reindex")
    finally:
        settings.search.path.chmod(0o755)
    assert (code, lines) == (ExitCode.SETUP, [])
    assert _WORD in said
    assert "Traceback" not in said
