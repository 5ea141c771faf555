"""Several commands run papers of one store at once, and those for which somebody waits at a desk go first."""

import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dramatiq.brokers.stub import StubBroker
from filelock import FileLock

from benchmarks.desk import Papers, at_once, draw, one_after_the_other, sources
from config.settings import Settings, load_settings
from domain.errors import ExitCode
from files.processes import worker_name
from pipeline.embedded import run_embedded
from pipeline.indexing import drain_if_possible
from pipeline.intake import open_batch, take_in
from pipeline.records import Statement
from pipeline.runner import run_through
from services.context import Services, open_services
from services.permissions import Asker
from services.review import decisions as review
from tests.support.desk import COMMAND, STATED, run_json
from tests.support.lanes import manifest, outcome, papers_of, stated_of
from tests.support.walks import slip
from tests.support.written_pdfs import page
from workers.actors import make_actors

LAN = Asker(who="Lan", office="H17.12", role="archivist")
VALUES = {"type": STATED.type_code or ""} | {str(name): text for name, text in STATED.fields.items()}


def put_in(ctx: Services, files: list[Path]) -> list[str]:
    """A backlog that is received, and on which nobody works yet; its documents."""
    batch = open_batch(ctx, "backlog")
    return [take_in(ctx, path, batch, stated_of(path)).document_id or "" for path in files]


def states(ctx: Services, documents: list[str]) -> list[str]:
    """The state of each."""
    return [entry.state for name in documents if (entry := ctx.ledger.entry(name)) is not None]


def held(ctx: Services, folder: Path) -> str:
    """A paper that waits for a reviewer."""
    path = folder / "held.pdf"
    path.write_bytes(page(("Danh sách", "Nguyễn Thị Thu Hà", "Trần Văn Bình", "Lê Thị Hoa", "Phạm Văn Nam")))
    document = take_in(ctx, path, open_batch(ctx, "held"), Statement()).document_id or ""
    run_through(ctx, document)
    assert states(ctx, [document]) == ["held"]
    return document


def test_a_desk_does_not_wait_for_a_backlog(settings: Settings, tmp_path: Path) -> None:
    """Its command ends when its papers are archived; also one that waits in a backlog leaves that for the desk."""
    files, desk = papers_of(tmp_path / "in", 3), papers_of(tmp_path / "desk", 1, first=90)
    with open_services(settings) as ctx:
        ctx.signers.get_ready()
        backlog = put_in(ctx, files)
        wanted = [str(desk[0]), str(files[1])]
        stated = manifest(tmp_path / "stated.csv", desk[0], files[1])
        code, lines = run_json(settings, "ingest", *wanted, "--desk", "--manifest", str(stated), "--workers", "1")
        assert (code, [line["state"] for line in lines]) == (ExitCode.OK, ["archived"] * 2)
        assert states(ctx, backlog) == ["waiting", "done", "waiting"]
        assert {entry.stage for entry in ctx.ledger.entries(state="waiting")} == {"receive"}
        lanes = [(item["lane"], bool(item["closed_at"])) for item in ctx.ledger.batches()]
        assert lanes == [("backlog", False), ("desk", True)]
        for name in backlog:
            run_through(ctx, name)
        assert states(ctx, backlog) == ["done"] * 3


def test_the_second_takes_over(settings: Settings, tmp_path: Path) -> None:
    """While another command leads, one works on its own papers; when that one ends, on whatever waits."""
    files, own = papers_of(tmp_path / "in", 2), papers_of(tmp_path / "own", 1, first=90)
    led = FileLock(settings.home / "pool.lock")
    with open_services(settings) as ctx:
        ctx.signers.get_ready()
        backlog, seen = put_in(ctx, files), []

        def intake() -> Iterator[None]:
            seen.append(take_in(ctx, own[0], open_batch(ctx, "own"), stated_of(own[0])).document_id or "")
            yield
            while states(ctx, seen) != ["done"]:
                yield
            assert states(ctx, backlog) == ["waiting"] * 2
            led.release()

        led.acquire()
        run_embedded(ctx, intake(), 1, own=lambda entry: entry.id in seen)
        assert states(ctx, [*seen, *backlog]) == ["done"] * 3


