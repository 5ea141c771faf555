"""A page counts as blank only when nothing but paper is on it; in doubt it stays."""

import io
from collections.abc import Callable
from pathlib import Path

import img2pdf
import numpy as np
import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter

from benchmarks.blank import is_blank
from benchmarks.blankset import BLANK, INKED
from pipeline.scans.blank.bare import is_bare
from pipeline.scans.inspection import look_at_pages
from samples.fonts import typeface
from tests.support.written_pdfs import LINE_OF_ELSEWHERE, font_of_elsewhere


@pytest.mark.parametrize(("kind", "seed"), [(kind, seed) for kind in INKED for seed in range(4)])
def test_a_page_with_ink_stays(kind: str, seed: int) -> None:
    """One short line, a page number, a stamp or a light hand is enough, also at an edge and beside stains and holes."""
    assert not is_blank(kind, seed)


def sheet(border: int = 0, level: int = 60) -> Image.Image:
    """An empty sheet whose upper edge is dark so many pixels deep."""
    page = Image.new("L", (1654, 2339), 240)
    page.paste(level, (0, 0, 1654, border))
    return page


@pytest.mark.parametrize("hidden", [8, 14, 18])
def test_a_line_half_under_the_border_stays(hidden: int) -> None:
    """Where the border of the glass hides the upper part of a line, the feet of its letters are ink."""
    page = sheet()
    ImageDraw.Draw(page).text((700, 40 - hidden), "Đồng ý", 30, typeface(28), anchor="lt")
    page.paste(60, (0, 0, 1654, 40))
    assert is_bare(np.asarray(sheet(40)), 200)
    assert not is_bare(np.asarray(page), 200)


@pytest.mark.parametrize("level", [20, 90])
def test_a_line_on_a_dark_border_stays(level: int) -> None:
    """Letters that differ from the dark around them are ink, be they darker or lighter."""
    page = sheet(45)
    ImageDraw.Draw(page).text((700, 8), "Đồng ý", level, typeface(28), anchor="lt")
    assert not is_bare(np.asarray(page), 200)


def test_a_line_from_the_edge_into_the_page_stays() -> None:
    """What runs from the edge inwards is drawn; only what lies along the edge is a border."""
    page = sheet()
    for y in range(300, 2000, 300):
        ImageDraw.Draw(page).rectangle((0, y, 900, y + 9), 40)
    assert not is_bare(np.asarray(page), 200)


def test_blank_backs_are_found() -> None:
    """What shines through, holes, stains, folds, borders and a staple make no page: 95 in 100 are found."""
    found = [is_blank(kind, seed) for kind in BLANK for seed in range(5)]
    assert sum(found) >= 0.95 * len(found)


@settings(max_examples=50)
@given(st.integers(2, 90), st.integers(2, 90), st.sampled_from([72, 300, 1200]), st.integers(0, 2**32 - 1))
def test_pages_smaller_than_a_border_are_looked_at(height: int, width: int, dpi: int, seed: int) -> None:
    """A page that is not as high as the border of the glass is wide has an answer too."""
    grey = np.random.default_rng(seed).choice(np.array([20, 250], np.uint8), (height, width))
    assert is_bare(grey, dpi) in {True, False}


