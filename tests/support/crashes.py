"""Commands that are killed at a step: before their n-th SQL statement, commit, flush, renaming or removal of a file."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.support.desk import COMMAND

_PROGRAM = """
import atexit, os, runpy, signal, sys
from pathlib import Path
from sqlalchemy import event
from sqlalchemy.engine import Engine

at, told, program = int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
sys.argv = sys.argv[3:]
sys.path.insert(0, str(Path(program).parent))
done = [0]


def step(*_, **__):
    done[0] += 1
    if done[0] == at:
        os.kill(os.getpid(), signal.SIGKILL)


def before(act):
    def stepped(*arguments, **named):
        step()
        return act(*arguments, **named)

    return stepped


for name in ("before_cursor_execute", "commit"):
    event.listen(Engine, name, step)
for name in ("fsync", "rename", "replace", "link", "unlink", "rmdir"):
    setattr(os, name, before(getattr(os, name)))
atexit.register(lambda: told.write_text(str(done[0])))
runpy.run_path(program, run_name="__main__")
"""


def steps(home: Path, *arguments: str) -> int:
    """How many steps a command takes that is not killed."""
    told = home.with_name(f"{home.name}.steps")
    done = _run(0, told, home, arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return int(told.read_text(encoding="utf-8"))


def killed(step: int, home: Path, *arguments: str) -> bool:
    """Kill a command before a step; False when it ended before."""
    done = _run(step, home.with_name(f"{home.name}.steps"), home, arguments)
    return done.returncode == -signal.SIGKILL


def _run(step: int, told: Path, home: Path, arguments: tuple[str, ...]) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "KHOSO_HOME": str(home), "KHOSO_WORK__PAUSE_S": "0"}
    program = [sys.executable, "-c", _PROGRAM, str(step), str(told), *COMMAND[1:], *arguments, "--json"]
    return subprocess.run(program, capture_output=True, text=True, env=environment, check=False, cwd=home.parent)
