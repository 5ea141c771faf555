"""Number and day by hand: what both readers find likeliest of all that may stand there is proposed, and never sure."""

import logging
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random

import numpy as np
import pytest

from config.settings import RecognitionSettings
from domain.errors import SetupError
from domain.readings import PageReading
from pipeline.recognition.context.posterior import Posterior
from pipeline.recognition.header.symbols import likely_ends
from pipeline.recognition.header.templates import scored_days, scored_numbers
from pipeline.recognition.header.third import third_reader
from pipeline.recognition.header.trellis import Steps, Ways
from pipeline.recognition.header.zone import lines_of
from pipeline.recognition.page import read_page
from pipeline.recognition.second import second_reader
from pipeline.recognition.tesseract import ReadToken
from pipeline.scans.raster import open_pages
from samples.handwriting import HANDS
from samples.layout import lay_out
from samples.letters import correspondence
from samples.papers import Paper
from samples.scanner import Scanner

FAST = RecognitionSettings(mode="fast")
REVIEWED = 0.75
LETTERS = "\0" + "Sốs: 0123456789/QĐngàythán năm"


def notice(number: str, day: date) -> Paper:
    """A letter whose number and day are filled in by hand."""
    letter = next(paper for paper in correspondence() if paper.agency)
    symbol = (letter.number or "").lstrip("0123456789")
    return replace(letter, number=f"{number}{symbol}", issued=day, hand=HANDS["careful"])


def read(paper: Paper, folder: Path, seed: int = 1) -> PageReading:
    """Its first page, scanned and read."""
    random = Random(seed)  # noqa: S311  a drawing, no secret
    scanner = Scanner("pdf", dpi=200, grey=True)
    scanner.write([scanner.scan(lay_out(paper, 200, random)[0].image, random)], folder / "page.pdf")
    with open_pages(folder / "page.pdf") as pages:
        return read_page(pages, 0, FAST)


def token(text: str, left: int, top: int = 100) -> ReadToken:
    """A word of 25 pixels' height."""
    return ReadToken(text, (left, top, left + 14 * len(text), top + 25), 0.9, top)


@pytest.fixture
def _alone() -> Iterator[None]:
    """The models are looked for anew, and again after the test."""
    for reader in (second_reader, third_reader):
        reader.cache_clear()
    yield
    for reader in (second_reader, third_reader):
        reader.cache_clear()


def steps_of(random: np.random.Generator, count: int) -> tuple[Steps, Posterior]:
    """Any probabilities of the letters, in which spaces and leaders have no part."""
    places = {letter: place for place, letter in enumerate(dict.fromkeys(LETTERS)) if place and letter != " "}
    seen = random.dirichlet(np.full(len(places) + 2, 0.3), count)
    logs = np.log(seen + 1e-9).astype(np.float32)
    return Steps.of(logs, places), Posterior(logs, places)


def test_a_number_is_as_likely_among_thousands_as_alone() -> None:
    """The shared beginnings give the sums that each text has by itself."""
    steps, alone = steps_of(np.random.default_rng(1), 12)
    ways = Ways.start(steps, anywhere=False).then(steps, "123").then(steps, "5")
    found = ways.ending(steps, ("/QĐ", "/"), anything_behind=False)
    texts = [text + end for text in ways.texts for end in ("/QĐ", "/")]
    assert np.allclose(np.log(found.ravel()), alone.log_of(texts), rtol=1e-4)
    assert np.allclose(np.log(ways.whole()), alone.log_of(ways.texts), rtol=1e-4)


@pytest.mark.parametrize(
    ("number", "day"), [("47", date(2024, 11, 3)), ("1382", date(2023, 5, 27)), ("6", date(2025, 8, 14))]
)
def test_a_number_and_a_day_by_hand_are_proposed(number: str, day: date, tmp_path: Path) -> None:
    """What was written into the printed lines comes back as a proposal that a person confirms."""
    paper = notice(number, day)
    page = read(paper, tmp_path)
    assert [item.text for item in page.numbers] == [paper.number]
    assert [item.text for item in page.days] == [day.isoformat()]
    assert all(item.confidence < REVIEWED for item in (*page.numbers, *page.days))


def test_print_that_was_read_is_not_asked_about_again(tmp_path: Path) -> None:
    """Lines whose words are sure have no proposals, and cost nothing."""
    page = read(replace(notice("47", date(2024, 11, 3)), hand=None), tmp_path)
    assert not page.numbers
    assert not page.days


