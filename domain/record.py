"""The base of every record and setting: small, permanent, and exactly what it says."""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """A small permanent record: unknown keys are errors, and nothing changes after it was made."""

    model_config = ConfigDict(frozen=True, extra="forbid")
