"""Ink that no word covers: how much of it there is, and which lines it makes."""

import numpy as np
import pytest
from PIL import ImageDraw

from pipeline.recognition.coverage import Letters, coverage, letters_of, missing_lines
from pipeline.recognition.ink import to_read
from pipeline.recognition.tesseract import ReadToken
from tests.support import drawn_pages


def page(lines: tuple[str, ...] = drawn_pages.LINES) -> Letters:
    """The letters of a drawn page."""
    return letters_of(to_read(drawn_pages.pixels(drawn_pages.sheet(lines).image), drawn_pages.DPI), drawn_pages.DPI)


def words(*places: int) -> list[ReadToken]:
    """A word over the whole of each of these lines."""
    return [ReadToken(drawn_pages.LINES[place], drawn_pages.line_box(place), 0.95, place) for place in places]


@pytest.fixture(scope="module")
def letters() -> Letters:
    """The letters of six lines."""
    return page()


def test_a_page_without_letters_is_covered() -> None:
    """Nothing that could be read is missing on an empty page."""
    assert coverage(page(()), []) == 1.0


def test_coverage_is_the_share_of_letters_under_words(letters: Letters) -> None:
    """All words cover all, none nothing; each line left out takes its share."""
    found = [coverage(letters, words(*range(count))) for count in range(7)]
    assert found[0] == 0.0
    assert found[6] == 1.0
    assert found == sorted(found)
    assert np.diff(found) == pytest.approx(1 / 6, abs=0.04)


def test_dirt_at_the_edge_and_rules_are_no_letters() -> None:
    """A punch hole, the shadow of the edge and a long rule count for nothing; the same dot on the page does."""
    image = drawn_pages.sheet().image
    draw = ImageDraw.Draw(image)
    draw.ellipse((5, 800, 25, 820), fill="black")
    draw.rectangle((1230, 0, 1240, 1754), fill="black")
    draw.rectangle((200, 700, 900, 706), fill="black")
    dirty = letters_of(to_read(drawn_pages.pixels(image), drawn_pages.DPI), drawn_pages.DPI)
    assert coverage(dirty, words(*range(6))) == 1.0
    draw.ellipse((605, 800, 625, 820), fill="black")
    dotted = letters_of(to_read(drawn_pages.pixels(image), drawn_pages.DPI), drawn_pages.DPI)
    assert coverage(dotted, words(*range(6))) < 1.0


def test_marks_are_no_letters() -> None:
    """What stands where a mark was faded is not missed."""
    ink = to_read(drawn_pages.pixels(drawn_pages.sheet().image), drawn_pages.DPI)
    left, top, right, bottom = drawn_pages.line_box(2)
    marks = np.zeros(ink.marks.shape, bool)
    marks[top:bottom, left:right] = True
    assert coverage(letters_of(ink._replace(marks=marks), drawn_pages.DPI), words(0, 1, 3, 4, 5)) == 1.0


def test_a_line_without_words_is_missing(letters: Letters) -> None:
    """The box of a line that no word covers is found, and no other."""
    (box,) = missing_lines(letters, words(0, 1, 3, 4, 5))
    left, top, _, bottom = drawn_pages.line_box(2)
    _, across = np.nonzero(letters.ink[top:bottom])
    assert box[0] == pytest.approx(left, abs=12)
    assert box[2] == pytest.approx(across.max(), abs=12)
    assert top - 8 <= box[1] < box[3] <= bottom + 8


def test_nothing_is_missing_where_words_are(letters: Letters) -> None:
    """A page whose words were all read misses no line; nor does one without letters."""
    assert missing_lines(letters, words(*range(6))) == []
    assert missing_lines(page(()), []) == []


def test_two_letters_are_no_line() -> None:
    """A number in the margin of a form is too little to be read as a line."""
    assert missing_lines(page(("12",)), []) == []
    assert len(missing_lines(page(("12 tháng 3",)), [])) == 1
