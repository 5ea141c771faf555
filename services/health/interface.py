"""What is told of one part of an installation."""

from typing import Self

from domain.errors import KhosoError
from domain.record import PublicView
from domain.states import PartState


class Finding(PublicView):
    """How one part stands, and what to do if it is not as it must be."""

    name: str
    state: PartState
    detail: str
    remedy: str

    @classmethod
    def of(cls, name: str, state: PartState, detail: str, remedy: str = "") -> Self:
        """The same, told in this order."""
        return cls(name=name, state=state, detail=detail, remedy=remedy)

    @classmethod
    def missing(cls, name: str, error: Exception, otherwise: str = "") -> Self:
        """A part that cannot be had; ``otherwise``: the remedy of an error that brings none."""
        if isinstance(error, KhosoError):
            return cls.of(name, "missing", error.inner.text(), error.advice)
        return cls.of(name, "missing", str(error), otherwise)
