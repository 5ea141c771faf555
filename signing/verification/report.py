"""The report of a verification for people: plain Vietnamese, as a PDF/A-2b to print or keep (law L7.4).

Identity numbers are masked: a report is handed on.
"""

# pyHanko leaves some of its functions without types.
# mypy: untyped-calls-exclude="pyhanko"

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import NamedTuple

import pikepdf
from asn1crypto import x509
from pikepdf import pdfa
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter

from domain.clock import VIETNAM
from domain.messages.told import told
from domain.owners import mask_text
from signing.interface import (
    Anchors,
    FileChange,
    Outcome,
    SignatureVerdict,
    Trust,
    lacks_seal,
    outcome_of,
)
from signing.marks.typeface import embed, glyphs, wrap, writable
from signing.verification.embedded import visible

_WIDTH, _HEIGHT = 595.0, 842.0  # A4 in points
_LEFT, _RIGHT, _TOP, _BOTTOM = 62.0, 48.0, 60.0, 56.0
_LEADING = 1.35

_OUTCOMES: dict[Outcome, str] = {
    "valid": "HỢP LỆ: mọi chữ ký số còn nguyên vẹn và được tin cậy.",
    "doubtful": "CHƯA ĐỦ CĂN CỨ: không chữ ký nào bị bác bỏ, nhưng có điều chưa kiểm tra, chứng minh hay tin được.",
    "broken": "KHÔNG HỢP LỆ: có chữ ký số không đứng vững.",
    "unsigned": "KHÔNG CÓ CHỮ KÝ SỐ.",
}
_CHANGES: dict[FileChange, str] = {
    "time_stamps": "thêm dấu thời gian",
    "validation_data": "thêm dữ liệu để xác thực lâu dài",
    "signatures": "thêm chữ ký số khác",
    "technical": "thêm dữ liệu kỹ thuật không hiển thị",
    "form_filling": "điền vào ô của biểu mẫu",
    "evidence_removed": "lấy bớt dữ liệu để xác thực lâu dài",
    "annotations": "đặt chú thích hoặc hình che lên trang",
    "appearances": "thay hình hiển thị của một ô",
    "pages": "thêm, bớt hoặc chuyển trang",
    "content": "sửa nội dung hiển thị của trang",
    "replaced": "gỡ chữ ký khỏi ô hoặc thay bằng chữ ký khác",
    "uncovered": "có phần của tệp không được chữ ký bao phủ",
    "appended": "có dữ liệu lạ nối sau tệp đã ký",
    "other": "thay đổi khác không được phép",
}
_TRUST: dict[Trust, str] = {
    "trusted": "Có. Chứng thư thuộc tổ chức được đơn vị cấu hình là tin cậy.",
    "unknown_issuer": "Chưa rõ. Tổ chức cấp chứng thư không có trong danh sách tin cậy của đơn vị.",
    "broken_chain": "Không. Chứng thư ghi tên một tổ chức tin cậy, nhưng không do tổ chức đó cấp đúng cách.",
    "wrong_use": "Không. Chứng thư không được cấp để dùng vào việc này.",
    "not_yet_valid": "Không. Khi đó chứng thư chưa đến ngày có hiệu lực.",
    "expired": "Không. Chứng thư đã hết hạn và không có dấu thời gian tin cậy chứng minh đã ký khi còn hạn.",
    "revoked": "Không. Chứng thư đã bị thu hồi",
    "unchecked": "Không kiểm tra được: không đọc được chứng thư.",
}
_NOT_LISTED = "không có trong danh sách cơ quan của đơn vị"
_NO_VALUE = "KHÓA THỬ NGHIỆM: chữ ký này không có giá trị pháp lý."


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that was checked: name and digest, when, with which anchors, what was found, and the empty fields."""

    name: str
    sha256: str
    at: datetime
    anchors: Anchors
    verdicts: tuple[SignatureVerdict, ...]
    empty_fields: tuple[str, ...] = ()


class _Line(NamedTuple):
    text: str
    size: float = 11.0
    indent: float = 0.0
    gap: float = 0.0


def draw_report(checked: Checked) -> bytes:
    """The report as PDF/A-2b."""
    writer = PdfFileWriter()
    pages = list(_set_pages(_lines(checked)))
    letters = "".join(line.text for page in pages for _, line in page)
    fonts = generic.DictionaryObject({pdf_name("/F"): embed(writer, letters)})
    resources = generic.DictionaryObject({pdf_name("/Font"): fonts})
    for page in pages:
        content = generic.StreamObject(stream_data=_drawing(page))
        content.compress()
        box = generic.ArrayObject(generic.FloatObject(number) for number in (0, 0, _WIDTH, _HEIGHT))
        writer.insert_page(PageObject(contents=writer.add_object(content), media_box=box, resources=resources))
    drawn, target = BytesIO(), BytesIO()
    writer.write(drawn)
    with pikepdf.open(drawn) as document:
        with document.open_metadata() as metadata:
            metadata["dc:title"] = "Báo cáo xác thực chữ ký số"
        pdfa.save(document, target, "2b")
    return target.getvalue()


def _lines(checked: Checked) -> Iterator[_Line]:
    yield _Line("BÁO CÁO XÁC THỰC CHỮ KÝ SỐ", 15)
    yield _Line(_OUTCOMES[outcome_of(checked.verdicts, checked.empty_fields)], 12, gap=6)
    if any(verdict.development_only for verdict in checked.verdicts):
        yield _Line(_NO_VALUE, 12)
    yield _Line(f"Tệp: {mask_text(checked.name)}", gap=8)
    yield _Line(f"SHA-256 của tệp: {checked.sha256}", 9)
    yield _Line(f"Thời điểm kiểm tra: {_moment(checked.at)}")
    yield _Line("Mọi thời điểm trong báo cáo này theo giờ Việt Nam (UTC+7).")
    yield _Line(f"Số chữ ký số và dấu thời gian trong tệp: {len(checked.verdicts)}")
    if checked.empty_fields:
        yield _Line(f"Ô chữ ký còn để trống: {mask_text(', '.join(checked.empty_fields))}")
    if lacks_seal(checked.verdicts, checked.empty_fields):
        yield _Line(told("seal_field_empty").text("vi"))
    for number, verdict in enumerate(checked.verdicts, 1):
        yield from _signature(number, verdict.masked())
    yield _Line("Danh sách tổ chức gốc được tin cậy khi kiểm tra", 12, gap=12)
    for anchor in checked.anchors:
        certificate = x509.Certificate.load(anchor)
        name = certificate.subject.native.get("common_name", certificate.subject.human_friendly)
        yield _Line(mask_text(visible(str(name))), indent=12)
        yield _Line(f"SHA-256: {certificate.sha256.hex()}", 9, indent=24)
    yield _Line(
        "Tình trạng thu hồi chỉ được xét theo dữ liệu có sẵn trong tệp; không tra cứu qua mạng khi lập báo cáo này.",
        9,
        gap=10,
    )


def _signature(number: int, verdict: SignatureVerdict) -> Iterator[_Line]:
    what = "Dấu thời gian" if verdict.kind == "time_stamp" else "Chữ ký số"
    where = f"trong ô {verdict.field}" if verdict.field else "không có ô nào hiển thị"
    yield _Line(f"{number}. {what} {where}", 12, gap=12)
    yield _Line(f"Người ký: {verdict.signer or 'không đọc được'}", indent=12)
    if verdict.organisation:
        listed = f"cơ quan {verdict.agency} trong danh sách của đơn vị" if verdict.agency else _NOT_LISTED
        yield _Line(f"Chứng thư của tổ chức: {verdict.organisation} ({listed})", indent=12)
    if verdict.certificate is not None:
        held = verdict.certificate
        yield _Line(f"Chứng thư: số {held.serial}, do {held.issuer} cấp", indent=12)
        yield _Line(f"Hiệu lực: từ {_moment(held.not_before)} đến {_moment(held.not_after)}", indent=12)
    if verdict.development_only:
        yield _Line(_NO_VALUE, indent=12)
    questions = {
        "Có nguyên vẹn không?": _intact(verdict),
        "Tệp có bị thay đổi sau khi ký không?": _changed(verdict),
        "Thời điểm ký có được chứng minh không?": _time(verdict),
        "Chứng thư có được tin cậy không?": _trust(verdict),
    }
    for letter, (question, answer) in zip("abcd", questions.items(), strict=True):
        yield _Line(f"{letter}) {question}", indent=12, gap=3)
        yield _Line(answer, indent=24)
    if verdict.all_told:
        yield _Line("Những điều cần lưu ý:", indent=12, gap=3)
        yield from (_Line(f"– {problem.text('vi')}", indent=24) for problem in verdict.all_told)
    if verdict.weak:
        yield _Line(f"Thuật toán yếu, không nên dựa vào: {', '.join(verdict.weak)}.", indent=12, gap=3)


def _intact(verdict: SignatureVerdict) -> str:
    if verdict.intact:
        return "Có. Các byte đã ký không đổi và chữ ký đúng là của chứng thư này."
    if verdict.intact is None:
        return f"Không kiểm tra được. {verdict.told.text('vi') if verdict.told else ''}".strip()
    return "Không. Các byte đã ký bị thay đổi, hoặc chữ ký không phải của chứng thư này."


def _changed(verdict: SignatureVerdict) -> str:
    if not verdict.changes:
        return {True: "Không.", False: "Có, và KHÔNG được phép.", None: "Không xác định được."}[verdict.changes_allowed]
    judged = "được phép" if verdict.changes_allowed else "KHÔNG được phép"
    return f"Có ({judged}): {'; '.join(_CHANGES[change] for change in verdict.changes)}."


def _time(verdict: SignatureVerdict) -> str:
    stamp = verdict.time_stamp
    if verdict.time == "proven" and verdict.timestamp is not None and stamp is not None:
        return f"Có. Đã ký không muộn hơn {_moment(verdict.timestamp)}, theo dấu thời gian của {stamp.authority}."
    if verdict.time == "doubtful" and stamp is not None:
        return f"Không. Có dấu thời gian {_moment(stamp.at)} của {stamp.authority}, nhưng không tin cậy được."
    if verdict.signed_at is not None:
        return f"Không. Người ký tự khai {_moment(verdict.signed_at)}; không có dấu thời gian."
    return "Không. Chữ ký không nêu thời điểm."


def _trust(verdict: SignatureVerdict) -> str:
    day = f" ngày {verdict.revoked_at.astimezone(VIETNAM):%d/%m/%Y}." if verdict.revoked_at else ""
    return _TRUST[verdict.trust] + day


def _moment(at: datetime) -> str:
    """A time as people read it, in Vietnam's zone; one without a zone is told as it is written."""
    if at.tzinfo is None:
        return f"{at:%d/%m/%Y %H:%M:%S} (không ghi múi giờ)"
    return f"{at.astimezone(VIETNAM):%d/%m/%Y %H:%M:%S}"


def _set_pages(lines: Iterator[_Line]) -> Iterator[list[tuple[float, _Line]]]:
    """The lines, wrapped, with the height of each one's baseline; a page begins when one is full."""
    page: list[tuple[float, _Line]] = []
    y = _HEIGHT - _TOP
    for line in lines:
        width = (_WIDTH - _LEFT - _RIGHT - line.indent) / line.size
        y -= line.gap
        for part in wrap(writable(line.text), width):
            y -= line.size * _LEADING
            if y < _BOTTOM:
                yield page
                page, y = [], _HEIGHT - _TOP - line.size * _LEADING
            page.append((y, line._replace(text=part)))
    yield page


def _drawing(page: list[tuple[float, _Line]]) -> bytes:
    commands = ["BT 0 g"]
    for y, line in page:
        codes = "".join(f"{glyph.number:04x}" for glyph in glyphs(line.text))
        commands.append(f"/F {line.size:g} Tf 1 0 0 1 {_LEFT + line.indent:.2f} {y:.2f} Tm <{codes}> Tj")
    return "\n".join([*commands, "ET"]).encode("ascii")
