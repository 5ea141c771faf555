"""What the audit journal says of archived papers that are put right, and of who asked for it."""

from typing import Literal

from domain.events import ActEvent, Masked
from domain.states import CaseState


class PaperCorrected(ActEvent):
    """Fields of an archived paper were put right: from what to what, and which ``codes`` were retired."""

    event: Literal["corrected"] = "corrected"
    changes: Masked
    codes: Masked
    reason: Masked
    case: int | None = None


class CaseOpened(ActEvent):
    """A request of an owner about a paper was entered, with the days until when it is answered and settled."""

    event: Literal["case_opened"] = "case_opened"
    case: int
    received: str
    answer_by: str
    settle_by: str
    request: Masked


class CaseAnswered(ActEvent):
    """The owner was told how a request goes on."""

    event: Literal["case_answered"] = "case_answered"
    case: int


class CaseDecided(ActEvent):
    """A request was settled: granted by a correction, or refused."""

    event: Literal["case_decided"] = "case_decided"
    case: int
    state: CaseState
    reason: Masked
