"""Scans are measured, accepted by the rules of the day, and keep their pixels; odd files end clearly."""

import io
import zlib
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

import cv2
import img2pdf
import numpy as np
import pikepdf
import pytest
from PIL import Image, ImageDraw

from config.settings import RecognitionSettings, load_settings
from domain.errors import Held, KhosoError, Refused
from pipeline.records import Prepared
from pipeline.scans.images import pdf_of_images
from pipeline.scans.raster import open_pages
from services.context import Services, open_services
from tests.support.broken_files import Break, cut_image, form_of_xml, pageless, written_png
from tests.support.scans import DPI, as_pdf, as_tiff, blank, page_numbers, paper, prepared


@pytest.fixture(scope="module")
def ctx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """One store for all scans of this module; nothing of it is entered in the ledger."""
    with open_services(load_settings(tmp_path_factory.mktemp("store"), {})) as opened:
        yield opened


def one(ctx: Services, path: Path) -> Prepared:
    """The only document of a file."""
    (only,) = prepared(ctx, path)
    return only


def drawn(ctx: Services, document: Prepared, dpi: int = DPI) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]":
    """The first page of a prepared document as pixels."""
    with open_pages(ctx.file(document, document.pdf)) as pages:
        return pages.render(0, dpi)


def saved(path: Path, image: Image.Image, **options: object) -> Path:
    """An image file with its resolution."""
    image.save(path, None, **{"dpi": (DPI, DPI), **options})
    return path


def slip(kind: str = "notice") -> Image.Image:
    """The upper half of a paper, for what does not depend on a whole page."""
    return paper(kind).crop((0, 0, 1654, 1200))


# Facts


@pytest.mark.parametrize(
    ("name", "kind", "convert"),
    [
        ("scan.jpg", "colour", "RGB"),
        ("scan.png", "grey", "L"),
        ("scan.tif", "bitonal", "1"),
        ("palette.png", "colour", "P"),
    ],
)
def test_facts_of_a_page(ctx: Services, tmp_path: Path, name: str, kind: str, convert: str) -> None:
    """Pixels, resolution, kind of colour and ink of every page are kept with the document."""
    document = one(ctx, saved(tmp_path / name, paper().convert(convert)))
    (facts,) = document.facts
    assert (facts.number, facts.width, facts.height, facts.dpi, facts.colour) == (1, *paper().size, DPI, kind)
    assert 0.01 < facts.ink < 0.2
    assert not facts.is_blank
    assert (document.pages, document.dpi) == (1, DPI)


def test_blank_backs_are_left_out_and_kept(ctx: Services, tmp_path: Path) -> None:
    """Backs with holes, a staple, borders, specks and what shines through are in no copy; the scan still has them."""
    pages = [paper(), blank(paper()), paper("official_letter"), blank(seed=2)]
    document = one(ctx, as_pdf(tmp_path / "duplex.pdf", *pages))
    assert page_numbers([document]) == [[1, 3]]
    assert [item.is_blank for item in document.facts] == [False, True, False, True]
    assert document.pages == 2
    assert document.stack is None
    assert "blank, left out of the copy: pages 2, 4" in map(str, document.remarks)
    with pikepdf.open(ctx.file(document, document.pdf)) as copy, pikepdf.open(ctx.scan(document)) as original:
        assert (len(copy.pages), len(original.pages)) == (2, 4)


def one_line(page: Image.Image) -> None:
    """A single line of pale print."""
    ImageDraw.Draw(page).text((500, 1000), "Đã đối chiếu với bản chính", fill=150, font_size=36)


def signature(page: Image.Image) -> None:
    """A signature in pale ink."""
    ImageDraw.Draw(page).line([(500 + 9 * i, 900 + 70 * (i * i % 5 - 2)) for i in range(30)], fill=140, width=4)


@pytest.mark.parametrize("mark", [one_line, signature])
def test_little_is_not_nothing(ctx: Services, tmp_path: Path, mark: Callable[[Image.Image], None]) -> None:
    """A back with one line or a signature on it is no blank page."""
    page = blank()
    mark(page)
    assert one(ctx, as_pdf(tmp_path / "page.pdf", page)).pages == 1


def test_only_blank_pages_are_refused(ctx: Services, tmp_path: Path) -> None:
    """A scan without anything on it becomes no document."""
    with pytest.raises(Refused) as caught:
        prepared(ctx, as_pdf(tmp_path / "blank.pdf", blank(), blank(paper(), seed=3)))
    assert caught.value.reason == "blank"


