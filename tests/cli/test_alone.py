"""What the program leaves on a machine and asks of a network, by its own code or by any library: nothing.

Each command runs for a user with a fresh home folder while ``strace`` writes down what it and its children ask of the
system: what native libraries do is seen as well, whether there is a network or not.
"""

import os
import re
import subprocess
from pathlib import Path

import pytest

from cli.main import _COMMANDS
from tests.conftest import program
from tests.support.desk import COMMAND, STATED
from tests.support.walks import slip

_MAKES = "creat,mkdir,mkdirat,rename,renameat,renameat2,link,linkat,symlink,symlinkat"
_CALLS = f"open,openat,{_MAKES},connect,sendto,sendmsg,sendmmsg"
_WRITES = re.compile(rf"O_WRONLY|O_RDWR|O_CREAT|^({_MAKES.replace(',', '|')})\(")
_FREE = ("/dev/", "/proc/self/")  # semaphores, terminals, the null device: gone with the process
_ADDRESS = re.compile(r'sa_family=AF_INET6?.*?(?:inet_addr\(|inet_pton\(AF_INET6, )"([^"]+)"')
_NAMES = re.compile(r'"(/etc/resolv\.conf|/run/systemd/resolve/[^"]*)"')


class Machine:
    """A user's machine on which nothing was done yet."""

    def __init__(self, folder: Path) -> None:
        """Lay out its folders."""
        self.store, self.out, self.me, self.temporary, self.here = (
            folder / name for name in ("store", "out", "me", "temporary", "here")
        )
        self._trace = folder / "trace"
        for path in (self.out, self.me, self.temporary, self.here):
            path.mkdir()

    def run(self, *arguments: str) -> tuple[int, str]:
        """Exit code of a command, and what it did that it should not have done, a line each."""
        tracer = [
            program("strace"),
            "-f",
            "--seccomp-bpf",
            "-qq",
            "-y",
            "-e",
            f"trace={_CALLS}",
            "-o",
            str(self._trace),
        ]
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.me),
            "TMPDIR": str(self.temporary),
            "KHOSO_HOME": str(self.store),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        done = subprocess.run(
            [*tracer, *COMMAND, *arguments], cwd=self.here, env=environment, capture_output=True, check=False
        )
        lines = (line.partition(" ")[2].strip() for line in self._trace.read_text(errors="replace").splitlines())
        return done.returncode, "\n".join(line for line in lines if self._is_foul(line))

    def _is_foul(self, line: str) -> bool:
        if any(not address.startswith("127.") and address != "::1" for address in _ADDRESS.findall(line)):
            return True
        if _NAMES.search(line):
            return True
        if not _WRITES.search(line) or " = -1 " in line:
            return False
        # The last path is what a call made: of an open one the descriptor that it gave, of a rename the target.
        places = re.findall(r'<(/[^>]*)>|"(/[^"]*)"', line)
        place = next(filter(None, places[-1])) if places else "?"
        return not place.startswith((*_FREE, f"{self.store}", f"{self.out}", "socket:"))


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """A machine, the same for all commands."""
    return Machine(tmp_path_factory.mktemp("machine"))


def commands(out: Path, redis: str) -> list[tuple[str, ...]]:
    """What is done on the machine, in this order, with what is in a folder of the user's."""
    about = (
        "--owner",
        "048193442112",
        "--dossier",
        "H17.12-261124-0077",
        "--type",
        STATED.type_code or "",
        "--reason",
        "sổ giấy",
    )
    return [
        ("ingest", str(out / "scans" / "notice.jpg")),
        ("ingest", str(out / "scans"), "--broker", redis),
        ("worker", "--broker", redis, "--until-idle"),
        ("status",),
        ("review",),
        ("search", "thông báo"),
        ("lookup", *about),
        ("use", "nothing", "--dossier", "H17.12-261124-0077", "--out", str(out / "used.pdf")),
        ("owner", "048193442112", "--reason", "test", "--who", "An"),
        ("standing", "nothing", "revoked", "--reason", "test", "--who", "An"),
        ("correct", "nothing", "--set", "title=x", "--reason", "test", "--who", "An"),
        ("cases", "list", "--who", "An"),
        ("withdraw", "nothing", "--reason", "test", "--who", "An"),
        ("withdrawn", "--who", "An"),
        ("copy", "nothing", "--for", "H17.12-261124-0077", "--out", str(out / "copy.pdf")),
        ("copies", "--who", "An"),
        ("certify", "nothing", "--for", "H17.12-261124-0077", "--out", str(out / "certified.pdf")),
        ("certified", "--who", "An"),
        ("link", "--who", "An"),
        ("renew",),
        ("index",),
        ("reindex",),
        ("rebuild",),
        ("upgrade",),
        ("flow",),
        ("doctor",),
        ("separators", "-o", str(out / "sheets.pdf")),
        ("catalogue", "list"),
        ("quality", "list"),
        ("dossiers", "export", "-o", str(out / "dossiers.json"), "--who", "An"),
    ]


def of_paper(out: Path, signed: Path) -> list[tuple[str, ...]]:
    """What is done with a paper that is archived then."""
    return [("verify", str(signed), "--report", str(out / "report.pdf")), ("show", "nothing")]


def test_every_command_is_tried_alone(tmp_path: Path) -> None:
    """None is left out below."""
    assert {name for name, *_ in (*commands(tmp_path, ""), *of_paper(tmp_path, tmp_path))} == set(_COMMANDS)


@pytest.mark.long
def test_nothing_is_left_and_nobody_is_asked(machine: Machine, redis: str) -> None:
    """Every command and a worker write in the store and where they are told to, and reach no other machine."""
    machine.store.mkdir()
    (machine.store / "khoso.toml").write_text('[desk.roles]\n"An" = "archivist"\n', encoding="utf-8")
    scans = machine.out / "scans"
    scans.mkdir()
    for kind in ("notice", "birth_certificate"):
        slip(kind).save(scans / f"{kind}.jpg", dpi=(200, 200))
    got = {command: machine.run(*command) for command in commands(machine.out, redis)}
    (signed, *_) = sorted((machine.store / "vault").rglob("*.pdf"))
    for command in of_paper(machine.out, signed):
        got[command] = machine.run(*command)
    assert {command: foul for command, (_, foul) in got.items() if foul} == {}
    done = {command[0]: code for command, (code, _) in got.items()}
    assert {name for name, code in done.items() if code not in {0, 3}} == {
        "use", "standing", "show", "correct", "withdraw", "copy", "certify",
    }  # fmt: skip
    assert [list(path.rglob("*")) for path in (machine.me, machine.temporary, machine.here)] == [[], [], []]


@pytest.mark.parametrize(
    "does",
    [
        "open('x', 'w')",
        "__import__('pathlib').Path.home().joinpath('.cache').mkdir()",
        "__import__('socket').socket(2, 2).sendto(b'x', ('192.0.2.1', 9))",
        "__import__('socket').socket(2, 2).connect(('192.0.2.1', 53))",
        "__import__('socket').getaddrinfo('khoso.invalid', 80)",
    ],
)
def test_a_trace_would_show_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, does: str) -> None:
    """What writes, sends or asks for a name is seen, whether it succeeds or not; what does none of it is not."""
    for code, expected in ((does, True), ("open('/dev/null', 'w'); open('/etc/passwd')", False)):
        folder = tmp_path / str(expected)
        folder.mkdir()
        monkeypatch.setattr("tests.cli.test_alone.COMMAND", [COMMAND[0], "-c"])
        assert bool(Machine(folder).run(code)[1]) is expected
