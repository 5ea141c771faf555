"""A lot is settled exactly when the papers that are left can change nothing."""

from hypothesis import given
from hypothesis import strategies as st

from archive.inspections.records import Defect, Inspection, PaperCheck
from config.quality import QualitySettings
from domain.clock import now
from services.quality.opening import draw_lot
from services.quality.tally import tally
from tests.support.lots import CHECKER, paper_ids

_KINDS = st.sampled_from(["title", "image", "owner_id"])


def _lot(sample: int, allowed: int, critical_allowed: int) -> Inspection:
    drawn, _ = draw_lot("lot", 1, dict.fromkeys(paper_ids("lot", sample), 1), QualitySettings(), CHECKER)
    return drawn.model_copy(update={"allowed": allowed, "critical_allowed": critical_allowed})


def _check(name: str, kinds: set[str]) -> PaperCheck:
    defects = tuple(Defect(kind=kind) for kind in sorted(kinds))
    return PaperCheck(paper_id=name, at=now(), who="a", office="H17", role="operator", defects=defects, reason="")


@given(st.lists(st.sets(_KINDS), min_size=1, max_size=12), st.integers(0, 3), st.integers(0, 2))
def test_it_is_settled_as_soon_as_it_can_be(found: list[set[str]], allowed: int, critical_allowed: int) -> None:
    """It stays as it was settled, and while it is open both ends are possible; the counts are those of a hand."""
    lot = _lot(len(found), allowed, critical_allowed)
    names = paper_ids("lot", len(found))
    checks = [_check(name, kinds) for name, kinds in zip(names, found, strict=True)]
    last = tally(lot, checks)
    assert last.state != "open"
    assert last.defective == sum(bool(kinds) for kinds in found)
    assert last.critical == sum("owner_id" in kinds for kinds in found)
    for number in range(len(checks)):
        so_far = tally(lot, checks[:number])
        rest = names[number:]
        best = tally(lot, [*checks[:number], *(_check(name, set()) for name in rest)]).state
        worst = tally(lot, [*checks[:number], *(_check(name, {"owner_id"}) for name in rest)]).state
        assert so_far.state == (best if best == worst else "open")
