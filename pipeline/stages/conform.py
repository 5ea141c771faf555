"""conform: the searchable PDF becomes proven PDF/A-2b, or is held."""

import io
from pathlib import Path

import pikepdf
from pikepdf import pdfa

from pipeline.context import Context
from pipeline.errors import NotConforming
from pipeline.records import Conformed, Recognized


def conform(recognized: Recognized, ctx: Context) -> Conformed:
    """PDF/A-2b, validated and not claimed; a file that cannot conform is held, never passed on."""
    output = io.BytesIO()
    with pikepdf.open(ctx.file(recognized, recognized.searchable)) as pdf:
        try:
            pdfa.save(pdf, output, "2b")
        except pdfa.PdfaError as error:
            raise NotConforming(f"PDF/A-2b cannot be proven: {_first(error.report)}") from None
    return Conformed.after(recognized, pdfa=ctx.write(recognized, "pdfa.pdf", output.getvalue()))


def prove(content: bytes) -> None:
    """Check a signed copy.

    pikepdf's checker allows only what it knows, and it knows no forms, where signatures live.  So two things are asked:
    that it finds no violation in the file as it is, and that it approves the same file with the signature fields turned
    into plain stamps, which makes it check their fonts and appearances too.  What is left unchecked are the form
    dictionary and the field dictionaries themselves.

    Raises:
        NotConforming: the file is not PDF/A-2b.
    """
    as_it_is = pdfa.validate_written(io.BytesIO(content), "2b")
    if as_it_is.verdict == "pass":
        return
    if as_it_is.violations:
        raise NotConforming(f"The signed file is not PDF/A-2b: {as_it_is.violations[0]}")
    without_form = pdfa.validate_written(_fields_as_stamps(content), "2b")
    if without_form.verdict != "pass":
        raise NotConforming(f"The signed file is not PDF/A-2b: {_first(without_form)}")


def is_pdfa(path: Path) -> bool:
    """Whether a file is proven PDF/A-2b, signed or not (see ``prove``)."""
    try:
        prove(path.read_bytes())
    except (NotConforming, pikepdf.PdfError):
        return False
    return True


def _fields_as_stamps(content: bytes) -> io.BytesIO:
    plain = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as pdf:
        for key in ("/AcroForm", "/Extensions"):  # the second names the PAdES sub-filter
            if key in pdf.Root:
                del pdf.Root[key]
        for page in pdf.pages:
            for widget in page.get("/Annots", ()):
                if widget.get("/Subtype") == "/Widget":
                    widget.Subtype = pikepdf.Name.Stamp
                    for key in ("/FT", "/T", "/V"):
                        if key in widget:
                            del widget[key]
        pdf.save(plain, **pdfa.resolve_save_kwargs("2b"))
    plain.seek(0)
    return plain


def _first(report: pdfa.Report) -> str:
    return str(report.findings[0])
