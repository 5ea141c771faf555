"""The text that a PDF brings: which pages may keep theirs, and the words of those.

Only what a person sees is a source of values (docs/decisions/0033).  A word counts when ink is gone from its place
once the text is not drawn: words without ink, under an image, in the paper's colour, outside the crop box or in a layer
that is off are as good as not there.  A scan is always read, whatever a hidden layer says.  Words that somebody struck
or wrote over on a page that a program wrote are told.
"""

import ctypes
import sys
import unicodedata
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import pypdfium2
from numpy.typing import NDArray
from pypdfium2 import raw

from domain.readings import Box, PageReading, Word
from pipeline.bounds import alarm
from pipeline.recognition.compare import Agreement, compare_words, lying
from pipeline.recognition.coverage import overwritten
from pipeline.scans.raster import Pages

Verdict = Literal["keep", "redo", "differs", "none"]
_BY_AGREEMENT: dict[Agreement, Verdict] = {"same": "keep", "unclear": "redo", "other": "differs"}

_DPI = 72
_CLOSE_DPI = 150  # strokes of a pen are seen
_MOST_PIXELS = 12_000_000
_INK = 0.75  # darker than this share of the paper's grey
_FINE = 100_000  # device units across a page: fractions to five places
_DEPTH = 5  # forms within forms

# Shares, 0..1; drawn papers and their scans lie far from all of them.
_SEEN = 0.5  # of the ink: text that draws so much of it is the page
_SCAN = 0.5  # of the page: images that cover so much of it are a scan, or a background
_FEW = 3  # words: fewer are a page number or a stamp
_FOREIGN = 0.25  # of the words: German has up to 0.15 with letters that Vietnamese lacks, TCVN3 and VNI about 0.45
_DRAWN = 12  # grey levels by which a place changes when its letters are not drawn
_LEAST_DRAWN = 0.04  # of the middle of a word's box: letters fill a tenth and more of it
_UNSEEN_MODES = frozenset({raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP})

_DOUBTED = 0.2  # confidence of a word that says other letters than it shows

# Letters of Latin-1 that Vietnamese has; the other ones, and signs amid letters, are old encodings taken for Unicode.
_OF_LATIN_1 = frozenset("ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝàáâãèéêìíòóôõùúýÐ")


class Judged(NamedTuple):
    """The verdict on a page; the boxes of words that it shows spelled otherwise, and of those that are overwritten."""

    verdict: Verdict
    doubted: frozenset[Box] = frozenset()
    overwritten: frozenset[Box] = frozenset()


class TextFacts(NamedTuple):
    """What was found out about the text of a page, all shares of its ink but ``scanned``, a share of its area.

    ``words`` are those that are seen, ``hidden`` counts the others; ``seen``: ink that is gone when the text is not
    drawn; ``covered``: ink inside the boxes of the words; ``covered_alone``: the same when the text is not drawn, so
    ink that something else draws where the words stand.
    """

    words: tuple[Word, ...]
    hidden: int
    seen: float
    covered: float
    covered_alone: float
    scanned: float


def judge(pdf: Path, index: int) -> Verdict:
    """Whether page ``index`` (from 0) may keep its text.

    ``keep``: the words are what the page shows; ``redo``: text that must go before the page is read anew, such as that
    of a page that a reader shows lying, which reading sets upright; ``differs``:
    the same, for the page shows other words than its text says; ``none``: no text, or only some over a scan, which is
    not in the way.

    Raises:
        ToolMissing: a model of Tesseract is not installed.
    """
    with closing(pypdfium2.PdfDocument(pdf)) as document:
        return _judge(document, index).verdict


def judge_pages(pdf: Path) -> tuple[Judged, ...]:
    """The verdict on every page; raises what ``judge`` raises."""
    with closing(pypdfium2.PdfDocument(pdf)) as document:
        judged = []
        for index in range(len(document)):
            with alarm.page(index + 1):
                judged.append(_judge(document, index))
    return tuple(judged)


