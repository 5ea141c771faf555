"""Judged queries over scans: read every single paper of a scan set, and ask for it as people do.

``python -m benchmarks.judged --scans DIR [--only 'dev_00*'] [--mode fast]``.  The index knows what was recognised; the
questions come from the truth: names and numbers with accents, without, with wrong tones, with a slip, decomposed.
"""

import argparse
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from unicodedata import normalize

from benchmarks.scanset import Paper, Scan, read_scan_set
from benchmarks.tables import Row, render
from config.settings import load_settings
from domain.errors import KhosoError
from domain.fold import fold
from domain.readings import DocumentReading
from pipeline.context import Context, open_context
from pipeline.extraction import describe, laid_out
from pipeline.records import Source
from pipeline.stages.prepare import prepare
from pipeline.stages.receive import receive
from pipeline.stages.recognize import recognize
from search.interface import Entry, open_index

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
    with (
        tempfile.TemporaryDirectory() as home,
        open_context(load_settings(Path(home), {"KHOSO_RECOGNITION__MODE": given.mode})) as ctx,
        open_index(ctx.settings.search) as index,
    ):
        index.add(_read(scans, given.scans, ctx))
        asked, first, three = Counter[str](), Counter[str](), Counter[str]()
        missed: list[str] = []
        asking = [(scan, way, text) for scan in scans for way, text in _questions(scan.documents[0])]
        right: defaultdict[str, set[str]] = defaultdict(set)  # several papers are about the same: each of them is right
        for scan, _, text in asking:
            right[fold(text)].add(scan.file)
        for scan, way, text in asking:
            ids = [hit.id for hit in index.search(text, 3).hits]
            asked[way] += 1
            first[way] += not right[fold(text)].isdisjoint(ids[:1])
            three[way] += not right[fold(text)].isdisjoint(ids)
            if right[fold(text)].isdisjoint(ids[:1]):
                missed.append(f"{way}: {text}: wanted {scan.file}, found {ids}")
    rows: list[Row] = [
        {"way": way, "asked": number, "first": first[way] / number, "among three": three[way] / number}
        for way, number in asked.items()
    ]
    total = asked.total()
    rows.append({"way": "all", "asked": total, "first": first.total() / total, "among three": three.total() / total})
    print("\n".join(missed))
    print(render("Judged queries over scans", rows))
    return 0


def _read(scans: Sequence[Scan], folder: Path, ctx: Context) -> Iterator[Entry]:
    for scan in scans:
        try:
            prepared = prepare(receive(Source(path=str(folder / scan.file), batch_id="benchmark"), ctx), ctx)
            record = recognize(prepared if not isinstance(prepared, tuple) else prepared[0], ctx)
        except KhosoError as error:
            sys.stderr.write(f"{scan.file}: {error.explain()}\n")
            continue
        reading = DocumentReading.model_validate_json(ctx.file(record, record.words).read_bytes())
        found = describe(laid_out(reading), ctx.catalogues.types)
        names = (found.value("title"), found.value("abstract"), found.value("owner_name"))
        yield Entry(
            id=scan.file,
            title=" ".join(name for name in names if name),
            body=ctx.file(record, record.text).read_text(encoding="utf-8"),
            number_symbol=found.value("number_symbol"),
            codes=(),
            type_code=found.type_code or "",
            type_name="",
            dossier=found.value("dossier_code"),
            issuer=found.value("issuer"),
            issued=None,
        )


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
