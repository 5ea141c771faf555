"""Which pages of a PDF may keep the text they bring, and the words of those."""

import io
from collections.abc import Callable
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from PIL import Image

from config.settings import RecognitionSettings
from domain.clock import now
from domain.fold import fold
from pipeline.recognition.engine import read_document
from pipeline.recognition.tesseract import ReadToken, Tesseract
from pipeline.recognition.text_layer import Verdict, judge, judge_pages, read_text_layer
from signing.signer import open_signers
from tests.support import signing_papers
from tests.support.written_pdfs import LEADING, NOTICE, TOP, Drawn, lying, page, picture

# One sentence as old encodings, taken for Latin-1, spell it; and as an English recogniser reads it.
TCVN3 = ("Céng hoµ x· héi chñ nghÜa ViÖt Nam", "§éc lËp - Tù do - H¹nh phóc", "Uû ban nh©n d©n ph­êng") * 5
VNI = ("Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam", "Ñoäc laäp - Töï do - Haïnh phuùc", "UÛy ban nhaân daân") * 5
ENGLISH = ("CQNG HOA XA HQI CHU NGHIA VIET NAM", "DQc l@p - Tu do - Hanh phuc", "Uy ban nhan dan phucmg") * 5
GERMAN = (
    "Die Gemeinde hat den Antrag auf eine neue Wohnung in der Stadt geprüft",
    "und wird bis Ende März schreiben.",
) * 4


FAST = RecognitionSettings(mode="fast")


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


@pytest.mark.parametrize("lines", [NOTICE, ENGLISH, NOTICE[:4]], ids=["sound", "english", "few"])
def test_a_hidden_layer_is_never_kept(tmp_path: Path, scan: Image.Image, lines: tuple[str, ...]) -> None:
    """A scan is read anew, however good its hidden layer looks: drawn without ink, or under the image."""
    for content in (page(lines, drawn="hidden", behind=scan), page(lines, over=scan)):
        path = put(tmp_path, content)
        assert judge(path, 0) == "redo"
        assert read_text_layer(path, 1).words == ()


@pytest.mark.parametrize(
    ("lines", "drawn"),
    [(TCVN3, "hidden"), (VNI, "hidden"), (ENGLISH, "hidden"), (TCVN3, "visible"), (VNI, "visible")],
    ids=["tcvn3", "vni", "english", "written-tcvn3", "written-vni"],
)
def test_useless_text_is_done_again(tmp_path: Path, scan: Image.Image, lines: tuple[str, ...], drawn: Drawn) -> None:
    """Old encodings and another language's recogniser are done again; old encodings even where the page shows them."""
    behind = scan if drawn == "hidden" else None
    assert judge(put(tmp_path, page(lines, drawn=drawn, behind=behind, standard_font=True)), 0) == "redo"


def test_a_head_over_a_scan_is_no_text_layer(tmp_path: Path) -> None:
    """A line that a program drew over a scan says nothing of the scan's own words."""
    blank_head = picture(("", "", *NOTICE[2:]))
    stamped = page(("Văn bản đến số 118 ngày 15 tháng 3", "Phòng Văn thư"), behind=blank_head)
    assert judge(put(tmp_path, stamped), 0) == "none"


def test_the_mark_of_a_signature_is_no_text_layer(tmp_path: Path) -> None:
    """A scan that was signed has visible words in its mark, and still no text."""
    with open_signers(signing_papers.settings(tmp_path)) as signers:
        signed = signers.sign_copy(signing_papers.paper(), now())
    assert judge(put(tmp_path, signed), 0) == "none"


SECRET = "Số: 999/TB-UBND Thanh Khê, ngày 01 tháng 01 năm 2020"
# Ways to lay down a line that nobody sees; each goes into the page's stream behind what the page shows.
UNSEEN = {
    "no ink": b"BT 3 Tr /%s 13 Tf 70 300 Td %s Tj ET",
    "white": b"1 g BT /%s 13 Tf 70 300 Td %s Tj ET",
    "beside the page": b"BT /%s 13 Tf 2070 300 Td %s Tj ET",
    "in the cropped margin": b"BT /%s 13 Tf 70 5 Td %s Tj ET",
    "no size": b"BT /%s 0.01 Tf 70 300 Td %s Tj ET",
    "clipped": b"q 0 0 1 1 re W n BT /%s 13 Tf 70 300 Td %s Tj ET Q",
    "covered": b"BT /%s 13 Tf 70 300 Td %s Tj ET 1 g 60 290 500 30 re f",
    "layer off": b"/OC /Off BDC BT /%s 13 Tf 70 300 Td %s Tj ET EMC",
}


