"""What signing costs in the flow: from file to file, with all that is checked and proven on the way."""

import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

from benchmarks.signset import AT, Bench, authority, scan
from signing.pades.conformance import prove_signature
from signing.signer import CredentialSigners

FLOW_MS, BESIDE_FILE_MB = 25.0, 50  # goals


class Flow:
    """What the stages of the flow do: two signatures with marks and all proof, each checked and proven PDF/A."""

    def __init__(self, bench: Bench, folder: Path) -> None:
        """Sign in this folder."""
        agency = bench.pki.credential("agency")
        stamps, proof = bench.keeper.time_stamps, bench.keeper
        self._hands = CredentialSigners(bench.officer, agency, stamps, proof, development_only=True)
        self._folder = folder
        self.spent: dict[str, list[float]] = {}

    def run(self, paper: Path) -> None:
        """One paper, from file to file."""
        hands = self._hands
        copy = self._step("sign (B-B)", paper, lambda: hands.sign_copy(paper, AT))
        sealed = self._step("seal (B-T)", copy, lambda: hands.seal(copy, AT))
        self._step("extend to B-LTA", sealed, lambda: hands.extend(sealed, "B-LTA").pdf)

    def _step(self, name: str, before: Path, act: Callable[[], bytes]) -> Path:
        began = time.process_time()
        made = act()
        ended = time.process_time()
        prove_signature(before, made)
        self.spent.setdefault(name, []).append((ended - began) * 1000)
        self.spent.setdefault("its proof", []).append((time.process_time() - ended) * 1000)
        place = self._folder / f"{name[:4]}.pdf"
        place.write_bytes(made)
        return place


def flow(pdf: bytes, rounds: int) -> None:
    """What the stages of the flow cost."""
    with authority() as bench, tempfile.TemporaryDirectory() as name:
        paper = Path(name) / "paper.pdf"
        paper.write_bytes(pdf)
        measured = Flow(bench, Path(name))
        for _ in range(rounds + 1):
            measured.run(paper)
    medians = {name: statistics.median(times[1:]) for name, times in measured.spent.items()}
    medians["its proof"] *= 3
    print("\na paper in the flow, RSA-2048 PSS, CPU ms")
    for name, time_ms in medians.items():
        print(f"{name if name != 'its proof' else 'the three proofs':<22}{time_ms:>8.1f}")
    print(f"{'together':<22}{sum(medians.values()):>8.1f}   goal {FLOW_MS}")


def _peak_mb() -> float:
    """The most that this process has had; what ``getrusage`` tells begins with what its parent had."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def _sign_large(small: Path, large: Path, answer: Connection) -> None:
    """In a process of its own: how many MB more a large file takes than a small one."""
    with authority() as bench, tempfile.TemporaryDirectory() as name:
        measured = Flow(bench, Path(name))
        measured.run(small)
        before = _peak_mb()
        measured.run(large)
        answer.send(_peak_mb() - before)


def memory() -> None:
    """What memory a file of 112 MB takes in the flow."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    with tempfile.TemporaryDirectory() as name:
        small, large = (Path(name) / each for each in ("small.pdf", "large.pdf"))
        small.write_bytes(scan(1, 64))
        large.write_bytes(scan(560, 64))
        process = context.Process(target=_sign_large, args=(small, large, there))
        process.start()
        more, size = here.recv(), large.stat().st_size / (1 << 20)
        process.join()
    print(f"\na file of {size:.0f} MB takes {more:.0f} MB of memory, {more - size:.0f} more than it has", end="")
    print(f"   goal {BESIDE_FILE_MB}")
