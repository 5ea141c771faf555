"""How papers that wait, and what is asked of them, are shown."""

from collections.abc import Sequence
from pathlib import Path

from cli.output import Session, say
from cli.words import field_called, field_shown, phrase, state_word
from domain.clock import listed
from domain.messages.told import Told
from files.outside import new_file
from files.sheet import as_csv
from services.document import DocumentView
from services.review.effort import FieldEffort
from services.review.rescans import Rescan
from services.review.waiting import WaitingList, shows_whole


def show_one(this: Session, view: DocumentView) -> None:
    """One paper with its fields; what is asked is marked, and identity numbers are whole while it waits."""
    if this.json:
        this.line(view.line())
        return
    this.facts(
        [
            ["id", view.id or ""],
            ["state", state_word(view.state)],
            ["code", view.code or ""],
            ["type", view.type or ""],
            ["reason", view.reason],
        ]
    )
    this.table(["field", "value", "confidence", "page", "asked"], _field_rows(view), whole=shows_whole(view))


def tell_asked(view: DocumentView) -> None:
    """What a paper goes on waiting for, of which a part was filled in."""
    doubts = view.told.params.get("doubts")
    if view.state == "held" and isinstance(doubts, tuple):
        say("still_asked", fields=[doubt.about for doubt in doubts if isinstance(doubt, Told)])


def show_waiting(this: Session, waiting: WaitingList) -> None:
    """All that waits for a person."""
    views = (*waiting.held, *waiting.refused)
    if this.json:
        for view in views:
            this.line(view.line())
        return
    this.table(
        ["id", "state", "file", "type", "reason"],
        [
            [view.id or "", state_word(view.state), Path(view.source).name, view.type or "", view.reason]
            for view in views
        ],
    )
    say("waiting_listed", number=len(waiting.held))
    if waiting.refused:
        say("refused_listed", number=len(waiting.refused))


def show_effort(this: Session, fields: Sequence[FieldEffort]) -> None:
    """What review costs, field by field."""
    for item in fields if this.json else ():
        this.line(item.line())
    if not this.json:
        rows = [
            [
                field_called(item.field),
                *map(str, (item.confirmed, item.changed, item.filled, item.people)),
                f"{item.median_s or ''}",
            ]
            for item in fields
        ]
        this.table(["field", "confirmed", "changed", "filled in", "people", "seconds"], rows)


def show_rescans(this: Session, papers: Sequence[Rescan], out: Path | None) -> None:
    """What is to be scanned again, for whoever stands at the scanner; also as a file to take there."""
    if out is not None:
        head = ["batch", "box", "position", "file", "pages", "reason", "since", "new scan", "id"]
        with new_file(out, this.settings.home) as file:
            file.write(as_csv([phrase(text) for text in head], map(_rescan_row, papers)))
    if this.json:
        for paper in papers:
            this.line(paper.line())
        return
    rows = [_rescan_row(item) for item in papers]
    if rows:
        this.table(["batch", "box", "position", "file", "pages", "reason", "since", "new scan", "id"], rows)
    say("rescans_listed", number=len(rows))


def _rescan_row(item: Rescan) -> list[str]:
    return [
        item.batch,
        item.box,
        item.position or "",
        item.file,
        ", ".join(map(str, item.pages)),
        item.reason,
        listed(item.since),
        item.new or "",
        item.id,
    ]


def _field_rows(view: DocumentView) -> list[list[str]]:
    """The fields; what is asked is marked: it is confirmed when the document is released, or must be set."""
    asked, read = view.asked, view.fields
    rows = [
        [
            field_called(name),
            field_shown(name, item.value),
            f"{item.confidence:.2f}",
            str(item.page or ""),
            phrase("confirm") if name in asked else "",
        ]
        for name, item in read.items()
    ]
    return rows + [
        [field_called(name), "", "", "", phrase("set")] for name in asked if name not in read and name != "type"
    ]
