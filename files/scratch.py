"""Temporary files of the store: each process has a folder of its own, named by its number."""

import os
import shutil
from contextlib import suppress
from pathlib import Path


def own_folder(scratch: Path) -> Path:
    """The folder of this process, made when it is missing."""
    folder = scratch / str(os.getpid())
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def leave(scratch: Path) -> None:
    """Take the folder of this process away, when nothing is in it."""
    with suppress(OSError):
        (scratch / str(os.getpid())).rmdir()


def sweep(scratch: Path) -> None:
    """Remove what processes that are gone have left; copies of papers may be among it."""
    for folder in scratch.glob("*"):
        process = folder.name.partition("-")[0]
        if process.isdigit() and not os.path.exists(f"/proc/{process}"):  # noqa: PTH110 (no path of ours)
            shutil.rmtree(folder, ignore_errors=True)
