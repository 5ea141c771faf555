"""What people do at a desk: bring a paper, give a command; in this process, or in one of its own."""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from cli.main import app
from config.settings import Settings
from pipeline.intake import open_batch, take_in
from pipeline.records import Statement
from pipeline.runner import run_through
from services.context import Services

WHY = "hồ sơ giấy, chưa nhập"  # a look-up for a dossier that was not imported
COMMAND = [sys.executable, str(Path(__file__).parents[2] / "run_pipeline.py")]


def bring(ctx: Services, path: Path, stated: Statement) -> str:
    """Put a file in, take it as far as it goes, and give its document's id."""
    seen = take_in(ctx, path, open_batch(ctx, "test"), stated)
    assert seen.document_id is not None
    run_through(ctx, seen.document_id)
    return seen.document_id


def given(settings: Settings, *arguments: str) -> Result:
    """What came of a command."""
    handlers = logging.root.handlers[:]  # a command sets up logging for its own process
    try:
        return CliRunner().invoke(app, [*arguments, "--home", str(settings.home), "--json"])
    finally:
        logging.root.handlers[:] = handlers


def screen(settings: Settings, *arguments: str) -> str:
    """What a person reads of a command's answer."""
    handlers = logging.root.handlers[:]
    try:
        return CliRunner().invoke(app, [*arguments, "--home", str(settings.home)]).stdout
    finally:
        logging.root.handlers[:] = handlers


def run_json(settings: Settings, *arguments: str) -> tuple[int, list[dict[str, Any]]]:
    """Exit code and lines of a command."""
    done = given(settings, *arguments)
    return done.exit_code, [json.loads(line) for line in done.stdout.splitlines()]


def khoso(home: Path, *arguments: str) -> tuple[int, list[dict[str, Any]], str]:
    """Exit code, lines and chatter of a command in a process of its own."""
    environment = {**os.environ, "KHOSO_HOME": str(home), "KHOSO_WORK__PAUSE_S": "0"}
    done = subprocess.run(
        [*COMMAND, *arguments, "--json"], capture_output=True, text=True, env=environment, check=False
    )
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


STATED = Statement(
    type_code="TP.H17.990103",
    fields={
        "number_symbol": "45/TB-UBND",
        "issued_date": "2026-03-12",
        "issuer": "Ủy ban nhân dân phường Hải Châu",
        "abstract": "Về việc tiếp nhận hồ sơ",
    },
)
