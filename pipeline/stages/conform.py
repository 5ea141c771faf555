"""conform: the searchable PDF becomes proven PDF/A-2b, or is held."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pikepdf
from pikepdf import pdfa

from pipeline.context import Context
from pipeline.errors import NotConforming
from pipeline.proof import prove
from pipeline.recognition.page_key import page_key
from pipeline.records import Conformed, Recognized


def conform(recognized: Recognized, ctx: Context) -> Conformed:
    """PDF/A-2b, validated and not claimed; a file that cannot conform is held, never passed on."""
    if recognized.signatures:
        return _as_it_came(recognized, ctx)
    with TemporaryDirectory(prefix="conform-") as folder:
        output = Path(folder) / "pdfa.pdf"
        with pikepdf.open(ctx.file(recognized, recognized.searchable)) as pdf:
            try:
                pdfa.save(pdf, output, "2b")
            except pdfa.PdfaError as error:
                raise NotConforming(f"PDF/A-2b cannot be proven: {_first(error.report)}") from None
        pdfa_file = ctx.take(recognized, "pdfa.pdf", output)
    return Conformed.after(recognized, pdfa=pdfa_file, image_key=page_key(ctx.file(recognized, pdfa_file)))


def _as_it_came(recognized: Recognized, ctx: Context) -> Conformed:
    """A paper that arrived signed: it is told whether it is PDF/A, but never made so."""
    path = ctx.file(recognized, recognized.pdf)
    flavour = "2b" if is_pdfa(path) else None
    return Conformed.after(recognized, pdfa=recognized.pdf, flavour=flavour, image_key=page_key(path))


def is_pdfa(path: Path) -> bool:
    """Whether a file is proven PDF/A-2b, signed or not (see ``pipeline.proof``)."""
    try:
        prove(path)
    except (NotConforming, pikepdf.PdfError):
        return False
    return True


def _first(report: pdfa.Report) -> str:
    return str(report.findings[0])
