"""Marks cover nothing: on a page with ink in a corner they are moved, and where no place is free that is told."""

import logging
import math
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from domain import clock
from domain.readings import DocumentReading
from pipeline.records import Conformed, File
from pipeline.scans.inspection import ink_of_first_page
from pipeline.stages.sign import sign
from services.context import Services
from signing.interface import MarkPlace, Signers
from signing.marks.ink import HeadingPart
from signing.signer import open_signers
from tests.support.inked_pages import A4, SCALE, pdf_of, scan
from tests.support.signing_papers import settings

AT = clock.now()
LEFT, RIGHT = (25, 25, 420, 120), (860, 25, 1215, 120)  # about where the marks' texts stand


@pytest.fixture(scope="module")
def signers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Signers]:
    """Development keys."""
    with open_signers(settings(tmp_path_factory.mktemp("placement"))) as opened:
        yield opened


def shown(pdf: bytes) -> NDArray[np.bool_]:
    """What is dark on page one as a reader shows it, at 150 dpi of an A4 page."""
    with pypdfium2.PdfDocument(pdf) as document:
        document.init_forms()
        page = document[0]
        picture = page.render(scale=A4[0] / page.get_width()).to_pil().convert("L")
        page.close()
    return np.asarray(picture) < 140


def signed(signers: Signers, pdf: bytes, folder: Path) -> tuple[tuple[MarkPlace, ...], bytes]:
    """Where the marks go, and the paper with both."""
    path = folder / "paper.pdf"
    path.write_bytes(pdf)
    places = signers.place_marks(pdf, ink_of_first_page(path))
    return places, signers.seal(signers.sign_copy(pdf, AT, places), AT)


def states(places: tuple[MarkPlace, ...]) -> list[str]:
    """How the officer's and the agency's mark stand."""
    assert [place.field for place in places] == ["SoHoa", "CoQuan"]
    return [place.state for place in places]