# Acceptance


def test_few_dots_are_refused_with_the_page(ctx: Services, tmp_path: Path) -> None:
    """A page below 200 dpi is refused and named; blank pages are not measured."""
    coarse = paper("official_letter").resize((1240, 1754))
    pictures = []
    for page, dpi in ((blank().resize((827, 1170)), 100), (paper(), DPI), (coarse, 150)):
        stream = io.BytesIO()
        page.save(stream, "JPEG", dpi=(dpi, dpi))
        pictures.append(stream.getvalue())
    (tmp_path / "mixed.pdf").write_bytes(img2pdf.convert(pictures, nodate=True))
    with pytest.raises(Refused, match="Page 3 has 150 dpi") as caught:
        prepared(ctx, tmp_path / "mixed.pdf")
    assert caught.value.reason == "dpi_below_200"


@pytest.mark.parametrize("name", ["scan.jpg", "scan.pdf"])
def test_a_resolution_that_cannot_be_is_told(ctx: Services, tmp_path: Path, name: str) -> None:
    """A whole sheet that the file calls as small as a stamp is refused for its resolution, and not by who signs it."""
    saved(tmp_path / "scan.jpg", paper(), dpi=(2400, 2400))
    (tmp_path / "scan.pdf").write_bytes(img2pdf.convert(str(tmp_path / "scan.jpg"), nodate=True))
    with pytest.raises(Refused, match="18 x 25 mm at the 2400 dpi") as caught:
        prepared(ctx, tmp_path / name)
    assert caught.value.reason == "wrong_dpi"


@pytest.mark.parametrize("page", [1, 2])
def test_a_picture_the_size_of_a_speck_is_no_blank_page(ctx: Services, tmp_path: Path, page: int) -> None:
    """What is on a page that the file calls smaller than any paper is not lost as specks: its resolution is wrong."""
    stamp = Image.new("1", (16, 16))
    stamp.paste(1, (4, 12, 12, 13))
    pages = [paper(), stamp] if page == 2 else [stamp]
    files = []
    for number, image in enumerate(pages):
        image.save(tmp_path / f"{number}.png", dpi=(300, 300))
        files.append(str(tmp_path / f"{number}.png"))
    (tmp_path / "scan.pdf").write_bytes(img2pdf.convert(files, nodate=True))
    with pytest.raises(Refused, match=f"Page {page} measures 1 x 1 mm") as caught:
        prepared(ctx, tmp_path / "scan.pdf")
    assert caught.value.reason == "wrong_dpi"


def test_a_blank_page_the_size_of_a_speck_is_left_out(ctx: Services, tmp_path: Path) -> None:
    """A page smaller than any paper with nothing on it is blank like any other."""
    for name, image in (("0.png", paper()), ("1.png", Image.new("1", (16, 16), 1))):
        image.save(tmp_path / name, dpi=(300, 300))
    files = [str(tmp_path / name) for name in ("0.png", "1.png")]
    (tmp_path / "scan.pdf").write_bytes(img2pdf.convert(files, nodate=True))
    (document,) = prepared(ctx, tmp_path / "scan.pdf")
    assert document.pages == 1
    assert "blank, left out of the copy: page 2" in map(str, document.remarks)


@pytest.mark.parametrize(
    ("size", "dpi"), [((1654, 2339), 200), ((2480, 3508), 300), ((3508, 2480), 300), ((1640, 2300), 200)]
)
def test_pixels_of_a4_are_taken_for_a4(tmp_path: Path, size: tuple[int, int], dpi: int) -> None:
    """Where nothing states a resolution, pixels that are A4 at a usual one are taken for that, and it is told."""
    Image.new("L", size, 255).save(tmp_path / "scan.png")
    got = pdf_of_images(tmp_path / "scan.png", "png", tmp_path / "out.pdf", RecognitionSettings())
    assert tuple(map(str, got)) == (f"no resolution in the file; taken for A4 at {dpi} dpi",)


@pytest.mark.parametrize(
    "size",
    [(1200, 2339), (2339, 2339), (600, 3508), (1700, 2200), (827, 1170), (1000, 1414)],
    ids=["narrow", "square", "receipt", "letter", "A4 at 100 dpi", "A4 at no usual one"],
)
def test_one_side_of_a4_is_not_enough(tmp_path: Path, size: tuple[int, int]) -> None:
    """Other shapes, and A4 at no usual resolution, wait until a person says how large the paper is."""
    Image.new("L", size, 255).save(tmp_path / "scan.png")
    with pytest.raises(Held, match="no A4 sheet") as caught:
        pdf_of_images(tmp_path / "scan.png", "png", tmp_path / "out.pdf", RecognitionSettings())
    assert caught.value.reason == "no_dpi"
    assert "--paper" in caught.value.advice


