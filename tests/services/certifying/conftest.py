"""A store with a paper that went the whole way, at whose desk an officer may certify."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.settings import load_settings
from pipeline.records import Statement
from services.context import Services, open_services
from tests.support.certifying import TABLES
from tests.support.desk import bring
from tests.support.held_papers import OWNER
from tests.support.written_pdfs import NOTICE, page

_STATED = Statement(
    type_code="TP.H17.990103",
    dossier="H17.12-260101-0001",
    fields={
        "owner_id": OWNER,
        "number_symbol": "45/TB-UBND",
        "issued_date": "2026-03-12",
        "issuer": "Ủy ban nhân dân phường Hải Châu",
        "abstract": "Về việc tiếp nhận hồ sơ",
    },
)


@pytest.fixture(scope="session")
def digitised(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a notice, made by its own officer before there was a table."""
    folder = tmp_path_factory.mktemp("digitised")
    with open_services(load_settings(folder / "home", {"KHOSO_RECOGNITION__MODE": "fast"})) as ctx:
        path = folder / "notice.pdf"
        path.write_bytes(page(NOTICE))
        document = bring(ctx, path, _STATED)
        assert ctx.catalogue.paper(document) is not None, ctx.ledger.entry(document)
    (folder / "home" / "khoso.toml").write_text(TABLES, encoding="utf-8")
    return folder / "home"


@pytest.fixture
def home(digitised: Path, tmp_path: Path) -> Path:
    """A copy of it for one test."""
    return Path(shutil.copytree(digitised, tmp_path / "store" / "home"))


@pytest.fixture
def desk(home: Path) -> Iterator[Services]:
    """That copy, opened."""
    with open_services(load_settings(home, {})) as ctx:
        yield ctx
