"""Forms of XML (XFA): whether the pages show the paper, or only a word of apology to readers other than Adobe's."""

import re
from contextlib import closing
from io import BytesIO
from typing import Any

import pikepdf
import pypdfium2

# What Adobe's LiveCycle Designer puts on the only page of a form that is laid out when it is opened.
_APOLOGY = re.compile(
    "if this message is not eventually replaced"
    "|requires adobe (reader|acrobat) [0-9]"
    "|you need a later version of the pdf viewer"
)


def shows_itself(pdf: pikepdf.Pdf) -> bool:
    """Whether the pages are the paper; a form of XFA may bring them as well (*static*), and then these count.

    Raises:
        pypdfium2.PdfiumError: the first page of a form of XFA cannot be read.
    """
    form: Any = pdf.Root.get("/AcroForm")
    if not (isinstance(form, pikepdf.Dictionary) and "/XFA" in form):
        return True
    if bool(pdf.Root.get("/NeedsRendering", False)):  # ISO 32000-1, table 28
        return False
    copy = BytesIO()
    pdf.save(copy, encryption=False)
    with closing(pypdfium2.PdfDocument(copy.getvalue())) as document:
        text = document[0].get_textpage().get_text_range()
    return _APOLOGY.search(" ".join(text.lower().split())) is None
