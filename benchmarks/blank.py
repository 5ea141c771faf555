"""Which pages are taken for blank, over drawn ones: ``python -m benchmarks.blank [PAGES]`` (default 2 000).

Ends with 1 when a page with ink would be left out, or fewer than 95 % of the blank ones are found.
"""

import io
import sys
import tempfile
from pathlib import Path

import img2pdf

from benchmarks.blankset import BLANK, DPI, INKED, draw
from benchmarks.tables import Row, render
from pipeline.inspection import look_at_pages


def main(number: int) -> int:
    """Draw, look, print the table."""
    kinds = [*BLANK, *INKED]
    rows: list[Row] = []
    for place, kind in enumerate(kinds):
        pages = number // len(kinds) + (place < number % len(kinds))
        found = sum(is_blank(kind, seed) for seed in range(pages))
        rows.append({"kind": kind, "is": "blank" if kind in BLANK else "inked", "pages": pages, "left out": found})
    print(render(f"Blank pages, {number} drawn", rows))
    blank, kept = ([row for row in rows if row["is"] == kind] for kind in ("blank", "inked"))
    share = _sum(blank, "left out") / max(1, _sum(blank, "pages"))
    lost = _sum(kept, "left out")
    print(f"\nblank pages found: {share:.1%}; pages with ink left out: {lost} of {_sum(kept, 'pages')}")
    return int(lost > 0 or share < 0.95)


def is_blank(kind: str, seed: int) -> bool:
    """Whether a page drawn of a kind would be left out of the copy."""
    stream = io.BytesIO()
    draw(kind, seed).save(stream, "JPEG", quality=80, dpi=(DPI, DPI))
    with tempfile.TemporaryDirectory(prefix="khoso-blank-") as folder:
        path = Path(folder) / "page.pdf"
        path.write_bytes(img2pdf.convert(stream.getvalue(), nodate=True))
        (look,) = look_at_pages(path)
    return look.facts.is_blank


def _sum(rows: list[Row], column: str) -> int:
    return sum(int(row[column] or 0) for row in rows)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000))