def _judge(document: pypdfium2.PdfDocument, index: int) -> Judged:
    facts = _facts(document, index)
    verdict = judge_facts(facts)
    turn = lying(facts.words)
    over = _overwritten(document, index, facts.words) if verdict != "none" and not turn else frozenset[Box]()
    if verdict != "keep":
        return Judged(verdict, overwritten=over)
    compared = compare_words(Pages(document), index, facts.words, turn)
    found = _BY_AGREEMENT[compared.agreement]
    if turn:  # its boxes are those of the page as it lies, and it is read anew in any case
        return Judged("redo" if found == "keep" else found)
    return Judged(found, compared.doubted, over)


def judge_facts(facts: TextFacts) -> Verdict:
    """The verdict on a page of which this is known, but for what its words say."""
    texts = [word.text for word in facts.words if any(map(str.isalnum, word.text))]
    is_page = facts.seen >= _SEEN or (facts.scanned < _SCAN and facts.covered_alone < facts.covered / 2)
    if len(texts) >= _FEW and is_page:
        return "redo" if _is_mojibake(texts) else "keep"
    return "redo" if facts.hidden else "none"  # a head or a stamp, drawn over the scan, may stay


def read_text_layer(pdf: Path, page_number: int, judged: Judged | None = None) -> PageReading:
    """The words that page ``page_number`` (from 1) shows, in the order of its text; a box for each word.

    Words that were ``judged`` to be spelled otherwise, struck or written over get so little confidence that a value
    with one of them waits for a person.
    """
    with closing(pypdfium2.PdfDocument(pdf)) as document:
        words = _facts(document, page_number - 1).words
    reading = PageReading(number=page_number, words=words)
    if judged is None:
        return reading
    less = (word.model_copy(update={"confidence": _DOUBTED}) if word.box in judged.doubted else word for word in words)
    return with_overwritten(reading.model_copy(update={"words": tuple(less)}), judged.overwritten)


def with_overwritten(reading: PageReading, boxes: frozenset[Box]) -> PageReading:
    """The reading with little confidence in the words that stand where words were struck or written over."""
    places = tuple(place for place, word in enumerate(reading.words) if any(_lies_on(word.box, box) for box in boxes))
    if not places:
        return reading
    words = list(reading.words)
    for place in places:
        words[place] = words[place].model_copy(update={"confidence": min(_DOUBTED, words[place].confidence)})
    return reading.model_copy(update={"words": tuple(words), "overwritten": places})


def _lies_on(one: Box, other: Box) -> bool:
    """Whether boxes share half of the smaller one, both ways."""
    return all(
        min(one[side + 2], other[side + 2]) - max(one[side], other[side])
        > min(one[side + 2] - one[side], other[side + 2] - other[side]) / 2
        for side in (0, 1)
    )


# Facts


def _facts(document: pypdfium2.PdfDocument, index: int) -> TextFacts:
    page = document[index]
    try:
        words, unseen = _words(page)
        if not words:
            return TextFacts((), unseen, 0.0, 0.0, 0.0, 0.0)
        area = max(page.get_width() * page.get_height(), 1.0)
        objects = list(page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT, raw.FPDF_PAGEOBJ_IMAGE], max_depth=_DEPTH))
        scanned = sum(_area(item) for item in objects if item.type == raw.FPDF_PAGEOBJ_IMAGE) / area
        shown = _grey(page)
        for item in objects:
            if item.type == raw.FPDF_PAGEOBJ_TEXT:
                raw.FPDFPageObj_SetIsActive(item.raw, 0)  # in memory only; the file is never written
        bare = _grey(page)
    finally:
        page.close()
    drawn = np.abs(shown.astype(np.int16) - bare) > _DRAWN
    seen = [word for word in words if _is_drawn(word, drawn)]
    ink, alone, boxes = _ink(shown), _ink(bare), _mask(seen, shown.shape)
    total = max(1, int(np.count_nonzero(ink)))
    return TextFacts(
        words=tuple(seen),
        hidden=unseen + len(words) - len(seen),
        seen=np.count_nonzero(ink & ~alone) / total,
        covered=np.count_nonzero(ink & boxes) / total,
        covered_alone=np.count_nonzero(alone & boxes) / total,
        scanned=min(1.0, scanned),
    )


