"""Why a scan does not become a document by itself."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from domain.errors import INSTEAD, Held, KhosoError, Refused, SetupError, TemporaryFailure


class Unreadable(Refused):
    """The file cannot be opened."""

    reason = "damaged"
    remedy = "Scan the paper again, or save the file anew with the program that made it"


class Unsupported(Refused):
    """The file is not of a kind khoso takes."""

    reason = "unsupported_format"
    remedy = "Give a PDF, TIFF, JPEG or PNG file"


class RecordUnreadable(Held):
    """What the ledger keeps of the paper cannot be read by this release."""

    reason = "record_unreadable"
    what = "record_unreadable"
    remedy = (
        "Let the release of khoso that wrote it go on with the paper (`review ID --release` there); or scan the paper"
        f" again, put that in, and {INSTEAD}"
    )


class NeedsReview(Held):
    """A person must confirm what was read."""

    reason = "review"
    what = "doubts"
    remedy = "See `review ID`, then `review ID --set field=value` or `review ID --release`"


class SameDocument(Held):
    """The paper is here already."""

    reason = "same_document"
    what = "same_paper"
    remedy = "Compare both with `show`; then `review ID --release` if it is a paper of its own, else `--discard`"


class LongerScan(Held):
    """It has all pages of a paper that is here, and more."""

    reason = "longer_scan"
    what = "longer_scan"
    remedy = (
        "`review ID --replaces` archives it and lets it take the place of that one; `review ID --release` if it is a"
        ' paper of its own; `review ID --discard --reason "…"` ends it'
    )


class SignatureUnsound(Held):
    """A signature with which the paper arrived does not stand."""

    reason = "signature_broken"
    remedy = f"Ask the issuer for a sound copy, or print the paper and scan it as one; {INSTEAD}"


class ToolMissing(SetupError):
    """A program that khoso needs is not installed."""

    reason = "tool_missing"
    remedy = "Run `./run_pipeline.py doctor`; it says what to install"


PATIENCE_S = 60  # for a disk that is full: others may make room, or nobody is there to do so


class DiskFull(TemporaryFailure):
    """The disk is full."""

    reason = "disk_full"
    remedy = "Free some room; the same command goes on where it stood"


@contextmanager
def room() -> Iterator[None]:
    """Tell a disk that is full, or of which this user's share is used up, as what it is.

    Raises:
        DiskFull: it is so.
    """
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise DiskFull from None
        raise


class StillWritten(TemporaryFailure):
    """The file changed while it was read."""

    reason = "still_written"
    remedy = "Wait until it is whole; the same command takes it then"


class WorkerLost(Held):
    """The process died."""

    reason = "worker_lost"
    what = "worker_lost"
    remedy = f"`review ID --release` tries again; where it dies again, scan the paper again, and {INSTEAD}"


class OutOfMemory(Held):
    """The paper needs more memory than a process may take."""

    reason = "out_of_memory"
    what = "out_of_memory"
    remedy = (
        f"Scan the paper again at 300 dpi, one sheet a page, and {INSTEAD}; or raise `memory_mib` in `[work]`, and "
        "`review ID --release` tries again"
    )


class OutOfTime(Held):
    """The paper keeps a process for longer than any may."""

    reason = "out_of_time"
    what = "out_of_time"
    remedy = (
        f"Print the paper, scan it, put the scan in, and {INSTEAD}; or raise `page_limit_s` (or `document_limit_s`) in "
        "`[work]`, and `review ID --release` tries again"
    )


ENDS_PROCESSES = frozenset(error.reason for error in (WorkerLost, OutOfMemory, OutOfTime))


class WorkFileDamaged(KhosoError):
    """A file of the work folder is missing or is not what its stage wrote."""

    reason = "work_file_damaged"
    remedy = "The document is done again from the scan"


class ScanGone(Held):
    """The scan is missing from the inbox, or is not what it was."""

    reason = "scan_gone"
    remedy = "Put the file in again, then `review ID --release`"
