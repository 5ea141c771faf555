"""A paper as it stands before each stage: its record, and a copy of the store that holds it, for a test to spoil."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from config.settings import load_settings
from pipeline.flow import DIGITISE
from pipeline.intake import open_batch, take_in
from pipeline.records import Received, Statement
from pipeline.runner import advance
from services.context import Services, open_services
from tests.support.desk import STATED
from tests.support.scans import as_pdf, paper

STAGES = tuple(stage.name for stage in DIGITISE.stages[1:])  # what takes a record; the first takes a file


class Line:
    """A paper that went the whole way once, with a copy of the store in front of each stage."""

    def __init__(self, folder: Path, stated: Statement = STATED) -> None:
        """Digitise the upper half of a notice."""
        self._stores = folder
        self._records: dict[str, Received] = {}
        settings = load_settings(folder / "store", {})
        scan = as_pdf(folder / "scan.pdf", paper().crop((0, 0, 1654, 1200)))
        with open_services(settings) as ctx:
            document = take_in(ctx, scan, open_batch(ctx, "line"), stated).document_id
            assert document
        for stage in STAGES:
            shutil.copytree(settings.home, folder / stage)  # nothing is open: its databases are whole
            with open_services(settings) as ctx:
                entry = ctx.ledger.entry(document)
                assert entry
                self._records[stage] = DIGITISE.stage(entry.stage).gives.model_validate_json(entry.record)
                assert advance(ctx, document, entry.stage) in {"passed", "done"}

    @contextmanager
    def before(self, stage: str, folder: Path) -> Iterator[tuple[Any, Services]]:
        """The record that a stage takes, and what the stage works with, over a store of the test's own in a folder."""
        shutil.copytree(self._stores / stage, folder / "store")
        with open_services(load_settings(folder / "store", {})) as ctx:
            yield self._records[stage], ctx