def _overwritten(document: pypdfium2.PdfDocument, index: int, words: Sequence[Word]) -> frozenset[Box]:
    """The boxes of words that are struck or written over."""
    page = document[index]
    try:
        dpi = min(_CLOSE_DPI, 72 * (_MOST_PIXELS / max(1.0, page.get_width() * page.get_height())) ** 0.5)
        shown = _grey(page, dpi)
        for item in page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT], max_depth=_DEPTH):
            raw.FPDFPageObj_SetIsActive(item.raw, 0)
        return overwritten(words, shown, _grey(page, dpi))
    finally:
        page.close()


def _is_drawn(word: Word, drawn: NDArray[np.bool_]) -> bool:
    """Whether the word's letters are seen: its middle, for the lines above and below reach into its box."""
    height, width = drawn.shape
    left, top, right, bottom = word.box
    inset = (bottom - top) / 5 if any(map(str.isalnum, word.text)) else 0.0
    rows = slice(int((top + inset) * height), int((bottom - inset) * height) + 1)
    place = drawn[rows, int(left * width) : int(right * width) + 1]
    least = _LEAST_DRAWN * place.size if inset else 0.0
    return right > left and bottom > top and bool(np.count_nonzero(place) > least)


def _area(item: pypdfium2.PdfObject) -> float:
    left, bottom, right, top = item.get_bounds()
    return float((right - left) * (top - bottom))


def _grey(page: pypdfium2.PdfPage, dpi: float = _DPI) -> NDArray[np.uint8]:
    bitmap = page.render(scale=dpi / 72, grayscale=True)
    grey: NDArray[np.uint8] = bitmap.to_numpy().copy().reshape(bitmap.height, bitmap.width)
    bitmap.close()
    return grey


def _ink(grey: NDArray[np.uint8]) -> NDArray[np.bool_]:
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


# Words


def all_words(page: pypdfium2.PdfPage) -> tuple[Word, ...]:
    """The words of a page's text, also those that nobody sees."""
    return tuple(_words(page, also_unseen=True)[0])


def _words(page: pypdfium2.PdfPage, *, also_unseen: bool = False) -> tuple[list[Word], int]:
    """Runs of letters between blanks, and how many such runs are drawn in no ink.

    PDFium finds blanks and line ends that are only gaps.
    """
    text = page.get_textpage()
    words: list[Word] = []
    unseen = line = 0
    try:
        letters, box, is_inked = "", _Bounds(), False
        for place in range(text.count_chars() + 1):
            letter = _letter(text.raw, place) if place < text.count_chars() else "\n"
            if not letter.isspace() and letter != "\0":
                letters += letter
                box.add(text.raw, place)
                is_inked = is_inked or _has_ink(text.raw, place)
                continue
            if letters and (is_inked or also_unseen):
                words.append(_word(page, letters, box, line))
            unseen += bool(letters) and not is_inked
            letters, box, is_inked = "", _Bounds(), False
            line += letter == "\n"
    finally:
        text.close()
    return words, unseen


def _letter(text: object, place: int) -> str:
    if raw.FPDFText_IsHyphen(text, place) == 1:
        return "-"
    code = raw.FPDFText_GetUnicode(text, place)
    return chr(code) if code <= sys.maxunicode else "\ufffd"  # a file may say anything


def _has_ink(text: object, place: int) -> bool:
    """Whether the letter is drawn at all: text may be laid down without ink, or only to cut out a shape."""
    item = raw.FPDFText_GetTextObject(text, place)
    return bool(item) and raw.FPDFTextObj_GetTextRenderMode(item) not in _UNSEEN_MODES


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
    whole = letters.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")  # PDFium gives halves of signs
    text = unicodedata.normalize("NFC", whole)
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
