"""What a killed process left of papers is gone after the next command."""

import os
import subprocess
import sys
import threading
from pathlib import Path

from files import scratch
from files.durable import sweep_unfinished, whole
from services.context import Services
from tests.support.desk import run_json
from tests.support.held_papers import hold

_KILLED = """
import os, signal
import archive.vault
from cli.main import app

archive.vault.flush_tree = lambda folder: os.kill(os.getpid(), signal.SIGKILL)
app(["standing", "paper", "revoked", "--reason", "QĐ 12", "--who", "bình"])
"""
_WORKING = """
import sys, time
from pathlib import Path
from files.scratch import own_folder

copy = own_folder(Path(sys.argv[1])) / "copy"
copy.mkdir()
print(copy, flush=True)
time.sleep(600)
"""


def test_a_killed_change_of_standing_leaves_no_copies(ctx: Services, tmp_path: Path) -> None:
    """The copy that it was about to put into the vault is swept by the next command, whatever that is."""
    hold(ctx, tmp_path, "paper")
    (ctx.settings.home / "khoso.toml").write_text('[desk.roles]\n"bình" = "archivist"\n', encoding="utf-8")
    environment = {**os.environ, "KHOSO_HOME": str(ctx.settings.home)}
    done = subprocess.run([sys.executable, "-c", _KILLED], env=environment, check=False)
    folder = ctx.settings.scratch
    assert done.returncode == -9
    assert list(folder.rglob("document.pdf"))
    assert run_json(ctx.settings, "status")[0] == 0
    assert not list(folder.rglob("document.pdf"))
    assert [path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(f"{os.getpid()}-")] == []


def test_what_a_living_process_works_on_stays(ctx: Services) -> None:
    """Only those that are gone are swept after; their numbers tell nothing, for containers have the same."""
    scratch.own_folder(ctx.settings.scratch)
    command = [sys.executable, "-c", _WORKING, str(ctx.settings.scratch)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        copy = Path(other.stdout.readline().strip())
        elsewhere = copy.parent.rename(copy.parent.with_name("4194304-of-a-container"))  # no process has that number
        scratch.sweep_scratch(ctx.settings.scratch)
        assert (elsewhere / copy.name).exists()
        other.kill()
        other.wait()
    scratch.sweep_scratch(ctx.settings.scratch)
    assert not elsewhere.exists()


def test_of_two_who_write_a_file_one_waits(tmp_path: Path) -> None:
    """What is written beside is the writer's alone; what a killed one left is taken away, by the next or by a sweep."""
    path, part = tmp_path / "file", tmp_path / ".file.part"
    done = []

    def write(text: str) -> None:
        with whole(path) as file:
            file.write(text.encode())
        done.append(text)

    with whole(path) as file:
        later = threading.Thread(target=write, args=("second",))
        later.start()
        later.join(0.2)
        sweep_unfinished(tmp_path)
        assert (done, part.exists()) == ([], True)
        file.write(b"first")
    later.join()
    assert (done, path.read_text(encoding="utf-8"), part.exists()) == (["second"], "second", False)
    part.write_text("much more than there is to write", encoding="utf-8")
    write("third")
    assert (path.read_text(encoding="utf-8"), part.exists()) == ("third", False)
    part.touch()
    sweep_unfinished(tmp_path)
    assert not part.exists()
