"""The audit journal: who did or asked what, when and why, in a chain that shows every change.

One JSON line an event in an append-only file; each line carries the SHA-256 of the line before it, so that an edited,
inserted or removed line breaks the chain from there on.  How far the journal reaches, and the digest of its last line,
stand beside it (``.head``): so an end that was cut off is noticed, too, and the next line does not hide it, for it
carries the digest that stands there; where the head itself is gone, the next line says so.  Who writes both files anew
is noticed only against a copy elsewhere.

A change is recorded before it counts, so that none is without its event.  Which ones are begun and not done yet stands
beside it, too (``.begun``): what was cut off in between and is done again is not told again.
"""

import errno
import fcntl
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from archive.errors import DatabaseFull, JournalNotWritten
from domain.clock import now
from domain.errors import NotValid
from domain.events import AuditEvent
from domain.shown import shown

_FIRST = "0" * 64
_BLOCK = 4_096  # more than most events have
_REMEDY = "compare_journal"
HEADLESS = {"head": "missing"}  # of a line that was written where nothing told how far the journal had reached
_MOST_BEGUN = 100  # changes that were cut off, and that nobody has made again
_HEAD = re.compile(rb" *([0-9]+) ([0-9a-f]{64})\n")


class Journal:
    """Appends events of the closed set (``domain.events``) under a lock on the file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._head = path.with_name(f"{path.name}.head")
        self._begun = path.with_name(f"{path.name}.begun")

    def record(self, *events: AuditEvent) -> None:
        """Append an event, or several that belong together; they are on the disk when this returns.

        Raises:
            JournalNotWritten, DatabaseFull: they are not.
        """
        if not events:
            return
        with self._locked() as file:
            self._append(file, [_entry(event) for event in events])

    @contextmanager
    def once(self, *about: str) -> Iterator[Callable[..., None]]:
        """For a block that records a change, by what it is given here, and then makes it: the event stands once.

        When a block with the same event about the same thing was cut off before, the event stands already.  After a
        power cut, and of the oldest of more than a hundred that were cut off, it may stand twice.

        Args:
            about: the thing that is changed, by one act at a time.
        """
        key = _key(about)
        yield partial(self._record_once, key)
        with self._locked():
            begun = self._read_begun()
            if begun.pop(key, None) is not None:
                self._write_begun(begun)

    def was_cut_off(self, event: AuditEvent, *about: str) -> bool:
        """Whether a change was recorded by this event, and whoever made it was cut off before or after it counted."""
        with self._locked() as file:
            start = self._read_begun().get(_key(about))
            return start is not None and _entry(event) in _events_from(file, start)

    def _record_once(self, key: str, *events: AuditEvent) -> None:
        with self._locked() as file:
            entries, begun = [_entry(event) for event in events], self._read_begun()
            if key in begun:
                known = list(_events_from(file, begun[key]))
                entries = [item for item in entries if item not in known]
            else:
                self._write_begun({**begun, key: file.seek(0, os.SEEK_END)})
            if entries:
                self._append(file, entries)

    @contextmanager
    def _locked(self) -> Iterator[BinaryIO]:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("a+b") as file:
                fcntl.flock(file, fcntl.LOCK_EX)  # until it is closed, by whatever way the process ends
                yield file
        except OSError as error:
            if error.errno in {errno.ENOSPC, errno.EDQUOT}:
                raise DatabaseFull("disk_full_at", place=self._path) from None
            raise JournalNotWritten("not_written", path=self._path, error=error.strerror) from error

    def _append(self, file: BinaryIO, entries: Sequence[dict[str, object]]) -> None:
        if not file.seek(0, os.SEEK_END) and not self._known()[1]:
            _write_over(self._head, f"{0:>20} {_FIRST}\n".encode())  # a kill before the next one lets none be missed
        at, beside = now().isoformat(), HEADLESS if self._is_headless(file) else {}
        before, lines = self._before(file), []
        for item in entries:
            line = json.dumps({"at": at, **item, **beside, "before": before}, ensure_ascii=False).encode()
            before, beside = hashlib.sha256(line).hexdigest(), {}
            lines.append(line + b"\n")
        file.write(b"".join(lines))
        file.flush()
        os.fsync(file.fileno())
        # not flushed: after a power cut it may be behind, which is sound
        _write_over(self._head, f"{file.tell():>20} {before}\n".encode())

    def _read_begun(self) -> dict[str, int]:
        """How long the journal was when each change began that is not done yet."""
        noted = _read(self._begun.read_bytes()) if self._begun.exists() else {}
        return {key: start for key, start in noted.items() if isinstance(start, int)}

    def _write_begun(self, begun: dict[str, int]) -> None:
        _write_over(self._begun, json.dumps(dict(list(begun.items())[-_MOST_BEGUN:])).encode())

    def _before(self, file: BinaryIO) -> str:
        """What a next line carries: the digest of the last one, or that of the one that ought to be the last."""
        last, (size, known) = _last_hash(file), self._known()
        return last if not size or _digest(file, size) == known else known

    def _known(self) -> tuple[int, str]:
        """How far the journal reached when it was written last, and its last line's digest; "" when nothing tells."""
        found = _HEAD.fullmatch(self._head.read_bytes()) if self._head.exists() else None
        return (int(found[1]), found[2].decode()) if found else (0, "")

    def _is_headless(self, file: BinaryIO) -> bool:
        return file.seek(0, os.SEEK_END) > 0 and not self._known()[1]

    def is_headless(self) -> bool:
        """Whether nothing tells how far the journal reaches, so that its end may have been cut off."""
        if not self._path.exists():
            return False
        with self._path.open("rb") as file:
            return self._is_headless(file)

    def of_kind(self, word: str) -> Iterator[dict[str, Any]]:
        """The events of one kind, oldest first; the chain is not looked at, so that long journals are read fast."""
        mark = json.dumps(word, ensure_ascii=False).encode()
        with self._path.open("rb") if self._path.exists() else BytesIO() as file:
            for line in file:
                if mark in line and (entry := _read(line)).get("event") == word:
                    yield entry

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
                entry = _read(line)
                if entry.get("before") != before:
                    raise NotValid("journal_broken", remedy=_REMEDY, line=number)
                before, end = hashlib.sha256(line).hexdigest(), end + len(raw)
                if end - len(raw) < size <= end and (end, before) != (size, known):
                    raise NotValid("journal_broken", remedy=_REMEDY, line=number)
                yield entry
        if end < size:
            raise NotValid("journal_cut_off", remedy=_REMEDY, line=number)


def _key(about: Sequence[str]) -> str:
    return hashlib.sha256("\0".join(about).encode("utf-8", "surrogateescape")).hexdigest()[:16]


def _entry(event: AuditEvent) -> dict[str, object]:
    """What a line says of an event; it names nobody by number, whichever field it stands in (design law 7)."""
    values = event.model_dump(by_alias=True, mode="json")
    return {name: shown(value) if isinstance(value, str) else value for name, value in values.items()}


def _events_from(file: BinaryIO, start: int) -> Iterator[dict[str, object]]:
    """What the lines from a place on say, without when and behind which."""
    file.seek(start if 0 <= start <= file.seek(0, os.SEEK_END) else 0)
    for line in file:
        yield {name: value for name, value in _read(line).items() if name not in {"at", "before", *HEADLESS}}


def _read(line: bytes) -> dict[str, Any]:
    """What a line says; nothing when it is no object."""
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return entry if isinstance(entry, dict) else {}


def _write_over(path: Path, content: bytes) -> None:
    """Write a small file over in one step, so that a killed process leaves the former or the new one."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o666), "wb") as file:
        file.write(content.ljust(os.fstat(file.fileno()).st_size))


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
