"""Sets a paper on A4 sheets by the zones of Decree 30 (law 4B).  Places in millimetres, type in points."""

from collections.abc import Iterable, Sequence
from itertools import takewhile
from random import Random
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from samples.fonts import typeface
from samples.handwriting import Hand, write_digits, written_width
from samples.ink import SEAL_MM, press_seal, write_signature
from samples.papers import Paper, Paragraph, Row, Signer, day_in_words

WIDTH_MM: Final = 210
HEIGHT_MM: Final = 297
_LEFT, _RIGHT, _TOP, _BOTTOM = 30, 193, 20, 275
_AGENCY_X, _MOTTO_X = 60, 144
_SIGNER_X = (68, 148)
_SIGNATURE_MM = SEAL_MM + 1
_PARAGRAPH_MM = 1.6
_MM_PER_POINT = 25.4 / 72
_NATION = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
_MOTTO = "Độc lập - Tự do - Hạnh phúc"

Token = tuple[str, ImageFont.FreeTypeFont]


class Sheet:
    """One A4 page in the making, the lines on it in the order of printing, and those of them with handwriting."""

    def __init__(self, dpi: int) -> None:
        self.dpi = dpi
        self.image = Image.new("RGB", (self.px(WIDTH_MM), self.px(HEIGHT_MM)), "white")
        self.lines: list[str] = []
        self.words: list[tuple[str, tuple[float, float], ImageFont.FreeTypeFont]] = []
        """The words of running text, where each begins on its baseline in pixels, and its typeface."""
        self.written: list[str] = []  # those with handwriting
        self._draw = ImageDraw.Draw(self.image)

    def px(self, mm: float) -> int:
        """Millimetres as pixels of this sheet."""
        return round(mm / 25.4 * self.dpi)

    def font(self, size_pt: float, *, bold: bool = False, italic: bool = False) -> ImageFont.FreeTypeFont:
        """The typeface at a size for this sheet's resolution."""
        return typeface(self.px(size_pt * _MM_PER_POINT), bold=bold, italic=italic)

    def write(self, line: str, x_mm: float, y_mm: float, font: ImageFont.FreeTypeFont, anchor: str = "ms") -> float:
        """Write one line on the baseline ``y_mm``, ``x_mm`` being what Pillow's anchor says; gives its width."""
        self._draw.text((self.px(x_mm), self.px(y_mm)), line, "black", font, anchor)
        self.lines.append(line)
        return font.getlength(line) * 25.4 / self.dpi

    def write_spread(self, tokens: Sequence[Token], x_mm: float, y_mm: float, gap_px: float) -> None:
        """Write one line word by word from the left with a given space between words."""
        x = float(self.px(x_mm))
        for word, font in tokens:
            self._draw.text((x, self.px(y_mm)), word, "black", font, "ls")
            self.words.append((word, (x, self.px(y_mm)), font))
            x += font.getlength(word) + gap_px
        self.lines.append(" ".join(word for word, _ in tokens))

    def write_into(
        self, parts: Sequence[str], x_mm: float, y_mm: float, font: ImageFont.FreeTypeFont, hand: Hand, random: Random
    ) -> None:
        """Write one line centred on ``x_mm``; every second part was left free in print, and is written by hand."""
        is_written = [place % 2 == 1 for place in range(len(parts))]
        widths = [
            self.px(written_width(part, hand)) if by_hand else font.getlength(part)
            for part, by_hand in zip(parts, is_written, strict=True)
        ]
        x = self.px(x_mm) - sum(widths) / 2
        for part, by_hand, width in zip(parts, is_written, widths, strict=True):
            if by_hand:
                if hand.dotted:
                    self._leader(x, x + width, self.px(y_mm))
                write_digits(self.image, part, (x, self.px(y_mm)), self.dpi / 25.4, hand, random)
            else:
                self._draw.text((x, self.px(y_mm)), part, "black", font, "ls")
            x += width
        self.lines.append("".join(parts))
        self.written.append("".join(parts))

    def _leader(self, start: float, end: float, y: int) -> None:
        """A row of dots from one place to the other."""
        size = max(1, self.px(0.35))
        for x in range(round(start), round(end) - size, max(2 * size, self.px(1.15))):
            self._draw.ellipse((x, y - size, x + size, y), "black")

    def rule(self, x_mm: float, y_mm: float, length_mm: float) -> None:
        """A thin line centred on ``x_mm``."""
        ends = (self.px(x_mm - length_mm / 2), self.px(y_mm), self.px(x_mm + length_mm / 2), self.px(y_mm))
        self._draw.line(ends, "black", max(1, self.px(0.2)))

    def frame(self) -> None:
        """The double frame of a certificate."""
        for inset, width in ((10, 0.9), (12, 0.3)):
            box = (self.px(inset), self.px(inset), self.px(WIDTH_MM - inset), self.px(HEIGHT_MM - inset))
            self._draw.rectangle(box, outline="black", width=max(1, self.px(width)))


