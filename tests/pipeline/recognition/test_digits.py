"""The digits of a long number have the ink of what they were read as, or the number is not taken for sure."""

from pathlib import Path
from random import Random

import cv2
import numpy as np
import pytest
from PIL import Image

from config.settings import RecognitionSettings
from pipeline.recognition.digits.shapes import odd_numbers
from pipeline.recognition.engine import read_document
from pipeline.recognition.tesseract import ReadToken
from samples.generate import all_papers
from samples.layout import Sheet, lay_out
from tests.support.damage import damaged
from tests.support.scans import as_pdf

NUMBER = "048164093275"
LINES = ("Ngày, tháng, năm sinh: 26/07/1964, số 185/2023, ngày 30/04/2018", f"Số định danh cá nhân: {NUMBER}")
DPI, READ = 200, 150


def drawn() -> Sheet:
    """Two lines with numbers."""
    sheet = Sheet(DPI)
    font = sheet.font(13)
    for row, line in enumerate(LINES):
        sheet.write_spread([(word, font) for word in line.split()], 30, 40 + 8 * row, font.getlength(" "))
    return sheet


def tokens(sheet: Sheet, read_as: str) -> list[ReadToken]:
    """The words where they stand, the number as somebody read it."""
    scale = READ / sheet.dpi
    found = []
    for word, (x, base), font in sheet.words:
        left, top, right, bottom = font.getbbox(word, anchor="ls")
        box = tuple(round(side * scale) for side in (x + left, base + top, x + right, base + bottom))
        text = word.replace(NUMBER, read_as)
        found.append(ReadToken(text, (box[0], box[1], box[2], box[3]), 0.95, int(base)))
    return found


def is_odd(picture: Image.Image, read_as: str = NUMBER) -> bool:
    """Whether the number is doubted when it was read so."""
    words = tokens(drawn(), read_as)
    grey = np.asarray(picture.convert("L"), np.uint8)
    small = cv2.resize(grey, None, fx=READ / DPI, fy=READ / DPI, interpolation=cv2.INTER_AREA)
    place = next(i for i, word in enumerate(words) if word.text == read_as)
    return odd_numbers(words, np.asarray(small, np.uint8), [[place]]) == (place,)


def test_a_sound_number_is_not_doubted() -> None:
    """Each of its digits is like the same digit elsewhere, or like print."""
    assert not is_odd(drawn().image)


@pytest.mark.parametrize(
    ("place", "how", "read"),
    [(2, "left", "3"), (2, "bows", "3"), (2, "hole", "3"), (2, "right", "6"),
     (0, "top", "6"), (0, "bottom", "9"), (3, "bottom", "7"),
     (1, "left", "1"), (4, "top", "5"), (7, "left", "3"), (7, "bottom", "7"), (8, "blot", "9"), (10, "top", "1"),
     (11, "right", "6"), (9, "fold", "7"), (2, "fold", "0"), (4, "blot", "8"), (0, "fold", "8")],
)  # fmt: skip
def test_a_damaged_digit_is_not_taken_for_another(place: int, how: str, read: str) -> None:
    """Erased, holed, folded and blotted digits have not the whole ink of the digit that they were taken for."""
    assert is_odd(damaged(drawn(), NUMBER, place, how), NUMBER[:place] + read + NUMBER[place + 1 :])


@pytest.mark.parametrize("read", ["0", "3", "6", "9"])
def test_a_sound_digit_that_was_read_as_another_is_doubted(read: str) -> None:
    """An 8 has not the ink of what is like it."""
    assert is_odd(drawn().image, NUMBER.replace("8", read))


def test_what_cannot_be_parted_into_digits_is_not_judged() -> None:
    """A word with other signs than blanks part, and a place without ink."""
    words = tokens(drawn(), NUMBER)
    place = next(i for i, word in enumerate(words) if word.text == NUMBER)
    left, top, right, _ = words[place].box
    white = np.full((600, 1300), 255, np.uint8)
    assert odd_numbers(words, white, [[place]]) == ()
    tiny = [ReadToken(NUMBER, (left, top, right, top + 4), 0.9, 1)]
    assert odd_numbers(tiny, white, [[0]]) == ()


@pytest.mark.parametrize(("how", "odd"), [("", []), ("left", ["043079009143"])])
def test_a_page_tells_which_number_has_a_damaged_digit(how: str, odd: list[str], tmp_path: Path) -> None:
    """A permit as it is read, sound, and with an 8 without its left part, that two readers take for a 3."""
    paper = next(item for item in all_papers() if item.kind == "construction_permit")
    assert paper.owner_id
    sheet = lay_out(paper, DPI, Random(1))[0]  # noqa: S311  a drawing, no secret
    picture = damaged(sheet, paper.owner_id, 2, how) if how else sheet.image
    (page,) = read_document(as_pdf(tmp_path / "a.pdf", picture), RecognitionSettings(mode="fast")).pages
    assert [page.words[place].text for place in page.unlike] == odd
    assert set(page.unlike) <= set(page.alike)
