"""An index that cannot be used never says that a paper is not there, nor takes one for unfit; it is mended."""

import json
import os
import re
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
import urllib3
from elasticsearch import Elasticsearch
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

from archive.package import TEXT
from config.settings import ElasticsearchSettings, SearchSettings, Settings
from domain.errors import ExitCode, KhosoError
from pipeline.indexing import drain, drain_if_possible, rebuild_index
from search.engines.elasticsearch_queries import FORMAT
from search.errors import UNUSABLE
from search.filters import Filters
from services.context import Services, open_services
from services.search import find
from tests.conftest import program
from tests.support.desk import run_json
from tests.support.elastic_node import NodeMissing, installed, started
from tests.support.outbox import hold, paper

NOBODY = Filters()
_CLAIMED = "application/vnd.elasticsearch+json"  # of what says that it is Elasticsearch


class Spoilt:
    """A store with two papers in its index, of which one way of spoiling is done and undone."""

    def __init__(self, ctx: Services, client: Elasticsearch | None) -> None:
        """Know the store, and its Elasticsearch, if that is its engine."""
        self.ctx = ctx
        self.engine = ctx.settings.search
        self.client = client

    @property
    def live(self) -> str:
        """The name of the live index."""
        assert self.client is not None
        assert self.engine.elasticsearch is not None
        (name,) = self.client.indices.get_alias(name=self.engine.elasticsearch.index)
        return str(name)

    @property
    def alias(self) -> str:
        """The name by which it is asked."""
        assert self.engine.elasticsearch is not None
        return self.engine.elasticsearch.index

    def is_told(self) -> bool:
        """Whether the catalogue answers in its place and says so, and a change waits instead of being buried."""
        answer = find(self.ctx, "2/2025", 20, filters=NOBODY)
        assert [item.id for item, hit in answer.papers if hit is None] == [paper(2).id]
        assert answer.away
        self.ctx.catalogue.outbox.note([paper(2).id])
        drain_if_possible(self.ctx)
        lag = self.ctx.catalogue.outbox.lag()
        assert (lag.waiting, lag.dead) == (1, 0)
        (row,) = [line for line in self.command("doctor")[1] if line["name"] == "search index"]
        return row["state"] == "missing" and bool(row["remedy"])

    def is_well(self) -> bool:
        """Whether the index answers with both papers."""
        answer = find(self.ctx, "tran thi bich", 20, filters=NOBODY)
        return not answer.away and len(answer.papers) == 2 and not self.ctx.catalogue.outbox.lag().waiting

    def command(self, *arguments: str) -> tuple[int, list[dict[str, str]]]:
        """A command in the store."""
        home = self.ctx.settings.home
        lines = ["[search]", f'kind = "{self.engine.kind}"', f'path = "{self.engine.path}"']
        if self.engine.elasticsearch is not None:
            lines += [
                "[search.elasticsearch]",
                f"urls = {list(self.engine.elasticsearch.urls)}",
                f'index = "{self.alias}"',
            ]
        (home / "khoso.toml").write_text("\n".join(lines).replace("'", '"'), encoding="utf-8")
        return run_json(self.ctx.settings, *arguments)


@contextmanager
def _held(settings: Settings, engine: SearchSettings) -> Iterator[Spoilt]:
    with open_services(settings.model_copy(update={"search": engine})) as ctx:
        hold(ctx, 1)
        hold(ctx, 2)
        drain(ctx)
        if engine.elasticsearch is None:
            yield Spoilt(ctx, None)
            return
        with Elasticsearch(list(engine.elasticsearch.urls)) as client:
            yield Spoilt(ctx, client)


@pytest.fixture
def spoilt(settings: Settings, engine: SearchSettings) -> Iterator[Spoilt]:
    """A store, with each engine in turn."""
    with _held(settings, engine) as case:
        yield case


@pytest.fixture
def remote(settings: Settings, elasticsearch: SearchSettings) -> Iterator[Spoilt]:
    """A store whose index is on an Elasticsearch."""
    with _held(settings, elasticsearch) as case:
        yield case


def deleted(case: Spoilt) -> None:
    """All of it is gone."""
    if case.client is None:
        shutil.rmtree(case.engine.path)
    else:
        case.client.indices.delete(index=case.live)


def emptied(case: Spoilt) -> None:
    """Its papers are gone, and its mark is not."""
    with case.ctx.index() as index:
        index.remove([(name, 1 << 40) for name in index.ids()])


