"""Judged queries over scans: archive every single paper of a scan set, and ask for it as people do.

``python -m benchmarks.judged --scans DIR [--only 'dev_00*'] [--mode fast]``.  The papers go through the flow as at
`ingest`; where one is held for review, a person is played who fills in from the truth what the review asks for, and
nothing else.  The questions come from the truth: names and numbers with accents, without, with wrong tones, with a
slip, decomposed.
"""

import argparse
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from unicodedata import normalize

from benchmarks.scanset import Paper, read_scan_set
from benchmarks.tables import Row, render
from config.settings import load_settings
from domain.errors import UsageError
from domain.fold import fold
from pipeline.flow import DIGITISE
from pipeline.indexing import drain
from pipeline.intake import open_batch, take_in
from pipeline.records import Described, Statement
from pipeline.runner import run_through
from pipeline.stages.review import confirm
from services.context import Services, open_services

_TONES = str.maketrans("àáảãạèéẻẽẹìíỉĩịòóỏõọùúủũụ", "áàạảãéèẹẻẽíìịỉĩóòọỏõúùụủũ")
_WAYS: dict[str, Callable[[str], str]] = {
    "accents": str,
    "no accents": fold,
    "wrong tone": lambda text: text.lower().translate(_TONES),
    "slip": lambda text: " ".join((*text.split()[:-1], text.split()[-1] + text[-1])),
    "phrase": lambda text: f'"{text}"',
    "NFD": lambda text: normalize("NFD", text),
}


def main() -> int:
    """Read, index, ask, and tell how often the right paper came first and among the first three."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scans", type=Path, required=True)
    parser.add_argument("--only", default="*")
    parser.add_argument("--mode", choices=("fast", "accurate"), default="fast")
    given = parser.parse_args()
    scans = [scan for scan in read_scan_set(given.scans, given.only) if scan.is_single]
    asked, first, three, held = Counter[str](), Counter[str](), Counter[str](), 0
    missed: list[str] = []
    with (
        tempfile.TemporaryDirectory() as home,
        open_services(load_settings(Path(home), {"KHOSO_RECOGNITION__MODE": given.mode})) as ctx,
    ):
        names: dict[str, str] = {}
        for scan in scans:
            document_id, was_held = _archive(ctx, given.scans / scan.file, scan.documents[0])
            names[document_id] = scan.file
            held += was_held
        drain(ctx)
        asking = [(scan, way, text) for scan in scans for way, text in _questions(scan.documents[0])]
        right: defaultdict[str, set[str]] = defaultdict(set)  # several papers are about the same: each of them is right
        for scan, _, text in asking:
            right[fold(text)].add(scan.file)
        with ctx.index() as index:
            for scan, way, text in asking:
                found = [names[hit.id] for hit in index.search(text, 3).hits]
                asked[way] += 1
                first[way] += not right[fold(text)].isdisjoint(found[:1])
                three[way] += not right[fold(text)].isdisjoint(found)
                if right[fold(text)].isdisjoint(found[:1]):
                    missed.append(f"{way}: {text}: wanted {scan.file}, found {found}")
    rows: list[Row] = [
        {"way": way, "asked": number, "first": first[way] / number, "among three": three[way] / number}
        for way, number in asked.items()
    ]
    total = asked.total()
    rows.append({"way": "all", "asked": total, "first": first.total() / total, "among three": three.total() / total})
    print("\n".join(missed))
    print(f"{len(scans)} papers, {held} of them after a person filled in what the review asked for")
    print(render("Judged queries over scans", rows))
    return 0


def _archive(ctx: Services, path: Path, paper: Paper) -> tuple[str, bool]:
    """Take a scan through the flow and, where it must be, through a review; gives its document's id and whether so."""
    seen = take_in(ctx, path, open_batch(ctx, "benchmark"), Statement())
    if seen.document_id is None:
        raise UsageError(f"{path} is refused: {seen.reason}")
    outcome = run_through(ctx, seen.document_id)
    entry = ctx.ledger.entry(seen.document_id)
    was_held = entry is not None and DIGITISE.after(entry.stage) is DIGITISE.stage("review")
    if entry is not None and was_held:
        record = _filled_in(ctx, Described.model_validate_json(entry.record), paper).model_dump_json()
        with ctx.ledger.release(entry, record, "benchmark"):
            pass
        outcome = run_through(ctx, entry.id)
    if outcome != "done":
        entry = ctx.ledger.entry(seen.document_id)
        sys.stderr.write(f"{path.name}: {outcome}: {entry.reason if entry else ''}\n")
    return seen.document_id, was_held


def _filled_in(ctx: Services, described: Described, paper: Paper) -> Described:
    """What a person makes of a paper in doubt, who fills in what is asked for, as long as something is."""
    truth = {"type": paper.type_code, **{name: value for name, value in paper.values.items() if value}}
    message, values = "; ".join(map(str, described.doubts)), dict[str, str]()
    while True:
        wanted = {name: value for name, value in truth.items() if f"{name}: " in message and name not in values}
        values |= wanted
        try:
            return confirm(described, values, "benchmark", ctx)
        except UsageError as error:
            if not wanted:
                raise
            message = error.explain()


def _questions(paper: Paper) -> Iterator[tuple[str, str]]:
    """By the name of the owner with the title, or by what the paper is about; and by its number."""
    number, owner = paper.values["number_symbol"], paper.values["owner_name"]
    about = owner or paper.values["abstract"]
    if number:
        yield "number", number
    for way, change in _WAYS.items():
        if about:
            title = "" if way == "phrase" or not owner else f" {paper.values['title'] or ''}"
            yield way, change(f"{about}{title}".strip())


if __name__ == "__main__":
    sys.exit(main())