_LINE = b"BT /F 13 Tf 100 500 Td (Approved, for the office) Tj ET"
_GROUND = b" 0 0 595 842 re f "
_DRAWN = {
    "yellow": b"1 1 0 rg " + _LINE,
    "grey": b".84 g " + _LINE,
    "nearly white": b".99 g " + _LINE,
    "light blue": b".68 .85 1 rg " + _LINE,
    "light green": b".56 1 .56 rg " + _LINE,
    "pink": b"1 .75 .8 rg " + _LINE,
    "white on yellow": b"1 1 0 rg" + _GROUND + b"1 g " + _LINE,
    "white on grey": b".85 g" + _GROUND + b"1 g " + _LINE,
    "blue on red": b".8 .15 .1 rg" + _GROUND + b".2 .2 1 rg " + _LINE,
    "red on green": b"0 .51 0 rg" + _GROUND + b"1 0 0 rg " + _LINE,
    "pale watermark": b".9 .9 1 rg BT /F 40 Tf 80 400 Td (COPY) Tj ET",
    "marker": b"1 1 .2 rg 100 100 300 40 re f",
    "bar": b".2 g 0 0 595 16 re f",
    "one rule": b"0 300 m 595 300 l S",
    "grid": b"0 300 m 595 300 l 0 400 m 595 400 l 100 0 m 100 842 l 200 0 m 200 842 l S",
    "box": b"40 300 14 14 re S",
    "bullet": b"40 300 9 9 re f",
    "slash": b"BT /F 30 Tf 40 300 Td (/) Tj ET",
    "dots": b"BT /F 13 Tf 100 500 Td (. . . . .) Tj ET",
}


def drawn_page(path: Path, content: bytes, scan: Image.Image | None = None) -> bool:
    """Whether a page which draws that, over a scan or not, counts as blank."""
    with pikepdf.new() as pdf:
        if scan is not None:
            stream = io.BytesIO()
            scan.save(stream, "JPEG", dpi=(200, 200))
            pdf.pages.extend(pikepdf.open(io.BytesIO(img2pdf.convert(stream.getvalue(), nodate=True))).pages)
            pdf.pages[0].contents_add(content)
        else:
            pdf.add_blank_page(page_size=(595, 842)).Contents = pdf.make_stream(content)
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        page = pdf.pages[0]
        page.Resources = page.get("/Resources", pikepdf.Dictionary())
        page.Resources.Font = pikepdf.Dictionary(F=font)
        pdf.save(path)
    (look,) = look_at_pages(path)
    return look.facts.is_blank


@pytest.mark.parametrize("content", _DRAWN.values(), ids=_DRAWN)
def test_whatever_a_page_draws_is_no_stain(tmp_path: Path, content: bytes) -> None:
    """Of a page which is no scan, nothing is a fold, a hole or a shadow: any pixel of another colour keeps it."""
    assert not drawn_page(tmp_path / "page.pdf", content)


@pytest.mark.parametrize("content", [b"", b"0 0 1 rg" + _GROUND, b"3 Tr 0 g " + _LINE, b"1 g " + _LINE])
def test_a_drawn_page_of_one_colour_is_blank(tmp_path: Path, content: bytes) -> None:
    """Where nothing differs from the rest there is nothing to see."""
    assert drawn_page(tmp_path / "page.pdf", content)


def test_a_page_whose_letters_cannot_be_drawn_is_not_blank(tmp_path: Path) -> None:
    """Other readers, which have their font, show them: nobody may leave the page out."""
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(595, 842))
        font = page.add_resource(font_of_elsewhere(pdf), pikepdf.Name.Font)
        page.Contents = pdf.make_stream(LINE_OF_ELSEWHERE.format(font=font).encode())
        pdf.save(tmp_path / "page.pdf")
    (look,) = look_at_pages(tmp_path / "page.pdf")
    assert (look.facts.is_blank, look.lacks_letters) == (False, True)


def test_what_is_drawn_over_a_blank_scan_is_seen(tmp_path: Path) -> None:
    """A pale word over the picture keeps the page; recognised text, which is not seen, does not."""
    assert not drawn_page(tmp_path / "page.pdf", b".84 g " + _LINE, sheet())
    assert drawn_page(tmp_path / "page.pdf", b"BT 3 Tr ET " + _LINE, sheet())


def scanned(tmp_path: Path, page: Image.Image) -> bool:
    """Whether a scan of it in colour, a little soft and noisy, counts as blank."""
    soft = np.asarray(page.filter(ImageFilter.GaussianBlur(0.6)), np.float32) * 0.97
    soft = soft + np.random.default_rng(1).standard_normal(soft.shape, np.float32) * 2
    return drawn_page(tmp_path / "scan.pdf", b"", Image.fromarray(soft.clip(0, 255).astype(np.uint8)))


