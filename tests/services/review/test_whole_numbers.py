"""Whoever confirms an identity number compares it whole with the scan, and nobody else reads it (design law 7)."""

from pathlib import Path
from typing import Any

import pytest

from config.settings import Settings
from domain.errors import ExitCode
from services.context import open_services
from tests.support.desk import STATED, bring, run_json, screen
from tests.support.held_papers import OWNER
from tests.support.written_pdfs import page

MASKED = f"{OWNER[:3]}*******{OWNER[-2:]}"
LINES = ("Danh sách", "Nguyễn Thị Thu Hà", "Trần Văn Bình")
PEOPLE = ("", "desk", "archivist")


@pytest.fixture
def held(settings: Settings, tmp_path: Path) -> str:
    """A paper that waits with a number: its day of issue is asked."""
    path = tmp_path / "a.pdf"
    path.write_bytes(page(LINES))
    fields: dict[Any, str] = {**STATED.fields, "owner_id": OWNER, "issued_date": "2099-03-12"}
    with open_services(settings) as ctx:
        document = bring(ctx, path, STATED.model_copy(update={"fields": fields}))
    (settings.home / "khoso.toml").write_text('[desk.roles]\narchivist = "archivist"\n', encoding="utf-8")
    return document


def asking(who: str) -> tuple[str, ...]:
    """The words by which somebody asks; the user of the machine needs none."""
    return ("--who", who) if who else ()


@pytest.mark.parametrize("who", PEOPLE)
def test_who_decides_sees_the_number_whole(settings: Settings, held: str, who: str) -> None:
    """On the screen and in JSON alike; the journal has who was shown it."""
    assert OWNER in screen(settings, "review", held, *asking(who))
    _, (line,) = run_json(settings, "review", held, *asking(who))
    assert line["fields"]["owner_id"]["value"] == OWNER
    with open_services(settings) as ctx:
        seen = [item for item in map(dict, ctx.journal.events()) if item["event"] == "shown"]
    assert {(item["subject"], str(item["disclosed"])) for item in seen} == {(held, "True")}
    assert {item["who"] for item in seen} == {who or seen[0]["who"]}


@pytest.mark.parametrize("who", PEOPLE)
def test_lists_have_it_masked(settings: Settings, held: str, who: str) -> None:
    """For everybody, on the screen and in JSON alike."""
    assert OWNER not in screen(settings, "review", *asking(who))
    _, (line,) = run_json(settings, "review", *asking(who))
    assert (line["id"], line["fields"]["owner_id"]["value"]) == (held, MASKED)
    assert OWNER not in str(line)


def test_other_screens_of_the_paper_have_it_masked(settings: Settings, held: str) -> None:
    """Also for who may decide: he asks for it by what he decides with."""
    assert OWNER not in screen(settings, "show", held)
    assert OWNER not in screen(settings, "status")


def test_another_office_reads_nothing(settings: Settings, held: str) -> None:
    """The paper is not there for it, by whatever word it asks."""
    assert run_json(settings, "review", held, "--who", "desk", "--office", "H17.13") == (ExitCode.NOT_FOUND, [])
    assert run_json(settings, "review", "--who", "desk", "--office", "H17.13") == (ExitCode.OK, [])


def test_once_it_is_decided_it_is_masked_again(settings: Settings, held: str) -> None:
    """What does not wait any more is shown as anybody is shown it."""
    said = screen(settings, "review", held, "--set", "issued_date=2026-03-12", "--release")
    assert OWNER not in said
    assert MASKED in said
