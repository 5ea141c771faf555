"""OCRmyPDF on one document.  OCRmyPDF runs one document at a time per process: scale by processes."""

import os
import shutil
import tempfile
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ocrmypdf
from ocrmypdf import exceptions, hookimpl
from ocrmypdf._plugin_manager import get_plugin_manager
from ocrmypdf.builtin_plugins.tesseract_ocr import TesseractOcrEngine
from pdfminer.high_level import extract_pages
from pdfminer.layout import LTPage, LTTextContainer, LTTextLine

from config.settings import RecognitionSettings
from domain.errors import Held
from domain.readings import Box, DocumentReading, PageReading, Word
from pipeline.errors import DiskFull, ToolMissing
from pipeline.recognition.hocr import read_hocr

_ENOSPC = 28


class _KeepWords(TesseractOcrEngine):
    """Tesseract as OCRmyPDF runs it, with a copy of each page's hOCR."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def generate_hocr(  # type: ignore[override]  # OCRmyPDF calls it on the object; ours knows its folder
        self, input_file: Path, output_hocr: Path, output_text: Path, options: Any
    ) -> None:
        """Recognise a page and keep its hOCR under the page's number."""
        TesseractOcrEngine.generate_hocr(input_file, output_hocr, output_text, options)  # type: ignore[no-untyped-call]
        shutil.copyfile(output_hocr, self._folder / f"{int(Path(output_hocr).name[:6]):06d}.hocr")


class _Plugin:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @hookimpl
    def get_ocr_engine(self) -> TesseractOcrEngine:
        return _KeepWords(self._folder)


def recognize_pdf(pdf: Path, output: Path, settings: RecognitionSettings) -> DocumentReading:
    """Write ``output``: the pages of ``pdf`` upright and with a text layer; return what was read.

    Pages that bring a text layer keep it (born-digital); their words have confidence 1.

    Raises:
        ToolMissing: tesseract or its language is not installed.
        Held: the recogniser cannot work on this file.
    """
    os.environ["OMP_THREAD_LIMIT"] = "1"  # one core a document: more threads cost more than they give
    with tempfile.TemporaryDirectory(prefix="hocr-") as name:
        folder = Path(name)
        manager = get_plugin_manager([])
        manager.pluggy_manager.register(_Plugin(folder))
        try:
            ocrmypdf.ocr(
                pdf,
                output,
                language=["vie"],
                output_type="pdf",
                mode="skip",
                rotate_pages=True,
                optimize=0,
                jobs=1,
                use_threads=True,
                progress_bar=False,
                tesseract_timeout=settings.page_time_limit_s,
                max_image_mpixels=settings.max_megapixels,
                plugin_manager=manager,
            )
        except exceptions.MissingDependencyError as error:
            raise ToolMissing(str(error)) from None
        except exceptions.ExitCodeException as error:
            raise Held(f"The text cannot be recognised ({error})", reason="recognition_failed") from None
        except OSError as error:
            if error.errno == _ENOSPC:
                raise DiskFull from None
            raise
        return DocumentReading(pages=tuple(_pages(output, folder)))


def _pages(pdf: Path, folder: Path) -> Iterator[PageReading]:
    for number, page in enumerate(extract_pages(pdf), 1):
        hocr = folder / f"{number:06d}.hocr"
        yield read_hocr(hocr, number) if hocr.exists() else _text_layer(page, number)


def _text_layer(page: LTPage, number: int) -> PageReading:
    """The words of a page that came with text.  Boxes of words are shares of their line's box."""
    words = []
    lines = [
        line for block in page if isinstance(block, LTTextContainer) for line in block if isinstance(line, LTTextLine)
    ]
    for i, line in enumerate(lines):
        text = unicodedata.normalize("NFC", line.get_text().rstrip("\n"))
        place = 0
        for token in text.split():
            place = text.index(token, place)
            box = _share(page, line, place / len(text), (place + len(token)) / len(text))
            words.append(Word(text=token, box=box, confidence=1.0, line=i))
            place += len(token)
    return PageReading(number=number, words=tuple(words))


def _share(page: LTPage, line: LTTextLine, start: float, end: float) -> Box:
    left, width = line.x0, line.x1 - line.x0
    fractions = (
        (left + width * start) / page.width,
        1 - line.y1 / page.height,
        (left + width * end) / page.width,
        1 - line.y0 / page.height,
    )
    a, b, c, d = (min(1.0, max(0.0, round(value, 5))) for value in fractions)
    return a, b, c, d
