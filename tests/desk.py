"""What people do at a desk, in this process: bring a paper, give a command."""

import json
import logging
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from cli.main import app
from config.settings import Settings
from pipeline.context import Context
from pipeline.intake import open_batch, take_in
from pipeline.records import Statement
from pipeline.runner import run_through


def bring(ctx: Context, path: Path, stated: Statement) -> str:
    """Put a file in, take it as far as it goes, and give its document's id."""
    seen = take_in(ctx, path, open_batch(ctx, "test"), stated)
    assert seen.document_id is not None
    run_through(ctx, seen.document_id)
    return seen.document_id


def told_by(settings: Settings, *arguments: str) -> tuple[int, list[dict[str, Any]]]:
    """Exit code and lines of a command."""
    handlers = logging.root.handlers[:]  # a command sets up logging for its own process
    try:
        done = CliRunner().invoke(app, [*arguments, "--home", str(settings.home), "--json"])
    finally:
        logging.root.handlers[:] = handlers
    return done.exit_code, [json.loads(line) for line in done.stdout.splitlines()]
