"""Pages as pixels.  One way for everything that looks at a page: separators, quality, recognition."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pypdfium2
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

_POINTS = 72


class Pages:
    """The pages of an open PDF.  PDFium is not safe for threads: one at a time per process."""

    def __init__(self, document: pypdfium2.PdfDocument) -> None:
        self._document = document

    def __len__(self) -> int:
        """How many pages."""
        return len(self._document)

    def pixels(self, index: int, dpi: float) -> int:
        """How many pixels a page has at that resolution."""
        width, height = self._document.get_page_size(index)
        return round(float(width * height) * (dpi / _POINTS) ** 2)

    def render(self, index: int, dpi: float, turn: int = 0) -> Pixels:
        """Page ``index`` (from 0) in colour, ``(height, width, 3)`` RGB at ``dpi``, as a reader shows it.

        ``turn`` adds a clockwise turn of 90, 180 or 270 degrees to what the page itself says.
        """
        page = self._document[index]
        try:
            bitmap = page.render(scale=dpi / _POINTS, rotation=turn, rev_byteorder=True)
            pixels: Pixels = bitmap.to_numpy().copy()
            bitmap.close()
        finally:
            page.close()
        return pixels if pixels.ndim == 3 else np.repeat(pixels[:, :, None], 3, axis=2)


@contextmanager
def open_pages(pdf: Path) -> Iterator[Pages]:
    """Open a PDF for rendering.

    Raises:
        pypdfium2.PdfiumError: it cannot be opened.
    """
    document = pypdfium2.PdfDocument(pdf)
    try:
        yield Pages(document)
    finally:
        document.close()
