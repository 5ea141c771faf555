"""A scan whose owner's number only one reader read waits for a person, who may confirm many at once."""

from pathlib import Path
from random import Random

import pytest

from config.settings import Settings, load_settings
from domain.errors import ExitCode
from pipeline.records import Statement
from samples.generate import all_papers
from samples.layout import lay_out
from services.context import open_services
from tests.support.damage import damaged
from tests.support.desk import bring, run_json

NUMBER = "048079009143"


@pytest.fixture
def fast(settings: Settings) -> Settings:
    """Settings that read quickly."""
    return load_settings(settings.home, {"KHOSO_RECOGNITION__MODE": "fast"})


def scan(folder: Path, how: str = "") -> Path:
    """A permit, whose owner's number stands on it once; ``how`` its 8 was damaged."""
    (paper,) = (paper for paper in all_papers() if paper.owner_id == NUMBER)
    random = Random(1)  # noqa: S311  a drawing, no secret
    path = folder / "permit.png"
    sheet = lay_out(paper, 200, random)[0]
    (damaged(sheet, NUMBER, 2, how) if how else sheet.image).save(path, dpi=(200, 200))
    return path


def test_a_person_confirms_what_one_reader_read(
    fast: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a second reader it waits, with the number masked, and goes on as it was read."""
    with monkeypatch.context() as patch:
        patch.setattr("pipeline.recognition.page.second_reader", lambda: None)
        with open_services(fast) as ctx:
            document = bring(ctx, scan(tmp_path), Statement())
            entry = ctx.ledger.entry(document)
            assert entry is not None
            said = entry.reason.text("en")
            assert "owner_id: 048*******43 was read once only; compare it with the paper" in said
            assert "048079009143" not in said
    where = ("--where", "doubt=owner_read_once", "--release", "--yes", "--who", "Lan")
    code, (left, *_) = run_json(fast, "review", *where)
    assert (code, left["id"], left["left_out"] != "") == (ExitCode.HELD, document, True)
    code, (came, *_) = run_json(fast, "review", document, "--release", "--who", "Lan")
    assert (code, came["state"]) == (0, "archived")


def test_a_number_with_a_damaged_digit_waits_and_finds_nothing(fast: Settings, tmp_path: Path) -> None:
    """What is left of an 8 is read as a 3 without doubt: the paper is not archived as a stranger's but asked about."""
    with open_services(fast) as ctx:
        document = bring(ctx, scan(tmp_path, "left"), Statement())
        entry = ctx.ledger.entry(document)
        assert entry is not None
        assert entry.state == "held"
        assert "owner_id: a digit of " in entry.reason.text("en")
        assert NUMBER not in entry.reason.text("en")
    right = ("--set", f"owner_id={NUMBER}", "--who", "Lan")
    code, (came, *_) = run_json(fast, "review", document, *right)
    assert (code, came["state"]) == (0, "archived")
