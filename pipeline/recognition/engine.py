"""A document's recognition: pages are read one by one, OCRmyPDF lays the text under them.

OCRmyPDF runs one document at a time per process: scale by processes.
"""

import logging
import os
import shutil
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

import cv2
import ocrmypdf
import pikepdf
import pypdfium2
from ocrmypdf import exceptions
from ocrmypdf._plugin_manager import OcrmypdfPluginManager, get_plugin_manager
from ocrmypdf.builtin_plugins import tesseract_ocr

from config.settings import RecognitionSettings
from domain.errors import Held
from domain.messages.told import Told, told
from domain.readings import DocumentReading, PageReading
from pipeline.bounds import alarm
from pipeline.errors import DiskFull, ToolMissing
from pipeline.recognition.page import UnreadablePage, read_page, read_stamps
from pipeline.recognition.plugin import Plugin
from pipeline.recognition.text_layer import Judged, judge_pages, read_text_layer, with_overwritten
from pipeline.scans.hidden import without_hidden
from pipeline.scans.raster import open_pages

_log = logging.getLogger("khoso.recognition")
_ENOSPC = 28
# What the library raises over pages that it did not expect; of the disk it is told apart.
_TRIPPED = (
    pikepdf.PikepdfError,
    NotImplementedError,
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)
_DIFFERS = told("text_differs")


def read_document(pdf: Path, settings: RecognitionSettings) -> DocumentReading:
    """What stands on the pages of a PDF, which is only read.

    Born-digital pages keep the text that they show; its words have confidence 1.  A page that cannot be read comes
    back without words and with its ``fault``.

    Raises:
        ToolMissing: a model of Tesseract is not installed.
    """
    return DocumentReading(pages=_read(pdf, judge_pages(pdf), settings))


class Recognition(NamedTuple):
    """What was read, which pages were read from their pixels, and whether the text could be laid under these."""

    reading: DocumentReading
    fresh: tuple[int, ...]
    is_laid: bool


def recognize_pdf(pdf: Path, output: Path, settings: RecognitionSettings) -> Recognition:
    """Write ``output``: the pages of ``pdf`` upright and with a text layer; return what was read.

    Where OCRmyPDF refuses the file (forms, signature fields), ``output`` is the file as it came: another rung of
    ``pipeline.ladder`` will lay the text.

    Raises:
        ToolMissing: a model of Tesseract is not installed.
    """
    judged = judge_pages(pdf)
    reading = DocumentReading(pages=_read(pdf, judged, settings))
    fresh = {page.number: page for page, one in zip(reading.pages, judged, strict=True) if one.verdict != "keep"}
    is_laid = True
    try:
        if fresh:
            lay_down(pdf, output, fresh)
    except Held:
        is_laid = False
    if not fresh or not is_laid:
        shutil.copyfile(pdf, output)
    return Recognition(reading, tuple(fresh), is_laid)


def _read(pdf: Path, judged: Iterable[Judged], settings: RecognitionSettings) -> tuple[PageReading, ...]:
    os.environ["OMP_THREAD_LIMIT"] = "1"  # one core a document: more threads cost more than they give
    cv2.setNumThreads(1)
    readings = []
    with open_pages(pdf) as pages:
        for index, one in enumerate(judged):
            if one.verdict == "keep":
                with alarm.page(index + 1):
                    framed, coloured = read_stamps(pages, index, settings)  # a stamp lies over the text as a picture
                kept = read_text_layer(pdf, index + 1, one)
                readings.append(kept.model_copy(update={"framed": framed, "coloured": coloured}))
                continue
            remark = _DIFFERS if one.verdict == "differs" else None
            try:
                with alarm.page(index + 1):
                    reading = read_page(pages, index, settings).model_copy(update={"remark": remark})
                readings.append(with_overwritten(reading, one.overwritten))
            except UnreadablePage as error:
                readings.append(_unread(index, told("page_takes_long", limit=error.limit_s)))
            except pypdfium2.PdfiumError as error:
                readings.append(_unread(index, told("page_not_drawn", error=str(error))))
    return tuple(readings)


def _unread(index: int, fault: Told) -> PageReading:
    return PageReading(number=index + 1, words=(), fault=fault)


def lay_down(pdf: Path, output: Path, readings: Mapping[int, PageReading]) -> None:
    """Write ``output``: ``pdf`` with what was read of these pages laid under them, and these set upright.

    Hidden text that they bring is taken off; beside ``output`` lies the file without it.

    Raises:
        ToolMissing: a model of Tesseract is not installed.
        Held: OCRmyPDF cannot work on this file.
    """
    manager, plugin = _plugin_manager(), Plugin(readings)
    manager.pluggy_manager.register(plugin)
    try:
        # What it writes into a stream it does not unpack once more: ``prepare`` has unpacked every picture, and its
        # own way to do so ends in a traceback over spot colours (a black and white scan whose ink is a Separation).
        source = without_hidden(pdf, output.with_suffix(".bare.pdf"), readings)
        with output.open("wb") as target:
            ocrmypdf.ocr(
                source,
                target,
                language=["vie"],
                output_type="pdf",
                mode="redo",
                pages=",".join(map(str, readings)),
                rotate_pages=True,
                pdf_renderer="sandwich",  # the layer comes from the plugin
                optimize=0,
                jobs=1,
                use_threads=True,
                progress_bar=False,
                max_image_mpixels=0,  # prepare has measured the pages
                plugin_manager=manager,
            )
    except exceptions.MissingDependencyError as error:
        raise ToolMissing("tool_missing", error=error) from None
    except exceptions.ExitCodeException as error:
        raise _not_laid(error) from None
    except _TRIPPED as error:
        _log.warning("OCRmyPDF trips over a file: %s", type(error).__name__)
        raise _not_laid(error) from None
    except OSError as error:
        if error.errno == _ENOSPC:
            raise DiskFull from None
        raise
    finally:
        manager.pluggy_manager.unregister(plugin)


def _not_laid(error: Exception) -> Held:
    """Another rung of the ladder lays the text, or tells why not; nobody waits for this reason alone."""
    cause = str(error).partition("\n")[0] or type(error).__name__
    return Held("text_not_laid_for", reason="recognition_failed", remedy="scan_again", cause=cause)


@cache
def _plugin_manager() -> OcrmypdfPluginManager:
    """OCRmyPDF's own plugins, looked up once; without Tesseract's, which starts the program to ask for its version."""
    manager = get_plugin_manager([])
    manager.pluggy_manager.unregister(tesseract_ocr)
    return manager
