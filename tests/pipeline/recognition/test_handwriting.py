"""What a hand wrote into print, and what was cut short, is never given without doubt; print is."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pytest
from PIL import Image, ImageDraw

from config.loader import load_catalogues
from config.settings import RecognitionSettings
from domain.readings import Description, DocumentReading
from pipeline.extraction import laid_out, read_fields
from pipeline.recognition.coverage import letters_of
from pipeline.recognition.handwriting import Doubts, doubts
from pipeline.recognition.ink import to_read
from pipeline.recognition.page import read_page
from pipeline.recognition.tesseract import ReadToken
from pipeline.scans.raster import open_pages
from samples.fonts import typeface
from samples.handwriting import HANDS, Hand, any_hand, write_digits, written_width
from samples.layout import Sheet, lay_out
from samples.letters import correspondence, decisions
from samples.papers import Paper
from samples.scanner import Scanner

FAST = RecognitionSettings(mode="fast")
DPI, REVIEWED = 150, 0.75
LETTERS = {paper.kind: paper for paper in decisions() + correspondence() if paper.agency}


def _described(paper: Paper, seed: int, folder: Path) -> Description:
    """The paper's first page, scanned in grey or colour and read."""
    random = Random(seed)  # noqa: S311  a drawing, no secret
    scanner = Scanner("pdf", dpi=DPI, grey=seed % 2 == 1)
    pdf = folder / "page.pdf"
    scanner.write([scanner.scan(lay_out(paper, DPI, random)[0].image, random)], pdf)
    with open_pages(pdf) as pages:
        page = read_page(pages, 0, FAST)
    return read_fields(laid_out(DocumentReading(pages=(page,))), load_catalogues().types)


@pytest.mark.parametrize("hand", [*HANDS.values(), *map(any_hand, map(Random, range(6)))], ids=str)
def test_what_a_hand_wrote_is_never_sure(hand: Hand, tmp_path: Path) -> None:
    """A number and a day that were written into print stay below the limit of review, whatever they were read as."""
    for seed, paper in enumerate(list(LETTERS.values())[:2]):
        fields = _described(replace(paper, hand=hand), seed, tmp_path).fields
        for name in ("number_symbol", "issued_date"):
            assert name not in fields or fields[name].confidence < REVIEWED, (name, fields[name])


