"""The audit journal: who did or asked what, when and why, in a chain that shows every change.

One JSON line an event in an append-only file; each line carries the SHA-256 of the line before it, so that an edited,
inserted or removed line breaks the chain from there on.  Cutting off the end is seen only against a copy of the last
line kept elsewhere.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from domain.clock import now
from domain.errors import NotValid
from domain.events import AuditEvent
from domain.shown import shown

_FIRST = "0" * 64
_BLOCK = 4_096  # more than most events have


class Journal:
    """Appends events of the closed set (``domain.events``) under a lock on the file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def record(self, *events: AuditEvent) -> None:
        """Append an event, or several that belong together; they are on the disk when this returns."""
        if not events:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        at = now().isoformat()
        with self._path.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # until it is closed, by whatever way the process ends
            before, lines = _last_hash(file), []
            for event in events:
                told = {name: _told(value) for name, value in event.model_dump(by_alias=True).items()}
                line = json.dumps({"at": at, **told, "before": before}, ensure_ascii=False).encode()
                before = hashlib.sha256(line).hexdigest()
                lines.append(line + b"\n")
            file.write(b"".join(lines))
            file.flush()
            os.fsync(file.fileno())

    def events(self) -> Iterator[dict[str, str]]:
        """Every event, oldest first, after its place in the chain was checked.

        Raises:
            NotValid: a line was changed, put in or taken out.
        """
        before = _FIRST
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            for number, raw in enumerate(file, 1):
                line = raw.rstrip(b"\n")
                try:
                    entry = json.loads(line)
                except ValueError:
                    entry = {}
                if entry.get("before") != before:
                    raise NotValid(f"The audit journal is broken at line {number}", remedy="Compare with its copy")
                before = hashlib.sha256(line).hexdigest()
                yield entry


def _told(value: object) -> object:
    """A value of an event; a text names nobody by number here, whichever field it stands in (design law 7)."""
    return shown(value) if isinstance(value, str) else value


def _last_hash(file: BinaryIO) -> str:
    """The hash of the last whole line; a line torn by a power cut is cut away first."""
    size = file.seek(0, os.SEEK_END)
    end = _line_start(file, size)
    if end < size:
        file.truncate(end)
    if not end:
        return _FIRST
    start = _line_start(file, end - 1)
    file.seek(start)
    return hashlib.sha256(file.read(end - 1 - start)).hexdigest()


def _line_start(file: BinaryIO, end: int) -> int:
    """Where the line begins that reaches to ``end``, however long it is."""
    while end:
        back = min(end, _BLOCK)
        file.seek(end - back)
        newline = file.read(back).rfind(b"\n")
        if newline >= 0:
            return end - back + newline + 1
        end -= back
    return 0
