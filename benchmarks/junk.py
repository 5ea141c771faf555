"""Junk questions to the index of a store: how long the slowest takes.

``python -m benchmarks.junk --home FOLDER [--number 10000]``.  The junk is that of the tests: signs, letters, stray
accents and keys of filters without sense.  Nothing is written to the store.
"""

import argparse
import gc
import sys
import time
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.search import Timed
from benchmarks.tables import Row, render
from config.settings import load_settings
from search.engines import open_index
from tests.support.junk import JUNK

KEYS = ("", "loại:", "số: ", "từ:", "đến:", "cq:", "hs:", '"')


def main() -> int:
    """Ask and print the slowest."""
    parser = argparse.ArgumentParser(prog="benchmarks.junk", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--home", type=Path, required=True, help="the store")
    parser.add_argument("--number", type=int, default=10_000, help="how many questions")
    asked = parser.parse_args()
    # Drawn before they are asked: hypothesis fills memory, and Python's search for garbage in it takes 0.2 s.
    junk: list[str] = []

    @settings(max_examples=asked.number, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(JUNK, st.sampled_from(KEYS))
    def draw(typed: str, key: str) -> None:
        junk.append(f"{typed} {key}{typed}")

    draw()
    gc.freeze()
    times: list[Timed] = []
    with open_index(load_settings(asked.home, {}).search) as index:
        index.search("mo may")  # the first question opens the files
        for text in junk:
            clock, processor = time.perf_counter(), time.thread_time()
            index.search(text, counted=True)
            times.append(Timed((time.perf_counter() - clock) * 1000, (time.thread_time() - processor) * 1000))
        papers = index.count()
    clocks, processors = (sorted(kind) for kind in zip(*times, strict=True))
    rows: list[Row] = [
        {
            "what": what,
            **{f"p{share}": f"{kind[len(kind) * share // 100]:.1f}" for share in (50, 99)},
            "max": f"{kind[-1]:.1f}",
        }
        for what, kind in (("on the clock", clocks), ("on the processor", processors))
    ]
    print(render(f"{len(times)} junk questions to {papers} papers, ms", rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
