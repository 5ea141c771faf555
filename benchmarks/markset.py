"""First pages of the kinds that get marks, drawn at 100 dpi with what is known of them: print and heading."""

from collections.abc import Callable
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from samples.fonts import typeface

DPI: Final = 100
_MM: Final = DPI / 25.4
_NATION, _MOTTO = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"
_AGENCIES = (
    ("ỦY BAN NHÂN DÂN", "PHƯỜNG HẢI CHÂU"),
    ("ỦY BAN NHÂN DÂN", "THÀNH PHỐ ĐÀ NẴNG", "SỞ NÔNG NGHIỆP VÀ MÔI TRƯỜNG"),
    ("SỞ TƯ PHÁP",),
)
_LINE = (
    "Ủy ban nhân dân phường thông báo thời gian tiếp nhận hồ sơ và trả kết quả giải quyết thủ tục hành chính cho tổ "
    "chức và công dân trên địa bàn như sau, kể từ ngày ban hành văn bản này, theo quy định của pháp luật về lao động "
)
Mask = NDArray[np.bool_]
Chance = np.random.Generator


class Drawn(NamedTuple):
    """A page as it was scanned, what is printed on it, and the part of that which is its heading."""

    kind: str
    image: Image.Image
    printed: Mask
    heading: Mask


class _Sheet:
    """A page in the making; places in millimetres, type in points."""

    def __init__(self, wide: float = 210, high: float = 297) -> None:
        self.wide, self.high = wide, high
        size = round(wide * _MM), round(high * _MM)
        self.image, self.heading = Image.new("L", size, 255), Image.new("L", size, 255)
        self._pens = [ImageDraw.Draw(self.image), ImageDraw.Draw(self.heading)]

    def write(self, text: str, x: float, y: float, size: float, *, bold: bool = False, anchor: str = "ms") -> None:
        self._pens[0].text((x * _MM, y * _MM), text, 0, _face(size, bold=bold), anchor)

    def head(self, text: str, x: float, y: float, size: float, *, bold: bool = True) -> None:
        for pen in self._pens:
            pen.text((x * _MM, y * _MM), text, 0, _face(size, bold=bold), "ms")

    def rule(self, x0: float, y0: float, x1: float, y1: float, width: float = 0.25) -> None:
        ends = (x0 * _MM, y0 * _MM, x1 * _MM, y1 * _MM)
        self._pens[0].line(ends, 0, max(1, round(width * _MM)))

    def frame(self, inset: float, width: float = 0.3) -> None:
        box = (inset * _MM, inset * _MM, (self.wide - inset) * _MM, (self.high - inset) * _MM)
        self._pens[0].rectangle(box, outline=0, width=max(1, round(width * _MM)))

    def fill(self, left: float, top: float, right: float, bottom: float, size: float, pitch: float = 1.35) -> None:
        """Running text, justified by cutting it off."""
        face, y, start = _face(size), top, 0
        while y < bottom:
            text = (_LINE * 3)[start:]
            while face.getlength(text) > (right - left) * _MM:
                text = text[: text.rindex(" ")]
            self.write(text, left, y, size, anchor="ls")
            start, y = (start + len(text) + 1) % len(_LINE), y + size * pitch * 25.4 / 72


