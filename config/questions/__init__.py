"""What people write short, and what it stands for, as data."""

from functools import cache
from pathlib import Path

from pydantic import TypeAdapter

from config.loader import FOLDER
from config.release import read_release
from domain.fold import fold

_FILE = FOLDER / "abbreviations.yaml"
_WORDS = TypeAdapter(dict[str, str])


@cache
def load_abbreviations(path: Path = _FILE) -> dict[str, tuple[str, ...]]:
    """The folded words for which each folded abbreviation stands; one with a dot behind it counts before a name only.

    Raises:
        SetupError: the file is missing, or does not say what it must.
    """
    listed = read_release(path, "abbreviations", _WORDS.validate_python)
    return {fold(short): tuple(fold(words).split()) for short, words in listed.items()}
