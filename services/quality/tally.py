"""What the checks of a sample come to."""

from collections import Counter
from collections.abc import Iterable, Mapping

from archive.inspections.records import Defect, Inspection, PaperCheck
from domain.record import Frozen
from domain.states import LotState


class Tally(Frozen):
    """Papers of a sample: how many were looked at, how many have a defect, a critical one, and by kind of defect."""

    checked: int
    defective: int
    critical: int
    kinds: Mapping[str, int]
    state: LotState


def newest_checks(checks: Iterable[PaperCheck]) -> dict[str, PaperCheck]:
    """The check of each paper that counts."""
    return {check.paper_id: check for check in checks}


def bared(check: PaperCheck) -> PaperCheck:
    """A check without what the paper says: of one that was withdrawn only the kinds of its defects are told."""
    return check.model_copy(update={"defects": tuple(Defect(kind=item.kind) for item in check.defects)})


def tally(inspection: Inspection, checks: Iterable[PaperCheck]) -> Tally:
    """Count, and decide as soon as the papers that are left can change nothing."""
    counting = newest_checks(checks).values()
    kinds = Counter(kind for check in counting for kind in {defect.kind for defect in check.defects})
    defective = sum(bool(check.defects) for check in counting)
    critical = sum(any(defect.kind in inspection.critical for defect in check.defects) for check in counting)
    left = inspection.sample - inspection.short - len(counting)
    state: LotState = "open"
    if defective > inspection.allowed or critical > inspection.critical_allowed:
        state = "blocked"
    elif defective + left <= inspection.allowed and critical + left <= inspection.critical_allowed:
        state = "accepted"
    return Tally(checked=len(counting), defective=defective, critical=critical, kinds=dict(kinds), state=state)