def _face(size: float, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    return typeface(round(size / 72 * DPI), bold=bold)


def _letterhead(sheet: _Sheet, top: float, chance: Chance, *, small: float = 0) -> float:
    """The heading in two columns (law 4B); gives where it ends."""
    agency = _AGENCIES[int(chance.integers(len(_AGENCIES)))]
    size, step = 13 - small, 5.4 - small * 0.4
    left, right = sheet.wide * 0.28, sheet.wide * 0.69
    y = top + 4
    for number, line in enumerate(agency):
        sheet.head(line, left, y + number * step, size - 1, bold=number == len(agency) - 1)
    below = y + len(agency) * step
    sheet.rule(left - 15, below - step + 1.6, left + 15, below - step + 1.6)
    sheet.write(f"Số: {chance.integers(1, 900)}/QĐ-UBND", left, below + 2.5, size)
    sheet.head(_NATION, right, y, size - 1)
    sheet.head(_MOTTO, right, y + step, size)
    sheet.rule(right - 26, y + step + 1.6, right + 26, y + step + 1.6)
    sheet.write("Đà Nẵng, ngày 09 tháng 4 năm 2025", right, y + 3 * step, size)
    return max(below, y + 3 * step) + 8


def _centred(sheet: _Sheet, top: float) -> float:
    sheet.head(_NATION, sheet.wide / 2, top + 4, 13)
    sheet.head(_MOTTO, sheet.wide / 2, top + 9.5, 13)
    sheet.rule(sheet.wide / 2 - 27, top + 11, sheet.wide / 2 + 27, top + 11)
    return top + 16


def _letter(chance: Chance) -> _Sheet:
    sheet = _Sheet()
    y = _letterhead(sheet, float(chance.uniform(10, 25)), chance)
    sheet.write("QUYẾT ĐỊNH", 105, y + 6, 14, bold=True)
    sheet.fill(30, y + 16, 193, 270, 13.5)
    if chance.random() < 0.2:  # the stamp of incoming mail
        x, top = float(chance.uniform(8, 40)), float(chance.uniform(6, 60))
        sheet.rule(x, top, x + 38, top, 0.6)
        sheet.rule(x, top + 20, x + 38, top + 20, 0.6)
        sheet.write("ĐẾN  Số: 415", x + 19, top + 8, 13, bold=True)
        sheet.write("Ngày: 12/3/2026", x + 19, top + 16, 11)
    if chance.random() < 0.2:  # a code in the upper right corner
        code = np.kron(chance.integers(0, 2, (21, 21)), np.ones((3, 3))).astype(np.uint8) * 255
        sheet.image.paste(Image.fromarray(code), (round(188 * _MM), round(float(chance.uniform(5, 12)) * _MM)))
    return sheet


def _framed(chance: Chance) -> _Sheet:
    lies = chance.random() < 0.3
    sheet = _Sheet(297, 210) if lies else _Sheet()
    inset = float(chance.uniform(7, 16))
    for further, width in ((0, 0.9), (2, 0.3)):
        sheet.frame(inset + further, width)
    if chance.random() < 0.5:  # ornaments in the corners
        for x in (inset + 3, sheet.wide - inset - 13):
            sheet.fill(x, inset + 6, x + 10, inset + 14, 8, 1.0)
    top = inset + float(chance.uniform(6, 22))
    y = _letterhead(sheet, top, chance) if chance.random() < 0.4 else _centred(sheet, top)
    sheet.write("GIẤY CHỨNG NHẬN", sheet.wide / 2, y + 8, 20, bold=True)
    sheet.fill(inset + 12, y + 22, sheet.wide - inset - 12, sheet.high - 60, 13, 1.7)
    return sheet


def _table(chance: Chance) -> _Sheet:
    sheet = _Sheet(297, 210)
    top = float(chance.uniform(6, 20))
    y = _letterhead(sheet, top, chance) if chance.random() < 0.7 else top
    sheet.write("DANH SÁCH HỒ SƠ TIẾP NHẬN", 148, y + 4, 14, bold=True)
    y += 10
    left, right = float(chance.uniform(8, 20)), 297 - float(chance.uniform(8, 20))
    columns = np.linspace(left, right, int(chance.integers(5, 10)))
    rows = np.arange(y, 195, float(chance.uniform(6, 10)))
    for row in rows:
        sheet.rule(left, row, right, row)
        for column in columns[:-1]:
            sheet.write("Hồ sơ 12/3", column + 1.5, row + 4.4, 10, anchor="ls")
    for column in columns:
        sheet.rule(column, rows[0], column, rows[-1])
    return sheet


def _full(chance: Chance) -> _Sheet:
    sheet = _Sheet()
    top = float(chance.uniform(10, 25))
    if chance.random() < 0.7:
        sheet.write(str(chance.integers(2, 40)), 105, top - 5, 13)
    left, right = float(chance.uniform(15, 32)), 210 - float(chance.uniform(10, 20))
    sheet.fill(left, top + 4, right, 297 - float(chance.uniform(10, 25)), float(chance.uniform(11, 14)))
    return sheet


def _form(chance: Chance) -> _Sheet:
    sheet = _Sheet()
    top = float(chance.uniform(10, 22))
    if chance.random() < 0.6:
        sheet.write("Mẫu số 01 (Ban hành kèm theo Thông tư số 04/2024/TT-BTP)", 200, top, 10, anchor="rs")
    y = _centred(sheet, top + 3)
    sheet.write("TỜ KHAI ĐĂNG KÝ KHAI SINH", 105, y + 8, 14, bold=True)
    for row in np.arange(y + 22, 260, 9):
        sheet.write("Họ, chữ đệm, tên người yêu cầu: ……………………………………………………………", 25, float(row), 13, anchor="ls")
    return sheet


def _small(chance: Chance) -> _Sheet:
    sheet = _Sheet(148, 210) if chance.random() < 0.5 else _Sheet(210, 148)
    y = _letterhead(sheet, float(chance.uniform(6, 16)), chance, small=3 if sheet.wide < 200 else 0)
    sheet.write("BIÊN LAI THU PHÍ, LỆ PHÍ", sheet.wide / 2, y + 4, 13, bold=True)
    sheet.fill(15, y + 14, sheet.wide - 12, sheet.high - 30, 11)
    return sheet


KINDS: Final[dict[str, Callable[[Chance], _Sheet]]] = {
    "letter": _letter,
    "framed certificate": _framed,
    "landscape table": _table,
    "full page": _full,
    "form": _form,
    "A5": _small,
}


def draw(kind: str, seed: int) -> Drawn:
    """One page of a kind, scanned a little askew, with grain, sometimes with the dark edge of the glass."""
    chance = np.random.default_rng([seed, *kind.encode()])
    sheet = KINDS[kind](chance)
    skew = float(chance.uniform(-1.2, 1.2))
    printed, heading = (
        np.asarray(image.rotate(skew, Image.Resampling.BILINEAR, fillcolor=255)).astype(np.float32)
        for image in (sheet.image, sheet.heading)
    )
    seen = printed * float(chance.uniform(0.88, 1.0))
    seen = cv2.GaussianBlur(seen, (0, 0), float(chance.uniform(0.3, 0.7))).astype(np.float32)
    seen += chance.standard_normal(seen.shape, np.float32) * float(chance.uniform(0.5, 4))
    if chance.random() < 0.15:
        edge = round(float(chance.uniform(1, 6)) * _MM)
        seen[:edge] = 30
        printed[:edge] = 0
    image = Image.fromarray(seen.clip(0, 255).astype(np.uint8)).convert("RGB")
    return Drawn(kind, image, printed < 140, _filled(heading < 140))


def _filled(letters: Mask) -> Mask:
    """The boxes of the words, not only their strokes."""
    wide = cv2.morphologyEx(letters.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, round(4 * _MM)), np.uint8))
    return np.asarray(wide > 0)