def test_every_page_must_be_a4(tmp_path: Path) -> None:
    """One page of another shape is enough to ask."""
    first, second = Image.new("L", (1654, 2339), 255), Image.new("L", (1654, 1654), 255)
    for pages, is_held in (([first], False), ([second], True)):
        first.save(tmp_path / "scan.tif", save_all=True, append_images=pages)
        with pytest.raises(Held) if is_held else nullcontext():
            pdf_of_images(tmp_path / "scan.tif", "tiff", tmp_path / "out.pdf", RecognitionSettings())


def test_remarks_do_not_stop(ctx: Services, tmp_path: Path) -> None:
    """Fewer dots than the guide asks for, no colour and blur are remarked; a good scan in colour has no remark."""
    blurred = Image.fromarray(cv2.GaussianBlur(np.asarray(paper().convert("L")), (0, 0), 4))
    document = one(ctx, as_pdf(tmp_path / "poor.pdf", paper(), blurred, blurred))
    assert [str(remark).partition(";")[0] for remark in document.remarks] == [
        "200 dpi, fewer than the 300 that the national guide asks for",
        "scanned without colour: pages 2-3",
        "perhaps blurred: pages 2-3",
    ]
    fine = paper("official_letter").resize((2480, 3508), Image.Resampling.LANCZOS)
    assert one(ctx, saved(tmp_path / "fine.jpg", fine, dpi=(300, 300), quality=85)).remarks == ()


def born_digital(path: Path, *, strips: int = 0) -> Path:
    """A PDF with text and a small coarse logo, or the page of a scan cut into strips."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(595, 842))
    page.Contents = pdf.make_stream(b"BT /F 14 Tf 100 700 Td (Giay moi hop) Tj ET q 60 0 0 60 20 760 cm /I Do Q")
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F=font), XObject=pikepdf.Dictionary())
    if strips:
        drawing = []
        for number in range(strips):
            drawing.append(f"q 595 0 0 {842 / strips} 0 {842 - 842 * (number + 1) / strips} cm /I{number} Do Q")
            piece = paper().convert("L").crop((0, 2339 * number // strips, 1654, 2339 * (number + 1) // strips))
            page.Resources.XObject[f"/I{number}"] = picture(pdf, piece)
        page.Contents = pdf.make_stream("\n".join(drawing).encode())
    else:
        page.Resources.XObject["/I"] = picture(pdf, paper().convert("L").resize((40, 40)))
    pdf.Root.OpenAction = pikepdf.Array([page.obj, pikepdf.Name.FitH, None])
    pdf.save(path)
    return path


def picture(pdf: pikepdf.Pdf, image: Image.Image) -> pikepdf.Stream:
    """A grey image of a PDF."""
    return pdf.make_stream(
        image.tobytes(),
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=image.width,
        Height=image.height,
        ColorSpace=pikepdf.Name.DeviceGray,
        BitsPerComponent=8,
    )


def test_a_born_digital_pdf_is_not_measured(ctx: Services, tmp_path: Path) -> None:
    """A page of text with a small logo has no resolution; it keeps its text, and nothing is said of it."""
    document = one(ctx, born_digital(tmp_path / "letter.pdf"))
    assert (document.dpi, document.facts[0].colour) == (0, None)
    assert document.remarks == ()
    with pikepdf.open(ctx.file(document, document.pdf)) as pdf:
        assert b"(Giay moi hop) Tj" in pdf.pages[0].Contents.read_bytes()


def test_a_pdf_in_order_keeps_its_bytes(ctx: Services, tmp_path: Path) -> None:
    """A PDF from which nothing is taken is worked on as it came, byte for byte."""
    path = as_pdf(tmp_path / "scan.pdf", slip())
    document = one(ctx, path)
    assert ctx.file(document, document.pdf).read_bytes() == path.read_bytes()


def test_a_page_in_strips_is_measured(ctx: Services, tmp_path: Path) -> None:
    """A scan that its program cut into strips has the resolution of the strips."""
    assert one(ctx, born_digital(tmp_path / "strips.pdf", strips=12)).dpi == DPI


# Pixels


def test_a_jpeg_is_never_encoded_again(ctx: Services, tmp_path: Path) -> None:
    """The copy holds the scanner's own JPEG data."""
    path = saved(tmp_path / "scan.jpg", slip(), quality=85)
    document = one(ctx, path)
    with pikepdf.open(ctx.file(document, document.pdf)) as pdf:
        assert next(iter(pdf.pages[0].get_images().values())).read_raw_bytes() == path.read_bytes()


