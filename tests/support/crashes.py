"""Commands that are killed at a step, and given again: afterwards all must be as if nothing had been."""

import json
import os
import shutil
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from typer.testing import CliRunner

from cli.main import app
from config.settings import load_settings
from domain.clock import now
from domain.errors import ExitCode
from domain.messages.told import Reason
from pipeline.indexing import compare_index
from services import catalogues
from services.context import open_services
from services.permissions import user_of_the_machine
from tests.support import stepped
from tests.support.source import ROOT

_VAULTS_MARK = Path("vault", "extensions", "khoso-epoch", "epoch.json")
_LONGEST_S = 300
_INSTEAD = "{folder}"  # of a command: the folder that a store lies in, of which each trial has its own
_VOLATILE = ("-wal", "-shm", ".lock", ".migrate", ".head", ".begun")


class Done(NamedTuple):
    """What became of a command: its exit code, None when it was killed; its steps; what it told."""

    code: int | None
    steps: int
    got: str


def give(home: Path, arguments: Iterable[str], moment: datetime, at: int = 0) -> Done:
    """Give a command at a time in a process of its own, which is killed before a step with all that it started."""
    folder = home.parent
    counter, got = folder / stepped.TESTS_OWN / "steps", folder / stepped.TESTS_OWN / "told"
    counter.parent.mkdir(exist_ok=True)
    counter.unlink(missing_ok=True)
    process = os.fork()
    if not process:
        begin = partial(stepped.begin, home, counter, at, moment)
        _be_command(home, [item.replace(_INSTEAD, str(folder)) for item in arguments], got, begin)
    _, status = os.waitpid(process, 0)
    _wait_for_group(process)
    code = None if os.WIFSIGNALED(status) else os.waitstatus_to_exitcode(status)
    assert code is not None or os.WTERMSIG(status) == signal.SIGKILL, "it took too long"
    return Done(code, counter.stat().st_size, "" if code is None else got.read_text(encoding="utf-8"))


def _be_command(home: Path, arguments: list[str], got: Path, begin: Callable[[], None]) -> None:
    code = 70
    try:
        os.setsid()
        signal.alarm(_LONGEST_S)
        _have_started_ones_count(got.parent)
        os.environ |= {"KHOSO_WORK__PAUSE_S": "0", "KHOSO_RECOGNITION__MODE": "fast"}
        begin()
        done = CliRunner().invoke(app, [*arguments, "--home", str(home), "--json"])
        got.write_text(f"{done.output}\n{done.exception!r}", encoding="utf-8")
        code = done.exit_code
    finally:
        os._exit(code)


def _have_started_ones_count(folder: Path) -> None:
    line = "from tests.support.stepped import begin_as_started\nbegin_as_started()\n"
    (folder / "sitecustomize.py").write_text(line, encoding="utf-8")
    os.environ["PYTHONPATH"] = f"{folder}:{ROOT}"


def _wait_for_group(group: int) -> None:
    for _ in range(100):
        try:
            os.killpg(group, signal.SIGKILL)
        except ProcessLookupError:
            return
        time.sleep(0.01)


def kept(home: Path) -> dict[str, Any]:
    """All that a store holds, without times and what depends on them."""
    settings = load_settings(home, {})
    with open_services(settings) as ctx:
        papers = list(ctx.catalogue.all())
        differs = {"archived_at", "pdf_sha256", "tied_at"}
        found = {
            "papers": [paper.model_dump(exclude=differs) for paper in papers],
            "codes": _rows(settings.home / "catalogue.sqlite", "SELECT code, kind, document_id FROM codes"),
            "withdrawn": _rows(settings.home / "catalogue.sqlite", "SELECT id, state, code FROM withdrawn"),
            "withdrawn by ledger": _rows(settings.home / "ledger.sqlite", "SELECT id, state, code FROM withdrawals"),
            "counters": _rows(settings.home / "catalogue.sqlite", "SELECT prefix, last FROM counters"),
            "untold": max(0, ctx.desk.count_questions() - sum(e["event"] == "asked" for e in ctx.journal.events())),
            "uses": _rows(settings.home / "desk.sqlite", "SELECT dossier, paper_id, who FROM uses"),
            "checks": _sampled(settings.home, "SELECT paper_id, who, defects FROM checks"),
            "sample": _sampled(settings.home, "SELECT paper_id, place, out_by FROM lot_papers"),
            "dossiers": _rows(settings.home / "desk.sqlite", "SELECT code, data FROM dossiers"),
            "answers": _rows(
                settings.home / "desk.sqlite", "SELECT dossier, round, number, answer FROM dossier_answers"
            ),
            "books": _rows(
                settings.home / "desk.sqlite",
                "SELECT book, office, number, who, paper_id, dossier, done_at IS NULL FROM book_entries",
            ),
            "ledger": sorted(  # two that came in one moment are told in any order
                (
                    (entry.id, entry.state, entry.stage, _timeless(entry.reason).model_dump_json())
                    for entry in ctx.ledger.entries()
                ),
                key=repr,
            ),
            "files": _rows(settings.home / "ledger.sqlite", "SELECT document_id, state, reason FROM sources"),
            "all batches are closed": all(item["closed_at"] for item in ctx.ledger.batches()),
            "imported": [head.digest for head in catalogues.versions(ctx, user_of_the_machine(settings))],
            "events": Counter(_shown_as(event) for event in ctx.journal.events()),
            "behind": ctx.catalogue.outbox.lag().waiting,
            "differs": compare_index(ctx).all if settings.search.path.exists() else (),
        }
        for name in [item.object_id for item in papers] + [item.object_id for item in ctx.catalogue.withdrawn.all()]:
            ctx.vault.check(name)
    marks = [json.loads(path.read_bytes()) for path in (home / "epoch.json", home / _VAULTS_MARK) if path.exists()]
    return {**found, "is settled": all(mark["begun"] == mark["done"] for mark in marks), "on disk": _names(home)}


