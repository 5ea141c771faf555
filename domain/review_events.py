"""What the audit journal may say of papers about which a person decides; see ``domain.events``."""

from typing import Literal

from domain.events import ActEvent, AuditEvent, Masked


class PaperReleased(ActEvent):
    """A person released a held paper, and filled in these ``fields``.

    ``other_owner``: the dossier of somebody else of which he confirmed that the paper belongs there, and ``why``.
    """

    event: Literal["released"] = "released"
    fields: str
    other_owner: str | None = None
    why: Masked = ""


class FieldCorrected(ActEvent):
    """A person said of a field at review what it is; ``how``: it was read otherwise, not known, or read rightly."""

    event: Literal["corrected_at_review"] = "corrected_at_review"
    field: str
    how: Literal["changed", "filled", "confirmed"]
    was: Masked
    after: Masked
    reason: Masked


class PaperDiscarded(ActEvent):
    """A person ended a held or refused paper."""

    event: Literal["discarded"] = "discarded"
    told: Masked


class PaperRejected(ActEvent):
    """A person sent a held or refused paper back: it is scanned or brought again, or is not to be digitised."""

    event: Literal["rejected"] = "rejected"
    kind: Literal["rescan", "bring-again", "not-digitised"]
    told: Masked


class DecisionTakenBack(ActEvent):
    """A person took his last ``decision`` about a paper back, of which nothing had come."""

    event: Literal["taken_back"] = "taken_back"
    decision: str


class PaperRescanned(AuditEvent):
    """A paper ended because a new scan of it was archived, ``by`` its document."""

    event: Literal["rescanned"] = "rescanned"
    by: str
