"""The outbox: index and catalogue agree in the end, whoever is killed or away meanwhile."""

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.interface import Paper
from archive.outbox import OutboxItem
from archive.package import TEXT
from archive.schemas.opening import open_database
from config.settings import ElasticsearchSettings, SearchSettings, Settings
from domain.clock import now
from pipeline.indexing import compare_index, drain, drain_if_possible, rebuild_index, reconcile
from search.errors import EngineAway, IndexOutdated
from search.filters import Filters
from services.context import Services, open_services
from services.search import find
from tests.support.desk import run_json
from tests.support.former_catalogue import bring_to
from tests.support.outbox import found, hold, paper

NOBODY = Filters()


@pytest.fixture
def ctx(settings: Settings, engine: SearchSettings) -> Iterator[Services]:
    """The services of an empty store, with each engine in turn."""
    with open_services(settings.model_copy(update={"search": engine})) as opened:
        yield opened


def lose(ctx: Services, held: Paper) -> None:
    """Take a paper out of the catalogue, as a disposal would, with the note for the index."""
    with open_database(ctx.settings.catalogue_url, "catalogue") as engine, engine.begin() as db:
        db.exec_driver_sql("DELETE FROM papers WHERE id = ?", (held.id,))
        ctx.catalogue.outbox.write(db, held.id)


def agree(ctx: Services) -> bool:
    """Whether index and catalogue know the same papers in the same versions."""
    return not compare_index(ctx).all and not ctx.catalogue.outbox.lag().waiting


def test_changes_reach_the_index(ctx: Services) -> None:
    """Papers become findable, changed ones change, and those that are gone are found no more."""
    first, second = hold(ctx, 1), hold(ctx, 2)
    assert ctx.catalogue.outbox.lag().waiting == 2
    assert drain(ctx) == 2
    assert drain(ctx) == 0
    assert found(ctx, "tran thi bich") == {first.id, second.id}
    lose(ctx, first)
    assert drain(ctx) == 1
    assert found(ctx, "tran thi bich") == {second.id}
    assert agree(ctx)


def test_versions_only_rise(ctx: Services) -> None:
    """No number is given twice, even after the catalogue was emptied."""
    hold(ctx, 1)
    before = ctx.catalogue.outbox.last()
    with ctx.catalogue.anew():
        pass
    assert ctx.catalogue.count() == 0
    ctx.catalogue.add(paper(1))
    assert ctx.catalogue.outbox.last() > before


def test_what_cannot_be_indexed_does_not_stop_the_others(ctx: Services) -> None:
    """A paper whose object is missing is put aside with the reason, is told, and is sent again when it is mended."""
    ctx.catalogue.add(paper(1))
    good = hold(ctx, 2)
    drain(ctx)
    lag = ctx.catalogue.outbox.lag()
    assert (lag.waiting, lag.dead, lag.since) == (0, 1, None)
    ((name, reason),) = ctx.catalogue.outbox.dead()
    assert (name, "ObjectLost" in reason) == (paper(1).id, True)
    assert found(ctx, "bich") == {good.id}
    file = ctx.settings.home / "mended.txt"
    file.write_text("Trần Thị Bích", encoding="utf-8")
    ctx.vault.put(paper(1).object_id, {TEXT: file}, created=now(), who="test", message="mended")
    assert reconcile(ctx).missing == (paper(1).id,)
    assert ctx.catalogue.outbox.lag().dead == 0
    assert agree(ctx)


def test_reconcile_mends_every_difference(ctx: Services) -> None:
    """What the index lost, has in an earlier version, or should not know is found and mended."""
    papers = [hold(ctx, number) for number in range(1, 6)]
    drain(ctx)
    with ctx.index() as index:
        index.remove([(papers[0].id, 1)])
    stale = papers[1]
    ctx.catalogue.outbox.note([stale.id])
    ctx.catalogue.outbox.settle([OutboxItem(paper_id=stale.id, version=ctx.catalogue.outbox.last())], {})  # never sent
    with open_database(ctx.settings.catalogue_url, "catalogue") as engine, engine.begin() as db:
        db.exec_driver_sql("DELETE FROM papers WHERE id = ?", (papers[2].id,))
    found_out = reconcile(ctx)
    assert (found_out.missing, found_out.stale, found_out.extra) == ((papers[0].id,), (stale.id,), (papers[2].id,))
    assert agree(ctx)
    assert found(ctx, "bich") == {item.id for item in papers} - {papers[2].id}


def test_index_of_another_catalogue(ctx: Services) -> None:
    """An index that knows later changes than the catalogue is refused with the remedy, and a rebuild mends it."""
    held = [hold(ctx, number) for number in (1, 2)]
    ctx.catalogue.outbox.note(paper.id for paper in held)
    drain(ctx)
    for name in Path(ctx.settings.home).glob("catalogue.sqlite*"):
        name.unlink()
    with open_services(ctx.settings, rebuilding=True) as other:
        with other.catalogue.anew():
            pass
        with pytest.raises(IndexOutdated, match="another catalogue"):
            reconcile(other)
        for item in held:
            other.catalogue.add(item)
        assert rebuild_index(other) == len(held)
        assert agree(other)


