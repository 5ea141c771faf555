"""How papers that wait, and what is asked of them, are shown."""

from pathlib import Path

from cli.output import CHATTER, Session
from services.document import DocumentView
from services.review.waiting import WaitingList


def show_one(this: Session, view: DocumentView) -> None:
    """One paper with its fields; what is asked is marked."""
    if this.json:
        this.line(view.line())
        return
    summary = {"id": view.id, "state": view.state, "code": view.code, "type": view.type, "reason": view.reason}
    this.table(["what", "value"], [[name, str(value)] for name, value in summary.items()])
    this.table(["field", "value", "confidence", "page", "asked"], _field_rows(view))


def show_waiting(this: Session, waiting: WaitingList) -> None:
    """All that waits for a person."""
    views = (*waiting.held, *waiting.refused)
    if this.json:
        for view in views:
            this.line(view.line())
        return
    this.table(
        ["id", "state", "file", "type", "reason"],
        [[view.id or "", view.state, Path(view.source).name, view.type or "", view.reason] for view in views],
    )
    CHATTER.print(f"{len(waiting.held)} documents wait for a person.", markup=False)
    if waiting.refused:
        CHATTER.print(f"{len(waiting.refused)} were refused and can be let in by a decision.", markup=False)


def _field_rows(view: DocumentView) -> list[list[str]]:
    """The fields; what is asked is marked: it is confirmed when the document is released, or must be set."""
    asked, read = view.asked, view.fields
    rows = [
        [name, item.value, f"{item.confidence:.2f}", str(item.page or ""), "confirm" if name in asked else ""]
        for name, item in read.items()
    ]
    return rows + [[name, "", "", "", "set"] for name in asked if name not in read and name != "type"]
