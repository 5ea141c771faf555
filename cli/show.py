"""`show`: everything known of one document."""

from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from archive.papers.forms import KeptField
from cli.asking import asked_by
from cli.options import Home, Json, Office, Who
from cli.output import Session, session
from cli.words import field_called, field_shown, phrase, state_word, word_of
from config.models import Catalogues
from domain.clock import stated
from domain.messages.language import spoken
from domain.messages.told import told
from domain.messages.values import day_shown
from domain.owners import mask, mask_text
from services.context import open_services
from services.document import DocumentView
from services.document import show as describe
from services.history import HistoryLine, history_of
from signing.interface import SignatureVerdict


def show(
    code: Annotated[str, typer.Argument(help="Document id, or a code that it has or had", metavar="ID|CODE")],
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
        view = describe(ctx, by, code)
        if this.json:
            this.line(view.line())
            return
        this.facts(rows_of(view, ctx.catalogues))


def rows_of(view: DocumentView, catalogues: Catalogues) -> list[list[str]]:
    """What is shown of a document: what it is, then its fields, signatures, marks and pages, each in one line."""
    parts: list[tuple[str, Iterable[tuple[object, str]]]] = [
        ("", ((field_called(name), _field(name, item)) for name, item in view.fields.items())),
        ("retired {}", ((item.get("kind"), _readable(_retired, item)) for item in view.retired)),
        ("signature {}", ((item.field, _signature(item)) for item in view.signatures)),
        ("mark {}", ((item.get("field"), _readable(_mark, item)) for item in view.marks)),
        ("scan page {}", ((item.get("number"), _readable(_page, item)) for item in view.quality)),
    ]
    apart = {"fields", "signatures", "marks", "quality", "belongs", "brought_by", "retired"}
    apart |= {"told", "doubts_told", "remarks_told"}  # the same for programs
    words = {"state": state_word(view.state), "standing": state_word(view.standing) if view.standing else None}
    words["stage"] = word_of("stage", view.stage) if view.stage and spoken() == "vi" else view.stage
    words["retention"] = _retention(view.retention, catalogues)
    shown = view.model_copy(update=words)
    rows = [[name, _plain(value)] for name, value in shown if name not in apart and value not in (None, "", ())]
    return rows + [[f"  {phrase(head).format(name) or name}", text] for head, items in parts for name, text in items]


def _retention(code: str | None, catalogues: Catalogues) -> str | None:
    """A class of retention as the law calls it, to who reads its language; that of another release as it stands."""
    try:
        return catalogues.retention_class(code).name if code and spoken() == "vi" else code
    except KeyError:
        return code


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return stated(value)
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _readable(tell: Callable[[dict[str, Any]], str], item: dict[str, Any]) -> str:
    """A line of a mark or page that another release may have written."""
    try:
        return tell(item)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        return told("shown_unreadable").text()


def _field(name: str, item: KeptField) -> str:
    value = mask(item.value) if name == "owner_id" else item.value
    value = field_shown(name, mask_text(value) if name == "further_owners" else value)
    origin = told("shown_page", page=item.page).text() if item.page else word_of("origin", item.source)
    return f"{value}  ({item.confidence:.2f}, {origin})"


def _retired(item: dict[str, Any]) -> str:
    why = {"invented": told("retired_invented"), "corrected": told("retired_corrected")}[item["why"]]
    after = told("retired_now", code=item["instead"]) if item["instead"] else told("retired_without_successor")
    return f"{item['code']}: {why}; {after}"


def _signature(verdict: SignatureVerdict) -> str:
    at = day_shown(stated(verdict.signed_at), spoken()) if verdict.signed_at else told("shown_no_time")
    return f"{verdict.signer}, {at}: {verdict.told or told('shown_signature_stands')}"


def _mark(mark: dict[str, Any]) -> str:
    place = {name: f"{mark[name]:.0f}" for name in ("left", "top")}
    return told("shown_mark", state=word_of("mark", mark["state"]), page=mark["page"], **place).text()


def _page(page: dict[str, Any]) -> str:
    image = (
        told("shown_image", dpi=page["dpi"], colour=word_of("colour", page["colour"]))
        if page["colour"]
        else told("shown_no_image")
    )
    ink = told("shown_blank")
    if not page["is_blank"]:
        ink = told("shown_ink", ink=f"{page['ink']:.1%}", sharpness=f"{page['sharpness']:.2f}")
    return f"{page['width']} x {page['height']}, {image}, {ink}"


def _tell_history(this: Session, tries: list[HistoryLine]) -> None:
    if this.json:
        for item in tries:
            this.line(item.line())
        return
    rows = [
        [
            word_of("stage", item.stage),
            str(item.number or ""),
            word_of("came", item.outcome),
            f"{item.started_at:%Y-%m-%d %H:%M:%S}",
            f"{item.took_s} s",
        ]
        for item in tries
    ]
    text = [[*row, item.worker, item.error] for row, item in zip(rows, tries, strict=True)]
    this.table(["stage", "try", "outcome", "began", "took", "worker", "why"], text)
