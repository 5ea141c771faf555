"""A longer scan of the same file: it has all pages of a paper that came from its path before, and some more.

So it is when a scanner's program wrote a file page by page, and what there was of it had been taken for the whole; or
when a page that had been forgotten was scanned and put to the others.
"""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict

from archive.interface import LedgerEntry, StoredObject
from archive.package import record_of
from domain.errors import KhosoError
from domain.messages.papers import besides, other_paper
from pipeline.context import Context
from pipeline.errors import LongerScan
from pipeline.ladder.likeness import BOUND, page_similarity
from pipeline.records import Described, Media, Prepared, read_record
from pipeline.scans.images import pdf_of_images
from pipeline.scans.pdfs import check_pdf, extract_pages
from pipeline.scans.raster import open_pages
from pipeline.scans.sizes import size_pages
from pipeline.secrecy.stop import NEEDED, PerhapsSecret, vouched

MOST_PAGES = 200  # of the former paper: each is drawn twice


class Former(NamedTuple):
    """The paper of which this one is the longer scan: held by the vault, or still waiting in the ledger."""

    document_id: str
    code: str | None
    pages: int


class _Kept(BaseModel):
    """As much of what an object says as is needed, whatever else another release wrote there."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class _Page(_Kept):
    number: int
    is_blank: bool = False


class _Decided(_Kept):
    about: str = ""
    value: str = ""


class _Scan(_Kept):
    """How the original of an archived paper is drawn again."""

    media: Media
    pages: int
    unlocked: Any = None
    stack: Any = None
    signatures: tuple[Any, ...] = ()
    decisions: tuple[_Decided, ...] = ()
    facts: tuple[_Page, ...]


def refuse_longer(described: Described, ctx: Context) -> None:
    """Stop a longer scan of a paper that is here, for a person decides what becomes of that one.

    Raises:
        PerhapsSecret: that one was withdrawn as secret.
        LongerScan: it is one, and nobody has decided yet.
    """
    former = former_of(described, ctx)
    if former is None:
        return
    if ctx.catalogue.withdrawn.of(former.document_id) is not None:
        raise PerhapsSecret("likely_withdrawn")
    raise LongerScan(
        paper=other_paper(former.document_id, former.code),
        pages=former.pages,
        more=described.pages - former.pages,
        besides=besides(described.doubts),
    )


def former_of(described: Described, ctx: Context) -> Former | None:
    """The newest paper that came from the same path and counts, when all its pages are in this one, in their order."""
    if described.signatures or described.stack or described.replaces:
        return None
    is_vouched = len(vouched(described, "paper")) >= NEEDED
    with TemporaryDirectory(prefix="former-") as folder:
        for source in ctx.ledger.earlier(described.source, described.scan.sha256):
            if source.document_id is None or source.document_id in {described.rescan_of, *described.apart_from}:
                continue
            if is_vouched and ctx.catalogue.withdrawn.of(source.document_id) is not None:
                continue
            pages = former_pages(source.document_id, Path(folder), ctx)
            if pages is None:
                continue
            former, pdf = pages
            is_longer = former.pages < described.pages and former.pages <= MOST_PAGES
            return former if is_longer and _contains(ctx.file(described, described.pdf), pdf) else None
    return None


def former_pages(document_id: str, folder: Path, ctx: Context) -> tuple[Former, Path] | None:
    """A former paper with its pages that are not blank as they came; None when it does not count or cannot be drawn.

    ``folder`` is empty, and the caller's.
    """
    entry, paper = ctx.ledger.entry(document_id), ctx.catalogue.paper(document_id)
    withdrawn = ctx.catalogue.withdrawn.of(document_id)
    try:
        if withdrawn is not None:
            return _of_vault(withdrawn.id, withdrawn.code, ctx.vault.get(withdrawn.object_id), folder, ctx)
        if paper is not None and paper.standing == "in_force":
            return _of_vault(paper.id, paper.digitisation_code, ctx.vault.get(paper.object_id), folder, ctx)
        if paper is not None:
            return None
        return _of_ledger(entry, ctx) if entry is not None and entry.state == "held" else None
    except (KhosoError, ValueError):  # stopped at the door, or damaged: then nobody can tell
        return None


def _of_ledger(entry: LedgerEntry, ctx: Context) -> tuple[Former, Path] | None:
    record = read_record(Prepared, entry.id, entry.record)
    if record.signatures or record.stack:
        return None
    return Former(entry.id, None, record.pages), ctx.file(record, record.pdf)


def _of_vault(
    document_id: str, code: str, stored: StoredObject, folder: Path, ctx: Context
) -> tuple[Former, Path] | None:
    record, limits = _Scan.model_validate(record_of(stored)), ctx.settings.recognition
    if record.signatures or record.stack or record.unlocked:
        return None
    scan = stored.files[f"original/scan.{record.media}"]
    pdf = folder / "pictures.pdf"
    size = next((item.value for item in reversed(record.decisions) if item.about == "paper"), None)
    if record.media == "pdf":
        pdf, *_ = check_pdf(scan, folder / "plain.pdf", limits)
        if size:
            size_pages(pdf, size, folder / "sized.pdf")
            pdf = folder / "sized.pdf"
    else:
        pdf_of_images(scan, record.media, pdf, limits, size)
    numbers = [item.number for item in record.facts if not item.is_blank]
    return Former(document_id, code, record.pages), extract_pages(pdf, numbers, folder / "former.pdf")


def _contains(longer: Path, former: Path) -> bool:
    """Whether every page of ``former`` looks like one of ``longer``, each behind the one before it."""
    with open_pages(longer) as pages, open_pages(former) as wanted:
        place = 0
        for index in range(len(wanted)):
            while page_similarity(wanted, index, pages, place) < BOUND:
                place += 1
                if len(pages) - place < len(wanted) - index:
                    return False
            place += 1
    return True
