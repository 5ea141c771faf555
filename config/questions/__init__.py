"""What people call otherwise than papers do, as data: what they write short, and agencies that have other names now."""

from functools import cache
from pathlib import Path

from pydantic import TypeAdapter

from config.loader import FOLDER
from config.release import read_release
from domain.fold import fold
from domain.record import Frozen

_SHORT = FOLDER / "abbreviations.yaml"
_RENAMED = FOLDER / "renamed.yaml"
_WORDS = TypeAdapter(dict[str, str])


class Renamed(Frozen):
    """An agency, what it was before, and the abolished district whose work it took over."""

    now: str
    was: tuple[str, ...]
    within: str | None = None


_AGENCIES = TypeAdapter(tuple[Renamed, ...])


@cache
def load_abbreviations(path: Path = _SHORT) -> dict[str, tuple[str, ...]]:
    """The folded words for which each folded abbreviation stands; one with a dot behind it counts before a name only.

    Raises:
        SetupError: the file is missing, or does not say what it must.
    """
    listed = read_release(path, "abbreviations", _WORDS.validate_python)
    return {fold(short): tuple(fold(words).split()) for short, words in listed.items()}


@cache
def load_renamed(path: Path = _RENAMED) -> tuple[Renamed, ...]:
    """The agencies that have other names now.

    Raises:
        SetupError: the file is missing, or does not say what it must.
    """
    return read_release(path, "renamed", _AGENCIES.validate_python)
