"""`review --where`: what is said of many papers at once, shown first."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from rich.progress import BarColumn, MofNCompleteColumn, Progress

from cli.output import CHATTER, Session, say
from cli.words import state_word
from domain.errors import ExitCode, UsageError
from services.context import Services
from services.permissions import Asker
from services.review.decisions import Settles
from services.review.many import PaperCame, Planned, Selection, carry_out, plan_many


def fill_many(
    this: Session,
    ctx: Services,
    by: Asker,
    where: Sequence[str],
    values: Mapping[str, str],
    *,
    settles: Settles,
    why: str,
    does: bool,
) -> ExitCode:
    """Show what would change of the papers that are meant; with ``does``, do it.

    Raises:
        UsageError: nothing is said of them, or it is not told which are meant.
    """
    if not (values or settles):
        raise UsageError("many_alone", remedy="many_how")
    planned = plan_many(ctx, by, meant(where), values, settles=settles)
    if not does:
        show_planned(this, planned)
        say("many_planned", number=len(planned))
        return ExitCode.OK
    return show_done(this, carry_out(ctx, by, planned, settles=settles, why=why), len(planned))


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
    rows = [
        [item.id, item.file, change.field, change.before, change.after] for item in planned for change in item.changes
    ]
    rows += [[item.id, item.file, "", "", ""] for item in planned if not item.changes]
    if rows:
        this.table(["id", "file", "field", "now", "then"], rows)


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
