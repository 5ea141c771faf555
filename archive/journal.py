"""The audit journal: who did or asked what, when and why, in a chain that shows every change.

One JSON line an event in an append-only file; each line carries the SHA-256 of the line before it, so that an edited,
inserted or removed line breaks the chain from there on.  How far the journal reaches, and the digest of its last line,
stand beside it (``.head``): so an end that was cut off is noticed, too, and the next line does not hide it, for it
carries the digest that stands there.  Who writes both files anew is noticed only against a copy elsewhere.
"""

import fcntl
import hashlib
import json
import os
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from domain.clock import now
from domain.errors import NotValid
from domain.events import AuditEvent
from domain.shown import shown

_FIRST = "0" * 64
_BLOCK = 4_096  # more than most events have
_REMEDY = "Compare it with its copy; when it and its .head are put aside, a new journal begins"
_HEAD = re.compile(rb" *([0-9]+) ([0-9a-f]{64})\n")


class Journal:
    """Appends events of the closed set (``domain.events``) under a lock on the file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._head = path.with_name(f"{path.name}.head")

    def record(self, *events: AuditEvent) -> None:
        """Append an event, or several that belong together; they are on the disk when this returns."""
        if not events:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        at = now().isoformat()
        with self._path.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # until it is closed, by whatever way the process ends
            before, lines = self._before(file), []
            for event in events:
                told = {name: _told(value) for name, value in event.model_dump(by_alias=True).items()}
                line = json.dumps({"at": at, **told, "before": before}, ensure_ascii=False).encode()
                before = hashlib.sha256(line).hexdigest()
                lines.append(line + b"\n")
            file.write(b"".join(lines))
            file.flush()
            os.fsync(file.fileno())
            # not flushed: after a power cut it may be behind, which is sound
            with os.fdopen(os.open(self._head, os.O_WRONLY | os.O_CREAT, 0o666), "wb") as head:
                head.write(f"{file.tell():>20} {before}\n".encode())

    def _before(self, file: BinaryIO) -> str:
        """What a next line carries: the digest of the last one, or that of the one that ought to be the last."""
        last, (size, known) = _last_hash(file), self._known()
        return last if not known or _digest(file, size) == known else known

    def _known(self) -> tuple[int, str]:
        """How far the journal reached when it was written last, and its last line's digest; "" when nothing tells."""
        found = _HEAD.fullmatch(self._head.read_bytes()) if self._head.exists() else None
        return (int(found[1]), found[2].decode()) if found else (0, "")

    def events(self) -> Iterator[dict[str, str]]:
        """Every event, oldest first, after its place in the chain was checked.

        Raises:
            NotValid: a line was changed, put in or taken out.
        """
        size, known = self._known()
        before, end, number = _FIRST, 0, 0
        with self._path.open("rb") if self._path.exists() else BytesIO() as file:
            for number, raw in enumerate(file, 1):
                if not raw.endswith(b"\n") and end >= size:
                    break  # torn by a power cut while it was written
                line = raw.removesuffix(b"\n")
                try:
                    entry = json.loads(line)
                except ValueError:
                    entry = {}
                if not isinstance(entry, dict) or entry.get("before") != before:
                    raise NotValid(f"The audit journal is broken at line {number}", remedy=_REMEDY)
                before, end = hashlib.sha256(line).hexdigest(), end + len(raw)
                if end - len(raw) < size <= end and (end, before) != (size, known):
                    raise NotValid(f"The audit journal is broken at line {number}", remedy=_REMEDY)
                yield entry
        if end < size:
            raise NotValid(f"The audit journal ends at line {number}: what followed was cut off", remedy=_REMEDY)


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
    return _digest(file, end)


def _digest(file: BinaryIO, end: int) -> str:
    """The digest of the line that ends there; "" when none does."""
    start = _line_start(file, end - 1)
    file.seek(start)
    line = file.read(end - start)
    return hashlib.sha256(line[:-1]).hexdigest() if line.endswith(b"\n") else ""


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
