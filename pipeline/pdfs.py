"""PDF files as they come: what is refused or held unread, and pages taken out as they are."""

import io
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pikepdf
from PIL import Image

from config.settings import RecognitionSettings
from domain.errors import Held, Refused
from pipeline.errors import Unreadable
from pipeline.ladder.cleaning import shows_itself

TOO_LARGE = "Scan the paper at 300 dpi, one sheet a page"
_POINTS = 72
_CHUNK = 1 << 20
_BYTES_PER_PIXEL = 4
AS_IT_IS = {
    "stream_decode_level": pikepdf.StreamDecodeLevel.none,
    "compress_streams": False,
    "deterministic_id": True,
}


def check_pdf(scan: Path, plain: Path, settings: RecognitionSettings) -> tuple[Path, tuple[str, ...]]:
    """Look a PDF through without drawing it.

    Returns the file to work on (``plain``, written here, when something had to be taken off) and remarks.

    Raises:
        Refused: it needs a password, is damaged as a whole, has no page, or is too large.
        Held: it is a form of XFA alone, or some of its pages are damaged.
    """
    try:
        with pikepdf.open(scan, attempt_recovery=False) as pdf:
            if not len(pdf.pages):
                raise Refused("The PDF has no page", reason="no_pages", remedy="Scan the paper again")
            _check_pages(pdf, settings)
            remarks = _take_off(pdf)
            if not remarks:
                return scan, ()
            pdf.save(plain, encryption=False, **AS_IT_IS)
            return plain, remarks
    except pikepdf.PasswordError:
        raise Refused("The PDF needs a password", reason="encrypted", remedy="Save it without the password") from None
    except (pikepdf.PdfError, RecursionError) as error:
        raise Unreadable(f"The PDF is damaged ({str(error).rsplit(':', 1)[-1].strip()})") from None


def extract_pages(pdf: Path, numbers: Sequence[int], output: Path) -> Path:
    """Write ``output``: pages (from 1) as a PDF of their own; their images keep the encoding they came in."""
    with pikepdf.open(pdf) as whole, pikepdf.new() as own:
        for number in numbers:
            own.pages.append(whole.pages[number - 1])
        own.save(output, **AS_IT_IS)
    return output


def damaged_page(number: int) -> Held:
    """One page cannot be read; nobody may take it for a blank one."""
    return Held(
        f"Page {number} is damaged; the others can be read",
        reason="damaged_page",
        remedy="Scan the paper again; or take the page out of the file, if it is no loss, and put the file in anew",
    )


def _check_pages(pdf: pikepdf.Pdf, settings: RecognitionSettings) -> None:
    try:
        shows = shows_itself(pdf)
    except (TypeError, ValueError, AttributeError, KeyError):
        raise Unreadable("The PDF is damaged (its catalogue is not one)") from None
    if not shows:
        raise Held(
            "The form can be shown by Adobe's programs alone (XFA)",
            reason="xfa_form",
            remedy="Open it there, print it to PDF, and put the printed file in",
        )
    for number, page in enumerate(pdf.pages, 1):
        try:
            _check_size(page, settings)
            for stream in _streams(page):
                _check_stream(stream, settings)
        except (Held, Refused, MemoryError):
            raise
        except Exception:  # noqa: BLE001 (whatever a hostile page is made of, it is this page that is damaged)
            raise damaged_page(number) from None


def _take_off(pdf: pikepdf.Pdf) -> tuple[str, ...]:
    """What keeps the pages from being worked on, though nobody asks for a password; returns what it was."""
    return ("the protection against changes was taken off the copy",) if pdf.is_encrypted else ()


def _check_size(page: pikepdf.Page, settings: RecognitionSettings) -> None:
    box = [float(value) for value in page.mediabox]
    unit = float(page.obj.get("/UserUnit", 1))
    width, height = (abs(box[2] - box[0]) * unit / _POINTS, abs(box[3] - box[1]) * unit / _POINTS)
    if max(width, height) > settings.max_page_inches:
        raise Refused(f"A page measures {width:.0f} x {height:.0f} inches", reason="too_large", remedy=TOO_LARGE)
    for image in page.get_images().values():
        across, down = int(image.Width), int(image.Height)
        if across * down > settings.max_megapixels * 1_000_000:
            raise Refused(f"A page has {across} x {down} pixels", reason="too_large", remedy=TOO_LARGE)


def _streams(page: pikepdf.Page) -> Iterator[Any]:
    contents = page.obj.get("/Contents")
    yield from contents if isinstance(contents, pikepdf.Array) else [contents] if contents is not None else []
    yield from page.get_images().values()


def _check_stream(stream: Any, settings: RecognitionSettings) -> None:
    """Decode once what every reader decodes, so that a page which would be drawn half is found here.

    Raises:
        Exception: the stream is cut off or not what its filter says.
        Refused: it unpacks to more than any page needs.
    """
    filters = stream.get("/Filter", pikepdf.Array())
    names = [str(name) for name in filters] if isinstance(filters, pikepdf.Array) else [str(filters)]
    if names == ["/FlateDecode"]:
        _inflate(stream.read_raw_bytes(), settings.max_megapixels * 1_000_000 * _BYTES_PER_PIXEL)
    elif names == ["/DCTDecode"]:
        with Image.open(io.BytesIO(stream.read_raw_bytes()), formats=("JPEG",)) as image:
            image.draft("L", (1, 1))  # an eighth of the size: all of the data are read, few pixels are made
            image.load()
    elif names == ["/CCITTFaxDecode"]:
        pikepdf.PdfImage(stream).as_pil_image().load()


def _inflate(packed: bytes, limit: int) -> None:
    reader = zlib.decompressobj()
    made = 0
    while packed and not reader.eof:
        made += len(reader.decompress(packed, _CHUNK))
        packed = reader.unconsumed_tail
        if made > limit:
            raise Refused("A page unpacks to more than any page needs", reason="too_large", remedy=TOO_LARGE)
    reader.flush()
    if not reader.eof:
        raise EOFError
