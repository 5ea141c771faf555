"""The watch over identity numbers sees what it is there for: otherwise it would find nothing for ever."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.held_papers import OWNER
from tests.support.numbers import KNOWN, check_numbers, numbers_in, numbers_in_files

SPACED = f"{OWNER[:3]} {OWNER[3:6]}.{OWNER[6:]}"


def test_the_numbers_of_the_samples_are_known(papers: Path) -> None:
    """Whatever owner the samples draw is looked for."""
    drawn = numbers_in((papers / "truth.json").read_bytes())
    assert len(drawn) >= 10
    assert drawn <= KNOWN


@pytest.mark.parametrize("message", [OWNER, SPACED, f"{OWNER}.KQ.G15.000031.01", f"[{OWNER}]", f"số {OWNER}, cấp"])
def test_a_number_is_seen(tmp_path: Path, message: str) -> None:
    """On stderr whoever asks, on stdout for people, and in the JSON of who may not see it."""
    line = json.dumps({"code": message})
    for arguments, out, err in (
        (("search", "a", "--json"), "", message),
        (("search", "a"), message, ""),
        (("search", "a", "--json", "--who", "Hoa"), line, ""),
        (("search", "a", "--json", "--who", "Hoa"), line.encode(), b""),
        (("lookup", "--json", "--who", "Hoa"), line, ""),
    ):
        with pytest.raises(AssertionError, match="identity numbers"):
            check_numbers(arguments, None, out, err)
    check_numbers(("search", "a", "--json"), None, line, "")
    check_numbers(("review", "--json", "--who", "Hoa"), None, line, "")
    (tmp_path / "khoso.toml").write_text('[desk]\nroles = { Lan = "archivist", Mai = "auditor" }\n', encoding="utf-8")
    check_numbers(("owner", "--json", "--who", "Lan"), tmp_path, line, "")
    with pytest.raises(AssertionError, match="identity numbers"):
        check_numbers(("show", "--json", "--who", "Mai"), tmp_path, line, "")


@pytest.mark.parametrize("message", ["048*******75", OWNER[:-1], "1" + OWNER[1:], "2026-11-29 10:00:00.123456"])
def test_nothing_else_is_one(message: str) -> None:
    """Masked numbers, parts of them, others and times are none."""
    assert not numbers_in(message)


def test_every_command_is_watched(tmp_path: Path) -> None:
    """A program that tells a number is noticed by whoever runs it as khoso is run."""
    program = tmp_path / "run_pipeline.py"
    program.write_text(f"import sys; sys.stderr.write('{OWNER}')", encoding="utf-8")
    with pytest.raises(AssertionError, match="identity numbers"):
        subprocess.run([sys.executable, str(program), "status"], capture_output=True, check=False)


def test_journals_and_logs_are_read(tmp_path: Path) -> None:
    """A number in a file that is found by its name."""
    folder = tmp_path / "home"
    folder.mkdir()
    file = folder / "audit.jsonl"
    file.write_text(f'{{"subject": "{OWNER}"}}\n', encoding="utf-8")
    assert numbers_in_files(tmp_path) == [str(file)]
    file.unlink()
    assert numbers_in_files(tmp_path) == []
