"""How much of a page the pictures of later signatures cover: the page is drawn as it was signed, and as it is now."""

from collections.abc import Iterator
from contextlib import closing

import numpy as np
import numpy.typing as npt
import pypdfium2

from files.locks import PDFIUM
from signing.verification.changes import later_pictures

_LARGEST = 2000  # pixels of the longer side: a page may say that it is as large as it likes
_INK, _OTHER = 160, 48  # of 255: darker is ink; by so much another tone is no longer the same


def covered(signed: bytes, now: bytes) -> float:
    """The largest share of a page's ink, 0 to 1, that signatures after this one cover.

    Raises:
        pypdfium2.PdfiumError: a page cannot be drawn.
    """
    with PDFIUM:
        return max(_shares(signed, now), default=0.0)


def _shares(signed: bytes, now: bytes) -> Iterator[float]:
    numbers = later_pictures(signed, now)
    if not numbers:
        return
    with closing(pypdfium2.PdfDocument(signed)) as old, closing(pypdfium2.PdfDocument(now)) as new:
        old.init_forms()
        new.init_forms()  # else the fields of the form, and signatures among them, are not drawn
        for number in sorted(numbers):
            before, after = _drawn(old, number), _drawn(new, number)
            ink = before < _INK
            if before.shape == after.shape and ink.any():
                yield float((ink & (abs(before - after) > _OTHER)).sum() / ink.sum())


def _drawn(document: pypdfium2.PdfDocument, number: int) -> npt.NDArray[np.int16]:
    page = document[number]
    scale = min(1.0, _LARGEST / max(*page.get_size(), 1))
    grey: npt.NDArray[np.int16] = page.render(scale=scale, grayscale=True).to_numpy().astype(np.int16)
    return grey
