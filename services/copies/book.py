"""The book of copies on paper: every number with what was done under it, also written out for people (law L1.7)."""

import os
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from archive.books.books import BookEntry
from domain.clock import VIETNAM, listed, stated
from domain.codes import mask_code
from domain.copies.events import CopiesWritten
from domain.owners import mask_text
from domain.record import PublicView
from files.outside import new_file
from files.sheet import as_csv
from services.context import Services
from services.copies.converting import BOOK
from services.permissions import Asker, demand
from services.secrecy.unsaid import gone

_COLUMNS: Final = (
    "Số",
    "Đơn vị",
    "Thời điểm",
    "Người chuyển đổi",
    "Mã tra cứu",
    "Mã giấy tờ",
    "Hồ sơ",
    "Số trang",
    "Trạng thái",
)
_DONE, _BEGUN = "đã in", "chưa in xong"


class CopyEntry(PublicView):
    """What stands under a number; ``done`` False: it was begun, and whoever asks again gets the same number.

    ``pages`` and ``done`` are told by the journal, too: of an entry that the book has lost it is all that is left.
    """

    number: str
    office: str
    at: str
    who: str
    code: str
    paper: str
    dossier: str
    pages: int
    done: bool


def copy_book(ctx: Services, asker: Asker, since: date | None = None) -> Sequence[CopyEntry]:
    """The entries of all offices since a day or ever, by office and number.

    Of a copy of a paper that was withdrawn the number is told, for the book has no gap, and nothing of the paper.
    What the book has lost, as one that was put back from an earlier copy has, is told from the audit journal.

    Raises:
        NotAllowed: the role may not.
    """
    demand(ctx, asker, "copies")
    found = _entries(ctx)
    first = "" if since is None else stated(datetime(since.year, since.month, since.day, tzinfo=VIETNAM))
    hidden = gone(ctx, (item.paper for item in found))
    nothing = dict.fromkeys(("code", "paper", "dossier"), "")
    told = [item for item in found if item.at >= first]
    return [item.model_copy(update=nothing) if item.paper in hidden else item for item in told]


def copies_of(ctx: Services, paper_id: str) -> list[CopyEntry]:
    """The copies that were made of a paper; one that was begun only may have been printed."""
    return [item for item in _entries(ctx) if item.paper == paper_id]


def _entries(ctx: Services) -> list[CopyEntry]:
    """What the book has, and what the journal has of what it lost."""
    found = {(item.office, item.year, item.number): _entry(item) for item in ctx.desk.books.entries(BOOK)}
    for event in ctx.journal.of_kind("copied"):
        key = event["office"], event["year"], event["number"]
        found.setdefault(key, _told(event))
    return [found[key] for key in sorted(found)]


def write_copy_book(ctx: Services, asker: Asker, target: Path, since: date | None = None) -> int:
    """Write the entries as CSV for people and spreadsheets; tells how many.

    Raises:
        NotAllowed: the role may not.
        UsageError: the file is there already, or cannot be written.
    """
    entries = copy_book(ctx, asker, since)
    rows = [
        (
            item.number,
            item.office,
            listed(datetime.fromisoformat(item.at)),
            item.who,
            item.code,
            item.paper,
            item.dossier,
            item.pages,
            _DONE if item.done else _BEGUN,
        )
        for item in entries
    ]
    with new_file(target, ctx.settings.home) as file:
        file.write(as_csv(_COLUMNS, rows))
        file.flush()
        os.fsync(file.fileno())
        ctx.journal.record(
            CopiesWritten(**dict(asker), subject=target.name, since=str(since) if since else None, count=len(entries))
        )
    return len(entries)


def _entry(item: BookEntry) -> CopyEntry:
    return CopyEntry(
        number=item.shown,
        office=item.office,
        at=stated(item.at),
        who=mask_text(item.who),
        code=mask_code(item.code),
        paper=item.paper_id,
        dossier=item.dossier,
        pages=item.pages,
        done=item.done_at is not None,
    )


def _told(event: dict[str, Any]) -> CopyEntry:
    return CopyEntry(
        number=f"{event['number']}/{event['year']}",
        office=event["office"],
        at=stated(datetime.fromisoformat(event["at"])),
        who=mask_text(event["who"]),
        code=event["code"],
        paper=event["subject"],
        dossier=event["dossier"],
        pages=event["pages"],
        done=True,
    )
