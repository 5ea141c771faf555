"""A catalogue with a row that this release cannot read: nothing is answered wrongly, and `rebuild` mends it."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from config.settings import Settings, load_settings
from domain.errors import ExitCode
from services.context import open_services
from tests.support.desk import WHY, run_json
from tests.support.held_papers import OWNER, hold
from tests.support.spoilt_stores import DOSSIER, say
from tests.support.written_pdfs import page

ODD = {
    "another standing": ("standing", "suspended"),
    "another level": ("level", "B-Q"),
    "another trust": ("arrived_signed", "later"),
    "no day": ("issued", "the first of May"),
    "no moment": ("archived_at", "yesterday"),
    "no number": ("pages", "many"),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that holds two papers, and has told its index of them."""
    folder = tmp_path_factory.mktemp("made")
    settings = load_settings(folder / "home", {})
    with open_services(settings) as ctx:
        ctx.signers.get_ready()
        for name in ("a", "b"):
            hold(ctx, folder, name, digitisation_code=f"{name}.01", title="Giấy khai sinh")
    assert run_json(settings, "index")[0] == ExitCode.OK
    return folder


@pytest.fixture
def store(made: Path, tmp_path: Path) -> Settings:
    """A store of the test's own."""
    shutil.copytree(made / "home", tmp_path / "home")
    return load_settings(tmp_path / "home", {})


def write(settings: Settings, column: str, value: str) -> None:
    """Write something else into a row."""
    engine = create_engine(settings.catalogue_url)
    with engine.begin() as db:
        db.execute(text(f"UPDATE papers SET {column} = :value WHERE id = 'a'"), {"value": value})  # noqa: S608 (ours)
    engine.dispose()


@pytest.mark.parametrize("odd", ODD)
def test_it_is_told_until_a_rebuild(store: Settings, tmp_path: Path, odd: str) -> None:
    """Whatever needs the row says `catalogue_incomplete` (9), `doctor` tells it, and `rebuild` makes all right."""
    write(store, *ODD[odd])
    (tmp_path / "new.pdf").write_bytes(page(("Danh sách",)))
    commands = (
        ["lookup", "--owner", OWNER, "--dossier", DOSSIER, "--type", "KQ.G15.000031", "--reason", WHY],
        ["search", "giấy khai sinh"],
        ["show", "a"],
        ["verify", "a"],
        ["reindex"],
    )
    for command in commands:
        said = say(store, *command)
        if (command[0], odd) not in {
            ("lookup", word) for word in ("another level", "no moment", "no number")
        }:  # not asked for
            assert (said.code, said.reason) == (ExitCode.INCOMPLETE, "catalogue_incomplete"), command
    assert say(store, "ingest", str(tmp_path / "new.pdf")).code in {ExitCode.HELD, ExitCode.INCOMPLETE}
    (found,) = (line for line in run_json(store, "doctor")[1] if line["name"] == "catalogue")
    assert found["state"] == "missing"
    assert "rebuild" in found["remedy"]
    assert run_json(store, "rebuild")[1][0]["papers"] == 2
    for command in commands[:3]:
        assert say(store, *command).code == ExitCode.OK
    (found,) = (line for line in run_json(store, "doctor")[1] if line["name"] == "catalogue")
    assert found["state"] == "ok"


@pytest.mark.parametrize("odd", ["another standing", "no day"])
def test_a_rebuild_goes_on_where_its_object_is_unread_too(store: Settings, odd: str) -> None:
    """Nobody knows the paper then: it is told, and nothing is called not held."""
    write(store, *ODD[odd])
    with open_services(store) as ctx:
        (ctx.vault.path("urn:khoso:a") / "inventory.json").write_text("{", encoding="utf-8")
    code, lines = run_json(store, "rebuild")
    assert (code, lines[0]["papers"]) == (ExitCode.NOT_VALID, 1)
    asked = ("--owner", "048219001283", "--dossier", DOSSIER, "--type", "KQ.G15.000031")
    said = say(store, "lookup", *asked, "--reason", WHY)
    assert (said.code, said.reason) == (ExitCode.INCOMPLETE, "catalogue_incomplete")
