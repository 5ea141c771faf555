"""A desk and its reviewers while a backlog is ingested: how long each of them waits.

``python -m benchmarks.desk [PAPERS] [REVIEWS] [DESKS]`` (default 200, 20 and 5) ingests drawn scans of half a page in
two processes.  Meanwhile people release what is held, by turns with a command of its own and in a process that is open
already, as a server has it; and others put in papers for which somebody waits.  Times are of whole commands, from their
start to their end.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple

from archive.interface import SourceEntry
from benchmarks.tables import Row, render
from config.settings import load_settings
from pipeline.indexing import drain_if_possible
from services.context import Services, open_services
from services.permissions import Asker
from services.review import decisions as review
from tests.support.desk import COMMAND
from tests.support.lanes import drawn_papers, manifest, stated_of

_BY: Final = Asker(who="Lan", office="H17.12", role="archivist")
_POLL_S: Final = 0.5


class Papers(NamedTuple):
    """A backlog, those of it of which nothing is stated, papers of a desk, and what is stated of all others."""

    backlog: list[Path]
    doubtful: list[Path]
    desk: list[Path]
    stated: Path

    def order(self, *files: Path) -> list[str]:
        """What an `ingest` of some of them is given."""
        return ["ingest", *map(str, files), "--manifest", str(self.stated_of(*files)), "--json"]

    def stated_of(self, *files: Path) -> Path:
        """A manifest of these alone."""
        path = self.stated / f"{files[0].stem}.csv"
        return manifest(path, *(item for item in files if item not in self.doubtful))


class Course(NamedTuple):
    """How it went: seconds of each release by a command and in an open process, of each desk command, and of all.

    ``overtaken``: how many papers of the backlog, which nobody held, were archived after each paper of the desk.
    """

    commands: list[float]
    calls: list[float]
    desks: list[float]
    overtaken: list[int]
    whole: float


def draw(folder: Path, papers: int, reviews: int, desks: int) -> Papers:
    """Draw all papers; what is doubtful is spread over the backlog."""
    backlog = drawn_papers(folder / "in", papers)
    return Papers(
        backlog, backlog[:: papers // reviews][:reviews], drawn_papers(folder / "desk", desks, first=900), folder
    )


def at_once(home: Path, papers: Papers) -> Course:
    """Everything at once, until all papers are archived."""
    environment = {**os.environ, "KHOSO_HOME": str(home)}
    settings = load_settings(home, {})
    course, began = Course([], [], [], [], 0), time.monotonic()
    with open_services(settings) as ctx:
        ctx.signers.get_ready()
        ids: set[str] = set()
        command = [*COMMAND, *papers.order(*papers.backlog), "--workers", "2"]
        with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as pool:
            for file in _spread(ctx, papers, pool):
                if file is not None:
                    order = [*COMMAND, *papers.order(file), "--desk"]
                    course.desks.append(_spent(lambda given=order: _give(given, environment)))  # type: ignore[misc]
                _review(ctx, ids, course, environment)
        whole = time.monotonic() - began
        while len(ids) < len(papers.doubtful):
            _review(ctx, ids, course, environment)
        drain_if_possible(ctx)
        course.overtaken.extend(_overtaken(ctx, papers))
    return course._replace(whole=whole)


def one_after_the_other(home: Path, papers: Papers) -> None:
    """The same in turn: the backlog, the papers of the desk, the reviews."""
    environment = {**os.environ, "KHOSO_HOME": str(home)}
    for files in (papers.backlog, papers.desk):
        _give([*COMMAND, *papers.order(*files), "--workers", "2"], environment)
    with open_services(load_settings(home, {})) as ctx:
        for entry in ctx.ledger.entries(state="held"):
            review.release(ctx, _BY, entry.id, _values(ctx, entry.id), settles="apart")
        drain_if_possible(ctx)


def _spread(ctx: Services, papers: Papers, pool: "subprocess.Popen[bytes]") -> Iterator[Path | None]:
    """Papers of the desk, spread over the time of the backlog; None when none comes."""
    step = len(papers.backlog) // (len(papers.desk) + 1)
    left = list(papers.desk)
    while pool.poll() is None or left:
        is_time = pool.poll() is not None or _ended(ctx, papers) >= step * (len(papers.desk) - len(left) + 1)
        yield left.pop(0) if left and is_time else None
        time.sleep(_POLL_S)


def _ended(ctx: Services, papers: Papers) -> int:
    """How many papers of the backlog are archived, or were held."""
    names = {str(path) for path in papers.backlog}
    ids = {item.document_id for item in sources(ctx) if item.path in names}
    return sum(entry.state != "waiting" and entry.id in ids for entry in ctx.ledger.entries())


def _overtaken(ctx: Services, papers: Papers) -> list[int]:
    """For each paper of the desk, how many of the backlog that nobody held were archived after it."""
    at = {
        Path(item.path): paper.archived_at
        for item in sources(ctx)
        for paper in ctx.catalogue.some([item.document_id or ""])
    }
    others = [at[path] for path in papers.backlog if path not in papers.doubtful]
    return [sum(other > at[path] for other in others) for path in papers.desk]


def sources(ctx: Services) -> list[SourceEntry]:
    """Every file that was put in."""
    return [item for batch in ctx.ledger.batches() for item in ctx.ledger.sources(str(batch["id"]))]


def _review(ctx: Services, ids: set[str], course: Course, environment: dict[str, str]) -> None:
    """Release one of what is held, if anything is."""
    held = ctx.ledger.entries(state="held")
    if not held:
        return
    name, values = held[0].id, _values(ctx, held[0].id)
    ids.add(name)
    if len(ids) % 2:
        course.calls.append(_spent(lambda: review.release(ctx, _BY, name, values, settles="apart")))
    else:
        sets = [part for field, value in values.items() for part in ("--set", f"{field}={value}")]
        order = [*COMMAND, "review", name, "--release", *sets, "--who", "Lan"]
        course.commands.append(_spent(lambda: _give(order, environment)))


def _values(ctx: Services, document: str) -> dict[str, str]:
    (path,) = [Path(item.path) for item in sources(ctx) if item.document_id == document]
    stated = stated_of(path)
    fields = {str(name): text for name, text in stated.fields.items()}
    return {"type": stated.type_code or "", "dossier_code": stated.dossier or "", **fields}


def _give(order: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(order, env=environment, capture_output=True, text=True, check=False)
    if done.returncode not in {0, 3}:
        raise RuntimeError(done.stderr)


def _spent(act: Callable[[], object]) -> float:
    began = time.monotonic()
    act()
    return time.monotonic() - began


def main(papers: int, reviews: int, desks: int) -> None:
    """Measure, and print a table."""
    with tempfile.TemporaryDirectory(prefix="khoso-bench-") as folder:
        drawn = draw(Path(folder), papers, reviews, desks)
        before = os.getloadavg()[0]
        course = at_once(Path(folder) / "home", drawn)
        rows: list[Row] = []
        for what, times in (
            ("release in an open process, s", course.calls),
            ("release by a command, s", course.commands),
            ("paper of a desk by a command, s", course.desks),
        ):
            told = {"median": median(times), "longest": max(times), "shortest": min(times)}
            rows.append({"what": what, "number": len(times), **{name: f"{value:.1f}" for name, value in told.items()}})
        print(render(f"While {papers} papers are ingested in two processes", rows))
        load = f"load of the machine {before:.1f} before, {os.getloadavg()[0]:.1f} after"
        print(f"All together {course.whole:.0f} s; {load}.")
        print(f"Papers of the backlog that were archived after each paper of a desk: {course.overtaken}")


if __name__ == "__main__":
    main(*(int(text) for text in [*sys.argv[1:], *("200", "20", "5")[len(sys.argv) - 1 :]]))
