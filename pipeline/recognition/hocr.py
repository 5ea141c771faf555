"""Words, boxes and confidences from hOCR, as Tesseract and OCRmyPDF write it."""

import re
import unicodedata
from html.parser import HTMLParser
from pathlib import Path

from domain.errors import Held
from domain.readings import Box, PageReading, Word

# What Tesseract calls a line of text, by the place it takes it to have on the page.
LINES = {"ocr_line", "ocr_header", "ocr_caption", "ocr_textfloat"}
BBOX = re.compile(r"\bbbox (-?\d+) (-?\d+) (-?\d+) (-?\d+)")
CONFIDENCE = re.compile(r"\bx_wconf (\d+(?:\.\d+)?)")


class UnreadableHocr(Held):
    """The recogniser's output is not hOCR."""

    reason = "unreadable_hocr"
    remedy = "Recognise the page again; if it fails again, look at the recogniser's log"


def read_hocr(path: Path, number: int) -> PageReading:
    """Read one page of hOCR.

    Args:
        path: The file; only its first page is read.
        number: The number that the page has in its document, from 1.

    Raises:
        UnreadableHocr: The file has no page with a size.
    """
    parser = _Parser()
    parser.feed(path.read_text(encoding="utf-8"))
    parser.close()
    if parser.page is None:
        raise UnreadableHocr(f"{path.name} has no ocr_page with a size")
    return PageReading(number=number, words=tuple(parser.words))


class _Parser(HTMLParser):
    """Collects the words of the first page."""

    def __init__(self) -> None:
        super().__init__()
        self.page: tuple[int, int, int, int] | None = None
        self.words: list[Word] = []
        self._pages = 0
        self._line = 0
        self._title: str | None = None
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        kind, title = given.get("class", ""), given.get("title", "")
        if kind == "ocr_page":
            self._pages += 1
            self.page = _page_box(title) if self._pages == 1 else self.page
        elif kind in LINES:
            self._line += 1
        elif kind == "ocrx_word" and tag == "span" and self._pages == 1:
            self._title, self._text = title, ""

    def handle_data(self, data: str) -> None:
        if self._title is not None:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        # <strong> and <em> may stand inside a word; only the span ends it.
        if tag != "span" or self._title is None:
            return
        box, confidence = BBOX.search(self._title), CONFIDENCE.search(self._title)
        text = unicodedata.normalize("NFC", self._text).strip()
        if text and box and confidence and self.page:
            self.words.append(
                Word(
                    text=text,
                    box=_fractions(tuple(map(int, box.groups())), self.page),
                    confidence=min(1.0, float(confidence[1]) / 100),
                    line=self._line,
                )
            )
        self._title = None


def _page_box(title: str) -> tuple[int, int, int, int] | None:
    found = BBOX.search(title)
    if not found:
        return None
    left, top, right, bottom = map(int, found.groups())
    return (left, top, right, bottom) if right > left and bottom > top else None


def _fractions(box: tuple[int, ...], page: tuple[int, int, int, int]) -> Box:
    """The box as fractions of the page, cut off at its edges."""
    width, height = page[2] - page[0], page[3] - page[1]
    left, top, right, bottom = box
    x0, x1 = ((x - page[0]) / width for x in (left, right))
    y0, y1 = ((y - page[1]) / height for y in (top, bottom))
    return (_cut(x0), _cut(y0), _cut(x1), _cut(y1))


def _cut(value: float) -> float:
    return min(1.0, max(0.0, value))
