#!/usr/bin/env python3
"""The front door: starts the command line of khoso in the project's own environment."""

import os
import sys
from pathlib import Path

_OWN = Path(__file__).resolve().parent / ".venv"

if __name__ == "__main__":
    python = _OWN / "bin" / "python"
    if Path(sys.prefix).resolve() != _OWN and python.exists():
        os.execv(python, [str(python), __file__, *sys.argv[1:]])  # noqa: S606 (our own interpreter)
    try:
        from cli.main import main
    except ModuleNotFoundError as error:
        sys.exit(f"khoso is not set up: {error}. Run `make setup` first.")
    main()
