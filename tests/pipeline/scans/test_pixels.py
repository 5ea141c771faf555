"""What a scan's pixels become on their way into a PDF, and how they are looked at."""

import io
import struct
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name
from PIL import Image, ImageChops, TiffImagePlugin

from config.settings import RecognitionSettings
from pipeline.errors import Unsupported
from pipeline.records import Media
from pipeline.scans.images import pdf_of_images
from pipeline.scans.raster import open_pages
from services.context import Services
from tests.support import coded_pages
from tests.support.scans import DPI, as_pdf, as_tiff, paper, prepared

ORIENTATION: Final = 0x0112
STRIP_OFFSETS: Final = 273


@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_jpeg_strips_are_joined_as_they_are(ctx: Services, tmp_path: Path, mode: str) -> None:
    """TIFF pages in JPEG strips are kept as JPEG: every pixel the same, and no larger than the scan."""
    path = as_tiff(tmp_path / "scan.tif", paper().convert(mode), paper("plan").convert(mode), compression="jpeg")
    (document,) = prepared(ctx, path)
    assert ctx.file(document, document.pdf).stat().st_size < 1.02 * path.stat().st_size
    with pikepdf.open(ctx.file(document, document.pdf)) as pdf, Image.open(path) as before:
        for number, page in enumerate(pdf.pages):
            (image,) = page.get_images().values()
            before.seek(number)
            assert len(before.tag_v2[STRIP_OFFSETS]) > 1  # type: ignore[attr-defined]
            assert image.Filter == "/DCTDecode"
            after = Image.open(io.BytesIO(image.read_raw_bytes()))
            assert np.array_equal(np.asarray(after), np.asarray(before))


def test_pages_of_a_mixed_tiff_keep_their_pixels(tmp_path: Path) -> None:
    """Black-and-white pages become Group 4, JPEG strips stay JPEG, the rest loses nothing; each of its own size."""
    path = tmp_path / "mixed.tif"
    bitonal = paper().convert("L").point(lambda level: 255 * (level > 150), "1")
    small = paper("plan").convert("L").resize((827, 1169))
    with path.open("w+b") as file:
        writer = TiffImagePlugin.AppendingTiffWriter(file)
        for picture, kept_as, dpi in ((bitonal, "group4", DPI), (paper(), "jpeg", DPI), (small, "tiff_lzw", 100)):
            picture.save(writer, "TIFF", compression=kept_as, dpi=(dpi, dpi))
            writer.newFrame()
        writer.close()
        del writer  # Pillow closes it once more then, and Python 3.13 tells of files that are closed before
    pdf = tmp_path / "mixed.pdf"
    assert pdf_of_images(path, "tiff", pdf, RecognitionSettings()) == ()
    with pikepdf.open(pdf) as kept, Image.open(path) as before:
        filters = []
        for number, page in enumerate(kept.pages):
            (image,) = page.get_images().values()
            before.seek(number)
            assert isinstance(image, pikepdf.Stream)
            pixels = pikepdf.PdfImage(image)
            filters += pixels.filters
            after = pixels.as_pil_image()
            assert np.array_equal(np.asarray(after.convert("L")), np.asarray(before.convert("L")))
            assert [round(float(side)) for side in page.MediaBox[2:]] == [595, 842]
    assert filters == ["/CCITTFaxDecode", "/DCTDecode", "/FlateDecode"]


def deep(path: Path, bits: int, *, lowest_is_white: bool) -> Path:
    """A TIFF of a paper in grey of 12 or 16 bits, not packed."""
    grey = np.asarray(paper().convert("L").crop((0, 0, 1200, 900))).astype(np.uint32)
    samples = (255 - grey if lowest_is_white else grey) * (2**bits - 1) // 255
    if bits == 12:
        one, other = samples[:, ::2], samples[:, 1::2]
        data = np.stack([one >> 4, (one & 15) << 4 | other >> 8, other & 255], axis=-1).astype(np.uint8).tobytes()
    else:
        data = samples.astype("<u2").tobytes()
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    height, width = samples.shape
    tags.update({256: width, 257: height, 258: bits, 259: 1, 262: 0 if lowest_is_white else 1, STRIP_OFFSETS: 0})
    tags.update({277: 1, 278: height, 279: len(data), 282: 300.0, 283: 300.0, 296: 2})
    with path.open("wb") as file:
        tags.save(file)
        file.write(data)
    return path


