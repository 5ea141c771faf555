"""The third rung: fonts that the file lacks are put in, and of the pages only those that still fail are drawn."""

from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import pikepdf
from pikepdf import pdfa

from domain.messages.told import Told, told
from pipeline.ladder.drawing import DPI, fill
from pipeline.ladder.fonts import put_in_fonts
from pipeline.ladder.likeness import BOUND, likenesses
from pipeline.scans.raster import Pages


class Rewritten(NamedTuple):
    """What was done, and the numbers (from 1) of the pages that were drawn."""

    remarks: tuple[Told, ...]
    drawn: frozenset[int]


def rewrite(pages: Pages, cleaned: Path, output: Path) -> Rewritten:
    """Write ``output``: the ``cleaned`` file with its fonts, and with pictures of those ``pages`` that need it.

    Raises:
        ValueError: that would change nothing, or every page would be drawn.
        pypdfium2.PdfiumError: a page cannot be drawn.
    """
    with pikepdf.open(cleaned) as pdf:
        faces = put_in_fonts(pdf)
        pdf.save(output)
        failing = {index for index in range(len(pdf.pages)) if not _is_proven(pdf, index)}
        if len(failing) < len(pdf.pages):  # looks are dear
            looks = likenesses(pages, output, (0,) * len(pdf.pages))
            failing |= {index for index, look in enumerate(looks) if look < BOUND}
        if len(failing) == len(pdf.pages) or not (faces or failing):
            raise ValueError("every page has to be drawn" if failing else "no page is to blame")
        for index in failing:
            fill(pdf, pdf.pages[index], pages, index)
        pdf.remove_unreferenced_resources()
        pdf.save(output)
    numbers = sorted(index + 1 for index in failing)
    remarks = [told("fonts_put_in", faces=faces)] if faces else []
    if numbers:
        remarks.append(told("pages_drawn", dpi=DPI, pages=numbers))
    return Rewritten(tuple(remarks), frozenset(numbers))


def _is_proven(pdf: pikepdf.Pdf, index: int) -> bool:
    """Whether a page alone, without its links, is PDF/A-2b."""
    with pikepdf.new() as alone:
        alone.pages.append(pdf.pages[index])
        if "/Annots" in alone.pages[0].obj:
            del alone.pages[0].obj["/Annots"]
        alone.remove_unreferenced_resources()
        try:
            pdfa.save(alone, BytesIO(), "2b")
        except (pdfa.PdfaError, ValueError):
            return False
    return True
