"""A day's work at the command line, in Vietnamese: each command as it is typed, and the screen as it is read.

What differs from run to run (places, ids, days, times, digests) is written as a word, so that the screens of a day can
be kept as text (`tests/cli/screens`), read by a person, and compared.
"""

import os
import re
import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path

from config.settings import load_settings
from domain.clock import today
from services.context import open_services
from tests.support.source import ROOT

SAVED = ROOT / "tests" / "cli" / "screens"
SAVING = "KHOSO_SAVE_DAYS"  # set: what is seen becomes what is kept

_WORDS = (
    (re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}(?::\d{2})?"), "<LÚC>"),
    (re.compile(r"\d{4}-\d{2}-\d{2}T[\d:]{8}(?:\+07:00)?"), "<LÚC>"),
    (re.compile(r"\b\d{8}-\d{6}-[0-9a-f]{6}\b"), "<LÔ>"),
    (re.compile(r"\b[0-9a-f]{64}\b"), "<SHA-256>"),
    (re.compile(r"\b[0-9a-f]{32}\b"), "<SỐ GIEO>"),
    (re.compile(r"\b[\w.-]+:\d+:\d{3,}\b"), "<TIẾN TRÌNH>"),
    (re.compile(r"(?<=  )\d+ s(?=  )"), "<GIÂY>"),
    (re.compile(r"(?<=/vault/)\S+?(?=/v\d)"), "<ĐỐI TƯỢNG>"),
    (re.compile(r"(?<=giấy tờ phải kiểm tra: ).*"), "…"),  # in the order of chance
)
_SHORT = re.compile(r"\b[0-9a-f]{8}\b")
_DAY = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")  # of today and later: terms are counted from it
_ID = re.compile(r"\b[0-9a-f]{16}\b")


class Day:
    """A store, a folder of scans, and what was seen on the screen so far."""

    def __init__(self, folder: Path, roles: Mapping[str, str]) -> None:
        """Begin with an empty store, in which these persons have roles of their own."""
        self.folder = folder
        self._begun = today().isoformat()
        self.scans = folder / "scans"
        self.scans.mkdir(parents=True)
        self.screens: list[str] = []
        self._ids: dict[str, str] = {}
        (folder / "kho").mkdir()
        lines = (f'"{name}" = "{role}"' for name, role in roles.items())
        (folder / "kho" / "khoso.toml").write_text("\n".join(("[desk.roles]", *lines)), encoding="utf-8")

    def run(self, *arguments: str, ends: int = 0, who: str = "") -> str:
        """Type a command, which must end with this exit code; its screen, as it came."""
        environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        environment |= {"KHOSO_HOME": str(self.folder / "kho"), "KHOSO_LANG": "vi", "COLUMNS": "160"}
        if who:
            environment["KHOSO_WHO"] = who
        command = [str(ROOT / ".venv" / "bin" / "python"), str(ROOT / "run_pipeline.py"), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=self.folder)
        typed = f"{who or 'người vận hành'} $ khoso {shlex.join(arguments)}"
        self.screens.append(self._plain(f"{typed}\n{done.stdout}{done.stderr}"))
        assert done.returncode == ends, (done.returncode, self.screens[-1])
        return done.stdout + done.stderr

    def batch(self) -> str:
        """The newest batch."""
        with open_services(load_settings(self.folder / "kho", {})) as ctx:
            return str(ctx.ledger.batches()[-1]["id"])

    def id_of(self, name: str) -> str:
        """The document that a file became."""
        with open_services(load_settings(self.folder / "kho", {})) as ctx:
            found = [
                source.document_id
                for item in ctx.ledger.batches()
                for source in ctx.ledger.sources(str(item["id"]))
                if Path(source.path).name == name
            ]
        assert found[0]
        return found[0]

    def _plain(self, text: str) -> str:
        text = text.replace(str(self.folder), "…")
        for shape, word in _WORDS:
            text = shape.sub(word, text)
        text = _DAY.sub(lambda found: "<NGÀY>" if found[0] >= self._begun else found[0], text)
        text = _ID.sub(lambda found: self._ids.setdefault(found[0], f"<GT{len(self._ids) + 1}>"), text)
        text = _SHORT.sub(self._named, text)
        return "\n".join(re.sub(r" {2,}", "  ", line).rstrip() for line in text.splitlines())

    def _named(self, found: re.Match[str]) -> str:
        """A short id, by the paper whose it is."""
        return next((name for id_, name in self._ids.items() if id_.startswith(found[0])), found[0])

    def ends_as(self, name: str) -> None:
        """See that the day's screens are those that are kept."""
        seen = "\n\n".join(self.screens) + "\n"
        kept = SAVED / f"{name}.txt"
        if os.environ.get(SAVING):
            kept.parent.mkdir(exist_ok=True)
            kept.write_text(seen, encoding="utf-8")
        assert seen.splitlines() == kept.read_text(encoding="utf-8").splitlines()
