"""Image files become a PDF whose images are the pixels as they came; only what PDF/A-2b cannot hold is converted."""

import io
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import img2pdf
import numpy as np
import pikepdf
from PIL import Image, ImageCms, ImageSequence, TiffImagePlugin, UnidentifiedImageError

from config.settings import RecognitionSettings
from domain.errors import Held, KhosoError, Refused
from domain.messages.told import Told, told
from pipeline.bounds import alarm
from pipeline.errors import Unreadable, Unsupported
from pipeline.records import Media
from pipeline.scans.codings import TOO_LARGE, check_jpeg
from pipeline.scans.incomplete import ENDS, Incomplete
from pipeline.scans.pdfs import AS_IT_IS
from pipeline.scans.sizes import ASK_SIZE, PAPERS, dpi_on, layout_on, refuse_too_many, wrong_dpi
from pipeline.scans.strips import check_strips, joined_strips
from pipeline.scans.thumbnails import page_directories

_MM_PER_IN = 25.4
_USUAL_DPI = (200, 240, 300, 400, 600)
_NEARLY = 0.04  # of a side of A4: scanners cut a little off, and the shape of letter paper is farther away
_SMALLEST_PX = 200
_SLIMMEST = 3  # no size of paper is three times as long as wide
_COMPRESSION, _BIG_TIFF = 0x0103, b"+"
_PACKINGS = {1, 2, 3, 4, 5, 6, 7, 8, 32773, 32946, 50000}  # those that Pillow's libtiff unpacks
_ODD_PACKINGS = {34712: "JPEG 2000", 33003: "JPEG 2000", 33005: "JPEG 2000", 34661: "JBIG2", 50001: "WebP"}
_ORIENTATION = 0x0112  # EXIF and TIFF
_BITS_PER_SAMPLE = 258
_PHOTOMETRIC, _LOWEST_IS_WHITE = 262, 0
_UPRIGHT = 1
_MIRRORED = {2, 4, 5, 7}
_KEPT_MODES = {"1", "L", "P", "RGB"}


class _Survey(NamedTuple):
    """What the headers and a first reading of an image file tell: of each page the change it needs (None for none).

    ``pages`` are their numbers in the file; ``is_all``: everything in it is a page.  ``resolutions`` in dpi, 0 where
    none is stated; ``sizes`` are those of the pages in pixels; ``bitonal``: all pages are black and white.
    ``remarks`` tell what is odd and needs no change.
    """

    pages: tuple[int, ...]
    is_all: bool
    changes: list[Told | None]
    resolutions: list[int]
    sizes: list[tuple[int, int]]
    bitonal: bool
    remarks: tuple[Told, ...]


def pdf_of_images(
    scan: Path, media: Media, output: Path, settings: RecognitionSettings, paper: str | None = None
) -> tuple[Told, ...]:
    """Write ``output``, an image file as a PDF with a page for each image; return what had to be changed.

    ``paper``: one of ``pipeline.scans.sizes.PAPERS``, the size of the sheets, whatever resolution the file states.
    Never more than one colour page is in memory, however many there are.

    Raises:
        Refused: it is damaged, of a kind that cannot be kept, too large or too small.
        Held: nothing tells its resolution.
    """
    with TemporaryDirectory(prefix="pages-") as folder:
        whole, unmarked = _with_its_end(scan, media, Path(folder), settings)
        return (*unmarked, *_write(whole, media, output, settings, paper))


def _with_its_end(
    scan: Path, media: Media, folder: Path, settings: RecognitionSettings
) -> tuple[Path, tuple[Told, ...]]:
    """The file; a JPEG that lacks nothing but its end marker is given one, with a remark.

    Raises:
        Unreadable: pixels of a JPEG are missing.
    """
    if media != "jpeg":
        return scan, ()
    data = scan.read_bytes()
    try:
        with alarm.page(1):
            if check_jpeg(data, settings.max_megapixels * 1_000_000):
                return scan, ()
    except Incomplete as error:
        raise Unreadable("image_damaged", error=error) from None
    ended = folder / "ended.jpg"
    ended.write_bytes(data + b"\xff\xd9")
    return ended, (told("on_page", page=1, remark=ENDS),)


