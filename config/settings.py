"""Settings of one installation: typed, frozen, complete at start.

They come from ``khoso.toml`` in the home folder, then from environment variables ``KHOSO_…``
(``KHOSO_SEARCH__KIND=tantivy``).  Unknown names are errors in both.
"""

from pathlib import Path
from typing import Literal

from pydantic import Field

from domain.readings import Frozen


class SigningSettings(Frozen):
    """Keys and time stamps.  ``software`` makes a development authority on first run."""

    kind: Literal["software"] = "software"
    keys: Path
    officer: str = "Cán bộ số hóa"
    officer_agency: str = "Bộ phận Một cửa"


class SearchSettings(Frozen):
    """The search engine and where its files lie."""

    kind: Literal["tantivy"] = "tantivy"
    path: Path
