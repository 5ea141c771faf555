"""Separator sheets and receipts: what their codes say, how a stack is split, and the sheets themselves."""

import io
import textwrap
from collections.abc import Sequence
from typing import Final, NamedTuple

import img2pdf
import zxingcpp
from PIL import Image, ImageDraw, ImageFont

from config.separators import SeparatorSettings
from domain.codes import parse_dossier
from domain.errors import Held, UsageError
from domain.messages.told import told
from domain.readings import FieldName
from domain.values import checked
from pipeline.scans.inspection import Look
from signing.marks.typeface import FONT_FILE

SEPARATOR: Final = "KHOSO-SEPARATOR"
DOSSIER: Final = "KHOSO:DOSSIER="
_OURS: Final = "KHOSO"
_PAGE_OF_TEXT: Final = 600  # words and letters apart from the code; a sheet has about a hundred

_DPI: Final = 300
_A4_MM: Final = (210, 297)


class Sheet(NamedTuple):
    """What a separator sheet says: a new document begins, and with ``dossier`` a new dossier too."""

    dossier: str | None


class Part(NamedTuple):
    """The pages of one document of a stack, blank ones too, and the dossier that a sheet before it named."""

    looks: tuple[Look, ...]
    dossier: str | None

    @property
    def content(self) -> tuple[Look, ...]:
        """Its pages that are not blank."""
        return tuple(look for look in self.looks if not look.facts.is_blank)


def sheet_of(look: Look) -> Sheet | None:
    """The separator sheet that a page is, or None.

    Raises:
        Held: the page is probably a sheet, but what it says cannot be known; a stack that is not split where it should
            be would join the papers of different people.
    """
    ours = {code.text.strip() for code in look.codes if code.text.startswith(_OURS)}
    broken = [text for text in look.broken if text.startswith(_OURS)]
    if not ours:
        if broken or look.is_code_sheet:
            raise _unreadable(look, "looks like a separator sheet, but its code cannot be read")
        return None
    if look.words > _PAGE_OF_TEXT:
        raise _unreadable(look, "sheet_with_text")
    if len(ours) > 1:
        raise _unreadable(look, "sheet_codes_differ")
    text = ours.pop()
    if text == SEPARATOR:
        return Sheet(None)
    try:
        parse_dossier(text.removeprefix(DOSSIER))
    except UsageError:
        raise _unreadable(look, "sheet_without_dossier") from None
    return Sheet(text.removeprefix(DOSSIER))


def _unreadable(look: Look, what: str) -> Held:
    return Held(
        "sheet_not_read", reason="separator_unreadable", remedy="replace_sheet", page=look.facts.number, what=told(what)
    )


def _foreign(look: Look, others: SeparatorSettings | None) -> Sheet | None:
    """The separator sheet of another system that a page is.

    Raises:
        Held: it bears such a code, and a page of text that would be lost with it.
    """
    if others is None or not any(others.drops(code.text.strip()) for code in look.codes):
        return None
    if look.words > _PAGE_OF_TEXT:
        raise _unreadable(look, "sheet_with_text")
    return Sheet(None)


def _is_labelled(look: Look, others: SeparatorSettings | None) -> bool:
    """Whether a page bears the label with which the papers of another system begin."""
    return others is not None and any(others.keeps(code.text.strip()) for code in look.codes)


def split_stack(looks: Sequence[Look], others: SeparatorSettings | None = None) -> tuple[list[Part], tuple[int, ...]]:
    """The documents of a stack in order, and the numbers of its sheets.

    ``others``: what codes of other systems begin a document, too; a page with such a label stays with it.

    Every page that is no sheet goes into exactly one part.  Blank pages between two sheets (the back of a sheet) go
    with the document that follows, or with the last one.  Without any content there is no part.  A file of one page is
    no stack: what its page may be is nobody's question.

    Raises:
        Held: a page may be a sheet, but cannot be read.
    """
    parts: list[Part] = []
    sheets: list[int] = []
    dossier: str | None = None
    pages: list[Look] = []
    for look in looks:
        try:
            sheet = sheet_of(look) or _foreign(look, others)
        except Held:
            if len(looks) > 1:
                raise
            sheet = None
        if (sheet or _is_labelled(look, others)) and any(not page.facts.is_blank for page in pages):
            parts.append(Part(tuple(pages), dossier))
            pages = []
        if sheet is None:
            pages.append(look)
            continue
        sheets.append(look.facts.number)
        dossier = sheet.dossier or dossier
    if any(not page.facts.is_blank for page in pages):
        parts.append(Part(tuple(pages), dossier))
    elif parts:
        parts[-1] = Part((*parts[-1].looks, *pages), parts[-1].dossier)
    return parts, tuple(sheets)


