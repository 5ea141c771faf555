"""Letters that a page bears and that cannot be drawn here, for their font is not in the file.

Readers that have the font, or one of its script, show them; PDFium draws nothing, and the copy would lack them.  A page
of such letters alone looks like blank paper.
"""

import unicodedata
from collections.abc import Iterator
from ctypes import c_ushort

import pypdfium2
from pypdfium2 import raw

_DEEPEST = 15  # forms within forms
_NO_SIGN = {"Z", "C"}  # first letters of Unicode's categories: blanks, controls


def bears_unseen_letters(page: pypdfium2.PdfPage) -> bool:
    """Whether letters that are drawn on a page leave no trace on it, whatever their font: not one has a height."""
    return any(_says_something(page, item) for item in _flat_text(page))


def lacks_letters(page: pypdfium2.PdfPage) -> bool:
    """Whether they leave none because their font is not in the file."""
    return any(
        not raw.FPDFFont_GetIsEmbedded(raw.FPDFTextObj_GetFont(item)) and _says_something(page, item)
        for item in _flat_text(page)
    )


def _flat_text(page: pypdfium2.PdfPage) -> Iterator[pypdfium2.PdfObject]:
    """What is not recognised text, which is not drawn, and yet shows nothing."""
    for item in page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT], max_depth=_DEEPEST):
        if raw.FPDFTextObj_GetTextRenderMode(item) != raw.FPDF_TEXTRENDERMODE_INVISIBLE:
            left, bottom, right, top = item.get_bounds()
            if left == right or bottom == top:
                yield item


def _says_something(page: pypdfium2.PdfPage, item: pypdfium2.PdfObject) -> bool:
    text = page.get_textpage()
    try:
        size = raw.FPDFTextObj_GetText(item, text, None, 0)
        signs = (c_ushort * (size // 2))()
        raw.FPDFTextObj_GetText(item, text, signs, size)
    finally:
        text.close()
    said = bytes(signs).decode("utf-16-le", "replace")
    return any(unicodedata.category(sign)[0] not in _NO_SIGN for sign in said)