@pytest.mark.parametrize(
    "geometry", [{}, {"turn": 90}, {"turn": 180}, {"turn": 270, "crop": 90}, {"crop": 60}, {"unit": 2}], ids=str
)
@pytest.mark.parametrize(
    ("blots", "message"),
    [
        ((), ["in_corner", "in_corner"]),
        ((LEFT,), ["moved", "in_corner"]),
        ((RIGHT,), ["in_corner", "moved"]),
        ((LEFT, RIGHT), ["moved", "moved"]),
    ],
    ids=["white", "left", "right", "both"],
)
def test_nothing_is_covered(
    signers: Signers,
    tmp_path: Path,
    geometry: dict[str, int],
    blots: tuple[tuple[int, int, int, int], ...],
    message: list[str],
) -> None:
    """However the page lies, is cropped or scaled, a mark leaves an inked corner and no letter of it meets ink."""
    pdf = pdf_of(scan(*blots), **geometry)
    places, sealed = signed(signers, pdf, tmp_path)
    assert states(places) == message
    before, after = shown(pdf), shown(sealed)
    drawn = after & ~before
    assert drawn.any()
    height, width = drawn.shape
    for place, half in zip(places, np.hsplit(drawn[:, : width // 2 * 2], 2), strict=True):
        rows = np.flatnonzero(half.any(axis=1)) / SCALE
        assert place.top < rows[0] < place.top + 6
        assert rows[-1] < height / 2 / SCALE
    for x, y, right, bottom in blots:
        assert not drawn[y:bottom, x:right].any()
        assert before[y:bottom, x:right].any()


def test_moves_no_further_than_needed(signers: Signers, tmp_path: Path) -> None:
    """A mark over one line of text is moved just under it, in its corner all the same."""
    places, _ = signed(signers, pdf_of(scan((25, 40, 600, 60))), tmp_path)
    assert states(places) == ["in_corner", "in_corner"]
    assert places[0].left == pytest.approx(8, abs=0.5)
    assert 52 / SCALE + 5 < places[0].top < 52 / SCALE + 9


def test_one_line_above_the_print(signers: Signers, tmp_path: Path) -> None:
    """Where only a strip above the print is free, a mark is set in one line, and goes no lower."""
    places, _ = signed(signers, pdf_of(scan((0, 52, A4[0], 1200))), tmp_path)
    assert places[0].state == "in_corner"
    assert places[0].top + places[0].height < 52 / SCALE
    assert places[0].height < 20


def test_inside_a_frame(signers: Signers, tmp_path: Path) -> None:
    """Within the frame of a certificate, too near to the edge for a line above it, both marks stand in its corners."""
    image = scan()
    ImageDraw.Draw(image).rectangle((30, 30, A4[0] - 30, A4[1] - 30), outline="black", width=6)
    places, _ = signed(signers, pdf_of(image), tmp_path)
    assert states(places) == ["in_corner", "in_corner"]
    assert all(36 / SCALE < place.top < 36 / SCALE + 10 for place in places)


def test_not_read_as_one_line_with_print(signers: Signers, tmp_path: Path) -> None:
    """A place between rows of print is not taken while one at the page's edge is free, though it is farther."""
    image = scan((0, 0, 700, 40), (0, 120, 700, 1000))
    places, _ = signed(signers, pdf_of(image), tmp_path)
    assert places[1].left > 700 / SCALE
    assert places[1].top < 10


def test_the_heading_is_never_covered(signers: Signers) -> None:
    """Where nothing is free, the least ink is covered, but not the heading, however pale it is."""
    ink = np.ones((877, 620), np.bool_)
    ink[60:130] = False
    ink[60:130, ::5] = True
    heading = [HeadingPart(0, 60 / 877, 1, 130 / 877)]
    pdf = pdf_of(scan())
    for known, is_covered in (((), True), (heading, False)):
        places = signers.place_marks(pdf, ink, heading=known)
        assert states(places) == ["over_ink", "over_ink"]
        overlaps = [place.top + place.height > 60 * 842 / 877 and place.top < 130 * 842 / 877 for place in places]
        assert overlaps == [is_covered, is_covered]


@given(data=st.data())
def test_no_ink_is_covered_where_a_place_is_free(signers: Signers, data: st.DataObject) -> None:
    """Whatever is printed, marks cover none of it unless they say so, never meet, and stay in the upper third."""
    width, height = data.draw(st.sampled_from([(595, 842), (842, 595), (420, 595), (595, 420), (300, 300)]))
    ink = np.zeros((round(height * 75 / 72), round(width * 75 / 72)), np.bool_)
    side = st.integers(0, 100)
    for x, y, right, bottom in data.draw(st.lists(st.tuples(side, side, side, side), max_size=12)):
        rows = slice(min(y, bottom) * height // 200, max(y, bottom) * height // 200)
        ink[rows, min(x, right) * width // 100 : max(x, right) * width // 100] = True
    places = signers.place_marks(blank(width, height), ink)
    for place in places:
        assert place.left >= 2
        assert place.top >= 2
        assert place.left + place.width <= width - 2
        assert place.top + place.height <= height / 3 + 1
        across, down = ink.shape[1] / width, ink.shape[0] / height
        rows = slice(int((place.top + 0.02) * down), math.ceil((place.top + place.height - 0.02) * down))
        columns = slice(int((place.left + 0.02) * across), math.ceil((place.left + place.width - 0.02) * across))
        covered = ink[rows, columns]
        assert covered.any() == (place.state == "over_ink")
    first, second = places
    assert (
        first.left + first.width < second.left
        or second.left + second.width < first.left
        or first.top + first.height < second.top
        or second.top + second.height < first.top
    )


@cache
def blank(width: int, height: int) -> bytes:
    """A white page of a size in points."""
    return pdf_of(Image.new("RGB", (width, height), "white"), dpi=72)


def test_dust_and_tinted_paper_are_no_ink(signers: Signers, tmp_path: Path) -> None:
    """Yellowed paper and a speck of dust move no mark."""
    image = scan(paper="#e8dcc0")
    ImageDraw.Draw(image).ellipse((100, 50, 103, 53), "black")
    places, _ = signed(signers, pdf_of(image), tmp_path)
    assert states(places) == ["in_corner", "in_corner"]


def test_dark_edge_of_the_glass(signers: Signers, tmp_path: Path) -> None:
    """A black strip along the upper edge, wide enough for a mark, moves both below it: nobody could read them."""
    image = scan()
    ImageDraw.Draw(image).rectangle((0, 0, A4[0], 150), "black")
    places, _ = signed(signers, pdf_of(image), tmp_path)
    assert states(places) == ["moved", "moved"]
    assert all(place.top >= 150 / SCALE - 4 for place in places)


@pytest.fixture
def full(ctx: Services) -> Conformed:
    """A paper whose upper half is full of text that nobody could read."""
    nothing = File(name="", sha256="")
    record = Conformed(
        document_id="full",
        batch_id="test",
        source="full.pdf",
        media="pdf",
        scan=nothing,
        received_at=AT,
        pdf=nothing,
        pages=1,
        dpi=150,
        searchable=nothing,
        words=nothing,
        text=nothing,
        confidence=1.0,
        pdfa=nothing,
    )
    pdf = ctx.write(record, "pdfa.pdf", pdf_of(scan((0, 0, A4[0], 1000))))
    words = ctx.write(record, "words.json", DocumentReading(pages=()).model_dump_json().encode())
    return record.model_copy(update={"pdfa": pdf, "words": words})


def test_no_free_place(full: Conformed, ctx: Services, caplog: pytest.LogCaptureFixture) -> None:
    """Where the upper third is full, both marks cover little near their corners, and record and log tell it."""
    with caplog.at_level(logging.INFO, "khoso.sign"):
        found = sign(full, ctx)
    assert states(found.marks) == ["over_ink", "over_ink"]
    assert all(mark.top < 20 for mark in found.marks)
    assert [record.getMessage() for record in caplog.records] == [
        "full: the mark SoHoa is over_ink",
        "full: the mark CoQuan is over_ink",
    ]
    assert {record.levelno for record in caplog.records} == {logging.INFO}
