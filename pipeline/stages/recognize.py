"""recognize: pages get a text layer; words, text and confidence are kept."""

from pathlib import Path
from tempfile import TemporaryDirectory

from domain.messages.told import told
from pipeline.context import Context
from pipeline.recognition.engine import Recognition, read_document, recognize_pdf
from pipeline.records import File, Prepared, Recognized
from pipeline.secrecy.stop import stop_if_seen


def recognize(prepared: Prepared, ctx: Context) -> Recognized:
    """OCRmyPDF with our plugin: text layer, text, word confidence; pages that lie turned are set upright."""
    if prepared.signatures:
        searchable, reading = prepared.pdf, read_document(ctx.file(prepared, prepared.pdf), ctx.settings.recognition)
        stop_if_seen(prepared, reading, ctx.file(prepared, prepared.pdf))
        found = Recognition(reading, (), is_laid=False)
    else:
        searchable, found = _recognize(prepared, ctx)
        reading = found.reading
    return Recognized.after(
        prepared,
        remarks=(
            *prepared.remarks,
            *(told("on_page", page=page.number, remark=page.remark) for page in reading.pages if page.remark),
        ),
        searchable=searchable,
        words=ctx.write(prepared, "words.json", reading.model_dump_json().encode()),
        text=ctx.write(prepared, "text.txt", reading.text.encode()),
        confidence=round(reading.confidence, 4),
        fresh=found.fresh,
        is_laid=found.is_laid,
    )


def _recognize(prepared: Prepared, ctx: Context) -> tuple[File, Recognition]:
    with TemporaryDirectory(prefix="ocr-") as folder:
        output = Path(folder) / "searchable.pdf"
        pages = ctx.file(prepared, prepared.pdf)
        found = recognize_pdf(pages, output, ctx.settings.recognition)
        stop_if_seen(prepared, found.reading, pages)  # before its text is kept (law L8.6)
        return ctx.take(prepared, "searchable.pdf", output), found