def of_another_format(case: Spoilt) -> None:
    """Another release made it."""
    if case.client is None:
        pointer = case.engine.path / "current.json"
        pointer.write_text(pointer.read_text(encoding="utf-8").replace("schema ", "schema 9"), encoding="utf-8")
    else:
        case.client.indices.put_mapping(index=case.live, meta={"format": "schema 0"})


def on_two(case: Spoilt) -> None:
    """Its alias stands for two indexes."""
    assert case.client is not None
    mappings = case.client.indices.get(index=case.live)[case.live]["mappings"]
    case.client.indices.create(index=f"{case.alias}-second", mappings=mappings, aliases={case.alias: {}})


def without_a_field(case: Spoilt) -> None:
    """Somebody made it anew by hand, and left a field out."""
    assert case.client is not None
    old = case.live
    mappings = dict(case.client.indices.get(index=old)[old]["mappings"])
    mappings["properties"] = {name: value for name, value in mappings["properties"].items() if name != "body_kept"}
    case.client.indices.create(index=f"{case.alias}-by-hand", mappings=mappings)
    actions = [
        {"remove": {"index": old, "alias": case.alias}},
        {"add": {"index": f"{case.alias}-by-hand", "alias": case.alias}},
    ]
    case.client.indices.update_aliases(actions=actions)
    case.client.indices.delete(index=old)


@pytest.mark.parametrize("spoil", [deleted, emptied, of_another_format])
def test_what_the_program_can_mend_needs_nobody(spoilt: Spoilt, spoil: Callable[[Spoilt], None]) -> None:
    """It is told, and `index` makes it anew, says so, and sends what waits; the second time there is nothing to do."""
    _is_mended(spoilt, spoil)


@pytest.mark.parametrize("spoil", [on_two, without_a_field])
def test_what_was_changed_by_hand_is_mended(remote: Spoilt, spoil: Callable[[Spoilt], None]) -> None:
    """In the same way."""
    _is_mended(remote, spoil)


def _is_mended(spoilt: Spoilt, spoil: Callable[[Spoilt], None]) -> None:
    assert spoilt.is_well()
    spoil(spoilt)
    assert spoilt.is_told()
    code, (line,) = spoilt.command("index")
    assert (code, bool(line["anew"])) == (0, True)
    assert spoilt.is_well()
    assert spoilt.command("index") == (0, [{"sent": 0, "anew": ""}])


def _set(name: str, *, to: bool = True) -> Callable[[Spoilt], object]:
    def put(case: Spoilt) -> object:
        assert case.client is not None
        return case.client.indices.put_settings(index=case.live, settings={f"index.blocks.{name}": to or None})

    return put


def _unset(name: str) -> Callable[[Spoilt], object]:
    return _set(name, to=False)


def _close(case: Spoilt) -> object:
    assert case.client is not None
    return case.client.indices.close(index=case.live)


def _open(case: Spoilt) -> object:
    assert case.client is not None
    return case.client.indices.open(index=case.live, wait_for_active_shards=1)


def _set_all(value: str | None) -> Callable[[Spoilt], object]:
    def put(case: Spoilt) -> object:
        assert case.client is not None
        return case.client.cluster.put_settings(persistent={"cluster.blocks.read_only_allow_delete": value})

    return put


@pytest.mark.parametrize(
    ("block", "lift", "remedy"),
    [
        (_close, _open, "open_or_reindex"),
        (_set("write"), _unset("write"), "lift_block"),
        (_set("read_only"), _unset("read_only"), "lift_block"),
        (_set("read_only_allow_delete"), _unset("read_only_allow_delete"), "free_engine_disk"),
        (_set_all("true"), _set_all(None), "lift_block"),
    ],
    ids=["closed", "not to be written", "read only", "disk full", "the cluster is read only"],
)
def test_what_elasticsearch_forbids_waits(
    remote: Spoilt, block: Callable[[Spoilt], object], lift: Callable[[Spoilt], object], remedy: str
) -> None:
    """It is sent once it is allowed; meanwhile `doctor` names the remedy and nobody hears that a paper is not there."""
    block(remote)
    with lifted_again(remote, lift):
        _waits_for_leave(remote, remedy)
    drain(remote.ctx)
    assert remote.is_well()


@contextmanager
def lifted_again(case: Spoilt, lift: Callable[[Spoilt], object]) -> Iterator[None]:
    """Lift the block in the end: the whole cluster may have it."""
    try:
        yield
    finally:
        lift(case)


