"""Recognition against stock OCRmyPDF on a set of scans with their truth: speed, words, letters, fields, turns, cuts.

    python -m benchmarks.recognition --scans DIR [--mode fast|accurate|both] [--against ocrmypdf]
                                     [--level LEVEL] [--only GLOB] [--json FILE] [--plot FILE.png]

* Every engine gets the same PDF, which ``prepare`` makes of the scan once.  Engines take turns file by file, in one
  order and then in the other, on one processor and with one thread, so noise of the machine hits all alike.
* Stock is ``ocrmypdf -l vie --output-type pdfa``: as the command a user types, and the same in a warm process without
  the cost of starting.  Its time holds the conversion to PDF/A; ours does not: see ``conform`` among the other stages.
* Speed, words and letters: the one-page documents that should be accepted.  Fields, types and turns: all single
  documents.  Cuts: the stacks.  Ratios are ours to stock: below 1 is better for CPU and CER, above 1 for words found.
* How words and letters are compared is told in ``benchmarks.scoring``.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from benchmarks.engines import OURS, STOCK, Run, open_children, pinned_process
from benchmarks.report import (
    Result,
    calibration_rows,
    cut_rows,
    field_rows,
    paper_rows,
    speed_rows,
    untyped_rows,
    with_total,
)
from benchmarks.scanset import Scan, read_scan_set
from benchmarks.scoring import Score, judge_fields, score_cuts, score_letters, score_words
from benchmarks.stages import NO_PAUSE, Costs, measure
from benchmarks.tables import Row, plot, render
from config.loader import load_catalogues
from config.models import Catalogues
from config.settings import Settings, load_settings
from domain.errors import ExitCode, KhosoError, SetupError
from pipeline.extraction import laid_out, read_fields
from pipeline.records import Prepared, Source
from pipeline.stages.describe import settle_issuer
from pipeline.stages.prepare import prepare
from pipeline.stages.receive import receive
from services.context import Services, open_services

BY_LEVEL: Final = "Speed, words and letters by level"


@dataclass(frozen=True)
class Made:
    """What ``prepare`` made of a scan: a PDF and page indices of the scan for each paper, or why none."""

    pdfs: tuple[Path, ...] = ()
    papers: tuple[tuple[int, ...], ...] = ()
    problem: str = ""


@dataclass
class Findings:
    """All that one run of the benchmark found out."""

    results: list[Result] = field(default_factory=list)
    cuts: list[tuple[str, Score, str]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    costs: Costs = field(default_factory=Costs)
    costs_of: str = ""

    def tables(self) -> dict[str, list[Row]]:
        """The tables under their titles; without stock engines the ratios are n/a."""
        return {
            BY_LEVEL: with_total(self.results, speed_rows, lambda item: item.level),
            "Speed, words and letters by kind": speed_rows(self.results, lambda item: item.kind),
            "Types, fields and turns by level": with_total(self.results, paper_rows, lambda item: item.level),
            "Types, fields and turns by kind": paper_rows(self.results, lambda item: item.kind),
            "Papers of kinds that the catalogue has no type for": untyped_rows(self.results),
            "Fields": field_rows(self.results),
            "What a field's confidence is worth": calibration_rows(self.results),
            "Cuts of stacks": self._cut_rows(),
            f"CPU of the stages on the one-page papers ({self.costs_of})": self.costs.rows(),
        }

    def _cut_rows(self) -> list[Row]:
        """The stacks; nothing while no stack comes back in several parts: then prepare does not cut at all."""
        return cut_rows(self.cuts) if any(score.given > 1 for _, score, _ in self.cuts) else []


def make_input(scan: Path, ctx: Services) -> Made:
    """Receive and prepare a scan, as ``ingest`` does."""
    try:
        received = receive(Source(path=str(scan), batch_id="benchmark"), ctx)
        given: Prepared | tuple[Prepared, ...] = prepare(received, ctx)
    except KhosoError as error:
        return Made(problem=error.explain())
    parts = given if isinstance(given, tuple) else (given,)
    return Made(
        pdfs=tuple(ctx.file(part, part.pdf) for part in parts),
        papers=tuple(tuple(fact.number - 1 for fact in part.facts if not fact.is_blank) for part in parts),
    )


def judge(scan: Scan, engine: str, read: Run, catalogues: Catalogues) -> Result:
    """Compare what an engine made of a single document with the truth."""
    (paper,) = scan.documents
    result = Result(
        file=scan.file,
        level=scan.level,
        kind=paper.kind,
        engine=engine,
        pages=len(scan.pages),
        cpu_s=read.cpu_s,
        words=score_words(scan.printed, scan.forgiven, read.text),
        letters=score_letters(scan.printed, scan.forgiven, read.text),
        failure=read.failure,
    )
    if engine not in OURS:
        return result
    description = settle_issuer(read_fields(laid_out(read.reading), catalogues.types), catalogues.agencies)
    wanted = [scan.pages[index].rotate for index in paper.pages]
    upright = sum(turn == truth for turn, truth in zip(read.turns, wanted, strict=False))
    return replace(
        result,
        judged=tuple(judge_fields(paper.values, description.fields)),
        has_type=paper.type_code is not None,
        type_right=description.type_code == paper.type_code,
        upright=Score(upright, len(read.turns), len(wanted)),
    )


def run(scans: Sequence[Scan], folder: Path, home: Path, engines: Sequence[str]) -> Findings:
    """Measure the engines on the scans of a folder, and then the other stages."""
    found = Findings()
    singles, stacks = [scan for scan in scans if scan.is_single], [scan for scan in scans if scan.is_stack]
    settings = load_settings(home / "engines", NO_PAUSE)
    with open_services(settings) as ctx:
        made = {scan.file: make_input(folder / scan.file, ctx) for scan in (*singles, *stacks)}
    for scan in stacks:
        score = score_cuts(made[scan.file].papers, [paper.pages for paper in scan.documents])
        found.cuts.append((scan.file, score, made[scan.file].problem))
    inputs = []
    for scan in singles:
        if len(made[scan.file].pdfs) == 1:
            inputs.append((scan, made[scan.file].pdfs[0]))
        else:
            found.problems.append(f"{scan.file}: {made[scan.file].problem or 'prepared as several papers'}")
    found.results = compare(inputs, engines, settings)
    found.problems += [f"{item.file}: {item.engine}: {item.failure}" for item in found.results if item.failure]
    measured = [engine for engine in engines if engine in OURS]
    found.costs_of = next(
        (engine for engine in measured if OURS[engine].mode == settings.recognition.mode), measured[0]
    )
    one_page = [scan for scan, _ in inputs if len(scan.pages) == 1 and scan.documents[0].type_code]
    found.costs = cost_of_stages(one_page, folder, home / "stages", found.costs_of)
    found.problems += [f"{file} stopped: {reason}" for file, reason in found.costs.stopped.items()]
    return found


def compare(inputs: Sequence[tuple[Scan, Path]], engines: Sequence[str], settings: Settings) -> list[Result]:
    """Let the engines take turns on each file; stock reads the one-page papers only.

    Raises:
        SetupError: a stock engine does not run here.
    """
    results: list[Result] = []
    catalogues = load_catalogues()
    with open_children(engines, settings) as children:
        for engine in engines if inputs else ():
            first = children[engine].run(inputs[0][1])
            if first.failure and engine in STOCK:
                raise SetupError(
                    f"{engine} cannot be measured: {first.failure}", remedy="`make bench-recognition` installs it"
                )
        for number, (scan, pdf) in enumerate(inputs, 1):
            able = [engine for engine in engines if engine in OURS or len(scan.pages) == 1]
            for engine in able[:: 1 if number % 2 else -1]:
                read = children[engine].run(pdf)
                results.append(judge(scan, engine, read, catalogues))
            sys.stderr.write(f"\r{number} of {len(inputs)} files")
    sys.stderr.write("\n")
    return sorted(results, key=lambda item: engines.index(item.engine))


def cost_of_stages(scans: Sequence[Scan], folder: Path, home: Path, engine: str) -> Costs:
    """Digitise the one-page papers from start to end, with what the truth says of them as their manifest."""
    settings = load_settings(home, {**NO_PAUSE, "KHOSO_RECOGNITION__MODE": OURS[engine].mode})
    files = {folder / scan.file: (len(scan.pages), scan.documents[0].statement) for scan in scans}
    with pinned_process(settings) as pool:
        costs: Costs = pool.schedule(measure, args=[files, settings]).result()
    return costs


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="benchmarks.recognition", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--scans", type=Path, required=True, help="a folder with scans and their truth.json")
    parser.add_argument("--mode", choices=("fast", "accurate", "both"), default="both", help="of our recognition")
    parser.add_argument("--against", choices=("ocrmypdf",), help="measure stock too")
    parser.add_argument("--level", action="append", help="the files of this level; may be given several times")
    parser.add_argument("--only", default="*", metavar="GLOB", help="the files whose name fits")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all tables and the numbers of every file")
    parser.add_argument("--plot", type=Path, metavar="FILE.png", help="draw CPU and words found by level")
    return parser.parse_args()


def main() -> int:
    """Run the benchmark and print its tables."""
    given = arguments()
    ours = [engine for engine, settings in OURS.items() if given.mode in {"both", settings.mode}]
    engines = [*(STOCK if given.against else ()), *ours]
    try:
        scans = read_scan_set(given.scans, given.only, given.level)
        with tempfile.TemporaryDirectory(prefix="khoso-bench-") as home:
            found = run(scans, given.scans, Path(home), engines)
    except KhosoError as error:
        sys.stderr.write(f"{error.explain()}\n")
        return error.exit_code
    tables = found.tables()
    for title, rows in tables.items():
        print(render(title, rows))
    print("\n".join(["", "What went wrong", "---------------", *(found.problems or ["nothing"])]))
    if given.json:
        report = {"tables": tables, "files": [item.row for item in found.results], "problems": found.problems}
        given.json.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if given.plot:
        plot(tables[BY_LEVEL], given.plot)
    return ExitCode.OK


if __name__ == "__main__":
    sys.exit(main())
