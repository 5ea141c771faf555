"""What a command says of what it was given commands no terminal and tells no identity number; nor does the journal."""

import subprocess
from pathlib import Path

import pytest

from tests.support.desk import COMMAND, WHY

OWNER = "048193442112"
CODE = f"{OWNER}.TP.H17.990105.KS.01"
ESCAPE = "\x1b]0;owned\x07"


@pytest.mark.parametrize(
    "command",
    [
        ("verify", CODE),
        ("verify", CODE, "--who", "Nguyễn Văn A"),
        ("show", CODE),
        ("use", CODE, "--dossier", OWNER),
        ("standing", CODE, "revoked", "--reason", OWNER),
        ("standing", CODE, "revoked", "--reason", OWNER, "--who", "Nguyễn Văn A"),
        ("owner", OWNER, "--reason", OWNER),
        ("lookup", "--reason", WHY, "--owner", OWNER, "--dossier", f"{OWNER}{ESCAPE}"),
        ("lookup", "--reason", WHY, "--owner", OWNER, "--dossier", "H17.12-261124-0077", "--procedure", OWNER),
        ("review", CODE),
        ("review", OWNER, "--set", f"owner_id={OWNER}"),
        ("status", OWNER),
        ("search", "--from", f"{OWNER}{ESCAPE}"),
        ("search", "--limit", f"{OWNER}{ESCAPE}"),
        ("search", "--no-such-option", OWNER),
        ("status", "one", f"{OWNER}{ESCAPE}"),
        (f"{OWNER}{ESCAPE}",),
        ("ingest", f"/no/{OWNER}{ESCAPE}.pdf"),
        ("verify", f"/no/{OWNER}{ESCAPE}.pdf"),
        ("dossiers", "import", f"/no/{OWNER}{ESCAPE}.xlsx"),
        ("catalogue", "import", f"/no/{OWNER}{ESCAPE}.xlsx"),
    ],
    ids=" ".join,
)
def test_what_was_typed_is_told_masked(tmp_path: Path, command: tuple[str, ...]) -> None:
    """Whichever way a command refuses what it was given."""
    home = tmp_path / "home"
    done = subprocess.run(
        [*COMMAND, *command], env={"PATH": "/usr/bin:/bin", "KHOSO_HOME": str(home)}, capture_output=True, check=False
    )
    said = done.stdout + done.stderr
    assert done.returncode not in {0, 1} or command[0] == "review", said
    for got in (said, *(path.read_bytes() for path in home.glob("audit.jsonl"))):
        assert OWNER.encode() not in got, said
        assert b"\x1b" not in got, said
    assert b"Traceback" not in said
