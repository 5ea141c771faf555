"""Our plugin for OCRmyPDF: it turns the pages and lays down the text that ``page`` has read.

OCRmyPDF would draw each page twice as a compressed picture and start a program to look at it.  The pages are read
before it is called; what it asks for here is answered from the readings, and the picture it wants is an empty sheet.
"""

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pypdfium2
from ocrmypdf import hookimpl
from ocrmypdf.builtin_plugins import tesseract_ocr
from ocrmypdf.pluginspec import OcrEngine, OrientationConfidence
from PIL import Image

from domain.readings import PageReading
from pipeline.recognition.layer import write_layer

_CERTAIN = 100.0
_POINTS = 72


class _Engine(OcrEngine):
    """Answers from readings, by page number; OCRmyPDF names its files by the number of the page."""

    def __init__(self, readings: Mapping[int, PageReading]) -> None:
        self._readings = readings

    @staticmethod
    def version() -> str:
        """What stands in OCRmyPDF's log."""
        return "1"

    @staticmethod
    def creator_tag(options: Any) -> str:  # noqa: ARG004 (OCRmyPDF's signature)
        """What the PDF names as the maker of its text."""
        return "khoso"

    def __str__(self) -> str:
        return "khoso"

    @staticmethod
    def languages(options: Any) -> set[str]:  # noqa: ARG004 (OCRmyPDF's signature)
        """What may be asked for."""
        return {"vie"}

    def get_orientation(self, input_file: Path, options: Any) -> OrientationConfidence:  # type: ignore[override]  # noqa: ARG002
        """The turn that was found."""
        reading = self._readings[int(Path(input_file).name[:6])]
        return OrientationConfidence(angle=-reading.turn % 360, confidence=_CERTAIN)

    @staticmethod
    def get_deskew(input_file: Path, options: Any) -> float:  # noqa: ARG004 (OCRmyPDF's signature)
        """The page that is kept is never straightened: its pixels stay as they came."""
        return 0.0

    @staticmethod
    def generate_hocr(input_file: Path, output_hocr: Path, output_text: Path, options: Any) -> None:
        """Not used: ``generate_pdf`` is."""
        raise NotImplementedError

    def generate_pdf(  # type: ignore[override]  # OCRmyPDF calls it on the object; ours knows its readings
        self,
        input_file: Path,
        output_pdf: Path,
        output_text: Path,
        options: Any,  # noqa: ARG002 (OCRmyPDF's signature)
    ) -> None:
        """The page's words as a PDF of the size of OCRmyPDF's picture of it."""
        reading = self._readings[int(Path(input_file).name[:6])]
        with Image.open(input_file) as picture:
            (width, height), dpi = picture.size, picture.info["dpi"]
        write_layer(reading, width / float(dpi[0]) * _POINTS, height / float(dpi[1]) * _POINTS, Path(output_pdf))
        output_text.write_text(reading.text, encoding="utf-8")


class Plugin:
    """What OCRmyPDF is given, with the pages that were read by their number."""

    def __init__(self, readings: Mapping[int, PageReading]) -> None:
        self._engine = _Engine(readings)

    @hookimpl
    def register_options(self) -> Any:
        """OCRmyPDF looks at its Tesseract options whichever engine works."""
        return tesseract_ocr.register_options()  # type: ignore[no-untyped-call]

    @hookimpl
    def get_ocr_engine(self) -> OcrEngine:
        """Ours, whatever the options say."""
        return self._engine

    @hookimpl
    def rasterize_pdf_page(
        self, input_file: Path, output_file: Path, raster_dpi: Any, pageno: int, page_dpi: Any, rotation: int | None
    ) -> Path:
        """An empty sheet of the size of the page."""
        with Image.new("1", _size(input_file, pageno, raster_dpi, rotation or 0), 1) as sheet:
            sheet.save(output_file, "PNG", compress_level=1, dpi=tuple(page_dpi or raster_dpi))
        return output_file


def _size(pdf: Path, number: int, dpi: Any, rotation: int) -> tuple[int, int]:
    with closing(pypdfium2.PdfDocument(pdf)) as document:
        width, height = document.get_page_size(number - 1)
    width, height = max(1, round(width * dpi.x / _POINTS)), max(1, round(height * dpi.y / _POINTS))
    return (height, width) if rotation % 180 else (width, height)
