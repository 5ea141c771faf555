"""recognize: pages get a text layer; words, text and confidence are kept."""

from pathlib import Path
from tempfile import TemporaryDirectory

from domain.readings import DocumentReading
from pipeline.context import Context
from pipeline.recognition.engine import read_document, recognize_pdf
from pipeline.records import File, Prepared, Recognized


def recognize(prepared: Prepared, ctx: Context) -> Recognized:
    """OCRmyPDF with our plugin: text layer, text, word confidence; pages that lie turned are set upright."""
    if prepared.signatures:
        searchable, reading = prepared.pdf, read_document(ctx.file(prepared, prepared.pdf), ctx.settings.recognition)
    else:
        searchable, reading = _recognize(prepared, ctx)
    return Recognized.after(
        prepared,
        searchable=searchable,
        words=ctx.write(prepared, "words.json", reading.model_dump_json().encode()),
        text=ctx.write(prepared, "text.txt", reading.text.encode()),
        confidence=round(reading.confidence, 4),
    )


def _recognize(prepared: Prepared, ctx: Context) -> tuple[File, DocumentReading]:
    with TemporaryDirectory(prefix="ocr-") as folder:
        output = Path(folder) / "searchable.pdf"
        reading = recognize_pdf(ctx.file(prepared, prepared.pdf), output, ctx.settings.recognition)
        return ctx.take(prepared, "searchable.pdf", output), reading
