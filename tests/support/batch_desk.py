"""A batch of small papers at a desk with an authority and keys beside it, whose surroundings may fail meanwhile."""

import contextlib
import csv
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from archive.ledger import open_ledger
from config.settings import load_settings
from domain import clock
from domain.states import DocumentState
from samples.fonts import typeface
from services.context import open_services
from signing.verification.verify import verify_pdf
from tests.conftest import program
from tests.support.ades_engine import OK, judged
from tests.support.pki import Authority
from tests.support.tokens import MODULE, Shelf

Through = Callable[[int], int]
ROOT = Path(__file__).parents[2]
WORDS = ("thông báo", "thời gian", "tiếp nhận", "hồ sơ", "trả", "kết quả", "giải quyết", "thủ tục", "phường", "cấp")
SETTINGS = """
[work]
pause_s = 1
[recognition]
mode = "fast"
[signing]
kind = "token"
roots = "{roots}"
[[signing.time_stamps]]
url = "{url}"
timeout_s = 2
"""
TOKEN = """
[signing.{role}_token]
module = "{module}"
label = "desk"
key = "{role}"
certificates = "{certificates}"
pin_file = "{pin}"
patience_s = 1
"""


class Desk:
    """A store with keys on a token and an authority beside it, and a batch of small papers."""

    def __init__(
        self, folder: Path, papers: int, *, through: Through = lambda port: port, workers: int = 2, got: str = SETTINGS
    ) -> None:
        """Begin with all of it; ``through``: by which port the authority's certificates name it; ``got``: settings."""
        program("softhsm2-util")
        self.papers = papers
        self._workers = workers
        self.shelf = Shelf(folder)
        (folder / "authority").mkdir()
        self.authority = Authority(folder / "authority", through)
        for role in ("officer", "agency"):
            self.shelf.certify(role, self.authority.pki.credential(role))
        self.shelf.add("desk", "officer", "agency")
        self.home = folder / "home"
        self.home.mkdir()
        url = self.authority.pki.authority("tsa").url
        self.settle(got.format(roots=self.authority.pki.roots, url=url) + self.tokens())
        self._scans = folder / "scans"
        self._manifest = folder / "manifest.csv"
        self._draw()
        self._chatter = folder / "chatter.txt"
        self._run: subprocess.Popen[bytes] | None = None

    def tokens(self) -> str:
        """Settings of the keys on the token."""
        return "".join(
            TOKEN.format(role=role, module=MODULE, certificates=self.shelf.certificates(role), pin=self.shelf.pin_file)
            for role in ("officer", "agency")
        )

    def settle(self, settings: str) -> None:
        """Write the settings of the store."""
        (self.home / "khoso.toml").write_text(settings, encoding="utf-8")

    def _draw(self) -> None:
        """Slips with a few words each, no two of them alike, and a manifest that leaves nobody in doubt."""
        self._scans.mkdir()
        with self._manifest.open("w", encoding="utf-8") as file:
            rows = csv.writer(file)
            rows.writerow(["file", "type", "number_symbol", "issued_date", "issuer", "abstract"])
            for number in range(1, self.papers + 1):
                chance = random.Random(number)  # noqa: S311 (drawing)
                slip = Image.new("L", (827, 583), 255)
                for line in range(3):
                    text = " ".join(chance.choices(WORDS, k=chance.randrange(2, 6)))
                    place = (60 + chance.randrange(120), 150 + 90 * line)
                    ImageDraw.Draw(slip).text(place, text, fill=0, font=typeface(38))
                slip.save(self._scans / f"{number:03}.png", dpi=(200, 200))
                issuer = "Ủy ban nhân dân phường Hải Châu"
                rows.writerow([f"{number:03}.png", "TP.H17.990103", f"{number}/TB-UBND", "2026-03-12", issuer, "thử"])

    def begin(self) -> None:
        """Start the command; the same one goes on after a kill."""
        command = [sys.executable, str(ROOT / "run_pipeline.py"), "ingest", str(self._scans)]
        command += [
            "--manifest",
            str(self._manifest),
            "--home",
            str(self.home),
            "--workers",
            str(self._workers),
            "--json",
        ]
        environment = {**os.environ, "SOFTHSM2_CONF": str(self.shelf.conf), "KHOSO_LANG": "en"}
        with self._chatter.open("ab") as chatter:
            self._run = subprocess.Popen(
                command, env=environment, start_new_session=True, stdout=subprocess.DEVNULL, stderr=chatter
            )

    def kill(self) -> None:
        """Kill -9."""
        assert self._run is not None
        os.killpg(self._run.pid, signal.SIGKILL)
        self._run.wait()

    @property
    def is_running(self) -> bool:
        """Whether the command has not ended."""
        return self._run is not None and self._run.poll() is None

    def stop(self) -> None:
        """Kill the command, if it still runs."""
        if self._run is not None and self._run.poll() is None:
            self.kill()

    def interrupt(self) -> None:
        """Ctrl-C: what is in hand is ended, and nothing is lost."""
        assert self._run is not None
        self._run.send_signal(signal.SIGINT)
        self._run.wait()

    def kill_a_worker(self) -> None:
        """Kill -9 one of the pool's processes; the command starts another one in its place."""
        assert self._run is not None
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):  # processes come and go
                parent = (folder / "stat").read_text(encoding="utf-8").rsplit(") ", 1)[1].split()[1]
                if int(parent) == self._run.pid and b"spawn_main" in (folder / "cmdline").read_bytes():
                    os.kill(int(folder.name), signal.SIGKILL)
                    return
        raise AssertionError("the command has no processes")

    def end(self) -> int:
        """The exit code of the command, once it ends."""
        assert self._run is not None
        return self._run.wait()

    @property
    def chatter(self) -> str:
        """What the commands have said so far."""
        return self._chatter.read_text(encoding="utf-8")

    def until(self, happens: Callable[[], bool]) -> None:
        """Let the command work until something happens, which it must do before the command ends."""
        while not happens():
            assert self._run is not None
            assert self._run.poll() is None, self.chatter
            time.sleep(0.1)

    def done(self, number: int) -> Callable[[], bool]:
        """Whether so many papers are archived and findable."""
        return lambda: self.count("done") >= number

    def waits(self, reason: str) -> Callable[[], bool]:
        """Whether a paper waits for that reason, and the command has said so."""
        return lambda: self.count("waiting", reason) > 0 and f"Waiting: {reason}" in self.chatter

    def count(self, state: DocumentState, reason: str = "") -> int:
        """How many papers are in a state, for a reason."""
        if not (self.home / "ledger.sqlite").exists():
            return 0
        with open_ledger(f"sqlite:///{self.home / 'ledger.sqlite'}") as ledger:
            return sum(entry.reason.text().startswith(reason) for entry in ledger.entries(state=state))

    @property
    def waiting(self) -> set[str]:
        """The reasons for which papers wait."""
        with open_ledger(f"sqlite:///{self.home / 'ledger.sqlite'}") as ledger:
            return {entry.reason.word for entry in ledger.entries(state="waiting") if entry.tries}

    @property
    def tries(self) -> int:
        """How often papers that wait have been tried."""
        with open_ledger(f"sqlite:///{self.home / 'ledger.sqlite'}") as ledger:
            return sum(entry.tries for entry in ledger.entries(state="waiting"))

    def check(self, *, waited: bool = True) -> None:
        """Every paper is archived once, at B-LTA, with one signature of each role; nothing was held on the way.

        ``waited``: some had to.
        """
        root = self.authority.pki.certificate("root")
        anchors = ((self.authority.pki.roots / "root.der").read_bytes(),)
        with open_services(load_settings(self.home, {})) as ctx:
            entries = ctx.ledger.entries()
            assert [entry.state for entry in entries] == ["done"] * self.papers
            histories = [ctx.ledger.history(entry.id) for entry in entries]
            papers = [ctx.catalogue.paper(entry.id) for entry in entries]
            assert len(list(ctx.vault.objects())) == self.papers
            for paper in papers:
                assert paper is not None
                assert paper.level == "B-LTA"
                ctx.vault.check(paper.object_id)
                pdf = ctx.vault.get(paper.object_id).files["document.pdf"].read_bytes()
                verdicts = verify_pdf(pdf, anchors, clock.now())
                assert [(item.field, item.problem) for item in verdicts] == [
                    ("SoHoa", ""),
                    ("CoQuan", ""),
                    ("DauThoiGian2", ""),
                ]
            assert judged(pdf, root, clock.now()) is OK
        outcomes = {passage.outcome for history in histories for passage in history}
        expected = {"passed", "retry"} if waited else {"passed"}
        assert outcomes - {"lost"} == expected  # whether a kill meets a paper in hand is chance


@contextmanager
def at_a_desk(folder: Path, papers: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A desk with its authority at work; whatever still runs at the end is stopped."""
    monkeypatch.setenv("SOFTHSM2_CONF", str(folder / "softhsm2.conf"))
    desk = Desk(folder, papers)
    desk.authority.start()
    try:
        yield desk
    finally:
        desk.stop()
        desk.authority.stop()
