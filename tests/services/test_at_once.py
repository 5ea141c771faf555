"""Two acts at once: what one changed after the other had read it is not undone, and who comes second is told."""

import json
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

import pipeline.intake
import services.rebuild
from archive.interface import Paper, StoredObject
from archive.package import read_package
from config.versions import Versions
from domain.errors import Busy, ExitCode
from domain.events import Actor
from pipeline.context import Context
from pipeline.embedded import at_work, sole_runner
from pipeline.intake import Seen, open_batch, take_in
from pipeline.records import Received, Source, Statement
from pipeline.stages.receive import receive
from pipeline.standing import enter_standing, replace
from services import catalogues
from services.context import Services, open_services
from services.dossiers.take_in import Taken, take_in_dossiers
from services.permissions import Asker
from services.rebuild import Rebuilt, rebuild
from services.standing import change_standing
from tests.support.desk import run_json
from tests.support.held_papers import OWNER, hold
from tests.support.written_pdfs import page

LAN = Asker(who="Lan", office="H17.12", role="archivist")
HOA = Asker(who="Hoa", office="H17.12", role="archivist")


def birth(ctx: Services, folder: Path, number: int = 1) -> Paper:
    """A held paper with a code as it is written."""
    code, dossier = f"{OWNER}.KQ.G15.000031.215/2019.{number:02}", f"H17.12-260101-{number:04}"
    return hold(ctx, folder, f"birth-{number}", digitisation_code=code, dossier=dossier)


def before_it_writes(monkeypatch: pytest.MonkeyPatch, ctx: Services, other: Callable[[], object]) -> None:
    """Whoever changes an object next has read the catalogue; before he reads the vault, the other act happens."""
    sole = ctx.vault.sole

    def late(object_id: str) -> AbstractContextManager[StoredObject]:
        monkeypatch.setattr(ctx.vault, "sole", sole)
        other()
        return sole(object_id)

    monkeypatch.setattr(ctx.vault, "sole", late)


def as_kept(ctx: Services, paper: Paper) -> tuple[Paper | None, Paper]:
    """The paper as the catalogue and as the vault has it."""
    return ctx.catalogue.paper(paper.id), read_package(ctx.vault.get(paper.object_id)).paper


