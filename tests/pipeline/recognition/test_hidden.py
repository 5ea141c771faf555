"""A hidden text layer is taken off a page word by word, and nothing that is seen goes with it."""

from pathlib import Path

import numpy as np
import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from domain.readings import PageReading, Word
from pipeline.ladder.ladder import climb
from pipeline.ladder.likeness import BOUND, document_similarity
from pipeline.recognition.engine import lay_down
from pipeline.scans.hidden import draw_more
from pipeline.scans.raster import open_pages
from tests.support.coded_pages import jpeg, page_of, picture
from tests.support.drawn_pages import read_pages

READ = PageReading(number=1, words=(Word(text="read", box=(0.2, 0.2, 0.3, 0.22), confidence=0.9, line=0),))
HELVETICA = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding)
SEEN, UNSEEN = b"100 400 Td (KEEP) Tj ", b"0 -40 Td (DROP) Tj "
MIXED = {
    "seen, then hidden": b"BT /F 40 Tf " + SEEN + b"3 Tr " + UNSEEN + b"ET",
    "hidden, then seen": b"BT /F 40 Tf 3 Tr 100 440 Td (DROP) Tj 0 Tr 0 -40 Td (KEEP) Tj ET",
    "several times": b"BT /F 40 Tf " + SEEN + b"3 Tr " + UNSEEN + b"0 Tr 0 -40 Td (KEEP) Tj 3 Tr " + UNSEEN + b"ET",
    "hidden before the text object": b"3 Tr q BT /F 40 Tf 0 Tr " + SEEN + b"ET Q BT /F 40 Tf " + UNSEEN + b"ET",
    "line by line": b"BT /F 40 Tf 50 TL 100 500 Td 3 Tr (DROP) ' 2 1 (DROP) \" 0 Tr (KEEP) ' 3 Tr ET",
    "within a form": b"/Form Do",
    "the form is hidden": b"q 3 Tr /Plain Do Q BT /F 40 Tf " + SEEN + b"ET",
}


def made(path: Path, orders: bytes) -> Path:
    """A scan of one page over which this is drawn."""
    with pikepdf.new() as pdf:
        page = page_of(pdf, jpeg(picture()))
        inside = {"/Form": MIXED["seen, then hidden"], "/Plain": b"BT /F 40 Tf 100 300 Td (DROP) Tj ET"}
        for name, content in inside.items():
            page.Resources.XObject[name] = pdf.make_stream(
                content, Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 595, 842]),
                Resources=Dictionary(Font=Dictionary(F=HELVETICA)),
            )  # fmt: skip
        page.Resources.Font = Dictionary(F=HELVETICA)
        page.Contents = pdf.make_stream(b"q " + page.Contents.read_bytes() + b" Q 0.8 0 0 rg " + orders)
        pdf.save(path)
    return path


@pytest.mark.parametrize("way", MIXED)
def test_only_what_is_hidden_is_taken_off(tmp_path: Path, way: str) -> None:
    """The page with its new text shows, dot for dot, what it showed, and holds no hidden word but the new ones."""
    scan = made(tmp_path / "scan.pdf", MIXED[way])
    lay_down(scan, tmp_path / "laid.pdf", {1: READ})
    with open_pages(scan) as before, open_pages(tmp_path / "laid.pdf") as after:
        shown = before.render(0, 75)
        assert (shown[..., 0].astype(int) - shown[..., 1] > 150).sum() > 100, "red words"
        assert np.array_equal(shown, after.render(0, 75))
    (text,) = read_pages(tmp_path / "laid.pdf")
    assert ("KEEP" in text, "DROP" in text, "read" in text) == (True, False, True)


def test_a_copy_that_lost_visible_words_is_not_taken(tmp_path: Path) -> None:
    """Where the file with its new text looks otherwise than the original, the next rung begins from the original."""
    scan = made(tmp_path / "scan.pdf", MIXED["seen, then hidden"])
    lost = made(tmp_path / "lost.pdf", b"")
    for number, (searchable, is_taken) in enumerate([(lost, False), (made(tmp_path / "plain.pdf", b""), True)]):
        folder = tmp_path / str(number)
        folder.mkdir()
        original = scan if searchable == lost else searchable
        found = climb(original, searchable, (READ,), frozenset({1}), folder)
        assert (found.step == "as_it_is") == is_taken
        with open_pages(original) as pages:
            assert document_similarity(pages, found.pdf, (0,)) >= BOUND


def test_only_pages_that_show_more_than_pictures_are_compared(tmp_path: Path) -> None:
    """A scan, alone or with a hidden layer, costs no comparison."""
    hidden = b"BT 3 Tr /F 40 Tf " + SEEN + b"ET"
    more = [bool(draw_more(made(tmp_path / "scan.pdf", orders), {1})) for orders in (b"", hidden, *MIXED.values())]
    assert more == [False, False, *[True] * len(MIXED)]
    assert draw_more(made(tmp_path / "scan.pdf", b"9 9 99 99 re f"), {1}) == {1}
