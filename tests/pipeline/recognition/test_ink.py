"""What is taken out of the picture that is read, and what stays."""

from random import Random
from typing import TypeVar

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from pipeline.recognition.ink import Ink, Rectangle, seals, stamps, to_read
from samples.ink import SEAL_MM, press_seal
from samples.layout import Sheet
from tests.support import drawn_pages

Level = TypeVar("Level", bound=np.generic)

SEAL = round(SEAL_MM / 25.4 * drawn_pages.DPI)


def read(image: Image.Image) -> Ink:
    """The page as it is handed to the recogniser."""
    return to_read(drawn_pages.pixels(image), drawn_pages.DPI)


def cut(levels: NDArray[Level], box: Rectangle) -> NDArray[Level]:
    """What stands in a box."""
    left, top, right, bottom = box
    return levels[top:bottom, left:right]


def sealed(image: Image.Image, x: int, y: int) -> Rectangle:
    """Press a red seal with its middle at a place in pixels; gives its box."""
    chance = Random(1)  # noqa: S311 (drawing)
    press_seal(image, (x, y), SEAL, "ỦY BAN NHÂN DÂN PHƯỜNG HẢI CHÂU", chance)
    return x - SEAL // 2, y - SEAL // 2, x + SEAL // 2, y + SEAL // 2


# Seals, stamps, coloured type.