def test_rebuild_while_papers_come(ctx: Services) -> None:
    """Papers that come while the index is made anew are findable at once and afterwards; search always answers."""
    number = 30
    for item in range(number):
        hold(ctx, item)
    drain(ctx)
    stop, answers, troubles = threading.Event(), [], []

    def work() -> None:
        try:
            with open_services(ctx.settings) as other:
                for item in range(number, 2 * number):
                    if stop.is_set():
                        break
                    held = hold(other, item)
                    drain(other)
                    assert held.id in found(other, f"{item}/2025")
                    answers.append(len(found(other, "bich")))
        except BaseException as error:  # noqa: BLE001 (told below)
            troubles.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    rebuilt = [rebuild_index(ctx) for _ in range(3)]
    stop.set()
    thread.join()
    assert troubles == []
    assert min([*rebuilt, *answers], default=0) >= number
    assert agree(ctx)


def away(settings: Settings) -> Settings:
    """Settings of a store whose engine does not answer."""
    server = ElasticsearchSettings(urls=("http://127.0.0.1:9",))
    return settings.model_copy(
        update={"search": SearchSettings(kind="elasticsearch", path=settings.home, elasticsearch=server)}
    )


def test_engine_away(settings: Settings) -> None:
    """While the engine is away nothing is lost, search says so, and titles, names and numbers are found."""
    with open_services(away(settings)) as ctx:
        held = hold(ctx, 7)
        hold(ctx, 17)
        with pytest.raises(EngineAway) as raised:
            drain(ctx)
        assert "outbox" in raised.value.explain()
        drain_if_possible(ctx)
        assert ctx.catalogue.outbox.lag().waiting == 2
        for text in ("7/2025", "7/2025 khai sinh", 'số:7/2025 "tran thi bich"', "7/2025 đến:2025 loại:KQ.G15.000031"):
            answer = find(ctx, text, 20, filters=NOBODY)
            assert "search_away" in answer.away
            assert [item.id for item, _ in answer.papers] == [held.id], text
        assert find(ctx, "7/2025 từ:2026", 20, filters=NOBODY).papers == ()
        assert find(ctx, "", 20, filters=NOBODY).papers == ()
    with open_services(settings) as ctx:
        drain(ctx)
        assert held.id in found(ctx, "bich")


def test_commands_tell_the_lag(settings: Settings) -> None:
    """`status` and `doctor` tell what waits; `index` sends it; `reindex --check` finds nothing more to do."""
    with open_services(settings) as ctx:
        hold(ctx, 1)
    assert run_json(settings, "status")[1][-1]["index"]["waiting"] == 1
    row = next(line for line in run_json(settings, "doctor")[1] if line["name"] == "search index")
    assert "1 changes wait" in row["detail"]
    assert run_json(settings, "index") == (0, [{"sent": 1, "anew": ""}])
    assert run_json(settings, "reindex", "--check") == (0, [{"missing": 0, "stale": 0, "extra": 0, "left": 0}])
    code, lines = run_json(settings, "search", "bich", "--facets")
    assert (code, lines[0]["from"], lines[0]["page"]) == (0, "index", 1)
    assert lines[1]["counts"]["total"] == 1


def test_older_stores_are_brought_up(settings: Settings) -> None:
    """The outbox of a store of an earlier version keeps its numbers and what waits, and its papers get their words."""
    with open_services(settings) as ctx:
        hold(ctx, 1)
        hold(ctx, 2)
        drain(ctx)
    file = settings.home / "catalogue.sqlite"
    file.rename(file.with_name("now.sqlite"))
    bring_to(settings.catalogue_url, "catalogue_0004")
    with sqlite3.connect(file) as db:
        db.execute("ATTACH ? AS now", (str(file.with_name("now.sqlite")),))
        columns = ", ".join(row[1] for row in db.execute("PRAGMA main.table_info(papers)"))
        db.execute(f"INSERT INTO papers ({columns}) SELECT {columns} FROM now.papers")  # noqa: S608
        db.execute("INSERT INTO codes SELECT code, kind, document_id, 1 FROM now.codes")
        db.execute("INSERT INTO properties SELECT * FROM now.properties")
        db.execute("INSERT INTO outbox SELECT seq, paper_id, seq = 1 FROM now.outbox")
    db.close()
    with open_services(settings) as ctx:
        assert [change.paper_id for change in ctx.catalogue.outbox.waiting(9)] == [paper(2).id]
        assert ctx.catalogue.outbox.last() == 2
        assert [item.id for item in ctx.catalogue.find(["khai sinh", "2/2025"])] == [paper(2).id]
