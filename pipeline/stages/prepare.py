"""prepare: a scan becomes documents whose pages are a PDF with the pixels as they came."""

from pathlib import Path
from typing import Any

import img2pdf
import pikepdf
from PIL import Image, UnidentifiedImageError

from config.models import RuleProfile
from domain.errors import Held, Refused
from pipeline.context import Context
from pipeline.errors import Unreadable, Unsupported
from pipeline.records import Prepared, Received
from signing.verify import is_signed

_POINTS = 72
_A4_LONG_SIDE_IN = 11.69
_USUAL_DPI = (200, 240, 300, 400, 600)
_SMALLEST_PX = 200
_TOO_LARGE = "Scan the paper at 300 dpi, one sheet a page"


def prepare(received: Received, ctx: Context) -> tuple[Prepared, ...]:
    """Opened and measured within limits; dpi accepted by the rules of the day (law L4.2); pixels never re-encoded."""
    scan = ctx.scan(received)
    if received.media == "pdf":
        content, pages, dpi, remarks = _pdf(scan, ctx)
    else:
        content, pages, dpi, remarks = _images(scan, ctx)
    remarks += _accept(dpi, ctx.catalogues.profile(received.received_at.date()))
    pdf = ctx.write(received, "pages.pdf", content)
    return (Prepared.after(received, pdf=pdf, pages=pages, dpi=dpi, remarks=remarks),)


def _accept(dpi: int, rules: RuleProfile) -> tuple[str, ...]:
    """The acceptance of law L4.2 and L5.8; dpi 0 (no image on any page) is not measured."""
    if dpi and dpi < rules.min_dpi:
        raise Refused(
            f"The scan has {dpi} dpi, fewer than {rules.min_dpi}",
            reason=f"dpi_below_{rules.min_dpi}",
            remedy="Scan the paper again at 300 dpi (Decree 30/2020 asks for 200 at least)",
        )
    return (
        (f"{dpi} dpi, fewer than the {rules.warn_dpi} that the national guide asks for",)
        if 0 < dpi < rules.warn_dpi
        else ()
    )


# Images


def _images(scan: Path, ctx: Context) -> tuple[bytes, int, int, tuple[str, ...]]:
    remarks: tuple[str, ...] = ()
    Image.MAX_IMAGE_PIXELS = None  # our own limit is checked from the header, before a pixel is read
    try:
        with Image.open(scan, formats=("JPEG", "PNG", "TIFF")) as image:
            pages = getattr(image, "n_frames", 1)
            resolutions = []
            for frame in range(pages):
                image.seek(frame)
                _check_size(image, ctx)
                resolutions.append(_dpi(image))
                image.load()  # a truncated file is found here, not by the recogniser
    except UnidentifiedImageError:
        raise Unreadable("The image cannot be opened") from None
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise Unreadable(f"The image is damaged ({error})") from None
    dpi = min((value for value in resolutions if value), default=0)
    if not dpi:
        dpi = _guess_dpi(image.size)
        remarks = (f"no resolution in the file; taken for A4 at {dpi} dpi",)
    try:
        content = img2pdf.convert(
            str(scan), rotation=img2pdf.Rotation.ifvalid, layout_fun=_layout(dpi, all(resolutions)), nodate=True
        )
    except img2pdf.AlphaChannelError:
        raise Unsupported("The image is transparent", remedy="Save it without transparency") from None
    except (img2pdf.ImageOpenError, img2pdf.UnsupportedColorspaceError, NotImplementedError, ValueError) as error:
        raise Unsupported(f"The image cannot be put into a PDF as it is ({error})") from None
    return bytes(content), pages, dpi, remarks


def _check_size(image: Image.Image, ctx: Context) -> None:
    width, height = image.size
    limit = ctx.settings.recognition.max_megapixels
    if width * height > limit * 1_000_000:
        raise Refused(
            f"A page has {width} x {height} pixels, more than {limit} million", reason="too_large", remedy=_TOO_LARGE
        )
    if min(width, height) < _SMALLEST_PX:
        raise Refused(f"A page has {width} x {height} pixels", reason="too_small", remedy="Scan the whole paper")


