"""conform: the searchable PDF becomes proven PDF/A-2b, or is held."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pikepdf

from domain.readings import DocumentReading
from pipeline.context import Context
from pipeline.ladder.ladder import climb
from pipeline.recognition.page_key import page_key
from pipeline.records import Conformed, Recognized
from signing.errors import NotChecked, NotConforming
from signing.pades.conformance import prove


def conform(recognized: Recognized, ctx: Context) -> Conformed:
    """PDF/A-2b, validated and not claimed; a file that cannot conform is held, never passed on."""
    if recognized.signatures:
        return _as_it_came(recognized, ctx)
    words = ctx.file(recognized, recognized.words).read_bytes()
    reading = DocumentReading.model_validate_json(words)
    fresh = recognized.fresh if recognized.fresh is not None else tuple(page.number for page in reading.pages)
    searchable = ctx.file(recognized, recognized.searchable) if recognized.is_laid else None
    with TemporaryDirectory(prefix="conform-") as folder:
        original = ctx.file(recognized, recognized.pdf)
        climbed = climb(original, searchable, reading.pages, frozenset(fresh), Path(folder))
        pdfa_file = ctx.take(recognized, "pdfa.pdf", climbed.pdf)
    return Conformed.after(
        recognized,
        remarks=(*recognized.remarks, *climbed.remarks),
        pdfa=pdfa_file,
        image_key=page_key(ctx.file(recognized, pdfa_file)),
        step=climbed.step,
        likeness=climbed.likeness,
    )


def _as_it_came(recognized: Recognized, ctx: Context) -> Conformed:
    """A paper that arrived signed: it is told whether it is PDF/A, but never made so."""
    path = ctx.file(recognized, recognized.pdf)
    flavour = "2b" if is_pdfa(path) else None
    return Conformed.after(recognized, pdfa=recognized.pdf, flavour=flavour, image_key=page_key(path))


def is_pdfa(path: Path) -> bool | None:
    """Whether a file is proven PDF/A-2b (``signing.pades.conformance``), signed or not; None: that cannot be told."""
    try:
        prove(path)
    except NotChecked:
        return None
    except (NotConforming, pikepdf.PdfError):
        return False
    return True
