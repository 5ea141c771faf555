"""The text that a PDF brings: which pages may keep theirs, and the words of those."""

import ctypes
import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import pypdfium2
from numpy.typing import NDArray
from pypdfium2 import raw

from domain.fold import fold
from domain.readings import Box, PageReading, Word

Verdict = Literal["keep", "redo", "none"]

_DPI = 72
_INK = 0.75  # darker than this share of the paper's grey
_FINE = 100_000  # device units across a page: fractions to five places
_DEPTH = 5  # forms within forms

# Shares, 0..1; drawn papers and their scans lie far from all of them.
_SEEN = 0.5  # of the ink: text that draws so much of it is the page
_SCAN = 0.5  # of the page: images that cover so much of it are a scan, or a background
_COVERED = 0.45  # of the ink: a layer of recognised words that covers less has missed lines
_FEW = 3  # words: fewer are a page number or a stamp
_FOREIGN = 0.25  # of the words: German has up to 0.15 with letters that Vietnamese lacks, TCVN3 and VNI about 0.45
_SYLLABLES, _ACCENTED = 0.8, 0.35  # of the words; Vietnamese has 0.98 and 0.7, read as English 0.7 and 0.05

_HIDDEN_CONFIDENCE = 0.9  # somebody else's recognition that looks right; what the page itself draws has 1

# Letters of Latin-1 that Vietnamese has; the other ones, and signs amid letters, are old encodings taken for Unicode.
_OF_LATIN_1 = frozenset("ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝàáâãèéêìíòóôõùúýÐ")
_SYLLABLE = re.compile(r"(?:ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdghklmnpqrstvx])?[aeiouy]{1,3}(?:ng|nh|ch|[cmnpt])?")


class TextFacts(NamedTuple):
    """What was found out about the text of a page, all shares of its ink but ``scanned``, a share of its area.

    ``seen``: ink that is gone when the text is not drawn; ``covered``: ink inside the boxes of the words;
    ``covered_alone``: the same when the text is not drawn, so ink that something else draws where the words stand.
    """

    words: tuple[str, ...]
    seen: float
    covered: float
    covered_alone: float
    scanned: float


def judge(pdf: Path, index: int) -> Verdict:
    """Whether page ``index`` (from 0) may keep its text.

    ``keep``: the words are what the page shows, or a sound hidden layer; ``redo``: text that must go before the page is
    read anew; ``none``: no text, or only some over a scan, which is not in the way.
    """
    with closing(pypdfium2.PdfDocument(pdf)) as document:
        return judge_facts(_facts(document, index))


def judge_pages(pdf: Path) -> tuple[Verdict, ...]:
    """The verdict on every page."""
    with closing(pypdfium2.PdfDocument(pdf)) as document:
        return tuple(judge_facts(_facts(document, index)) for index in range(len(document)))


def judge_facts(facts: TextFacts) -> Verdict:
    """The verdict on a page of which this is known."""
    if len(facts.words) < _FEW:
        return "none"
    if facts.seen >= _SEEN or (facts.scanned < _SCAN and facts.covered_alone < facts.covered / 2):
        return "redo" if _is_mojibake(facts.words) else "keep"
    if facts.covered_alone < facts.covered / 2:
        return "none"  # a head or a stamp, drawn over the scan
    is_sound = facts.covered >= _COVERED and _is_vietnamese(facts.words)
    return "keep" if is_sound else "redo"


def read_text_layer(pdf: Path, page_number: int) -> PageReading:
    """The words that page ``page_number`` (from 1) brings, in the order of its text; a box for each word."""
    with closing(pypdfium2.PdfDocument(pdf)) as document:
        words = tuple(_words(document[page_number - 1]))
        facts = _facts(document, page_number - 1) if words else None
    if facts is not None and facts.seen < _SEEN <= facts.scanned:
        words = tuple(word.model_copy(update={"confidence": _HIDDEN_CONFIDENCE}) for word in words)
    return PageReading(number=page_number, words=words)


# Facts


def _facts(document: pypdfium2.PdfDocument, index: int) -> TextFacts:
    page = document[index]
    try:
        words = list(_words(page))
        if not words:
            return TextFacts((), 0.0, 0.0, 0.0, 0.0)
        area = max(page.get_width() * page.get_height(), 1.0)
        objects = list(page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT, raw.FPDF_PAGEOBJ_IMAGE], max_depth=_DEPTH))
        scanned = sum(_area(item) for item in objects if item.type == raw.FPDF_PAGEOBJ_IMAGE) / area
        ink = _ink(page)
        for item in objects:
            if item.type == raw.FPDF_PAGEOBJ_TEXT:
                raw.FPDFPageObj_SetIsActive(item.raw, 0)  # in memory only; the file is never written
        alone = _ink(page)
    finally:
        page.close()
    boxes = _mask(words, ink.shape)
    total = max(1, int(np.count_nonzero(ink)))
    return TextFacts(
        words=tuple(word.text for word in words if any(map(str.isalnum, word.text))),
        seen=np.count_nonzero(ink & ~alone) / total,
        covered=np.count_nonzero(ink & boxes) / total,
        covered_alone=np.count_nonzero(alone & boxes) / total,
        scanned=min(1.0, scanned),
    )


