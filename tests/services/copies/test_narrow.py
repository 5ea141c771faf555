"""The marks of a copy on paper can be read below a page of any width (law L1.7)."""

import re
from io import BytesIO

import pikepdf
import pypdfium2
import pytest
from PIL import Image

from config.copies import PaperCopyWords
from domain.clock import now
from services.copies.sheets import Drawn, print_copy

_LEAST_PT = 7
SAID = PaperCopyWords(
    heading="BẢN GIẤY CHUYỂN ĐỔI TỪ VĂN BẢN ĐIỆN TỬ",
    lines=(
        "Chuyển đổi từ hệ thống: Kho số của Ủy ban nhân dân phường Hải Châu",
        "Mã giấy tờ: 048219001275.KQ.G15.000031.215/2019.01",
        "Số: 12/2026 ngày 30 tháng 11 năm 2026",
    ),
    signer=("Người thực hiện chuyển đổi", "", "Nguyễn Thị Thu Hà"),
    foot="Bản giấy chuyển đổi, trang 1 trên 1",
    confirmed=False,
    source="test",
)


def drawn(width: float, height: float) -> Drawn:
    """A grey page of that size in points."""
    content = BytesIO()
    Image.new("RGB", (round(width), round(height)), (200, 200, 200)).save(content, "JPEG")
    return Drawn(width, height, content.getvalue())


@pytest.mark.parametrize(
    ("width", "height"), [(120, 900), (200, 1400), (300, 842), (420, 1190), (595, 842), (842, 595)]
)
def test_no_word_of_the_marks_is_broken(width: float, height: float) -> None:
    """Whatever the last page is like: its words stand whole, in type that can be read."""
    made = print_copy([drawn(width, height)], [SAID], now())
    sheet = pypdfium2.PdfDocument(made)[0]
    text = re.sub(r"\s+", " ", sheet.get_textpage().get_text_range())
    for line in (SAID.heading, *SAID.lines, SAID.foot):
        for word in line.split():
            assert word in text, (word, text)
    with pikepdf.open(BytesIO(made)) as pdf:
        page = pdf.pages[0]
        sizes = [float(item.operands[1]) for item in pikepdf.parse_content_stream(page) if str(item.operator) == "Tf"]
        assert min(sizes) >= _LEAST_PT
        assert float(page.mediabox[2]) >= min(595, width)


def test_a_narrow_page_keeps_its_shape() -> None:
    """It stands amid its sheet, as wide to its height as it was."""
    made = print_copy([drawn(200, 1400)], [SAID], now())
    (picture,) = pypdfium2.PdfDocument(made)[0].get_objects(filter=[3])
    left, bottom, right, top = picture.get_pos() if hasattr(picture, "get_pos") else picture.get_bounds()
    assert (right - left) / (top - bottom) == pytest.approx(200 / 1400, rel=0.01)
    assert left == pytest.approx(595.28 - right, abs=1)
