"""Files that are handed out of the store, to a place that somebody named: new ones only, and never in the store."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from domain.errors import UsageError
from files.durable import OWN, sweep_beside, whole


def check_new(path: Path, store: Path) -> None:
    """Whether a file can be written at a place where nothing is, outside the store; before anything is done for it.

    What a writer left beside it that was killed is taken away.

    Raises:
        UsageError: something is there, the folder is not, or it is the store's.
    """
    sweep_beside(path)
    if os.path.lexists(path):
        raise UsageError("place_taken", remedy="name_free_place", path=path)
    if not path.parent.is_dir():
        raise UsageError("place_no_folder", remedy="make_folder", folder=path.parent)
    if store.resolve() in path.resolve().parents:
        raise UsageError("place_in_store", remedy="name_another_file", path=path)


@contextmanager
def new_file(path: Path, store: Path) -> Iterator[BinaryIO]:
    """A file to write into, readable by its user alone, which takes its place when the block ends well.

    Raises:
        UsageError: it cannot be written, or something is there, though it came only meanwhile.
    """
    check_new(path, store)
    try:
        with whole(path, mode=OWN, anew=True) as file:
            yield file
    except FileExistsError:
        raise UsageError("place_taken", remedy="name_free_place", path=path) from None
    except OSError as error:
        raise UsageError("not_written", remedy="name_another_file", path=path, error=error.strerror) from None
