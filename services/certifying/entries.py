"""Entries of the book of certified copies, from wherever they are known: database, audit journal, object of a paper."""

from datetime import datetime
from typing import Any, Final

from archive.books.books import BookEntry, BookName
from archive.papers.forms import KeptCertified
from domain.clock import VIETNAM, stated
from domain.owners import mask_text
from domain.record import PublicView
from services.context import Services
from services.secrecy.unsaid import gone

BOOK: Final[BookName] = "certified_copy"
EVENT: Final = "certified"


class CertifiedAs(PublicView):
    """As what a file was given out: its number, book and office, when, and who certified it."""

    number: int
    book: str
    office: str
    at: str
    signer: str


def book_entry(paper_id: str, kept: KeptCertified) -> BookEntry:
    """What stands in the book, as the paper's object says."""
    same = kept.model_dump(include={"office", "year", "number", "at", "who", "code", "dossier", "pages", "done_at"})
    other = {"sha256": kept.of, "made": kept.sha256, "component": kept.component, "signer": kept.signer}
    return BookEntry(book=BOOK, paper_id=paper_id, **same, **other)


def entries_known(ctx: Services) -> list[BookEntry]:
    """What the book has, and what the journal has of what it lost; by office, year and number."""
    found = {(item.office, item.year, item.number): item for item in ctx.desk.books.entries(BOOK)}
    lost = {_key(item): item for item in ctx.journal.of_kind(EVENT) if _key(item) not in found}
    given = {_key(item): item["sha256"] for item in ctx.journal.of_kind("certified_given")} if lost else {}
    found |= {key: _told(event, given.get(key, "")) for key, event in lost.items()}
    return [found[key] for key in sorted(found)]


def certified_as(ctx: Services, sha256: str) -> CertifiedAs | None:
    """As what a file with that digest was given out; None for others, and where its paper was withdrawn since."""
    found = ctx.desk.books.by_digest(sha256) or next((item for item in entries_known(ctx) if item.made == sha256), None)
    if found is None or not sha256 or gone(ctx, [found.paper_id]):
        return None
    said = {"number": found.number, "office": found.office, "at": stated(found.at), "signer": mask_text(found.signer)}
    return CertifiedAs(book=book_of(ctx, found), **said)


def book_of(ctx: Services, entry: BookEntry) -> str:
    """What the book of an entry is called, by the rules of its day."""
    words = ctx.catalogues.profile(entry.at.astimezone(VIETNAM).date()).certified_copy
    return words.book_of(entry.year) if words else str(entry.year)


def _key(event: dict[str, Any]) -> tuple[str, int, int]:
    return event["office"], event["year"], event["number"]


def _told(event: dict[str, Any], made: str) -> BookEntry:
    """What the journal tells of an entry: it is recorded before the copy is kept, so what was given out is done."""
    same = {name: event[name] for name in ("office", "year", "number", "who", "dossier", "component", "code", "pages")}
    at = datetime.fromisoformat(event["at"])
    said = {
        "at": at,
        "done_at": at if made else None,
        "paper_id": event["subject"],
        "signer": event["signer"],
        "made": made,
    }
    return BookEntry(book=BOOK, sha256="", **same, **said)
