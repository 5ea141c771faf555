"""By which words a paper is one of state secrets, as data (law L2.2, L8.5)."""

from functools import cache
from pathlib import Path

from pydantic import Field

from config.loader import FOLDER
from config.release import read_release
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
    return read_release(path, "secrecy", SecrecyWords.model_validate)
