"""CPU seconds of every stage: what recognition costs, and all the rest together.

``python -m benchmarks.stages`` measures the samples; ``benchmarks.recognition`` measures a scan set the same way.
"""

import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.engines import cpu
from benchmarks.tables import Row, render
from config.settings import Settings, load_settings
from pipeline.flow import DIGITISE
from pipeline.indexing import drain
from pipeline.intake import open_batch, take_in
from pipeline.records import Received, Statement
from pipeline.runner import advance, ready
from samples.generate import generate
from services.context import Services, open_services

NO_PAUSE: Final = {"KHOSO_WORK__PAUSE_S": "0"}  # a paper that is tried again is tried at once


@dataclass
class Costs:
    """CPU seconds spent in each stage, the pages that passed it, and the files that stopped on the way."""

    spent: dict[str, float] = field(default_factory=lambda: dict.fromkeys((s.name for s in DIGITISE.stages), 0.0))
    pages: Counter[str] = field(default_factory=Counter)
    stopped: dict[str, str] = field(default_factory=dict)

    def per_page(self, stage: str) -> float | None:
        """CPU seconds a page; None when no page passed."""
        return self.spent[stage] / self.pages[stage] if self.pages[stage] else None

    def rows(self) -> list[Row]:
        """A row for each stage and one for all but recognition; shares are of recognition."""
        each = {stage: self.per_page(stage) for stage in self.spent}
        base = each["recognize"]
        each["all but recognize"] = sum(cost or 0 for stage, cost in each.items() if stage != "recognize")
        return [
            {
                "stage": stage,
                "pages": self.pages[stage] if stage in self.spent else None,
                "CPU s/page": cost,
                "of recognition": cost / base if cost is not None and base else None,
            }
            for stage, cost in each.items()
        ]


def measure(files: Mapping[Path, tuple[int, Statement]], settings: Settings) -> Costs:
    """Digitise files in this process, one after the other and each from start to end.

    Each comes with its number of pages and with a statement of its type and fields, so that none waits for a person.
    What a process does once (imports, keys, databases) is done before: no paper pays for it.
    """
    costs = Costs()
    with open_services(settings) as ctx:
        _warm_up(ctx)
        batch = open_batch(ctx, "benchmark")
        for path, (pages, statement) in files.items():
            began = cpu()
            take_in(ctx, path, batch, statement)
            costs.spent["receive"] += cpu() - began
            costs.pages["receive"] += pages
            _go_through(ctx, pages, costs)
        began = cpu()
        drain(ctx)
        costs.spent["index"] += cpu() - began
        for entry in ctx.ledger.entries(batch):
            if entry.state != "done":
                received = Received.model_validate_json(entry.record, extra="ignore")
                costs.stopped[Path(received.source).name] = entry.reason.text()
    return costs


def _warm_up(ctx: Services) -> None:
    for stage in DIGITISE.stages:
        _ = stage.run
    for service in ("catalogues", "ledger", "catalogue", "vault", "journal", "signers"):
        getattr(ctx, service)


def _go_through(ctx: Services, pages: int, costs: Costs) -> None:
    while entries := ready(ctx):
        entry = entries[0]
        stage = DIGITISE.after(entry.stage)
        began = cpu()
        outcome = advance(ctx, entry.id, entry.stage)
        if stage is None:
            return
        costs.spent[stage.name] += cpu() - began
        costs.pages[stage.name] += pages if outcome in {"passed", "done"} else 0


def main() -> None:
    """Digitise the samples in this process and print the table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = {}
        for sample in generate(folder / "samples"):
            fields = {name: value for name, value in sample.fields.items() if value}
            files[folder / "samples" / sample.file] = sample.pages, Statement(type_code=sample.type_code, fields=fields)
        costs = measure(files, load_settings(folder / "home", NO_PAUSE))
    print(render("CPU of the stages", costs.rows()))
    for file, reason in costs.stopped.items():
        print(f"{file} stopped: {reason}")


if __name__ == "__main__":
    main()