@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        ("yellow", "white"),
        ("#addaff", "white"),
        ("#90ff90", "white"),
        ("pink", "white"),
        ("white", "#d9d9d9"),
        ("white", "yellow"),
        ("#3333ff", "#cc261a"),
        ("red", "#008200"),
    ],
)
def test_ink_of_another_colour_stays(tmp_path: Path, ink: str, ground: str) -> None:
    """Ink need not be darker than its paper: colour tells it, and so does being lighter."""
    page = Image.new("RGB", (1654, 2339), ground)
    assert scanned(tmp_path, page)
    ImageDraw.Draw(page).text((280, 900), "Đồng ý giao ông Nam", ink, typeface(36))
    assert not scanned(tmp_path, page)


_SHAPES: dict[str, list[tuple[int, int, int, int]]] = {
    "slash": [(120, 1500, 140, 1440)],
    "dash": [(120, 1500, 180, 1500)],
    "rule": [(0, 1500, 1654, 1500)],
    "grid": [(0, y, 1654, y) for y in (900, 1200, 1500)] + [(x, 0, x, 2339) for x in (300, 600, 900)],
}


@pytest.mark.parametrize("lines", _SHAPES.values(), ids=_SHAPES)
def test_black_strokes_are_no_staples_and_no_folds(lines: list[tuple[int, int, int, int]]) -> None:
    """Staples sit in corners; folds are never black."""
    page = sheet()
    for line in lines:
        ImageDraw.Draw(page).line(line, 20, 4)
    assert not is_bare(np.asarray(page), 200)


def with_marks(kind: str, *places: tuple[int, int]) -> bool:
    """Whether a page with marks of a kind, near an edge, is bare."""
    page = sheet()
    draw = ImageDraw.Draw(page)
    for x, y in places:
        if kind == "rim":
            draw.ellipse((x, y, x + 46, y + 46), None, 40, 4)
        elif kind == "O":
            draw.text((x, y), "O", 40, typeface(68), anchor="lt")
        else:
            draw.rectangle((x, y, x + 40, y + 40), 40 if kind == "square" else None, 40, 3)
    return is_bare(np.asarray(page), 200)


@pytest.mark.parametrize("kind", ["rim", "O", "square", "box"])
def test_a_lone_mark_near_an_edge_is_no_hole(kind: str) -> None:
    """Punches make two round holes along an edge; one alone is a letter, a bullet or a box to tick."""
    assert not with_marks(kind, (80, 830))
    assert with_marks(kind, (80, 830), (80, 1460)) == (kind == "rim")


def test_two_round_letters_stay() -> None:
    """A punch makes two holes 80 mm apart, even about the middle of the side; circles elsewhere are drawn."""
    assert not with_marks("rim", (80, 1000), (80, 1630))
    assert not with_marks("rim", (80, 700), (80, 1590))
    assert not with_marks("rim", (80, 200), (80, 830), (80, 1460))


@pytest.mark.parametrize("share", [0.80, 0.84, 0.87])
def test_pale_print_stays_and_what_shines_through_does_not(share: float) -> None:
    """Sharp letters are ink however pale; paper blurs what shines through it."""
    print_ = Image.new("L", (1654, 2339), 240)
    ImageDraw.Draw(print_).text((280, 900), "Đồng ý giao ông Nam", round(240 * share), typeface(36))
    grain = np.random.default_rng(1).standard_normal((2339, 1654), np.float32) * 3

    def seen(blur: float) -> bool:
        soft = np.asarray(print_.filter(ImageFilter.GaussianBlur(blur)), np.float32) + grain
        return is_bare(soft.clip(0, 255).astype(np.uint8), 200)

    assert not seen(0.6)
    assert seen(2.0)


