"""Copies of what an upgrade changes, as it was: the way back to the release from which the store comes.

Copied are the databases, the marks and the settings.  Not the vault, whose objects never change in place, nor the
index, which is made anew from it; nor the keys and the secret of owners, which no upgrade changes: each further copy of
them would have to be guarded for ever.
"""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Final

from sqlalchemy.engine import make_url

from archive.database import DatabaseKind, open_as_it_is
from archive.epoch import EXTENSION
from archive.upgrades.lacking import databases_of, is_damaged_catalogue, known_secret
from config.settings import SETTINGS_FILE, STORE_MARK, Settings
from domain.events import FormerPart
from files.durable import flush_folder, flush_tree, whole

FOLDER: Final = "before-upgrade"
_MARKS = ("epoch.json", "epoch-of-vault.json")
_PAGES = 4_096  # that are copied before it is told how far it has come
_UNFINISHED = "unfinished"  # holds the name of the copy, until the upgrade is done


class Aside:
    """The copies of one store."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._folder = settings.home / FOLDER

    @property
    def begun(self) -> Path | None:
        """The copy of an upgrade that is not done yet."""
        try:
            return self._folder / (self._folder / _UNFINISHED).read_text(encoding="ascii")
        except FileNotFoundError:
            return None

    @property
    def sizes(self) -> dict[DatabaseKind, int]:
        """How many bytes each database has that is copied, its log included; none once the copy is made."""
        if (begun := self.begun) is not None and begun.exists():
            return {}
        return {kind: size_of(path) for kind, path in self._files()}

    @property
    def uncopied(self) -> tuple[DatabaseKind, ...]:
        """The databases in a server: whoever runs it copies them by its own means."""
        return tuple(kind for kind, url in databases_of(self._settings).items() if not url.startswith("sqlite"))

    def keep(self, version: int, follow: Callable[[int, int], None] = lambda _done, _of: None) -> Path:
        """Copy a store of this version, unless that was done by an upgrade that was cut off.

        ``follow`` is told how many bytes are copied, and of how many.
        """
        copy = self.begun
        if copy is None:
            self._folder.mkdir(exist_ok=True)
            names = (f"of-version-{version}", *(f"of-version-{version}-{number}" for number in range(2, 10_000)))
            copy = self._folder / next(name for name in names if not (self._folder / name).exists())
            with whole(self._folder / _UNFINISHED) as file:
                file.write(copy.name.encode("ascii"))
        if not copy.exists():
            self._write(copy, follow)
        return copy

    def never_had(self, copy: Path) -> tuple[FormerPart, ...]:
        """The parts that a store of version 1 could not have, by what was copied of it before anything was changed.

        Before it had marks of how far it had come it had no head of its journal; before its owners stood under a secret
        nobody kept what desks asked but the journal.
        """
        found: list[FormerPart] = []
        if not any((copy / name).exists() for name in _MARKS):
            found.append("journal head")
        catalogue = copy / "catalogue.sqlite"
        is_kept_here = self._settings.desk_url.startswith("sqlite") and catalogue.exists()
        if is_kept_here and not (copy / "desk.sqlite").exists():
            with open_as_it_is(f"sqlite:///{catalogue}", "catalogue") as engine:
                found += ["desk"] if known_secret(engine) is None else []
        return tuple(found)

    def finish(self) -> None:
        """Note that the upgrade is done; the copy stays until somebody removes it."""
        (self._folder / _UNFINISHED).unlink(missing_ok=True)
        flush_folder(self._folder)

    def _write(self, copy: Path, follow: Callable[[int, int], None]) -> None:
        home, part = self._settings.home, copy.with_name(f"{copy.name}.part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir()
        sizes, before = self.sizes, 0
        for kind, path in self._files():
            with open_as_it_is(databases_of(self._settings)[kind], kind):  # sees first whether its log is its own
                so_far = partial(_follow_copy, follow, before, sizes[kind], sum(sizes.values()))
                _copy_database(path, part / f"{kind}.sqlite", so_far)
            before += sizes[kind]
        marks = dict(zip(_MARKS, (home / "epoch.json", self._of_vault), strict=True))
        for name, path in {**marks, SETTINGS_FILE: home / SETTINGS_FILE, STORE_MARK: home / STORE_MARK}.items():
            if path.exists():
                shutil.copyfile(path, part / name)
        flush_tree(part)
        part.rename(copy)
        flush_folder(self._folder)

    def _files(self) -> Iterator[tuple[DatabaseKind, Path]]:
        """The files of the databases; of a damaged catalogue none: it is kept under another name."""
        for kind, url in databases_of(self._settings).items():
            path = make_url(url).database
            if url.startswith("sqlite") and path and not (kind == "catalogue" and is_damaged_catalogue(url)):
                yield kind, Path(path)

    @property
    def _of_vault(self) -> Path:
        return self._settings.vault / "extensions" / EXTENSION / "epoch.json"


def size_of(path: Path) -> int:
    """How many bytes a database and its log have."""
    files = (path, path.with_name(f"{path.name}-wal"))
    return sum(item.stat().st_size for item in files if item.exists())


def _copy_database(path: Path, to: Path, follow: Callable[[int, int, int], None]) -> None:
    """Copy a database with what its log holds, while others may read it."""
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(to)) as target:
        source.backup(target, pages=_PAGES, progress=follow)


def _follow_copy(
    follow: Callable[[int, int], None], before: int, size: int, of: int, _status: int, left: int, pages: int
) -> None:
    follow(before + size - (size * left // pages if pages else 0), of)
