"""What people write short, and what it stands for, as data."""

from functools import cache
from pathlib import Path

import yaml

from config.loader import FOLDER
from domain.errors import SetupError
from domain.fold import fold

_FILE = FOLDER / "abbreviations.yaml"


@cache
def load_abbreviations(path: Path = _FILE) -> dict[str, tuple[str, ...]]:
    """The folded words for which each folded abbreviation stands; one with a dot behind it counts before a name only.

    Raises:
        SetupError: the file is missing, or does not say what it must.
    """
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)["abbreviations"]
        return {fold(str(short)): tuple(fold(words).split()) for short, words in content.items()}
    except FileNotFoundError:
        raise SetupError("release_file_missing", remedy="restore_from_release", path=path) from None
    except (yaml.YAMLError, ValueError, TypeError, LookupError, AttributeError) as error:
        raise SetupError("no_list_of_abbreviations", remedy="restore_from_release", path=path, error=error) from None