@pytest.mark.parametrize("way", UNSEEN)
def test_words_that_nobody_sees_are_dropped(tmp_path: Path, way: str) -> None:
    """A page that a program wrote keeps what it shows; what is laid down beside it unseen is no word of it."""
    path = put(tmp_path, page())
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        sheet = pdf.pages[0]
        (font,) = sheet.Resources.Font.keys()
        layer = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.OCG, Name="off"))
        pdf.Root.OCProperties = pikepdf.Dictionary(OCGs=[layer], D=pikepdf.Dictionary(OFF=[layer]))
        sheet.Resources.Properties = pikepdf.Dictionary(Off=layer)
        sheet.CropBox = pikepdf.Array([0, 25, 595, 842])
        sheet.contents_add(UNSEEN[way] % (font[1:].encode(), _encoded(SECRET)))
        pdf.save()
    assert judge(path, 0) == "keep"
    assert read_text_layer(path, 1).text.splitlines() == list(NOTICE)


def _encoded(text: str) -> bytes:
    """The text in the codes of the page's font, which has ASCII in a row; other letters are left out."""
    return b"<" + b"".join(b"%04X" % (ord(letter) - 0x1F) for letter in text if letter.isascii()) + b">"


def says(folder: Path, lines: tuple[str, ...], shown: str, said: str) -> Path:
    """A page that shows these lines, of which one is marked to say something else."""
    number = next(i for i, line in enumerate(lines) if shown in line)
    got = lines[number].replace(shown, said).encode("utf-16-be").hex().encode()
    path = put(folder, page(lines))
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        before, *orders = pdf.pages[0].Contents.read_bytes().split(b"BT ")
        orders[number] = orders[number].replace(b"ET", b"ET EMC", 1)
        orders = [
            b"/Span <</ActualText <FEFF%s>>> BDC BT " % got * (i == number) + b"BT " * (i != number) + order
            for i, order in enumerate(orders)
        ]
        pdf.pages[0].Contents = pdf.make_stream(b"".join([before, *orders]))
        pdf.save()
    return path


PERSON = "Cho phép bà Trần Thị Minh, số định danh cá nhân: 048171005582"
DAY = "Hải Châu, ngày 08 tháng 12 năm 2025"


@pytest.mark.parametrize(
    ("line", "shown", "said"),
    [
        (PERSON, "Minh", "Linh"),
        (PERSON.replace("Minh", "Hoa"), "Hoa", "Hòa"),
        (PERSON.replace("Minh", "Thanh"), "Thanh", "Thành"),
        (DAY, "08 tháng 12", "12 tháng 08"),
        ("Số: 219/TB-UBND", "TB", "TT"),
        ("Số: 215/QĐ-UBND", "QĐ", "QB"),
    ],
)
def test_one_letter_of_a_value_that_lies(tmp_path: Path, line: str, shown: str, said: str) -> None:
    """A word that says another letter, mark or digit than it shows is read anew, or so doubted that a person looks."""
    lines = (*NOTICE[:2], line, *NOTICE[3:5], *NOTICE[6:])
    path = says(tmp_path, lines, shown, said)
    lies = [word for word in f"{line} ".replace(shown, said).split() if word not in line.split()] or ["08", "12"]
    got = [word for word in read_text_layer(path, 1).words if word.text in lies]
    assert got
    found = read_document(path, FAST).pages[0]
    believed = {word.text for word in found.words if word.text in lies and word.confidence > 0.5}
    assert not believed or said not in found.text
    assert all(word.confidence > 0.5 for word in read_document(put(tmp_path, page(lines)), FAST).pages[0].words)


@pytest.mark.parametrize(
    ("shown", "said"),
    [("45", "99"), ("2026", "2020"), ("HẢI CHÂU", "THANH KHÊ"), ("Nguyễn Thị Thu Hà", "Trần Văn Bảo")],
)
def test_text_that_stands_for_another_one(tmp_path: Path, shown: str, said: str) -> None:
    """A line that is marked to say other words than it shows, as for readers to the blind, makes the page read anew."""
    path = says(tmp_path, NOTICE, shown, said)
    assert said in read_text_layer(path, 1).text
    assert judge(path, 0) == "differs"
    reading = read_document(path, FAST).pages[0]
    assert (fold(shown) in fold(reading.text), said in reading.text) == (True, False)
    assert reading.remark is not None


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_font_that_lies_about_its_digits(tmp_path: Path, turn: int) -> None:
    """A font shows 45 and says 56: found by the lines that have digits, however the page lies, and it is read anew."""
    path = put(tmp_path, page())
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        (font,) = pdf.pages[0].Resources.Font.values()
        table = font.ToUnicode.read_bytes()
        digits = b"<0001> <0010> <0020>\n<0011> <0019> <0031>\n<001A> <001A> <0030>\n<001B> <005F> <003A>"
        changed = table.replace(b"<0001> <005F> <0020>", digits).replace(b"13 beginbfrange", b"16 beginbfrange")
        assert changed != table
        font.ToUnicode = pdf.make_stream(changed)
        pdf.save()
    _rotate(path, turn)
    assert "Số: 56/TB-UBND" in read_text_layer(path, 1).text
    assert judge(path, 0) == "differs"


