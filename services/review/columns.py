"""What a row of a manifest that came later states and cannot be taken over any more, column by column.

A paper that waits at review was opened, sized and signed by what was stated when its file was put in.  What a row says
of that anew is told: left out in silence it would be taken for done.
"""

from collections.abc import Iterator

from domain.messages.told import Told, told
from pipeline.records import Described, Statement
from pipeline.stages.describe import OF_COPIES


def columns_left(described: Described, stated: Statement) -> tuple[Told, ...]:
    """The columns of a row that change nothing of its paper, though they say something new, each with the reason."""
    return tuple(_left(described, stated))


def _left(described: Described, stated: Statement) -> Iterator[Told]:
    before = described.statement
    if stated.signing and stated.signing != (described.signing or before.signing):
        yield told("late_signed", column="signing")
    if stated.officer and stated.officer != (described.officer or described.scanned_by):
        yield told("late_signed", column="officer")
    if stated.accept and described.decided("resolution") is None:
        yield told("late_at_door", column="accept")
    sheets = described.decided("paper")
    if stated.paper and (sheets is None or sheets.value != stated.paper):
        yield told("late_at_door", column="paper")
    if stated.password and described.unlocked is None:
        yield told("late_at_door", column="password")
    if stated.reason and not (stated.accept or stated.paper):
        yield told("late_reason", column="reason")
    if stated.position and stated.position != before.position:
        yield told("late_position", column="position")
    if stated.rescan_of and stated.rescan_of != described.rescan_of:
        yield told("late_rescan", column="rescan_of")
    if stated.presented == "original" and any(doubt.code in OF_COPIES for doubt in described.doubts):
        yield told("late_original", column="presented")
