"""Search over generated papers: how fast the index is built and asked, against SQLite FTS5 in the same run.

``python -m benchmarks.search [NUMBER]`` (default 100 000).  Times are of whole calls: parsing, both attempts, the
stored texts and the snippets of 20 hits.  FTS5 has one folded index without stored texts and gives ids only.  Beside
the time on the clock stands the time on the processor, which holds on a machine that others use as well.
"""

import os
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import quantiles
from typing import NamedTuple

from benchmarks.searchset import Papers, questions
from benchmarks.tables import Row, render
from config.settings import SearchSettings
from domain.fold import fold
from search.engines import open_index
from search.filters import Filters
from search.interface import IndexEntry, SearchIndex
from search.query import parse

_ASKED = 200
_ASKED_FTS5 = 40  # it is slow
_JUNK = 1_000
_DRAWN = 20_000  # papers drawn together, outside the time of building
_FEW = Filters(types=("KQ.G15.990003",), issued_from=None)


class Timed(NamedTuple):
    """Milliseconds of one question on the clock and on the processor."""

    clock: float
    processor: float


def main(number: int) -> None:
    """Build both indexes over the same papers and ask both the same."""
    folder = Path(tempfile.mkdtemp(prefix="khoso-bench-"))
    try:
        some = list(Papers().entries(min(number, 20_000)))
        asked = questions(some, _ASKED)
        words = sum(len(entry.body.split()) for entry in some) / len(some)
        sys.stdout.write(f"{number} papers of {words:.0f} words; {_ASKED} questions of each kind\n\n")
        with open_index(SearchSettings(path=folder / "tantivy"), make=True) as index:
            ours = _built(partial(_build, index), number)
            os.sync()  # else the first questions wait for what was written here
            size = _size(folder / "tantivy")
            rows: list[dict[str, str]] = [
                {"what": "build, papers/s", "tantivy": f"{number / ours:.0f}"},
                {"what": "size, MB", "tantivy": f"{size:.0f}"},
            ]
            asked_ours = {**_ours(index, asked), "junk": _junk(index, some)}
        theirs = _Fts(folder / "fts.sqlite")
        built = _built(theirs.build, number)
        rows[0]["FTS5"], rows[1]["FTS5"] = f"{number / built:.0f}", f"{_size(folder / 'fts.sqlite'):.0f}"
        asked_theirs = theirs.ask(asked)
    finally:
        shutil.rmtree(folder)
    print(render("Building", rows))
    print(render("Asking, ms", [_row(kind, times, asked_theirs.get(kind)) for kind, times in asked_ours.items()]))


def _build(index: SearchIndex, entries: Iterable[IndexEntry]) -> None:
    with index.rebuild() as draft:
        draft.add(entries)
        draft.publish()


def _ours(index: SearchIndex, asked: dict[str, list[str]]) -> dict[str, list[Timed]]:
    ways: dict[str, tuple[list[str], Callable[[str], object]]] = {
        kind: (texts, index.search) for kind, texts in asked.items()
    }
    ways["filter, newest"] = (asked["1 word"], lambda text: index.search(text, filters=_FEW, sort="newest"))
    ways["1 word, newest"] = (asked["1 word"], lambda text: index.search(text, sort="newest"))
    ways["facets"] = (asked["1 word"], lambda text: index.search(text, counted=True))
    index.search("mo may")  # the first question opens the files
    return {kind: [_asked(ask, text) for text in texts] for kind, (texts, ask) in ways.items()}


