"""An act that is killed at one of its steps, and given again, leaves what an undisturbed one leaves."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from config.settings import load_settings
from pipeline.records import Statement
from services import catalogues
from services.context import Services, open_services
from services.permissions import user_of_the_machine
from services.reuse import lookup
from tests.support.crashes import killed, steps
from tests.support.desk import STATED, bring, khoso
from tests.support.held_papers import OWNER, hold
from tests.support.written_pdfs import page

DOSSIER = "H17.12-261124-0001"


def _held(ctx: Services, folder: Path) -> str:
    hold(ctx, folder, "birth")
    me = user_of_the_machine(ctx.settings)
    lookup(ctx, me, owner_id=OWNER, dossier=DOSSIER, type_code="KQ.G15.000031")
    return "birth"


def _waiting(ctx: Services, folder: Path) -> str:
    path = folder / "a.pdf"
    path.write_bytes(page(("Danh sách", "Nguyễn Thị Thu Hà", "Trần Văn Bình", "Lê Thị Hoa", "Phạm Văn Nam")))
    return bring(ctx, path, Statement())


def _kept(home: Path) -> dict[str, Any]:
    """What a store holds, without times."""
    settings = load_settings(home, {})
    with open_services(settings) as ctx:
        papers = list(ctx.catalogue.all())
        return {
            "papers": [(paper.id, paper.standing, paper.digitisation_code, paper.dossier) for paper in papers],
            "versions": [len(list(ctx.vault.path(paper.object_id).glob("v[0-9]*"))) for paper in papers],
            "uses": [use.paper_id for use in ctx.desk.uses_for(DOSSIER)],
            "ledger": [(entry.id, entry.state, entry.stage) for entry in ctx.ledger.entries()],
            "imported": [head.number for head in catalogues.versions(ctx, user_of_the_machine(settings))],
            "events": {(item["event"], item["subject"]) for item in ctx.journal.events()},
        }


ACTS: dict[str, tuple[Callable[[Services, Path], str], Callable[[str], tuple[str, ...]], int]] = {
    "use": (_held, lambda paper: ("use", paper, "--dossier", DOSSIER, "--out", "home/out.pdf"), 1),
    "standing": (_held, lambda paper: ("standing", paper, "revoked", "--reason", "QĐ 12", "--who", "Lan"), 5),
    "release": (
        _waiting,
        lambda paper: (
            "review",
            paper,
            "--release",
            f"--set=type={STATED.type_code}",
            *(f"--set={name}={value}" for name, value in STATED.fields.items()),
        ),
        43,  # its stages are killed elsewhere
    ),
}


@pytest.mark.long
@pytest.mark.parametrize("act", list(ACTS))
def test_killed_and_given_again(act: str, tmp_path: Path) -> None:
    """The same command goes on; store and events are those of the undisturbed run, at most one event stands twice."""
    build, command, stride = ACTS[act]
    first = tmp_path / "template" / "home"
    first.mkdir(parents=True)
    (first / "khoso.toml").write_text('[desk]\nroles = { Lan = "archivist" }\n', encoding="utf-8")
    with open_services(load_settings(first, {"KHOSO_RECOGNITION__MODE": "fast"})) as ctx:
        arguments = command(build(ctx, first.parent))
    whole = _copy(first, tmp_path / "whole")
    number, expected = steps(whole, *arguments), _kept(whole)
    assert number > 10
    for step in range(1, number + 1, stride):
        home = _copy(first, tmp_path / str(step))
        assert killed(step, home, *arguments), step
        _again(home, *arguments)
        found = _kept(home)
        assert expected["events"] <= found["events"], step
        assert {word for word, _ in found["events"] - expected["events"]} <= {"used_again"}, step
        assert {**found, "events": expected["events"]} == expected, step
        shutil.rmtree(home.parent)


def _copy(home: Path, folder: Path) -> Path:
    return Path(shutil.copytree(home.parent, folder)) / home.name


def _again(home: Path, *arguments: str) -> None:
    there = tuple(str(home.parent / item) if item.startswith("home/") else item for item in arguments)
    code, _, told = khoso(home, *there)
    assert code == 0 or "already" in told, told
