"""Which way a page lies and how far it leans, from its picture alone."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pipeline.recognition.upright import lean, lies_on_side, straighten
from pipeline.scans.raster import Pixels
from tests.support import drawn_pages
from tests.support.scans import paper


@cache
def page() -> Image.Image:
    """Six lines, as they were printed."""
    return drawn_pages.sheet().image


@pytest.mark.parametrize("kind", ["notice", "birth_certificate", "application_form"])
@pytest.mark.parametrize("askew", [-3, 0, 3])
def test_lines_up_and_down_are_told_from_lines_across(kind: str, askew: float) -> None:
    """A page lies on its side after a quarter turn either way, and not upright or on its head, even askew."""
    scan = drawn_pages.grey(drawn_pages.askew(paper(kind).resize((1240, 1754)), askew))
    assert [lies_on_side(np.rot90(scan, quarters).copy()) for quarters in range(4)] == [False, True, False, True]


@settings(max_examples=20)
@given(degrees=st.floats(-3, 3))
def test_lean_is_measured(degrees: float) -> None:
    """The lean of lines is found within 0.3 degrees, positive when they fall to the right."""
    assert lean(drawn_pages.grey(drawn_pages.askew(page(), degrees))) == pytest.approx(degrees, abs=0.3)


def test_a_page_with_hardly_any_ink_leans_nowhere() -> None:
    """Specks have no lines: the lean is 0."""
    empty = np.full((1754, 1240), 250, np.uint8)
    empty[800:803, 300:302] = 0
    assert lean(empty) == 0.0


@pytest.mark.parametrize("degrees", [-2.5, 2.5])
def test_straighten_takes_the_lean_away(degrees: float) -> None:
    """A page turned back by its lean has level lines, keeps its size, and gets corners of paper."""
    tinted: Pixels = np.minimum(drawn_pages.grey(drawn_pages.askew(page(), degrees)), 230).astype(np.uint8)
    straight = straighten(tinted, degrees)
    assert straight.shape == tinted.shape
    assert abs(lean(straight)) <= 0.15
    assert {int(straight[y, x]) for y in (0, -1) for x in (0, -1)} == {230}


@pytest.mark.parametrize("shape", [(22, 2400), (2400, 22), (30, 30)])
def test_a_strip_lies_somehow(shape: tuple[int, int]) -> None:
    """A page lower than its margins in the small picture is looked at like any other."""
    strip = np.full(shape, 250, np.uint8)
    strip[8:14, 8:20] = 0
    assert lies_on_side(strip) in {False, True}
    assert lean(strip) == 0.0
