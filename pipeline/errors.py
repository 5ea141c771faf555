"""Why a scan does not become a document by itself."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from domain.errors import Held, KhosoError, Refused, SetupError, TemporaryFailure


class Unreadable(Refused):
    """The file cannot be opened."""

    reason = "damaged"
    remedy = "scan_or_save_anew"


class Unsupported(Refused):
    """The file is not of a kind khoso takes."""

    reason = "unsupported_format"
    remedy = "give_known_kind"


class RecordUnreadable(Held):
    """What the ledger keeps of the paper cannot be read by this release."""

    reason = "record_unreadable"
    what = "record_unreadable"
    remedy = "former_release_or_scan"


class NeedsReview(Held):
    """A person must confirm what was read."""

    reason = "review"
    what = "doubts"
    remedy = "see_and_set"


class SameDocument(Held):
    """The paper is here already."""

    reason = "same_document"
    what = "same_paper"
    remedy = "compare_both"


class LongerScan(Held):
    """It has all pages of a paper that is here, and more."""

    reason = "longer_scan"
    what = "longer_scan"
    remedy = "replace_or_release"


class SignatureUnsound(Held):
    """A signature with which the paper arrived does not stand."""

    reason = "signature_broken"
    remedy = "ask_sound_copy"


class NoSigner(Held):
    """Nobody may sign the copy."""

    reason = "no_signer"
    what = "nobody_signs"
    remedy = "name_officer"


class OfficerKeyUnusable(Held):
    """The key of an officer or a seal cannot be used; papers of others go on."""

    reason = "officer_key"
    remedy = "release_with_key"


class ToolMissing(SetupError):
    """A program that khoso needs is not installed."""

    reason = "tool_missing"
    remedy = "doctor_says_what"


PATIENCE_S = 60  # for a disk that is full: others may make room, or nobody is there to do so


class DiskFull(TemporaryFailure):
    """The disk is full."""

    reason = "disk_full"
    what = "disk_full"
    remedy = "free_room"


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
    remedy = "wait_until_whole"


class WorkerLost(Held):
    """The process died."""

    reason = "worker_lost"
    what = "worker_lost"
    remedy = "release_or_scan"


class OutOfMemory(Held):
    """The paper needs more memory than a process may take."""

    reason = "out_of_memory"
    what = "out_of_memory"
    remedy = "scan_lighter"


class OutOfTime(Held):
    """The paper keeps a process for longer than any may."""

    reason = "out_of_time"
    what = "out_of_time"
    remedy = "print_or_more_time"


ENDS_PROCESSES = frozenset(error.reason for error in (WorkerLost, OutOfMemory, OutOfTime))


class WorkFileDamaged(KhosoError):
    """A file of the work folder is missing or is not what its stage wrote."""

    reason = "work_file_damaged"
    remedy = "done_again"


class ScanGone(Held):
    """The scan is missing from the inbox, or is not what it was."""

    reason = "scan_gone"
    remedy = "put_in_again"
