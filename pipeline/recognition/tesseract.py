"""Tesseract in this process: models are loaded once, pixels are handed over as they are."""

import time
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import tesserocr

from pipeline.errors import ToolMissing
from pipeline.recognition.ink import Rectangle
from pipeline.scans.raster import Pixels

_FOLDERS = ("/usr/share/tesseract-ocr/*/tessdata", "/usr/share/tessdata", "/usr/local/share/tessdata")

_LOOKALIKES = str.maketrans("ÐðƉ", "ĐđĐ")  # letters of Icelandic and Ewe: no paper here has them


class ReadToken(NamedTuple):
    """A word as it was read; box ``(left, top, right, bottom)`` in pixels, confidence 0..1, number of its line."""

    text: str
    box: Rectangle
    confidence: float
    line: int


class Tesseract:
    """One set of models, kept for the life of the process."""

    def __init__(self, models: str) -> None:
        folder = tessdata()
        for model in models.split("+"):
            if not (folder / f"{model}.traineddata").exists():
                raise ToolMissing("model_missing", model=model, folder=folder)
        self._api = tesserocr.PyTessBaseAPI(path=str(folder), lang=models, psm=tesserocr.PSM.AUTO)
        self._api.SetVariable("debug_file", "/dev/null")
        self._api.SetVariable("tessedit_do_invert", "0")  # papers print dark on light; looking for more costs a tenth

    def read(self, grey: Pixels, dpi: float, seconds: float) -> tuple[ReadToken, ...] | None:
        """The words of a page in reading order; None when it took longer than that."""
        self._set(grey, dpi)
        self._api.SetPageSegMode(tesserocr.PSM.AUTO)
        return tuple(self._words()) if self._api.Recognize(max(1, round(1000 * seconds))) else None

    def read_lines(
        self, grey: Pixels, dpi: float, boxes: list[Rectangle], seconds: float
    ) -> list[tuple[ReadToken, ...]]:
        """What stands in each of the boxes, taken for one line of text each."""
        if not boxes:
            return []
        self._set(grey, dpi)
        self._api.SetPageSegMode(tesserocr.PSM.SINGLE_LINE)
        lines = []
        until = time.monotonic() + seconds
        for left, top, right, bottom in boxes:
            self._api.SetRectangle(left, top, right - left, bottom - top)
            left_over = max(1, round(1000 * (until - time.monotonic())))
            lines.append(tuple(self._words()) if self._api.Recognize(left_over) else ())
        return lines

    def _set(self, grey: Pixels, dpi: float) -> None:
        height, width = grey.shape
        self._api.SetImageBytes(grey.tobytes(), width, height, 1, width)
        self._api.SetSourceResolution(round(dpi))

    def _words(self) -> Iterator[ReadToken]:
        found = self._api.GetIterator()
        if found is None:
            return
        line = -1
        for word in tesserocr.iterate_level(found, tesserocr.RIL.WORD):
            if word.IsAtBeginningOf(tesserocr.RIL.TEXTLINE):
                line += 1
            if word.Empty(tesserocr.RIL.WORD):
                continue
            text = unicodedata.normalize("NFC", word.GetUTF8Text(tesserocr.RIL.WORD)).strip().translate(_LOOKALIKES)
            if text:
                confidence = word.Confidence(tesserocr.RIL.WORD) / 100
                yield ReadToken(text, word.BoundingBox(tesserocr.RIL.WORD), confidence, line)


@cache
def tesseract(models: str) -> Tesseract:
    """The reader with these models (``vie``, ``Vietnamese+vie``) of this process.

    Raises:
        ToolMissing: a model is not installed.
    """
    return Tesseract(models)


@cache
def tessdata() -> Path:
    """The folder of Tesseract's models.

    Raises:
        ToolMissing: there is none.
    """
    for pattern in _FOLDERS:
        root, _, rest = pattern.partition("*")
        found = sorted(Path(root).glob("*" + rest)) if rest else [Path(root)]
        for folder in reversed(found):
            if (folder / "vie.traineddata").exists():
                return folder
    raise ToolMissing("vietnamese_model_missing")