@pytest.mark.usefixtures("_alone")
def test_without_the_readers_nothing_is_proposed_and_the_log_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A machine without both models reads the paper all the same."""
    monkeypatch.setattr(sys, "path", [str(tmp_path)])  # where installed packages are looked for
    with caplog.at_level(logging.WARNING, "khoso.recognition"):
        page = read(notice("47", date(2024, 11, 3)), tmp_path)
    assert page.words
    assert not page.numbers
    assert not page.days
    assert any("third reader" in message for message in caplog.messages)


@pytest.mark.usefixtures("_alone")
def test_another_model_of_the_third_reader_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model other than the one that was measured is not loaded."""
    (tmp_path / "trueocr-0.1.1.dist-info").mkdir()
    (tmp_path / "trueocr-0.1.1.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: trueocr\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    with pytest.raises(SetupError, match=r"rec\.onnx"):
        third_reader()


def test_one_reader_alone_proposes_with_less_confidence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the third reader the second one proposes, at most at one half."""
    monkeypatch.setattr("pipeline.recognition.header.stated.third_reader", lambda: None)
    page = read(notice("47", date(2024, 11, 3)), tmp_path)
    assert page.days
    assert all(item.confidence <= 0.5 for item in (*page.numbers, *page.days))


def test_a_free_place_is_no_number() -> None:
    """Where nothing is written, nothing is the likeliest."""
    places = {letter: place for place, letter in enumerate(dict.fromkeys(LETTERS)) if place}
    logs = np.full((24, len(places) + 1), np.log(1e-6), np.float32)
    logs[:, 0] = np.log(0.5)
    for step, letter in zip(range(1, 24, 3), "Số:/QĐ", strict=False):
        logs[step] = np.log(1e-6)
        logs[step, places[letter]] = np.log(0.99)
    found = scored_numbers(Steps.of(logs, places), ("/QĐ",), is_cut=True)
    assert found.rows[int(found.logs[:, 0].argmax())] == ""


def test_no_day_is_outside_the_calendar() -> None:
    """The thirtieth of February is not among the days, and each day is there once."""
    steps, _ = steps_of(np.random.default_rng(2), 30)
    found = scored_days(steps, [2023, 2024])
    assert len(found.rows) == 365 + 366
    assert "2023-02-29" not in found.rows
    assert "2024-02-29" in found.rows


@pytest.mark.parametrize(
    "words",
    [
        ("SỞ", "Y", "TẾ"),
        ("Căn", "cứ", "Số", "12/QĐ"),
        ("theo", "số", "12/QĐ-UBND"),
        ("ngày", "3", "tháng", "5", "năm", "2024", "của", "Bộ"),
        ("trong", "tháng", "này"),
    ],
)
def test_what_looks_like_a_line_of_number_or_day_and_is_none(words: tuple[str, ...]) -> None:
    """Names of agencies and what is cited are no such lines."""
    left, row = 100, []
    for word in words:
        row.append(token(word, left))
        left += 14 * len(word) + 10
    assert list(lines_of(row, 1240, 1754)) == []


def test_the_line_ends_with_its_symbol() -> None:
    """What stands in the column beside belongs to the other line."""
    row = [token("Số:", 100), token("|Z", 160), token("/QĐ-UBND", 210), token("Đà", 600), token("Nẵng,", 640)]
    row += [token("ngày", 730), token("7", 800), token("tháng", 850), token("năm", 960), token("2024", 1010)]
    number, day = lines_of(row, 1240, 1754)
    assert (number.kind, number.end) == ("number", "/QĐ-UBND")
    assert number.box[2] < 600
    assert (day.kind, day.end) == ("day", "2024")
    assert 700 < day.box[0] <= 730


def test_a_symbol_that_lost_its_bar_may_have_it_again() -> None:
    """The symbol as it was read stands first; known ones that are near are asked for, too."""
    assert likely_ends("/QD-UBND")[0] == "/QD-UBND"
    assert "/QĐ-UBND" in likely_ends("/QD-UBND")
    assert likely_ends("/2019") == ("/2019",)
    assert {"/QĐ-UBND", "/STP", "/TB-STP", "/1998", ""} <= set(likely_ends(""))
