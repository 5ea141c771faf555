"""The book of certified e-copies: every number with what was certified under it, also written out (law L1.12)."""

import os
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Final

from archive.books.books import BookEntry
from domain.clock import VIETNAM, listed, stated, today
from domain.codes import is_within, mask_code
from domain.copies.events import CertifiedWritten
from domain.owners import mask_text
from domain.record import PublicView
from files.outside import new_file
from files.sheet import as_csv
from services.certifying.entries import book_of, entries_known
from services.certifying.hands import certifier
from services.context import Services
from services.permissions import Asker, bounds, demand, may
from services.secrecy.unsaid import gone

# As the book of a production system calls them (law L1.12); the number and who certified are what forms ask for.
_COLUMNS: Final = (
    "DonVi",
    "TenSo",
    "SoChungThuc",
    "ThoiGian",
    "NguoiChungThuc",
    "MaHoSo",
    "MaThanhPhan",
    "MaGiayTo",
    "SoTrang",
    "TepSHA256",
    "TrangThai",
)
_MANY = 500  # databases limit the variables of a statement
_DONE, _BEGUN = "đã chứng thực", "chưa xong"


class CertifiedEntry(PublicView):
    """What stands under a number; ``done`` False: it was begun, and who asks again gets the same number.

    ``code`` is whole for who may see the paper's numbers, ``sha256`` the digest of the file that was given out.
    """

    office: str
    book: str
    number: int
    at: str
    signer: str
    dossier: str
    component: str
    paper: str
    code: str
    pages: int
    sha256: str
    done: bool


class CertifiedBook(PublicView):
    """The electronic book of an office for a year: from its first number on, closed with the year's last day."""

    office: str
    book: str
    first: int
    last: int
    begun: date
    closed: date | None


def certified_book(ctx: Services, asker: Asker, since: date | None = None) -> Sequence[CertifiedEntry]:
    """The entries since a day or ever, by office and number; of a desk those of its own office and those below.

    At a desk only who certifies there sees the book: it tells which papers were shown for which dossiers.

    Of a copy of a paper that was withdrawn the number is told, for the book has no gap, and nothing of the paper.
    What the book has lost, as one that was put back from an earlier copy has, is told from the audit journal.

    Raises:
        NotAllowed: the role may not, or he certifies nothing at this office.
    """
    demand(ctx, asker, "certified")
    if asker.role == "desk":
        certifier(ctx, asker, "certified")
    within = bounds(asker, "certified")
    found = [item for item in entries_known(ctx) if within is None or is_within(item.office, within)]
    first = None if since is None else datetime(since.year, since.month, since.day, tzinfo=VIETNAM)
    hidden = gone(ctx, (item.paper_id for item in found))
    belongs = _belongs(ctx, {item.paper_id for item in found})
    nothing = dict.fromkeys(("dossier", "component", "paper", "code", "sha256"), "")
    told = []
    for item in found:
        if first is not None and item.at < first:
            continue
        discloses = item.paper_id in belongs and may(asker, "disclose", belongs[item.paper_id], ctx.settings)
        view = _view(ctx, item, discloses=discloses)
        told.append(view.model_copy(update=nothing) if item.paper_id in hidden else view)
    return told


def certified_books(ctx: Services, asker: Asker) -> Sequence[CertifiedBook]:
    """The books themselves: where their numbers begin and end, and since when they are closed.

    Raises:
        NotAllowed: the role may not.
    """
    books: dict[tuple[str, str], list[CertifiedEntry]] = {}
    for entry in certified_book(ctx, asker):
        books.setdefault((entry.office, entry.book), []).append(entry)
    return [_book(office, name, entries) for (office, name), entries in books.items()]


def _book(office: str, name: str, entries: Sequence[CertifiedEntry]) -> CertifiedBook:
    days = [datetime.fromisoformat(item.at).date() for item in entries]
    numbers = [item.number for item in entries]
    last = date(max(days).year, 12, 31)
    closed = last if last < today() else None
    return CertifiedBook(
        office=office, book=name, first=min(numbers), last=max(numbers), begun=min(days), closed=closed
    )


def write_certified_book(ctx: Services, asker: Asker, target: Path, since: date | None = None) -> int:
    """Write the entries as CSV for people and spreadsheets; tells how many.

    Raises:
        NotAllowed: the role may not.
        UsageError: the file is there already, or cannot be written.
    """
    entries = certified_book(ctx, asker, since)
    rows = [
        (
            item.office,
            item.book,
            item.number,
            listed(datetime.fromisoformat(item.at)),
            item.signer,
            item.dossier,
            item.component,
            item.code,
            item.pages,
            item.sha256,
            _DONE if item.done else _BEGUN,
        )
        for item in entries
    ]
    with new_file(target, ctx.settings.home) as file:
        file.write(as_csv(_COLUMNS, rows))
        file.flush()
        os.fsync(file.fileno())
        said = {"subject": target.name, "since": str(since) if since else None, "count": len(entries)}
        ctx.journal.record(CertifiedWritten(**dict(asker), **said))
    return len(entries)


def _view(ctx: Services, item: BookEntry, *, discloses: bool) -> CertifiedEntry:
    return CertifiedEntry(
        office=item.office,
        book=book_of(ctx, item),
        number=item.number,
        at=stated(item.at),
        signer=mask_text(item.signer),
        dossier=item.dossier,
        component=item.component,
        paper=item.paper_id,
        code=item.code if discloses else mask_code(item.code),
        pages=item.pages,
        sha256=item.made,
        done=item.done_at is not None,
    )


def _belongs(ctx: Services, ids: Iterable[str]) -> dict[str, str | None]:
    """The dossiers or agencies of papers, by their ids."""
    names = sorted(ids)
    portions = (names[first : first + _MANY] for first in range(0, len(names), _MANY))
    return {paper.id: paper.belongs for portion in portions for paper in ctx.catalogue.some(portion)}