def test_the_rings_of_a_seal_fade_and_black_type_under_them_stays() -> None:
    """Where a ring crosses a line, the ring becomes paper and the letters are as black as without it."""
    plain, stamped = drawn_pages.sheet(drawn_pages.LINES[:1]).image, drawn_pages.sheet(drawn_pages.LINES[:1]).image
    left, top, right, _ = drawn_pages.line_box(0)
    middle = (left + right) // 2
    sealed(stamped, middle, top + 24 + SEAL // 2)
    before, after = read(plain), read(stamped)
    ring = (middle - 50, top, middle + 50, top + 45)
    assert (cut(drawn_pages.grey(stamped), ring) < 140).sum() > (cut(drawn_pages.grey(plain), ring) < 140).sum() + 100
    letters = cut(before.grey, ring) < 100
    assert letters.sum() > 50
    assert (cut(after.grey, ring)[letters] < 130).mean() > 0.95
    far_from_letters = cv2.dilate((cut(before.grey, ring) < 230).astype(np.uint8), np.ones((3, 3), np.uint8)) == 0
    assert (cut(after.grey, ring)[far_from_letters] < 200).mean() < 0.01


def test_a_round_mark_is_a_seal_and_a_framed_one_a_stamp() -> None:
    """The seal is found filled, the stamp as its box; neither is taken for the other."""
    page = drawn_pages.sheet(()).image
    seal, stamp = sealed(page, 900, 1400), drawn_pages.frame(page, "MẬT", 30, 15)
    ink = read(page)
    assert stamps(ink, drawn_pages.DPI) == [pytest.approx(stamp, abs=5)]
    filled = seals(ink, drawn_pages.DPI)
    assert cut(filled, seal).mean() == pytest.approx(np.pi / 4, abs=0.05)
    assert filled.sum() == cut(filled, (seal[0] - 5, seal[1] - 5, seal[2] + 5, seal[3] + 5)).sum()


def test_the_marks_alone_are_kept_for_reading() -> None:
    """The picture of the marks shows the stamp and none of the type; the picture to read is the other way round."""
    page = drawn_pages.sheet().image
    stamp = drawn_pages.frame(page, "MẬT", 30, 15)
    ink = read(page)
    assert ink.faded is not None
    assert cut(ink.faded, stamp).min() < 120
    assert cut(ink.faded, drawn_pages.line_box(1)).min() == ink.paper
    frame = (*stamp[:3], stamp[1] + 5)
    assert cut(ink.grey, frame).min() > 200
    assert cut(ink.grey, drawn_pages.line_box(1)).min() < 100


def test_a_page_without_marks_has_none() -> None:
    """Black type alone is no mark."""
    ink = read(drawn_pages.sheet().image)
    assert ink.faded is None
    assert not ink.marks.any()
    assert stamps(ink, drawn_pages.DPI) == []
    assert not seals(ink, drawn_pages.DPI).any()


def test_red_type_stays() -> None:
    """A title printed in red (GIẤY KHAI SINH) is type: it stays dark, though a seal of the same red fades."""
    page = drawn_pages.sheet().image
    font = Sheet(drawn_pages.DPI).font(20, bold=True)
    ImageDraw.Draw(page).text((620, 180), "GIẤY KHAI SINH", drawn_pages.RED, font, anchor="ms")
    seal = sealed(page, 900, 1400)
    ink = read(page)
    title = (400, 130, 840, 200)
    assert cut(ink.marks, seal).any()
    assert not cut(ink.marks, title).any()
    assert drawn_pages.parts(ink.grey, title) == drawn_pages.parts(drawn_pages.grey(page), title) > 10


def test_a_pale_mark_of_a_grey_scan_fades() -> None:
    """Without colours a mark is told by its paleness; black type that it crosses stays."""
    page = drawn_pages.sheet().image.convert("L")
    draw = ImageDraw.Draw(page)
    box = (560, 600, 760, 800)
    draw.ellipse(box, outline=150, width=6)
    draw.line((570, 700, 750, 700), fill=0, width=4)
    ink = read(page)
    assert cut(ink.marks, (565, 605, 755, 795)).any()
    assert cut(ink.grey, (600, 600, 720, 606)).min() > 235
    assert cut(ink.grey, (600, 699, 720, 702)).max() < 60


# Leaders.


def test_rows_of_leader_dots_vanish() -> None:
    """Dots that lead from a label to its value become paper; label and value stay."""
    page = drawn_pages.sheet(("Họ và tên",))
    row = page.image.copy()
    left, top, right, bottom = drawn_pages.line_box(0)
    draw = ImageDraw.Draw(row)
    for x in range(left + 220, right - 250, 9):
        draw.ellipse((x, bottom - 17, x + 3, bottom - 14), fill="black")
    draw.text((right - 240, bottom - 14), "Nguyễn An", "black", page.font(13), "ls")
    ink = read(row)
    dots = (left + 215, top, right - 245, bottom)
    assert drawn_pages.parts(drawn_pages.grey(row), dots) > 30
    assert cut(ink.grey, dots).min() == ink.paper
    for box in ((left, top, left + 215, bottom), (right - 245, top, right, bottom)):
        assert drawn_pages.parts(ink.grey, box) == drawn_pages.parts(drawn_pages.grey(row), box) > 8


def test_a_broken_row_of_dots_vanishes_whole() -> None:
    """A single dot beyond a gap, on the level of a row, goes with it; one far below stays."""
    page = Image.new("RGB", (1240, 1754), "white")
    draw = ImageDraw.Draw(page)
    for x in (*range(300, 400, 9), 440, 900):
        draw.ellipse((x, 500, x + 3, 503), fill="black")
    draw.ellipse((440, 560, 443, 563), fill="black")
    ink = read(page)
    assert cut(ink.grey, (290, 490, 460, 510)).min() == ink.paper
    assert cut(ink.grey, (430, 550, 460, 570)).min() < 100
    assert cut(ink.grey, (890, 490, 910, 510)).min() < 100  # 58 mm away


def test_full_stops_and_dots_below_letters_stay() -> None:
    """The dots of a text are in no row: not the full stops, the dots of i, nor the dấu nặng of a line."""
    lines = (
        "Mọi vụ việc được lập sổ, trực tại bộ phận, tận dụng một lại một.",
        "i. ị. ạ. ọ. ụ. ợ. ự. ệ. ậ. ặ. ẹ. ỵ.",
        "1. 2. 3.",
    )
    page = drawn_pages.sheet(lines).image
    ink = read(page)
    for place in range(3):
        box = drawn_pages.line_box(place)
        assert drawn_pages.parts(ink.grey, box) >= drawn_pages.parts(drawn_pages.grey(page), box)


# Paper.


@pytest.mark.parametrize("tint", [(255, 255, 255), (250, 240, 200), (215, 225, 240)], ids=["white", "yellow", "blue"])
def test_uneven_paper_is_evened(tint: tuple[int, int, int]) -> None:
    """A shadow along one side and a tint of the sheet go; the type on them stays."""
    page = drawn_pages.sheet().image
    light = np.linspace(1.0, 0.5, page.width, dtype=np.float32)[None, :, None]
    shaded = Image.fromarray((drawn_pages.pixels(page) * light * (np.array(tint, np.float32) / 255)).astype(np.uint8))
    before, after = drawn_pages.grey(shaded), read(shaded).grey
    free = (40, 800, 1200, 1700)
    assert int(cut(before, free).max()) - int(cut(before, free).min()) > 90
    assert int(cut(after, free).max()) - int(cut(after, free).min()) <= 3
    plain = read(page).grey
    for place in range(len(drawn_pages.LINES)):
        box = drawn_pages.line_box(place)
        assert drawn_pages.parts(after, box) == pytest.approx(drawn_pages.parts(plain, box), abs=3)


def test_ink_on_a_dark_page_is_not_blown_up() -> None:
    """A page of one dark tone, a photograph or a cover, is no paper in shadow: it stays dark."""
    dark = Image.new("RGB", (1240, 1754), (20, 20, 20))
    assert read(dark).grey.max() < 120
