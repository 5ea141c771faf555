"""A paper that is withdrawn leaves a sample that is not settled, and keeps no lot open."""

import sqlite3
from pathlib import Path

import pytest

from archive.inspections.records import Inspection
from config.settings import load_settings
from domain.errors import ExitCode, NotFound
from services.context import Services, open_services
from services.quality import redrawing
from services.quality.checking import check_paper
from services.quality.drawing import draw_sample
from services.quality.minutes import give_minutes
from services.quality.opening import open_lot
from services.quality.telling import lot_view
from services.secrecy.deciding import decide_withdrawn
from services.secrecy.withdrawing import who_saw, withdraw
from tests.services.quality.conftest import BATCH, COUNT
from tests.services.quality.test_minutes import SAID, text_of
from tests.support.desk import run_json
from tests.support.lots import CHECKER, lot, someone_else

ME, OTHER = someone_else(), someone_else("Lê Văn Soát")
WHY = "có dấu MẬT"
WHOLE = "20261130-110000"


def drawn(ctx: Services) -> tuple[Inspection, list[str]]:
    """A sample, and the whole lot in the order of the draw."""
    inspection = open_lot(ctx, ME, BATCH)
    ids = ctx.quality.lot(inspection)
    return inspection, draw_sample(ids, inspection.seed, len(ids))


def redrawn(ctx: Services) -> list[tuple[str, str | None]]:
    """What the journal tells of papers that left a sample, and what followed."""
    return [(e["subject"], e.get("instead")) for e in ctx.journal.events() if e["event"] == "sample_redrawn"]


def test_the_next_of_the_draw_takes_its_place(lot_ctx: Services, tmp_path: Path) -> None:
    """Two leave a sample of five, one of them twice in a row; the lot is settled, and the minutes tell it."""
    inspection, order = drawn(lot_ctx)
    check_paper(lot_ctx, ME, order[0], [])
    withdraw(lot_ctx, ME, order[5], WHY)  # in no sample: nothing happens
    assert redrawn(lot_ctx) == []
    withdraw(lot_ctx, ME, order[1], WHY)
    withdraw(lot_ctx, ME, order[3], WHY)
    assert redrawn(lot_ctx) == [(order[1], order[5]), (order[5], order[6]), (order[3], order[7])]
    view = lot_view(lot_ctx, ME, BATCH)
    assert (view.left, view.out, view.short) == ((order[2], order[4], order[6], order[7]), 3, 0)
    with pytest.raises(NotFound):
        check_paper(lot_ctx, ME, order[1], [])
    for name in view.left:
        check_paper(lot_ctx, ME, name, [])
    kept = give_minutes(lot_ctx, ME, BATCH, SAID, tmp_path / "m.pdf")
    assert (kept.data.tally.state, kept.data.tally.checked, kept.data.lost) == ("accepted", 5, 3)
    text = text_of((tmp_path / "m.pdf").read_bytes())
    assert "3 giấy tờ của mẫu không còn trong kho" in text
    assert f"CHẤP NHẬN LÔ: {COUNT} giấy tờ, {2 * COUNT} trang, trong đó 3 giấy tờ không còn trong kho." in text
    gone = {item.paper_id for item in kept.data.out}
    assert [name for name in order if name not in gone][: inspection.sample] == list(kept.data.sample)
    assert {sight.what for sight in who_saw(lot_ctx, ME, order[1]).sights} == {"received"}


def test_a_whole_lot_is_judged_by_what_is_left(lot_ctx: Services, tmp_path: Path) -> None:
    """No further paper is there: its place stays empty, and the lot is settled by the others."""
    ids = lot(lot_ctx, tmp_path, WHOLE, 3)
    settings = load_settings(lot_ctx.settings.home, {"KHOSO_QUALITY__WHOLE_UP_TO": "280"})
    with open_services(settings) as ctx:
        open_lot(ctx, ME, WHOLE)
        for name in ids[:2]:
            check_paper(ctx, ME, name, [])
        assert lot_view(ctx, ME, WHOLE).state == "open"
        withdraw(ctx, ME, ids[2], WHY)
        view = lot_view(ctx, ME, WHOLE)
        assert (view.state, view.left, view.out, view.short) == ("accepted", (), 1, 1)
        assert [e["state"] for e in ctx.journal.events() if e["event"] == "lot_decided"] == ["accepted"]
        give_minutes(ctx, ME, WHOLE, SAID, tmp_path / "m.pdf")
        assert "Mẫu thiếu 1 giấy tờ" in text_of((tmp_path / "m.pdf").read_bytes())


