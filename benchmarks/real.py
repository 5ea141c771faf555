"""Papers as real ones are, number and day by hand: ``python -m benchmarks.real [PAPERS]``.

Draws PAPERS papers (default 100; see ``benchmarks.realset``), reads them as ``ingest`` does, and tells of number and
day how many were right and sure, right and proposed, wrong, or missing, and of all fields what is sure and wrong: ends
with 1 when 1 % or more of the values of 0.9 and more are wrong.  ``--held-back``: the half on which nothing was tuned.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks.engines import OURS
from benchmarks.realset import Drawn, draw
from benchmarks.scoring import Judged, Score, judge_fields, score_words, sure_and_wrong
from benchmarks.tables import Row, render
from benchmarks.values import MOST_WRONG, REVIEWED
from config.loader import load_catalogues
from config.models import Catalogues
from config.settings import RecognitionSettings
from domain.readings import FieldName, FieldReading
from pipeline.extraction import laid_out, read_fields
from pipeline.recognition.engine import read_document
from pipeline.stages.describe import settle_issuer

SURE: Final = 0.9
_WRITTEN: Final[tuple[FieldName, ...]] = ("number_symbol", "issued_date")


class Found(NamedTuple):
    """One paper: what was drawn, its fields as they were judged, its type and the words of its print."""

    seed: int
    drawn: Drawn
    judged: list[Judged]
    fields: dict[FieldName, FieldReading]
    is_type: bool
    words: Score


def read(seed: int, settings: RecognitionSettings, catalogues: Catalogues, folder: Path) -> Found:
    """Draw a paper and read it."""
    drawn = draw(seed, folder / "paper.pdf")
    reading = read_document(folder / "paper.pdf", settings)
    described = settle_issuer(read_fields(laid_out(reading), catalogues.types), catalogues.agencies)
    judged = judge_fields(drawn.paper.fields, described.fields)
    words = score_words(drawn.printed, drawn.written, reading.text)
    return Found(seed, drawn, judged, described.fields, described.type_code == drawn.paper.type_code, words)


def written_rows(found: Sequence[Found]) -> list[Row]:
    """Number and day by hand and in print; in print a proposal is a doubt that a person had to settle."""
    hands = sorted({item.drawn.hand for item in found if item.drawn.hand})
    groups = [
        ("by hand", [item for item in found if item.drawn.hand]),
        ("in print", [item for item in found if not item.drawn.hand]),
        *((f"  {hand}", [item for item in found if item.drawn.hand == hand]) for hand in hands),
    ]
    return [
        _written_row(field, name, [item for item in items if field in item.drawn.filled_in])
        for field in _WRITTEN
        for name, items in groups
    ]


def _written_row(field: FieldName, name: str, items: Sequence[Found]) -> Row:
    values = [(item.fields.get(field), item.drawn.paper.fields[field]) for item in items]
    right = [read for read, wanted in values if read is not None and read.value == wanted]
    wrong = [read for read, wanted in values if read is not None and read.value != wanted]
    return {
        "field": field,
        "written": name,
        "papers": len(values),
        "right, sure": sum(read.confidence >= REVIEWED for read in right),
        "right, proposed": sum(read.confidence < REVIEWED for read in right),
        "right or proposed": len(right) / len(values) if values else None,
        "wrong, proposed": sum(read.confidence < REVIEWED for read in wrong),
        "wrong, 0.75..0.9": sum(REVIEWED <= read.confidence < SURE for read in wrong),
        "wrong, 0.9 and more": sum(read.confidence >= SURE for read in wrong),
        "missing": len(values) - len(right) - len(wrong),
    }


def paper_rows(found: Sequence[Found]) -> list[Row]:
    """Types, abstracts and words by what is odd about the papers."""
    kinds = sorted({kind for item in found for kind in item.drawn.kinds})
    groups = [(kind, [item for item in found if kind in item.drawn.kinds]) for kind in kinds]
    plain = [item for item in found if not item.drawn.kinds]
    return [_paper_row(kind, items) for kind, items in (*groups, ("nothing", plain), ("all", found))]


def _paper_row(kind: str, items: Sequence[Found]) -> Row:
    fields = {
        f"{field} F1": sum((one.score for item in items for one in item.judged if one.name == field), Score()).f1
        for field in ("abstract", "title", "issuer")
    }
    row = {
        "odd": kind,
        "papers": len(items),
        "type right": sum(i.is_type for i in items) / max(1, len(items)),
        **fields,
    }
    words = sum((item.words for item in items), Score())
    return {**row, "words found": words.recall, "words right": words.precision}


def main() -> int:
    """Draw, read, and print the tables and every value that is sure and wrong."""
    parser = argparse.ArgumentParser(prog="benchmarks.real", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("papers", nargs="?", type=int, default=100)
    parser.add_argument("--mode", choices=("fast", "accurate"), default="accurate", help="of our recognition")
    parser.add_argument("--held-back", action="store_true", help="the papers on which nothing was tuned")
    given = parser.parse_args()
    settings, catalogues = OURS[f"khoso {given.mode}"], load_catalogues()
    found: list[Found] = []
    with tempfile.TemporaryDirectory(prefix="khoso-real-") as folder:
        for number in range(given.papers):
            found.append(read(2 * number + given.held_back, settings, catalogues, Path(folder)))
            sys.stderr.write(f"\r{number + 1} of {given.papers}   ")
    sys.stderr.write("\n")
    half = "held back" if given.held_back else "tuned on"
    print(render(f"Number and day, {given.papers} papers ({half}), {given.mode} mode", written_rows(found)))
    print(render("By what is odd about them", paper_rows(found)))
    for item in found:
        for one in item.judged:
            field, wanted = item.fields.get(one.name), item.drawn.paper.fields[one.name]
            if field and not one.right and field.confidence >= SURE:
                print(f"WRONG {item.seed}: {one.name} {field.value!r} for {wanted!r}")
    wrong, sure = sure_and_wrong(one for item in found for one in item.judged)
    print(f"\n{sure} values with {SURE} and more, {wrong} of them wrong")
    return int(wrong >= MOST_WRONG * sure)


if __name__ == "__main__":
    sys.exit(main())