@pytest.mark.parametrize(("bits", "lowest_is_white"), [(16, False), (16, True), (12, False)])
def test_grey_of_many_bits_is_as_dark_as_it_was(tmp_path: Path, bits: int, *, lowest_is_white: bool) -> None:
    """Whichever end of the scale is white, and however long the scale is."""
    pdf = tmp_path / "deep.pdf"
    (remark,) = pdf_of_images(
        deep(tmp_path / "deep.tif", bits, lowest_is_white=lowest_is_white), "tiff", pdf, RecognitionSettings()
    )
    assert f"{bits}-bit grey" in str(remark)
    with pikepdf.open(pdf) as kept:
        (image,) = kept.pages[0].get_images().values()
        assert isinstance(image, pikepdf.Stream)
        after = np.asarray(pikepdf.PdfImage(image).as_pil_image(), np.int16)
    before = np.asarray(paper().convert("L").crop((0, 0, 1200, 900)), np.int16)
    assert abs(after - before).max() <= 1


@pytest.mark.parametrize("key", ["Mask", "SMask", "Decode", "ColorSpace"])
@pytest.mark.parametrize("within_a_form", [False, True])
def test_a_glance_sees_a_picture_through_its_mask(tmp_path: Path, key: str, *, within_a_form: bool) -> None:
    """A JPEG of one colour whose letters are its mask shows letters; samples that mean other colours show those."""
    path = tmp_path / "page.pdf"
    with pikepdf.new() as pdf:
        letters, black = coded_pages.picture("1"), Image.new("L", coded_pages.SIZE, 20)
        page = coded_pages.page_of(pdf, coded_pages.jpeg(black if key.endswith("Mask") else coded_pages.picture()))
        image = page.Resources.XObject.Im0
        match key:
            case "Mask":
                image.Mask = coded_pages.drawn(pdf, coded_pages.flate(letters))
                image.Mask.ImageMask = True
                del image.Mask.ColorSpace
            case "SMask":
                image.SMask = coded_pages.drawn(pdf, coded_pages.flate(ImageChops.invert(coded_pages.picture())))
            case "Decode":
                image.Decode = [1, 0]
            case _:
                tint = Dictionary(FunctionType=2, Domain=[0, 1], C0=[1], C1=[0], N=1)
                image.ColorSpace = Array([Name.Separation, Name.Black, Name.DeviceGray, tint])
        if within_a_form:
            form = pdf.make_stream(page.Contents.read_bytes(), Subtype=Name.Form, BBox=[0, 0, *coded_pages.POINTS])
            form.Resources, page.Resources = page.Resources, Dictionary(XObject=Dictionary(Fm0=form))
            page.Contents = pdf.make_stream(b"/Fm0 Do")
        pdf.save(path)
    with open_pages(path) as pages:
        exact, quick = cv2.cvtColor(pages.render(0, 72), cv2.COLOR_RGB2GRAY), pages.glance(0, 72)
    assert np.abs(quick.astype(int) - exact).mean() < 6
    assert exact.std() > 20


def cover(pdf: pikepdf.Pdf, kind: str) -> None:
    """Lay a black stamp or field over part of the first page."""
    look = pdf.make_stream(b"0 g 0 0 200 300 re f", Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 200, 300])
    note = Dictionary(Type=Name.Annot, Subtype=Name(f"/{kind}"), Rect=[100, 100, 300, 400], AP=Dictionary(N=look), F=4)
    if kind == "Widget":
        note.FT, note.T = Name.Tx, "field"
    pdf.pages[0].Annots = Array([pdf.make_indirect(note)])
    if kind == "Widget":
        pdf.Root.AcroForm = Dictionary(Fields=Array([pdf.pages[0].Annots[0]]))


