"""receive: a file becomes a received scan, safe in the inbox."""

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from config.settings import Settings, is_store
from domain.clock import now
from domain.errors import Refused
from files.durable import beside, flush_folder
from pipeline.context import Context, digest
from pipeline.errors import StillWritten, Unreadable, Unsupported, room
from pipeline.quiet import mark_of
from pipeline.records import File, Media, Received, Source

_MAGIC: tuple[tuple[bytes, Media], ...] = (
    (b"%PDF-", "pdf"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"II+\x00", "tiff"),
    (b"MM\x00+", "tiff"),
)
SUFFIXES: dict[str, Media] = {
    ".pdf": "pdf", ".jpg": "jpeg", ".jpeg": "jpeg", ".png": "png", ".tif": "tiff", ".tiff": "tiff",
}  # fmt: skip
_CHUNK = 1 << 20


def receive(source: Source, ctx: Context) -> Received:
    """Hashed while copied and flushed to the inbox; the source is only read."""
    held = _held(ctx.settings.inbox, source.sha256) if source.sha256 else None
    if held is None:
        path = Path(os.fsdecode(source.raw_path or source.path))
        with room():
            held = _taken(path, source.path, ctx.settings)
    return Received(
        document_id=held.stem[:16],
        batch_id=source.batch_id,
        source=source.path,
        media=SUFFIXES[held.suffix],
        scan=File(name=held.name, sha256=held.stem),
        received_at=now(),
        statement=source.statement.model_copy(update={"password": None}),
        within=source.within,
        rescan_of=source.statement.rescan_of,
        rescan_guessed=source.statement.rescan_guessed,
    )


def _held(inbox: Path, sha256: str) -> Path | None:
    """The scan with that digest, when it lies in the inbox whole: it need not be copied again."""
    return next((path for path in inbox.glob(f"{sha256}.*") if path.stem == sha256 == digest(path)), None)


def _taken(path: Path, label: str, settings: Settings) -> Path:
    """A copy of a file in the inbox, named by its digest and its kind."""
    inbox = settings.inbox
    inbox.mkdir(parents=True, exist_ok=True)
    part = inbox / f".{hashlib.sha256(os.fsencode(path)).hexdigest()}.part"
    with beside(part) as copy:
        sha256, head = read_through(path, label, settings.work.max_file_mib, copy)
        target = inbox / f"{sha256}.{_media(Path(label), head)}"
        part.replace(target)
        flush_folder(inbox)
    return target


def read_through(path: Path, label: str, most_mib: int, copy: BinaryIO | None = None) -> tuple[str, bytes]:
    """Read a file once, and write it down to the disk if that is wanted; returns its SHA-256 and the first bytes.

    Nothing but a plain file is read: a pipe keeps its reader waiting, and a device has no end.  No link is followed,
    for what it leads to lies elsewhere, and perhaps nobody meant it.

    Args:
        path: the file.
        label: its name as people read it.
        most_mib: a larger one is refused.
        copy: where it is written to; errors of writing are passed on.

    Raises:
        Unreadable: it is no file, or cannot be read.
        Refused: it is larger than the settings allow.
        StillWritten: it was changed or replaced meanwhile, so that what was read may be no file that ever was.
    """
    checksum, head, size = hashlib.sha256(), b"", 0
    with _reading(label):
        if any(is_store(folder) for folder in (path, *path.parents)):
            raise Unreadable("file_of_store", reason="unreadable", remedy="give_scan", file=label)
        if stat.S_ISDIR(path.lstat().st_mode):
            os.scandir(path).close()  # only one that is closed gets here: it says why
            raise _no_file(label)
        origin = os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb", buffering=0)
    with origin:
        before = os.fstat(origin.fileno())
        if not stat.S_ISREG(before.st_mode):
            raise _no_file(label)
        if before.st_size > most_mib << 20:
            raise Refused("file_too_large", reason="too_large", remedy="split_or_raise", file=label, most=most_mib)
        while size <= before.st_size:
            with _reading(label):
                chunk = origin.read(_CHUNK)
            if not chunk:
                break
            head = head or chunk[:1024]
            size += len(chunk)
            checksum.update(chunk)
            if copy is not None:
                copy.write(chunk)
        if copy is not None:
            copy.flush()
            os.fsync(copy.fileno())
        with _reading(label):
            marks = {mark_of(item) for item in (before, os.fstat(origin.fileno()), path.lstat())}
    if len(marks) > 1 or size != before.st_size:
        raise StillWritten("file_changed", file=label)
    return checksum.hexdigest(), head


def _no_file(label: str) -> Unreadable:
    return Unreadable("file_is_none", reason="unreadable", remedy="give_disk_file", file=label)


@contextmanager
def _reading(label: str) -> Iterator[None]:
    """Tell why the system does not let us read a source."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise Unreadable("file_is_link", reason="unreadable", remedy="give_target", file=label) from None
        if error.errno == errno.ENXIO:  # a socket
            raise _no_file(label) from None
        raise Unreadable(
            "file_not_read", reason="unreadable", remedy="check_rights", file=label, error=error.strerror
        ) from None


def _media(path: Path, head: bytes) -> Media:
    """The kind of file by its first bytes; the extension decides nothing, but tells what was meant."""
    if not head:
        raise Refused("file_empty", reason="empty_file", remedy="scan_again", file=path.name)
    for magic, media in _MAGIC:
        if head.startswith(magic) or (media == "pdf" and magic in head):
            return media
    if path.suffix.lower() in SUFFIXES:
        raise Refused("file_not_as_extension", reason="content_mismatch", remedy="give_as_scanned", file=path.name)
    raise Unsupported("file_of_other_kind", file=path.name)