def receipt_of(text: str) -> dict[FieldName, str] | None:
    """The fields in the QR code of a receipt (law L2.10), or None when it is something else.

    The law names what the code holds and leaves the form open; ours is what the city's receipts carry:
    ``dossier code|procedure code|owner id|name of the paper``, in which more may follow.
    """
    values = [value.strip() for value in text.split("|")]
    if len(values) < 4:
        return None
    names: tuple[FieldName, ...] = ("dossier_code", "procedure_code", "owner_id")
    try:
        return {name: checked(name, value) for name, value in zip(names, values, strict=False)}
    except UsageError:
        return None


def draw_sheets(dossiers: Sequence[str | None]) -> bytes:
    """A PDF of separator sheets, one for each dossier, None being a new document of the same dossier.

    Raises:
        UsageError: a text is no dossier code.
    """
    pages = []
    for dossier in dossiers:
        if dossier is not None:
            parse_dossier(dossier)
        stream = io.BytesIO()
        _draw(dossier).save(stream, "TIFF", compression="group4", dpi=(_DPI, _DPI))
        pages.append(stream.getvalue())
    return bytes(img2pdf.convert(pages, nodate=True))


def _draw(dossier: str | None) -> Image.Image:
    text = SEPARATOR if dossier is None else f"{DOSSIER}{dossier}"
    vietnamese = "Giấy tờ mới" if dossier is None else f"Hồ sơ {dossier}"
    english = "New document, same dossier" if dossier is None else "New dossier"
    sheet = Image.new("L", (_px(_A4_MM[0]), _px(_A4_MM[1])), 255)
    _write(sheet, 40, 30, "TỜ PHÂN CÁCH")
    _write(sheet, 58, 22, vietnamese)
    # Two codes of different kinds: what spoils the one (a fold along the bars, a blot) seldom spoils the other.
    _paste(sheet, 75, _code(text, zxingcpp.BarcodeFormat.Code128, width_mm=160))
    _paste(sheet, 120, _code(text, zxingcpp.BarcodeFormat.QRCode, width_mm=70, ec_level="H"))
    _write(sheet, 205, 12, text)
    _write(sheet, 222, 14, "Đặt tờ này trước trang đầu của giấy tờ tiếp theo. Không gấp, không ghi lên tờ này.")
    _write(sheet, 240, 12, f"Separator sheet. {english}. Lay it before the next paper; do not fold or write on it.")
    return sheet.convert("1", dither=Image.Dither.NONE)


def _code(text: str, kind: zxingcpp.BarcodeFormat, width_mm: int, **options: str) -> Image.Image:
    """The code with its quiet zone, a whole number of pixels for a module, as wide as it may be."""
    code = zxingcpp.create_barcode(text, kind, **options)
    modules = Image.fromarray(code.to_image())
    scale = max(1, _px(width_mm) // modules.width)
    return modules.resize((modules.width * scale, modules.height * scale), Image.Resampling.NEAREST)


def _paste(sheet: Image.Image, top_mm: int, picture: Image.Image) -> None:
    sheet.paste(picture, ((sheet.width - picture.width) // 2, _px(top_mm)))


def _write(sheet: Image.Image, baseline_mm: int, size_pt: int, words: str) -> None:
    font = ImageFont.truetype(FONT_FILE, _px(size_pt * 25.4 / 72))
    for number, line in enumerate(textwrap.wrap(words, 60)):
        y = _px(baseline_mm + number * size_pt * 0.45)
        ImageDraw.Draw(sheet).text((sheet.width / 2, y), line, fill=0, font=font, anchor="ms")


def _px(mm: float) -> int:
    return round(mm / 25.4 * _DPI)