def _area(item: pypdfium2.PdfObject) -> float:
    left, bottom, right, top = item.get_bounds()
    return float((right - left) * (top - bottom))


def _ink(page: pypdfium2.PdfPage) -> NDArray[np.bool_]:
    bitmap = page.render(scale=_DPI / 72, grayscale=True)
    grey = bitmap.to_numpy().copy().reshape(bitmap.height, bitmap.width)
    bitmap.close()
    return np.asarray(grey < _INK * np.median(grey))


def _mask(words: Sequence[Word], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """The places of a page that lie inside the words' boxes."""
    mask = np.zeros(shape, bool)
    height, width = shape
    for word in words:
        left, top, right, bottom = word.box
        mask[int(top * height) : int(bottom * height) + 1, int(left * width) : int(right * width) + 1] = True
    return mask


def _is_mojibake(words: Sequence[str]) -> bool:
    """Whether many words have letters that no Vietnamese word has: TCVN3, VNI, fonts without a map to Unicode."""
    return sum(any(map(_is_foreign, word)) for word in words) >= _FOREIGN * len(words)


def _is_foreign(letter: str) -> bool:
    if "\u00a1" <= letter <= "\u00ff":
        return letter not in _OF_LATIN_1
    return letter == "\ufffd" or unicodedata.category(letter) in {"Cc", "Co", "Cn"}


def _is_vietnamese(words: Sequence[str]) -> bool:
    """Whether the words are Vietnamese syllables, most with their accents; numbers and abbreviations say nothing."""
    texts = [text for word in words if len(text := word.strip(".,;:()[]-/“”\"'…")) > 1 and text.isalpha()]
    texts = [text for text in texts if not (text.isupper() and text.isascii() and len(text) <= 5)]
    if not texts or _is_mojibake(words):
        return False
    syllables = sum(_SYLLABLE.fullmatch(fold(text)) is not None for text in texts)
    accented = sum(not text.isascii() for text in texts)
    return syllables >= _SYLLABLES * len(texts) and accented >= _ACCENTED * len(texts)


# Words


def _words(page: pypdfium2.PdfPage) -> Iterator[Word]:
    """Runs of letters between blanks; PDFium finds blanks and line ends that are only gaps."""
    text = page.get_textpage()
    try:
        letters, box, line = "", _Bounds(), 0
        for place in range(text.count_chars()):
            letter = (
                "-" if raw.FPDFText_IsHyphen(text.raw, place) == 1 else chr(raw.FPDFText_GetUnicode(text.raw, place))
            )
            if not letter.isspace() and letter != "\0":
                letters += letter
                box.add(text.raw, place)
                continue
            if letters:
                yield _word(page, letters, box, line)
            letters, box = "", _Bounds()
            line += letter == "\n"
        if letters:
            yield _word(page, letters, box, line)
    finally:
        text.close()


class _Bounds:
    """The rectangle around letters, in the page's own units."""

    def __init__(self) -> None:
        self.left = self.bottom = float("inf")
        self.right = self.top = float("-inf")

    def add(self, text: object, place: int) -> None:
        """Take in the letter at a place, with the room its font gives it: a hidden font draws nothing."""
        box = raw.FS_RECTF()
        if raw.FPDFText_GetLooseCharBox(text, place, box):
            self.left, self.right = min(self.left, box.left), max(self.right, box.right)
            self.bottom, self.top = min(self.bottom, box.bottom), max(self.top, box.top)


def _word(page: pypdfium2.PdfPage, letters: str, bounds: _Bounds, line: int) -> Word:
    text = unicodedata.normalize("NFC", letters)
    return Word(text=text, box=_fractions(page, bounds), confidence=1.0, line=line)


def _fractions(page: pypdfium2.PdfPage, bounds: _Bounds) -> Box:
    """Shares of the upright page: turned as the page says, cut to what it shows."""
    corners = [_on_device(page, x, y) for x, y in ((bounds.left, bounds.top), (bounds.right, bounds.bottom))]
    left, right = sorted(x for x, _ in corners)
    top, bottom = sorted(y for _, y in corners)
    return left, top, right, bottom


def _on_device(page: pypdfium2.PdfPage, x: float, y: float) -> tuple[float, float]:
    across, down = ctypes.c_int(), ctypes.c_int()
    raw.FPDF_PageToDevice(page.raw, 0, 0, _FINE, _FINE, 0, x, y, across, down)
    return min(1.0, max(0.0, across.value / _FINE)), min(1.0, max(0.0, down.value / _FINE))
