"""Pages of an archived paper as they are printed: whole, with the marks of a converted copy below them (law L1.7).

Marks cover nothing: each page is drawn as a reader shows it, with its signatures, and what is said of the copy stands
in a strip below it.  A page that leaves room on A4 keeps its size; another one becomes a little smaller on a sheet of
its own size, and a narrow one stands amid a sheet as wide as A4: in a narrower strip its marks could not be read.
"""

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Final, Literal, NamedTuple

from PIL import Image

from config.copies import PaperCopyWords
from domain.errors import NotValid
from files.locks import PDFIUM
from pipeline.scans.raster import Pages, open_pages
from services.printing.pdfa import FAMILY, Sheets

_A4: Final = (595.28, 841.89)  # points
_MARGIN_PT, _GAP_PT = 28.0, 5.0  # no printer reaches the edge of its sheet
_SIZE_PT, _FOOT_PT, _LINE = 9.5, 8.0, 1.2
_SIGNING_PT = 34.0  # for the converter's hand and the seal
_LEFT_SHARE = 0.66
_DPI, _MANY, _DPI_OF_MANY = 300.0, 40, 200.0
_MOST_PIXELS = 40_000_000  # of a page; an A3 sheet has 17 million at 300 dpi
_QUALITY = 88
_LEAST_SCALE = 0.5
_Style = Literal["", "B"]


class Drawn(NamedTuple):
    """A page as a reader shows it: its size in points, and its picture as JPEG."""

    width: float
    height: float
    jpeg: bytes


def drawn_pages(pdf: Path) -> list[Drawn]:
    """The pages of a PDF, with the marks of its signatures."""
    with PDFIUM, open_pages(pdf) as pages:
        return [_drawn(pages, index) for index in range(len(pages))]


def _drawn(pages: Pages, index: int) -> Drawn:
    width, height = pages.size(index)
    dpi = _DPI if len(pages) <= _MANY else _DPI_OF_MANY
    dpi = min(dpi, dpi * (_MOST_PIXELS / pages.pixels(index, dpi)) ** 0.5)
    content = BytesIO()
    Image.fromarray(pages.render(index, dpi)).save(content, "JPEG", quality=_QUALITY)
    return Drawn(width, height, content.getvalue())


def print_copy(pages: Sequence[Drawn], words: Sequence[PaperCopyWords], at: datetime) -> bytes:
    """The sheets, as PDF/A-2b.

    Args:
        pages: of the paper, all of them.
        words: what is said of the copy, for each page.
        at: when it is made.

    Raises:
        SetupError: the typeface is not installed.
        NotConforming, NotChecked: it is not PDF/A-2b.
    """
    sheets = _Strips(words[0].heading, at)
    for number, (page, said) in enumerate(zip(pages, words, strict=True), start=1):
        sheets.lay_page(page, said, is_last=number == len(pages))
    return sheets.proven()


class _Line(NamedTuple):
    """A line of a strip: how far its base is below the strip's top, and from where to where it may reach."""

    down: float
    left: float
    width: float
    text: str
    size: float = _SIZE_PT
    style: _Style = ""
    is_centred: bool = False


class _Strips(Sheets):
    """Sheets with a page each, and the strip below it."""

    def __init__(self, title: str, at: datetime) -> None:
        super().__init__(title, at, unit="pt")
        self.set_auto_page_break(auto=False)

    def lay_page(self, page: Drawn, said: PaperCopyWords, *, is_last: bool) -> None:
        """Put a page on a sheet of its own."""
        across, down = _A4
        lines, high = self._strip(across, said, is_last=is_last)
        scale = 1.0
        if page.width > across + 1 or page.height + high > down:
            across, down = max(page.width, across), page.height  # as wide as the strip needs to be read
            lines, high = self._strip(across, said, is_last=is_last)
            scale = (down - high) / down
        if scale < _LEAST_SCALE:
            raise NotValid(
                "page_small_for_copy", remedy="take_file_over", width=round(page.width), height=round(page.height)
            )
        self.add_page(format=(across, down))
        width, height = page.width * scale, page.height * scale
        self.image(BytesIO(page.jpeg), (across - width) / 2, 0, width, height)
        top = down - high
        self.line(_MARGIN_PT, top + _GAP_PT / 2, across - _MARGIN_PT, top + _GAP_PT / 2)
        for line in lines:
            self.set_font(FAMILY, line.style, line.size)
            aside = (line.width - self.get_string_width(line.text)) / 2 if line.is_centred else 0.0
            self.text(line.left + aside, top + line.down, line.text)

    def _strip(self, across: float, said: PaperCopyWords, *, is_last: bool) -> tuple[list[_Line], float]:
        """The lines of a strip on a sheet of that width, and its height."""
        width = across - 2 * _MARGIN_PT
        if not is_last:
            return self._foot(width, said.foot, _GAP_PT)
        step, half = _SIZE_PT * _LINE, width * _LEFT_SHARE
        texts: list[tuple[str, _Style]] = [(said.heading, "B"), *((text, "") for text in said.lines)]
        left, down = [], _GAP_PT
        for text, style in texts:
            for part in self._wrapped(text, half - _GAP_PT, _SIZE_PT, style):
                down += step
                left.append(_Line(down, _MARGIN_PT, half, part, style=style))
        right, beside = [], _GAP_PT
        for text in said.signer:
            for part in self._wrapped(text, width - half, _SIZE_PT, "") if text else [""]:
                beside += step if part else _SIGNING_PT
                right.append(_Line(beside, _MARGIN_PT + half, width - half, part, is_centred=True))
        foot, high = self._foot(width, said.foot, max(down, beside) + _GAP_PT)
        return [*left, *right, *foot], high

    def _foot(self, width: float, text: str, down: float) -> tuple[list[_Line], float]:
        lines = []
        for part in self._wrapped(text, width, _FOOT_PT, ""):
            down += _FOOT_PT * _LINE
            lines.append(_Line(down, _MARGIN_PT, width, part, _FOOT_PT, is_centred=True))
        return lines, down + _MARGIN_PT / 2

    def _wrapped(self, text: str, width: float, size: float, style: _Style) -> list[str]:
        """A text in lines no wider than that; a word that is wider is broken."""
        self.set_font(FAMILY, style, size)
        lines = [""]
        for word in self.writable(text).split():
            if self.get_string_width(f"{lines[-1]} {word}".lstrip()) <= width:
                lines[-1] = f"{lines[-1]} {word}".lstrip()
                continue
            lines += [""] if lines[-1] else []
            for letter in word:
                if lines[-1] and self.get_string_width(lines[-1] + letter) > width:
                    lines.append("")
                lines[-1] += letter
        return lines
