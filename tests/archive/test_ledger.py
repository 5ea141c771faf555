"""The ledger decides who works on what."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from archive.errors import LeaseLost
from archive.interface import LONGEST_PAUSE, Arrival, Claim, StagePassage
from archive.ledger import Ledger, open_ledger
from domain import clock
from domain.clock import now
from domain.messages.told import Reason
from files.processes import is_dead, worker_name

GATES, BEFORE = ("describe", "review"), ("receive", "prepare")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """An empty ledger."""
    with open_ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}") as opened:
        yield opened


def admit(ledger: Ledger, *names: str, batch: str = "b") -> None:
    """Put documents in that stand after `receive`."""
    for name in names:
        ledger.admit(
            Arrival(
                path=f"/{name}",
                sha256=name * 8,
                batch_id=batch,
                state="received",
                document_id=name,
                stage="receive",
                record="{}",
            )
        )


def claimed(ledger: Ledger, name: str, passed: str) -> Claim:
    """A claim that must succeed."""
    claim = ledger.claim(name, passed, 60)
    assert claim is not None
    return claim


def step(ledger: Ledger, name: str, passed: str, stage: str) -> None:
    """Take a document one stage further."""
    ledger.pass_stage(claimed(ledger, name, passed), stage, [StagePassage(document_id=name, record="{}", pages=1)])


def test_a_source_is_recorded_once(ledger: Ledger) -> None:
    """Admitting the same file twice leaves one source and one document."""
    admit(ledger, "a")
    admit(ledger, "a")
    assert len(ledger.sources("b")) == len(ledger.entries()) == 1


def test_a_claim_names_the_stage(ledger: Ledger) -> None:
    """A document can only be claimed where it stands."""
    admit(ledger, "a")
    assert ledger.claim("a", "prepare", 60) is None
    assert ledger.claim("a", "receive", 60) is not None


def test_a_living_worker_keeps_its_document(ledger: Ledger) -> None:
    """What another living process has claimed cannot be claimed; when it is killed, it can."""
    admit(ledger, "a")
    url = str(ledger._engine.url)
    code = (
        "import sys, time; from archive.ledger import open_ledger\n"
        f"with open_ledger({url!r}) as ledger:\n"
        "    print(ledger.claim('a', 'receive', 600) is not None, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == "True"
        assert ledger.claim("a", "receive", 60) is None
        other.kill()
        other.wait()
    assert ledger.claim("a", "receive", 60) is not None


def test_an_ended_lease_is_free(ledger: Ledger) -> None:
    """A document is freed when its lease has ended, and the late worker's result is turned away."""
    admit(ledger, "a")
    late = ledger.claim("a", "receive", -1)
    assert late is not None
    ledger._worker = f"elsewhere:{os.getpid()}:1"
    step(ledger, "a", "receive", "prepare")
    with pytest.raises(LeaseLost):
        ledger.pass_stage(late, "prepare", [StagePassage(document_id="a", record="{}", pages=1)])


def test_worker_names_tell_the_dead() -> None:
    """A worker of this host is known to be alive or gone; of another host nothing is known."""
    host, pid, _ = worker_name().rsplit(":", 2)
    assert not is_dead(worker_name())
    assert is_dead(f"{host}:{pid}:1")
    assert not is_dead("elsewhere:1:1")


def test_order_at_the_gate(ledger: Ledger) -> None:
    """At the ordered stage only the first paper of a batch is ready; a held one does not block the others."""
    admit(ledger, "a", "b", "c")
    for name in ("b", "c"):
        step(ledger, name, "receive", "review")
    assert [entry.id for entry in ledger.ready(GATES, BEFORE)] == ["a"]
    ledger.fail_stage(claimed(ledger, "a", "receive"), "prepare", "held", Reason.model_validate("why"))
    assert [entry.id for entry in ledger.ready(GATES, BEFORE)] == ["b"]
    step(ledger, "b", "review", "code")
    assert [entry.id for entry in ledger.ready(GATES, BEFORE)] == ["b", "c"]


