"""recognize: pages get a text layer; words, text and confidence are kept."""

from pathlib import Path
from tempfile import TemporaryDirectory

from pipeline.context import Context
from pipeline.recognition.engine import recognize_pdf
from pipeline.records import Prepared, Recognized


def recognize(prepared: Prepared, ctx: Context) -> Recognized:
    """OCRmyPDF with our plugin: text layer, text, word confidence; pages that lie turned are set upright."""
    with TemporaryDirectory(prefix="ocr-") as folder:
        output = Path(folder) / "searchable.pdf"
        reading = recognize_pdf(ctx.file(prepared, prepared.pdf), output, ctx.settings.recognition)
        searchable = ctx.write(prepared, "searchable.pdf", output.read_bytes())
    return Recognized.after(
        prepared,
        searchable=searchable,
        words=ctx.write(prepared, "words.json", reading.model_dump_json().encode()),
        text=ctx.write(prepared, "text.txt", reading.text.encode()),
        confidence=round(reading.confidence, 4),
    )
