"""`review --where`, `review --manifest`: what is said of many papers at once, shown first."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, get_args

from rich.progress import BarColumn, MofNCompleteColumn, Progress

from cli.output import CHATTER, Session, say
from cli.words import field_called, field_shown, state_word
from domain.errors import ExitCode, UsageError
from domain.owners import mask_text
from services.context import Services
from services.permissions import Asker
from services.review.decisions import Settles
from services.review.late import Prefer, plan_manifest, stop_secret
from services.review.many import PaperCame, Planned, Selection, ValueChange, carry_out, plan_many


class Many(NamedTuple):
    """What is said at once of many papers; with ``does`` it is done, else shown."""

    where: Sequence[str]
    values: Mapping[str, str]
    manifest: Path | None
    prefer: str | None
    release: bool
    why: str
    does: bool

    @property
    def settles(self) -> Settles:
        """With a release all else is confirmed, too."""
        return "apart" if self.release else None


def decide_many(this: Session, ctx: Services, by: Asker, many: Many, *, is_alone: bool) -> ExitCode:
    """Show what would change of the papers that are meant, or do it.

    Raises:
        UsageError: nothing is said of them, it is not told which are meant, or something of one paper is said, too.
    """
    if many.manifest is not None:
        if not is_alone or many.values:
            raise UsageError("manifest_alone", remedy="manifest_how")
        return _by_manifest(this, ctx, by, many, many.manifest)
    if not (is_alone and many.where and (many.values or many.release)) or many.prefer:
        raise UsageError("many_alone", remedy="many_how")
    planned = plan_many(ctx, by, meant(many.where), many.values, settles=many.settles)
    if not many.does:
        show_planned(this, planned)
        return _tell_planned(planned)
    came = carry_out(ctx, by, planned, settles=many.settles, why=many.why)
    ended = show_done(this, came, _meant_of(planned))
    return show_left_out(this, planned) or ended


def _meant_of(planned: Sequence[Planned]) -> int:
    return sum(not item.left_out for item in planned)


def _tell_planned(planned: Sequence[Planned]) -> ExitCode:
    say("many_planned", number=_meant_of(planned))
    if left := len(planned) - _meant_of(planned):
        say("many_left_out", number=left)
    return ExitCode.OK


def show_left_out(this: Session, planned: Sequence[Planned]) -> ExitCode | None:
    """The papers that are not decided about with others, with why; None where there are none."""
    left = [item for item in planned if item.left_out]
    if not left:
        return None
    if this.json:
        for item in left:
            this.line(item.line())
    else:
        this.table(["id", "file", "reason", "doubts"], [_left_row(item) for item in left])
    say("many_left_out", number=len(left))
    return ExitCode.HELD


def _left_row(item: Planned) -> list[str]:
    return [item.id, item.file, item.left_out, "; ".join(item.doubts)]


def _by_manifest(this: Session, ctx: Services, by: Asker, many: Many, path: Path) -> ExitCode:
    """Show what a manifest that came later changes of papers that wait, or do it; rows of none are told."""
    kinds: tuple[Prefer, ...] = get_args(Prefer)
    prefer = next((kind for kind in kinds if kind == many.prefer), None)
    if many.prefer and prefer is None:
        raise UsageError("prefer_whom", remedy="give_one_of_both")
    plan = plan_manifest(ctx, by, path, meant(many.where), prefer, settles=many.settles)
    if many.does:
        for document_id, degree in plan.secret.items():
            stop_secret(ctx, by, document_id, degree)
        why = many.why or mask_text(path.name)
        came = carry_out(ctx, by, plan.planned, settles=many.settles, why=why, source="manifest")
        ended = show_done(this, came, _meant_of(plan.planned))
        ended = show_left_out(this, plan.planned) or ended
        if plan.secret:
            say("stopped_as_secret", number=len(plan.secret))
    else:
        show_planned(this, plan.planned)
        ended = _tell_planned(plan.planned)
    left = [row for row in plan.left if not (many.does and row.id in plan.secret)]
    if this.json:
        for row in plan.left:
            this.line(row.line())
    elif left:
        this.table(["row", "file", "id", "reason"], [[item.row, item.file, item.id or "", item.why] for item in left])
    if left:
        say("rows_left", number=len(left))
    return ExitCode.HELD if plan.left else ended


def meant(where: Sequence[str]) -> Selection:
    """Which papers are meant.

    Raises:
        UsageError: a name is none, or stands twice, or has no value.
    """
    found: dict[str, str] = {}
    for text in where:
        name, _, value = text.partition("=")
        if name.strip() not in Selection.model_fields or name.strip() in found or not value.strip():
            raise UsageError("where_what", remedy="where_how", text=text, known=tuple(Selection.model_fields))
        found[name.strip()] = value.strip()
    return Selection(**found)


def show_planned(this: Session, planned: Sequence[Planned]) -> None:
    """What would change, a line for each field of each paper."""
    if this.json:
        for item in planned:
            this.line(item.line())
        return
    rows = [row for item in planned if not item.left_out for row in _planned_rows(item)]
    if rows:
        this.table(["id", "file", "field", "now", "then", "doubts"], rows)
    if left := [item for item in planned if item.left_out]:
        this.table(["id", "file", "reason", "doubts"], [_left_row(item) for item in left])


def _planned_rows(item: Planned) -> list[list[str]]:
    """A line for each field; what is asked of the paper stands in the first one."""
    doubts = ["; ".join(item.doubts), *[""] * len(item.changes)]
    rows = [
        [item.id, item.file, field_called(change.field), *_shown_both(change), doubt]
        for change, doubt in zip(item.changes, doubts, strict=False)
    ]
    return rows or [[item.id, item.file, "", "", "", doubts[0]]]


def _shown_both(change: ValueChange) -> list[str]:
    return [field_shown(change.field, value) for value in (change.before, change.after)]


def show_done(this: Session, came: Iterable[PaperCame], number: int) -> ExitCode:
    """Do it paper by paper, and tell what came of each; 0 only when none waits."""
    found = list(_followed(came, number))
    if this.json:
        for item in found:
            this.line(item.line())
    elif left := [item for item in found if not item.done or item.state in {"held", "waiting"}]:
        this.table(
            ["id", "file", "state", "reason"],
            [[item.id, item.file, state_word(item.state), item.reason] for item in left],
        )
    counts = Counter("done" if item.done else "failed" for item in found)
    say("many_done", number=counts["done"], failed=counts["failed"])
    is_whole = all(item.done and item.state not in {"held", "waiting"} for item in found)
    return ExitCode.OK if is_whole else ExitCode.HELD


def _followed(came: Iterable[PaperCame], number: int) -> Iterator[PaperCame]:
    """The same, with a bar on a terminal."""
    with Progress(BarColumn(), MofNCompleteColumn(), console=CHATTER, disable=not CHATTER.is_terminal) as bar:
        task = bar.add_task("", total=number)
        for item in came:
            bar.advance(task)
            yield item
