"""The second reader of accurate mode: what it may change, what it never touches, and where its model comes from."""

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.settings import RecognitionSettings
from domain.errors import SetupError
from domain.readings import PageReading
from pipeline.recognition.language import bare, fitness
from pipeline.recognition.page import read_page
from pipeline.recognition.second import SecondReader, second_reader, settle
from pipeline.recognition.tesseract import ReadToken, tesseract
from pipeline.scans.raster import Pixels, open_pages
from tests.support import drawn_pages, scans

PRINTED = ("Ủy ban nhân dân quyết nghị", "zqxwv 45/TB giấy")
QUYET, ZQXWV, CODE = 4, 6, 7  # places of the words


@pytest.fixture(scope="module")
def reader() -> SecondReader:
    """The model of the requirements."""
    found = second_reader()
    assert found is not None, "install requirements.txt"
    return found


@pytest.fixture(scope="module")
def grey() -> Pixels:
    """Two printed lines."""
    return drawn_pages.grey(drawn_pages.sheet(PRINTED).image)


@pytest.fixture(scope="module")
def words(grey: Pixels) -> tuple[ReadToken, ...]:
    """The words of the two lines, all of them sure."""
    found = tesseract("vie").read(grey, drawn_pages.DPI, 60)
    assert found is not None
    assert [word.text for word in found] == " ".join(PRINTED).split()
    return tuple(word._replace(confidence=0.99) for word in found)


@pytest.fixture
def _fresh() -> Iterator[None]:
    """The model is looked for anew, and again after the test."""
    second_reader.cache_clear()
    yield
    second_reader.cache_clear()


def misread(words: tuple[ReadToken, ...], place: int, text: str, confidence: float) -> tuple[ReadToken, ...]:
    """The words, one of them read otherwise."""
    return (*words[:place], words[place]._replace(text=text, confidence=confidence), *words[place + 1 :])


# Settling.


def test_a_doubted_word_is_mended(words: tuple[ReadToken, ...], grey: Pixels, reader: SecondReader) -> None:
    """A word without its tone gets it, is never sure after that, and both readings are kept; no other word changes."""
    result, (settled,), *_ = settle(misread(words, QUYET, "quyêt", 0.7), grey, reader)
    assert [word.text for word in result] == [word.text for word in words]
    assert result[QUYET].confidence <= 0.96
    assert result[QUYET].box == words[QUYET].box
    assert settled.model_dump() == {
        "word": QUYET,
        "first": "quyêt",
        "second": "quyết",
        "chosen": "second",
        "written": "",
    }


def test_the_first_reading_may_win(words: tuple[ReadToken, ...], grey: Pixels, reader: SecondReader) -> None:
    """Where the second reading is no word, the first one stays as sure as it was; both readings are kept."""
    before = misread(words, ZQXWV, "giấy", 0.9)
    result, (settled,), *_ = settle(before, grey, reader)
    assert result == before
    assert (settled.word, settled.first, settled.chosen) == (ZQXWV, "giấy", "first")
    assert settled.second.lower() == "zqxwv"


def test_the_same_word_is_not_settled(words: tuple[ReadToken, ...], grey: Pixels, reader: SecondReader) -> None:
    """Two readers that agree, but for signs at the end and capitals, leave everything as it is."""
    before = misread(words, QUYET, "Quyết,", 0.5)
    assert settle(before, grey, reader)[:3] == (before, (), ())


def test_sure_words_are_never_touched(words: tuple[ReadToken, ...], grey: Pixels, reader: SecondReader) -> None:
    """What Tesseract is sure of stays, though the second reader reads another word there."""
    before = misread(words, QUYET, "quyêt", 0.97)
    assert settle(before, grey, reader)[:3] == (before, (), ())


CODES = ("45/TB-UBND", "215/2019", "12/9", "01-9", "2026", "TP.H17", "G15", "UBND-VP", "M2", "7", "…", "(12)")
NUMBERS = ("048219001275", "0401234567", "0401234567-001")


@pytest.mark.parametrize("text", [*CODES, *NUMBERS])
def test_numbers_codes_and_dates_are_never_touched(
    text: str, words: tuple[ReadToken, ...], grey: Pixels, reader: SecondReader
) -> None:
    """A number or a code stays, however little Tesseract is sure of it and whatever else is read there."""
    before = misread(words, QUYET, text, 0.01)
    result, settled, *_ = settle(before, grey, reader)
    assert result == before
    assert all(item.chosen == "first" for item in settled)


@pytest.mark.parametrize("text", NUMBERS)
def test_a_long_number_read_otherwise_is_told(
    text: str, words: tuple[ReadToken, ...], grey: Pixels, reader: SecondReader
) -> None:
    """The other reading of an identity or tax number is kept beside it, though Tesseract is sure."""
    _, (settled,), *_ = settle(misread(words, QUYET, text, 0.99), grey, reader)
    assert (settled.word, settled.first, settled.second) == (QUYET, text, "quyết")


@pytest.mark.parametrize("text", CODES)
def test_short_numbers_and_codes_are_not_read_again(
    text: str, words: tuple[ReadToken, ...], grey: Pixels, reader: SecondReader
) -> None:
    """What has fewer digits than a tax number says nothing about a person: it is left alone."""
    assert settle(misread(words, QUYET, text, 0.01), grey, reader)[1] == ()


