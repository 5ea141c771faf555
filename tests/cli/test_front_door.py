"""The front door starts itself once at most, whatever `.venv` is."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def door(folder: Path) -> subprocess.CompletedProcess[str]:
    """Start a copy of the front door, whose command line only tells with which Python it was started."""
    shutil.copy(ROOT / "run_pipeline.py", folder)
    (folder / "cli").mkdir()
    (folder / "cli" / "main.py").write_text(
        "import os, sys\ndef main(): print(sys.executable, [k for k in os.environ if 'KHOSO' in k])\n", encoding="utf-8"
    )
    environment = {name: value for name, value in os.environ.items() if "KHOSO" not in name}
    command = [sys.executable, str(folder / "run_pipeline.py")]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False, env=environment)


@pytest.mark.parametrize("is_link", [False, True])
def test_the_own_environment_is_used(tmp_path: Path, is_link: bool) -> None:
    """`.venv` may be a folder, or a symbolic link to one that lies elsewhere."""
    place = tmp_path / "elsewhere" if is_link else tmp_path / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place)], check=True)
    if is_link:
        (tmp_path / ".venv").symlink_to(place)
    got = door(tmp_path)
    assert got.stdout.split() == [str(tmp_path / ".venv" / "bin" / "python"), "[]"], got.stderr


def test_a_python_that_is_no_environment_is_started_once(tmp_path: Path) -> None:
    """A `.venv` whose Python calls another place its own does not start itself for ever."""
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    python = tmp_path / ".venv" / "bin" / "python"
    python.write_text(f'#!/bin/sh\necho started >&2\nexec {sys.executable} "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    got = door(tmp_path)
    assert (got.returncode, got.stderr.count("started")) == (0, 1), got.stderr
