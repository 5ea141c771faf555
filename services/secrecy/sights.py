"""Everybody who saw a paper, by the audit journal: for a paper that turned out to be secret (law L8.5)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from archive.package import object_id_of
from domain.errors import KhosoError
from domain.events import LINE
from domain.messages.told import Told, told
from domain.record import PublicView
from services.context import Services

# What is done about the withdrawal itself shows nobody what the paper says.
_NO_SIGHTS = {
    "withdrawn",
    "withdrawal_decided",
    "given_back",
    "erased",
    "withdrawn_listed",
    "refused",
    "differs",
    "sample_redrawn",
}
_REASONS = ("why", "reason", "dossier")  # what a line says of why, the first that is there


class Sight(PublicView):
    """Somebody who saw a paper, or a list that named it; ``what`` is the event's word.

    ``sure`` is false where the journal does not tell which papers a list had: it may have named this one.
    """

    at: datetime
    who: str
    office: str
    role: str
    what: str
    why: str
    sure: bool


def sights_of(ctx: Services, document_id: str, until: datetime) -> tuple[tuple[Sight, ...], Told | None]:
    """Who saw a paper until a moment, the first first; and what is wrong with the journal where it tells not all."""
    found: list[Sight] = []
    names = {document_id, object_id_of(document_id)}
    try:
        for event in ctx.journal.events():
            if datetime.fromisoformat(event["at"]) > until:
                break
            sure = _names(event, names)
            if sure and event.get("event") == "archived":
                found = [item for item in found if item.sure]  # no list before it named it
            if event.get("who") == LINE or event.get("event") in _NO_SIGHTS:
                continue
            if sure or _may_name(event):
                found.append(_sight(event, sure=sure))
    except (KhosoError, OSError) as error:
        return tuple(found), error.inner if isinstance(error, KhosoError) else told("journal_not_read")
    return tuple(found), None


def _names(event: Mapping[str, Any], names: set[str]) -> bool:
    """Whether an event is about a paper, or its answer named it."""
    if names & {event.get("subject"), event.get("document"), event.get("paper")}:
        return True
    return bool(names & set(str(event.get("papers") or "").split(",")))


def _may_name(event: Mapping[str, Any]) -> bool:
    """Whether an event is a list of which the journal does not tell the papers."""
    word = event.get("event")
    return word == "dossiers_exported" or (word in {"searched", "listed"} and "papers" not in event)


def _sight(event: Mapping[str, Any], *, sure: bool) -> Sight:
    return Sight(
        at=datetime.fromisoformat(str(event["at"])),
        who=str(event["who"]),
        office=str(event.get("office") or ""),
        role=str(event.get("role") or ""),
        what=str(event["event"]),
        why=next((str(event[name]) for name in _REASONS if event.get(name)), ""),
        sure=sure,
    )
