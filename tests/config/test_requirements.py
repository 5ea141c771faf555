"""The lock files hold for every Python and processor that the README names (a bare Debian 12 and 13)."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import missing

_ROOT = Path(__file__).parents[2]
_LOCKS = ("requirements.txt", "requirements-dev.txt")
_PYTHONS = ("3.11.2", "3.13.5")  # of Debian 12 and 13
_PROCESSORS = ("x86_64-manylinux_2_36", "aarch64-manylinux_2_36")  # with the C library of Debian 12
_WITHOUT_WHEELS = ("bagit", "pairtree")  # pure Python, behind ocfl-py
_UNREACHABLE = ("Failed to fetch", "error sending request", "Could not connect")


@pytest.mark.parametrize("processor", _PROCESSORS)
@pytest.mark.parametrize("python", _PYTHONS)
@pytest.mark.parametrize("lock", _LOCKS)
def test_a_lock_file_can_be_installed_whole(lock: str, python: str, processor: str, tmp_path: Path) -> None:
    """Whatever a dependency asks for on that Python is pinned, with a hash of a file that exists."""
    resolved = _resolve(_ROOT / lock, python, processor, tmp_path)

    assert resolved.returncode == 0, resolved.stderr


def test_a_pin_that_only_one_python_needs_is_missed(tmp_path: Path) -> None:
    """Redis wants async-timeout below Python 3.11.3 alone: the first command once failed on every Debian 12."""
    lines = (_ROOT / "requirements.txt").read_text().splitlines(keepends=True)
    start = next(number for number, line in enumerate(lines) if line.startswith("async-timeout=="))
    end = next(number for number in range(start + 1, len(lines)) if not lines[number].startswith(" "))
    short = tmp_path / "requirements.txt"
    short.write_text("".join(lines[:start] + lines[end:]))

    assert "async-timeout" in _resolve(short, _PYTHONS[0], _PROCESSORS[0], tmp_path).stderr
    assert _resolve(short, _PYTHONS[1], _PROCESSORS[0], tmp_path).returncode == 0


@pytest.mark.parametrize("lock", _LOCKS)
def test_a_lock_file_names_no_host(lock: str) -> None:
    """Where packages come from is the machine's business."""
    assert "://" not in (_ROOT / lock).read_text()


def _resolve(lock: Path, python: str, processor: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """What an installation would find; nothing is installed, only descriptions are fetched."""
    options = [
        "--system-certs",
        "--dry-run",
        "--require-hashes",
        "--python-version",
        python,
        "--python-platform",
        processor,
    ]
    wheels = ["--only-binary", ":all:", *(f"--no-binary={name}" for name in _WITHOUT_WHEELS)]
    resolved = subprocess.run(
        [Path(sys.executable).parent / "uv", "pip", "install", *options, *wheels, "--target", folder / "t", "-r", lock],
        capture_output=True,
        text=True,
        check=False,
    )
    if any(words in resolved.stderr for words in _UNREACHABLE):
        missing(f"a package index ({resolved.stderr.strip().splitlines()[-1]})")
    return resolved
