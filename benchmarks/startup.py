"""What a command costs before it does anything: CPU seconds and memory of short commands on an empty store.

    python -m benchmarks.startup [--against CHECKOUT]

``CHECKOUT`` is another working copy with its own ``.venv``, measured in turns with this one.
"""

import argparse
import os
import statistics
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

_HERE = Path(__file__).parent.parent
_COMMANDS = {
    "--help": ("--help",),
    "flow": ("flow",),
    "status": ("status",),
    "show": ("show", "none"),
    "search": ("search", "khai sinh"),
    "lookup": ("lookup", "--owner", "048187237006", "--dossier", "H17.12-231218-0295", "--type", "KQ.G15.000031"),
}
_TIMES = 5


def measure(checkout: Path, home: Path, arguments: tuple[str, ...]) -> tuple[float, float]:
    """CPU seconds and MiB of one run of a command."""
    child = os.fork()
    if not child:
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
        os.environ["KHOSO_HOME"] = str(home)
        python = str(checkout / ".venv" / "bin" / "python")
        os.execv(python, [python, str(checkout / "run_pipeline.py"), *arguments])  # noqa: S606 (no shell)
    _, _, used = os.wait4(child, 0)
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def main() -> None:
    """Print a table: a line for each command, the medians of five runs."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--against", type=Path, help="another working copy")
    against = parser.parse_args().against
    checkouts = [_HERE, *([against.resolve()] if against else [])]
    sys.stdout.write(f"{'command':10}{'CPU s':>8}{'MiB':>6}{'  before: CPU s':>15}{'MiB':>6}{'ratio':>7}\n")
    with TemporaryDirectory(prefix="startup-") as folder:
        homes = [Path(folder) / str(number) for number in range(len(checkouts))]
        (nothing := Path(folder) / "nothing").mkdir()
        for checkout, home in zip(checkouts, homes, strict=True):
            measure(checkout, home, ("ingest", str(nothing)))  # makes the store
        for name, arguments in _COMMANDS.items():
            for checkout, home in zip(checkouts, homes, strict=True):
                measure(checkout, home, arguments)  # fills the disk's cache
            runs = [
                [measure(checkout, home, arguments) for checkout, home in zip(checkouts, homes, strict=True)]
                for _ in range(_TIMES)
            ]
            medians = [
                [statistics.median(run[place][what] for run in runs) for what in range(2)]
                for place in range(len(checkouts))
            ]
            line = f"{name:10}{medians[0][0]:8.2f}{medians[0][1]:6.0f}"
            if against:
                line += f"{medians[1][0]:15.2f}{medians[1][1]:6.0f}{medians[0][0] / medians[1][0]:7.2f}"
            sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()
