"""PDFs that the tests write for themselves: text as programs write it, scans, and hidden layers over them."""

import ctypes
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import pikepdf
import pypdfium2
from PIL import Image
from pypdfium2 import raw

FONT = Path(__file__).parents[2] / "signing" / "marks" / "fonts" / "KhosoSerif.ttf"
WIDTH, HEIGHT = 595.0, 842.0

NOTICE = (
    "ỦY BAN NHÂN DÂN",
    "PHƯỜNG HẢI CHÂU",
    "Số: 45/TB-UBND",
    "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
    "Độc lập - Tự do - Hạnh phúc",
    "Hải Châu, ngày 12 tháng 3 năm 2026",
    "THÔNG BÁO",
    "Về việc tiếp nhận hồ sơ tại Bộ phận Một cửa của phường",
    "Ủy ban nhân dân phường Hải Châu thông báo thời gian tiếp nhận hồ sơ và trả kết quả",
    "giải quyết thủ tục hành chính cho tổ chức và công dân trên địa bàn như sau:",
    "1. Buổi sáng từ 7 giờ 30 phút đến 11 giờ 30 phút các ngày làm việc trong tuần.",
    "2. Buổi chiều từ 13 giờ 30 phút đến 17 giờ, trừ ngày nghỉ và ngày lễ theo quy định.",
    "Đề nghị các tổ chức và công dân biết, thực hiện theo thông báo này.",
    "TM. ỦY BAN NHÂN DÂN",
    "CHỦ TỊCH",
    "Nguyễn Thị Thu Hà",
)
LEADING = 30.0
TOP = 780.0

Drawn = Literal["visible", "hidden"]


def page(
    lines: Sequence[str] = NOTICE,
    *,
    drawn: Drawn = "visible",
    behind: Image.Image | None = None,
    over: Image.Image | None = None,
    standard_font: bool = False,
    face: Path = FONT,
) -> bytes:
    """A PDF of one page: an image behind the text, the text, an image over it."""
    document = pypdfium2.PdfDocument.new()
    sheet = document.new_page(WIDTH, HEIGHT)
    if behind is not None:
        _put_image(document, sheet, behind)
    font = _font(document, None if standard_font else face)
    for place, line in enumerate(lines):
        _put_line(document, sheet, font, line, TOP - place * LEADING, drawn)
    if over is not None:
        _put_image(document, sheet, over)
    sheet.gen_content()
    stream = io.BytesIO()
    document.save(stream)
    sheet.close()
    document.close()
    return stream.getvalue()


def lying(content: bytes, turn: int) -> bytes:
    """The page as a sheet that lies on its side and is shown upright by /Rotate, as landscape pages often are."""
    ways = {90: f"0 1 -1 0 {HEIGHT} 0", 180: f"-1 0 0 -1 {WIDTH} {HEIGHT}", 270: f"0 -1 1 0 0 {WIDTH}"}
    stream = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as document:
        sheet = document.pages[0]
        sheet.contents_add(f"q {ways[turn]} cm".encode(), prepend=True)
        sheet.contents_add(b"Q")
        sheet.obj.MediaBox = [0, 0, WIDTH, HEIGHT] if turn == 180 else [0, 0, HEIGHT, WIDTH]
        sheet.obj.Rotate = turn
        document.save(stream)
    return stream.getvalue()


def picture(lines: Sequence[str] = NOTICE) -> Image.Image:
    """The page with these lines as a scanner gives it, 150 dpi, grey: every line is where ``page`` puts it."""
    document = pypdfium2.PdfDocument(page(lines))
    sheet = document[0]
    image: Image.Image = sheet.render(scale=150 / 72, grayscale=True).to_pil().convert("L").copy()
    sheet.close()
    document.close()
    return image


def _font(document: pypdfium2.PdfDocument, face: Path | None) -> object:
    if face is None:
        return raw.FPDFText_LoadStandardFont(document.raw, b"Times-Roman")
    data = face.read_bytes()
    buffer = (ctypes.c_uint8 * len(data)).from_buffer_copy(data)
    return raw.FPDFText_LoadFont(document.raw, buffer, len(data), raw.FPDF_FONT_TRUETYPE, 1)


def _put_line(
    document: pypdfium2.PdfDocument, sheet: pypdfium2.PdfPage, font: object, line: str, y: float, drawn: Drawn
) -> None:
    item = raw.FPDFPageObj_CreateTextObj(document.raw, font, 13)
    letters = (line + "\0").encode("utf-16-le")
    raw.FPDFText_SetText(item, ctypes.cast(ctypes.create_string_buffer(letters), raw.FPDF_WIDESTRING))
    raw.FPDFPageObj_Transform(item, 1, 0, 0, 1, 70, y)
    if drawn == "hidden":
        raw.FPDFTextObj_SetTextRenderMode(item, raw.FPDF_TEXTRENDERMODE_INVISIBLE)
    raw.FPDFPage_InsertObject(sheet.raw, item)


def _put_image(document: pypdfium2.PdfDocument, sheet: pypdfium2.PdfPage, picture: Image.Image) -> None:
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=80)
    stream.seek(0)
    image = pypdfium2.PdfImage.new(document)
    image.load_jpeg(stream, inline=True, autoclose=False)
    image.set_matrix(pypdfium2.PdfMatrix().scale(WIDTH, HEIGHT))
    sheet.insert_obj(image)


def font_of_elsewhere(pdf: pikepdf.Pdf) -> pikepdf.Object:
    """A font of Word's that is not in the file: where nobody has it, its letters are not drawn."""
    name = pikepdf.Name.Calibri
    within = pikepdf.Dictionary(
        Type=pikepdf.Name.Font,
        Subtype=pikepdf.Name.CIDFontType2,
        BaseFont=name,
        CIDSystemInfo=pikepdf.Dictionary(Registry=b"Adobe", Ordering=b"Identity", Supplement=0),
        FontDescriptor=pikepdf.Dictionary(Type=pikepdf.Name.FontDescriptor, FontName=name, Flags=32),
    )
    return pdf.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Font,
            Subtype=pikepdf.Name.Type0,
            BaseFont=name,
            Encoding=pikepdf.Name("/Identity-H"),
            DescendantFonts=[pdf.make_indirect(within)],
        )
    )


LINE_OF_ELSEWHERE = "BT {font} 20 Tf 1 0 0 1 72 400 Tm <011e0100011e> Tj ET"
