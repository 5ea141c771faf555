"""What a confidence is worth on papers whose values are hard to come by: ``python -m benchmarks.values [PAPERS]``.

It also counts how many papers wait for a person because of their owner's number, and how many wrong ones go through
(docs/decisions/0068); with ``--poor`` on scans of too few dots, and nothing else of them is judged.
Draws PAPERS papers of each kind (default 40), reads them as ``ingest`` does, and counts the values that are given with
a confidence of 0.9 or more, which nobody would look at again: ends with 1 when 1 % of them or more are wrong, or when
they are fewer than 300.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final, Literal, NamedTuple

from benchmarks.engines import OURS
from benchmarks.scoring import Judged, Score, calibrate, judge_fields, sure_and_wrong
from benchmarks.tables import Row, render
from benchmarks.valueset import KINDS, POOR, draw
from config.loader import load_catalogues
from config.models import Catalogues
from config.settings import RecognitionSettings
from domain.readings import FieldReading
from pipeline.extraction import laid_out, read_fields
from pipeline.recognition.engine import read_document
from pipeline.stages.describe import settle_issuer

FEWEST: Final = 300
REVIEWED: Final = 0.75  # see `review_below` in config/catalogues/profiles.yaml
MOST_WRONG: Final = 0.01


class Value(NamedTuple):
    """One field of a drawn paper."""

    kind: str
    seed: int
    judged: Judged
    wanted: str | None
    read: FieldReading | None

    @property
    def field(self) -> str:
        """Its name."""
        return self.judged.name


def values(kind: str, seed: int, settings: RecognitionSettings, catalogues: Catalogues, folder: Path) -> list[Value]:
    """Draw a paper, read it, and compare every field that it has or that was read."""
    paper = draw(kind, seed, folder / "paper.pdf")
    reading = read_document(folder / "paper.pdf", settings)
    fields = settle_issuer(read_fields(laid_out(reading), catalogues.types), catalogues.agencies).fields
    judged = judge_fields(paper.fields, fields)
    return [Value(kind, seed, one, paper.fields[one.name], fields.get(one.name)) for one in judged]


def rows(found: Iterable[Value], column: Literal["kind", "field"]) -> list[Row]:
    """The counts by kind of paper or by field, and of all."""
    items = [(str(getattr(value, column)), value.judged) for value in found]
    groups = {key: [judged for other, judged in items if other == key] for key, _ in items}
    return [_row(column, key, group) for key, group in groups.items()] + [_row(column, "all", [j for _, j in items])]


def _row(column: str, name: str, judged: list[Judged]) -> Row:
    score = sum((one.score for one in judged), Score())
    wrong, sure = sure_and_wrong(judged)
    counts = {"printed": score.wanted, "given": score.given, "right": score.right, "0.9 and more": sure}
    return {column: name, **counts, "of these wrong": wrong, "share": wrong / sure if sure else None}


def owner_rows(found: Iterable[Value]) -> list[Row]:
    """Owners' numbers by kind of paper: which wait by their confidence alone, and which because they were read once."""
    items = [value for value in found if value.field == "owner_id" and value.wanted]
    kinds = dict.fromkeys(value.kind for value in items)
    return [_owner_row(kind, [v for v in items if v.kind == kind]) for kind in kinds] + [_owner_row("all", items)]


def _owner_row(name: str, values: list[Value]) -> Row:
    unsure = [v for v in values if v.read is None or v.read.confidence < REVIEWED]
    waiting = [v for v in values if v in unsure or (v.read is not None and v.read.read_once)]
    wrong = [v for v in values if v.read is not None and not v.judged.right]
    return {
        "kind": name,
        "papers": len(values),
        "given": sum(v.read is not None for v in values),
        "wrong": len(wrong),
        "unsure": len(unsure),
        "unsure or read once": len(waiting),
        "wrong and sure": sum(v not in unsure for v in wrong),
        "wrong, and nobody looks": sum(v not in waiting for v in wrong),
    }


def main() -> int:
    """Draw, read, print the tables and every value that is sure and wrong."""
    parser = argparse.ArgumentParser(prog="benchmarks.values", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("papers", nargs="?", type=int, default=40, help="of each kind")
    parser.add_argument("--mode", choices=("fast", "accurate"), default="accurate", help="of our recognition")
    parser.add_argument("--poor", action="store_true", help="scans of too few dots, for the owners' numbers alone")
    given = parser.parse_args()
    settings, catalogues = OURS[f"khoso {given.mode}"], load_catalogues()
    found: list[Value] = []
    with tempfile.TemporaryDirectory(prefix="khoso-values-") as folder:
        for kind in POOR if given.poor else KINDS:
            for seed in range(given.papers):
                found += values(kind, seed, settings, catalogues, Path(folder))
                sys.stderr.write(f"\r{kind}: {seed + 1} of {given.papers}   ")
    sys.stderr.write("\n")
    print(render("Numbers of owners", owner_rows(found)))
    if given.poor:
        return 0
    print(render(f"Values by kind of paper, {given.papers} papers each, {given.mode} mode", rows(found, "kind")))
    print(render("Values by field", rows(found, "field")))
    bins = calibrate(value.judged for value in found)
    print(
        render(
            "What a confidence is worth",
            [{"confidence": f"{b.low:.2f}..{b.high:.2f}", "values": b.count, "right": b.right / b.count} for b in bins],
        )
    )
    for value in found:
        if value.read and value.read.confidence >= 0.9 and not value.judged.right:
            print(f"WRONG {value.kind} {value.seed}: {value.judged.name} {value.read.value!r} for {value.wanted!r}")
    wrong, sure = sure_and_wrong(value.judged for value in found)
    print(f"\n{sure} values with 0.9 and more, {wrong} of them wrong")
    return int(sure < FEWEST or wrong >= MOST_WRONG * sure)


if __name__ == "__main__":
    sys.exit(main())