@pytest.mark.parametrize("kind", LETTERS)
def test_print_stays_as_sure_as_it_was_read(kind: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The same papers in print throughout keep the confidence that the recogniser gave."""
    fields = _described(LETTERS[kind], 1, tmp_path).fields
    monkeypatch.setattr("pipeline.recognition.page.doubts", lambda *_: Doubts(frozenset(), frozenset()))
    plain = _described(LETTERS[kind], 1, tmp_path).fields
    for name in ("number_symbol", "issued_date"):
        assert fields[name] == plain[name]


Draw = Callable[[ImageDraw.ImageDraw, float], None]
BESIDE: dict[str, tuple[Draw, bool]] = {
    "nothing": (lambda *_: None, False),
    "a letter": (lambda draw, unit: draw.text((42.5 * unit, 51 * unit), "n", 0, typeface(27), "ls"), True),
    "a speck": (lambda draw, unit: draw.ellipse((42.5 * unit, 49 * unit, 43.3 * unit, 49.8 * unit), 0), False),
    "a blot": (lambda draw, unit: draw.ellipse((42.5 * unit, 48 * unit, 45.5 * unit, 51 * unit), 0), False),
    "a hair": (lambda draw, unit: draw.line((42.5 * unit, 51 * unit, 44 * unit, 47.5 * unit), 0, 1), False),
    "the next line": (lambda draw, unit: draw.text((42.5 * unit, 57 * unit), "n", 0, typeface(27), "ls"), False),
}


@pytest.mark.parametrize("beside", BESIDE)
def test_a_word_beside_ink_that_nobody_read(beside: str) -> None:
    """A name with a letter right behind it, which may be its last syllable, is cut short; dirt cuts nothing."""
    sheet = Sheet(DPI)
    sheet.write("Tạ Bá", 30, 51, sheet.font(13), "ls")
    draw, is_cut = BESIDE[beside]
    draw(ImageDraw.Draw(sheet.image), DPI / 25.4)
    left, bottom = sheet.px(30), sheet.px(51)
    right = left + round(sheet.font(13).getlength("Tạ Bá"))
    pixels = np.asarray(sheet.image).copy()
    ink = to_read(pixels, DPI)
    name = ReadToken("Bá", (left + (right - left) // 2, bottom - 20, right, bottom), 0.97, 0)
    first = ReadToken("Tạ", (left, bottom - 20, left + (right - left) // 2 - 5, bottom + 5), 0.97, 0)
    found = doubts((first, name), pixels, ink.grey, letters_of(ink, DPI))
    assert found == Doubts(frozenset(), frozenset({1} if is_cut else ()))


@pytest.mark.parametrize(("read", "believed"), [("44", True), ("4", False)])
def test_more_digits_than_were_read(read: str, believed: bool) -> None:
    """A word that is wider than its digits has lost one, though the others look printed."""
    sheet = Sheet(DPI)
    sheet.write("Số: 44", 30, 51, sheet.font(13), "ls")
    start, end = (sheet.px(30) + round(sheet.font(13).getlength(text)) for text in ("Số: ", "Số: 44"))
    tokens = (
        ReadToken("Số:", (sheet.px(30), sheet.px(51) - 20, start - 8, sheet.px(51)), 0.97, 0),
        ReadToken(read, (start, sheet.px(51) - 19, end, sheet.px(51)), 0.97, 0),
    )
    pixels = np.asarray(sheet.image).copy()
    ink = to_read(pixels, DPI)
    assert (1 not in doubts(tokens, pixels, ink.grey, letters_of(ink, DPI)).not_believed) is believed


@pytest.mark.parametrize(("ink_of_the_page", "believed"), [((20, 20, 60), True), ((0, 0, 0), False)])
def test_print_in_blue(ink_of_the_page: tuple[int, int, int], *, believed: bool) -> None:
    """A blue number is believed where all print of the page is as blue, and not in a page of black."""
    sheet = Sheet(DPI)
    draw, font = ImageDraw.Draw(sheet.image), sheet.font(13)
    for line in range(6):
        text = "Người dân mang theo giấy tờ gốc để đối chiếu"
        draw.text((sheet.px(30), sheet.px(70 + 8 * line)), text, ink_of_the_page, font, "ls")
    draw.text((sheet.px(30), sheet.px(51)), "Số: 44", (20, 20, 60), font, "ls")
    start, end = (sheet.px(30) + round(sheet.font(13).getlength(text)) for text in ("Số: ", "Số: 44"))
    tokens = (
        ReadToken("Số:", (sheet.px(30), sheet.px(51) - 20, start - 8, sheet.px(51)), 0.97, 0),
        ReadToken("44", (start, sheet.px(51) - 19, end, sheet.px(51)), 0.97, 0),
    )
    pixels = np.asarray(sheet.image).copy()
    ink = to_read(pixels, DPI)
    assert (1 not in doubts(tokens, pixels, ink.grey, letters_of(ink, DPI)).not_believed) is believed


@pytest.mark.parametrize("text", ["{7", "|2", "#4/TB-UBND", "4{", "(7)", "'7/TB-UBND", "7."])
def test_a_sign_where_a_digit_may_have_been(text: str) -> None:
    """A written digit is taken for a sign that print does not have beside digits; brackets and points are in print."""
    sheet = Sheet(DPI)
    sheet.write(f"Số: {text}", 30, 51, sheet.font(13), "ls")
    start = sheet.px(30) + round(sheet.font(13).getlength("Số: "))
    width = round(sheet.font(13).getlength(text))
    tokens = (
        ReadToken("Số:", (sheet.px(30), sheet.px(51) - 20, start - 8, sheet.px(51)), 0.97, 0),
        ReadToken(text, (start, sheet.px(51) - 20, start + width, sheet.px(51)), 0.97, 0),
    )
    pixels = np.asarray(sheet.image).copy()
    ink = to_read(pixels, DPI)
    found = doubts(tokens, pixels, ink.grey, letters_of(ink, DPI)).not_believed
    assert (1 in found) is (text[0] in "{|#" or text[-1] == "{")


@pytest.mark.parametrize(
    ("text", "by_hand", "believed"),
    [
        ("32A8085374", False, True),
        ("048303004862", False, True),
        ("048303004862", True, False),
        ("048 303 004 862", True, False),
    ],
)
def test_numbers_of_persons_and_registers(text: str, by_hand: bool, believed: bool) -> None:
    """A personal number written by hand is not believed; in print it is, and so is one with a letter within."""
    sheet, random = Sheet(DPI), Random(1)  # noqa: S311  a drawing, no secret
    sheet.write("Số định danh cá nhân:", 30, 51, sheet.font(13), "ls")
    tokens = [ReadToken("Số", (177, 281, 195, 301), 0.97, 0), ReadToken("định danh", (205, 281, 240, 301), 0.97, 0)]
    unit, size = DPI / 25.4, 20
    x = 80.0
    for piece in text.split():
        if by_hand:
            write_digits(sheet.image, piece, (x * unit, 51 * unit), unit, HANDS["careful"], random)
            width = written_width(piece, HANDS["careful"])
        else:
            width = sheet.write(piece, x, 51, sheet.font(13), "ls")
        box = (round(x * unit), round(51 * unit) - size, round((x + width) * unit), round(51 * unit))
        tokens.append(ReadToken(piece, box, 0.97, 0))
        x += width + 2
    pixels = np.asarray(sheet.image).copy()
    ink = to_read(pixels, DPI)
    found = doubts(tokens, pixels, ink.grey, letters_of(ink, DPI)).not_believed
    assert bool(found) is not believed


@pytest.mark.parametrize(("bold", "italic"), [(False, False), (False, True), (True, False), (True, True)])
@pytest.mark.parametrize("fax", [False, True], ids=["grey", "black and white"])
def test_digits_printed_in_any_style_are_believed(*, bold: bool, italic: bool, fax: bool) -> None:
    """Decree 30 has the day in italics: printed digits are like print in every style of Times, also as a fax."""
    lost = []
    for number in range(0, 100, 3):
        sheet = Sheet(2 * DPI)
        font = typeface(54, bold=bold, italic=italic)
        day = f"{number:02}"
        left, bottom = sheet.px(30) + number % 4, sheet.px(51) + number % 3
        ImageDraw.Draw(sheet.image).text((left, bottom), f"ngày {day}", 0, font, "ls")
        image = sheet.image.convert("1", dither=Image.Dither.NONE).convert("RGB") if fax else sheet.image
        pixels = np.asarray(image.resize((image.width // 2, image.height // 2), Image.Resampling.BOX))
        ink = to_read(pixels, DPI)
        start, end = (left + round(font.getlength(text)) for text in ("ngày ", f"ngày {day}"))
        tokens = (
            ReadToken("ngày", (left // 2, bottom // 2 - 20, start // 2 - 5, bottom // 2 + 5), 0.97, 0),
            ReadToken(day, (start // 2, bottom // 2 - 18, end // 2, bottom // 2), 0.97, 0),
        )
        if 1 in doubts(tokens, pixels, ink.grey, letters_of(ink, DPI)).not_believed:
            lost.append(day)
    assert lost == []
