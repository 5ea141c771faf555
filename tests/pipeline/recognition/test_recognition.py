"""Pages are read whichever way they lie; what cannot be read is told; text that is there is kept."""

import io
import subprocess
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

import numpy as np
import pikepdf
import pytest
from pikepdf import pdfa
from PIL import Image

from config.secrecy import load_secrecy
from config.settings import RecognitionSettings
from domain.readings import DocumentReading, PageReading
from pipeline.errors import ToolMissing
from pipeline.extraction import laid_out
from pipeline.recognition import page as page_module
from pipeline.recognition import tesseract as tesseract_module
from pipeline.recognition.engine import read_document, recognize_pdf
from pipeline.recognition.page import read_page
from pipeline.recognition.tesseract import ReadToken, Tesseract, tessdata, tesseract
from pipeline.scans.raster import Pages, Pixels, open_pages
from pipeline.secrecy.marks import find_secrecy
from pipeline.stages.describe import doubts_of_paper
from samples.generate import all_papers
from samples.layout import Sheet, lay_out
from samples.scanner import Scanner
from tests.conftest import program
from tests.support import drawn_pages, scans, written_pdfs

FAST = RecognitionSettings(mode="fast")
TURNS = (0, 90, 180, 270)
ENGLISH = ("CQNG HOA XA HQI CHU NGHIA VIET NAM", "DQc l@p - Tu do - Hanh phuc", "Uy ban nhan dan phucmg") * 5


class Case(NamedTuple):
    """A file before and after, what was read, and the printed words of its scanned pages."""

    before: Path
    after: Path
    reading: DocumentReading
    printed: tuple[str, ...]


def images(path: Path, *pages: Image.Image) -> Path:
    """A PDF of pages as they were drawn."""
    return scans.as_pdf(path, *(page.resize(_at_scan(page)) for page in pages))


def _at_scan(page: Image.Image) -> tuple[int, int]:
    return round(page.width * scans.DPI / drawn_pages.DPI), round(page.height * scans.DPI / drawn_pages.DPI)


def read(pdf: Path, settings: RecognitionSettings = FAST) -> PageReading:
    """What stands on the only page of a file."""
    with open_pages(pdf) as pages:
        return read_page(pages, 0, settings)


def joined(path: Path, *contents: bytes) -> Path:
    """The pages of these PDFs in one file."""
    with pikepdf.new() as whole:
        for content in contents:
            with pikepdf.open(io.BytesIO(content)) as single:
                whole.pages.extend(single.pages)
        whole.save(path)
    return path


def rendered(pdf: Path, index: int) -> Pixels:
    """A page as it is shown."""
    with open_pages(pdf) as pages:
        return pages.render(index, 50)


