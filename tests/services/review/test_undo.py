"""A person takes his own last decision back, as long as nothing came of it."""

from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from config.settings import IntakeSettings, Settings
from domain.clock import now
from domain.errors import ExitCode, UsageError
from pipeline.intake import sweep_work
from pipeline.records import Statement
from services.context import Services, open_services
from services.health.store import store_findings
from services.permissions import Asker, NotAllowed
from services.review import decisions, ending, undo
from services.review.undo import take_back
from tests.support.desk import STATED, bring, run_json
from tests.support.written_pdfs import page

LAN = Asker(who="Lan", office="H17.12", role="archivist")
HOA = Asker(who="Hoa", office="H17.12", role="archivist")
ENDS = {
    "fill": ("--set", "issuer=Sở Tư pháp"),
    "reject": ("--reject", "rescan", "--reason", "mờ"),
    "discard": ("--discard", "--reason", "tờ trắng"),
}


def held(ctx: Services, folder: Path) -> str:
    """A paper of which two fields are missing."""
    path = folder / "a.pdf"
    path.write_bytes(page(("Danh sách", "Nguyễn Thị Thu Hà", "Trần Văn Bình", "Lê Thị Hoa", "Phạm Văn Nam")))
    fields: Any = {name: text for name, text in STATED.fields.items() if name not in {"issuer", "abstract"}}
    return bring(ctx, path, Statement(type_code=STATED.type_code, fields=fields))


def stands(ctx: Services, document: str) -> tuple[Any, ...]:
    """How a paper stands: its row without the time, and its files."""
    entry = ctx.ledger.entry(document)
    assert entry is not None
    places = (ctx.settings.inbox, ctx.settings.work_folder)
    files = sorted(str(path) for place in places for path in place.rglob("*") if not path.name.startswith("."))
    return entry.state, entry.stage, entry.record, entry.reason, entry.tries, files


def test_a_paper_stands_as_before_a_decision_that_was_taken_back(ctx: Services, tmp_path: Path) -> None:
    """Its row and its files; whatever the decision was, and the journal has both; nothing goes on in between."""
    document = held(ctx, tmp_path)
    before = stands(ctx, document)
    for number, given in enumerate(ENDS.values(), start=1):
        run_json(ctx.settings, "review", document, *given, "--who", "Lan")
        assert stands(ctx, document)[:4] != before[:4]
        code, (line,) = run_json(ctx.settings, "review", document, "--undo", "--who", "Lan")
        assert (code, line["state"]) == (ExitCode.OK, "held")
        assert stands(ctx, document) == before
        events = [item for item in ctx.journal.events() if item["event"] == "taken_back"]
        assert (len(events), events[-1]["who"]) == (number, "Lan")
        assert run_json(ctx.settings, "review", document, "--undo", "--who", "Lan")[0] == ExitCode.OK
        assert [item["event"] for item in ctx.journal.events()].count("taken_back") == number


@pytest.mark.parametrize("orders", list(product(ENDS, ENDS)))
def test_only_the_last_decision_can_be_taken_back(ctx: Services, tmp_path: Path, orders: tuple[str, str]) -> None:
    """In whatever order they were made, with one taken back in between; a second time there is nothing."""
    document = held(ctx, tmp_path)
    first, second = (ENDS[name] for name in orders)
    run_json(ctx.settings, "review", document, *first, "--who", "Lan")
    take_back(ctx, LAN, document)
    before = stands(ctx, document)
    run_json(ctx.settings, "review", document, *second, "--who", "Lan")
    take_back(ctx, LAN, document)
    assert stands(ctx, document) == before
    with pytest.raises(UsageError, match="nothing to be taken back"):
        take_back(ctx, HOA, document)


def test_another_one_may_not(ctx: Services, tmp_path: Path) -> None:
    """Whose decision it is is told."""
    document = held(ctx, tmp_path)
    ending.reject(ctx, LAN, document, "rescan", "mờ")
    with pytest.raises(NotAllowed, match="Lan"):
        take_back(ctx, HOA, document)
    assert stands(ctx, document)[0] == "discarded"


def test_what_came_of_a_decision_stays(ctx: Services, tmp_path: Path) -> None:
    """A paper that went on to the archive, or of which a new scan is on its way."""
    document = held(ctx, tmp_path)
    decisions.release(ctx, LAN, document, {"issuer": "Sở", "abstract": "thử"})
    with pytest.raises(UsageError):
        take_back(ctx, LAN, document)
    other = tmp_path / "b"
    other.mkdir()
    path = other / "b.pdf"
    path.write_bytes(page(("Giấy khác", "Số 1", "Trần Văn Bình")))
    sent = bring(ctx, path, Statement())
    ending.reject(ctx, LAN, sent, "rescan", "mờ")
    path = other / "c.pdf"
    path.write_bytes(page(("Giấy khác hẳn", "Số 2", "Lê Thị Hoa")))
    bring(ctx, path, Statement(rescan_of=sent))
    with pytest.raises(UsageError, match="new scan"):
        take_back(ctx, LAN, sent)


def kept_too_long(ctx: Services) -> list[str]:
    """What `doctor` says of files that were kept so that a decision could be taken back."""
    return [item.detail for item in store_findings(ctx.settings) if item.name == "under way"]


def test_files_are_kept_as_long_as_it_can_be_taken_back(
    ctx: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After that `doctor` tells of them, and the next intake removes them; nothing is left of how the paper stood."""
    document = held(ctx, tmp_path)
    ending.discard(ctx, LAN, document, "tờ trắng")
    sweep_work(ctx)
    assert stands(ctx, document)[-1] != []
    later = now() + timedelta(days=1, seconds=1)
    assert kept_too_long(ctx) == []
    for place in (
        "pipeline.runner.now",
        "archive.work.rows.now",
        "services.review.undo.now",
        "services.health.store.now",
    ):
        monkeypatch.setattr(place, lambda: later)
    (told,) = kept_too_long(ctx)
    assert told.startswith("1 papers that were ended have files here yet")
    with pytest.raises(UsageError):
        take_back(ctx, LAN, document)
    sweep_work(ctx)
    assert stands(ctx, document)[-1] == []
    assert ctx.ledger.undo(document) is None
    assert kept_too_long(ctx) == []


def test_where_nothing_can_be_taken_back_files_go_at_once(settings: Settings, tmp_path: Path) -> None:
    """`undo_days = 0`."""
    with open_services(settings.model_copy(update={"intake": IntakeSettings(quiet_s=0, undo_days=0)})) as ctx:
        document = held(ctx, tmp_path)
        ending.discard(ctx, LAN, document, "tờ trắng")
        assert stands(ctx, document)[-1] == []
        assert undo.taken_back_until(ctx, LAN, document) is None
        with pytest.raises(UsageError):
            take_back(ctx, LAN, document)
