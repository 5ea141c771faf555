"""What can go wrong, what becomes of the document, and what a person does next.

Every error of khoso derives from :class:`KhosoError`.  The disposition tells the runner what to do with the
document; the exit code tells a script what happened; the reason is a stable word that scripts may compare.
"""

from enum import Enum, IntEnum
from typing import TYPE_CHECKING, Any

from typing_extensions import override

if TYPE_CHECKING:
    from domain.messages.told import Reason, Told


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
    """Something went wrong.

    What happened and what to do are codes of the catalogues (``domain.messages``), with parameters.
    """

    disposition = Disposition.HOLD
    exit_code = ExitCode.INTERNAL
    reason = "error"
    what = ""
    remedy = ""

    def __init__(self, what: str = "", /, *, remedy: str = "", reason: str = "", **params: object) -> None:
        """Keep the parameters, and override what is told, the remedy, or the reason.

        A class that has no code for what is told is told by the first line of its docstring.
        """
        what = what or type(self).what or (self.__doc__ or "").splitlines()[0].rstrip(".")
        super().__init__(what)
        self.what = what
        self.remedy = remedy or type(self).remedy
        self.reason = reason or type(self).reason
        self.params: dict[str, Any] = {}
        if params:
            from domain.messages.told import as_params  # noqa: PLC0415 (the program opens fast)

            self.params = as_params(params)

    @property
    def told(self) -> "Reason":
        """What of it is stored."""
        from domain.messages.told import Reason  # noqa: PLC0415 (the program opens fast)

        return Reason(word=self.reason, what=self.what, remedy=self.remedy, params=self.params)

    @property
    def inner(self) -> "Told":
        """What happened, as a part of another message."""
        return self._told(self.what)

    @property
    def advice(self) -> str:
        """What to do, in the language of this process."""
        return self._told(self.remedy).text() if self.remedy else ""

    def _told(self, code: str) -> "Told":
        from domain.messages.told import Told  # noqa: PLC0415 (the program opens fast)

        return Told(code=code, params=self.params)

    @override
    def __str__(self) -> str:
        """What happened, in English: for logs, as all that nobody chose a language for."""
        return self.inner.text("en")

    def explain(self) -> str:
        """The whole sentence for a log: reason, what happened, what to do."""
        return self.told.text("en")


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