def _timeless(reason: Reason) -> Reason:
    return reason.model_copy(update={"params": {name: item for name, item in reason.params.items() if name != "at"}})


def _sampled(home: Path, query: str) -> list[Any]:
    database = home / "quality.sqlite"
    return _rows(database, query) if database.exists() else []


def _rows(database: Path, query: str) -> list[Any]:
    with sqlite3.connect(database) as db:
        return sorted(db.execute(query).fetchall(), key=repr)


def _shown_as(event: dict[str, str]) -> str:
    differs = {"at", "before", "batch"}  # a batch has its name from the time
    if event["event"] == "certified_given":
        differs |= {"sha256"}  # no signature is made twice
    return json.dumps({name: value for name, value in event.items() if name not in differs}, sort_keys=True)


def _names(home: Path) -> set[str]:
    """Every file and folder of the store, and beside it; the index names its own by chance."""
    paths = (path.relative_to(home.parent) for path in home.parent.rglob("*"))
    return {
        str(path)
        for path in paths
        if not path.name.endswith(_VOLATILE) and not {"index", stepped.TESTS_OWN} & set(path.parts[:2])
    }


def _difference(found: Any, expected: Any) -> str:
    if isinstance(found, set):
        return f"besides {sorted(found - expected)}, without {sorted(expected - found)}"
    return f"{found}, where {expected} was expected"


def _words(events: Iterable[str]) -> set[str]:
    return {json.loads(got)["event"] for got in events}


class Trial:
    """A command of a store, as it goes when nothing disturbs it."""

    _ends = (ExitCode.OK, ExitCode.HELD)  # the latter where a second person is needed

    def __init__(self, home: Path, folder: Path, *arguments: str) -> None:
        """Give it once to a copy of the store."""
        self._home = home
        self._folder = folder
        self._arguments = arguments
        self._moment = now()
        whole = self._copy("whole")
        self._done = give(whole, arguments, self._moment)
        assert self._done.code in self._ends, self._done.got
        self.expected = kept(whole)

    @property
    def steps(self) -> int:
        """How many steps it takes."""
        return self._done.steps

    def disturb(self, step: int, may_repeat: str = "") -> None:
        """Kill it before a step, and give it again: all is as if nothing had been.

        Args:
            step: from one.
            may_repeat: the events of an act that was done before its command was killed, and that the next one does
                again as an act of its own.
        """
        home = self._copy(str(step))
        assert give(home, self._arguments, self._moment, step).code is None or step > self.steps * 0.9, step
        again = give(home, self._arguments, self._moment)
        assert again.code in self._ends or "already" in again.got, (step, again.got)
        found = kept(home)
        more, less = found["events"] - self.expected["events"], self.expected["events"] - found["events"]
        assert _words(more) <= set(may_repeat.split()), (step, more)
        assert max(more.values(), default=1) == 1, (step, more)
        # who is told that it was decided already is shown nothing
        assert _words(less) <= (set() if again.code in self._ends else {"shown"}), (step, less)
        for name in set(found) - {"events"}:
            assert found[name] == self.expected[name], f"step {step}: {_difference(found[name], self.expected[name])}"
        shutil.rmtree(home.parent)

    def _copy(self, name: str) -> Path:
        return Path(shutil.copytree(self._home.parent, self._folder / name)) / self._home.name