def test_no_word_becomes_a_number(words: tuple[ReadToken, ...], grey: Pixels, reader: SecondReader) -> None:
    """Digits that the second reader sees take the place of no word."""
    left, top, right, bottom = words[CODE].box
    assert reader.read(grey[top - 3 : bottom + 3, left - 3 : right + 3]).text == "45/TB"
    before = misread(words, CODE, "asim", 0.01)
    assert settle(before, grey, reader)[:3] == (before, (), ())


def test_numbers_that_both_read_alike_are_told(reader: SecondReader) -> None:
    """A number in one word or in groups, each of its words; not one that Tesseract has otherwise, nor a short one."""
    picture = drawn_pages.grey(drawn_pages.sheet(("số 048171010951 cấp", "số 048 171 010 951 cấp", "số 215 cấp")).image)
    words = tesseract("vie").read(picture, drawn_pages.DPI, 60)
    assert words is not None
    numbers = [i for i, word in enumerate(words) if word.text.isdecimal() and word.text != "215"]
    assert [words[i].text for i in numbers] == ["048171010951", "048", "171", "010", "951"]
    assert settle(words, picture, reader).alike == tuple(numbers)
    assert settle(words, picture, reader, numbers_only=True)[:3] == (words, (), tuple(numbers))
    assert settle(misread(words, numbers[-1], "957", 0.99), picture, reader).alike == (numbers[0],)
    assert settle(words, picture, reader, faded=numbers).alike == ()


# Words that stand beside each other.


def test_a_known_pair_fits_better_than_a_known_word_and_that_better_than_none() -> None:
    """Each neighbour that a word is known beside counts 1, a word that is known 0.5."""
    assert fitness("ban", "nhân", "dân") == 2.5
    assert fitness("ban", "nhân", "zq") == 1.5
    assert fitness("zq", "nhân", "zq") == 0.5
    assert fitness("ban", "zq", "dân") == 0.0


def test_a_word_is_compared_without_its_signs() -> None:
    """Capitals, quotes and stops count for nothing, and letters are composed."""
    assert bare("“Nghi\u0323,”") == bare("NGHỊ.") == "nghị"


# A whole page.


@pytest.fixture(scope="module")
def blurred(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of small type from a poor scanner, whose tone marks run into the letters."""
    page = drawn_pages.sheet().image
    small = page.resize((page.width * 5 // 12, page.height * 5 // 12)).resize((1654, 2339))
    return scans.as_pdf(tmp_path_factory.mktemp("second") / "blurred.pdf", small)


def read(pdf: Path) -> PageReading:
    """The page in accurate mode."""
    with open_pages(pdf) as pages:
        return read_page(pages, 0, RecognitionSettings(mode="accurate"))


def test_both_readings_are_kept_with_the_page(blurred: Path) -> None:
    """Each settled word of a page is told by its place, and the page shows the reading that won."""
    page = read(blurred)
    assert any(item.first != item.second for item in page.settled)
    for item in page.settled:
        readings = {"first": item.first, "second": item.second, "context": item.written}
        assert page.words[item.word].text == readings[item.chosen]
        assert item.first != item.second or item.written not in ("", item.first)


# The model.


@pytest.mark.usefixtures("_fresh")
def test_without_the_model_accurate_mode_says_so_and_goes_on(
    blurred: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A machine without the model reads the page with Tesseract alone; the log tells it once, not on each page."""
    monkeypatch.setattr(sys, "path", [str(tmp_path)])  # where installed packages are looked for
    with caplog.at_level(logging.WARNING, "khoso.recognition"):
        pages = [read(blurred), read(blurred)]
    assert all(page.words and all(item.first == item.second for item in page.settled) for page in pages)
    (message,) = caplog.messages
    assert "asterocr" in message


@pytest.mark.usefixtures("_fresh")
@pytest.mark.parametrize("changed", ["asternet.onnx", "vocab.json"])
def test_another_model_is_refused(changed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model or an alphabet other than the one that was measured is not loaded; the error says what to install."""
    installed = Path(str(sys.modules["onnxruntime"].__file__)).parent.parent / "asterocr" / "assets"
    (tmp_path / "asterocr-1.0.2.dist-info").mkdir()
    (tmp_path / "asterocr-1.0.2.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: asterocr\n")
    (tmp_path / "asterocr" / "assets").mkdir(parents=True)
    for name in ("asternet.onnx", "vocab.json"):
        content = (installed / name).read_bytes()
        (tmp_path / "asterocr" / "assets" / name).write_bytes(content + b" " * (name == changed))
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    with pytest.raises(SetupError, match=changed) as error:
        second_reader()
    assert "requirements.txt" in error.value.advice


def test_nothing_is_reported_to_the_maker_of_the_runtime(tmp_path: Path) -> None:
    """With a fresh home the second reader leaves nothing in it: no device id, no store of events."""
    reads = "from pipeline.recognition.second import second_reader; assert second_reader()"
    got = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    environment = {**got, "HOME": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run([sys.executable, "-c", reads], check=True, env=environment, cwd=Path(__file__).parents[3])
    assert list(tmp_path.rglob("*")) == []