class _Setter:
    """Sets one paper from top to bottom, opening sheets as they fill."""

    def __init__(self, paper: Paper, dpi: int, random: Random) -> None:
        self.paper, self.dpi, self.random = paper, dpi, random
        self.sheets = [Sheet(dpi)]
        self.y: float = _TOP
        self.pitch = paper.size_pt * _MM_PER_POINT * paper.spacing

    @property
    def sheet(self) -> Sheet:
        return self.sheets[-1]

    def set(self) -> list[Sheet]:
        """Set the whole paper."""
        if self.paper.framed:
            self.sheet.frame()
            self.y += 8
        if self.paper.agency:
            self._letterhead()
        else:
            self._national_heading(WIDTH_MM / 2, self.y + 4)
            self.y += 18
        self._title()
        for block in self.paper.body:
            if isinstance(block, Row):
                self._row(block)
            else:
                self._paragraph(block)
        for left, right in self.paper.signatures:
            self._signature_row(left, right)
        return self.sheets

    def _national_heading(self, x: float, y: float) -> None:
        self.sheet.write(_NATION, x, y, self.sheet.font(12, bold=True))
        width = self.sheet.write(_MOTTO, x, y + 5.5, self.sheet.font(13, bold=True))
        self.sheet.rule(x, y + 7.6, width)

    def _letterhead(self) -> None:
        paper, top = self.paper, self.y + 4
        y = top
        width = 0.0
        # The issuer is bold, the agency above it is not (law 4B, zone 2).
        for line in (*paper.parent, *paper.agency):
            bold = line in paper.agency
            width = self.sheet.write(line, _AGENCY_X, y, self.sheet.font(12, bold=bold))
            y += 5.2
        self.sheet.rule(_AGENCY_X, y - 3.2, width / 2)
        if paper.number:
            self._number(_AGENCY_X, y + 2.6)
            y += 8.5
        if paper.abstract and not paper.title:
            font = self.sheet.font(12)
            for tokens in _wrap([(word, font) for word in paper.abstract.split()], self.sheet.px(62), 0):
                self.sheet.write(" ".join(word for word, _ in tokens), _AGENCY_X, y, font)
                y += 5.2
        self._national_heading(_MOTTO_X, top)
        _, day, _, month, _, year = day_in_words(paper.issued).split()
        parts = ("Đà Nẵng, ngày ", day, " tháng ", month, f" năm {year}")
        self._filled_in(parts, _MOTTO_X, top + 14.5, self.sheet.font(13, italic=True))
        self.y = max(y, top + 17) + 3

    def _title(self) -> None:
        paper = self.paper
        if paper.title:
            self.y += 6
            size = 18 if paper.framed else 15
            for place, line in enumerate(paper.title.splitlines()):
                self.y += size * _MM_PER_POINT * 1.3 if place else 0
                self.sheet.write(line, WIDTH_MM / 2, self.y, self.sheet.font(size, bold=True))
            self.y += 2
        if paper.title and paper.abstract:
            self._paragraph(Paragraph(paper.abstract, align="centre", bold=True))
            self.sheet.rule(WIDTH_MM / 2, self.y + 0.8, 35)
            self.y += 1
        if paper.number and not paper.agency:
            self._number(WIDTH_MM / 2, self.y + 4)
            self.y += 6
        self.y += 4

    def _number(self, x: float, y: float) -> None:
        number = self.paper.number or ""
        digits = "".join(takewhile(str.isdigit, number))
        self._filled_in(("Số: ", digits, number[len(digits) :]), x, y, self.sheet.font(13))

    def _filled_in(self, parts: Sequence[str], x: float, y: float, font: ImageFont.FreeTypeFont) -> None:
        """A line whose second and fourth parts are written by hand, if the paper has one."""
        if self.paper.hand:
            self.sheet.write_into(parts, x, y, font, self.paper.hand, self.random)
        else:
            self.sheet.write("".join(parts), x, y, font)

    def _next_line(self, height: float) -> float:
        """Move down by one line, to a new sheet when this one is full; gives the baseline."""
        if self.y + height > _BOTTOM:
            self.sheets.append(Sheet(self.dpi))
            # Page numbers stand at the top in the middle, not on page 1 (law 4B).
            self.sheet.write(str(len(self.sheets)), WIDTH_MM / 2, 14, self.sheet.font(13))
            self.y = _TOP
        self.y += height
        return self.y

    def _paragraph(self, block: Paragraph) -> None:
        sheet, size = self.sheet, self.paper.size_pt
        plain = sheet.font(size, bold=block.bold, italic=block.italic)
        tokens = [(word, sheet.font(size, bold=True)) for word in block.lead.split()]
        tokens += [(word, plain) for word in block.text.split()]
        space, width = plain.getlength(" "), sheet.px(_RIGHT - _LEFT)
        lines = _wrap(tokens, width, sheet.px(block.indent_mm))
        for place, line in enumerate(lines):
            indent = block.indent_mm if place == 0 else 0
            room = width - sheet.px(indent) - sum(font.getlength(word) for word, font in line)
            gap = space
            if block.align == "justify" and place < len(lines) - 1:
                gap = room / max(1, len(line) - 1)
            slack = (room - gap * (len(line) - 1)) * 25.4 / self.dpi
            shift = {"centre": slack / 2, "right": slack}.get(block.align, indent)
            y = self._next_line(self.pitch)
            self.sheet.write_spread(line, _LEFT + shift, y, gap)
        self.y += _PARAGRAPH_MM

    def _row(self, row: Row) -> None:
        y = self._next_line(self.pitch)
        step = (_RIGHT - _LEFT) / len(row.cells)
        for place, cell in enumerate(row.cells):
            self.sheet.write(cell, _LEFT + place * step, y, self.sheet.font(self.paper.size_pt), "ls")
        self.y += _PARAGRAPH_MM

    def _signature_row(self, left: Signer | None, right: Signer) -> None:
        """Keep the row together: a signature must not stand alone on a page without its authority."""
        rows = max(len(signer.position) for signer in (left, right) if signer)
        top = self._next_line(9 + rows * 5.5 + _SIGNATURE_MM + 8) - (rows * 5.5 + _SIGNATURE_MM + 8)
        if left:
            self._signer(left, _SIGNER_X[0], top)
        elif self.paper.recipients:
            self._recipients(top)
        self._signer(right, _SIGNER_X[1], top)

    def _recipients(self, y: float) -> None:
        self.sheet.write("Nơi nhận:", _LEFT, y, self.sheet.font(12, bold=True, italic=True), "ls")
        for line in self.paper.recipients:
            y += 4.8
            self.sheet.write(f"- {line}", _LEFT, y, self.sheet.font(11), "ls")

    def _signer(self, signer: Signer, x: float, y: float) -> None:
        sheet = self.sheet
        for line in signer.position:
            sheet.write(line, x, y, sheet.font(13, bold=True))
            y += 5.5
        if signer.hint:
            sheet.write(signer.hint, x, y, sheet.font(11, italic=True))
        # The seal covers about a third of the signature, on its left side (law 4B, zone 8).
        middle = y - 2.5 + SEAL_MM / 2
        box = (sheet.px(x - 16), sheet.px(middle - 8), sheet.px(x + 22), sheet.px(middle + 8))
        write_signature(sheet.image, box, self.random)
        if signer.seal:
            press_seal(sheet.image, (sheet.px(x - 21), sheet.px(middle)), sheet.px(SEAL_MM), signer.seal, self.random)
        sheet.write(signer.name, x, y + _SIGNATURE_MM + 2, sheet.font(13, bold=True))


def _wrap(tokens: Iterable[Token], width_px: float, indent_px: float) -> list[list[Token]]:
    """Break words into lines that fit the width; the first line is shorter by the indent."""
    lines: list[list[Token]] = [[]]
    x = indent_px
    for word, font in tokens:
        length = font.getlength(word)
        if lines[-1] and x + length > width_px:
            lines.append([])
            x = 0
        lines[-1].append((word, font))
        x += length + font.getlength(" ")
    return lines


def lay_out(paper: Paper, dpi: int, random: Random) -> list[Sheet]:
    """The paper, printed, signed and sealed, as it lies on the desk before it is scanned."""
    return _Setter(paper, dpi, random).set()