def test_what_was_found_counts_though_its_paper_is_withdrawn(lot_ctx: Services, tmp_path: Path) -> None:
    """A defect is not got rid of so; neither minutes nor, once erased, the database tell what the paper says."""
    _, order = drawn(lot_ctx)
    check_paper(lot_ctx, ME, order[0], [("abstract", "nội dung đúng của giấy tờ"), ("owner_id", "048219001283")])
    withdraw(lot_ctx, ME, order[0], WHY)
    assert (redrawn(lot_ctx), lot_view(lot_ctx, ME, BATCH).state) == ([], "blocked")
    kept = give_minutes(lot_ctx, ME, BATCH, SAID, tmp_path / "m.pdf")
    text = text_of((tmp_path / "m.pdf").read_bytes())
    assert ("Trích yếu nội dung 1" in text, "nội dung đúng" in text, "048*******83" in text) == (True, False, False)
    assert "nội dung đúng" not in kept.data.model_dump_json()
    for by in (ME, OTHER.model_copy(update={"role": "archivist"})):
        decide_withdrawn(lot_ctx, by, order[0], "secret", WHY)
    with sqlite3.connect(lot_ctx.settings.home / "quality.sqlite") as db:
        (found,) = db.execute("SELECT defects FROM checks").fetchone()
    assert ("abstract" in found, "nội dung" in found, "048" in found) == (True, False, False)


def test_a_sample_that_was_not_redrawn_is_by_the_next_check(lot_ctx: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who withdrew was cut off before: whoever checks another paper, or wants the minutes, does it, once."""
    _, order = drawn(lot_ctx)
    with monkeypatch.context() as patched:
        patched.setattr("services.secrecy.withdrawing.take_out_withdrawn", lambda *_: None)
        withdraw(lot_ctx, ME, order[0], WHY)
    assert redrawn(lot_ctx) == []
    check_paper(lot_ctx, ME, order[1], [])
    assert redrawn(lot_ctx) == [(order[0], order[5])]
    redrawing.take_out_withdrawn(lot_ctx, ME, order[0])
    withdraw(lot_ctx, ME, order[0], WHY)
    assert redrawn(lot_ctx) == [(order[0], order[5])]


def test_nobody_is_asked_to_check_what_is_not_there(lot_ctx: Services) -> None:
    """A lot that is refused already is not drawn again; what was withdrawn since is no more to be checked."""
    _, order = drawn(lot_ctx)
    check_paper(lot_ctx, ME, order[0], [("owner_id", "048219001283")])
    assert lot_view(lot_ctx, ME, BATCH).state == "blocked"
    withdraw(lot_ctx, ME, order[1], WHY)
    assert lot_view(lot_ctx, ME, BATCH).left == tuple(order[2:5])


def test_one_that_is_given_back_does_not_return(lot_ctx: Services) -> None:
    """Another paper was drawn in its place."""
    _, order = drawn(lot_ctx)
    withdraw(lot_ctx, ME, order[0], WHY)
    for by in (ME, OTHER.model_copy(update={"role": "archivist"})):
        decide_withdrawn(lot_ctx, by, order[0], "not_secret", WHY)
    assert lot_view(lot_ctx, ME, BATCH).left == tuple(order[1:6])


def test_a_batch_with_a_withdrawn_paper_can_be_sampled(lot_ctx: Services) -> None:
    """It is no part of the lot, and did not come later."""
    name = lot_ctx.ledger.archived(BATCH)[0]
    withdraw(lot_ctx, ME, name, WHY)
    inspection = open_lot(lot_ctx, ME, BATCH)
    assert (inspection.papers, name in lot_ctx.quality.lot(inspection)) == (COUNT - 1, False)
    assert lot_view(lot_ctx, ME, BATCH).later == 0


def test_a_withdrawal_is_done_though_the_samples_cannot_be_opened(lot_ctx: Services) -> None:
    """Their database is damaged: the paper is withdrawn all the same."""
    _, order = drawn(lot_ctx)
    settings = lot_ctx.settings
    for path in settings.home.glob("quality.sqlite*"):
        path.write_bytes(b"\xff no database" * 99)
    assert run_json(settings, "withdraw", order[0], "--reason", WHY, "--who", CHECKER)[0] == ExitCode.OK
    with open_services(settings) as ctx:
        assert ctx.catalogue.paper(order[0]) is None
