"""What the tests share: a store of their own, papers drawn by the sample generator, servers that may be missing."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.settings import Settings, load_settings
from pipeline.context import Context, open_context
from samples.generate import generate


def program(name: str) -> str:
    """The path of a program; missing ones skip on a laptop and fail in CI."""
    path = shutil.which(name)
    if path is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{name} is not installed")
    return str(path)


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
