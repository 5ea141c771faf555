"""A person at a terminal, who types what a command asks for."""

import multiprocessing
import os
import pty
import subprocess
import sys

from config.signing import SigningSettings
from domain import clock
from signing.signer import open_signers
from tests.support.signing_papers import paper


def at_a_terminal(settings: SigningSettings, typed: str, processes: int) -> tuple[int, str]:
    """Sign in processes that a command at a terminal starts; gives its exit code and what the screen showed.

    Whatever the command asks for, the same is typed.
    """
    code = "from tests.support.terminal import sign_in_processes; sign_in_processes()"
    command = [sys.executable, "-c", code, settings.model_dump_json(), str(processes)]
    screen, line = pty.openpty()
    with subprocess.Popen(command, stdin=line, stdout=line, stderr=line, start_new_session=True) as process:
        os.close(line)
        shown = b""
        with os.fdopen(screen, "r+b", buffering=0) as terminal:
            try:
                while part := terminal.read(1024):
                    shown += part
                    if part.rstrip().endswith(b":") and (b"PIN of the" in part or b"password of the" in part):
                        terminal.write(typed.encode() + b"\n")
            except OSError:  # so Linux tells that nobody holds the other end
                pass
        return process.wait(30), shown.decode()


def sign_in_processes() -> None:
    """Open the keys of the settings that are told, then sign in so many new processes, as a run of the pool does."""
    got = SigningSettings.model_validate_json(sys.argv[1])
    with open_signers(got) as signers:
        signers.get_ready()
        processes = [
            multiprocessing.get_context("spawn").Process(target=_sign, args=(got,)) for _ in range(int(sys.argv[2]))
        ]
        for process in processes:
            process.start()
        for process in processes:
            process.join()


def _sign(got: SigningSettings) -> None:
    with open_signers(got) as signers:
        signers.sign_copy(paper(), clock.now())
        sys.stdout.write("signed\n")
