"""The text layer: invisible words where they are printed, as other programs find them."""

import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

from domain.readings import PageReading, Word
from pipeline.recognition.layer import write_layer
from pipeline.scans.raster import open_pages
from tests.conftest import program

WIDTH, HEIGHT = 595.0, 842.0
ROWS = (("Số:", "45/TB-UBND"), ("ỦY", "BAN", "NHÂN", "DÂN"), ("Nguyễn", "Thị", "Thu", "Hà"))


def reading(lean: float = 0.0) -> PageReading:
    """Three lines; each word stands ``lean`` of the page lower than the one before it."""
    words = []
    for line, row in enumerate(ROWS):
        left, top = 0.1, 0.1 + 0.05 * line
        for text in row:
            right = left + 0.014 * len(text)
            words.append(Word(text=text, box=(left, top, right, top + 0.015), confidence=0.9, line=line))
            left, top = right + 0.008, top + lean
    return PageReading(number=1, words=tuple(words))


def pdftotext(pdf: Path, *options: str) -> str:
    """What another program finds."""
    return subprocess.run(
        [program("pdftotext"), *options, str(pdf), "-"], capture_output=True, text=True, check=True
    ).stdout


@pytest.mark.parametrize("lean", [0.0, 0.006, -0.006], ids=["level", "falling", "rising"])
def test_words_come_in_their_lines_and_order(tmp_path: Path, lean: float) -> None:
    """Every line is one line with its words apart and in order, on a leaning page too."""
    write_layer(reading(lean), WIDTH, HEIGHT, tmp_path / "layer.pdf")
    got = [line for line in pdftotext(tmp_path / "layer.pdf").strip().splitlines() if line]
    assert got == [" ".join(row) for row in ROWS]


def test_words_stand_where_they_are_printed(tmp_path: Path) -> None:
    """A word that is found is marked where it was read: to 1 % of the page."""
    write_layer(reading(), WIDTH, HEIGHT, tmp_path / "layer.pdf")
    box = r'xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*?)</word>'
    got = re.findall(box, pdftotext(tmp_path / "layer.pdf", "-bbox"))
    words = reading().words
    assert [text for *_, text in got] == [word.text for word in words]
    for (left, top, _, bottom, _), word in zip(got, words, strict=True):
        assert float(left) / WIDTH == pytest.approx(word.box[0], abs=0.01)
        assert (float(top) + float(bottom)) / 2 / HEIGHT == pytest.approx((word.box[1] + word.box[3]) / 2, abs=0.01)


def test_nothing_of_it_is_seen(tmp_path: Path) -> None:
    """The page of the layer has its size and is white all over."""
    write_layer(reading(), WIDTH, HEIGHT, tmp_path / "layer.pdf")
    with open_pages(tmp_path / "layer.pdf") as pages:
        shown = pages.render(0, 72)
    assert shown.shape == (HEIGHT, WIDTH, 3)
    assert np.unique(shown).tolist() == [255]


def test_a_page_without_words_has_an_empty_layer(tmp_path: Path) -> None:
    """Where nothing was read nothing is said."""
    write_layer(PageReading(number=1, words=()), WIDTH, HEIGHT, tmp_path / "layer.pdf")
    assert pdftotext(tmp_path / "layer.pdf").strip() == ""


def test_words_on_top_of_each_other_are_all_there(tmp_path: Path) -> None:
    """A line that was read from right to left, or a box without width, loses no word and breaks no number."""
    boxes = ((0.5, 0.1, 0.5, 0.12), (0.2, 0.1, 0.3, 0.12), (0.2, 0.1, 0.3, 0.1))
    words = tuple(Word(text=text, box=box, confidence=0.9, line=0) for text, box in zip("ẤÀÃ", boxes, strict=True))
    write_layer(PageReading(number=1, words=words), WIDTH, HEIGHT, tmp_path / "layer.pdf")
    assert sorted(re.sub(r"\s", "", pdftotext(tmp_path / "layer.pdf"))) == sorted("ẤÀÃ")