@pytest.mark.parametrize("compression", ["group4", "tiff_lzw", "tiff_adobe_deflate", "packbits"])
def test_lossless_pixels_stay(ctx: Services, tmp_path: Path, compression: str) -> None:
    """TIFF pages of every usual compression come out pixel by pixel as they went in."""
    path = as_tiff(tmp_path / "scan.tif", slip().convert("L"), compression=compression)
    document = one(ctx, path)
    with pikepdf.open(ctx.file(document, document.pdf)) as pdf, Image.open(path) as before:
        after = pikepdf.PdfImage(pdf.pages[0].get_images()["/Im0"]).as_pil_image()  # type: ignore[arg-type]
        assert np.array_equal(np.asarray(after.convert("L")), np.asarray(before.convert("L")))


def half_seen() -> Image.Image:
    """A paper whose lower half nobody can see: it is transparent."""
    page = slip().convert("RGBA")
    page.paste((0, 0, 0, 0), (0, 600, page.width, page.height))
    return page


@pytest.mark.parametrize(
    ("name", "image", "remark"),
    [
        ("cmyk.jpg", lambda: slip().convert("CMYK"), "CMYK stored as sRGB"),
        ("cmyk.tif", lambda: slip().convert("CMYK"), "CMYK stored as sRGB"),
        (
            "deep.tif",
            lambda: Image.fromarray(np.asarray(slip().convert("L")).astype(np.uint16) * 257),
            "16-bit grey stored with 8 bits",
        ),
        ("glass.png", half_seen, "transparency put on white"),
        ("glass.tif", half_seen, "transparency put on white"),
    ],
)
def test_what_pdfa_cannot_hold_is_converted(
    ctx: Services, tmp_path: Path, name: str, image: Callable[[], Image.Image], remark: str
) -> None:
    """Such a page is converted with a remark, shows what the scan showed, and is an image of 8-bit grey or RGB."""
    document = one(ctx, saved(tmp_path / name, image()))
    assert remark in map(str, document.remarks)
    assert document.dpi == DPI
    expected = np.asarray(slip(), np.float32)
    seen = drawn(ctx, document)[:, : slip().width].astype(np.float32)
    assert abs(seen[:590] - expected[:590]).mean() < 6
    if "glass" in name:
        assert seen[610:].min() == 255
    with pikepdf.open(ctx.file(document, document.pdf)) as pdf:
        stored = next(iter(pdf.pages[0].get_images().values()))
        assert stored.ColorSpace in (pikepdf.Name.DeviceGray, pikepdf.Name.DeviceRGB)
        assert stored.BitsPerComponent == 8
        assert "/SMask" not in stored


@pytest.mark.parametrize("name", ["scan.jpg", "scan.tif", "scan.png"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_set_upright(ctx: Services, tmp_path: Path, name: str, orientation: int) -> None:
    """A page is shown as a camera or scanner says it must be, mirrored ones too."""
    upright = paper().convert("L").crop((0, 0, 1000, 600))
    back = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    stored = upright if back is None else upright.transpose(back)
    exif = Image.Exif()
    exif[0x0112] = orientation
    document = one(ctx, saved(tmp_path / name, stored, exif=exif))
    seen = drawn(ctx, document)[..., 0].astype(np.float32)
    assert seen.shape == (600, 1000)
    assert abs(seen - np.asarray(upright, np.float32)).mean() < 3


# Odd and hostile files


@pytest.mark.parametrize(
    ("size", "reason"),
    [((60000, 60000), "too_large"), ((60000, 4000), "too_large"), ((1, 1), "too_small"), ((60000, 1), "too_small")],
)
def test_bombs_and_crumbs_are_refused_by_their_header(
    ctx: Services, tmp_path: Path, size: tuple[int, int], reason: str
) -> None:
    """A size that no paper has is refused before a pixel is read."""
    with pytest.raises(Refused) as caught:
        prepared(ctx, written_png(tmp_path / "bomb.png", *size))
    assert caught.value.reason == reason


def script_at_opening(pdf: pikepdf.Pdf) -> None:
    """A script that runs when the file is opened."""
    pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


def named_script(pdf: pikepdf.Pdf) -> None:
    """A script of the whole document."""
    pdf.Root.Names = pikepdf.Dictionary(JavaScript=pikepdf.Dictionary())


def page_action(pdf: pikepdf.Pdf) -> None:
    """Something that happens when a page is opened."""
    pdf.pages[0].obj.AA = pikepdf.Dictionary()


def link_that_starts_a_program(pdf: pikepdf.Pdf) -> None:
    """A link to a program."""
    action = pikepdf.Dictionary(S=pikepdf.Name.Launch, F="calc.exe")
    link = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9], A=action)
    pdf.pages[0].obj.Annots = pikepdf.Array([link])