def test_others_at_its_stage_wait_too(ledger: Ledger) -> None:
    """While a document waits for a new try, none at its stage can be claimed; one at another stage can."""
    admit(ledger, "a", "b", "c")
    step(ledger, "c", "receive", "prepare")
    soon = now() + timedelta(minutes=1)
    ledger.fail_stage(claimed(ledger, "a", "receive"), "prepare", "waiting", Reason.model_validate("away"), soon)
    assert ledger.claim("a", "receive", 60) is None
    assert ledger.claim("b", "receive", 60) is None
    claimed(ledger, "c", "prepare")
    with clock.set_to(lambda: soon):
        claimed(ledger, "a", "receive")
        claimed(ledger, "b", "receive")


def test_a_wrong_clock_delays_by_a_pause_at_most(ledger: Ledger) -> None:
    """What was put back while the clock stood a year ahead is tried again when it is right, and the others too."""
    admit(ledger, "a", "b")
    ahead = now() + timedelta(days=365)
    with clock.set_to(lambda: ahead):
        ledger.fail_stage(
            claimed(ledger, "a", "receive"), "prepare", "waiting", Reason.model_validate("away"), now() + LONGEST_PAUSE
        )
        assert ledger.ready((), ()) == []
        assert ledger.claim("b", "receive", 60) is None
    assert [entry.id for entry in ledger.ready((), ())] == ["a", "b"]
    claimed(ledger, "a", "receive")
    claimed(ledger, "b", "receive")


def test_parts_join_in_one_transaction(ledger: Ledger) -> None:
    """A stage that splits a scan gives one row per paper, in order, with the same source."""
    admit(ledger, "a")
    parts = [StagePassage(document_id=name, record="{}", pages=1) for name in ("a", "a-2", "a-3")]
    ledger.pass_stage(claimed(ledger, "a", "receive"), "prepare", parts)
    assert [(entry.id, entry.part, entry.seq) for entry in ledger.entries()] == [
        ("a", 1, 1),
        ("a-2", 2, 1),
        ("a-3", 3, 1),
    ]


def test_history_tells_tries_and_errors(ledger: Ledger) -> None:
    """The ledger keeps each passage with its outcome and error."""
    admit(ledger, "a")
    ledger.fail_stage(claimed(ledger, "a", "receive"), "prepare", "waiting", Reason.model_validate("disk_full"))
    step(ledger, "a", "receive", "prepare")
    got = [(item.stage, item.outcome, item.error.text()) for item in ledger.history("a")]
    assert got == [("receive", "passed", ""), ("prepare", "retry", "disk_full"), ("prepare", "passed", "")]


def test_desks_are_served_first(ledger: Ledger) -> None:
    """Of what may be worked on, papers of desks come first, and then as before; a batch has the last command's lane."""
    backlog, desk = ledger.open_batch("1", "1"), ledger.open_batch("2", "2", "desk")
    admit(ledger, "a", "b", batch=backlog)
    admit(ledger, "c", "d", batch=desk)
    assert [(entry.id, entry.lane) for entry in ledger.ready(GATES, BEFORE)] == [
        ("c", "desk"),
        ("d", "desk"),
        ("a", "backlog"),
        ("b", "backlog"),
    ]
    assert (ledger.open_batch("1", "x", "desk"), ledger.open_batch("2", "y")) == (backlog, desk)
    assert [entry.id for entry in ledger.ready(GATES, BEFORE)] == ["a", "b", "c", "d"]


def test_a_paper_that_a_desk_waits_for_leaves_its_batch(ledger: Ledger) -> None:
    """It keeps no place behind papers of a backlog, nor do those behind it wait for it; what is over stays."""
    backlog = ledger.open_batch("1", "1")
    admit(ledger, "a", "b", "c", batch=backlog)
    for name in ("b", "c"):
        step(ledger, name, "receive", "prepare")
        step(ledger, name, "prepare", "describe")
    assert [entry.id for entry in ledger.ready(GATES, BEFORE)] == ["a"]
    desk = ledger.open_batch("2", "2", "desk")
    ledger.overtake("b" * 8, desk)
    assert [entry.id for entry in ledger.ready(GATES, BEFORE)] == ["b", "a"]
    ledger.fail_stage(claimed(ledger, "a", "receive"), "prepare", "held", Reason(word="x", what="x"))
    ledger.overtake("a" * 8, desk)
    assert [(entry.id, entry.batch_id) for entry in ledger.entries()] == [("a", backlog), ("c", backlog), ("b", desk)]
