"""Data files that a release carries beside its catalogues, each with one key."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from domain.errors import SetupError

Valid = TypeVar("Valid")


def read_release(path: Path, key: str, validate: Callable[[Any], Valid]) -> Valid:
    """What a file says under its key, as ``validate`` makes it.

    Raises:
        SetupError: the file is missing, or does not say what it must; the message names the place.
    """
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
        return validate(content[key])
    except FileNotFoundError:
        raise SetupError("release_file_missing", remedy="restore_from_release", path=path) from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in (key, *first["loc"]))
        raise SetupError(
            "file_says_wrong", remedy="compare_with_release", path=path, place=place, why=first["msg"]
        ) from None
    except (yaml.YAMLError, ValueError, TypeError, LookupError) as error:
        raise SetupError("file_says_wrong", remedy="compare_with_release", path=path, place=key, why=error) from None
