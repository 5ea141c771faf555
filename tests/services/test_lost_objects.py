"""A paper whose object is gone from the vault: others go on, it is told, and the same file brings it back."""

import shutil
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from config.settings import Settings, load_settings
from domain.errors import ExitCode
from pipeline.records import Statement
from services.context import open_services
from tests.support.desk import STATED, run_json
from tests.support.scans import as_pdf, sheet
from tests.support.spoilt_stores import say
from tests.support.walks import Walker, archived
from tests.support.written_pdfs import NOTICE, page, picture

MANIFEST = "file,type,number_symbol,issued_date,issuer,abstract\n"
ISSUER = "Ủy ban nhân dân phường Hải Châu"
VALUES: dict[str, str | None] = {"type": STATED.type_code} | {str(name): text for name, text in STATED.fields.items()}
_KEPT = ("id", "code", "dossier", "result_code")


class Held(NamedTuple):
    """A folder with a store and two files of papers that it holds, and what was told of them."""

    folder: Path
    views: dict[str, dict[str, Any]]


def stated(number: int) -> Statement:
    """What is stated of a notice of that number."""
    return STATED.model_copy(update={"fields": {**STATED.fields, "number_symbol": f"{number}/TB-UBND"}})


def lines_of(number: int) -> tuple[str, ...]:
    """What stands on it."""
    return tuple(line.replace("45/", f"{number}/") for line in NOTICE)


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Held:
    """Two notices, archived."""
    folder = tmp_path_factory.mktemp("held")
    walker = Walker(load_settings(folder / "home", {"KHOSO_RECOGNITION__MODE": "fast"}), folder / "in")
    views = {}
    for name, number in (("a.pdf", 45), ("b.pdf", 46)):
        walker.path(name).write_bytes(page(lines_of(number)))
        views[name] = walker.put_one(walker.path(name), stated(number))
    archived(*views.values())
    return Held(folder, views)


@pytest.fixture
def store(held: Held, tmp_path: Path) -> Settings:
    """A store of the test's own, and its files beside it, from whose vault the first paper is gone."""
    shutil.copytree(held.folder / "home", tmp_path / "home")
    settings = load_settings(tmp_path / "home", {})
    with open_services(settings) as ctx:
        shutil.rmtree(ctx.vault.path(held.views["a.pdf"]["object"]))
    return settings


def test_every_file_has_its_line(held: Held, store: Settings, tmp_path: Path) -> None:
    """A batch with the file of such a paper goes on; its line says what is wrong, and the exit code the worst."""
    (tmp_path / "c.pdf").write_bytes(page(lines_of(47)))
    manifest = tmp_path / "c.csv"
    manifest.write_text(
        f"{MANIFEST}c.pdf,{STATED.type_code},47/TB-UBND,2026-03-12,{ISSUER},Về việc tiếp nhận hồ sơ\n",
        encoding="utf-8",
    )
    files = [str(held.folder / "in" / name) for name in ("a.pdf", "b.pdf")]
    code, lines = run_json(store, "ingest", *files, str(tmp_path / "c.pdf"), "--manifest", str(manifest))
    assert [line["state"] for line in lines] == ["duplicate", "duplicate", "archived"]
    reasons = [line["reason"].partition(":")[0] for line in lines]
    assert reasons == ["vault_damaged", f"already archived as document {lines[1]['id']}", ""]
    assert code == ExitCode.NOT_VALID
    assert [line["code"] for line in lines[:2]] == [view["code"] for view in held.views.values()]
    assert say(store, "show", lines[0]["id"]).code == ExitCode.NOT_VALID
    assert run_json(store, "ingest", files[1])[0] == ExitCode.OK