def test_a_longer_scan_of_what_was_revoked_meanwhile(
    ctx: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A paper that was revoked after the line had read it stays revoked; no event tells that it was replaced."""
    former, longer = birth(ctx, tmp_path), birth(ctx, tmp_path, 2)
    before_it_writes(monkeypatch, ctx, lambda: change_standing(ctx, LAN, former.id, "revoked", reason="QĐ 12"))
    replace(ctx, former.id, longer.id, Actor(who="Hoa"))
    for paper in as_kept(ctx, former):
        assert paper is not None
        assert (paper.standing, paper.replaced_by) == ("revoked", None)
    assert [(item["who"], item["standing"]) for item in ctx.journal.events()] == [("Lan", "revoked")]


def test_a_paper_that_two_replace_at_once(ctx: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two longer scans that come at once, the first takes the place; the other finds a paper that does not count."""
    former, longer, longest = (birth(ctx, tmp_path, number) for number in (1, 2, 3))
    before_it_writes(monkeypatch, ctx, lambda: replace(ctx, former.id, longer.id, Actor(who="Lan")))
    replace(ctx, former.id, longest.id, Actor(who="Hoa"))
    for paper in as_kept(ctx, former):
        assert paper is not None
        assert (paper.standing, paper.replaced_by) == ("replaced", longer.digitisation_code)
    assert [item["who"] for item in ctx.journal.events()] == ["Lan"]


def test_the_same_standing_from_two(ctx: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both want the same: it is made once, and neither is refused."""
    paper = birth(ctx, tmp_path)
    before_it_writes(
        monkeypatch,
        ctx,
        lambda: enter_standing(ctx, paper, "revoked", None, "QĐ 12", **dict(LAN)) and ctx.catalogue.count(),
    )
    assert change_standing(ctx, HOA, paper.id, "revoked", reason="QĐ 12").standing == "revoked"
    assert len(list(ctx.vault.path(paper.object_id).glob("v[0-9]*"))) == 2


# Catalogues


def entries(folder: Path, *codes: str) -> Path:
    """A list of procedures."""
    part = {"MaThanhPhanHoSo": "GCS", "TenThanhPhanHoSo": "Giấy chứng sinh"}
    got = [
        {"MaTTHC": code, "TenTTHC": f"Thủ tục {code}", "TenLinhVuc": "Hộ tịch", "CapThucHien": "Cấp xã"}
        | {"ThanhPhanHoSo": [part]}
        for code in codes
    ]
    path = folder / f"{'-'.join(codes)}.json"
    path.write_text(json.dumps({"DanhSachTTHC": got}), encoding="utf-8")
    return path


def while_one_writes(
    monkeypatch: pytest.MonkeyPatch, ctx: Services, first: Callable[[], object], second: Callable[[Services], object]
) -> Any:
    """The first act has read and is about to write when the second begins; gives what the second is told."""
    got: list[Any] = []

    def other() -> None:
        with open_services(ctx.settings) as own:
            got.append(second(own))

    began = threading.Thread(target=other)
    write = Versions._write

    def slow(*arguments: Any) -> Any:
        monkeypatch.setattr(Versions, "_write", write)
        began.start()
        began.join(0.5)
        assert got == [], "it did not wait"
        return write(*arguments)

    monkeypatch.setattr(Versions, "_write", slow)
    first()
    began.join()
    return got[0]


@pytest.mark.parametrize("second", ["the same", "another"])
def test_two_lists_at_once(ctx: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, second: str) -> None:
    """The second waits, and is compared with what the first has made: nothing of that is undone, or told as new."""
    one = entries(tmp_path, "2.002621")
    other = one if second == "the same" else entries(tmp_path, "2.002622")

    def bring(by: Asker, path: Path) -> Callable[[Services], catalogues.ListImport]:
        return lambda own: catalogues.import_list(own, by, path, apply=True)

    plan, head, _ = while_one_writes(monkeypatch, ctx, lambda: bring(LAN, one)(ctx), bring(HOA, other))
    assert (plan.is_empty, head.number if head else None) == ((True, None) if other is one else (False, 2))
    with open_services(ctx.settings) as own:
        for code in {path.stem for path in (one, other)}:
            assert own.catalogues.procedures.periods(code)
    assert [item["who"] for item in ctx.journal.events()] == ["Lan"] + ["Hoa"] * (other is not one)


def test_taken_back_while_another_list_comes(ctx: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who takes the last import back while another list becomes a version takes that one back, and is told which."""
    catalogues.import_list(ctx, LAN, entries(tmp_path, "2.002621"), apply=True)
    two = entries(tmp_path, "2.002622")
    head = while_one_writes(
        monkeypatch,
        ctx,
        lambda: catalogues.import_list(ctx, LAN, two, apply=True),
        lambda own: catalogues.undo(own, HOA),
    )
    assert head.number == 3
    with open_services(ctx.settings) as own:
        assert own.catalogues.procedures.periods("2.002621")
        assert not own.catalogues.procedures.periods("2.002622")


# At the door


def test_the_same_bytes_by_two_ways(ctx: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two commands bring copies of one file at once: it is one document, and the second is told of which it is one."""
    paths = [tmp_path / name for name in ("a.pdf", "b.pdf")]
    content = page()
    for path in paths:
        path.write_bytes(content)
    got: list[Seen] = []
    began = threading.Thread(target=lambda: _bring(ctx, paths[1], got))

    def slow(source: Source, by: Context) -> Received:
        monkeypatch.setattr(pipeline.intake, "receive", receive)
        began.start()
        began.join(0.5)
        assert got == [], "it did not wait"
        return receive(source, by)

    slow.__name__ = receive.__name__
    monkeypatch.setattr(pipeline.intake, "receive", slow)
    first = take_in(ctx, paths[0], open_batch(ctx, "one"), Statement())
    began.join()
    assert (first.state, got[0].state, got[0].document_id) == ("received", "duplicate", first.document_id)
    assert [entry.id for entry in ctx.ledger.entries()] == [first.document_id]
    assert [item["state"] for item in ctx.journal.events()] == ["received", "duplicate"]
    assert not list(ctx.settings.inbox.glob(".*"))


def _bring(ctx: Services, path: Path, got: list[Seen]) -> None:
    with open_services(ctx.settings) as own:
        got.append(take_in(own, path, open_batch(own, "other"), Statement()))


def test_dossiers_that_come_twice_at_once(ctx: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second waits, and is compared with what the first has entered: it is not told as new."""
    fields = {"MaTTHC": "1.001193", "SoGiayToChuHoSo": OWNER, "NgayTiepNhan": "20261124", "TrangThaiHoSo": "2"}
    path = tmp_path / "dossiers.json"
    path.write_text(json.dumps([{"MaHoSo": "H17.12-261124-0001", **fields}]), encoding="utf-8")
    got: list[Taken] = []

    def second() -> None:
        with open_services(ctx.settings) as own:
            got.append(take_in_dossiers(own, HOA, path))

    began, put = threading.Thread(target=second), ctx.desk.put

    def slow(*given: Any, **answers: Any) -> None:
        monkeypatch.setattr(ctx.desk, "put", put)
        began.start()
        began.join(0.5)
        assert got == [], "it did not wait"
        put(*given, **answers)

    monkeypatch.setattr(ctx.desk, "put", slow)
    first = take_in_dossiers(ctx, LAN, path)
    began.join()
    assert (first.added, got[0].added, got[0].unchanged) == (1, 0, 1)


# Rebuild


def while_it_rebuilds(monkeypatch: pytest.MonkeyPatch, other: Callable[[], object]) -> None:
    """The vault was looked through; before the catalogue is filled, the other act happens."""
    look = services.rebuild._order

    def slow(*given: Any) -> Any:
        found = look(*given)
        other()
        return found

    monkeypatch.setattr(services.rebuild, "_order", slow)


def test_a_paper_that_is_archived_while_the_catalogue_is_made_anew(
    ctx: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that goes on meanwhile loses nothing: its paper is held, and nobody is told that it is missing."""
    birth(ctx, tmp_path)
    while_it_rebuilds(monkeypatch, lambda: birth(ctx, tmp_path, 2))
    assert rebuild(ctx, LAN) == Rebuilt(papers=2, unread=(), differences=(), indexed=2)
    assert [paper.id for paper in ctx.catalogue.all()] == ["birth-1", "birth-2"]


def test_a_standing_that_is_entered_while_the_catalogue_is_made_anew(
    ctx: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a person entered meanwhile is as he entered it."""
    paper = birth(ctx, tmp_path)
    while_it_rebuilds(monkeypatch, lambda: change_standing(ctx, HOA, paper.id, "revoked", reason="QĐ 12"))
    assert rebuild(ctx, LAN).papers == 1
    for kept in as_kept(ctx, paper):
        assert kept is not None
        assert kept.standing == "revoked"


def test_rebuild_beside_ingest(ctx: Services, tmp_path: Path) -> None:
    """While the catalogue is made anew nobody ingests; who comes is told so, and changes nothing, not even a batch."""
    ctx.signers.get_ready()
    birth(ctx, tmp_path)
    (tmp_path / "in").mkdir()
    with sole_runner(ctx.settings):
        with pytest.raises(Busy, match="at work on"):
            rebuild(ctx, LAN)
        assert run_json(ctx.settings, "ingest", str(tmp_path / "in"))[0] == ExitCode.BUSY
    assert ctx.ledger.batches() == []
    assert list(ctx.journal.events()) == []


def test_ingest_beside_ingest(ctx: Services, tmp_path: Path) -> None:
    """While one ingests, or decides about a paper, another one may, but nobody makes the catalogue anew."""
    ctx.signers.get_ready()
    (tmp_path / "in").mkdir()
    with at_work(ctx.settings):
        assert run_json(ctx.settings, "ingest", str(tmp_path / "in"))[0] == ExitCode.OK
        with pytest.raises(Busy, match="at work on"):
            rebuild(ctx, LAN)
    assert rebuild(ctx, LAN).papers == 0
