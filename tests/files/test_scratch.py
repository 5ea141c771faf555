"""What a killed process left of papers is gone after the next command."""

import os
import subprocess
import sys
from pathlib import Path

from archive.vault import open_vault
from services.context import Services
from tests.support.desk import told_by
from tests.support.held_papers import hold

_KILLED = """
import os, signal
import archive.vault
from cli.main import app

archive.vault.flush_tree = lambda folder: os.kill(os.getpid(), signal.SIGKILL)
app(["standing", "paper", "revoked", "--reason", "QĐ 12", "--who", "bình"])
"""


def test_a_killed_change_of_standing_leaves_no_copies(ctx: Services, tmp_path: Path) -> None:
    """The copy that it was about to put into the vault is swept by whoever opens the vault next."""
    hold(ctx, tmp_path, "paper")
    (ctx.settings.home / "khoso.toml").write_text('[desk.roles]\n"bình" = "archivist"\n', encoding="utf-8")
    environment = {**os.environ, "KHOSO_HOME": str(ctx.settings.home)}
    done = subprocess.run([sys.executable, "-c", _KILLED], env=environment, check=False)
    scratch = ctx.settings.scratch
    assert done.returncode == -9
    assert list(scratch.rglob("document.pdf"))
    assert told_by(ctx.settings, "show", "paper")[0] == 0
    assert not list(scratch.rglob("document.pdf"))
    assert [path for path in scratch.iterdir() if path.is_dir() and path.name != str(os.getpid())] == []


def test_what_a_living_process_works_on_stays(ctx: Services) -> None:
    """Only those that are gone are swept after."""
    other = subprocess.Popen(["sleep", "60"])
    mine = ctx.settings.scratch / str(other.pid) / "copy"
    mine.mkdir(parents=True)
    try:
        with open_vault(ctx.settings.vault, ctx.settings.scratch):
            assert mine.exists()
    finally:
        other.kill()
        other.wait()
    with open_vault(ctx.settings.vault, ctx.settings.scratch):
        assert not mine.exists()
