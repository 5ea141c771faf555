"""Which process works, and whether one that worked is gone, as the system's files of processes tell."""

import os
import socket
from pathlib import Path


def worker_name() -> str:
    """Host, process and the moment the process began, so that a reused process number is another worker."""
    began = Path(f"/proc/{os.getpid()}/stat").read_text(encoding="ascii").rsplit(") ", 1)[1].split()[19]
    return f"{socket.gethostname()}:{os.getpid()}:{began}"


def is_of(owner: str, process: int) -> bool:
    """Whether a worker is, or was, that process of this host."""
    host, number, _ = owner.rsplit(":", 2)
    return (host, number) == (socket.gethostname(), str(process))


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


def is_child(process: int) -> bool:
    """Whether this process started that one, and it is there."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text(encoding="ascii", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rsplit(") ", 1)[1].split()[1] == str(os.getpid())


def resident_bytes(process: int) -> int:
    """How much memory a process takes now, with the pages of programs that others share; 0 when it is gone."""
    try:
        resident = Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1]
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return int(resident) * os.sysconf("SC_PAGE_SIZE")