def test_the_same_file_brings_it_back(held: Held, store: Settings) -> None:
    """After a rebuild told that it is lost, it is told by `doctor` and `status`, and taken in anew with its codes."""
    lost = held.views["a.pdf"]
    code, lines = run_json(store, "rebuild")
    assert (code, [(line["id"], line["about"]) for line in lines[1:]]) == (
        ExitCode.NOT_VALID,
        [(lost["id"], "missing")],
    )
    (found,) = (line for line in run_json(store, "doctor")[1] if line["name"] == "papers")
    assert found["state"] == "absent"
    assert "put the files in again" in found["remedy"]
    (trouble,) = (line for line in run_json(store, "status")[1] if line.get("id") == lost["id"])
    assert trouble["state"] == "done"
    assert "put the file in again" in trouble["reason"]
    walker = _walker(held, store)
    back = walker.put_one(walker.path("a.pdf"), stated(45))
    archived(back)
    assert [back[name] for name in _KEPT] == [lost[name] for name in _KEPT]
    assert {line["name"] for line in run_json(store, "doctor")[1]}.isdisjoint({"papers", "under way"})
    assert run_json(store, "rebuild") == (ExitCode.OK, [{"papers": 2, "indexed": 2}])
    known = run_json(store, "ingest", str(walker.path("a.pdf")))
    assert (known[0], known[1][0]["state"]) == (ExitCode.OK, "duplicate")
    assert list(store.inbox.glob("[!.]*")) == []


def _walker(held: Held, store: Settings) -> Walker:
    walker = Walker(store, store.home.parent / "again")
    shutil.copytree(held.folder / "in", walker.folder, dirs_exist_ok=True)
    return walker


def test_a_command_brings_it_back(held: Held, store: Settings) -> None:
    """`ingest` of the very file, from where it was put in: it is new, and comes to its end."""
    assert run_json(store, "rebuild")[0] == ExitCode.NOT_VALID
    file = str(held.folder / "in" / "a.pdf")
    code, (view,) = run_json(store, "ingest", file)
    assert (code, view["id"], view["state"]) == (ExitCode.OK, held.views["a.pdf"]["id"], "archived")
    assert view["code"] == held.views["a.pdf"]["code"]


def test_another_copy_of_its_file_brings_it_back(held: Held, store: Settings, tmp_path: Path) -> None:
    """It is known by its bytes, wherever it lies."""
    assert run_json(store, "rebuild")[0] == ExitCode.NOT_VALID
    shutil.copy2(held.folder / "in" / "a.pdf", tmp_path / "copy.pdf")
    code, (view,) = run_json(store, "ingest", str(tmp_path / "copy.pdf"))
    assert (code, view["state"], view["code"]) == (ExitCode.OK, "archived", held.views["a.pdf"]["code"])


def test_while_an_object_lies_unread_nothing_begins_anew(held: Held, store: Settings) -> None:
    """It may be the one that is missed; the file is told as known, with what is wrong."""
    with open_services(store) as ctx:
        other = ctx.vault.path(held.views["b.pdf"]["object"])
    (other / "inventory.json").write_text("{", encoding="utf-8")
    other.rename(other.with_name("0" * 64))
    (store.home / "catalogue.sqlite").unlink()
    assert run_json(store, "rebuild")[0] == ExitCode.NOT_VALID
    code, (view,) = run_json(store, "ingest", str(held.folder / "in" / "a.pdf"))
    assert (code, view["state"], view["code"]) == (ExitCode.NOT_VALID, "done", held.views["a.pdf"]["code"])
    assert view["reason"].startswith("vault_damaged: ")
    assert list(store.inbox.glob("[!.]*")) == []


def test_a_paper_of_a_stack_comes_back_alone(tmp_path: Path) -> None:
    """Of a stack only the paper that is lost begins anew; the others stay as they are."""
    walker = Walker(load_settings(tmp_path / "home", {"KHOSO_RECOGNITION__MODE": "fast"}), tmp_path / "in")
    path = as_pdf(walker.path("stack.pdf"), sheet(), picture(lines_of(45)), sheet(), picture(lines_of(46)))
    views = walker.put(path, Statement())
    for view in views:
        walker.review(view, *(f"--set={name}={value}" for name, value in VALUES.items()), "--release")
    views = run_json(walker.settings, "ingest", str(path))[1]
    assert len(views) == 2
    with open_services(walker.settings) as ctx:
        shutil.rmtree(ctx.vault.path(views[1]["object"]))
    assert run_json(walker.settings, "rebuild")[0] == ExitCode.NOT_VALID
    first, second = walker.put(path, Statement())
    assert (first["code"], first["archived_at"]) == (views[0]["code"], views[0]["archived_at"])
    back = walker.review(second, *(f"--set={name}={value}" for name, value in VALUES.items()), "--release")
    archived(back)
    assert [back[name] for name in _KEPT] == [views[1][name] for name in _KEPT]
