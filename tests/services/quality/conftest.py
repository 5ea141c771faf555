"""A store with a lot of papers, made once and copied for each test."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.settings import Settings, load_settings
from services.context import Services, open_services
from tests.support.lots import CHECKER, lot

_ROLES = f"""
[desk]
roles = {{ "{CHECKER}" = "archivist", "Lê Văn Soát" = "operator", "Mai" = "auditor" }}

[quality]
aql = 10
whole_up_to = 0
"""
BATCH, COUNT = "20261130-100000", 20


@pytest.fixture(scope="session")
def lot_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store whose only batch is closed: twenty papers of two pages."""
    folder = tmp_path_factory.mktemp("lot")
    with open_services(load_settings(folder / "home", {})) as ctx:
        ctx.signers.get_ready()
        lot(ctx, folder, BATCH, COUNT)
    (folder / "home" / "khoso.toml").write_text(_ROLES, encoding="utf-8")
    return folder / "home"


@pytest.fixture
def lot_settings(lot_store: Path, tmp_path: Path) -> Settings:
    """Settings of a copy: of twenty papers five are looked at, of which one may have a defect that is not critical."""
    shutil.copytree(lot_store, tmp_path / "home")
    return load_settings(tmp_path / "home", {})


@pytest.fixture
def lot_ctx(lot_settings: Settings) -> Iterator[Services]:
    """Its services."""
    with open_services(lot_settings) as opened:
        yield opened