@pytest.mark.parametrize("build", [script_at_opening, named_script, page_action, link_that_starts_a_program])
def test_scripts_and_actions_hold_nothing_up(ctx: Services, tmp_path: Path, build: Break) -> None:
    """A PDF that does something by itself goes on: conform takes that off the copy."""
    path = as_pdf(tmp_path / "active.pdf", paper())
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        build(pdf)
        pdf.save(path)
    (part,) = prepared(ctx, path)
    assert part.pages == 1


@pytest.mark.parametrize(
    ("lines", "needs_rendering"),
    [
        (
            ["Please wait...", "If this message is not eventually", "replaced by the proper contents of the document,"],
            None,
        ),
        (["The document you are trying to load requires Adobe Reader 8 or higher."], None),
        (["To view the full contents of this document, you need a later version of the PDF viewer."], False),
        (["Thong bao"], True),
    ],
)
def test_a_form_that_only_adobe_shows_is_held(
    ctx: Services, tmp_path: Path, lines: list[str], needs_rendering: bool | None
) -> None:
    """A page that only asks to wait is not archived for the paper; the remedy tells the way out."""
    path = form_of_xml(tmp_path / "xfa.pdf", *lines, needs_rendering=needs_rendering)
    with pytest.raises(Held, match="Adobe's programs alone") as caught:
        prepared(ctx, path)
    assert caught.value.reason == "xfa_form"
    assert "print it to PDF" in str(caught.value.advice)


def test_a_form_that_brings_its_pages_goes_on(ctx: Services, tmp_path: Path) -> None:
    """A form of XFA whose page shows the paper is taken as it is seen."""
    path = form_of_xml(tmp_path / "xfa.pdf", *["Thong bao ve viec so hoa giay to, please wait for the result"] * 9)
    assert one(ctx, path).pages == 1


def test_links_and_places_are_harmless(ctx: Services, tmp_path: Path) -> None:
    """A link to a web page and an action that goes to a page hold nothing up."""
    path = born_digital(tmp_path / "letter.pdf")
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        action = pikepdf.Dictionary(S=pikepdf.Name.URI, URI="https://example.vn")
        link = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9], A=action)
        pdf.pages[0].obj.Annots = pikepdf.Array([link])
        pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.GoTo, D=pikepdf.Array([0, pikepdf.Name.Fit]))
        pdf.save(path)
    assert one(ctx, path).pages == 1


@pytest.mark.parametrize("box", [[900, 900, 1200, 1200], [0, 0], ["a", 0, 9, 9]])
def test_a_crop_box_beside_the_page_hides_nothing(ctx: Services, tmp_path: Path, box: list[int | str]) -> None:
    """A crop box that shows nothing of the page is taken off the copy with a remark, and the page is read whole."""
    path = born_digital(tmp_path / "letter.pdf")
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        pdf.pages[0].obj.CropBox = pikepdf.Array(box)
        pdf.save(path)
    found = one(ctx, path)
    assert found.pages == 1
    assert any("crop box" in str(remark) for remark in found.remarks)


def spoilt_image(pdf: pikepdf.Pdf) -> None:
    """Packed pixels that do not unpack."""
    image = pdf.pages[1].get_images()["/Im0"]
    image.write(zlib.compress(bytes(1654 * 1200))[:1_000], filter=pikepdf.Name.FlateDecode)


def spoilt_drawing(pdf: pikepdf.Pdf) -> None:
    """Drawing orders that do not unpack: every reader shows an empty page."""
    pdf.pages[1].Contents.write(b"no zlib data", filter=pikepdf.Name.FlateDecode)