def _write(
    scan: Path, media: Media, output: Path, settings: RecognitionSettings, paper: str | None
) -> tuple[Told, ...]:
    survey = _survey(scan, media, settings, paper)
    stated = [dpi for dpi in survey.resolutions if dpi]
    remarks = [*dict.fromkeys(change for change in survey.changes if change), *survey.remarks]
    if paper is not None:
        dpi = min(dpi_on(size, paper) for size in survey.sizes)
        layout = layout_on(paper)
    else:
        dpi = min(stated) if stated else _guess_dpi(survey.sizes)
        is_stated = all(survey.resolutions)
        layout = img2pdf.default_layout_fun if is_stated else img2pdf.get_fixed_dpi_layout_fun((dpi, dpi))
    if paper is not None or not stated:
        how = {"paper": paper or "A4", "dpi": dpi}
        remarks.append(told("size_told", stated=min(stated), **how) if stated else told("size_taken", **how))
    is_first_only = media != "tiff"  # a camera's JPEG may carry further, smaller pictures of the same scene
    # Pillow turns TIFF pages upright itself (they count as changed), and img2pdf would turn them again.
    rotation = img2pdf.Rotation.none if media == "tiff" or any(survey.changes) else img2pdf.Rotation.ifvalid
    with TemporaryDirectory(prefix="pages-") as folder, ExitStack() as stack:
        whole = stack.enter_context(pikepdf.new())
        for number, source in enumerate(_sources(scan, survey, layout, is_sized=paper is not None)):
            part = Path(folder) / f"{number}.pdf"
            try:
                with part.open("wb") as file:
                    img2pdf.convert(
                        source.image,
                        rotation=rotation,
                        layout_fun=source.layout,
                        first_frame_only=is_first_only,
                        outputstream=file,
                    )
            except (img2pdf.ImageOpenError, img2pdf.UnsupportedColorspaceError, NotImplementedError, ValueError) as e:
                raise Unsupported("image_not_put_in", error=e) from None
            whole.pages.extend(stack.enter_context(pikepdf.open(part)).pages)
        whole.save(output, **AS_IT_IS)
    return tuple(remarks)


class _Source(NamedTuple):
    """What img2pdf is given: a file as it is or a page of it, and how large that lies on the sheet."""

    image: str | bytes
    layout: Any


def _sources(scan: Path, survey: _Survey, layout: Any, *, is_sized: bool) -> Iterator[_Source]:
    """The file as it is where img2pdf keeps its pages as they came, else page by page."""
    with _open(scan) as image:
        for page, number in enumerate(survey.pages):
            image.seek(number)
            joined = joined_strips(scan, image) if image.format == "TIFF" and not survey.changes[page] else None
            if joined:
                is_stated = survey.resolutions[page] and not is_sized  # the joined strips state nothing themselves
                own = img2pdf.get_fixed_dpi_layout_fun(image.info["dpi"]) if is_stated else layout
                yield _Source(joined, own)
            elif survey.is_all and not any(survey.changes) and (len(survey.pages) == 1 or survey.bitonal):
                yield _Source(str(scan), layout)
                return
            else:
                yield _Source(_converted(image), layout)


def _survey(scan: Path, media: Media, settings: RecognitionSettings, paper: str | None) -> _Survey:
    """Look through all pages; the pixels are gone when this returns: an A3 sheet takes 70 MB of them."""
    try:
        if media == "tiff":
            _check_packing(scan, settings.max_pages)
        with _open(scan) as image:
            pages = page_directories(image, settings.max_megapixels * 1_000_000) if media == "tiff" else (0,)
            alarm.counted(len(pages))
            return _look_through(scan, image, pages, settings, paper)
    except (KhosoError, MemoryError):
        raise
    except UnidentifiedImageError:
        raise Unreadable("image_not_opened") from None
    except Incomplete as error:
        raise Unreadable("image_damaged", error=error) from None
    except Exception as error:  # noqa: BLE001 (Pillow raises almost anything over a hostile file)
        raise Unreadable("image_damaged", error=error) from None


