"""How people ask, as data: what they write short, agencies that have other names now, and words of asking alone."""

from functools import cache
from pathlib import Path

from pydantic import TypeAdapter

from config.loader import FOLDER
from config.release import read_release
from domain.fold import canonical, fold
from domain.record import Frozen

_SHORT = FOLDER / "abbreviations.yaml"
_RENAMED = FOLDER / "renamed.yaml"
_ASKING = FOLDER / "asking.yaml"
_WORDS = TypeAdapter(dict[str, str | tuple[str, ...]])
_RUNS = TypeAdapter(tuple[str, ...])


class Short(Frozen):
    """What an abbreviation stands for, in folded words; ``both_ways``: a question that has these finds it, too."""

    runs: tuple[tuple[str, ...], ...]
    both_ways: bool


class Renamed(Frozen):
    """An agency, what it was before, and the abolished district whose work it took over."""

    now: str
    was: tuple[str, ...]
    within: str | None = None


_AGENCIES = TypeAdapter(tuple[Renamed, ...])


@cache
def load_abbreviations(path: Path = _SHORT) -> dict[str, Short]:
    """What each folded abbreviation stands for; one with a dot behind it counts before a name only.

    Raises:
        SetupError: the file is missing, or does not say what it must.
    """
    listed = read_release(path, "abbreviations", _WORDS.validate_python)
    return {
        fold(short): Short(
            runs=tuple(tuple(fold(words).split()) for words in ((said,) if isinstance(said, str) else said)),
            both_ways=isinstance(said, str),
        )
        for short, said in listed.items()
    }


@cache
def load_renamed(path: Path = _RENAMED) -> tuple[Renamed, ...]:
    """The agencies that have other names now.

    Raises:
        SetupError: the file is missing, or does not say what it must.
    """
    return read_release(path, "renamed", _AGENCIES.validate_python)


@cache
def load_asking(path: Path = _ASKING, key: str = "asking") -> tuple[tuple[str, ...], ...]:
    """The words by which people ask, in lower case with their accents; several in a row count as such.

    ``key``: `issuing` for those that say that a paper was issued, `of_forms` for those that stand on papers of persons.

    Raises:
        SetupError: the file is missing, or does not say what it must.
    """
    return tuple(tuple(canonical(run).lower().split()) for run in read_release(path, key, _RUNS.validate_python))


@cache
def load_asking_of_names(path: Path = _ASKING) -> frozenset[str]:
    """The folded words of asking that are syllables of names, too.

    Raises:
        SetupError: the file is missing, or does not say what it must.
    """
    return frozenset(map(fold, read_release(path, "of_names", _RUNS.validate_python)))
