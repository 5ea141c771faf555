"""`show`: everything known of one document."""

from pathlib import Path
from typing import Annotated

import typer

from cli.asking import asked_by
from cli.options import Home, Json, Office, Who
from cli.output import Session, session
from domain.owners import mask
from services.context import Services, open_services
from services.document import show as describe
from services.history import history_of


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
        view = describe(ctx, asked_by(this, who, office), code).line()
        if history:
            _tell_history(this, ctx, str(view["id"]))
            return
        if this.json:
            this.line(view)
            return
        fields, quality, signatures, marks = (view.pop(name) for name in ("fields", "quality", "signatures", "marks"))
        rows = [[name, str(value)] for name, value in view.items() if value not in (None, "", [])]
        for name, item in fields.items():
            value = mask(item["value"]) if name == "owner_id" else item["value"]
            place = f"page {item['page']}" if item["page"] else item["source"]
            rows.append([f"  {name}", f"{value}  ({item['confidence']:.2f}, {place})"])
        for verdict in signatures:
            told = verdict["problem"] or "stands, and its issuer is trusted here"
            rows.append([f"  signature {verdict['field']}", f"{verdict['signer']}, {verdict['signed_at']}: {told}"])
        for mark in marks:
            place = f"{mark['left']:.0f} points from the left, {mark['top']:.0f} from the top of page {mark['page']}"
            rows.append([f"  mark {mark['field']}", f"{mark['state'].replace('_', ' ')}: {place}"])
        for page in quality:
            told = f"{page['width']} x {page['height']}, {page['dpi'] or 'no'} dpi, {page['colour'] or 'no image'}"
            ink = "blank" if page["is_blank"] else f"ink {page['ink']:.1%}, sharpness {page['sharpness']:.2f}"
            rows.append([f"  page {page['number']} of the scan", f"{told}, {ink}"])
        this.table(["what", "value"], rows)


def _tell_history(this: Session, ctx: Services, document_id: str) -> None:
    tries = history_of(ctx, document_id)
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
