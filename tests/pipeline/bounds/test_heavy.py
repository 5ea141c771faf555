"""Files that ask for gigabytes or hours end with a reason, the batch goes on, and no process takes more than it may."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from domain.errors import ExitCode
from tests.support import heavy_files
from tests.support.desk import COMMAND, khoso
from tests.support.walks import slip

pytestmark = pytest.mark.long

MEMORY_MIB = 900
OVERSHOOT_MIB = 300  # what is filled between two looks, on a machine that is busy with other things
BOUNDS = f"""
[work]
memory_mib = {MEMORY_MIB}
page_limit_s = 20
[recognition]
mode = "fast"
"""
# Prints how much memory the largest process below took; where nothing ends a heavy file, this ends the command.
MEASURE = (
    "import resource, subprocess, sys; code = subprocess.call(sys.argv[1:], timeout=1800);"
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10, file=sys.stderr); sys.exit(code)"
)

Draw = Callable[[Path], None]
ENDS: dict[str, tuple[Draw, str, str]] = {
    # pixels
    "picture.pdf": (heavy_files.picture, "refused", "too_large"),
    "jpeg2000.pdf": (heavy_files.jpeg2000, "refused", "too_large"),
    "jbig2.pdf": (heavy_files.jbig2, "refused", "too_large"),
    "claimed.png": (heavy_files.claimed_png, "refused", "too_large"),
    "large.png": (heavy_files.large_png, "held", "out_of_memory"),
    "steps.jpg": (heavy_files.jpeg, "held", "out_of_time"),
    # drawing orders
    "forms.pdf": (heavy_files.forms, "refused", "too_complex"),
    "deep.pdf": (lambda path: heavy_files.forms(path, levels=100, times=1), "refused", "too_complex"),
    "orders.pdf": (heavy_files.orders, "refused", "too_large"),
    "tiles.pdf": (heavy_files.tiles, "held", "out_of_time"),
    "nested_orders.pdf": (heavy_files.nested_orders, "held", "secret"),  # nobody could read its first page
    "notes.pdf": (heavy_files.notes, "refused", "too_complex"),
    # structure
    "arrays.pdf": (heavy_files.arrays, "refused", "damaged"),
    "dictionaries.pdf": (heavy_files.dictionaries, "refused", "damaged"),
    "tree.pdf": (heavy_files.page_tree, "refused", "damaged"),
    "outline.pdf": (heavy_files.outline, "refused", "blank"),
    "table.pdf": (heavy_files.table, "refused", "blank"),
    "objects.pdf": (heavy_files.objects, "refused", "blank"),
    "pages.pdf": (heavy_files.pages, "refused", "too_large"),
    "directories.tif": (heavy_files.directories, "refused", "too_large"),
    "text.png": (heavy_files.png_text, "refused", "damaged"),
}


class Batch(NamedTuple):
    """The store, what was told of each file, and how much memory the largest process took."""

    home: Path
    got: dict[str, dict[str, Any]]
    most_mib: int


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """A batch of heavy files, with a sound one behind them."""
    folder = tmp_path_factory.mktemp("heavy")
    scans = folder / "in"
    scans.mkdir()
    for name, (draw, _, _) in ENDS.items():
        draw(scans / name)
    slip().save(scans / "z.jpg", dpi=(200, 200))
    home = folder / "home"
    home.mkdir()
    (home / "khoso.toml").write_text(BOUNDS, encoding="ascii")
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, *COMMAND, "ingest", str(scans), "--home", str(home), "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    got = {Path(view["source"]).name: view for view in map(json.loads, done.stdout.splitlines())}
    return Batch(home, got, int(done.stderr.splitlines()[-1]))


@pytest.mark.parametrize("name", ENDS)
def test_a_heavy_file_ends_with_its_reason(batch: Batch, name: str) -> None:
    """Each is refused or held by a word of its own, and a person is told what to do."""
    _, state, reason = ENDS[name]
    view = batch.got[name]
    assert (view["state"], view["reason"].partition(":")[0]) == (state, reason), view["reason"]


def test_the_batch_goes_on(batch: Batch) -> None:
    """The sound paper behind them is read; it waits for nothing but its type."""
    view = batch.got["z.jpg"]
    assert view["state"] == "archived" or view["reason"].startswith("review:"), view["reason"]


def test_the_page_is_named(batch: Batch) -> None:
    """Which page kept the process is told, so that it can be taken out."""
    assert "prepare at page 1" in batch.got["tiles.pdf"]["reason"]


def test_a_release_has_the_same_bounds(batch: Batch) -> None:
    """A person who lets such a paper go on has it back with the same reason, and keeps his own process."""
    code, (view,), _ = khoso(batch.home, "review", batch.got["large.png"]["id"], "--release")
    assert (code, view["state"], view["reason"].partition(":")[0]) == (ExitCode.HELD, "held", "out_of_memory")


def test_no_process_takes_more_than_it_may(batch: Batch) -> None:
    """The largest of all processes stayed within the limit, but for what it filled before somebody looked."""
    assert batch.most_mib < MEMORY_MIB + OVERSHOOT_MIB
