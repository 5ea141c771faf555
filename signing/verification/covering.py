"""How much of a page the pictures of later signatures cover: the page is drawn as it was signed, and as it is now."""

from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pypdfium2

from files.locks import PDFIUM
from signing.verification.changes import later_pictures

_LARGEST = 2000  # pixels of the longer side: a page may say that it is as large as it likes
_INK, _OTHER = 160, 48  # of 255: darker is ink; by so much another tone is no longer the same
_UNDRAWN = (pypdfium2.PdfiumError, ValueError, MemoryError)


class Covered(NamedTuple):
    """How much of a page, from 1, later signatures cover, as a share of its ink; None: it cannot be drawn."""

    page: int
    share: float | None


def covered(signed: bytes, now: bytes, *, draws: bool) -> tuple[Covered, ...]:
    """Of each page on which signatures after this one show a picture.

    ``draws``: whether pages are drawn; else nothing is known of them, as of one that cannot be drawn.
    """
    numbers = sorted(later_pictures(signed, now))
    if not numbers or not draws:
        return tuple(Covered(number + 1, None) for number in numbers)
    with PDFIUM:
        try:
            return tuple(_compared(signed, now, numbers))
        except _UNDRAWN:  # not even opened
            return tuple(Covered(number + 1, None) for number in numbers)


def _compared(signed: bytes, now: bytes, numbers: Iterable[int]) -> Iterator[Covered]:
    with closing(pypdfium2.PdfDocument(signed)) as old, closing(pypdfium2.PdfDocument(now)) as new:
        old.init_forms()
        new.init_forms()  # else the fields of the form, and signatures among them, are not drawn
        for number in numbers:
            try:
                yield Covered(number + 1, _share(_drawn(old, number), _drawn(new, number)))
            except _UNDRAWN:
                yield Covered(number + 1, None)


def _share(before: npt.NDArray[np.int16], after: npt.NDArray[np.int16]) -> float:
    ink = before < _INK
    if before.shape != after.shape or not ink.any():  # another box of the page is a change of its content, and told
        return 0.0
    return float((ink & (abs(before - after) > _OTHER)).sum() / ink.sum())


def _drawn(document: pypdfium2.PdfDocument, number: int) -> npt.NDArray[np.int16]:
    page = document[number]
    scale = min(1.0, _LARGEST / max(*page.get_size(), 1))
    grey: npt.NDArray[np.int16] = page.render(scale=scale, grayscale=True).to_numpy().astype(np.int16)
    return grey
