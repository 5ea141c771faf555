"""What the tests share: a store of their own, papers drawn by the sample generator, servers that may be missing."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

from config.settings import Settings, load_settings
from pipeline.context import Context, open_context
from samples.generate import generate
from tests.desk import khoso


def missing(what: str) -> NoReturn:
    """A test cannot do without something: it is skipped on a laptop and fails in CI."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{what} is not installed")


def program(name: str) -> str:
    """The path of a program."""
    return shutil.which(name) or missing(name)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of an empty store; failures are tried again without a pause."""
    return load_settings(tmp_path / "home", {"KHOSO_WORK__PAUSE_S": "0"})


@pytest.fixture
def ctx(settings: Settings) -> Iterator[Context]:
    """The services of an empty store."""
    with open_context(settings) as opened:
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