def _waits_for_leave(remote: Spoilt, remedy: str) -> None:
    remote.ctx.catalogue.outbox.note([paper(2).id])
    drain_if_possible(remote.ctx)
    lag = remote.ctx.catalogue.outbox.lag()
    assert (lag.waiting, lag.dead) == (1, 0)
    assert [item.id for item, _ in find(remote.ctx, "2/2025", 20, filters=NOBODY).papers] == [paper(2).id]
    with pytest.raises(KhosoError) as caught:
        drain(remote.ctx)
    assert caught.value.remedy == remedy
    code, lines = remote.command("doctor")
    (row,) = [line for line in lines if line["name"] == "search index"]
    assert (row["state"], row["remedy"]) == ("missing", caught.value.advice)
    assert code == ExitCode.SETUP


def test_an_index_in_the_place_of_the_alias_is_removed_by_the_call_that_is_told(remote: Spoilt) -> None:
    """It may be somebody else's, so no command removes it; after the call `reindex` works as it is told."""
    assert remote.client is not None
    remote.client.indices.delete(index=remote.live)
    remote.client.indices.create(index=remote.alias)
    assert remote.is_told()
    (row,) = [line for line in remote.command("doctor")[1] if line["name"] == "search index"]
    call = re.search(r"curl -X DELETE (\S+)\)", row["remedy"])
    assert call is not None
    for command in ("index", "reindex"):
        assert remote.command(command) == (ExitCode.SETUP, [])
    answer = urllib3.request("DELETE", call[1])
    assert answer.status == 200
    assert remote.command("reindex")[0] == 0
    assert remote.is_well()


def _made_anew_until_it_ends(ctx: Services, errors: list[KhosoError]) -> None:
    with open_services(ctx.settings) as other:
        try:
            while True:
                rebuild_index(other)
        except KhosoError as error:
            errors.append(error)


@pytest.mark.long
def test_an_engine_that_ends_within_a_command(settings: Settings, tmp_path: Path) -> None:
    """Killed, stopped or hanging while it is made anew, then between commands: told, and well without a person."""
    program("mvn")
    case: Spoilt | None = None
    with _installed() as home, ExitStack() as opened:
        for how in (signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP):
            with started(home) as (address, process):
                if case is None:
                    server = ElasticsearchSettings(urls=(address,), index="khoso", timeout_s=5)
                    got = SearchSettings(kind="elasticsearch", path=tmp_path / "index", elasticsearch=server)
                    case = opened.enter_context(_held(settings, got))
                drain_if_possible(case.ctx)
                assert case.is_well()
                errors: list[KhosoError] = []
                hand = threading.Thread(target=_made_anew_until_it_ends, args=(case.ctx, errors))
                hand.start()
                time.sleep(1)
                os.killpg(process.pid, how)
                try:
                    hand.join()
                    (error,) = errors
                    assert isinstance(error, UNUSABLE), error
                    assert case.is_told()
                finally:
                    if how == signal.SIGSTOP:
                        os.killpg(process.pid, signal.SIGCONT)
        assert case is not None
        with started(home):
            assert case.command("index")[0] == 0
            assert case.is_well()


@contextmanager
def _installed() -> Iterator[Path]:
    try:
        with installed() as home:
            yield home
    except NodeMissing as missing:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(str(missing))


_ODD = (
    b'{"hits": {"hits": [{"_id": 3}], "total": {"value": "many"}}, "count": "all"}',
    b'{"khoso-1": {"mappings": [], "settings": "none", "aliases": 1}}',
    b'{"khoso-1": {"mappings": {"properties": {"text": "words"}, "_meta": 5}}}',
    json.dumps({"khoso-1": {"mappings": {"properties": {"text": "words"}, "_meta": {"format": FORMAT}}}}).encode(),
)


