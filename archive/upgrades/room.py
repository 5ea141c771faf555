"""How much room an upgrade takes on the disks of a store, looked at before it begins."""

import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from sqlalchemy.engine import make_url

from archive.database import DatabaseKind
from archive.errors import DatabaseFull
from archive.upgrades.aside import Aside, size_of
from archive.upgrades.lacking import databases_of
from config.settings import Settings

_MB = 1 << 20


def lacking_room(settings: Settings, former: tuple[DatabaseKind, ...], *, index: bool) -> Iterator[DatabaseFull]:
    """The disks on which an upgrade finds too little room.

    Beside the copy, each database that is changed is written into its log before it is written into its file, and
    ``index`` is made beside the one that answers.
    """
    takes = Counter({settings.home: sum(Aside(settings).sizes.values())})
    for kind, url in databases_of(settings).items():
        path = make_url(url).database
        if kind in former and url.startswith("sqlite") and path:
            takes[Path(path).parent] += size_of(Path(path))
    if index and settings.search.path.is_dir():
        takes[settings.search.path] += sum(item.stat().st_size for item in settings.search.path.rglob("*"))
    for place, needed in _by_disk(takes).items():
        free = shutil.disk_usage(place).free
        if needed > free:
            yield DatabaseFull("upgrade_needs_room", place=place, needed=-(-needed // _MB), free=free // _MB)


def _by_disk(takes: Mapping[Path, int]) -> dict[Path, int]:
    """The same with places on one disk taken together, under the first of them."""
    first: dict[int, Path] = {}
    found: Counter[Path] = Counter()
    for place, needed in takes.items():
        found[first.setdefault(place.stat().st_dev, place)] += needed
    return dict(found)
