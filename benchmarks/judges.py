"""One table: what khoso, pdfsig, pyHanko's own validator and EU DSS say of every kind of signed file of the tests.

python -m benchmarks.judges
"""

import tempfile
from pathlib import Path

from tests.judges.compared import compared, table
from tests.support.signed_elsewhere import Maker
from tests.support.signed_kinds import ALL


def main() -> None:
    """Make the files, ask all, print."""
    maker = Maker.new()
    with tempfile.TemporaryDirectory() as folder:
        rows = compared({kind: make(maker) for kind, make in ALL.items()}, maker.issuer.anchors, Path(folder))
    print("\n".join(table(rows)))


if __name__ == "__main__":
    main()
