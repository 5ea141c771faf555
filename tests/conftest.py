"""What the tests share: a store of their own, papers drawn by the sample generator, servers that may be missing."""

import os
import shutil
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NoReturn, cast
from uuid import uuid4

import hypothesis
import pytest
from elasticsearch import Elasticsearch

from config.settings import ElasticsearchSettings, SearchSettings, Settings, load_settings
from samples.generate import generate
from services.context import Services, open_services
from tests.support.desk import khoso
from tests.support.elastic_node import NodeMissing, node
from tests.support.numbers import numbers_in, numbers_in_files, watched
from tests.support.redis_server import redis_server

os.environ["KHOSO_LANG"] = "en"  # whatever the machine's locale is

# How long an example takes says how busy the machine is.
hypothesis.settings.register_profile("khoso", deadline=None)
hypothesis.settings.load_profile("khoso")


@pytest.fixture(scope="session", autouse=True)
def no_numbers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nothing that is said or written down tells an identity number to whom it should not."""
    with watched():
        yield
    assert numbers_in_files(tmp_path_factory.getbasetemp()) == []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:  # noqa: ARG001
    """A test during which a number went to stdout or stderr has failed."""
    report = yield
    for name, text in report.sections:
        if ("stdout" in name or "stderr" in name) and numbers_in(text):
            report.outcome, report.longrepr = "failed", f"An identity number was told:\n{text}"
    return report


def missing(what: str) -> NoReturn:
    """A test cannot do without something: it is skipped on a laptop and fails in CI."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{what} is not installed")


def program(name: str) -> str:
    """The path of a program."""
    return shutil.which(name) or missing(name)


@pytest.fixture(scope="session")
def elasticsearch_node() -> Iterator[str]:
    """The address of a real Elasticsearch node: ELASTICSEARCH_URL (see `make elasticsearch`), else one of our own."""
    if running := os.environ.get("ELASTICSEARCH_URL"):
        yield running
        return
    with ExitStack() as stack:
        try:
            address = stack.enter_context(node())
        except NodeMissing as error:
            missing(str(error))
        yield address


@pytest.fixture
def elasticsearch(elasticsearch_node: str, tmp_path: Path) -> Iterator[SearchSettings]:
    """Settings of an Elasticsearch index of this test's own."""
    name = f"test-{uuid4().hex}"
    server = ElasticsearchSettings(urls=(elasticsearch_node,), index=name)
    yield SearchSettings(kind="elasticsearch", path=tmp_path / "index", elasticsearch=server)
    with Elasticsearch(elasticsearch_node) as client:
        for index in client.indices.get_alias(index=f"{name}-*"):
            client.indices.delete(index=index)


@pytest.fixture
def tantivy(tmp_path: Path) -> SearchSettings:
    """Settings of the engine of a single machine."""
    return SearchSettings(kind="tantivy", path=tmp_path / "index")


@pytest.fixture(params=["tantivy", "elasticsearch"])
def engine(request: pytest.FixtureRequest) -> SearchSettings:
    """Settings of each engine in turn."""
    return cast("SearchSettings", request.getfixturevalue(request.param))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of an empty store; failures are tried again without a pause."""
    return load_settings(tmp_path / "home", {"KHOSO_WORK__PAUSE_S": "0"})


@pytest.fixture
def made(settings: Settings) -> Settings:
    """Settings of a store that is there, and into which nothing was put yet."""
    with open_services(settings):
        return settings


@pytest.fixture
def ctx(settings: Settings) -> Iterator[Services]:
    """The services of an empty store."""
    with open_services(settings) as opened:
        yield opened


@pytest.fixture(scope="session")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the drawn samples with their truth.json."""
    folder = tmp_path_factory.mktemp("samples")
    generate(folder)
    return folder


@pytest.fixture(scope="session")
def store(papers: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, Any]]]:
    """A store into which the samples were put, and what `ingest --json` said."""
    home = tmp_path_factory.mktemp("store") / "home"
    code, lines, chatter = khoso(home, "ingest", str(papers))
    assert code == 0, chatter
    return home, lines


@pytest.fixture(scope="session")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis server of the tests' own on loopback."""
    with redis_server(program("redis-server"), tmp_path_factory.mktemp("redis")) as (url, _):
        yield url