@pytest.mark.parametrize("name", ["scan.jpg", "turned.jpg", "scan.png", "layered.pdf", "stamped.pdf", "filled.pdf"])
@pytest.mark.parametrize("dpi", [75, 150, 300])
def test_a_glance_sees_the_page(tmp_path: Path, name: str, dpi: int) -> None:
    """The quick picture of a page has the shape of the exact one, and nearly its pixels, however the scan is kept."""
    path = tmp_path / "page.pdf"
    if name.endswith("pdf"):  # a JPEG is not all one sees of it
        as_pdf(path, paper())
        with pikepdf.open(path, allow_overwriting_input=True) as pdf:
            if name == "layered.pdf":
                pdf.pages[0].contents_add(b"0 g 100 100 200 300 re f")
            else:
                cover(pdf, "Stamp" if name == "stamped.pdf" else "Widget")
            pdf.save(path)
    else:
        exif = Image.Exif()
        if name == "turned.jpg":
            exif[ORIENTATION] = 6
        paper().save(tmp_path / name, None, dpi=(DPI, DPI), exif=exif)
        media: Media = "png" if name.endswith("png") else "jpeg"
        pdf_of_images(tmp_path / name, media, path, RecognitionSettings())
    with open_pages(path) as pages:
        assert name not in {"stamped.pdf", "filled.pdf"} or pages.render(0, 72)[600, 200].max() == 0
        exact = cv2.cvtColor(pages.render(0, dpi), cv2.COLOR_RGB2GRAY)
        quick = pages.glance(0, dpi)
    assert quick.shape == exact.shape
    assert np.abs(quick.astype(int) - exact).mean() < 6


@pytest.mark.parametrize(("number", "message"), [(34712, "JPEG 2000"), (50001, "WebP"), (65000, "65000")])
def test_a_tiff_that_nothing_here_unpacks_is_no_damage(tmp_path: Path, number: int, message: str) -> None:
    """A page packed as libtiff does not unpack it is refused with the name of its packing: the scan is whole."""
    path = tmp_path / "scan.tif"
    Image.new("L", (900, 1200), 255).save(path, dpi=(300, 300))
    data = path.read_bytes()
    entry = struct.pack("<HHI", 0x0103, 3, 1)
    assert data.count(entry) == 1
    start = data.index(entry) + len(entry)
    path.write_bytes(data[:start] + struct.pack("<HH", number, 0) + data[start + 4 :])
    with pytest.raises(Unsupported, match=f"packed as {message}"):
        pdf_of_images(path, "tiff", tmp_path / "pages.pdf", RecognitionSettings())


def test_a_second_picture_of_a_camera_is_told(tmp_path: Path) -> None:
    """A JPEG with further pictures in it (MPO) is one page, which says how many were left out."""
    page, path = Image.new("RGB", (1654, 2339), "white"), tmp_path / "scan.jpg"
    page.save(path, "MPO", dpi=(200, 200), save_all=True, append_images=[page.resize((827, 1170)), page])
    remarks = pdf_of_images(path, "jpeg", tmp_path / "o.pdf", RecognitionSettings())
    assert [remark for remark in remarks if str(remark).endswith("were left out: 2")]
    with pikepdf.open(tmp_path / "o.pdf") as pdf:
        assert len(pdf.pages) == 1


@pytest.mark.parametrize("hides_first", [False, True])
def test_a_png_of_several_pictures_is_not_taken_for_one(tmp_path: Path, *, hides_first: bool) -> None:
    """Nobody knows which of them is the paper: refused, with what to do."""
    path = tmp_path / "moving.png"
    paper().save(path, save_all=True, append_images=[paper("plan")], default_image=hides_first, dpi=(DPI, DPI))
    with pytest.raises(Unsupported, match="holds 2 pictures") as caught:
        pdf_of_images(path, "png", tmp_path / "moving.pdf", RecognitionSettings())
    assert "TIFF or PDF" in str(caught.value.advice)
    paper().save(path, save_all=True, dpi=(DPI, DPI))
    assert pdf_of_images(path, "png", tmp_path / "moving.pdf", RecognitionSettings()) == ()
