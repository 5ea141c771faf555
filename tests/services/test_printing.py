"""What is printed for people is proven PDF/A-2b, the same every time, and says what it was given."""

import re
import time
from datetime import datetime
from io import BytesIO
from pathlib import Path

import pikepdf
import pypdfium2
import pytest

from domain.clock import VIETNAM, now
from domain.errors import SetupError
from services.printing.faces import font_folder
from services.printing.pdfa import Block, Grid, Paragraph, print_pdfa
from signing.pades.conformance import prove

_AT = now()
_TEXT = "Ủy ban nhân dân phường Hải Châu: giấy tờ, mẫu, lỗi - ỳ ữ ỡ ợ ặ ẵ Đ đ"


def words(pdf: bytes) -> list[str]:
    """The text of each page, with its blanks made one."""
    opened = pypdfium2.PdfDocument(pdf)
    return [re.sub(r"\s+", " ", page.get_textpage().get_text_range()) for page in opened]


def test_it_is_proven_and_says_what_it_was_given() -> None:
    """Texts of every style and tables of both looks, in Vietnamese."""
    blocks: list[Block] = [
        Paragraph("BIÊN BẢN", "title"),
        Paragraph(_TEXT),
        Grid([("Loại lỗi", "Số giấy tờ"), ("Trích yếu", "12")], (3, 1)),
        Grid([("BÊN A", "BÊN B"), ("", "")], (1, 1), "columns"),
    ]
    pdf = print_pdfa("Biên bản", blocks, _AT)
    prove(BytesIO(pdf))
    (page,) = words(pdf)
    for text in ("BIÊN BẢN", _TEXT, "Trích yếu", "BÊN A"):
        assert text in page
    with pikepdf.open(BytesIO(pdf)) as opened:
        assert str(opened.Root.Lang) == "vi-VN"
        with opened.open_metadata() as metadata:
            assert (metadata["dc:title"], metadata["pdfaid:part"]) == ("Biên bản", "2")


def test_a_table_stands_where_the_text_does() -> None:
    """Its left line is at the margin of 30 mm, its right one at that of 15."""
    page = pypdfium2.PdfDocument(print_pdfa("a", [Grid([("a", "b")], (1, 1))], _AT))[0]
    boxes = [item.get_bounds() for item in page.get_objects()]
    sides = (min(box[0] for box in boxes), max(box[2] for box in boxes))
    assert sides == pytest.approx((30 * 72 / 25.4, (210 - 15) * 72 / 25.4), abs=1.5)


@pytest.mark.parametrize("lines", range(24, 34))
def test_those_who_sign_stand_on_one_sheet(lines: int) -> None:
    """However far down the page they begin: what is signed, and the name below."""
    signers = Grid([("NGƯỜI NHẬN", "NGƯỜI TRẢ"), ("(Ký)\n\n\n", "(Ký)\n\n\n"), ("", "Nguyễn An")], (1, 1), "columns")
    pages = words(print_pdfa("Phiếu", [*[Paragraph(_TEXT)] * lines, signers], _AT))
    assert [("NGƯỜI NHẬN" in page, "Nguyễn An" in page) for page in pages][-1] == (True, True)
    assert sum("NGƯỜI NHẬN" in page for page in pages) == 1


def test_the_same_text_gives_the_same_bytes() -> None:
    """So that what is printed twice is one file, whenever that is."""
    at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=VIETNAM)
    blocks: list[Block] = [Paragraph(_TEXT), Grid([("a", "b")], (1, 1))]
    first = print_pdfa("a", blocks, at)
    time.sleep(1.1)  # fpdf2 asks the clock, which tells seconds
    assert print_pdfa("a", blocks, at) == first
    with pikepdf.open(BytesIO(first)) as opened, opened.open_metadata() as metadata:
        dates = {metadata[f"xmp:{name}"] for name in ("CreateDate", "ModifyDate", "MetadataDate")}
        assert dates == {"2026-01-02T03:04:05+07:00"}


def test_pages_are_numbered_from_the_second_one() -> None:
    """A long table goes on with its head on the next page."""
    rows = [("Số", "Nội dung"), *((f"dòng {number}", _TEXT) for number in range(60))]
    first, second, *_ = words(print_pdfa("a", [Grid(rows, (1, 4))], _AT))
    assert first.startswith("Số Nội dung")
    assert second.startswith("2 Số Nội dung")
    assert "dòng 59" in words(print_pdfa("a", [Grid(rows, (1, 4))], _AT))[-1]


def test_room_for_marks_stays_free() -> None:
    """Nothing is printed there on the first page, and the others have none of it."""
    tops = []
    for free in (0, 30):
        page = pypdfium2.PdfDocument(print_pdfa("a", [Paragraph("A")], _AT, free_mm=free))[0]
        tops.append(max(box.get_bounds()[3] for box in page.get_objects()))
    assert tops[0] - tops[1] == pytest.approx(30 * 72 / 25.4, abs=0.5)


def test_a_letter_that_the_typeface_lacks_is_told() -> None:
    """By its number, in place of an empty box, which PDF/A forbids."""
    (page,) = words(print_pdfa("漢", [Paragraph("tên 漢 và ́a e\u0301")], _AT))
    assert "tên [U+6F22] và" in page
    assert "é" in page


def test_without_the_typeface_it_is_told_which_package_has_it(tmp_path: Path) -> None:
    """Nothing is printed in another one."""
    with pytest.raises(SetupError) as caught:
        font_folder((tmp_path,))
    assert "fonts-liberation2" in caught.value.advice
