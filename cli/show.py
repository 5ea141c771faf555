"""`show`: everything known of one document."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.asking import asked_by
from cli.options import Home, Json, Office, Who
from cli.output import Session, session
from domain.owners import mask
from services.context import open_services
from services.document import show as describe
from services.history import HistoryLine, history_of


def show(
    code: Annotated[str, typer.Argument(help="Document id, digitisation code or result code", metavar="ID|CODE")],
    history: Annotated[bool, typer.Option(help="Every try at every stage: when, by whom, and why it failed")] = False,
    who: Who = "",
    office: Office = "",
    home: Home = Path("khoso-data"),
    as_json: Json = False,
) -> None:
    """Show a document: state, codes, fields, files; recorded in the audit journal."""
    with session(home, as_json=as_json) as this, open_services(this.settings) as ctx:
        by = asked_by(this, who, office)
        if history:
            _tell_history(this, history_of(ctx, by, code))
            return
        view = describe(ctx, by, code).line()
        if this.json:
            this.line(view)
            return
        this.table(["what", "value"], rows_of(view))


def rows_of(view: dict[str, Any]) -> list[list[str]]:
    """What is shown of a document: what it is, then its fields, signatures, marks and pages, each in one line."""
    fields = dict(view["fields"])
    if "owner_id" in fields:
        fields["owner_id"] = {**fields["owner_id"], "value": mask(fields["owner_id"]["value"])}
    parts: list[tuple[str, Iterable[tuple[str, Any]], Callable[[Any], str]]] = [
        ("  {}", fields.items(), _field),
        ("  signature {}", ((item["field"], item) for item in view["signatures"]), _signature),
        ("  mark {}", ((item.get("field"), item) for item in view["marks"]), _mark),
        ("  page {} of the scan", ((item.get("number"), item) for item in view["quality"]), _page),
    ]
    apart = {"fields", "signatures", "marks", "quality"}
    rows = [[name, _plain(value)] for name, value in view.items() if name not in apart and value not in (None, "", [])]
    return rows + [[head.format(name), _readable(tell, item)] for head, items, tell in parts for name, item in items]


def _plain(value: Any) -> str:
    is_words = isinstance(value, list) and all(isinstance(item, str) for item in value)
    return ", ".join(value) if is_words else str(value)


def _readable(tell: Callable[[Any], str], item: Any) -> str:
    """A line of something that another release may have written."""
    try:
        return tell(item)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        return "unreadable: it was written by another release, or is damaged"


def _field(item: dict[str, Any]) -> str:
    place = f"page {item['page']}" if item["page"] else item["source"]
    return f"{item['value']}  ({item['confidence']:.2f}, {place})"


def _signature(verdict: dict[str, Any]) -> str:
    told = verdict["problem"] or "stands, and its issuer is trusted here"
    return f"{verdict['signer']}, {verdict['signed_at']}: {told}"


def _mark(mark: dict[str, Any]) -> str:
    place = f"{mark['left']:.0f} points from the left, {mark['top']:.0f} from the top of page {mark['page']}"
    return f"{mark['state'].replace('_', ' ')}: {place}"


def _page(page: dict[str, Any]) -> str:
    told = f"{page['width']} x {page['height']}, {page['dpi'] or 'no'} dpi, {page['colour'] or 'no image'}"
    ink = "blank" if page["is_blank"] else f"ink {page['ink']:.1%}, sharpness {page['sharpness']:.2f}"
    return f"{told}, {ink}"


def _tell_history(this: Session, tries: list[HistoryLine]) -> None:
    if this.json:
        for item in tries:
            this.line(item.model_dump(mode="json"))
        return
    rows = [
        [item.stage, str(item.number or ""), item.outcome, f"{item.started_at:%Y-%m-%d %H:%M:%S}", f"{item.took_s} s"]
        for item in tries
    ]
    told = [[*row, item.worker, item.error] for row, item in zip(rows, tries, strict=True)]
    this.table(["stage", "try", "outcome", "began", "took", "worker", "why"], told)
