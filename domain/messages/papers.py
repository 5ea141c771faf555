"""Messages that name other papers, which not everybody may be told of."""

from collections.abc import Sequence
from typing import Final

from domain.codes import mask_code
from domain.messages.told import Told, told

_PAPER, _CODED, _DOCUMENT = "paper", "paper_coded", "document"
FOREIGN: Final = "paper_of_another_agency"


def other_paper(document_id: str, code: str | None = None) -> Told:
    """Another paper in a message; its code without the owner's identifier (design law 7)."""
    return told(_CODED, id=document_id, code=mask_code(code)) if code else told(_PAPER, id=document_id)


def other_document(document_id: str) -> Told:
    """Another document in a message that does not say so itself."""
    return told(_DOCUMENT, id=document_id)


def other_id(message: Told) -> str | None:
    """The id of the paper that a message is; None when it is none."""
    return str(message.params["id"]) if message.code in {_PAPER, _CODED, _DOCUMENT} else None


def besides(doubts: Sequence[Told]) -> Told | str:
    """What else is in doubt, at the end of a message; "" for nothing."""
    return told("besides", doubts=doubts) if doubts else ""
