"""What processes that run stages say on their standard error."""

import os
import subprocess
import sys
from pathlib import Path

from tests.support.source import ROOT

_SPEAKS = """
import logging, sys
from pathlib import Path
from config.settings import load_settings
from pipeline.embedded import set_up_process

set_up_process(load_settings(Path(sys.argv[1]), {}))
import archive.vault  # what the first archived paper imports: a library behind it sets up logs of its own

log = logging.getLogger("khoso.runner")
log.error("%s failed on 048091004567\\x1b[31m", "describe")
try:
    raise ValueError("048091004568 is odd")
except ValueError:
    log.exception("describe failed unexpectedly")
logging.getLogger("pairtree").info("nobody reads this")
"""


def test_logs_stay_masked_and_harmless_after_the_first_paper_was_archived(tmp_path: Path) -> None:
    """Neither number nor escape, in messages and tracebacks; and no library speaks louder than ours."""
    done = subprocess.run(
        [sys.executable, "-c", _SPEAKS, tmp_path / "home"],
        cwd=ROOT,
        env=os.environ,
        capture_output=True,
        text=True,
        check=True,
    )
    first, *others = done.stderr.splitlines()
    assert first == "ERROR khoso.runner: describe failed on 048*******67\\x1b[31m"
    assert others[0] == "ERROR khoso.runner: describe failed unexpectedly"
    assert others[-1] == "ValueError: 048*******68 is odd"
