"""An index that was deleted, put back from an earlier copy, or belongs to another store is told, and finds nothing."""

import shutil
from collections.abc import Callable, Iterator

import pytest
from elasticsearch import Elasticsearch

from config.settings import SearchSettings, Settings
from domain.errors import ExitCode
from pipeline.indexing import compare_index, drain, drain_if_possible, rebuild_index, reconcile
from search.engines import open_index
from search.errors import IndexBehind, IndexOutdated
from search.filters import Filters
from search.interface import IndexMark
from services.context import Services, open_services
from services.search import find
from tests.support.desk import run_json
from tests.support.outbox import hold, paper

NOBODY = Filters()


@pytest.fixture
def ctx(settings: Settings, engine: SearchSettings) -> Iterator[Services]:
    """The services of an empty store, with each engine in turn."""
    with open_services(settings.model_copy(update={"search": engine})) as opened:
        yield opened


def delete(engine: SearchSettings) -> None:
    """Delete all of an index."""
    if engine.elasticsearch is None:
        shutil.rmtree(engine.path)
        return
    with Elasticsearch(list(engine.elasticsearch.urls)) as client:
        for name in client.indices.get_alias(index=f"{engine.elasticsearch.index}-*"):
            client.indices.delete(index=name)


def keep(engine: SearchSettings) -> Callable[[], None]:
    """Keep a copy of an index; gives what puts it back."""
    copy = engine.path.with_name("yesterday")
    if engine.elasticsearch is None:
        shutil.copytree(engine.path, copy)

        def restore() -> None:
            delete(engine)
            shutil.copytree(copy, engine.path)

        return restore
    alias, urls = engine.elasticsearch.index, list(engine.elasticsearch.urls)
    with Elasticsearch(urls) as client:
        (live,) = client.indices.get(index=alias)
        client.indices.put_settings(index=live, settings={"index.blocks.write": True})
        client.indices.clone(index=live, target=f"{alias}-yesterday", wait_for_active_shards=1)
        client.indices.put_settings(index=live, settings={"index.blocks.write": False})

    def put_back() -> None:
        with Elasticsearch(urls) as client:
            for name in set(client.indices.get_alias(index=f"{alias}-*")) - {f"{alias}-yesterday"}:
                client.indices.delete(index=name)
            client.indices.put_settings(index=f"{alias}-yesterday", settings={"index.blocks.write": False})
            client.indices.put_alias(index=f"{alias}-yesterday", name=alias)

    return put_back


def is_told(ctx: Services, error: type[IndexOutdated] = IndexBehind) -> bool:
    """Whether the index answers nothing, takes nothing, and the catalogue answers in its place."""
    answer = find(ctx, "2/2025", 20, filters=NOBODY)
    assert [item.id for item, hit in answer.papers if hit is None] == [paper(2).id]
    assert "reindex" in answer.away
    assert find(ctx, "tran thi bich", 20, filters=NOBODY).away
    ctx.catalogue.outbox.note([paper(2).id])
    with pytest.raises(error):
        drain(ctx)
    drain_if_possible(ctx)
    return ctx.catalogue.outbox.lag().waiting == 1


def answers(ctx: Services) -> bool:
    """Whether the index has everything and is asked."""
    answer = find(ctx, "tran thi bich", 20, filters=NOBODY)
    return not answer.away and len(answer.papers) == ctx.catalogue.count() and not compare_index(ctx).all


@pytest.mark.parametrize("mend", [rebuild_index, reconcile])
def test_a_deleted_index(ctx: Services, mend: Callable[[Services], object]) -> None:
    """A new one, which knows nothing, is not taken for it; both ways of making it whole mend it."""
    hold(ctx, 1)
    hold(ctx, 2)
    drain(ctx)
    assert answers(ctx)
    delete(ctx.settings.search)
    assert is_told(ctx)
    mend(ctx)
    assert answers(ctx)


@pytest.mark.parametrize("mend", [rebuild_index, reconcile])
def test_an_index_of_yesterday(ctx: Services, mend: Callable[[Services], object]) -> None:
    """It lacks what came since, and says so; it may take nothing before it has that."""
    hold(ctx, 1)
    drain(ctx)
    restore = keep(ctx.settings.search)
    hold(ctx, 2)
    drain(ctx)
    assert answers(ctx)
    restore()
    assert is_told(ctx)
    mend(ctx)
    assert answers(ctx)


def test_an_index_of_yesterday_that_lacks_nothing(ctx: Services) -> None:
    """Nothing was sent since, and so it is as good as today's."""
    hold(ctx, 1)
    drain(ctx)
    restore = keep(ctx.settings.search)
    hold(ctx, 2)
    restore()
    drain(ctx)
    assert answers(ctx)


def test_an_index_of_another_store(ctx: Services) -> None:
    """Two stores that write to one index would find each other's papers: the second one is told."""
    with open_services(ctx.settings.model_copy(update={"home": ctx.settings.home / "other"})) as other:
        assert other.settings.search == ctx.settings.search
        with open_index(other.settings.search, make=True) as index:
            index.put_mark(IndexMark(series="another", reached=7))
    hold(ctx, 1)
    hold(ctx, 2)
    assert ctx.catalogue.outbox.lag().waiting == 2
    with pytest.raises(IndexOutdated, match="another catalogue"):
        reconcile(ctx)
    ctx.catalogue.outbox.settle(ctx.catalogue.outbox.waiting(9), {})
    assert is_told(ctx, IndexOutdated)
    assert rebuild_index(ctx) == 2
    assert answers(ctx)


def test_an_index_of_an_earlier_version_is_adopted(ctx: Services) -> None:
    """One without a mark is told too; the comparison of every night gives it one."""
    hold(ctx, 1)
    hold(ctx, 2)
    with ctx.index(make=True) as index:
        index.put_mark(IndexMark(series=ctx.catalogue.outbox.sent().series, reached=0))
    drain(ctx)
    with ctx.index() as index:
        index.put_mark(IndexMark(series=ctx.catalogue.outbox.sent().series, reached=0))
    ctx.catalogue.outbox.note([paper(1).id])
    with pytest.raises(IndexBehind):
        drain(ctx)
    reconcile(ctx)
    assert answers(ctx)


def test_commands_tell(settings: Settings) -> None:
    """`search` answers from the catalogue with an exit code of its own, `doctor` names the remedy, and it helps."""
    with open_services(settings) as ctx:
        hold(ctx, 1)
        drain(ctx)
    assert run_json(settings, "search", "bich")[0] == ExitCode.OK
    delete(settings.search)
    for words, number in (("bich", 1), ("khai sinh sự thật", 0)):
        code, lines = run_json(settings, "search", words)
        assert (code, [line["from"] for line in lines]) == (ExitCode.INCOMPLETE, ["catalogue"] * number)
    code, lines = run_json(settings, "doctor")
    (row,) = [line for line in lines if line["name"] == "search index"]
    assert (code, row["state"], "reindex" in row["remedy"]) == (ExitCode.SETUP, "missing", True)
    assert run_json(settings, "reindex") == (0, [{"indexed": 1}])
    assert run_json(settings, "search", "bich")[0] == ExitCode.OK
