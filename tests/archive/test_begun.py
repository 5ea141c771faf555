"""A change is recorded before it counts, and its event stands once, though it is cut off and made again."""

import json
from pathlib import Path

import pytest

from archive.journal import Journal
from domain.errors import NotValid
from domain.events import AuditEvent, PaperArchived

ONE, OTHER = (PaperArchived(who="an", subject=name, object="none") for name in ("giấy 1", "giấy 2"))


class Killed(BaseException):
    """The process ended here."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a journal is, which has an event already."""
    Journal(tmp_path / "audit.jsonl").record(ONE)
    return tmp_path / "audit.jsonl"


def change(path: Path, about: str, *events: AuditEvent, is_killed: bool = False) -> None:
    """Record something as a process does, and change it, unless that is killed before."""
    with Journal(path).once(about) as record:
        record(*events)
        if is_killed:
            raise Killed


def subjects(path: Path) -> list[str]:
    """What the events are about; the chain is checked."""
    return [item["subject"] for item in Journal(path).events()]


def cut_off(path: Path, about: str, *events: AuditEvent) -> None:
    """A change that is killed once it is recorded."""
    with pytest.raises(Killed):
        change(path, about, *events, is_killed=True)


def test_what_is_made_again_is_not_told_again(path: Path) -> None:
    """However often it is cut off, and whatever others record meanwhile; the event of before is another one."""
    for _ in range(3):
        cut_off(path, "a", ONE)
        Journal(path).record(OTHER)
    assert subjects(path).count("giấy 1") == 2
    change(path, "a", ONE)
    assert subjects(path).count("giấy 1") == 2


def test_what_was_done_is_told_again(path: Path) -> None:
    """The same change, once more after it was done, is another one."""
    cut_off(path, "a", ONE)
    change(path, "a", ONE)
    change(path, "a", ONE)
    assert subjects(path) == ["giấy 1"] * 3


def test_only_the_same_event_about_the_same_thing(path: Path) -> None:
    """What another one does instead, or does to another thing, is told; of two events the one that lacks."""
    cut_off(path, "a", ONE)
    change(path, "b", ONE)
    cut_off(path, "a", ONE, OTHER)
    change(path, "a", OTHER)
    assert subjects(path) == ["giấy 1", "giấy 1", "giấy 1", "giấy 2"]


def test_what_was_not_written_is(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed between the note that a change is begun and its event, it is told by whoever makes it."""

    def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "_append", killed)
        with pytest.raises(Killed):
            change(path, "a", ONE)
    change(path, "a", ONE)
    assert subjects(path) == ["giấy 1", "giấy 1"]


@pytest.mark.parametrize("damage", ["", "[1]", "{", "x" * 9_000, "[" * 9_000])
def test_notes_that_cannot_be_read_lose_no_event(path: Path, damage: str) -> None:
    """Without them an event may stand twice, and none is left out."""
    cut_off(path, "a", ONE)
    path.with_name("audit.jsonl.begun").write_text(damage, encoding="utf-8")
    change(path, "a", ONE)
    assert subjects(path) == ["giấy 1"] * 3
    assert json.loads(path.with_name("audit.jsonl.begun").read_text(encoding="utf-8")) == {}


@pytest.mark.parametrize("damage", ["[1]", "7", "{", "[" * 9_000])
def test_a_damaged_line_stops_no_change(path: Path, damage: str) -> None:
    """It is passed over when it is looked whether a change was told; who reads the journal is told of it."""
    cut_off(path, "a", ONE)
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{damage}\n")
    change(path, "a", ONE)
    assert path.read_text(encoding="utf-8").count("giấy 1") == 2
    with pytest.raises(NotValid, match="broken at line 3"):
        subjects(path)


def test_a_journal_that_was_put_aside(path: Path) -> None:
    """A change that was begun in another journal is told in the new one."""
    cut_off(path, "a", OTHER)
    path.unlink()
    path.with_name("audit.jsonl.head").unlink()
    change(path, "a", OTHER)
    assert subjects(path) == ["giấy 2"]


def test_few_notes_are_kept(path: Path) -> None:
    """Of what nobody makes again, the newest hundred."""
    for number in range(150):
        cut_off(path, f"{number}", ONE)
    assert len(json.loads(path.with_name("audit.jsonl.begun").read_text(encoding="utf-8"))) == 100
