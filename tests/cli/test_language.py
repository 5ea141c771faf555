"""In which language a command tells what was stored in none."""

from pathlib import Path

import pytest

from config.settings import Settings
from domain.errors import ExitCode
from domain.messages.language import Language, language_of, speak
from tests.support.desk import given, run_json


@pytest.fixture(autouse=True)
def spoken() -> object:
    """Other tests go on in English."""
    yield
    speak("en")


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "vi"),
        ({"LANG": "C.UTF-8"}, "vi"),
        ({"LANG": "vi_VN.UTF-8"}, "vi"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "C"}, "vi"),
        ({"LANG": "vi_VN", "LC_MESSAGES": "en_GB"}, "en"),
    ],
)
def test_the_locale_tells_the_language(environment: dict[str, str], language: Language) -> None:
    """English where the locale is an English one; Vietnamese else, and where it says nothing."""
    assert language_of(environment) == language


def test_a_reason_is_told_in_the_language_of_who_asks(settings: Settings, tmp_path: Path) -> None:
    """What was refused under one language is told in another; word, codes and parameters are the same."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.pdf").write_bytes(b"")
    told = {}
    for language in ("en", "vi"):
        assert run_json(settings, "--lang", language, "ingest", str(folder))[0] == ExitCode.REFUSED
        (line,) = [line for line in run_json(settings, "--lang", language, "status")[1] if line.get("reason")]
        told[language] = line
    assert told["en"]["reason"] == "empty_file: a.pdf is empty. Scan the paper again."
    assert told["vi"]["reason"] == "empty_file: a.pdf trống. Quét lại giấy tờ."
    assert told["en"]["told"] == told["vi"]["told"]
    assert told["vi"]["told"] == {
        "word": "empty_file",
        "what": "file_empty",
        "remedy": "scan_again",
        "params": {"file": "a.pdf"},
    }


def test_a_language_that_nobody_speaks_is_told(settings: Settings) -> None:
    """It is an error of usage."""
    assert given(settings, "--lang", "fr", "status").exit_code == ExitCode.USAGE