def _dpi(image: Image.Image) -> int:
    """The lower of both resolutions, 0 when the file states none."""
    stated = image.info.get("dpi")
    if not stated or min(stated) <= 1:
        return 0
    return round(float(min(stated)))


def _guess_dpi(size: tuple[int, int]) -> int:
    """The usual resolution at which these pixels are an A4 sheet.

    Raises:
        Held: they are at none.
    """
    exact = max(size) / _A4_LONG_SIDE_IN
    nearest = min(_USUAL_DPI, key=lambda dpi: abs(dpi - exact))
    if abs(nearest - exact) > 0.05 * nearest:
        raise Held(
            "The file states no resolution, and its pixels are no A4 sheet at a usual one",
            reason="no_dpi",
            remedy="Scan again with the resolution in the file",
        )
    return nearest


def _layout(dpi: int, stated: bool) -> Any:
    return img2pdf.default_layout_fun if stated else img2pdf.get_fixed_dpi_layout_fun((dpi, dpi))


# PDF


def _pdf(scan: Path, ctx: Context) -> tuple[bytes, int, int, tuple[str, ...]]:
    try:
        with pikepdf.open(scan, attempt_recovery=False) as pdf:
            if not len(pdf.pages):
                raise Refused("The PDF has no page", reason="no_pages", remedy="Scan the paper again")
            if is_signed(scan):
                raise Held(
                    "The PDF is already digitally signed, and copying would break its signature",
                    reason="already_signed",
                    remedy="Keep it as it is; khoso does not archive signed papers yet",
                )
            _check_content(pdf)
            dpi = min((value for page in pdf.pages if (value := _page_dpi(page, ctx))), default=0)
            pages = len(pdf.pages)
            if pdf.is_encrypted:  # opens without a password; PDF/A forbids encryption
                plain = ctx.settings.scratch / f"{scan.name}.plain"
                pdf.save(plain, encryption=False)
                content = plain.read_bytes()
                plain.unlink()
                return content, pages, dpi, ("the protection against changes was taken off the copy",)
            return scan.read_bytes(), pages, dpi, ()
    except pikepdf.PasswordError:
        raise Refused("The PDF needs a password", reason="encrypted", remedy="Save it without the password") from None
    except (pikepdf.PdfError, RecursionError) as error:
        raise Unreadable(f"The PDF is damaged ({str(error).rsplit(':', 1)[-1].strip()})") from None


def _check_content(pdf: pikepdf.Pdf) -> None:
    root = pdf.Root
    names = root.get("/Names", pikepdf.Dictionary())
    active = ["/OpenAction" in root and "/S" in _dictionary(root.OpenAction), "/AA" in root, "/JavaScript" in names]
    active += ["/XFA" in root.get("/AcroForm", pikepdf.Dictionary())]
    if any(active):
        raise Held(
            "The PDF holds scripts or actions",
            reason="active_content",
            remedy="Scan the paper, or print the PDF to a plain one",
        )


def _dictionary(item: Any) -> Any:
    return item if isinstance(item, pikepdf.Dictionary) else {}


def _page_dpi(page: pikepdf.Page, ctx: Context) -> int:
    """The resolution of the page's largest image, 0 when there is none."""
    box = [float(value) for value in page.mediabox]
    unit = float(page.obj.get("/UserUnit", 1))
    width, height = (abs(box[2] - box[0]) * unit / _POINTS, abs(box[3] - box[1]) * unit / _POINTS)
    if max(width, height) > ctx.settings.recognition.max_page_inches:
        raise Refused(f"A page measures {width:.0f} x {height:.0f} inches", reason="too_large", remedy=_TOO_LARGE)
    sizes = [(int(image.Width), int(image.Height)) for image in page.images.values()]
    if not sizes or not width or not height:
        return 0
    across, down = max(sizes, key=lambda size: size[0] * size[1])
    if across * down > ctx.settings.recognition.max_megapixels * 1_000_000:
        raise Refused(f"A page has {across} x {down} pixels", reason="too_large", remedy=_TOO_LARGE)
    # The image may lie on its side; a page that is only partly image gives a number that is too low, never too high.
    return round(max(min(across / width, down / height), min(across / height, down / width)))
