"""How far a store has come: the number of its last change, in the catalogue and in a mark beside what it was made of.

Every change of the catalogue (codes given out, papers entered or changed) has a number, and a name that no other change
has.  Marks tell which one was begun and which is done: one in the vault, one in the home folder.  A catalogue that
knows fewer changes than were done was put back from an earlier copy, emptied, or taken from elsewhere: it would give
codes twice and call held papers not held.  So would one whose last change has that number and another name: an earlier
copy was put back, and both went on.  A vault whose mark ends before the catalogue does was put back itself.  None of
them answers or gives out codes until ``rebuild`` has made the catalogue anew.

The vault's mark lies in an extension of OCFL 1.1 (section 4.2), so that every copy of the vault has it.
"""

import json
import secrets
from collections.abc import Callable
from itertools import islice
from operator import itemgetter
from pathlib import Path

from filelock import FileLock

from archive.errors import CatalogueBehind, ListsMissing
from archive.package import object_folders
from domain.record import Frozen
from files.durable import whole

EXTENSION = "khoso-epoch"
_NAME = "epoch.json"


class EpochMark(Frozen):
    """Which change was begun last, and which is done; ``store`` tells one store's marks from another's.

    Changes of stores that began without names have none ("").  ``lists``: the last version of imported lists.
    """

    store: str
    begun: int = 0
    done: int = 0
    begun_name: str = ""
    done_name: str = ""
    lists: int = 0

    def names(self, number: int, name: str) -> bool:
        """Whether a change of this number may have this name, as far as the mark tells."""
        known = {(self.begun, self.begun_name), (self.done, self.done_name)}
        names = {its for its_number, its in known if its_number == number}
        return not names or name in names or names == {""}


class Known(Frozen):
    """What a catalogue knows of itself: its store, and the number and name of its last change."""

    store: str | None
    epoch: int
    change: str = ""


class Epoch:
    """The marks of one store."""

    def __init__(self, home: Path, vault: Path) -> None:
        self._vault = vault
        self._own = home / _NAME
        self._vaults = vault / "extensions" / EXTENSION / _NAME

    def begin(self, number: int) -> Known:
        """Mark that a change is begun, before the catalogue has it; gives what the catalogue then knows of itself."""
        name = secrets.token_hex(8)
        return Known(store=self._raise(number, name).store, epoch=number, change=name)

    def finish(self, done: Known) -> None:
        """Mark that a change is done, once the catalogue has it for ever."""
        self._raise(done.epoch, done.change, is_done=True)

    def catch_up(self, known: Known) -> None:
        """Mark a change as done that the catalogue has, though whoever made it was cut off before he did so."""
        if any(mark.done < known.epoch for mark in self._marks()):
            self.finish(known)

    @property
    def last(self) -> int:
        """The number of the last change that was begun."""
        return max((mark.begun for mark in self._marks()), default=0)

    @property
    def lists(self) -> int:
        """The number of the last version of imported lists, as far as the marks tell."""
        return max((mark.lists for mark in self._marks()), default=0)

    def note_lists(self, number: int) -> None:
        """Mark a version of imported lists as the last, once it is there."""
        self._raise(lists=number)

    def check_lists(self, number: int) -> None:
        """See that the last version of imported lists that is there is the last one that was.

        Raises:
            ListsMissing: it is not.
        """
        if number < self.lists:
            raise ListsMissing("lists_missing", there=number, lists=self.lists)

    @property
    def is_used(self) -> bool:
        """Whether the store ever gave out a code or held a paper."""
        return self.last > 0 or self._objects(1) > 0

    @property
    def store(self) -> str | None:
        """The name of the store, once it has a mark."""
        return next((mark.store for mark in self._marks()), None)

    def settle(self) -> None:
        """Give a vault that is just made its mark, before it holds anything."""
        if not self._vaults.exists() and not self._objects(1):
            self._raise()

    def check(self, look: Callable[[], Known], count: Callable[[], int]) -> None:
        """See that a catalogue knows all changes that were done, and no more than were begun.

        ``look`` reads the catalogue, and ``count`` tells how many papers it has; the marks are read before and after
        it, for others go on meanwhile.

        Raises:
            CatalogueBehind: it does not.
        """
        done = max((mark.done for mark in self._marks()), default=None)
        known = look()
        marks = self._marks()
        if done is None and not marks:
            self._adopt(known, count())
            return
        if known.epoch < (done or 0):
            raise CatalogueBehind("catalogue_knows", known=known.epoch, done=done)
        if known.store is not None and {mark.store for mark in marks} != {known.store}:
            raise CatalogueBehind("catalogue_of_another_store")
        if not all(mark.names(known.epoch, known.change) for mark in marks):
            raise CatalogueBehind("catalogue_went_another_way")
        mine = _read(self._vaults)
        if known.epoch > mine.begun if mine else count():
            raise CatalogueBehind("vault_older")

    def _adopt(self, known: Known, papers: int) -> None:
        """A store from before there were marks: catalogue and vault must hold the same number of papers."""
        if known.epoch or self._objects(papers + 1) != papers:
            raise CatalogueBehind("catalogue_not_as_vault")

    def _objects(self, most: int) -> int:
        """How many objects, or folders that cannot be listed, the vault holds; counting ends at ``most``."""
        return sum(1 for _ in islice(object_folders(self._vault), most))

    def _marks(self) -> list[EpochMark]:
        return [mark for mark in map(_read, (self._own, self._vaults)) if mark is not None]

    def _raise(self, number: int = 0, name: str = "", *, is_done: bool = False, lists: int | None = None) -> EpochMark:
        with FileLock(f"{self._own}.lock"):
            marks = self._marks() or [EpochMark(store=secrets.token_hex(8))]
            begun = max(((mark.begun, mark.begun_name) for mark in marks), key=itemgetter(0))
            done = max(((mark.done, mark.done_name) for mark in marks), key=itemgetter(0))
            if number >= begun[0]:
                begun = number, name
            if is_done and number >= done[0]:
                done = number, name
            raised = EpochMark(
                store=marks[-1].store,
                begun=begun[0],
                done=done[0],
                begun_name=begun[1],
                done_name=done[1],
                lists=max(mark.lists for mark in marks) if lists is None else lists,
            )
            _write(self._own, raised)
            if self._vault.exists():
                self._vaults.parent.mkdir(parents=True, exist_ok=True)
                _write(self._vaults, raised)
            return raised


def _read(path: Path) -> EpochMark | None:
    """A mark; None where there is none, or none that can be read."""
    try:
        return EpochMark.model_validate(json.loads(path.read_bytes()))
    except (OSError, ValueError, RecursionError):
        return None


def _write(path: Path, mark: EpochMark) -> None:
    with whole(path) as file:
        file.write(mark.model_dump_json().encode())