def _check_packing(scan: Path, most: int) -> None:
    """Refuse a TIFF that is whole, and packed in a way that nothing here unpacks, or has more than ``most`` pages.

    Raises:
        Incomplete: what should lead to its next page leads back, and so to none of those that follow.
        Unsupported: it is.
        Refused: it has more; thumbnails count as pages here, before anybody looks at them.
    """
    with scan.open("rb") as file:
        head = file.read(8)
        tags = TiffImagePlugin.ImageFileDirectory_v2(head + file.read(8) if head[2:3] == _BIG_TIFF else head)
        seen: set[int] = set()
        while tags.next and tags.next not in seen:
            seen.add(tags.next)
            refuse_too_many(len(seen), most)
            file.seek(tags.next)
            tags.load(file)
            packing = tags.get(_COMPRESSION, 1)
            if packing not in _PACKINGS:
                what = _ODD_PACKINGS.get(packing, str(packing))
                raise Unsupported("tiff_packed_as", remedy="save_packed", packing=what)
    if tags.next:
        raise Incomplete("pages_circular")


@contextmanager
def _open(scan: Path) -> Iterator[Image.Image]:
    # Given a path, Pillow 13 maps raw TIFF pixels into memory and mixes up the sides of pages that lie turned.
    with scan.open("rb") as file, Image.open(file, formats=("JPEG", "PNG", "TIFF")) as image:
        yield image


def _look_through(
    scan: Path, image: Image.Image, pages: tuple[int, ...], settings: RecognitionSettings, paper: str | None
) -> _Survey:
    changes, resolutions, sizes, modes, remarks = [], [], [], set(), []
    if copies := getattr(image, "n_frames", 1) - len(pages) if image.format == "TIFF" else 0:
        remarks.append(told("copies_left_out", copies=copies))
    if image.format == "PNG" and (frames := getattr(image, "n_frames", 1)) > 1:
        raise Unsupported("png_several", remedy="save_pictures_apart", frames=frames)
    if image.format == "MPO" and (others := getattr(image, "n_frames", 1) - 1):
        remarks.append(told("pictures_left_out", others=others))
    for page, number in enumerate(pages, 1):
        image.seek(number)
        dpi = _dpi(image)
        _check_size(image, dpi_on(image.size, paper) if paper else dpi, settings, is_sized=paper is not None)
        changes.append(_change(image))
        resolutions.append(dpi)
        sizes.append(image.size)
        modes.add(image.mode)
        with alarm.page(page):
            if not check_strips(scan, image, settings.max_megapixels * 1_000_000):
                remarks.append(told("on_page", page=page, remark=ENDS))
            if image.format != "JPEG":  # those were decoded before
                image.load()  # a truncated file is found here, not by the recogniser
    return _Survey(pages, not copies, changes, resolutions, sizes, modes == {"1"}, tuple(remarks))


def _change(image: Image.Image) -> Told | None:
    if image.mode.startswith("I;16"):
        return told("grey_stored_8", bits=_depth(image))
    if image.mode == "CMYK":
        return told("cmyk_stored_srgb")
    if image.has_transparency_data:
        return told("transparency_on_white")
    if image.mode not in _KEPT_MODES:
        raise Unsupported("image_kind", remedy="save_grey_or_rgb", mode=image.mode)
    orientation = image.getexif().get(_ORIENTATION, _UPRIGHT)
    if orientation in _MIRRORED or (image.format == "TIFF" and orientation != _UPRIGHT):
        return told("set_upright")
    if image.format == "TIFF" and max(_bits(image)) > 8:
        return told("colour_stored_8")
    return None


