"""Must the citizen bring this paper, or do we hold a valid copy?"""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from domain.errors import UsageError
from domain.validity import HeldPaper, ReuseAnswer, decide_reuse


class Holdings(Protocol):
    """Whoever knows which papers are held about whom."""

    def papers(self, owner_id: str, type_code: str) -> Sequence[HeldPaper]:
        """The papers of one type about one owner."""


def lookup(holdings: Holdings, *, owner_id: str, type_code: str, dossier: str, today: date) -> ReuseAnswer:
    """Answer for one owner and one paper type; the caller records the question with its purpose, answered or not.

    Args:
        holdings: who knows the papers.
        owner_id: the person or organisation the paper is about.
        type_code: the paper type asked for.
        dossier: code of the dossier the paper is needed for: the purpose (law 8A).
        today: the day for which the answer holds.

    Raises:
        UsageError: no dossier is named.
    """
    if not dossier.strip():
        raise UsageError(
            "a look-up of personal papers needs a purpose (law 8A), and no dossier code was given",
            remedy="Give the code of the dossier for which the paper is needed",
            reason="purpose_missing",
        )
    return decide_reuse(holdings.papers(owner_id, type_code), today)
