"""The ladder: as it is, cleaned, rewritten, drawn; the first that is proven and looks like the original is taken."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal, NamedTuple

import pikepdf
import pypdfium2
from pikepdf import pdfa

from domain.errors import Held, KhosoError
from domain.messages.told import Told, told
from domain.readings import PageReading
from pipeline.ladder.cleaning import clean
from pipeline.ladder.drawing import DPI, draw
from pipeline.ladder.likeness import BOUND, document_similarity, page_similarity
from pipeline.ladder.rewriting import rewrite
from pipeline.recognition.engine import lay_down
from pipeline.scans.hidden import draw_more
from pipeline.scans.raster import Pages, open_pages
from signing.errors import NotConforming

Step = Literal["as_it_is", "cleaned", "rewritten", "drawn"]
_STUMBLES = (pdfa.PdfaError, pikepdf.PdfError, Held, RuntimeError, ValueError, TypeError, LookupError, AttributeError)


class Climbed(NamedTuple):
    """The file that is PDF/A-2b, the rung, what was changed, and the least likeness (None: pixels were not touched)."""

    pdf: Path
    step: Step
    remarks: tuple[Told, ...] = ()
    likeness: float | None = None


class _Asked(NamedTuple):
    """The PDF before any text was laid under it, what was read, which pages were read from their pixels.

    ``pages`` are its pages, open all the way: a face that PDFium stands in for one that it lacks (Lucida, Segoe) may
    look otherwise when the file is opened again.
    """

    original: Path
    pages: Pages
    readings: tuple[PageReading, ...]
    fresh: frozenset[int]
    folder: Path
    taken_off: tuple[Told, ...] = ()

    @property
    def clean(self) -> Path:
        """Where the cleaned file lies."""
        return self.folder / "clean.pdf"


def climb(
    original: Path, searchable: Path | None, readings: tuple[PageReading, ...], fresh: frozenset[int], folder: Path
) -> Climbed:
    """The PDF/A-2b copy of ``original``; ``searchable`` has the text laid under it, None where that was not possible.

    On the first rung only pages are compared that were given text and show more than pictures: OCRmyPDF adds text that
    draws nothing, and pixels stay as they came, but what is taken off with a hidden layer may be seen.

    Raises:
        NotConforming: not even the drawn pages could be proven.
    """
    found: list[Told | str] = [] if searchable else [told("text_not_laid")]
    try:
        with open_pages(original) as pages:
            asked = _Asked(original, pages, readings, fresh, folder)
            climbed = _as_it_is(asked, searchable, found) if searchable else None
            climbed = climbed or _climb_on(asked, found)
    except pypdfium2.PdfiumError as error:
        found.append(str(error))
        climbed = None
    if climbed is None:
        raise NotConforming("pdfa_not_proven", found=found)
    return climbed


def _as_it_is(asked: _Asked, searchable: Path, found: list[Told | str]) -> Climbed | None:
    """The lowest rung, when it is proven and looks like the original; why not is added."""
    try:
        proven = _proven(_without_scripts(searchable), asked.folder / "as_it_is.pdf")
        compared = draw_more(asked.original, asked.fresh)
    except _STUMBLES as error:
        found.append(_cause(error))
        return None
    turns = {page.number: page.turn for page in asked.readings}
    with open_pages(proven) as after:
        looks = [page_similarity(asked.pages, page - 1, after, page - 1, turns[page]) for page in sorted(compared)]
    climbed = Climbed(proven, "as_it_is", likeness=round(min(looks), 3) if looks else None)
    return climbed if climbed.likeness is None else _alike(climbed, found)


def _alike(climbed: Climbed, found: list[Told | str]) -> Climbed | None:
    """The rung, when its pages look like the original; else it is added that they do not."""
    if climbed.likeness is not None and climbed.likeness >= BOUND:
        return climbed
    found.append(told("looks_otherwise", step=climbed.step, likeness=climbed.likeness or 0.0))
    return None


def _climb_on(asked: _Asked, found: list[Told | str]) -> Climbed | None:
    """The first rung above the lowest that is proven and looks like the original; why others were not is added."""
    rungs: tuple[Callable[[_Asked], Climbed], ...] = (_cleaned, _rewritten, _drawn)
    try:
        asked = asked._replace(taken_off=clean(asked.original, asked.clean))
    except _STUMBLES as error:
        found.append(_cause(error))
        rungs = (_drawn,)
    for rung in rungs:
        try:
            climbed = rung(asked)
        except _STUMBLES as error:
            found.append(_cause(error))
            continue
        if _alike(climbed, found):
            return climbed
    return None


def _cleaned(asked: _Asked) -> Climbed:
    laid = {page.number: page for page in asked.readings if page.number in asked.fresh}
    return _finished(asked, asked.clean, laid, "cleaned", asked.taken_off)


def _rewritten(asked: _Asked) -> Climbed:
    mixed = asked.folder / "mixed.pdf"
    done = rewrite(asked.pages, asked.clean, mixed)
    laid = {page.number: page for page in asked.readings if page.number in asked.fresh | done.drawn}
    return _finished(asked, mixed, laid, "rewritten", (*asked.taken_off, *done.remarks))


def _drawn(asked: _Asked) -> Climbed:
    pictures = asked.folder / "pictures.pdf"
    draw(asked.pages, asked.original, pictures)
    remark = told("all_pages_drawn", dpi=DPI)
    return _finished(asked, pictures, {page.number: page for page in asked.readings}, "drawn", (remark,))


def _finished(
    asked: _Asked, pdf: Path, laid: Mapping[int, PageReading], step: Step, remarks: tuple[Told, ...]
) -> Climbed:
    """Lay the text under a candidate, prove it, and compare it with the original."""
    searchable = pdf
    if laid:
        searchable = asked.folder / f"{step}-searchable.pdf"
        lay_down(pdf, searchable, laid)
    proven = _proven(searchable, asked.folder / f"{step}.pdf")
    turns = tuple(page.turn if page.number in laid else 0 for page in asked.readings)
    return Climbed(proven, step, remarks, round(document_similarity(asked.pages, proven, turns), 3))


def _proven(pdf: Path, output: Path) -> Path:
    with pikepdf.open(pdf) as document:
        document.remove_unreferenced_resources()
        pdfa.save(document, output, "2b")
    return output


def _without_scripts(pdf: Path) -> Path:
    """The file, unless the checker would take its scripts off without a word.

    Raises:
        ValueError: it names scripts.
    """
    with pikepdf.open(pdf) as document:
        names = document.Root.get("/Names")
        if isinstance(names, pikepdf.Dictionary) and "/JavaScript" in names:
            raise ValueError("it holds scripts")
    return pdf


def _cause(error: Exception) -> Told | str:
    if isinstance(error, KhosoError):
        return error.inner
    return str(error.report.findings[0]) if isinstance(error, pdfa.PdfaError) else str(error)