def _depth(image: Image.Image) -> int:
    return max(_bits(image)) if image.format == "TIFF" else 16


def _bits(image: Image.Image) -> tuple[int, ...]:
    tags: Any = getattr(image, "tag_v2", {})
    bits = tags.get(_BITS_PER_SAMPLE, 1)
    return bits if isinstance(bits, tuple) else (bits,)


def _converted(image: Image.Image) -> bytes:
    """The present page in a form that PDF/A-2b holds and that loses no pixel: PNG, black and white as Group 4."""
    dpi = image.info.get("dpi")
    orientation = image.getexif().get(_ORIENTATION, _UPRIGHT)
    page = _plain(image)
    if image.format != "TIFF":
        page = _upright(page, orientation)
    how = {"format": "TIFF", "compression": "group4"} if page.mode == "1" else {"format": "PNG", "compress_level": 3}
    stream = io.BytesIO()
    page.save(stream, **how, **({"dpi": dpi} if dpi else {}))
    return stream.getvalue()


def _plain(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I;16"):
        return _eight_bits(image)
    if image.mode == "CMYK":
        return _srgb(image)
    if image.has_transparency_data:
        ink = image.convert("RGBA")
        page = Image.new("RGB", image.size, "white")
        page.paste(ink, mask=ink.getchannel("A"))
        return page.convert("L") if image.mode in {"L", "LA"} else page
    image.load()
    return image.copy()


def _eight_bits(image: Image.Image) -> Image.Image:
    """Pillow neither stretches 12 bits to 16 nor turns over an image whose lowest value is white."""
    tags: Any = getattr(image, "tag_v2", {})
    grey = (np.asarray(image) >> _depth(image) - 8).astype(np.uint8)
    return Image.fromarray(255 - grey if tags.get(_PHOTOMETRIC) == _LOWEST_IS_WHITE else grey)


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


def _check_size(image: Image.Image, dpi: int, settings: RecognitionSettings, *, is_sized: bool) -> None:
    width, height = image.size
    limit = settings.max_megapixels
    if width * height > limit * 1_000_000:
        raise Refused("page_pixels_over", reason="too_large", remedy=TOO_LARGE, width=width, height=height, limit=limit)
    if min(width, height) < _SMALLEST_PX:
        raise Refused("page_pixels", reason="too_small", remedy="scan_whole", width=width, height=height)
    if dpi and max(width, height) > dpi * settings.max_page_inches:
        inches = {"width": width / dpi, "height": height / dpi}
        if max(width, height) > _SLIMMEST * min(width, height) or is_sized:
            raise Refused("page_measures", reason="too_large", remedy=TOO_LARGE, **inches)
        raise wrong_dpi(told("page_measures", **inches), dpi)


def _dpi(image: Image.Image) -> int:
    """The lower of both resolutions, 0 when the file states none."""
    stated = image.info.get("dpi")
    if not stated or min(stated) <= 1:
        return 0
    return round(float(min(stated)))


def stated_dpi(scan: Path) -> int:
    """The lowest resolution that an image file, which has been opened before, states for a picture; 0 for none."""
    with _open(scan) as image:
        stated = [_dpi(frame) for frame in ImageSequence.Iterator(image)] if image.format == "TIFF" else [_dpi(image)]
    return min((dpi for dpi in stated if dpi), default=0)


def _guess_dpi(sizes: list[tuple[int, int]]) -> int:
    """The usual resolution at which all of these pixels are sheets of A4.

    Raises:
        Held: they are at none.
    """
    found = next((dpi for dpi in _USUAL_DPI if all(_is_a4(size, dpi) for size in sizes)), None)
    if found is None:
        raise Held("no_resolution", reason="no_dpi", remedy=ASK_SIZE)
    return found


def _is_a4(size: tuple[int, int], dpi: int) -> bool:
    sides = zip(sorted(size), PAPERS["A4"], strict=True)
    return all(abs(pixels / dpi * _MM_PER_IN - side) <= _NEARLY * side for pixels, side in sides)
