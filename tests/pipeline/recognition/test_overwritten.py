"""Words that somebody struck or wrote over on a page that a program wrote."""

from pathlib import Path

import pytest

from config.settings import RecognitionSettings
from domain.readings import Word
from pipeline.recognition.engine import read_document
from tests.support.drawn_over import drawn_over, line_of, noted
from tests.support.written_pdfs import HEIGHT, NOTICE, WIDTH, page

FAST = RecognitionSettings(mode="fast")
NUMBER = NOTICE.index("Số: 45/TB-UBND")
PEN = b"0 0 0.7 RG 1.2 w "


def got(folder: Path, content: bytes) -> list[Word]:
    """The words of the page that are told to be struck or written over."""
    path = folder / "file.pdf"
    path.write_bytes(content)
    (reading,) = read_document(path, FAST).pages
    words = [reading.words[place] for place in reading.overwritten]
    assert all(word.confidence < 0.5 for word in words)
    return words


def stand_at(words: list[Word], x: float, y: float) -> bool:
    """Whether one of the words stands at this place, in points; a page read anew may spell it otherwise."""
    across, down = x / WIDTH, 1 - y / HEIGHT
    return any(word.box[0] <= across <= word.box[2] and word.box[1] <= down <= word.box[3] for word in words)


def stroke(*points: tuple[float, float]) -> bytes:
    """A pen's stroke through these points."""
    (x, y), *others = points
    return PEN + f"{x} {y} m ".encode() + b" ".join(f"{a} {b} l".encode() for a, b in others) + b" S"


X, Y = 70.0, line_of(NUMBER)
STRIKES = {
    "a line through a number": stroke((90, Y + 4), (150, Y + 5)),
    "a bar through a number": f"1 0 0 rg 92 {Y + 3.5} 30 1 re f".encode(),
    "a digit overdrawn": stroke((95, Y), (101, Y + 4), (95, Y + 8), (101, Y + 8), (95, Y + 2)),
    "a cross over a number": stroke((92, Y - 2), (120, Y + 11)) + stroke((92, Y + 11), (120, Y - 2)),
    "a digit in front": stroke((90, Y + 6), (91.5, Y + 9), (91.5, Y)),
    "a digit behind": stroke((170, Y), (176, Y + 4), (170, Y + 8), (176, Y + 8)),
    "digits above": stroke((98, Y + 12), (98, Y + 18), (104, Y + 18), (104, Y + 12)),
    "a name struck": stroke((115, line_of(15) + 3), (160, line_of(15) + 4)),
}
HARMLESS = {
    "an underline": f"0.6 w 70 {Y - 2} m 170 {Y - 2} l S",
    "a rule above": f"0.6 w 70 {Y + 14} m 170 {Y + 14} l S",
    "a dotted line to write on": f"[1 2] 0 d 0.6 w 70 {Y - 1.5} m 300 {Y - 1.5} l S",
    "a frame around": f"0.8 w 66 {Y - 5} 120 20 re S",
    "a table": f"0.5 w 60 {Y - 6} 420 22 re S 200 {Y - 40} m 200 {Y + 40} l S 60 {Y - 40} 420 90 re S",
    "a highlight": f"q 1 1 0 rg 70 {Y - 3} 110 15 re f Q",
    "a dark ground": f"q 0.3 0.3 0.5 rg 300 {Y - 10} 200 30 re f Q",
    "a box to tick": f"0.8 w 185 {Y} 9 9 re S",
    "a bullet": f"58 {Y + 2} 5 5 re f",
    "a large stamp beside": f"1 0 0 RG 2 w 230 {Y - 30} 90 60 re S 240 {Y - 20} m 300 {Y + 20} l S",
}


@pytest.mark.parametrize("name", STRIKES)
def test_what_is_struck_or_written_over_is_told(tmp_path: Path, name: str) -> None:
    """Strokes through a word, and of the size of letters in front, behind or above, leave it in doubt."""
    line = 15 if "name" in name else NUMBER
    assert stand_at(got(tmp_path, drawn_over(page(), STRIKES[name])), 125, line_of(line) + 3)


@pytest.mark.parametrize("name", HARMLESS)
def test_lines_and_grounds_are_no_strikes(tmp_path: Path, name: str) -> None:
    """Rules, frames, tints, ticks, bullets and stamps beside are what papers have."""
    under = name == "a highlight"
    assert got(tmp_path, drawn_over(page(), HARMLESS[name].encode(), under=under)) == []


def test_a_strike_that_is_a_note_is_told(tmp_path: Path) -> None:
    """An editor strikes by a note over the text, which readers draw."""
    assert stand_at(got(tmp_path, noted(page(), "/StrikeOut", (90, Y - 3, 170, Y + 10))), 125, Y + 3)
    assert got(tmp_path, noted(page(), "/Underline", (90, Y - 3, 170, Y + 10))) == []
    assert got(tmp_path, noted(page(), "/Highlight", (90, Y - 3, 170, Y + 10))) == []


def test_of_a_page_that_is_crossed_out_every_word_is_struck(tmp_path: Path) -> None:
    """Two lines across a page mean all of it."""
    cross = stroke((60, 300), (500, 800)) + stroke((60, 800), (500, 300))
    words = got(tmp_path, drawn_over(page(), cross))
    assert len(words) > 0.8 * len(" ".join(NOTICE).split())


def test_a_number_that_was_typed_above_another_later_is_told(tmp_path: Path) -> None:
    """A second number where no line has room for it leaves both in doubt."""
    typed = drawn_over(page(), b"", typed=((92, Y + 12, 9, "2291"),))
    assert stand_at(got(tmp_path, typed), 125, Y + 3)


def test_a_page_without_strokes_has_nothing_to_tell(tmp_path: Path) -> None:
    """Text alone is struck by nothing."""
    assert got(tmp_path, page()) == []