_WORDS = ("Kính gửi các tổ dân phố trên địa bàn", "phường về việc tiếp nhận hồ sơ, giải quyết")
_PAPER = (255, 253, 250)


def _print(draw: ImageDraw.ImageDraw, mm: float, ink: tuple[int, int, int]) -> None:
    for number, words in enumerate(_WORDS * 2):
        draw.text((25 * mm, (60 + 9 * number) * mm), words, ink, typeface(round(4.2 * mm)))


def _rules(draw: ImageDraw.ImageDraw, mm: float, ink: tuple[int, int, int]) -> None:
    for y in range(40, 260, 10):
        draw.line((20 * mm, y * mm, 190 * mm, y * mm), ink, max(1, round(0.2 * mm)))


def _table(draw: ImageDraw.ImageDraw, mm: float, ink: tuple[int, int, int]) -> None:
    for y in range(60, 130, 12):
        draw.line((25 * mm, y * mm, 185 * mm, y * mm), ink, max(1, round(0.2 * mm)))
    for x in (25, 60, 120, 185):
        draw.line((x * mm, 60 * mm, x * mm, 120 * mm), ink, max(1, round(0.2 * mm)))


def _rule(draw: ImageDraw.ImageDraw, mm: float, ink: tuple[int, int, int]) -> None:
    draw.line((40 * mm, 150 * mm, 150 * mm, 151 * mm), ink, round(0.3 * mm))


def _bars(draw: ImageDraw.ImageDraw, mm: float, ink: tuple[int, int, int]) -> None:
    for number, wide in enumerate((0.25, 0.5, 0.75, 0.25, 0.75, 0.5) * 7):
        draw.rectangle(((60 + 1.25 * number) * mm, 100 * mm, (60 + 1.25 * number + wide) * mm, 112 * mm), ink)


def _round_stamp(draw: ImageDraw.ImageDraw, mm: float, ink: tuple[int, int, int]) -> None:
    draw.ellipse((120 * mm, 180 * mm, 156 * mm, 216 * mm), None, ink, round(0.8 * mm))
    draw.text((138 * mm, 198 * mm), "ĐÃ THU", ink, typeface(round(3.5 * mm)), anchor="mm")


def _pencil(draw: ImageDraw.ImageDraw, mm: float, ink: tuple[int, int, int]) -> None:
    points = [((60 + i / 2) * mm, (150 + 4 * np.sin(i * 0.9) * np.cos(i * 0.2)) * mm) for i in range(70)]
    draw.line(points, ink, round(0.35 * mm))


def _dry_seal(draw: ImageDraw.ImageDraw, mm: float, ink: tuple[int, int, int]) -> None:
    """Pressed into the paper: the rims are lit on one side and in the shade on the other."""
    lit, off = (255, 255, 255), 0.15 * mm
    for shift, shade in ((-off, lit), (off, ink), (0.0, (244, 244, 244))):
        box = (120 * mm + shift, 180 * mm + shift, 156 * mm + shift, 216 * mm + shift)
        draw.ellipse(box, None, shade, round(mm))
        draw.text((138 * mm + shift, 198 * mm + shift), "UBND", shade, typeface(round(4 * mm)), anchor="mm")


_PALE: dict[str, tuple[Callable[[ImageDraw.ImageDraw, float, tuple[int, int, int]], None], tuple[int, int, int]]] = {
    "print": (_print, (232, 232, 232)),
    "yellow print": (_print, (255, 248, 195)),
    "light cyan print": (_print, (215, 245, 250)),
    "lined sheet": (_rules, (226, 232, 240)),
    "empty table": (_table, (235, 235, 235)),
    "one rule": (_rule, (232, 232, 232)),
    "bar code": (_bars, (234, 234, 234)),
    "stamp": (_round_stamp, (255, 218, 218)),
    "pencil": (_pencil, (222, 222, 225)),
    "dry seal": (_dry_seal, (222, 222, 222)),
}


