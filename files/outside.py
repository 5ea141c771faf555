"""Files that are handed out of the store, to a place that somebody named: new ones only, and never in the store."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from domain.errors import UsageError
from files.durable import OWN, sweep_beside, whole

_REMEDY = "Name another file"


def check_new(path: Path, store: Path) -> None:
    """Whether a file can be written at a place where nothing is, outside the store; before anything is done for it.

    Raises:
        UsageError: something is there, the folder is not, or it is the store's.
    """
    if os.path.lexists(path):
        raise UsageError(f"{path} is there already", remedy=f"{_REMEDY}, or move that one away")
    if not path.parent.is_dir():
        raise UsageError(f"{path.parent} is no folder", remedy="Make it, or name a file in another one")
    if store.resolve() in path.resolve().parents:
        raise UsageError(f"{path} is in the store, which is no place for other files", remedy=_REMEDY)


@contextmanager
def new_file(path: Path, store: Path) -> Iterator[BinaryIO]:
    """A file to write into, readable by its user alone, which takes its place when the block ends well.

    Raises:
        UsageError: it cannot be written, or something is there, though it came only meanwhile.
    """
    sweep_beside(path)
    check_new(path, store)
    try:
        with whole(path, mode=OWN, anew=True) as file:
            yield file
    except FileExistsError:
        raise UsageError(f"{path} is there already", remedy=f"{_REMEDY}, or move that one away") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be written ({error.strerror})", remedy=_REMEDY) from None
