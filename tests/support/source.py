"""The modules of the program, for tests of what is written in them."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("domain", "files", "config", "archive", "search", "signing", "pipeline", "services", "workers", "cli")
MODULES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