@pytest.mark.parametrize(
    ("dpi", "mode", "quality"), [(200, "RGB", 45), (200, "L", 60), (300, "RGB", 75), (400, "L", 60)]
)
@pytest.mark.parametrize("kind", [None, *_PALE])
def test_print_hardly_darker_than_its_paper_stays(
    tmp_path: Path, kind: str | None, dpi: int, mode: str, quality: int
) -> None:
    """Words and lines that are sharp are ink, be they too pale to be told from grain dot by dot; grain alone is not."""
    mm = dpi / 25.4
    page = Image.new("RGB", (round(210 * mm), round(297 * mm)), _PAPER if kind != "dry seal" else (244, 244, 244))
    if kind is not None:
        draw, ink = _PALE[kind]
        draw(ImageDraw.Draw(page), mm, ink)
    grain = np.random.default_rng(3).standard_normal((page.height, page.width, 1), np.float32) * 1.5
    soft = np.asarray(page.filter(ImageFilter.GaussianBlur(0.3 * dpi / 200)), np.float32) + grain
    stream = io.BytesIO()
    seen = Image.fromarray(soft.clip(0, 255).astype(np.uint8)).convert(mode)
    seen.save(stream, "JPEG", quality=quality, dpi=(dpi, dpi))
    (tmp_path / "scan.pdf").write_bytes(img2pdf.convert(stream.getvalue(), nodate=True))
    (look,) = look_at_pages(tmp_path / "scan.pdf")
    assert look.facts.is_blank == (kind is None)


@pytest.mark.parametrize("wide", [1, 2, 4])
def test_a_pale_line_is_a_fold_only_from_edge_to_edge(wide: int) -> None:
    """Folds and the streaks of a scanner run from edge to edge, one or two of them; what ends before is drawn."""

    def seen(*lines: tuple[int, int, int, int]) -> bool:
        page = sheet()
        for line in lines:
            ImageDraw.Draw(page).line(line, 226, wide)
        return is_bare(np.asarray(page.filter(ImageFilter.GaussianBlur(0.5))), 200)

    assert seen((0, 1100, 1654, 1112))
    assert seen((0, 1100, 1654, 1112), (800, 0, 803, 2339))
    assert not seen((200, 1100, 1400, 1112))
    assert not seen((0, 1100, 1654, 1112), (200, 1500, 1400, 1500))
    assert not seen(*((0, y, 1654, y) for y in (600, 900, 1200)))


@pytest.mark.parametrize(("apart", "slope"), [(6, 0.0), (11, 0.01), (16, -0.015)])
def test_a_row_of_dots_stays(apart: int, slope: float) -> None:
    """Dots that follow each other evenly are a form to be filled in; as many amid nothing are dust."""
    row, dust = sheet(), sheet()
    chance = np.random.default_rng(2)
    for number in range(12):
        x, y = 300 + number * apart, 900 + round(number * apart * slope)
        ImageDraw.Draw(row).rectangle((x, y, x + 2, y + 2), 40)
        x, y = int(chance.integers(50, 1600)), int(chance.integers(50, 2200))
        ImageDraw.Draw(dust).rectangle((x, y, x + 2, y + 2), 40)
    assert not is_bare(np.asarray(row), 200)
    assert is_bare(np.asarray(dust), 200)


@pytest.mark.parametrize("box", [(300, 0, 1200, 30), (0, 0, 800, 30), (1630, 400, 1653, 1500), (100, 8, 1500, 40)])
def test_a_bar_that_ends_amid_a_side_stays(box: tuple[int, int, int, int]) -> None:
    """The shadow of a sheet runs from corner to corner or out to nothing; a bar that ends at once is drawn."""
    page = sheet()
    page.paste(30, box)
    assert not is_bare(np.asarray(page), 200)
    shadow = sheet()
    ImageDraw.Draw(shadow).polygon([(0, 0), (1653, 0), (0, 38)], 30)
    ImageDraw.Draw(shadow).polygon([(0, 0), (38, 0), (30, 2338), (0, 2338)], 30)
    assert is_bare(np.asarray(shadow), 200)


