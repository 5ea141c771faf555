"""PDF files as they come: what is refused or held unread, and pages taken out as they are."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pikepdf
import pypdfium2

from config.settings import RecognitionSettings
from domain.errors import Held, Refused
from domain.messages.told import Told, told
from pipeline.bounds import alarm
from pipeline.errors import Unreadable
from pipeline.ladder.layers import settle_layers
from pipeline.ladder.notes import draw_notes
from pipeline.ladder.xfa import shows_itself
from pipeline.scans.boxes import make_plain, shown_box, unit_of
from pipeline.scans.codings import TOO_LARGE
from pipeline.scans.incomplete import LACKS, Incomplete
from pipeline.scans.opening import REPAIRED, check_filters, library_message, lists_lost_page, open_pdf
from pipeline.scans.sizes import refuse_too_many
from pipeline.scans.streams import StreamCheck
from signing.verification.fields import is_signed

_POINTS = 72
_END, _BEGIN, _OBJECT = b"%%EOF", b"%PDF-", b" obj"
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\0", b"MM\0*")
_MOST_BEHIND = 4096  # bytes behind the end of a file: what mail and the web add is less
AS_IT_IS = {
    "stream_decode_level": pikepdf.StreamDecodeLevel.none,
    "compress_streams": False,
    "deterministic_id": True,
}


class CheckedPdf(NamedTuple):
    """The PDF to work on, remarks, and the pages (from 1) that stay whatever they look like."""

    pdf: Path
    remarks: tuple[Told, ...]
    kept: frozenset[int]


def check_alone(scan: Path, *, is_open: bool) -> None:
    """Whether a PDF is one file: of several put end to end readers show the first or the last, without a word.

    Changes that were added at its end, what a program fills it up with, and files within it are part of it.  Of one
    that needs a password nothing is said before it is ``is_open``, in a copy: it is refused until then.

    Raises:
        Held: another file stands behind it.
    """
    content = scan.read_bytes()
    joined, behind = _beginnings(content), content[content.rfind(_END) + len(_END) :].strip(b"\0\t\n\f\r ")
    if joined:
        try:
            joined -= _attached(scan)
        except pikepdf.PasswordError:
            if not is_open:
                return
    is_more = _END in content and _OBJECT not in behind and _BEGIN not in behind  # objects are told by `open_pdf`
    if joined > 0 or (is_more and (behind.startswith(_PICTURES) or len(behind) > _MOST_BEHIND)):
        raise Held("file_behind_file", reason="files_joined", remedy="put_in_apart")


def _beginnings(content: bytes) -> int:
    """How often a PDF begins behind the end of another, with no object between."""
    pieces = (piece.partition(_BEGIN) for piece in content.split(_END)[1:])
    return sum(bool(begins) and _OBJECT not in before for before, begins, _ in pieces)


def _attached(scan: Path) -> int:
    """How often that is so within a stream of the file: in a file that is attached to it."""
    try:
        with pikepdf.open(scan) as pdf:
            return sum(_beginnings(item.read_raw_bytes()) for item in pdf.objects if isinstance(item, pikepdf.Stream))
    except (pikepdf.PdfError, RuntimeError):
        return 0


def check_pdf(scan: Path, plain: Path, settings: RecognitionSettings) -> CheckedPdf:
    """Look a PDF through without drawing it; ``plain`` is written when something had to be taken off.

    Raises:
        Refused: it needs a password, is damaged as a whole, has no page, or is too large.
        Held: it is a form of XFA alone, some of its pages are damaged, or bear notes that cannot be drawn.
    """
    try:
        with open_pdf(scan) as (pdf, found):
            if not len(pdf.pages):
                raise Refused("pdf_no_page", reason="no_pages", remedy="scan_again")
            refuse_too_many(len(pdf.pages), settings.max_pages)
            alarm.counted(len(pdf.pages))
            check_filters(pdf)
            seen = _check_pages(pdf, settings)
            counted = () if REPAIRED in found else _check_count(scan, pdf)  # what was repaired has been counted
            page_remarks = tuple(
                told("on_page", page=number, remark=remark) for number, remarks in seen.items() for remark in remarks
            )
            kept = frozenset(number for number, remarks in seen.items() if LACKS in remarks)
            remarks = (*found, *counted, *_take_off(pdf), *make_plain(pdf), *settle_layers(pdf), *_left(scan, pdf))
            if remarks:
                pdf.save(plain, encryption=False, **AS_IT_IS)
            return CheckedPdf(plain if remarks else scan, (*remarks, *page_remarks), kept)
    except (pikepdf.PdfError, RuntimeError) as error:
        raise Unreadable("pdf_damaged", why=library_message(error)) from None


def extract_pages(pdf: Path, numbers: Sequence[int], output: Path) -> Path:
    """Write ``output``: pages (from 1) as a PDF of their own, with the fields and layers that are on them.

    Their images keep the encoding they came in.
    """
    with pikepdf.open(pdf) as whole, pikepdf.new() as own:
        own.add_pages_from(whole, [number - 1 for number in numbers], outlines="ignore")
        own.save(output, **AS_IT_IS)
    return output


def damaged_page(number: int, why: Told | None = None) -> Held:
    """One page cannot be read; nobody may take it for a blank one."""
    return Held(
        "page_damaged_by" if why else "page_damaged",
        reason="damaged_page",
        remedy="scan_or_take_page_out",
        page=number,
        why=why or "",
    )


def _check_count(scan: Path, pdf: pikepdf.Pdf) -> tuple[Told, ...]:
    """Compare the pages that the file counts, which is what readers show, with those that are there; returns remarks.

    Raises:
        Held: it counts a page that is not there, or its list of pages names one.
    """
    try:
        with closing(pypdfium2.PdfDocument(scan)) as shown:
            counted = len(shown)
            empty = [number for number in range(1, counted + 1) if not _is_in(shown, number)]
    except pypdfium2.PdfiumError:
        return ()  # told by whoever draws its pages
    there = len(pdf.pages)
    if counted > there:
        number = min(empty, default=there + 1)
        raise damaged_page(number, told("counts_pages", counted=counted, there=there))
    if empty and lists_lost_page(scan, pdf):
        raise damaged_page(empty[0], told("names_lost_page"))
    if empty:
        return (told("empty_places", there=there),)
    return (told("counts_fewer", counted=counted, there=there),) if counted < there else ()


def _is_in(shown: pypdfium2.PdfDocument, number: int) -> bool:
    try:
        shown.get_page_size(number - 1)
    except pypdfium2.PdfiumError:
        return False
    return True


def _check_pages(pdf: pikepdf.Pdf, settings: RecognitionSettings) -> dict[int, tuple[Told, ...]]:
    """Look through every page, and unpack what it draws; returns what is to be told of each."""
    check, seen = StreamCheck(settings), {}
    for number, page in enumerate(pdf.pages, 1):
        try:
            with alarm.page(number):
                _check_size(page, settings)
                seen[number] = check.page(page)
        except (Held, Refused, MemoryError):
            raise
        except Incomplete as error:
            raise damaged_page(number, error.inner) from None
        except Exception:  # noqa: BLE001 (whatever a hostile page is made of, it is this page that is damaged)
            raise damaged_page(number) from None
    try:
        shows = shows_itself(pdf)
    except (TypeError, ValueError, AttributeError, KeyError, pypdfium2.PdfiumError):
        raise Unreadable("pdf_form_damaged") from None
    if not shows:
        raise Held("xfa_only", reason="xfa_form", remedy="print_there")
    return seen


def _take_off(pdf: pikepdf.Pdf) -> tuple[Told, ...]:
    """What keeps the pages from being worked on, though nobody asks for a password; returns what it was."""
    return (told("protection_taken_off"),) if pdf.is_encrypted else ()


def _left(scan: Path, pdf: pikepdf.Pdf) -> tuple[Told, ...]:
    """Draw what the file leaves to the reader; a signed paper is kept as it came, and so loses nothing of it."""
    if not any("/Annots" in page.obj for page in pdf.pages) or is_signed(scan):
        return ()
    return draw_notes(pdf)


def _check_size(page: pikepdf.Page, settings: RecognitionSettings) -> None:
    left, bottom, right, top = shown_box(page)
    width, height = ((end - start) * unit_of(page) / _POINTS for start, end in ((left, right), (bottom, top)))
    if max(width, height) > settings.max_page_inches:
        raise Refused("page_measures", reason="too_large", remedy=TOO_LARGE, width=width, height=height)
