"""receive: a file becomes a received scan, safe in the inbox."""

import errno
import hashlib
import os
import stat
from pathlib import Path

from domain.clock import now
from domain.errors import Refused
from files.durable import flush_folder
from pipeline.context import Context
from pipeline.errors import DiskFull, StillWritten, Unreadable, Unsupported
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
    path = Path(os.fsdecode(source.raw_path or source.path))
    inbox = ctx.settings.inbox
    inbox.mkdir(parents=True, exist_ok=True)
    part = inbox / f".{os.getpid()}.part"
    try:
        sha256, head = _copy(path, part, source.path)
        media = _media(Path(source.path), head)
        name = f"{sha256}.{media}"
        part.replace(inbox / name)
        flush_folder(inbox)
    finally:
        part.unlink(missing_ok=True)
    return Received(
        document_id=sha256[:16],
        batch_id=source.batch_id,
        source=source.path,
        media=media,
        scan=File(name=name, sha256=sha256),
        received_at=now(),
        statement=source.statement.model_copy(update={"password": None}),
    )


def _copy(path: Path, target: Path, shown: str) -> tuple[str, bytes]:
    """Copy, flush and hash in one pass; returns the SHA-256 and the first bytes.

    Raises:
        Unreadable: it is no file, or cannot be read.
        StillWritten: it was changed or replaced meanwhile, so that what was read may be no file that ever was.
    """
    checksum = hashlib.sha256()
    head = b""
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            os.scandir(path).close()  # only one that is closed gets here: it says why
        if not stat.S_ISREG(mode):  # a pipe would keep whoever opens it waiting
            raise Unreadable(f"{shown} is no file", reason="unreadable", remedy="Give a file that lies on a disk")
        with path.open("rb") as origin, target.open("wb") as copy:
            before = mark_of(os.fstat(origin.fileno()))
            while chunk := origin.read(_CHUNK):
                head = head or chunk[:1024]
                checksum.update(chunk)
                copy.write(chunk)
            copy.flush()
            os.fsync(copy.fileno())
            if not before == mark_of(os.fstat(origin.fileno())) == mark_of(path.stat()) or copy.tell() != before.size:
                raise StillWritten(f"{shown} changed while it was read")
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise DiskFull from None
        raise Unreadable(
            f"{shown} cannot be read ({error.strerror})", reason="unreadable", remedy="Check the file and its rights"
        ) from None
    return checksum.hexdigest(), head


def _media(path: Path, head: bytes) -> Media:
    """The kind of file by its first bytes; the extension decides nothing, but tells what was meant."""
    if not head:
        raise Refused(f"{path.name} is empty", reason="empty_file", remedy="Scan the paper again")
    for magic, media in _MAGIC:
        if head.startswith(magic) or (media == "pdf" and magic in head):
            return media
    if path.suffix.lower() in SUFFIXES:
        raise Refused(
            f"{path.name} is not what its extension says",
            reason="content_mismatch",
            remedy="Give the file as the scanner made it",
        )
    raise Unsupported(f"{path.name} is no PDF, TIFF, JPEG or PNG")
