"""A page counts as blank only when nothing but paper is on it; in doubt it stays."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from benchmarks.blank import is_blank
from benchmarks.blankset import BLANK, INKED
from pipeline.scans.bare import is_bare
from samples.fonts import typeface


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
