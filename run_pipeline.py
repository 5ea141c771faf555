#!/usr/bin/env python3
"""The front door: starts the command line of khoso in the project's own environment."""

import os
import sys
from pathlib import Path

_OWN = Path(__file__).resolve().parent / ".venv"  # may be a symbolic link itself
_STARTED = "_KHOSO_STARTED"  # with it we start ourselves once at most, whatever Python .venv leads to

if __name__ == "__main__":
    python = _OWN / "bin" / "python"
    is_second = os.environ.pop(_STARTED, None) is not None
    if not is_second and Path(sys.prefix).resolve() != _OWN.resolve() and python.exists():
        os.execve(python, [str(python), __file__, *sys.argv[1:]], {**os.environ, _STARTED: "1"})  # noqa: S606 (ours)
    try:
        from cli.main import main
    except ModuleNotFoundError as error:
        sys.exit(f"khoso is not set up: {error}. Run `make setup` first.")
    main()
