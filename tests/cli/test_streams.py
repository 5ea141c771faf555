"""What commands write: into no file of the store where a stream leads nowhere, and nothing that is no JSON."""

import json
import math
import subprocess
from pathlib import Path

import pytest

from cli.output import Session
from config.settings import Settings
from domain.errors import ExitCode
from services.context import Services
from tests.support.source import ROOT

CLOSED = "The standard output is closed"
FULL = "No space left on device"


@pytest.mark.parametrize(
    ("streams", "arguments", "code", "said"),
    [
        (">&-", ("flow",), ExitCode.USAGE, CLOSED),
        (">&-", ("status", "--json"), ExitCode.USAGE, CLOSED),
        ("2>&-", ("show", "nothing"), ExitCode.NOT_FOUND, ""),
        ("<&- 2>&-", ("status",), ExitCode.OK, ""),
        ("> /dev/full", ("flow", "--json"), ExitCode.SETUP, FULL),
        ("> /dev/full", ("--help",), ExitCode.SETUP, FULL),
        ("> /dev/full", ("status", "--json"), ExitCode.SETUP, "disk_full: "),
    ],
)
def test_a_stream_that_leads_nowhere(
    ctx: Services, streams: str, arguments: tuple[str, ...], code: ExitCode, said: str
) -> None:
    """One sentence and an exit code, never a traceback."""
    where = [] if arguments[0] in {"--help", "flow"} else ["--home", str(ctx.settings.home)]
    done = subprocess.run(
        ["/bin/sh", "-c", f'"$@" {streams}', "sh", str(ROOT / "run_pipeline.py"), *arguments, *where],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path("/"),
    )
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_number_that_is_none_is_null(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """A damaged record may hold one; a script reads the line all the same."""
    Session(settings, json=True).line({"likeness": math.inf, "marks": [{"left": math.nan, "width": 1.5}]})
    line = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert line == {"likeness": None, "marks": [{"left": None, "width": 1.5}]}
