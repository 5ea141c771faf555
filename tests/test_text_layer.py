"""Which pages of a PDF may keep the text they bring, and the words of those."""

import io
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from domain.clock import now
from pipeline.recognition.text_layer import judge, judge_pages, read_text_layer
from signing.signer import open_signers
from tests import signing_case
from tests.written import LEADING, NOTICE, TOP, Drawn, lying, page, picture

# One sentence as old encodings, taken for Latin-1, spell it; and as an English recogniser reads it.
TCVN3 = ("Céng hoµ x· héi chñ nghÜa ViÖt Nam", "§éc lËp - Tù do - H¹nh phóc", "Uû ban nh©n d©n ph­êng") * 5
VNI = ("Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam", "Ñoäc laäp - Töï do - Haïnh phuùc", "UÛy ban nhaân daân") * 5
ENGLISH = ("CQNG HOA XA HQI CHU NGHIA VIET NAM", "DQc l@p - Tu do - Hanh phuc", "Uy ban nhan dan phucmg") * 5
GERMAN = (
    "Die Gemeinde hat den Antrag auf eine neue Wohnung in der Stadt geprüft",
    "und wird bis Ende März schreiben.",
) * 4


def put(folder: Path, content: bytes) -> Path:
    """The file with these bytes."""
    path = folder / "file.pdf"
    path.write_bytes(content)
    return path


@pytest.fixture(scope="module")
def scan() -> Image.Image:
    """The notice as a scanner gives it."""
    return picture()


def test_written_text_is_kept(tmp_path: Path) -> None:
    """Text that a program wrote and the page shows is kept."""
    assert judge(put(tmp_path, page()), 0) == "keep"


def test_written_text_in_another_language_is_kept(tmp_path: Path) -> None:
    """Visible text need not be Vietnamese."""
    assert judge(put(tmp_path, page(GERMAN, standard_font=True)), 0) == "keep"


def test_written_text_over_a_tinted_background_is_kept(tmp_path: Path) -> None:
    """An image that only tints the whole page does not make it a scan."""
    tint = Image.new("L", (620, 877), 235)
    assert judge(put(tmp_path, page(behind=tint)), 0) == "keep"


def test_a_scan_has_none(tmp_path: Path, scan: Image.Image) -> None:
    """A page that is only an image has no text."""
    assert judge(put(tmp_path, page((), behind=scan)), 0) == "none"


def test_an_empty_page_has_none(tmp_path: Path) -> None:
    """A page without anything has no text."""
    assert judge(put(tmp_path, page(())), 0) == "none"


def test_a_sound_hidden_layer_is_kept(tmp_path: Path, scan: Image.Image) -> None:
    """Hidden words that lie over the ink and read as Vietnamese are kept, with less confidence than written ones."""
    path = put(tmp_path, page(drawn="hidden", behind=scan))
    assert judge(path, 0) == "keep"
    assert {word.confidence for word in read_text_layer(path, 1).words} == {0.9}


def test_a_layer_under_the_image_is_hidden_too(tmp_path: Path, scan: Image.Image) -> None:
    """Text that the scan is drawn over is judged as a hidden layer, though it is not marked as one."""
    assert judge(put(tmp_path, page(over=scan)), 0) == "keep"
    assert judge(put(tmp_path, page(ENGLISH, over=scan)), 0) == "redo"


@pytest.mark.parametrize(
    ("lines", "drawn"),
    [(TCVN3, "hidden"), (VNI, "hidden"), (ENGLISH, "hidden"), (TCVN3, "visible"), (VNI, "visible")],
    ids=["tcvn3", "vni", "english", "written-tcvn3", "written-vni"],
)
def test_useless_text_is_done_again(tmp_path: Path, scan: Image.Image, lines: tuple[str, ...], drawn: Drawn) -> None:
    """Old encodings and another language's recogniser are done again; old encodings even where the page shows them."""
    behind = scan if drawn == "hidden" else None
    assert judge(put(tmp_path, page(lines, drawn=drawn, behind=behind, standard_font=True)), 0) == "redo"


def test_a_layer_with_few_words_is_done_again(tmp_path: Path, scan: Image.Image) -> None:
    """A hidden layer that covers only the head of the page is done again."""
    assert judge(put(tmp_path, page(NOTICE[:4], drawn="hidden", behind=scan)), 0) == "redo"


def test_a_head_over_a_scan_is_no_text_layer(tmp_path: Path) -> None:
    """A line that a program drew over a scan says nothing of the scan's own words."""
    blank_head = picture(("", "", *NOTICE[2:]))
    stamped = page(("Văn bản đến số 118 ngày 15 tháng 3", "Phòng Văn thư"), behind=blank_head)
    assert judge(put(tmp_path, stamped), 0) == "none"


def test_the_mark_of_a_signature_is_no_text_layer(tmp_path: Path) -> None:
    """A scan that was signed has visible words in its mark, and still no text."""
    with open_signers(signing_case.settings(tmp_path)) as signers:
        signed = signers.sign_copy(signing_case.paper(), now())
    assert judge(put(tmp_path, signed), 0) == "none"


def test_pages_are_judged_one_by_one(tmp_path: Path, scan: Image.Image) -> None:
    """A file may have pages of every kind."""
    whole = pikepdf.new()
    for content in (page(), page((), behind=scan), page(ENGLISH, drawn="hidden", behind=scan)):
        with pikepdf.open(io.BytesIO(content)) as single:
            whole.pages.extend(single.pages)
    whole.save(tmp_path / "file.pdf")
    assert judge_pages(tmp_path / "file.pdf") == ("keep", "none", "redo")


def test_words_lines_and_boxes(tmp_path: Path) -> None:
    """Every word comes once, composed, in its line, with a box around its place on the page."""
    reading = read_text_layer(put(tmp_path, page()), 1)
    assert reading.text.splitlines() == list(NOTICE)
    assert {word.confidence for word in reading.words} == {1.0}
    for place, line in enumerate(reading.lines()):
        baseline = 1 - (TOP - place * LEADING) / 842
        for word in line:
            left, top, right, bottom = word.box
            assert left < right
            assert top < baseline - 0.005 < bottom
            assert bottom - top < 0.025
    first = reading.words[0].box
    assert first[0] == pytest.approx(70 / 595, abs=0.01)


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_boxes_are_of_the_upright_page(tmp_path: Path, turn: int) -> None:
    """A page that lies turned in the file and is shown upright gives the words and boxes of the upright one."""
    upright = read_text_layer(put(tmp_path, page()), 1)
    turned = read_text_layer(put(tmp_path, lying(page(), turn)), 1)
    assert turned.text == upright.text
    for word, expected in zip(turned.words, upright.words, strict=True):
        assert word.box == pytest.approx(expected.box, abs=0.001)
