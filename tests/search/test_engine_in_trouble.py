"""An Elasticsearch in trouble is told once; changes wait, the catalogue answers, and all is sent when it is well."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from config.settings import SearchSettings, Settings
from domain.errors import ExitCode
from pipeline.indexing import drain, drain_if_possible
from search.filters import Filters
from services.context import Services, open_services
from services.index import keep_sending
from services.permissions import Asker
from services.search import find
from tests.support.desk import khoso
from tests.support.outbox import hold, paper
from tests.support.troubled import WAYS, Troubled, Way, before

ME = Asker(who="Lan", office="H17.12", role="archivist")
COMMANDS = (("search", "khai sinh"), ("doctor",), ("index",), ("reindex",), ("reindex", "--check"), ("status",))
_WAIT_S = 2


@pytest.fixture
def network(elasticsearch: SearchSettings) -> Iterator[tuple[Troubled, SearchSettings]]:
    """What stands before the node, and the settings that lead through it; nobody is waited for long."""
    server = elasticsearch.server
    with before("127.0.0.1", urlsplit(server.urls[0]).port or 0) as stands:
        there = server.model_copy(update={"urls": (f"http://127.0.0.1:{stands.port}",), "timeout_s": _WAIT_S})
        yield stands, elasticsearch.model_copy(update={"elasticsearch": there})


@pytest.fixture
def ctx(settings: Settings, network: tuple[Troubled, SearchSettings]) -> Iterator[Services]:
    """The services of a store with two papers in its index."""
    with open_services(settings.model_copy(update={"search": network[1]})) as opened:
        hold(opened, 1)
        hold(opened, 2)
        drain(opened)
        yield opened


def as_file(ctx: Services) -> None:
    """Let commands of their own find the engine."""
    server = ctx.settings.search.server
    got = f'elasticsearch = {{ urls = ["{server.urls[0]}"], index = "{server.index}", timeout_s = {_WAIT_S} }}'
    (ctx.settings.home / "khoso.toml").write_text(f'[search]\nkind = "elasticsearch"\n{got}\n', encoding="utf-8")


@pytest.mark.parametrize("way", WAYS)
def test_an_engine_in_trouble_keeps_nobody(
    ctx: Services, network: tuple[Troubled, SearchSettings], way: Way, caplog: pytest.LogCaptureFixture
) -> None:
    """However it fails, it is told once, changes wait without being counted unfit, and are sent when it is well."""
    stands, _ = network
    ctx.catalogue.outbox.note([paper(1).id])
    stands.trouble(way)
    for _ in range(2):
        drain_if_possible(ctx)
    keep_sending(ctx, ME)
    answer = find(ctx, "2/2025", 20, filters=Filters())
    assert answer.away
    assert [item.id for item, _ in answer.papers] == [paper(2).id]
    lag = ctx.catalogue.outbox.lag()
    assert (lag.waiting, lag.dead) == (1, 0)
    (told,) = [record.getMessage() for record in caplog.records if record.name == "khoso.indexing"]
    assert told.startswith(("search_away", "search_refuses"))
    stands.trouble(None)
    keep_sending(ctx, ME)
    assert not ctx.catalogue.outbox.lag().waiting
    assert caplog.records[-1].getMessage() == "the search index takes changes again; 1 papers sent"
    assert not find(ctx, "2/2025", 20, filters=Filters()).away


@pytest.mark.parametrize(("language", "word"), [("en", "does not answer"), ("vi", "không trả lời")])
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_command_says_it_in_one_line(
    ctx: Services,
    network: tuple[Troubled, SearchSettings],
    command: tuple[str, ...],
    language: str,
    word: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without a traceback, and without a word of the library; what waits and who sends it is the other line."""
    monkeypatch.setenv("KHOSO_LANG", language)
    as_file(ctx)
    ctx.catalogue.outbox.note([paper(1).id])
    network[0].trouble("refused")
    code, lines, chatter = khoso(ctx.settings.home, *command)
    said = " ".join([chatter, *(str(line) for line in lines)])
    assert "Traceback" not in said
    assert "Warning" not in said
    if command[0] == "status":  # which asks the catalogue
        assert lines[-1]["index"]["waiting"] == 1
        return
    assert code == (ExitCode.INCOMPLETE if command[0] == "search" else ExitCode.SETUP)
    assert " ".join(said.split()).count(word) == 1
    assert len(chatter.splitlines()) <= 4  # a sentence may be broken
    if command[0] == "search":
        assert "`index`" in chatter.splitlines()[-1]