@pytest.mark.parametrize(
    ("status", "kind", "body"),
    [
        (401, "application/json", b'{"error": {"type": "security_exception", "reason": "no"}, "status": 401}'),
        (403, "application/json", b'{"error": {"type": "security_exception", "reason": "no"}, "status": 403}'),
        (403, "text/html", b"<html>Forbidden</html>"),
        (302, "text/html", b"<html>Log in</html>"),
        (200, "text/html", b"<html>Log in to the network</html>"),
        (200, "application/json", b"{}"),
        *((200, _CLAIMED, body) for body in (b"{}", b"[]", b"null", b'{"took": 1}', b'{"a": {}, "b": 1}')),
        *((200, _CLAIMED, body) for body in (b'"words"', b"3", b'{"a": 1, "b": "c"}', b'{"a": [], "hits": [1]}')),
        *((200, _CLAIMED, body) for body in _ODD),
        *((status, "application/json", b'{"error": "in words"}') for status in (400, 403, 500)),
        (404, "text/html", b"<html>Not found</html>"),
        (503, "application/json", b"{}"),
        (503, "application/json", b'{"error": {"type": "cluster_block_exception", "reason": "no master"}}'),
        (403, "application/json", b'{"error": {"type": "cluster_block_exception", "reason": "read blocked"}}'),
    ],
)
def test_who_answers_in_its_place_is_told_and_the_catalogue_answers(
    settings: Settings, tmp_path: Path, status: int, kind: str, body: bytes
) -> None:
    """A wrong password, a proxy's refusal, a gateway's page: archiving goes on, and what is to be sent waits."""

    def answer(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        response = Response(body, status=status, content_type=kind)
        response.headers["Location"] = "https://login.invalid/"
        response.headers["X-Elastic-Product"] = (
            "Elasticsearch" if kind == _CLAIMED or (kind == "application/json" and b"error" in body) else ""
        )
        return response(environ, start)

    server = make_server("127.0.0.1", 0, answer, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        got = ElasticsearchSettings(urls=(f"http://127.0.0.1:{server.server_port}",), index="khoso")
        search = SearchSettings(kind="elasticsearch", path=tmp_path, elasticsearch=got)
        with open_services(settings.model_copy(update={"search": search})) as ctx:
            hold(ctx, 1)
            hold(ctx, 2)
            drain_if_possible(ctx)
            found = find(ctx, "2/2025", 20, filters=NOBODY)
            lag = ctx.catalogue.outbox.lag()
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert [item.id for item, _ in found.papers] == [paper(2).id]
    assert found.away
    assert (lag.waiting, lag.dead) == (2, 0)


def test_the_nightly_comparison_ends_badly_while_a_paper_cannot_be_found(settings: Settings) -> None:
    """Whoever runs it by a clock is told by the exit code, until the object is whole."""
    with open_services(settings) as ctx:
        hold(ctx, 1)
        hold(ctx, 2)
        drain(ctx)
        text = ctx.vault.get(paper(2).object_id).files[TEXT]
        kept = text.read_bytes()
        text.unlink()
        ctx.catalogue.outbox.note([paper(2).id])
    code, (line,) = run_json(settings, "reindex", "--check")
    assert (code, line["left"]) == (ExitCode.NOT_VALID, 1)
    text.write_bytes(kept)
    assert run_json(settings, "reindex", "--check")[0] == 0
    assert run_json(settings, "reindex", "--check") == (0, [{"missing": 0, "stale": 0, "extra": 0, "left": 0}])


_FILES = ("*.store", "*.term", "*.idx", "*.pos", "*.fieldnorm", "*.fast", "meta.json", "mark.json")


def _change(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.chmod(0o600)
    path.write_bytes(content)


@pytest.mark.parametrize("name", [*(f"index-*/{name}" for name in _FILES), "current.json"])
def test_damage_within_a_file_needs_nobody(settings: Settings, tmp_path: Path, name: str) -> None:
    """A bit that a disk changed is found before it is read: the catalogue answers, and `index` makes it anew."""
    with _held(settings, SearchSettings(path=tmp_path / "index")) as case:
        assert case.is_well()
        for file in case.engine.path.glob(name):
            _change(file)
        assert case.is_told()
        assert case.command("index")[0] == 0
        assert case.is_well()


def test_the_nightly_comparison_reads_every_byte(settings: Settings, tmp_path: Path) -> None:
    """A disk that changes bytes without the system's knowledge is found then, and told from then on."""
    with _held(settings, SearchSettings(path=tmp_path / "index")) as case:
        (checked,) = case.engine.path.glob("index-*/checked.json")
        (file,) = case.engine.path.glob("index-*/*.fieldnorm")
        before = file.stat()
        _change(file)
        after = file.stat()
        text = checked.read_text(encoding="utf-8")
        for was, now in ((before.st_mtime_ns, after.st_mtime_ns), (before.st_ctime_ns, after.st_ctime_ns)):
            text = text.replace(str(was), str(now))
        checked.write_text(text, encoding="utf-8")
        assert case.is_well()
        assert case.command("reindex", "--check") == (ExitCode.SETUP, [])
        assert case.is_told()
        assert case.command("index")[0] == 0
        assert case.is_well()