def test_scripts_that_nobody_here_reads_are_kept(tmp_path: Path) -> None:
    """A page without values whose letters the models do not know is honest, though every line reads otherwise."""
    lines = ("Hello World", "Привет, мир", "Γειά σου Κόσμε", "REMARKS: 12 детей, 45 κόσμοι", "2020 год")
    with as_file(files("ocrmypdf") / "data" / "NotoSans-Regular.ttf") as face:
        assert judge(put(tmp_path, page(lines, face=face)), 0) == "keep"


@pytest.mark.parametrize(
    ("seen", "confidence", "verdict"),
    [("501/TB-UBND", 0.95, "differs"), ("501/TB-UBND", 0.5, "redo"), ("?", 0.9, "redo"), ("45/TB-UBND", 0.5, "keep")],
)
def test_what_is_not_surely_read_otherwise_is_no_lie(
    seen: str, confidence: float, verdict: Verdict, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Of a value only a sure reading says that the text lies; what cannot be read is read anew, without a remark."""
    monkeypatch.setattr(Tesseract, "read_lines", _reading_instead(seen, confidence))
    path = put(tmp_path, page(NOTICE[:8]))
    assert judge(path, 0) == verdict


def test_a_footnote_sign_is_no_other_number(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What may be a letter or a digit (``750!`` for 7501) contradicts no number."""
    monkeypatch.setattr(Tesseract, "read_lines", _reading_instead("45!/TB-UBND", 0.95))
    assert judge(put(tmp_path, page((*NOTICE[:2], "Số: 451/TB-UBND", *NOTICE[3:8]))), 0) != "differs"


def _reading_instead(seen: str, confidence: float) -> Callable[..., list[tuple[ReadToken, ...]]]:
    """A reader that reads the number's line in this way, and the others as they are."""
    read_lines = Tesseract.read_lines

    def read(*args: Any) -> list[tuple[ReadToken, ...]]:
        lines = read_lines(*args)
        return [
            (line[0], line[1]._replace(text=seen, confidence=confidence)) if "UBND" in line[-1].text else line
            for line in lines
        ]

    return read


def test_pages_are_judged_one_by_one(tmp_path: Path, scan: Image.Image) -> None:
    """A file may have pages of every kind."""
    whole = pikepdf.new()
    for content in (page(), page((), behind=scan), page(ENGLISH, drawn="hidden", behind=scan)):
        with pikepdf.open(io.BytesIO(content)) as single:
            whole.pages.extend(single.pages)
    whole.save(tmp_path / "file.pdf")
    assert tuple(page.verdict for page in judge_pages(tmp_path / "file.pdf")) == ("keep", "none", "redo")


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


@pytest.mark.parametrize(
    ("said", "read"), [("D835DF0C", "𝜌"), ("D835", "\ufffd"), ("DF0CD835", "\ufffd\ufffd"), ("D835DF0C0041", "𝜌A")]
)
def test_what_is_no_sign_is_read_as_such(tmp_path: Path, said: str, read: str) -> None:
    """A font may say that its letters are halves of signs; what was read can be written down all the same."""
    with pikepdf.new() as document:
        cmap = (
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap 1 begincodespacerange <00> <FF> "
            f"endcodespacerange 1 beginbfchar <41> <{said}> endbfchar endcmap end end"
        )
        font = pikepdf.Dictionary(
            Type=pikepdf.Name.Font,
            Subtype=pikepdf.Name.Type1,
            BaseFont=pikepdf.Name.Helvetica,
            ToUnicode=document.make_stream(cmap.encode()),
        )
        sheet = document.add_blank_page(page_size=(300, 300))
        sheet.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        sheet.Contents = document.make_stream(b"BT /F1 24 Tf 50 200 Td (xx A) Tj ET")
        document.save(tmp_path / "file.pdf")
    reading = read_text_layer(tmp_path / "file.pdf", 1)
    assert [word.text for word in reading.words] == ["xx", read]
    assert reading.model_dump_json()


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_boxes_are_of_the_upright_page(tmp_path: Path, turn: int) -> None:
    """A page that lies turned in the file and is shown upright gives the words and boxes of the upright one."""
    upright = read_text_layer(put(tmp_path, page()), 1)
    turned = read_text_layer(put(tmp_path, lying(page(), turn)), 1)
    assert turned.text == upright.text
    for word, expected in zip(turned.words, upright.words, strict=True):
        assert word.box == pytest.approx(expected.box, abs=0.001)


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_page_that_is_shown_lying_is_set_upright(tmp_path: Path, turn: int) -> None:
    """Honest text on a page that readers show turned is no lie: the page is read anew only to set it upright."""
    assert judge(put(tmp_path, lying(page(), turn)), 0) == "keep"
    path = put(tmp_path, page())
    _rotate(path, turn)
    assert judge(path, 0) == "redo"
    reading = read_document(path, RecognitionSettings(mode="fast")).pages[0]
    assert (reading.turn, reading.remark) == (360 - turn, None)
    assert "45/TB-UBND" in reading.text


def _rotate(path: Path, turn: int) -> None:
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        pdf.pages[0].Rotate = turn
        pdf.save()