def test_two_ingests_at_once(settings: Settings, tmp_path: Path) -> None:
    """Both end with their papers archived, and the store is as if one had come after the other."""
    folders = [papers_of(tmp_path / name, 2, first=10 * number) for number, name in enumerate(("first", "second"))]
    environment, commands = {**os.environ, "KHOSO_HOME": str(settings.home)}, []
    for files in folders:
        stated = manifest(files[0].parent / "stated.csv", *files)
        order = ["ingest", *map(str, files), "--manifest", str(stated), "--workers", "1"]
        commands.append(subprocess.Popen([*COMMAND, *order], env=environment, stdout=subprocess.DEVNULL))
    assert [command.wait() for command in commands] == [0, 0]
    alone = load_settings(tmp_path / "alone", {})
    with open_services(alone) as ctx:
        for files in folders:
            for document in put_in(ctx, files):
                run_through(ctx, document)
        drain_if_possible(ctx)
        ctx.ledger.close_batch(open_batch(ctx, "backlog"))
    assert outcome(settings) == outcome(alone)


# Reviewers beside a pool


def test_what_a_pool_has_in_hand_is_waited_for(ctx: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pool may take what was released a moment ago: the reviewer is told what came of it."""
    document = held(ctx, tmp_path)
    others = worker_name().replace(f":{os.getpid()}:", f":{os.getppid()}:").rpartition(":")[0] + ":" + _began()
    taken = threading.Event()

    def pool() -> None:
        with open_services(ctx.settings) as own:
            own.ledger._worker = others
            claim = own.ledger.claim(document, "describe", 60)
            taken.set()
            assert claim is not None
            threading.Event().wait(0.5)
            own.ledger.restart(claim, "describe", claim.record)
            run_through(own, document)

    def late(by: Any, name: str) -> Any:
        if not taken.is_set():
            threading.Thread(target=pool).start()
            taken.wait()
        return run_through(by, name)

    monkeypatch.setattr(review, "run_through", late)
    review.release(ctx, LAN, document, VALUES, settles="apart")
    assert states(ctx, [document]) == ["done"]


def _began() -> str:
    text = Path(f"/proc/{os.getppid()}/stat").read_text(encoding="ascii")
    return text.rsplit(") ", 1)[1].split()[19]


def test_a_pool_takes_what_a_killed_reviewer_released(
    ctx: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """His decision counts, and whoever runs papers goes on with it."""
    ctx.signers.get_ready()
    document = held(ctx, tmp_path)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(review, "run_through", killed)
    with pytest.raises(KeyboardInterrupt):
        review.release(ctx, LAN, document, VALUES, settles="apart")
    run_embedded(ctx, iter(()), 1)
    assert states(ctx, [document]) == ["done"]


def test_a_decision_before_its_turn(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A paper let in while those before it are still read gets its code after them, and waits until then."""
    monkeypatch.setattr(review, "_PATIENCE_S", 0)
    (first,) = papers_of(tmp_path / "in", 1)
    slip().save(tmp_path / "in" / "001.png")  # no resolution is told
    with open_services(settings) as ctx:
        before, document = put_in(ctx, [first, tmp_path / "in" / "001.png"])
        run_through(ctx, document)
        code, (line,) = run_json(settings, "review", document, "--paper", "A5", "--who", "Lan")
        assert (code, line["state"]) == (ExitCode.HELD, "waiting")
        for name in (before, document):
            run_through(ctx, name)
        assert states(ctx, [before, document]) == ["done", "done"]


# Workers


def test_a_worker_serves_desks_first(settings: Settings, tmp_path: Path) -> None:
    """Whatever paper a message names, those of desks that wait are taken to their end before it."""
    files, desk = papers_of(tmp_path / "in", 1), papers_of(tmp_path / "desk", 1, first=90)
    broker = StubBroker()
    with open_services(settings) as ctx:
        (backlog,) = put_in(ctx, files)
        waits = take_in(ctx, desk[0], open_batch(ctx, "desk", "desk"), stated_of(desk[0])).document_id or ""
        make_actors(broker, lambda: ctx)["prepare"].fn(backlog)
        assert states(ctx, [backlog, waits]) == ["waiting", "done"]
        assert [item.stage for item in ctx.ledger.history(backlog)] == ["receive", "prepare"]
        archived = ctx.ledger.history(waits)[-1].ended_at
        assert archived <= ctx.ledger.history(backlog)[-1].started_at


def test_a_broker_of_another_kind(settings: Settings, tmp_path: Path) -> None:
    """It is refused before anything is received, and leaves no batch."""
    papers_of(tmp_path / "in", 1)
    with open_services(settings) as ctx:
        code, lines = run_json(settings, "ingest", str(tmp_path / "in"), "--broker", "amqp://127.0.0.1")
        assert (code, lines) == (ExitCode.USAGE, [])
        assert ctx.ledger.batches() == []
        assert not settings.inbox.exists()


# With recognition


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    """A backlog of scans, of some of which nothing is stated, and papers of a desk."""
    return draw(tmp_path_factory.mktemp("drawn"), papers=18, reviews=3, desks=2)


@pytest.fixture(scope="module")
def in_turn(drawn: Papers, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a store has when the backlog, the desk and the reviewers come one after the other."""
    home = tmp_path_factory.mktemp("in-turn") / "home"
    one_after_the_other(home, drawn)
    found = outcome(load_settings(home, {}))
    assert {states[0] for states in found["documents"].values()} == {"archived"}
    return found


def begun_before(ctx: Services, desk: Path) -> int:
    """How many papers were begun after a paper of a desk was received, and before it was begun."""
    ways = [ctx.ledger.history(entry.id) for entry in ctx.ledger.entries()]
    (mine,) = [ctx.ledger.history(item.document_id or "") for item in sources(ctx) if item.path == str(desk)]
    return sum(mine[0].ended_at < way[1].started_at < mine[1].started_at for way in ways)


@pytest.mark.long
def test_a_desk_and_reviewers_beside_a_backlog(drawn: Papers, in_turn: dict[str, Any], tmp_path: Path) -> None:
    """No more of the backlog is begun before a desk's paper than is in hand; all ends as if they had come in turn."""
    course = at_once(tmp_path / "home", drawn)
    assert len(course.overtaken) == len(drawn.desk)
    assert sum(course.overtaken) > 0
    with open_services(load_settings(tmp_path / "home", {})) as ctx:
        assert all(begun_before(ctx, path) <= 2 for path in drawn.desk)
    assert outcome(load_settings(tmp_path / "home", {})) == in_turn


@pytest.mark.long
@pytest.mark.parametrize("killed", ["the backlog", "the desk", "both"])
def test_killed_beside_another(drawn: Papers, in_turn: dict[str, Any], tmp_path: Path, killed: str) -> None:
    """Whichever command is killed with all its processes, at any moment, the next ones go on and nothing is lost."""
    environment = {**os.environ, "KHOSO_HOME": str(tmp_path / "home")}
    orders = {
        "the backlog": [*drawn.order(*drawn.backlog), "--workers", "2"],
        "the desk": [*drawn.order(*drawn.desk), "--desk"],
    }
    for after_s in (4.0, 9.0, 14.0):
        begun = {
            name: subprocess.Popen(
                [*COMMAND, *order], env=environment, start_new_session=True, stdout=subprocess.DEVNULL
            )
            for name, order in orders.items()
        }
        threading.Event().wait(after_s)
        for name, process in begun.items():
            if killed in {name, "both"} and process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
        ends = {name: process.wait() for name, process in begun.items()}
        assert {ends[name] for name in ends if killed not in {name, "both"}} <= {0, ExitCode.HELD}
    one_after_the_other(tmp_path / "home", drawn)
    assert outcome(load_settings(tmp_path / "home", {})) == in_turn
