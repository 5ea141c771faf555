"""``python -m samples FOLDER``: write the sample scans and their truth."""

import sys
from pathlib import Path

from domain.errors import ExitCode, KhosoError
from samples.generate import TRUTH, generate


def main(arguments: list[str]) -> int:
    """Generate into the folder named by the only argument."""
    if len(arguments) != 1 or arguments[0].startswith("-"):
        sys.stderr.write("usage: python -m samples FOLDER\n")
        return ExitCode.USAGE
    try:
        samples = generate(Path(arguments[0]))
    except KhosoError as error:
        sys.stderr.write(f"{error.explain()}\n")
        return error.exit_code
    pages = sum(sample.pages for sample in samples)
    sys.stdout.write(f"{len(samples)} scans with {pages} pages, and {TRUTH}, in {arguments[0]}\n")
    return ExitCode.OK


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