def _printed(page: Image.Image) -> bool:
    """Whether a scan of it, a little soft, is bare paper."""
    return is_bare(np.asarray(page.filter(ImageFilter.GaussianBlur(0.5))), 200)


def _code(across: int, down: int, cell: tuple[int, int], level: int, seed: int) -> Image.Image:
    """So many cells across and down, each dark or paper by chance, of so many pixels each."""
    cells = np.random.default_rng(seed).random((down, across)) < 0.5
    return Image.fromarray(np.where(np.kron(cells, np.ones(cell[::-1])), level, 240).astype(np.uint8))


@pytest.mark.parametrize("turn", range(4))
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("label", "near"),
    [
        ((1, 70, (55, 4), 15), (0, 700)),
        ((1, 70, (62, 4), 30), (2, 700)),
        ((1, 60, (40, 3), 160), (13, 900)),
        ((1, 90, (40, 2), 195), (13, 900)),
        ((130, 1, (3, 46), 15), (600, 0)),
        ((25, 25, (3, 3), 0), (0, 0)),
        ((25, 25, (2, 2), 0), (3, 3)),
        ((25, 25, (2, 2), 40), (0, 1200)),
    ],
)
def test_a_code_at_an_edge_stays(
    label: tuple[int, int, tuple[int, int], int], near: tuple[int, int], seed: int, turn: int
) -> None:
    """Bars and squares with paper between them are printed there, though they touch the edge as a shadow does."""
    page = sheet()
    page.paste(_code(*label, seed=seed), near)
    assert not _printed(page.rotate(90 * turn, expand=True))


@pytest.mark.parametrize("side", [40, 55, 70])
@pytest.mark.parametrize("turn", range(4))
def test_a_label_in_a_corner_stays(side: int, turn: int) -> None:
    """A dark square in a corner is no shadow, which runs along a side, and no corner that is torn off."""
    page, torn = sheet(), sheet()
    page.paste(30, (0, 0, side, side))
    ImageDraw.Draw(torn).polygon([(0, 0), (side, 0), (0, side)], 30)
    assert not _printed(page.rotate(90 * turn, expand=True))
    assert _printed(torn.rotate(90 * turn, expand=True))


@pytest.mark.parametrize("level", [20, 90])
def test_what_a_needle_printer_writes_stays(level: int) -> None:
    """Letters of separate dots are ink; as many specks all over a page are dust."""
    page, dust = sheet(), sheet()
    chance = np.random.default_rng(4)
    letters = Image.new("1", (90, 11))
    ImageDraw.Draw(letters).text((0, -1), "SO LUU 4471", 1)
    for y, x in np.argwhere(np.asarray(letters)).tolist():
        page.paste(level, (500 + 4 * x, 900 + 4 * y, 502 + 4 * x, 902 + 4 * y))
        at, above = int(chance.integers(80, 1570)), int(chance.integers(80, 2250))
        dust.paste(level, (at, above, at + 2, above + 2))
    assert not _printed(page)
    assert _printed(dust)


@pytest.mark.parametrize(
    ("line", "is_staple"),
    [
        ((90, 90, 170, 110), True),
        ((90, 110, 170, 90), True),
        ((90, 90, 170, 30), False),
        ((90, 90, 94, 170), False),
        ((90, 90, 160, 160), False),
        ((90, 250, 170, 250), False),
    ],
)
def test_a_stroke_in_a_corner_is_a_staple_only_when_it_lies_flat(
    line: tuple[int, int, int, int], *, is_staple: bool
) -> None:
    """A pen ticks askew; what is steep, or farther from the corner, stays."""
    page = sheet()
    ImageDraw.Draw(page).line(line, 60, 4)
    assert is_bare(np.asarray(page), 200) == is_staple
