"""The base of every record and setting: small, permanent, and exactly what it says."""

from typing import Any

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """A small permanent record: unknown keys are errors, and nothing changes after it was made."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class PublicView(Frozen):
    """What people are told of something: by one line of ``--json``, in which its names and their order stay.

    A name that is no name in Python stands as the alias of its field.
    """

    def line(self) -> dict[str, Any]:
        """The line of ``--json``."""
        return self.model_dump(mode="json", by_alias=True)
