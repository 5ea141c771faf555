"""What can go wrong, what becomes of the document, and what a person does next.

Every error of khoso derives from :class:`KhosoError`.  The disposition tells the runner what to do with the
document; the exit code tells a script what happened; the reason is a stable word that scripts may compare.
"""

from enum import Enum, IntEnum
from typing import Final

# What remains to be done with a held file when another one is put in for it.
INSTEAD: Final = 'then end this one: `review ID --discard --reason "…"`'


class Disposition(Enum):
    """What the runner does with a document whose stage raised the error."""

    RETRY = "retry"
    HOLD = "hold"
    REFUSE = "refuse"
    HALT = "halt"
    LINK = "link"


class ExitCode(IntEnum):
    """Exit codes of every command; the README lists them."""

    OK = 0
    INTERNAL = 1
    USAGE = 2
    HELD = 3
    REFUSED = 4
    SETUP = 5
    NOT_FOUND = 6
    NOT_VALID = 7
    BUSY = 8
    INCOMPLETE = 9
    INTERRUPTED = 130


class KhosoError(Exception):
    """Something went wrong."""

    disposition = Disposition.HOLD
    exit_code = ExitCode.INTERNAL
    reason = "error"
    remedy = ""

    def __init__(self, message: str = "", *, remedy: str = "", reason: str = "") -> None:
        """Keep the message (default: the first line of the class docstring), and override remedy or reason."""
        super().__init__(message or (self.__doc__ or "").splitlines()[0].rstrip("."))
        self.remedy = remedy or type(self).remedy
        self.reason = reason or type(self).reason

    def explain(self) -> str:
        """The whole sentence for a person: reason, what happened, what to do."""
        text = f"{self.reason}: {self}."
        return f"{text} {self.remedy.rstrip('.')}." if self.remedy else text


class Refused(KhosoError):
    """This file cannot become a document; the source stays where it is."""

    disposition = Disposition.REFUSE
    exit_code = ExitCode.REFUSED
    reason = "refused"


class Held(KhosoError):
    """A person must look at this document before it goes on."""

    disposition = Disposition.HOLD
    exit_code = ExitCode.HELD
    reason = "held"


class Linked(KhosoError):
    """This document is one that is here already, and the settings say that nobody is asked."""

    disposition = Disposition.LINK
    reason = "same_document"


class TemporaryFailure(KhosoError):
    """The surroundings failed (disk full, server away); the same work is tried again later."""

    disposition = Disposition.RETRY
    exit_code = ExitCode.SETUP
    reason = "temporary"


class SetupError(KhosoError):
    """The installation or the settings are wrong; nothing can be done before they are mended."""

    disposition = Disposition.HALT
    exit_code = ExitCode.SETUP
    reason = "setup"


class NotFound(KhosoError):
    """Nothing of that id, code or name is held."""

    exit_code = ExitCode.NOT_FOUND
    reason = "not_found"


class NotValid(KhosoError):
    """A check of signatures, fixity or PDF/A failed."""

    exit_code = ExitCode.NOT_VALID
    reason = "not_valid"


class Busy(KhosoError):
    """Another process is at work on the same store."""

    disposition = Disposition.RETRY
    exit_code = ExitCode.BUSY
    reason = "busy"


class UsageError(KhosoError):
    """The command cannot be carried out as it was given."""

    exit_code = ExitCode.USAGE
    reason = "usage"
