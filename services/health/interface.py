"""What is told of one part of an installation."""

from typing import Self

from domain.errors import KhosoError
from domain.messages.told import Told
from domain.record import PublicView
from domain.states import PartState


class Finding(PublicView):
    """How one part stands, and what to do if it is not as it must be; in the language of the run, but for its name."""

    name: str
    state: PartState
    detail: str
    remedy: str

    @classmethod
    def of(cls, name: str, state: PartState, detail: Told | str, remedy: Told | str = "") -> Self:
        """The same, told in this order."""
        return cls(name=name, state=state, detail=str(detail), remedy=str(remedy))

    @classmethod
    def missing(cls, name: str, error: Exception, otherwise: Told | str = "") -> Self:
        """A part that cannot be had; ``otherwise``: the remedy of an error that brings none."""
        if isinstance(error, KhosoError):
            return cls.of(name, "missing", error.inner.text(), error.advice)
        return cls.of(name, "missing", str(error), otherwise)
