"""Whatever part of a store is put back from an earlier copy: no code is given twice, no held paper called not held."""

import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from archive.errors import CatalogueBehind
from config.settings import Settings, load_settings
from domain.errors import ExitCode
from services.context import open_services
from tests.support.desk import told_by
from tests.support.held_papers import OWNER, hold

PARTS = ("catalogue", "ledger", "vault", "desk", "index", "epoch.json", "owner.secret", "audit.jsonl")
ALONE = [pytest.param((part,), id=part) for part in PARTS]
IN_PAIRS = [pytest.param(pair, id="+".join(pair), marks=pytest.mark.long) for pair in itertools.combinations(PARTS, 2)]
FORMER, LATER = ("a", "b"), ("c",)
TYPES = {"a": "KQ.G15.000031", "b": "KQ.G15.000031", "c": "KQ.G15.990003"}


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store as it was yesterday, and as it is today; today it holds one paper more."""
    folder = tmp_path_factory.mktemp("stores")
    settings = load_settings(folder / "now", {})
    for names in (FORMER, LATER):
        with open_services(settings) as ctx:
            for name in names:
                codes = ctx.catalogue.mint(
                    name,
                    dossier=None,
                    fresh_dossier=lambda n: f"H17.12-260101-{n:04}",
                    prefix=f"{OWNER}.KQ.G15.000031",
                    is_result=False,
                )
                codes_of = {"dossier": codes.dossier, "digitisation_code": codes.digitisation}
                hold(ctx, folder, name, type_code=TYPES[name], **codes_of)
        assert told_by(settings, "index")[0] == ExitCode.OK
        if names == FORMER:
            shutil.copytree(settings.home, folder / "yesterday")
    return folder


def parts_of(home: Path, part: str) -> list[Path]:
    """The files and folders of a part, a database's log included."""
    return [path for path in home.iterdir() if path.name == part or path.name.startswith(f"{part}.sqlite")]


def put_back(stores: Path, home: Path, parts: tuple[str, ...], *, delete: bool) -> Settings:
    """Today's store, of which some parts are yesterday's, or gone."""
    shutil.copytree(stores / "now", home)
    for part in parts:
        for path in parts_of(home, part):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        for path in [] if delete else parts_of(stores / "yesterday", part):
            shutil.copytree(path, home / path.name) if path.is_dir() else shutil.copy2(path, home)
    return load_settings(home, {})


def ask(settings: Settings) -> tuple[int, list[dict[str, Any]]]:
    """What a desk is told of the paper that came today."""
    asked = ("--owner", OWNER, "--dossier", "H17.12-260102-0001", "--type", TYPES["c"])
    return told_by(settings, "lookup", *asked, "--who", "Lê Thị Hoa")


@pytest.fixture
def before(stores: Path) -> Iterator[set[str]]:
    """Every code of today's store."""
    with open_services(load_settings(stores / "now", {})) as ctx:
        yield {paper.digitisation_code for paper in ctx.catalogue.all()}


@pytest.mark.parametrize("delete", [False, True], ids=["yesterday", "deleted"])
@pytest.mark.parametrize("parts", [*ALONE, *IN_PAIRS])
def test_no_code_twice_and_no_wrong_answer(
    stores: Path, tmp_path: Path, before: set[str], parts: tuple[str, ...], *, delete: bool
) -> None:
    """Either the store goes on as it was, or it says that it cannot answer now until ``rebuild`` has mended it."""
    settings = put_back(stores, tmp_path / "store", parts, delete=delete)
    code, answer = ask(settings)
    if code == ExitCode.OK:
        assert [item["answer"] for item in answer] == ["held-and-valid"]
    else:
        assert code in {ExitCode.INCOMPLETE, ExitCode.SETUP}
        told, lines = told_by(settings, "rebuild")
        lost = {"vault"} & set(parts)
        assert told == (ExitCode.NOT_VALID if lost and "catalogue" not in parts else ExitCode.OK), lines
    with open_services(settings) as ctx:
        fresh = ctx.catalogue.mint(
            "new",
            dossier=None,
            fresh_dossier=lambda n: f"H17.12-260101-{n:04}",
            prefix=f"{OWNER}.KQ.G15.000031",
            is_result=False,
        )
        if not {"vault", "catalogue"} <= set(parts):  # nobody knows any more what was given out
            assert fresh.digitisation not in before
        held = {paper.id for paper in ctx.catalogue.all()}
    assert held == (set(FORMER) | set(LATER) if "vault" not in parts else held)


def test_a_catalogue_of_another_store_is_not_taken(stores: Path, tmp_path: Path) -> None:
    """Counts may meet by chance; the name of the store tells them apart."""
    with open_services(load_settings(tmp_path / "other", {})) as ctx:
        for name in ("x", "y", "z"):
            hold(ctx, tmp_path, name, digitisation_code=f"{name}.01")
        for name in ("x", "y", "z"):
            ctx.catalogue.change_standing(ctx.catalogue.some([name])[0].model_copy(update={"standing": "revoked"}))
    settings = put_back(stores, tmp_path / "store", ("catalogue",), delete=True)
    shutil.copy2(tmp_path / "other" / "catalogue.sqlite", settings.home)
    shutil.copy2(tmp_path / "other" / "owner.secret", settings.home)
    with open_services(settings) as ctx, pytest.raises(CatalogueBehind, match="another store"):
        ctx.catalogue.count()
