"""Retention counts from the end of the work on a dossier; what nobody knows stays unknown and is listed (law L6.1)."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from archive.journal import Journal
from archive.package import read_package
from config.settings import Settings
from pipeline.context import Context
from services.context import Services, open_services
from services.dossiers.take_in import Taken, take_in_dossiers
from services.dossiers.terms import unknown_terms
from services.permissions import Asker
from tests.support.desk import run_json
from tests.support.held_papers import OWNER, hold

OPERATOR = Asker(who="minh", office="H17", role="operator")
DOSSIER, OTHER = "H17.12-261124-0001", "H17.12-261124-0002"
_CODE = f"{OWNER}.KQ.H17.990005.1.01"
KEPT: dict[str, Any] = {"type_code": "KQ.H17.990005", "retention_class": "20-nam"}


@pytest.fixture
def ctx(settings: Settings) -> Iterator[Services]:
    """An opened store."""
    with open_services(settings) as opened:
        yield opened


def bring(ctx: Services, folder: Path, *dossiers: dict[str, str]) -> Taken:
    """Import dossiers of one owner."""
    fields = {"MaHoSo": DOSSIER, "MaTTHC": "1.001193", "SoGiayToChuHoSo": OWNER, "NgayTiepNhan": "20261124"}
    (folder / "in.json").write_text(json.dumps([fields | item for item in dossiers]), encoding="utf-8")
    return take_in_dossiers(ctx, OPERATOR, folder / "in.json")


def until(ctx: Context, name: str) -> tuple[int | None, int | None]:
    """Until when a paper is kept, as the catalogue and as the vault has it."""
    paper = ctx.catalogue.paper(name)
    assert paper is not None
    return paper.retention_until, read_package(ctx.vault.get(paper.object_id)).paper.retention_until


def test_a_result_and_what_was_brought_count_from_the_end_of_the_dossier(ctx: Services, tmp_path: Path) -> None:
    """Whatever the papers themselves say; vault and catalogue say the same, and papers of other dossiers stay."""
    hold(ctx, tmp_path, "result", dossier=DOSSIER, retention_until=2045, **KEPT)
    hold(ctx, tmp_path, "brought", dossier=DOSSIER, retention_until=None, digitisation_code="b", **KEPT)
    hold(ctx, tmp_path, "other", dossier=OTHER, retention_until=2045, digitisation_code="c", **KEPT)
    taken = bring(ctx, tmp_path, {"NgayKetThucXuLy": "20261230", "NgayTra": "20270104"})
    assert (taken.terms.counted, taken.terms.unread) == (2, ())
    assert until(ctx, "result") == until(ctx, "brought") == (2046, 2046)
    assert until(ctx, "other") == (2045, 2045)
    told = [event for event in Journal(ctx.settings.journal).events() if event["event"] == "term_counted"]
    assert {(event["subject"], event["until"]) for event in told} == {("result", "2046"), ("brought", "2046")}
    again = bring(ctx, tmp_path, {"NgayKetThucXuLy": "20261230", "NgayTra": "20270104"})
    assert (again.unchanged, again.terms.counted) == (1, 0)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"NgayKetThucXuLy": "20261230", "NgayTra": "20270104"}, 2046),
        ({"NgayTra": "20270104"}, 2047),
        ({"NgayHenTra": "20270104"}, 2045),
    ],
)
def test_the_end_of_the_work_comes_before_the_day_of_return(
    ctx: Services, tmp_path: Path, given: dict[str, str], expected: int
) -> None:
    """The return of the result tells the end where nothing else does; a day that is only promised tells nothing."""
    hold(ctx, tmp_path, "result", dossier=DOSSIER, retention_until=2045, **KEPT)
    bring(ctx, tmp_path, given)
    assert until(ctx, "result") == (expected, expected)


def test_a_paper_that_is_archived_later_counts_with_the_next_import(ctx: Services, tmp_path: Path) -> None:
    """The same dossier once more changes nothing but the paper that came meanwhile."""
    bring(ctx, tmp_path, {"NgayKetThucXuLy": "20261230"})
    hold(ctx, tmp_path, "late", dossier=DOSSIER, retention_until=None, **KEPT)
    taken = bring(ctx, tmp_path, {"NgayKetThucXuLy": "20261230"})
    assert (taken.unchanged, taken.terms.counted) == (1, 1)
    assert until(ctx, "late") == (2046, 2046)


def test_what_is_kept_for_ever_has_no_term(ctx: Services, tmp_path: Path) -> None:
    """A permanent paper is not counted, and one of an unknown class stays unknown when its dossier ends."""
    hold(ctx, tmp_path, "birth", dossier=DOSSIER, retention_class="vinh-vien")
    hold(ctx, tmp_path, "odd", dossier=DOSSIER, retention_class="khac", digitisation_code="b")
    assert bring(ctx, tmp_path, {"NgayKetThucXuLy": "20261230"}).terms.counted == 0
    assert [paper.id for paper in unknown_terms(ctx, OPERATOR)] == ["odd"]


def test_unknown_terms_are_listed(ctx: Services, tmp_path: Path) -> None:
    """By a command, until the dossier is known; no identifier of an owner stands in the list."""
    hold(ctx, tmp_path, "brought", dossier=DOSSIER, retention_until=None, **KEPT)
    code, (line,) = run_json(ctx.settings, "dossiers", "terms")
    assert (code, line) == (
        0,
        {"id": "brought", "type": "KQ.H17.990005", "class": "20-nam", "dossier": DOSSIER},
    )
    bring(ctx, tmp_path, {"NgayKetThucXuLy": "20261230"})
    assert run_json(ctx.settings, "dossiers", "terms") == (0, [])


def test_an_object_that_cannot_be_read_is_told(ctx: Services, tmp_path: Path) -> None:
    """The others count, and the next import tries it again."""
    for name in ("lost", "sound"):
        hold(ctx, tmp_path, name, dossier=DOSSIER, retention_until=None, digitisation_code=name, **KEPT)
    for path in ctx.vault.path("urn:khoso:lost").rglob("metadata.json"):
        path.write_text("{", encoding="utf-8")
    taken = bring(ctx, tmp_path, {"NgayKetThucXuLy": "20261230"})
    assert (taken.terms.counted, taken.terms.unread) == (1, ("lost",))
    assert until(ctx, "sound") == (2046, 2046)


def test_a_rebuild_has_the_terms_of_the_vault(settings: Settings, tmp_path: Path) -> None:
    """What was counted anew is in the object, so that a catalogue made from the vault says the same (design law 3)."""
    with open_services(settings) as ctx:
        hold(ctx, tmp_path, "result", dossier=DOSSIER, retention_until=2045, digitisation_code=_CODE, **KEPT)
        bring(ctx, tmp_path, {"NgayKetThucXuLy": "20261230"})
    code, lines = run_json(settings, "rebuild")
    assert code == 0, lines
    with open_services(settings) as ctx:
        assert until(ctx, "result") == (2046, 2046)
