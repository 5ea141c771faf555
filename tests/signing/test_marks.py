"""The marks stand upright in the visible top corners of page one, whatever the page's geometry."""

from collections.abc import Iterable
from io import BytesIO
from itertools import pairwise
from typing import Any

import numpy as np
import pikepdf
import pypdfium2
import pytest
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from domain import clock
from signing.errors import CannotSign
from signing.interface import MarkPlace, Signers
from signing.marks.fonts.build import LETTERS, VIETNAMESE
from signing.marks.marks import HEIGHT, MARGIN, Corner, Rect, Text, VisiblePage
from signing.marks.placement import MarkedPage, in_corners
from signing.marks.setting import FONT_SIZE, MOST_LINES, arrangements, in_box, plainest
from signing.marks.typeface import FONT_FILE, text_width
from signing.signer import open_signers
from tests.support.signing_papers import paper, settings

AT = clock.now()
LINES = ("SAO Y", "Bộ phận Tiếp nhận và Trả kết quả phường Hải Châu", "2026-01-31T09:05:07+07:00")
NOTICE = "Khóa thử nghiệm (DEVELOPMENT ONLY)"
A4 = [0, 0, 595, 842]
A4_TURNED = [0, 0, 842, 595]


@pytest.fixture(scope="module")
def signers(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Development keys."""
    with open_signers(settings(tmp_path_factory.mktemp("marks"))) as opened:
        yield opened


def ink(pdf: bytes) -> NDArray[np.float64]:
    """Page one as a reader shows it at 144 dpi of its nominal size: 1 is black, 0 is white."""
    with pypdfium2.PdfDocument(pdf) as document:
        document.init_forms()
        page = document[0]
        grey = np.asarray(page.render(scale=1190 / page.get_width()).to_pil().convert("L"), dtype=np.float64)
        page.close()
    return 1 - grey / 255


def sealed(signers: Signers, **page: object) -> NDArray[np.float64]:
    """The picture of a paper with both marks."""
    blank = paper(**page, Contents=[])
    return ink(signers.seal(signers.sign_copy(blank, AT), AT))


def corner_box(page: VisiblePage, corner: Corner) -> Rect:
    """The box of a mark that nothing keeps from its corner."""
    (place,) = in_corners(MarkedPage(page, None), [("CoQuan", Text(LINES, corner))])
    return page.mark_box(place.left, place.top, place.width, place.height)


def bands(picture: NDArray[np.float64]) -> int:
    """How many lines of text the picture holds: runs of rows with ink."""
    inked = [row.max() > 0.5 for row in picture]
    return sum(now and not before for before, now in pairwise([False, *inked]))


@pytest.fixture(scope="module")
def upright(signers: Signers) -> NDArray[np.float64]:
    """The picture of an ordinary A4 page."""
    return sealed(signers, MediaBox=A4)


def test_ordinary_page(upright: NDArray[np.float64]) -> None:
    """On A4 the copy mark hugs the left and the seal mark the right margin at the top; the rest stays white."""
    scale = upright.shape[1] / 595
    bottom = int((MARGIN + HEIGHT + 2) * scale)
    left, right = np.hsplit(upright[:bottom], 2)
    assert (upright[bottom:] < 0.1).all()
    for half in (left, np.fliplr(right)):
        edge = int(np.flatnonzero(half.max(axis=0) > 0.5)[0]) / scale
        assert MARGIN - 1 < edge < MARGIN + 2
    assert bands(left) >= 3
    assert bands(right) >= 4


@pytest.mark.parametrize(
    "page",
    [
        {"MediaBox": A4_TURNED, "Rotate": 90},
        {"MediaBox": A4, "Rotate": 180},
        {"MediaBox": A4_TURNED, "Rotate": 270},
        {"MediaBox": A4_TURNED, "Rotate": -90},
        {"MediaBox": [-100, 50, 495, 892]},
        {"MediaBox": [495, 892, -100, 50]},
        {"MediaBox": [0, 0, 900, 900], "CropBox": [100, 20, 695, 862]},
        {"MediaBox": [0, 0, 900, 900], "CropBox": [20, 100, 862, 695], "Rotate": 90},
        {"MediaBox": [0, 0, 900, 900], "CropBox": [20, 100, 862, 695], "Rotate": 270},
    ],
    ids=str,
)
def test_same_picture(signers: Signers, upright: NDArray[np.float64], page: dict[str, object]) -> None:
    """A page that a reader shows as A4 shows the same marks as an ordinary A4 page, whatever boxes and turn it has."""
    picture = sealed(signers, **page)
    assert picture.shape == upright.shape
    assert np.abs(picture - upright).mean() < 0.15 * upright.mean()


def test_user_unit() -> None:
    """On a page whose unit is two points, the mark has the same size on paper and half as many units."""
    pages = VisiblePage(Rect(0, 0, 600, 800)), VisiblePage(Rect(0, 0, 300, 400), unit=2)
    plain, double = (corner_box(page, "right") for page in pages)
    assert double == pytest.approx([number / 2 for number in plain])


def test_small_page(signers: Signers) -> None:
    """On a page as small as an identity card both marks still fit side by side, in proportion."""
    picture = sealed(signers, MediaBox=[0, 0, 243, 153])
    left, right = np.hsplit(picture, 2)
    assert bands(left) >= 3
    assert bands(right) >= 4


def test_page_too_small(signers: Signers) -> None:
    """A page too small for a mark is held, and the remedy speaks of its size; one of 3 cm is signed."""
    with pytest.raises(CannotSign, match="too small") as caught:
        signers.sign_copy(paper(MediaBox=[0, 0, 40, 50]), AT)
    assert "on a sheet of A4" in str(caught.value.advice)
    assert signers.sign_copy(paper(MediaBox=[0, 0, 86, 120]), AT)


@given(
    x=st.floats(-2000, 2000),
    y=st.floats(-2000, 2000),
    width=st.floats(150, 3000),
    height=st.floats(150, 3000),
    rotate=st.sampled_from([0, 90, 180, 270]),
    unit=st.sampled_from([0.5, 1.0, 2.0, 10.0]),
)
def test_boxes(x: float, y: float, width: float, height: float, rotate: int, unit: float) -> None:
    """Both boxes lie inside the visible page, keep the mark's shape, do not meet, and never reach past a half of it."""
    box = Rect(x, y, x + width / unit, y + height / unit)
    page = VisiblePage(box, rotate, unit)
    left, right = corner_box(page, "left"), corner_box(page, "right")
    for mark in (left, right):
        assert box.left < mark.left < mark.right < box.right
        assert box.bottom < mark.bottom < mark.top < box.top
        across, down = mark.right - mark.left, mark.top - mark.bottom
        if rotate in {90, 270}:
            across, down = down, across
        assert across * unit < page.size[0] / 2
        assert down * unit < page.size[1] / 2
    assert left.right < right.left or right.right < left.left or left.top < right.bottom or right.top < left.bottom


def letters(lines: Iterable[str]) -> str:
    """What is written, but for blanks and the dash that joins lines."""
    return "".join("".join(lines).split()).replace("–", "")


@given(lines=st.lists(st.text(alphabet=LETTERS, max_size=90), max_size=5), width=st.floats(100, 600))
def test_text_fits(lines: list[str], width: float) -> None:
    """Wrapped text stays inside its box and loses no letter; text that is too long is an error."""
    try:
        setting = plainest(lines, NOTICE, width)
    except CannotSign:
        assert sum(map(len, lines)) > 60
        return
    assert all(text_width(line) * setting.size <= setting.width + 1e-6 for line in setting.lines)
    assert setting.width <= max(width, setting.notice_width) + 0.1
    assert len(setting.lines) * setting.size < setting.height
    assert letters(setting.lines) == letters(lines)


@given(
    lines=st.lists(st.text(alphabet=LETTERS, min_size=1, max_size=40).filter(str.strip), min_size=1, max_size=4),
    notice=st.sampled_from(["", NOTICE]),
)
def test_arrangements(lines: list[str], notice: str) -> None:
    """Every arrangement has all letters at the size of the law, and its box alone tells how it is set."""
    for setting in arrangements(tuple(lines), notice):
        assert setting.size == FONT_SIZE
        assert len(setting.lines) <= MOST_LINES
        assert letters(setting.lines) == letters(lines)
        again = in_box(lines, notice, setting.width, setting.height)
        assert again.size == FONT_SIZE
        assert again.height == pytest.approx(setting.height, abs=0.1)
        assert all(text_width(line) * FONT_SIZE <= setting.width + 1e-6 for line in again.lines)


def test_settings_of_a_seal() -> None:
    """An agency's mark is set in three lines, in four narrower ones, or as one run in one to four."""
    settings = [setting.lines for setting in arrangements(LINES, NOTICE)]
    assert LINES in settings
    assert ("SAO Y – Bộ phận Tiếp nhận và Trả kết quả phường Hải Châu – 2026-01-31T09:05:07+07:00",) in settings
    assert ("SAO Y", "Bộ phận Tiếp nhận và Trả", "kết quả phường Hải Châu", LINES[2]) in settings


def test_a_field_of_before() -> None:
    """A field that was left with the former fixed size is filled within it."""
    setting = in_box(LINES, NOTICE, 220, 58)
    assert setting.lines == LINES
    assert (setting.width, setting.size) == (220, FONT_SIZE)
    assert setting.height < 58


def test_the_field_of_the_seal(signers: Signers) -> None:
    """The empty field of the seal is as large as its mark, and the seal changes neither its box nor its form's."""
    places = signers.place_marks(paper(), None)
    copy = signers.sign_copy(paper(), AT, places)
    before, after = (fields(pdf)["CoQuan"] for pdf in (copy, signers.seal(copy, AT)))
    assert before == after
    left, bottom, right, top = before[0]
    assert (right - left, top - bottom) == pytest.approx((places[1].width, places[1].height), abs=0.01)
    assert before[1][2:] == pytest.approx((places[1].width, places[1].height), abs=0.01)


def test_a_copy_of_before_is_sealed(signers: Signers) -> None:
    """A copy whose marks stand in boxes of the former fixed size is sealed within them."""
    places = [
        MarkPlace(field=field, left=left, top=8, width=220, height=58)
        for field, left in (("SoHoa", 8), ("CoQuan", 367))
    ]
    blank = paper(MediaBox=A4, Contents=[])
    copy = signers.sign_copy(blank, AT, places)
    sealed = signers.seal(copy, AT)
    assert fields(copy) == fields(sealed)
    drawn = ink(sealed) - ink(copy) > 0.5
    rows, columns = np.nonzero(drawn)
    assert 8 * 2 <= rows.min() < rows.max() <= 66 * 2
    assert 367 * 2 <= columns.min() < columns.max() <= 587 * 2 + 1
    assert bands(ink(sealed) * drawn) == 3


def fields(pdf: bytes) -> dict[str, tuple[list[float], list[float]]]:
    """The boxes of the fields, and those of what is drawn in them."""
    with pikepdf.open(BytesIO(pdf)) as document:
        return {
            str(field.T): ([float(x) for x in field.Rect], [float(x) for x in field.AP.N.BBox])
            for field in document.Root.AcroForm.Fields
        }


def test_decomposed_letters() -> None:
    """Letters written with combining accents are drawn as the composed ones."""
    assert plainest(["Nguye\u0302\u0303n"], "", 220).lines == ("Nguyễn",)


def test_missing_letter() -> None:
    """A letter that the font lacks is an error, never an empty box on the page."""
    with pytest.raises(CannotSign, match="no letter"):
        plainest(["公安"], "", 220)


def test_font() -> None:
    """The shipped font has 1000 units per em, every Vietnamese letter, and a name that is not reserved."""
    with TTFont(FONT_FILE) as font:
        assert font["head"].unitsPerEm == 1000
        assert set(map(ord, VIETNAMESE)) <= set(font.getBestCmap())
        assert "Liberation" not in str(font["name"].getDebugName(4))
