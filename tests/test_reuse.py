"""The look-up of held papers."""

from collections.abc import Sequence
from datetime import date

import pytest

from domain.errors import ExitCode, UsageError
from domain.validity import HeldPaper
from search.reuse import lookup

TODAY = date(2026, 11, 24)
DOSSIER = "H17.12-261124-0001"


def paper(id_: str, valid_until: date | None) -> HeldPaper:
    """A held paper."""
    return HeldPaper(id=id_, code=id_, type_code="KQ.G15.000031", issuer=None, issued=None, valid_until=valid_until)


class Shelf:
    """Papers of one owner, and what was asked of it."""

    def __init__(self, *papers: HeldPaper) -> None:
        """Hold these papers."""
        self.held = papers
        self.asked: list[tuple[str, str]] = []

    def papers(self, owner_id: str, type_code: str) -> Sequence[HeldPaper]:
        """Note the question and hand over the papers."""
        self.asked.append((owner_id, type_code))
        return self.held


def ask(shelf: Shelf, dossier: str = DOSSIER) -> tuple[str, str | None]:
    """Answer and id of the paper."""
    answer = lookup(shelf, owner_id="048085001234", type_code="KQ.G15.000031", dossier=dossier, today=TODAY)
    return answer.answer, answer.paper.id if answer.paper else None


def test_the_question_goes_to_the_holdings() -> None:
    """Owner and paper type are asked for, and nothing held is said to be so."""
    shelf = Shelf()
    assert ask(shelf) == ("not-held", None)
    assert shelf.asked == [("048085001234", "KQ.G15.000031")]


def test_valid_and_expired() -> None:
    """A paper valid today or for ever need not be brought; an expired one must."""
    old, last_day, permanent = paper("old", date(2026, 11, 23)), paper("last day", TODAY), paper("permanent", None)
    assert ask(Shelf(old)) == ("held-but-expired", "old")
    assert ask(Shelf(old, last_day)) == ("held-and-valid", "last day")
    assert ask(Shelf(permanent, old, last_day)) == ("held-and-valid", "permanent")


@pytest.mark.parametrize("dossier", ["", "  "])
def test_purpose_is_required(dossier: str) -> None:
    """Without a dossier code there is no answer, and the holdings are not even asked (law 8A)."""
    shelf = Shelf(paper("a", None))
    with pytest.raises(UsageError, match="purpose") as raised:
        ask(shelf, dossier)
    assert (raised.value.exit_code, raised.value.reason) == (ExitCode.USAGE, "purpose_missing")
    assert shelf.asked == []