@pytest.mark.parametrize("build", [cut_image, spoilt_image, spoilt_drawing])
def test_a_damaged_page_is_named(ctx: Services, tmp_path: Path, build: Break) -> None:
    """One damaged page among good ones is held with its number; it is never taken for a blank one."""
    path = as_pdf(tmp_path / "scan.pdf", slip(), slip("official_letter"), slip())
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        build(pdf)
        pdf.save(path)
    with pytest.raises(Held, match="Page 2 is damaged") as caught:
        prepared(ctx, path)
    assert caught.value.reason == "damaged_page"


def test_a_page_that_unpacks_without_end_is_refused(tmp_path: Path) -> None:
    """A small stream that becomes more than any page needs is not unpacked to its end."""
    settings = load_settings(tmp_path / "home", {"KHOSO_RECOGNITION__MAX_DRAWING_MIB": "16"})
    path = as_pdf(tmp_path / "bomb.pdf", slip())
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        pdf.pages[0].Contents.write(zlib.compress(b" " * 30_000_000), filter=pikepdf.Name.FlateDecode)
        pdf.save(path)
    with open_services(settings) as ctx, pytest.raises(Refused) as caught:
        prepared(ctx, path)
    assert caught.value.reason == "too_large"


def looped(path: Path) -> Path:
    """A page tree that contains itself."""
    pdf = as_pdf(path, slip())
    with pikepdf.open(pdf, allow_overwriting_input=True) as opened:
        opened.Root.Pages.Kids = pikepdf.Array([opened.Root.Pages])
        opened.save(pdf, fix_metadata_version=False)
    return pdf


def locked(path: Path) -> Path:
    """A PDF that only opens with a password."""
    pdf = as_pdf(path, slip())
    with pikepdf.open(pdf, allow_overwriting_input=True) as opened:
        opened.save(pdf, encryption=pikepdf.Encryption(user="u", owner="o"))
    return pdf


@pytest.mark.parametrize(("build", "reason"), [(looped, "damaged"), (locked, "encrypted"), (pageless, "no_pages")])
def test_pdfs_nobody_can_read_are_refused(
    ctx: Services, tmp_path: Path, build: Callable[[Path], Path], reason: str
) -> None:
    """Each is refused with its reason."""
    with pytest.raises(Refused) as caught:
        prepared(ctx, build(tmp_path / "odd.pdf"))
    assert caught.value.reason == reason


def test_protection_against_changes_is_taken_off(ctx: Services, tmp_path: Path) -> None:
    """A PDF that opens without a password is copied without its protection, with a remark; the scan keeps it."""
    path = as_pdf(tmp_path / "scan.pdf", slip())
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        pdf.save(path, encryption=pikepdf.Encryption(user="", owner="o", allow=pikepdf.Permissions(extract=False)))
    document = one(ctx, path)
    assert "the protection against changes was taken off the copy" in map(str, document.remarks)
    with pikepdf.open(ctx.file(document, document.pdf)) as pdf:
        assert not pdf.is_encrypted


@pytest.mark.parametrize("name", ["scan.jpg", "scan.png", "scan.tif", "scan.pdf"])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.97])
def test_a_file_that_ends_too_early_is_refused(ctx: Services, tmp_path: Path, name: str, share: float) -> None:
    """A file cut off anywhere is refused as damaged, never archived in part."""
    path = tmp_path / name
    if name.endswith("pdf"):
        as_pdf(path, slip())
    elif name.endswith("tif"):
        as_tiff(path, slip().convert("L"), slip("official_letter").convert("L"))
    else:
        saved(path, slip())
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(KhosoError) as caught:
        prepared(ctx, path)
    assert caught.value.reason == "damaged"


def test_a_wrong_extension_does_no_harm(ctx: Services, tmp_path: Path) -> None:
    """The first bytes tell what a file is."""
    as_tiff(tmp_path / "scan.tif", slip()).rename(tmp_path / "scan.jpg")
    assert one(ctx, tmp_path / "scan.jpg").media == "tiff"


def test_a_large_sheet_is_looked_at_with_fewer_dots(ctx: Services, tmp_path: Path) -> None:
    """A plan on A1 is accepted, and no more pixels are drawn than a process can bear."""
    sheet = Image.new("L", (4677, 6622), 255)
    sheet.paste(paper().convert("L"), (600, 700))
    document = one(ctx, saved(tmp_path / "plan.png", sheet, dpi=(DPI, DPI)))
    assert (document.facts[0].width, document.facts[0].dpi) == (4677, DPI)
    assert not document.facts[0].is_blank
