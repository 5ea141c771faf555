"""What lies in TIFF and JPEG files beside whole pages: smaller copies are no pages, and what is cut is found."""

import io
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pytest
from PIL import Image, ImageDraw, TiffImagePlugin

from config.settings import RecognitionSettings
from domain.messages.told import told
from pipeline.errors import Unreadable
from pipeline.scans.images import pdf_of_images
from pipeline.scans.incomplete import ENDS
from pipeline.scans.thumbnails import page_directories
from services.context import Services
from tests.support.scans import DPI, paper, prepared

NEW_KIND, KIND, ROWS, COUNTS, FAX_OPTIONS, FILL_ORDER = 254, 255, 278, 279, 292, 266
LIMITS = RecognitionSettings()
Directory = tuple[Image.Image, dict[int, int]]


def tiff(path: Path, directories: Sequence[Directory], **how: Any) -> Path:
    """A TIFF of images, each with tags of its own."""
    with path.open("w+b") as file:
        writer = TiffImagePlugin.AppendingTiffWriter(file)
        for image, tags in directories:
            image.save(writer, "TIFF", tiffinfo=tags, dpi=(DPI, DPI), **{"compression": "tiff_lzw", **how})
            writer.newFrame()
        writer.close()
        del writer  # Pillow closes it once more then, and Python 3.13 tells of files that are closed before
    return path


def pages(path: Path) -> tuple[int, ...]:
    """The directories that are pages."""
    with Image.open(path) as image:
        return page_directories(image, 1e8)


def grey(kind: str = "notice") -> Image.Image:
    """A paper."""
    return paper(kind).convert("L")


