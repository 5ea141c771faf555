"""What the audit journal says of archived papers that were withdrawn as secret; see ``domain.events``."""

from typing import Literal

from domain.events import ActEvent, Masked


class PaperWithdrawn(ActEvent):
    """An archived paper was withdrawn at once, because it may be secret."""

    event: Literal["withdrawn"] = "withdrawn"
    reason: Masked


class WithdrawnListed(ActEvent):
    """The list of withdrawn papers was shown, or who had seen one of them."""

    event: Literal["withdrawn_listed"] = "withdrawn_listed"
    count: int
