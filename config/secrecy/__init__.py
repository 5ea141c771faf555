"""By which words a paper is one of state secrets, as data (law L2.2, L8.5)."""

from functools import cache
from pathlib import Path

import yaml
from pydantic import Field, ValidationError

from config.loader import FOLDER
from domain.errors import SetupError
from domain.fold import fold
from domain.record import Frozen

_FILE = FOLDER / "secrecy.yaml"


class SecrecyWords(Frozen):
    """Degrees, the gravest first, and the words beside which they stand.

    ``labels`` stand before a degree with a colon, ``headings`` in capitals without one, ``copies`` alone; ``none`` are
    what a manifest states of a paper that is not secret.
    """

    source: str
    confirmed: bool
    degrees: tuple[str, ...] = Field(min_length=1)
    labels: tuple[str, ...]
    headings: tuple[str, ...]
    copies: tuple[str, ...]
    none: tuple[str, ...]

    def degree(self, text: str) -> str | None:
        """The degree that a text is, whatever its case and accents; None when it is none."""
        return next((item for item in self.degrees if fold(item) == fold(" ".join(text.split()))), None)

    def is_none(self, text: str) -> bool:
        """Whether a text says that a paper is not secret."""
        return fold(" ".join(text.split())) in map(fold, self.none)


@cache
def load_secrecy(path: Path = _FILE) -> SecrecyWords:
    """The words of the release.

    Raises:
        SetupError: the file is missing, or does not say what it must.
    """
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
        return SecrecyWords.model_validate(content["secrecy"])
    except FileNotFoundError:
        raise SetupError("release_file_missing", remedy="restore_from_release", path=path) from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise SetupError(
            "file_says_wrong", remedy="compare_with_release", path=path, place=place, why=first["msg"]
        ) from None
    except (yaml.YAMLError, ValueError, TypeError, LookupError) as error:
        raise SetupError("no_list_of_secrecy", remedy="restore_from_release", path=path, error=error) from None
