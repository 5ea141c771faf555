"""`show ID --history` says why a document was tried again."""

from datetime import timedelta
from pathlib import Path

import pytest

from archive.interface import Claim, StagePassage
from domain import clock
from domain.clock import now
from domain.errors import ExitCode
from domain.messages.told import Reason
from domain.owners import mask
from files.processes import worker_name
from pipeline.embedded import blame
from pipeline.errors import DiskFull, Unreadable, WorkerLost
from pipeline.intake import open_batch, take_in
from pipeline.records import Statement
from pipeline.runner import advance
from services.context import Services
from services.history import history_of
from services.permissions import Asker, user_of_the_machine
from tests.support import scans
from tests.support.desk import run_json
from tests.support.held_papers import OWNER

DEAD = f"{worker_name().rsplit(':', 2)[0]}:4194304:1"  # a process number that Linux gives to nobody


@pytest.fixture
def document(ctx: Services, tmp_path: Path) -> str:
    """A document that stands after `receive`."""
    scan = tmp_path / "scan.png"
    scans.paper().save(scan, dpi=(200, 200))
    seen = take_in(ctx, scan, open_batch(ctx, "test"), Statement())
    assert seen.document_id is not None
    return seen.document_id


def claimed(ctx: Services, document: str) -> Claim:
    """The document, taken to be prepared."""
    claim = ctx.ledger.claim(document, "receive", 60)
    assert claim is not None
    return claim


def test_every_try_is_told(ctx: Services, document: str) -> None:
    """Each with stage, number, outcome, times, worker and the error; a person's release begins the count anew."""
    began = now()
    full = DiskFull().told
    with clock.set_to(lambda: began):
        claim = claimed(ctx, document)
    with clock.set_to(lambda: began + timedelta(seconds=7)):
        ctx.ledger.fail_stage(claim, "prepare", "waiting", full)
        ctx.ledger.fail_stage(claimed(ctx, document), "prepare", "held", full)
        (held,) = ctx.ledger.entries()
        with ctx.ledger.release(held, claim.record, "Lan"):
            pass
        ctx.ledger.fail_stage(claimed(ctx, document), "prepare", "waiting", full)
    code, lines = run_json(ctx.settings, "show", document, "--history")
    assert code == ExitCode.OK
    assert [(line["stage"], line["number"], line["outcome"], line["took_s"], line["error"]) for line in lines] == [
        ("receive", 1, "passed", 0, ""),
        ("prepare", 1, "retry", 7, full.text()),
        ("prepare", 2, "held", 0, full.text()),
        ("review", None, "released", 0, "by Lan"),
        ("prepare", 1, "retry", 0, full.text()),
    ]
    assert full.word == "disk_full"
    assert {line["worker"] for line in lines} == {worker_name()}
    assert lines[1]["started_at"] == began.isoformat()
    assert lines[1]["ended_at"] == (began + timedelta(seconds=7)).isoformat()
    assert lines[1]["ended_at"].endswith("+07:00")


def test_a_lost_worker_is_told(ctx: Services, document: str) -> None:
    """When a worker dies over a stage, the next one writes down whose try was lost before it goes on."""
    living, ctx.ledger._worker = ctx.ledger._worker, DEAD
    claimed(ctx, document)
    ctx.ledger._worker = living
    assert advance(ctx, document, "receive") == "passed"
    _, lost, made = history_of(ctx, user_of_the_machine(ctx.settings), document)
    assert (lost.stage, lost.outcome, lost.worker, lost.number) == ("prepare", "lost", DEAD, 1)
    assert lost.error.startswith("worker_lost: ")
    assert (made.stage, made.outcome, made.worker, made.number) == ("prepare", "passed", living, 2)


def test_a_killed_process_is_named(ctx: Services, document: str) -> None:
    """What the pool says of a process that died over a document names that process, not the one that noticed."""
    living, ctx.ledger._worker = ctx.ledger._worker, DEAD
    claimed(ctx, document)
    ctx.ledger._worker = living
    blame(ctx, document, WorkerLost)
    line = history_of(ctx, user_of_the_machine(ctx.settings), document)[-1]
    assert (line.stage, line.outcome, line.worker) == ("prepare", "retry", DEAD)
    assert line.error.startswith("worker_lost: ")


def test_a_part_tells_where_it_comes_from(ctx: Services, document: str) -> None:
    """The history of a paper out of a stack begins with the stage that split the scan."""
    received = ctx.ledger.entry(document)
    assert received is not None
    parts = [StagePassage(document_id=name, record=received.record, pages=1) for name in (document, f"{document}-2")]
    ctx.ledger.pass_stage(claimed(ctx, document), "prepare", parts)
    assert [
        (line.stage, line.outcome) for line in history_of(ctx, user_of_the_machine(ctx.settings), f"{document}-2")
    ] == [("prepare", "passed")]
    assert [line.stage for line in history_of(ctx, user_of_the_machine(ctx.settings), document)] == [
        "receive",
        "prepare",
    ]


def test_what_a_person_ended_as_the_same_paper_is_no_try(ctx: Services, document: str) -> None:
    """It stands in the list with the person's name, and without a number."""
    ctx.ledger.fail_stage(claimed(ctx, document), "prepare", "held", Reason.model_validate("same_document: the same."))
    (held,) = ctx.ledger.entries()
    with ctx.ledger.discard(held, "duplicate", held.reason, "Lan"):
        pass
    lines = history_of(ctx, _operator(ctx), document)
    assert [(line.outcome, line.number, line.error) for line in lines[1:]] == [
        ("held", 1, "same_document: the same."),
        ("duplicate", None, "by Lan"),
    ]


def test_an_unknown_document_has_no_history(ctx: Services) -> None:
    """It is said so, as without `--history`."""
    assert run_json(ctx.settings, "show", "0000000000000000", "--history")[0] == ExitCode.NOT_FOUND


def test_a_desk_is_told_why_without_numbers_and_places(ctx: Services, document: str) -> None:
    """The error of a try may hold what a page or a path held."""
    why = f"page 1 says {OWNER} (/srv/kho số/in/a.pdf)"
    ctx.ledger.fail_stage(claimed(ctx, document), "prepare", "held", Unreadable("pdf_damaged", why=why).told)
    desk = Asker(who="an", office=ctx.settings.agency, role="desk")
    got = [[line.error for line in history_of(ctx, by, document)][-1] for by in (_operator(ctx), desk)]
    told = (
        "damaged: The PDF is damaged ({}). Scan the paper again, or save the file anew with the program that made it."
    )
    assert got == [told.format(why), told.format(f"page 1 says {mask(OWNER)} (a.pdf)")]


def test_a_desk_is_told_the_word_of_an_earlier_sentence(ctx: Services, document: str) -> None:
    """The sentence of an earlier release may name another agency's paper; who sees all papers reads all of it."""
    why = "same_document: The same paper as 0123456789abcdef, known by image. Compare both."
    ctx.ledger.fail_stage(claimed(ctx, document), "prepare", "held", Reason.model_validate(why))
    desk = Asker(who="an", office=ctx.settings.agency, role="desk")
    got = [[line.error for line in history_of(ctx, by, document)][-1] for by in (_operator(ctx), desk)]
    assert got == [why, "same_document: An earlier release of khoso wrote why."]


def _operator(ctx: Services) -> Asker:
    return user_of_the_machine(ctx.settings)