def text_by_pdftotext(pdf: Path, number: int) -> str:
    """The text of a page as another program finds it."""
    command = [program("pdftotext"), "-f", str(number), "-l", str(number), str(pdf), "-"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def found(printed: Sequence[str], text: str) -> float:
    """The share of the printed words that are in a text."""
    words = set(text.split())
    return sum(word in words for word in printed) / len(printed)


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """A sealed paper scanned four ways round, a page that a program wrote, a scan with a useless layer."""
    folder = tmp_path_factory.mktemp("recognition")
    paper = next(item for item in all_papers() if item.kind == "death_extract")
    random = Random(1)  # noqa: S311 (drawing)
    sheet = lay_out(paper, scans.DPI, random)[0]
    scan = Scanner().scan(sheet.image, random)
    turned = scans.as_pdf(folder / "turned.pdf", *(scan.rotate(turn, expand=True) for turn in TURNS))
    useless = written_pdfs.page(ENGLISH, drawn="hidden", behind=written_pdfs.picture(), standard_font=True)
    before = joined(folder / "before.pdf", turned.read_bytes(), written_pdfs.page(), useless)
    reading = recognize_pdf(before, folder / "after.pdf", FAST).reading
    return Case(before, folder / "after.pdf", reading, tuple(" ".join(sheet.lines).split()))


# Pages lie as they like.


def doubts_of(page: PageReading) -> tuple[str, ...]:
    """What speaks against a paper of this one page."""
    reading = DocumentReading(pages=(page,))
    return tuple(map(str, doubts_of_paper(reading, laid_out(reading))))


def secrecy_of(page: PageReading) -> str:
    """The degree of secrecy that surely stands on a page."""
    found = find_secrecy([page], load_secrecy())
    return found.degree if found and found.is_sure else ""


@pytest.mark.parametrize("number", range(1, 5), ids=map(str, TURNS))
def test_a_turned_page_comes_out_upright(case: Case, number: int) -> None:
    """A page is read and set upright whichever way it lay, and told by how much; its pixels are only turned."""
    page = case.reading.pages[number - 1]
    assert page.turn == TURNS[number - 1]
    assert found(case.printed, page.text) > 0.95
    upright = rendered(case.before, 0).astype(int)
    shown = rendered(case.after, number - 1)
    assert shown.shape == upright.shape
    assert np.abs(shown - upright).mean() < 2


@pytest.mark.parametrize("number", range(1, 5), ids=map(str, TURNS))
def test_other_programs_find_the_words_in_order(case: Case, number: int) -> None:
    """Pdftotext gives every line with its words in order, whichever way the page lay."""
    text = text_by_pdftotext(case.after, number)
    lines = [line.split() for line in case.reading.pages[number - 1].text.splitlines()]
    got = " ".join(text.split())
    assert all(" ".join(line) in got for line in lines)


def test_nothing_visible_changes(case: Case) -> None:
    """A page that lay right looks exactly as before, and so does one that a program wrote."""
    for index in (0, 4):
        assert np.array_equal(rendered(case.after, index), rendered(case.before, index))


def test_the_result_can_be_proven_pdfa(case: Case) -> None:
    """The text layer uses nothing that PDF/A-2b forbids."""
    scans = io.BytesIO()
    with pikepdf.open(case.after) as pdf:
        del pdf.pages[4:]
        pdfa.save(pdf, scans, "2b")
    assert pdfa.validate_written(scans, "2b").verdict == "pass"


# Text that is there.


def test_written_pages_keep_their_text(case: Case) -> None:
    """What a program wrote is taken as it stands and not read: every letter is right, and nothing is laid over it."""
    page = case.reading.pages[4]
    assert page.text.splitlines() == list(written_pdfs.NOTICE)
    assert {word.confidence for word in page.words} == {1.0}
    assert page.coverage is None
    assert text_by_pdftotext(case.after, 5).split() == text_by_pdftotext(case.before, 5).split()


def test_a_useless_layer_is_replaced(case: Case) -> None:
    """Hidden text that is no Vietnamese goes, and what stands on the page comes in its place."""
    assert "CQNG" in text_by_pdftotext(case.before, 6)
    text = text_by_pdftotext(case.after, 6)
    assert "CQNG" not in text
    assert found(" ".join(written_pdfs.NOTICE).split(), text) > 0.95


def test_a_file_with_sound_text_stays_as_it_is(tmp_path: Path) -> None:
    """Where no page needs reading, the file is the same, byte for byte."""
    before = joined(tmp_path / "before.pdf", written_pdfs.page())
    recognize_pdf(before, tmp_path / "after.pdf", FAST)
    assert (tmp_path / "after.pdf").read_bytes() == before.read_bytes()


def test_reading_leaves_the_file_alone(tmp_path: Path) -> None:
    """A paper that arrived signed is only read."""
    before = joined(tmp_path / "before.pdf", written_pdfs.page())
    content = before.read_bytes()
    assert read_document(before, FAST).text.splitlines() == list(written_pdfs.NOTICE)
    assert before.read_bytes() == content
    assert list(tmp_path.iterdir()) == [before]


# Stamps.


@pytest.mark.parametrize("mode", ["fast", "accurate"])
def test_a_secrecy_stamp_holds_the_paper(tmp_path: Path, mode: str) -> None:
    """A red stamp in a frame stops the paper (law L2.2)."""
    page = drawn_pages.sheet().image
    drawn_pages.frame(page, "MẬT", 30, 15)
    reading = read(images(tmp_path / "stamped.pdf", page), RecognitionSettings.model_validate({"mode": mode}))
    assert secrecy_of(reading) == "MẬT"


def test_a_stamp_that_is_one_mark_is_read_by_itself(tmp_path: Path) -> None:
    """Letters that run into the rule of their stamp fade with it, and are read all the same."""
    page = drawn_pages.sheet().image
    drawn_pages.underlined(page, "MAT", 34, 22)
    reading = read(images(tmp_path / "stamped.pdf", page))
    assert secrecy_of(reading) == "MẬT"


@pytest.mark.parametrize("text", ["MẬT", "TỐI MẬT", "TUYỆT MẬT"])
@pytest.mark.parametrize("degrees", [0.0, -3.0])
@pytest.mark.parametrize("top_mm", [12.0, 62.0], ids=["on paper", "over type"])
def test_a_stamp_of_8_mm_is_read_askew_and_over_type(tmp_path: Path, text: str, degrees: float, top_mm: float) -> None:
    """A secrecy stamp 8 mm high, whose letters do not touch its frame, holds the paper wherever it was pressed."""
    page = drawn_pages.sheet().image
    drawn_pages.pressed(page, text, 35, top_mm, degrees)
    reading = read(images(tmp_path / "stamped.pdf", page))
    found = find_secrecy([reading], load_secrecy())
    assert found is not None
    assert (found.degree, found.page) == (text, 1)


def test_a_paper_without_a_stamp_is_not_held(tmp_path: Path) -> None:
    """Nothing speaks against a plain page."""
    reading = read(images(tmp_path / "plain.pdf", drawn_pages.sheet().image))
    assert doubts_of(reading) == ()


@pytest.mark.parametrize("text", ["MẬT", "MẤT", "MẶT", "MAT", "MÂT", "MÁT", "MẠT"])
def test_every_tone_of_the_stamp_holds_the_paper(text: str) -> None:
    """The recogniser gives the A of a faded stamp any tone: each of them is the stamp (law 4B zone 10a)."""
    reading = PageReading.model_validate(
        {
            "number": 1,
            "words": [
                {"text": text, "box": (0.2, 0.1, 0.3, 0.12), "confidence": 0.6, "line": 0},
                {"text": "Kính", "box": (0.2, 0.2, 0.25, 0.22), "confidence": 0.95, "line": 1},
            ],
        }
    )
    assert secrecy_of(reading) == "MẬT"


# Lines that page segmentation drops.


class Forgetful(Tesseract):
    """A recogniser that drops the third line of a page, as page segmentation does at times."""

    def read(self, grey: Pixels, dpi: float, seconds: float) -> tuple[ReadToken, ...] | None:
        """All words but those of the third line."""
        return tuple(word for word in super().read(grey, dpi, seconds) or () if word.line != 2)


def test_a_dropped_line_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line that was dropped comes back in its place, and the lines count from top to bottom."""
    pdf = images(tmp_path / "page.pdf", drawn_pages.sheet().image)
    monkeypatch.setattr(page_module, "tesseract", Forgetful)
    reading = read(pdf)
    assert [line.split()[:3] for line in reading.text.splitlines()] == [line.split()[:3] for line in drawn_pages.LINES]
    assert found(drawn_pages.LINES[2].split(), reading.text.splitlines()[2]) > 0.9
    assert sorted({word.line for word in reading.words}) == list(range(6))
    assert reading.coverage is not None
    assert reading.coverage > 0.95


# Limits.


def test_a_page_that_takes_too_long_is_told(tmp_path: Path) -> None:
    """The page that exceeds the limit has a fault and no words, the other ones are read, and a person is asked."""
    dense = Sheet(drawn_pages.DPI)
    for row in range(80):
        dense.write(" ".join(drawn_pages.LINES[:3])[:150], 8, 15 + row * 3.4, dense.font(7), "ls")
    before = images(tmp_path / "before.pdf", dense.image, drawn_pages.sheet(drawn_pages.LINES[:1]).image)
    hurried = FAST.model_copy(update={"page_time_limit_s": 1})  # below what settings allow
    reading = recognize_pdf(before, tmp_path / "after.pdf", hurried).reading
    slow, quick = reading.pages
    assert slow.words == ()
    assert str(slow.fault) == "it could not be read within 1 s"
    assert quick.fault is None
    assert quick.text == drawn_pages.LINES[0]
    assert any(
        str(doubt).startswith("page_unreadable: pages 1 (it") for doubt in doubts_of_paper(reading, laid_out(reading))
    )
    with open_pages(tmp_path / "after.pdf") as pages:
        assert len(pages) == 2


class Watched(Pages):
    """Pages that remember how many pixels were drawn of them."""

    drawn = 0

    def render(self, index: int, dpi: float, turn: int = 0) -> Pixels:
        """The page, as ever."""
        pixels = super().render(index, dpi, turn)
        self.drawn = max(self.drawn, pixels.shape[0] * pixels.shape[1])
        return pixels


def test_a_poster_is_read_at_fewer_dots(tmp_path: Path) -> None:
    """A page larger than A2 is drawn with no more pixels than one of A2 has, and its words are found all the same."""
    poster = drawn_pages.sheet(drawn_pages.LINES).image
    path = tmp_path / "poster.pdf"
    stream = io.BytesIO()
    poster.save(stream, "PDF", resolution=drawn_pages.DPI / 4)  # A0, 33 by 47 inches
    path.write_bytes(stream.getvalue())
    with open_pages(path) as pages:
        watched = Watched(pages._document)
        assert watched.pixels(0, drawn_pages.DPI) > 30_000_000
        reading = read_page(watched, 0, FAST)
    assert 11_000_000 < watched.drawn < 12_100_000
    assert found(" ".join(drawn_pages.LINES).split(), reading.text) > 0.9


def test_an_empty_page_has_no_words(tmp_path: Path) -> None:
    """Nothing is read where nothing stands, and nothing is missing."""
    reading = read(images(tmp_path / "empty.pdf", drawn_pages.sheet(()).image))
    assert (reading.words, reading.coverage, reading.fault) == ((), 1.0, None)


# Models.


def test_a_missing_model_is_named() -> None:
    """Without a model nothing is read: the error names the model, and `doctor` as the way out."""
    with pytest.raises(ToolMissing, match="'Atlantean'") as error:
        tesseract("vie+Atlantean")
    assert "doctor" in error.value.advice


def test_missing_models_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without Tesseract's Vietnamese model says so."""
    monkeypatch.setattr(tesseract_module, "_FOLDERS", (f"{tmp_path}/*/tessdata", str(tmp_path)))
    with pytest.raises(ToolMissing, match="Vietnamese"):
        tessdata.__wrapped__()
