"""Who asks for held papers, and for which purposes he may (law 8A)."""

from typing import Literal

from pydantic import Field

from domain.record import Frozen

Role = Literal["desk", "operator", "archivist", "auditor", "postal"]
PurposeRule = Literal["allow", "reason", "refuse"]


class PurposeSettings(Frozen):
    """What becomes of a question whose dossier may be no purpose: `allow`, only with a `reason`, or `refuse`.

    Whatever is allowed is recorded and counted (`dossiers doubts`).
    """

    unknown: PurposeRule = "reason"
    """The dossier was not imported, or is of an agency whose dossiers the asker does not see."""
    other_owner: PurposeRule = "reason"
    """The dossier is of another owner than the one who is asked about."""
    unnamed_person: PurposeRule = "reason"
    """Somebody else is asked about whom the dossier concerns, such as a parent, and its import does not name him."""
    closed: PurposeRule = "refuse"
    """The work on the dossier has ended (NgayKetThucXuLy, else NgayTra)."""
    component: PurposeRule = "reason"
    """A copy is certified for a component that the dossier's procedure does not ask for."""


class DeskSettings(Frozen):
    """Who asks for held papers.

    An operator puts papers in and keeps the store going; who runs a command without ``--who`` is one.  A postal
    operator puts in what he may sign himself (`[[signing.officers]]`), and sees no other papers.
    """

    roles: dict[str, Role] = Field(default_factory=dict)
    """The roles of named people; all others are at a desk."""
    owners_per_hour: int = Field(default=60, ge=1)
    """About how many different persons and organisations somebody at a desk may ask about."""
    ask_before_s: int = Field(default=24 * 3600, ge=60)
    """How long the answer to a question allows the paper to be used."""
    purpose: PurposeSettings = PurposeSettings()

    def role(self, who: str) -> Role:
        """The role of a person."""
        return self.roles.get(who, "desk")
