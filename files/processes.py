"""Which process works, and whether one that worked is gone, as the system's files of processes tell."""

import os
import socket
from pathlib import Path


def worker_name() -> str:
    """Host, process and the moment the process began, so that a reused process number is another worker."""
    began = Path(f"/proc/{os.getpid()}/stat").read_text(encoding="ascii").rsplit(") ", 1)[1].split()[19]
    return f"{socket.gethostname()}:{os.getpid()}:{began}"


def is_dead(owner: str) -> bool:
    """Whether a worker of this host is certainly gone; workers of other hosts are judged by their lease alone."""
    host, pid, began = owner.rsplit(":", 2)
    if host != socket.gethostname():
        return False
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(") ", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return True
    return stat[19] != began or stat[0] == "Z"
