"""Marks cover nothing: on a page with ink in a corner they are moved, and where no place is free that is told."""

import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from numpy.typing import NDArray
from PIL import ImageDraw

from domain import clock
from pipeline.records import Conformed, File
from pipeline.scans.inspection import ink_of_first_page
from pipeline.stages.sign import sign
from services.context import Services
from signing.interface import MarkPlace, Signers
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
    """A mark over one line of text is moved just under it, on its own side."""
    places, _ = signed(signers, pdf_of(scan((25, 40, 600, 60))), tmp_path)
    assert (places[0].left, places[0].state) == (8.0, "moved")
    assert 60 / SCALE - 8 < places[0].top < 60 / SCALE + 8


def test_dust_and_tinted_paper_are_no_ink(signers: Signers, tmp_path: Path) -> None:
    """Yellowed paper and a speck of dust move no mark."""
    image = scan(paper="#e8dcc0")
    ImageDraw.Draw(image).ellipse((100, 50, 103, 53), "black")
    places, _ = signed(signers, pdf_of(image), tmp_path)
    assert states(places) == ["in_corner", "in_corner"]


def test_dark_edge_of_the_glass(signers: Signers, tmp_path: Path) -> None:
    """A black strip along the upper edge, wider than the margin, moves both marks below it: nobody could read them."""
    image = scan()
    ImageDraw.Draw(image).rectangle((0, 0, A4[0], 150), "black")
    places, _ = signed(signers, pdf_of(image), tmp_path)
    assert states(places) == ["moved", "moved"]
    assert all(place.top >= 150 / SCALE - 4 for place in places)


@pytest.fixture
def full(ctx: Services) -> Conformed:
    """A paper whose upper half is full of text."""
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
    return record.model_copy(update={"pdfa": pdf})


def test_no_free_place(full: Conformed, ctx: Services, caplog: pytest.LogCaptureFixture) -> None:
    """Where the upper half is full, both marks stay in the legal corners, as the record tells without a warning."""
    with caplog.at_level(logging.INFO, "khoso.sign"):
        found = sign(full, ctx)
    assert states(found.marks) == ["over_ink", "over_ink"]
    assert [(mark.left, mark.top) for mark in found.marks] == [(8.0, 8.0), (pytest.approx(367.2, abs=0.1), 8.0)]
    assert [record.getMessage() for record in caplog.records] == [
        "full: the mark SoHoa is over_ink",
        "full: the mark CoQuan is over_ink",
    ]
    assert {record.levelno for record in caplog.records} == {logging.INFO}
