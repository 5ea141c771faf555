"""Image files become a PDF whose images are the pixels as they came; only what PDF/A-2b cannot hold is converted."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import img2pdf
import numpy as np
from PIL import Image, ImageCms, UnidentifiedImageError

from config.settings import RecognitionSettings
from domain.errors import Held, KhosoError, Refused
from pipeline.errors import Unreadable, Unsupported
from pipeline.records import Media
from pipeline.strips import joined_strips

TOO_LARGE = "Scan the paper at 300 dpi, one sheet a page"
_A4_LONG_SIDE_IN = 11.69
_USUAL_DPI = (200, 240, 300, 400, 600)
_SMALLEST_PX = 200
_ORIENTATION = 0x0112  # EXIF and TIFF
_BITS_PER_SAMPLE = 258
_UPRIGHT = 1
_MIRRORED = {2, 4, 5, 7}
_KEPT_MODES = {"1", "L", "P", "RGB"}


class Pictures(NamedTuple):
    """An image file as a PDF, a page for each image, and what had to be changed."""

    pdf: bytes
    remarks: tuple[str, ...]


def pdf_of_images(scan: Path, media: Media, settings: RecognitionSettings) -> Pictures:
    """Put an image file into a PDF.

    Raises:
        Refused: it is damaged, of a kind that cannot be kept, too large or too small.
        Held: nothing tells its resolution.
    """
    Image.MAX_IMAGE_PIXELS = None  # our own limit is checked from the header, before a pixel is read
    try:
        with _open(scan) as image:
            # A camera's JPEG may carry further, smaller pictures of the same scene: only TIFF has pages.
            frames = getattr(image, "n_frames", 1) if media == "tiff" else 1
            changes, resolutions = _look_through(image, frames, settings)
            size = image.size
    except KhosoError:
        raise
    except UnidentifiedImageError:
        raise Unreadable("The image cannot be opened") from None
    except Exception as error:  # noqa: BLE001 (Pillow raises almost anything over a hostile file)
        raise Unreadable(f"The image is damaged ({error})") from None
    stated = [dpi for dpi in resolutions if dpi]
    dpi = min(stated) if stated else _guess_dpi(size)
    remarks = list(dict.fromkeys(change for change in changes if change))
    if not stated:
        remarks.append(f"no resolution in the file; taken for A4 at {dpi} dpi")
    joined = _joined(scan, frames) if len(set(resolutions)) == 1 and media == "tiff" and not any(changes) else None
    sources = joined or (list(_converted(scan, frames)) if any(changes) else str(scan))
    # Pillow turns TIFF pages upright itself (they count as changed), and img2pdf would turn them again.
    rotation = img2pdf.Rotation.none if media == "tiff" or any(changes) else img2pdf.Rotation.ifvalid
    try:
        content = img2pdf.convert(
            sources,
            rotation=rotation,
            layout_fun=_layout(dpi, all(resolutions) and joined is None),
            nodate=True,
            first_frame_only=frames == 1 or joined is not None,
        )
    except (img2pdf.ImageOpenError, img2pdf.UnsupportedColorspaceError, NotImplementedError, ValueError) as error:
        raise Unsupported(f"The image cannot be put into a PDF as it is ({error})") from None
    return Pictures(bytes(content), tuple(remarks))


@contextmanager
def _open(scan: Path) -> Iterator[Image.Image]:
    # Given a path, Pillow 13 maps raw TIFF pixels into memory and mixes up the sides of pages that lie turned.
    with scan.open("rb") as file, Image.open(file, formats=("JPEG", "PNG", "TIFF")) as image:
        yield image


def _look_through(image: Image.Image, frames: int, settings: RecognitionSettings) -> tuple[list[str], list[int]]:
    """What must be changed on each page ("" for nothing), and each page's resolution (0 when not stated)."""
    changes, resolutions = [], []
    for frame in range(frames):
        image.seek(frame)
        dpi = _dpi(image)
        _check_size(image, dpi, settings)
        changes.append(_change(image))
        resolutions.append(dpi)
        if image.format == "JPEG":
            image.draft(None, (image.width // 8, image.height // 8))  # all of the file is read, few pixels are made
        image.load()  # a truncated file is found here, not by the recogniser
    return changes, resolutions


def _change(image: Image.Image) -> str:
    if image.mode.startswith("I;16"):
        return "16-bit grey stored with 8 bits"
    if image.mode == "CMYK":
        return "CMYK stored as sRGB"
    if image.has_transparency_data:
        return "transparency put on white"
    if image.mode not in _KEPT_MODES:
        raise Unsupported(f"The image is of the kind {image.mode}", remedy="Save it in grey or in RGB colour")
    orientation = image.getexif().get(_ORIENTATION, _UPRIGHT)
    if orientation in _MIRRORED or (image.format == "TIFF" and orientation != _UPRIGHT):
        return "pixels set upright as the file's orientation says"
    if image.format == "TIFF" and max(_bits(image)) > 8:
        return "16-bit colour stored with 8 bits"
    return ""


def _bits(image: Image.Image) -> tuple[int, ...]:
    tags: Any = getattr(image, "tag_v2", {})
    bits = tags.get(_BITS_PER_SAMPLE, 1)
    return bits if isinstance(bits, tuple) else (bits,)


def _converted(scan: Path, frames: int) -> Iterator[bytes]:
    """Every page as a PNG, which loses no pixel, in a form that PDF/A-2b holds."""
    with _open(scan) as image:
        for frame in range(frames):
            image.seek(frame)
            dpi = image.info.get("dpi")
            orientation = image.getexif().get(_ORIENTATION, _UPRIGHT)
            page = _plain(image)
            if image.format != "TIFF":
                page = _upright(page, orientation)
            stream = io.BytesIO()
            page.save(stream, "PNG", compress_level=3, **({"dpi": dpi} if dpi else {}))
            yield stream.getvalue()


def _joined(scan: Path, frames: int) -> list[bytes] | None:
    """The pages of a TIFF as JPEGs of the same data, when all of them are kept as JPEG and no side is coarser."""
    pages = []
    with _open(scan) as image:
        for frame in range(frames):
            image.seek(frame)
            page = joined_strips(scan, image)
            if page is None or len(set(image.info.get("dpi", ()))) > 1:
                return None
            pages.append(page)
    return pages


def _plain(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I;16"):
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if image.mode == "CMYK":
        return _srgb(image)
    if image.has_transparency_data:
        ink = image.convert("RGBA")
        page = Image.new("RGB", image.size, "white")
        page.paste(ink, mask=ink.getchannel("A"))
        return page.convert("L") if image.mode in {"L", "LA"} else page
    image.load()
    return image.copy()


def _srgb(image: Image.Image) -> Image.Image:
    """By the file's own colour profile, when it has a usable one."""
    profile = image.info.get("icc_profile")
    if profile:
        try:
            converted = ImageCms.profileToProfile(
                image, ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
        except (ImageCms.PyCMSError, OSError, ValueError):
            converted = None
        if converted is not None:
            return converted
    return image.convert("RGB")


def _upright(page: Image.Image, orientation: int) -> Image.Image:
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
    return page.transpose(turns[orientation]) if orientation in turns else page


def _check_size(image: Image.Image, dpi: int, settings: RecognitionSettings) -> None:
    width, height = image.size
    limit = settings.max_megapixels
    if width * height > limit * 1_000_000:
        raise Refused(
            f"A page has {width} x {height} pixels, more than {limit} million", reason="too_large", remedy=TOO_LARGE
        )
    if min(width, height) < _SMALLEST_PX:
        raise Refused(f"A page has {width} x {height} pixels", reason="too_small", remedy="Scan the whole paper")
    if dpi and max(width, height) > dpi * settings.max_page_inches:
        raise Refused(
            f"A page measures {width / dpi:.0f} x {height / dpi:.0f} inches", reason="too_large", remedy=TOO_LARGE
        )


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