def smaller(width: int, kind: str = "notice", how: Image.Resampling = Image.Resampling.BICUBIC) -> Image.Image:
    """A smaller copy of a paper."""
    return grey(kind).resize((width, width * 2339 // 1654), how)


# Copies


@pytest.mark.parametrize("how", [Image.Resampling.NEAREST, Image.Resampling.BICUBIC, Image.Resampling.LANCZOS])
@pytest.mark.parametrize("kind", ["notice", "birth_certificate", "application_form"])
@pytest.mark.parametrize("mode", ["L", "1"])
def test_a_thumbnail_is_no_page(tmp_path: Path, kind: str, mode: str, how: Image.Resampling) -> None:
    """A copy too small for a page is left out wherever it stands, however coarsely it was made, flagged or not."""
    small = smaller(120, kind, how).convert(mode)
    assert pages(tiff(tmp_path / "behind.tif", [(grey(kind), {}), (small, {})])) == (0,)
    assert pages(tiff(tmp_path / "before.tif", [(small, {}), (grey(kind), {}), (grey("plan"), {})])) == (1, 2)


@pytest.mark.parametrize("tags", [{NEW_KIND: 1}, {KIND: 2}, {NEW_KIND: 3}])
def test_a_flagged_page_is_compared_too(tmp_path: Path, tags: dict[int, int]) -> None:
    """A directory that says it is a smaller copy is none when it looks like the page, and a page when it does not."""
    small = [(smaller(800), tags), (smaller(120), tags)]
    path = tiff(tmp_path / "copies.tif", [(grey(), {}), *small], compression=None)
    assert pages(path) == (0,)
    receipt = smaller(700, "official_letter").crop((0, 0, 650, 900))
    others = [(smaller(800, "official_letter"), tags), (receipt, tags), (filled_otherwise().resize((800, 1131)), tags)]
    assert pages(tiff(tmp_path / "others.tif", [(grey(), {}), *others], compression=None)) == (0, 1, 2, 3)


def test_a_pyramid_is_one_page(tmp_path: Path) -> None:
    """Copies of half the size and less are left out."""
    path = tiff(tmp_path / "scan.tif", [(image, {}) for image in (grey(), smaller(827), smaller(413), smaller(206))])
    assert pages(path) == (0,)


def test_a_wrong_flag_takes_no_page(tmp_path: Path) -> None:
    """Pages as large as the others stay, also when all of them are flagged."""
    flag = {NEW_KIND: 1}
    assert pages(tiff(tmp_path / "one.tif", [(grey(), {}), (grey("plan"), flag)])) == (0, 1)
    assert pages(tiff(tmp_path / "all.tif", [(grey(), flag), (smaller(800), flag)])) == (0, 1)


def filled_otherwise() -> Image.Image:
    """The same paper but for some letters of a line."""
    page = grey()
    ink = np.asarray(page) < 128
    top = 600 + int(np.argmax(ink[600:1800].sum(axis=1))) - 15
    left = 300 + int(np.argmax(ink[top : top + 30, 300:1200].sum(axis=0))) - 30
    ImageDraw.Draw(page).text((left, top), "888", 0, font_size=30)
    return page


@pytest.mark.parametrize("width", [420, 620, 800])
def test_a_small_paper_is_a_page(tmp_path: Path, width: int) -> None:
    """Another paper, or the same form with another number, is a page, however small; so is an empty sheet."""
    other = filled_otherwise().resize((width, width * 2339 // 1654))
    sheet = Image.new("L", other.size, 255)
    path = tiff(
        tmp_path / "scan.tif", [(grey(), {}), (smaller(width, "official_letter"), {}), (other, {}), (sheet, {})]
    )
    assert pages(path) == (0, 1, 2, 3)


def test_copies_are_told(ctx: Services, tmp_path: Path) -> None:
    """The paper has its pages alone, each pixel as it came, and a remark."""
    path = tiff(tmp_path / "scan.tif", [(smaller(120), {}), (grey(), {}), (smaller(500), {NEW_KIND: 1})])
    (document,) = prepared(ctx, path)
    assert (document.pages, document.dpi) == (1, DPI)
    assert "smaller copies of pages in the file were left out: 2" in map(str, document.remarks)
    with pikepdf.open(ctx.file(document, document.pdf)) as pdf:
        (image,) = pdf.pages[0].get_images().values()
        kept = pikepdf.PdfImage(image).as_pil_image()  # type: ignore[arg-type]
        assert np.array_equal(np.asarray(kept), np.asarray(grey()))


# Strips that are cut


def test_a_list_of_pages_that_leads_back_is_damage(tmp_path: Path) -> None:
    """The second page is in the file, and no program finds it."""
    path = tiff(tmp_path / "scan.tif", [(grey(), {}), (grey("official_letter"), {})])
    content = bytearray(path.read_bytes())
    (first,) = struct.unpack_from("<I", content, 4)
    (count,) = struct.unpack_from("<H", content, first)
    struct.pack_into("<I", content, first + 2 + 12 * count, first)
    path.write_bytes(content)
    with pytest.raises(Unreadable, match="leads back"):
        pdf_of_images(path, "tiff", tmp_path / "o.pdf", RecognitionSettings())


def shorter(path: Path, strip: int, last: float) -> Path:
    """Let a strip of the first directory end earlier: by a share of it, or by so many bytes."""
    data = bytearray(path.read_bytes())
    place = struct.unpack_from("<I", data, 4)[0]
    for entry in range(place + 2, place + 2 + 12 * struct.unpack_from("<H", data, place)[0], 12):
        tag, kind, count, value = struct.unpack_from("<HHII", data, entry)
        if tag == COUNTS:
            code = {3: "<H", 4: "<I"}[kind]
            size = struct.calcsize(code)
            at = (value if count * size > 4 else entry + 8) + strip % count * size
            before = struct.unpack_from(code, data, at)[0]
            struct.pack_into(code, data, at, before - (int(last) if last >= 1 else int(before * last)))
    path.write_bytes(data)
    return path


def black() -> Image.Image:
    """A paper in black and white."""
    return grey().point(lambda level: 255 * (level > 150), "1")


STRIPS: list[tuple[str, dict[int, int]]] = [
    ("group4", {}), ("group4", {ROWS: 2339}), ("group4", {FILL_ORDER: 2}), ("group3", {}), ("group3", {FAX_OPTIONS: 1}),
    ("group3", {FAX_OPTIONS: 4}), ("group3", {FAX_OPTIONS: 5, ROWS: 300}), ("jpeg", {}), ("jpeg", {ROWS: 2352}),
    ("tiff_lzw", {}), ("packbits", {}), ("tiff_adobe_deflate", {}),
]  # fmt: skip


@pytest.mark.parametrize(("compression", "tags"), STRIPS)
def test_a_cut_strip_is_found(tmp_path: Path, compression: str, tags: dict[int, int]) -> None:
    """A strip of any coding that ends too early refuses the file; the same file in order passes without a word."""
    image = grey() if compression == "jpeg" else black()
    path = tiff(tmp_path / "scan.tif", [(image, tags)], compression=compression)
    assert pdf_of_images(path, "tiff", tmp_path / "out.pdf", LIMITS) == ()
    whole = path.read_bytes()
    for strip, last in ((0, 0.5), (-1, 0.5), (1, 0.1)):
        path.write_bytes(whole)
        with pytest.raises(Unreadable):
            pdf_of_images(shorter(path, strip, last), "tiff", tmp_path / "out.pdf", LIMITS)


@pytest.mark.parametrize("rows", [16, 2352])
def test_strips_without_their_end_marker_are_whole(tmp_path: Path, rows: int) -> None:
    """A JPEG strip that lacks nothing but its end marker is accepted, and it is told."""
    path = tiff(tmp_path / "scan.tif", [(grey(), {ROWS: rows})], compression="jpeg")
    with Image.open(path) as before:
        pixels = np.asarray(before)
    assert pdf_of_images(shorter(path, -1, 2), "tiff", tmp_path / "out.pdf", LIMITS) == (
        told("on_page", page=1, remark=ENDS),
    )
    with pikepdf.open(tmp_path / "out.pdf") as pdf:
        (image,) = pdf.pages[0].get_images().values()
        assert np.array_equal(np.asarray(Image.open(io.BytesIO(image.read_raw_bytes()))), pixels)


# JPEG files


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("last", [1, 2])
def test_a_jpeg_without_its_end_marker_is_whole(tmp_path: Path, *, progressive: bool, last: int) -> None:
    """A JPEG file that lacks its end marker alone is accepted with a remark, and closed in the copy."""
    path = tmp_path / "scan.jpg"
    paper().save(path, progressive=progressive, dpi=(DPI, DPI))
    whole = path.read_bytes()
    path.write_bytes(whole[:-last])
    assert pdf_of_images(path, "jpeg", tmp_path / "out.pdf", LIMITS) == (told("on_page", page=1, remark=ENDS),)
    with pikepdf.open(tmp_path / "out.pdf") as pdf:
        (image,) = pdf.pages[0].get_images().values()
        after = Image.open(io.BytesIO(image.read_raw_bytes()))
        assert np.array_equal(np.asarray(after), np.asarray(Image.open(io.BytesIO(whole))))


@pytest.mark.parametrize("share", [0.3, 0.95])
def test_a_jpeg_that_was_cut_and_closed_is_found(tmp_path: Path, share: float) -> None:
    """An end marker behind a cut does not make a picture whole: its lower part would be grey."""
    path = tmp_path / "scan.jpg"
    paper().save(path, dpi=(DPI, DPI))
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)] + b"\xff\xd9")
    with pytest.raises(Unreadable):
        pdf_of_images(path, "jpeg", tmp_path / "out.pdf", LIMITS)