def _junk(index: SearchIndex, some: Sequence[IndexEntry]) -> list[Timed]:
    """Pieces of texts cut anywhere, and strings of signs: the slowest of them is what counts."""
    pieces = [entry.body[number % 40 : number % 400] for number, entry in enumerate(islice(some, _JUNK))]
    signs = ['"' * 50 + "/-.&" * 40 + piece[::-1] for piece in pieces[:: len(pieces) // 200 or 1]]
    return [_asked(index.search, text) for text in (*pieces, *signs)]


class _Fts:
    """The same papers in SQLite FTS5: folded text, and a table for filters, order and counts."""

    def __init__(self, file: Path) -> None:
        self._db = sqlite3.connect(file)
        self._db.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-512000;"
            "CREATE TABLE papers (id INTEGER PRIMARY KEY, name TEXT, type TEXT, issued TEXT);"
            "CREATE VIRTUAL TABLE texts USING fts5(text, content='', tokenize='unicode61 remove_diacritics 0');"
        )

    def build(self, entries: Iterable[IndexEntry]) -> None:
        """Fill both tables."""
        numbered = enumerate(entries)
        while some := list(islice(numbered, 20_000)):
            with self._db:
                self._db.executemany(
                    "INSERT INTO papers VALUES (?, ?, ?, ?)",
                    ((n, entry.id, entry.type_code, str(entry.issued)) for n, entry in some),
                )
                self._db.executemany(
                    "INSERT INTO texts (rowid, text) VALUES (?, ?)",
                    ((n, fold(f"{entry.title} {entry.type_name} {entry.issuer} {entry.body}")) for n, entry in some),
                )
        self._db.execute("INSERT INTO texts (texts) VALUES ('optimize')")

    def ask(self, asked: dict[str, list[str]]) -> dict[str, list[Timed]]:
        """The same kinds of questions."""
        ranked = "SELECT rowid FROM texts WHERE texts MATCH ? ORDER BY bm25(texts) LIMIT 20"
        joined = "FROM texts JOIN papers ON papers.id = texts.rowid WHERE texts MATCH ?"
        few = f"SELECT id {joined} AND type = 'KQ.G15.990003' ORDER BY issued DESC LIMIT 20"
        newest = f"SELECT id {joined} ORDER BY issued DESC LIMIT 20"
        counted = f"SELECT type, count(*) {joined} GROUP BY type"
        ways = {
            **{kind: (texts, ranked) for kind, texts in asked.items()},
            "filter, newest": (asked["1 word"], few),
            "1 word, newest": (asked["1 word"], newest),
            "facets": (asked["1 word"], counted),
        }
        return {kind: list(self._times(texts[:_ASKED_FTS5], query)) for kind, (texts, query) in ways.items()}

    def _times(self, texts: list[str], query: str) -> Iterator[Timed]:
        for text in texts:
            match = text if text.startswith('"') else " ".join(f'"{word.folded}"' for word in parse(text).words)
            yield _asked(lambda match: self._db.execute(query, (match,)).fetchall(), match)


def _row(kind: str, ours: list[Timed], theirs: list[Timed] | None) -> Row:
    row: dict[str, str] = {"what": kind}
    row |= {f"tantivy p{percent}": f"{_p(ours, percent).clock:.2f}" for percent in (50, 95)}
    row["tantivy max"] = f"{max(ours).clock:.1f}"
    row |= {f"processor p{percent}": f"{_p(ours, percent).processor:.2f}" for percent in (50, 95)}
    row |= {f"FTS5 p{percent}": f"{_p(theirs, percent).clock:.1f}" if theirs else "" for percent in (50, 95)}
    for percent in (50, 95):
        ratio = _p(theirs, percent).processor / _p(ours, percent).processor if theirs else 0
        row[f"times at p{percent}"] = f"{ratio:.0f}" if theirs else ""
    return row


def _p(times: list[Timed], percent: int) -> Timed:
    clock, processor = (quantiles(kind, n=100)[percent - 1] for kind in zip(*times, strict=True))
    return Timed(clock, processor)


def _built(build: Callable[[Iterable[IndexEntry]], None], number: int) -> float:
    """Seconds of building, without those of drawing the papers, which come in large lots so that little is hidden."""
    drawing = 0.0

    def drawn() -> Iterator[IndexEntry]:
        nonlocal drawing
        entries = Papers().entries(number)
        while True:
            start = time.perf_counter()
            some = list(islice(entries, _DRAWN))
            drawing += time.perf_counter() - start
            if not some:
                return
            yield from some

    start = time.perf_counter()
    build(drawn())
    return time.perf_counter() - start - drawing


def _asked(ask: Callable[[str], object], text: str) -> Timed:
    clock, processor = time.perf_counter(), time.thread_time()
    ask(text)
    return Timed((time.perf_counter() - clock) * 1000, (time.thread_time() - processor) * 1000)


def _size(path: Path) -> float:
    files = [file for file in path.rglob("*") if file.is_file()] if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files) / 1e6


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
