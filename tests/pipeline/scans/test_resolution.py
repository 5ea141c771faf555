"""A page has the resolution of its finest layer that carries ink, whatever it is built of."""

from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from pikepdf import Dictionary, Name
from PIL import Image, ImageDraw, ImageOps

from pipeline.scans.resolution import Measured, measure
from tests.support import coded_pages
from tests.support.coded_pages import POINTS, SIZE, drawn

COARSE, FINE = 50, 100
WHOLE = (*POINTS, 0, 0)
WORDS = b" ".join(b"BT /F 14 Tf 60 %d Td (Giay moi hop ngay hai muoi) Tj ET" % y for y in range(60, 800, 24))

Place = tuple[float, float, float, float]
Build = Callable[[pikepdf.Pdf], None]


def letters(dpi: int = FINE, mode: str = "L") -> Image.Image:
    """Lines of ink all over a page, black on white."""
    size = (SIZE[0] * dpi // COARSE, SIZE[1] * dpi // COARSE)
    page = coded_pages.picture().resize(size).point(lambda level: 255 * (level > 128))
    return page.convert(mode)


def white(dpi: int = COARSE, mode: str = "L") -> Image.Image:
    """Paper."""
    return Image.new(mode, (SIZE[0] * dpi // COARSE, SIZE[1] * dpi // COARSE), "white")


def stencil(pdf: pikepdf.Pdf, image: Image.Image) -> pikepdf.Stream:
    """A mask that paints where the picture is black."""
    mask = drawn(pdf, coded_pages.flate(image.convert("1")))
    mask.ImageMask = True
    del mask.ColorSpace
    return mask


def page_of(pdf: pikepdf.Pdf, *layers: tuple[pikepdf.Stream, Place], before: bytes = b"", after: bytes = b"") -> None:
    """A page of pictures, each at a place (width, height, left, bottom), and drawing orders around them."""
    page = pdf.add_blank_page(page_size=POINTS)
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    pictures = {f"/I{number}": picture for number, (picture, _) in enumerate(layers)}
    page.Resources = Dictionary(XObject=Dictionary(pictures), Font=Dictionary(F=font))
    orders = b"\n".join(
        b"q %g 0 0 %g %g %g cm /I%d Do Q" % (*place, number) for number, (_, place) in enumerate(layers)
    )
    page.Contents = pdf.make_stream(b"\n".join((before, orders, after)))


def masked(key: str, mask: Image.Image) -> Build:
    """A coarse picture of the paper, and over it a coarse picture of one colour through a mask."""

    def build(pdf: pikepdf.Pdf) -> None:
        ink = drawn(pdf, coded_pages.jpeg(Image.new("RGB", SIZE, "navy")))
        ink[key] = drawn(pdf, coded_pages.flate(ImageOps.invert(mask))) if key == "/SMask" else stencil(pdf, mask)
        page_of(pdf, (drawn(pdf, coded_pages.jpeg(white(mode="RGB"))), WHOLE), (ink, WHOLE))

    return build


def on_dark(*layers: Callable[[pikepdf.Pdf], tuple[pikepdf.Stream, Place]]) -> Build:
    """Layers on a page, to be seen light on a dark ground."""
    return lambda pdf: page_of(pdf, *(layer(pdf) for layer in layers))


def night(pdf: pikepdf.Pdf) -> tuple[pikepdf.Stream, Place]:
    """A coarse dark ground."""
    return drawn(pdf, coded_pages.jpeg(Image.new("L", SIZE, 100))), WHOLE


def light_scan(pdf: pikepdf.Pdf) -> tuple[pikepdf.Stream, Place]:
    """A coarse scan of light letters on a dark ground."""
    return drawn(pdf, coded_pages.jpeg(letters(COARSE).point(lambda level: 255 - level * 155 // 255))), WHOLE


def chalk(pdf: pikepdf.Pdf) -> tuple[pikepdf.Stream, Place]:
    """A fine layer of light letters."""
    layer = drawn(pdf, coded_pages.jpeg(Image.new("L", SIZE, "white")))
    layer.SMask = drawn(pdf, coded_pages.flate(ImageOps.invert(letters())))
    return layer, WHOLE


def outlined(pdf: pikepdf.Pdf) -> None:
    """A coarse scan whose corners are cut round by a fine mask."""
    corners = Image.new("L", (SIZE[0] * 2, SIZE[1] * 2), 0)
    ImageDraw.Draw(corners).rounded_rectangle((0, 0, SIZE[0] * 2 - 1, SIZE[1] * 2 - 1), 40, 255)
    scan = drawn(pdf, coded_pages.jpeg(letters(COARSE)))
    scan.SMask = drawn(pdf, coded_pages.flate(corners))
    page_of(pdf, (scan, WHOLE))


def scan(pdf: pikepdf.Pdf, dpi: int = COARSE) -> tuple[pikepdf.Stream, Place]:
    """A whole page as one picture."""
    return drawn(pdf, coded_pages.jpeg(letters(dpi))), WHOLE


def glass(pdf: pikepdf.Pdf, ink: Image.Image) -> tuple[pikepdf.Stream, Place]:
    """A fine layer that shows nothing but this ink."""
    layer = drawn(pdf, coded_pages.jpeg(Image.new("RGB", ink.size, "navy")))
    layer.SMask = drawn(pdf, coded_pages.flate(ImageOps.invert(ink)))
    return layer, WHOLE


def stamp() -> Image.Image:
    """Paper with a small stamp."""
    page = white(FINE)
    ImageDraw.Draw(page).rectangle((500, 900, 600, 930), 0)
    return page


def regions(pdf: pikepdf.Pdf) -> None:
    """Blocks of fine letters over a coarse picture of the paper."""
    block = letters().crop((0, 0, SIZE[0] * 2, 500))
    width, height = POINTS[0], 500 / FINE * 72
    layers = [(stencil(pdf, block), (width, height, 0, y)) for y in (60, 450)]
    page_of(pdf, (drawn(pdf, coded_pages.jpeg(white())), WHOLE), *layers)


def strips(pdf: pikepdf.Pdf) -> None:
    """A scan in four strips, one of which is coarser."""
    height = POINTS[1] / 4
    layers = []
    for number in range(4):
        page = letters(COARSE if number == 2 else FINE)
        piece = page.crop((0, page.height * number // 4, page.width, page.height * (number + 1) // 4))
        layers.append((drawn(pdf, coded_pages.jpeg(piece)), (POINTS[0], height, 0, POINTS[1] - height * (number + 1))))
    page_of(pdf, *layers)


def in_a_form(matrix: Iterable[float], orders: bytes) -> Build:
    """A scan within a form that is drawn larger or smaller."""

    def build(pdf: pikepdf.Pdf) -> None:
        page_of(pdf, scan(pdf, FINE))
        page = pdf.pages[0]
        form = pdf.make_stream(page.Contents.read_bytes(), Subtype=Name.Form, BBox=[0, 0, *POINTS], Matrix=[*matrix])
        form.Resources, page.Resources = page.Resources, Dictionary(XObject=Dictionary(Fm=form))
        page.Contents = pdf.make_stream(orders)

    return build


def small(pdf: pikepdf.Pdf, dpi: int, width: int, after: bytes = b"") -> None:
    """A picture so many points wide on an empty sheet."""
    piece = letters(dpi).crop((0, 0, round(width / 72 * dpi), round(width * 0.7 / 72 * dpi)))
    place = (piece.width / dpi * 72, piece.height / dpi * 72, 70, 400)
    page_of(pdf, (drawn(pdf, coded_pages.jpeg(piece)), place), after=after)


KINDS: dict[str, tuple[int, Build]] = {
    "one picture": (COARSE, lambda pdf: page_of(pdf, scan(pdf))),
    "fine mask": (FINE, masked("/Mask", letters())),
    "fine soft mask": (FINE, masked("/SMask", letters())),
    "mask as coarse as its picture": (COARSE, masked("/Mask", letters(COARSE))),
    "mask that hides nothing": (COARSE, masked("/SMask", Image.new("L", (SIZE[0] * 2, SIZE[1] * 2), 0))),
    "outline as a mask": (COARSE, outlined),
    "fine letters over a scan of the same": (FINE, lambda pdf: page_of(pdf, scan(pdf), glass(pdf, letters()))),
    "fine paper over a scan": (COARSE, lambda pdf: page_of(pdf, scan(pdf), glass(pdf, white(FINE)))),
    "fine stamp over a scan": (COARSE, lambda pdf: page_of(pdf, scan(pdf), glass(pdf, stamp()))),
    "fine scan under a coarse one": (COARSE, lambda pdf: page_of(pdf, scan(pdf, FINE), scan(pdf))),
    "coarse scan under a fine one": (FINE, lambda pdf: page_of(pdf, scan(pdf), scan(pdf, FINE))),
    "fine light letters on a coarse dark ground": (FINE, on_dark(night, chalk)),
    "coarse light letters on a dark ground": (COARSE, on_dark(light_scan)),
    "fine paper over a scan of light letters": (COARSE, on_dark(light_scan, lambda pdf: glass(pdf, white(FINE)))),
    "blocks of letters over paper": (FINE, regions),
    "a coarser strip": (COARSE, strips),
    "a form drawn half as large": (FINE * 2, in_a_form((1, 0, 0, 1, 0, 0), b"0.5 0 0 0.5 0 0 cm /Fm Do")),
    "a form that halves itself": (FINE * 2, in_a_form((0.5, 0, 0, 0.5, 0, 0), b"/Fm Do")),
    "a form drawn twice as large": (FINE // 2, in_a_form((1, 0, 0, 1, 0, 0), b"2 0 0 2 0 0 cm /Fm Do")),
    "a small picture alone": (FINE, lambda pdf: small(pdf, FINE, 300)),
    "a card alone on white": (FINE, lambda pdf: small(pdf, FINE, 243, b"1 g 0 0 40 40 re f")),
    "a picture beside words": (0, lambda pdf: small(pdf, FINE, 300, WORDS)),
    "a picture beside lines": (0, lambda pdf: small(pdf, FINE, 300, b"9 w 0 60 m 595 60 l 0 99 m 595 99 l S")),
    "a logo alone": (0, lambda pdf: small(pdf, COARSE, 100)),
    "words over a coarse background": (
        0, lambda pdf: page_of(pdf, (drawn(pdf, coded_pages.jpeg(white())), WHOLE), after=WORDS)
    ),
    "words under a scan": (COARSE, lambda pdf: page_of(pdf, scan(pdf), before=WORDS)),
    "a few words over a scan": (COARSE, lambda pdf: page_of(pdf, scan(pdf), after=WORDS[:58])),
    "words without ink over a scan": (COARSE, lambda pdf: page_of(pdf, scan(pdf), after=b"3 Tr " + WORDS)),
    "words alone": (0, lambda pdf: page_of(pdf, after=WORDS)),
}  # fmt: skip


def measured(path: Path, build: Build) -> Measured:
    """What is measured of a page."""
    with pikepdf.new() as pdf:
        build(pdf)
        pdf.save(path)
    with closing(pypdfium2.PdfDocument(path)) as document, pikepdf.open(path) as source:
        return measure(document, source.pages[0], 0)


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_is_as_fine_as_what_carries_its_ink(tmp_path: Path, kind: str) -> None:
    """Masks of letters count, paper and stamps do not; strips count as their coarsest; words have no resolution."""
    dpi, build = KINDS[kind]
    assert measured(tmp_path / "page.pdf", build).dpi == dpi


@pytest.mark.parametrize("turn", [90, 180, 270])
@pytest.mark.parametrize("kind", ["fine mask", "blocks of letters over paper", "a coarser strip"])
def test_a_turned_page_is_as_fine(tmp_path: Path, kind: str, turn: int) -> None:
    """A page that its file turns is measured like one that stands."""
    dpi, build = KINDS[kind]

    def turned(pdf: pikepdf.Pdf) -> None:
        build(pdf)
        pdf.pages[0].obj.Rotate = turn

    assert measured(tmp_path / "page.pdf", turned).dpi == dpi


def test_the_pixels_told_are_those_of_the_letters(tmp_path: Path) -> None:
    """A layered page has as many pixels as its finest layer, a page in strips those of the whole."""
    layered, stripped = (measured(tmp_path / "page.pdf", KINDS[kind][1]) for kind in ("fine mask", "a coarser strip"))
    assert (layered.width, layered.height, layered.colour) == (SIZE[0] * 2, SIZE[1] * 2, "colour")
    assert (stripped.width, stripped.height, stripped.colour) == (413, 584, "grey")


def test_a_jpeg_counts_by_its_own_rows(tmp_path: Path) -> None:
    """A file that states fewer rows than its JPEG has: the JPEG is drawn whole, so its own size is the resolution."""
    path = tmp_path / "file.pdf"
    with pikepdf.new() as pdf:
        scan = drawn(pdf, coded_pages.jpeg(letters()))
        scan.Height = int(scan.Height) // 3
        page_of(pdf, (scan, WHOLE))
        pdf.save(path)
    with closing(pypdfium2.PdfDocument(path)) as document, pikepdf.open(path) as source:
        assert measure(document, source.pages[0], 0).dpi == FINE
