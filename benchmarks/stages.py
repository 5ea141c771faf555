"""CPU seconds of every stage on the samples: what recognition costs, and all the rest together."""

import resource
import tempfile
from collections import defaultdict
from pathlib import Path

from config.settings import load_settings
from pipeline.context import open_context
from pipeline.flow import DIGITISE
from pipeline.intake import find_files, open_batch, take_in
from pipeline.records import Statement
from pipeline.runner import advance
from samples.generate import generate


def cpu() -> float:
    """CPU seconds of this process and of the programs it started."""
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def main() -> None:
    """Digitise the samples in this process, stage by stage, and print the table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        generate(folder / "samples")
        with open_context(load_settings(folder / "home", {})) as ctx:
            spent: dict[str, float] = defaultdict(float)
            batch = open_batch(ctx, "benchmark")
            for path in find_files([folder / "samples"], folder / "home"):
                began = cpu()
                seen = take_in(ctx, path, batch, Statement())
                spent["receive"] += cpu() - began
                outcome = "passed"
                while seen.document_id and outcome == "passed":
                    entry = ctx.ledger.entry(seen.document_id)
                    stage = DIGITISE.after(entry.stage) if entry else None
                    if entry is None or stage is None:
                        break
                    began = cpu()
                    outcome = advance(ctx, entry.id, entry.stage)
                    spent[stage.name] += cpu() - began
            pages = sum(number for _, number in ctx.ledger.counts().values())
    total = sum(spent.values())
    print(f"{'stage':<12}{'CPU s/page':>12}{'share':>8}")
    for stage in DIGITISE.stages:
        print(f"{stage.name:<12}{spent[stage.name] / pages:>12.3f}{spent[stage.name] / total:>8.1%}")
    rest = total - spent["recognize"]
    print(
        f"{'all':<12}{total / pages:>12.3f}   {pages} pages; all but recognize: {rest / spent['recognize']:.1%} of it"
    )


if __name__ == "__main__":
    main()
