"""What the audit journal says of archived papers that were withdrawn as secret; see ``domain.events``."""

from typing import Literal

from domain.events import ActEvent, Masked

WithdrawalVerdict = Literal["secret", "not_secret"]


class PaperWithdrawn(ActEvent):
    """An archived paper was withdrawn at once, because it may be secret."""

    event: Literal["withdrawn"] = "withdrawn"
    reason: Masked


class WithdrawalDecided(ActEvent):
    """One of the two persons who decide about a withdrawn paper said what it is."""

    event: Literal["withdrawal_decided"] = "withdrawal_decided"
    verdict: WithdrawalVerdict
    reason: Masked


class PaperGivenBack(ActEvent):
    """A withdrawn paper is held again as before, because two persons said that it is not secret."""

    event: Literal["given_back"] = "given_back"


class PaperErased(ActEvent):
    """A withdrawn paper was erased, because two persons said that it is secret; its codes stay taken."""

    event: Literal["erased"] = "erased"
    batch: str


class WithdrawnListed(ActEvent):
    """The list of withdrawn papers was shown, or who had seen one of them."""

    event: Literal["withdrawn_listed"] = "withdrawn_listed"
    count: int
