"""Whatever is done to the audit journal behind its back is noticed, by line, and stays so when it goes on."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from archive.journal import Journal
from config.settings import Settings
from config.store import enter_store
from domain.clock import now
from domain.errors import ExitCode, NotValid
from domain.events import PaperArchived
from services.context import open_services
from tests.support.desk import run_json
from tests.support.held_papers import hold

_LINES = 6
Change = Callable[[list[str], int], list[str]]


def _field(name: str) -> Change:
    def change(lines: list[str], at: int) -> list[str]:
        entry = json.loads(lines[at])
        entry[name] = "0" * 64 if name == "before" else f"{entry[name]}x"
        return [*lines[:at], json.dumps(entry), *lines[at + 1 :]]

    return change


CHANGES: dict[str, Change] = {
    **{f"another {name}": _field(name) for name in ("at", "event", "who", "subject")},
    "a space more": lambda lines, at: [*lines[:at], f"{lines[at]} ", *lines[at + 1 :]],
    "no JSON": lambda lines, at: [*lines[:at], "x", *lines[at + 1 :]],
    "brackets without end": lambda lines, at: [*lines[:at], "[" * 100_000, *lines[at + 1 :]],
    "a number without end": lambda lines, at: [*lines[:at], "1" * 5_000, *lines[at + 1 :]],
    "no object": lambda lines, at: [*lines[:at], "[]", *lines[at + 1 :]],
    "empty": lambda lines, at: [*lines[:at], "", *lines[at + 1 :]],
    "removed": lambda lines, at: [*lines[:at], *lines[at + 1 :]],
    "doubled": lambda lines, at: [*lines[: at + 1], *lines[at:]],
    "all from there removed": lambda lines, at: lines[:at],
    "all before removed": lambda lines, at: lines[at + 1 :],
    "swapped": lambda lines, at: [*lines[: at - 1], lines[at], lines[at - 1], *lines[at + 1 :]] if at else lines[::-1],
}


def _record(path: Path, *numbers: int) -> None:
    for number in numbers:
        Journal(path).record(PaperArchived(who="test", subject=str(number), object="x"))


@pytest.mark.parametrize("at", range(_LINES))
@pytest.mark.parametrize("change", list(CHANGES))
def test_every_change_is_noticed(change: str, at: int, tmp_path: Path) -> None:
    """Each of 90 changes of six lines is told with its place, before and after the journal went on."""
    path = tmp_path / "audit.jsonl"
    _record(path, *range(_LINES))
    lines = CHANGES[change](path.read_text(encoding="utf-8").splitlines(), at)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    with pytest.raises(NotValid, match=r"at line \d"):
        list(Journal(path).events())
    _record(path, _LINES, _LINES + 1)
    with pytest.raises(NotValid, match=r"at line \d"):
        list(Journal(path).events())


@pytest.mark.parametrize("cut", [1, 2, 200])
def test_a_cut_end_is_noticed(cut: int, tmp_path: Path) -> None:
    """Also when it was cut in a line, or taken away as a whole."""
    path = tmp_path / "audit.jsonl"
    _record(path, 0, 1)
    path.write_bytes(path.read_bytes()[:-cut])
    for _ in range(2):
        with pytest.raises(NotValid):
            list(Journal(path).events())
        _record(path, 2)
    path.unlink()
    with pytest.raises(NotValid, match="ends at line 0"):
        list(Journal(path).events())


def test_what_a_kill_leaves_is_sound(tmp_path: Path) -> None:
    """A mark that is behind the journal, one that is missing, and a line that was torn are no tampering."""
    path, head = tmp_path / "audit.jsonl", tmp_path / "audit.jsonl.head"
    _record(path, 0)
    behind = head.read_bytes()
    _record(path, 1)
    for left in (behind, b"", None):
        head.unlink()
        if left is not None:
            head.write_bytes(left)
        with path.open("ab") as file:
            file.write(b'{"at": "2026')
        assert [item["subject"] for item in Journal(path).events()][:2] == ["0", "1"]
        _record(path, 2)
    assert [item["subject"] for item in Journal(path).events()] == ["0", "1", "2", "2", "2"]


@pytest.mark.parametrize("left", [None, b"", b"no head"])
def test_a_head_that_is_gone_is_told_for_ever(settings: Settings, left: bytes | None) -> None:
    """An end that was cut off together with it would be seen by nothing else; the first line of all is not one."""
    enter_store(settings)
    _record(settings.journal, 0, 1)
    assert _row(settings)[1] == "ok"
    settings.journal.write_bytes(settings.journal.read_bytes().splitlines(keepends=True)[0])
    head = settings.journal.with_name("audit.jsonl.head")
    head.unlink()
    if left is not None:
        head.write_bytes(left)
    for _ in range(2):
        found = [line for line in run_json(settings, "doctor")[1] if line["name"] == "audit journal"]
        assert [line["state"] for line in found] == ["ok", "absent"]
        _record(settings.journal, 2)


def test_doctor_looks_at_the_journal(settings: Settings) -> None:
    """It tells how many events are chained, and at which line one was changed; the exit code is that of a check."""
    enter_store(settings)
    _record(settings.journal, 0, 1, 2)

    def got() -> tuple[int, dict[str, str]]:
        code, lines = run_json(settings, "doctor")
        return code, next(line for line in lines if line["name"] == "audit journal")

    sound, row = got()
    assert (row["state"], row["detail"].partition(" ")[0]) == ("ok", "3")
    text = settings.journal.read_text(encoding="utf-8")
    settings.journal.write_text(text.replace('"subject": "1"', '"subject": "9"'), encoding="utf-8")
    code, row = got()
    assert (row["state"], row["detail"]) == ("broken", "The audit journal is broken at line 3")
    assert code == (sound or ExitCode.NOT_VALID)


def _row(settings: Settings) -> tuple[int, str, str]:
    code, lines = run_json(settings, "doctor")
    return code, *next((line["state"], line["detail"]) for line in lines if line["name"] == "audit journal")


def test_doctor_misses_a_journal_that_was_deleted(settings: Settings, tmp_path: Path) -> None:
    """With what lies beside it, too: the store knows that it has papers; and that a new one begins too late."""
    with open_services(settings) as ctx:
        hold(ctx, tmp_path, "birth", archived_at=now() - timedelta(hours=1))
        _record(settings.journal, 0)
    assert _row(settings)[1] == "absent"
    for path in settings.home.glob("audit.jsonl*"):
        path.unlink()
    code, state, got = _row(settings)
    assert (state, "is empty" in got) == ("broken", True)
    assert code in {ExitCode.NOT_VALID, ExitCode.SETUP}
    _record(settings.journal, 1)
    _, state, got = _row(settings)
    assert (state, "it begins on" in got) == ("absent", True)


def test_doctor_misses_the_end_of_a_journal_of_yesterday(settings: Settings, tmp_path: Path) -> None:
    """Both of its files of one earlier moment are a sound chain, but the store did something since."""
    with open_services(settings) as ctx:
        _record(settings.journal, 0)
        hold(ctx, tmp_path, "birth")
        assert _row(settings)[1] == "ok"
        hold(ctx, tmp_path, "later", archived_at=now() + timedelta(hours=1))
    _, state, got = _row(settings)
    assert (state, "it ends on" in got) == ("broken", True)
