"""The steps of a process and of all that it starts: whatever they write down.  At one of them all are killed.

A step is a statement that changes a database, or its commit; a flush; a file or folder that is made, written over, put
in a place, or removed.  What happens in the scratch folder is no step but for its flushes: nobody looks there.
"""

import os
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from sqlite3 import dbapi2
from typing import Any

from domain import clock

PLACE = "STEPS_OF_A_TEST"
"""Variable of the surroundings by which processes that are started know: the store, the counting file, step, time."""

TESTS_OWN = "of-the-test"
"""The folder beside the store that the test keeps for itself."""

_WITH_FILES = {"os.mkdir", "os.rename", "os.link", "os.symlink", "os.remove", "os.rmdir", "os.truncate", "open"}
_CHANGES = ("INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "DROP")
_AIDS = (".lock", ".migrate")  # locks hold nothing


def begin(home: Path, counter: Path, at: int, moment: datetime) -> None:
    """Count steps in a file from now on, and kill the group of this process before the one with that number.

    The time stands still meanwhile, for codes have the day in them.
    """
    clock.set_to(lambda: moment).__enter__()  # until the process ends
    file = os.open(counter, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.environ[PLACE] = "\n".join((str(home), str(counter), str(at), moment.isoformat()))
    home = home.resolve()

    def step() -> None:
        os.write(file, b".")
        if os.lseek(file, 0, os.SEEK_CUR) == at:
            os.killpg(0, signal.SIGKILL)

    def heard(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _WITH_FILES and _is_written(event, arguments) and _is_of(home, arguments):
            step()

    flush, connect = os.fsync, dbapi2.connect

    def flushed(descriptor: Any) -> None:
        step()
        flush(descriptor)

    def connected(*arguments: Any, **named: Any) -> Any:
        connection = connect(*arguments, **named)
        connection.set_trace_callback(_of_database(step))
        return connection

    setattr(os, "fsync", flushed)  # noqa: B010 (mypy knows its type, which this one need not have)
    setattr(dbapi2, "connect", connected)  # noqa: B010
    sys.addaudithook(heard)


def begin_as_started() -> None:
    """Count in a process that one was started by which counts."""
    if PLACE in os.environ:
        home, counter, at, moment = os.environ[PLACE].split("\n")
        begin(Path(home), Path(counter), int(at), datetime.fromisoformat(moment))


def _of_database(step: Callable[[], None]) -> Callable[[str], None]:
    is_changed = [False]

    def began(statement: str) -> None:
        if statement.startswith(_CHANGES):
            is_changed[0] = True
            step()
        elif statement.startswith("COMMIT") and is_changed[0]:
            is_changed[0] = False
            step()

    return began


def _is_written(event: str, arguments: tuple[Any, ...]) -> bool:
    return event != "open" or bool(arguments[2] & (os.O_WRONLY | os.O_RDWR))


def _is_of(home: Path, arguments: tuple[Any, ...]) -> bool:
    """Whether the file, the first of the arguments, lies in the folder of the store, and not in its scratch folder."""
    if not isinstance(arguments[0], str | os.PathLike):
        return False
    within = arguments[-1] if isinstance(arguments[-1], int) and arguments[-1] > 0 else None
    folder = f"/proc/self/fd/{within}" if within is not None and os.path.isdir(f"/proc/self/fd/{within}") else "."  # noqa: PTH112
    path = Path(os.path.realpath(folder), os.fspath(arguments[0]))
    apart = (home / "tmp", home.parent / TESTS_OWN)
    return home.parent in path.parents and not path.name.endswith(_AIDS) and not {path, *path.parents} & {*apart}
