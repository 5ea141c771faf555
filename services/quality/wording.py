"""The minutes in Vietnamese: every number of law L5.19, in the order in which a person asks for them."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from archive.inspections.records import PaperCheck
from domain.clock import VIETNAM
from services.printing.pdfa import Block, Grid, Paragraph
from services.quality.intervals import clopper_pearson
from services.quality.kept import MinutesData
from services.quality.tally import newest_checks

_KINDS: Final = {
    "title": "Tên giấy tờ",
    "number_symbol": "Số, ký hiệu",
    "issued_date": "Ngày cấp",
    "issuer": "Cơ quan cấp",
    "abstract": "Trích yếu nội dung",
    "owner_id": "Định danh chủ sở hữu",
    "owner_name": "Tên chủ sở hữu",
    "owner_role": "Vai trò chủ sở hữu",
    "further_owners": "Các chủ sở hữu khác",
    "valid_until": "Thời hạn hiệu lực",
    "scope": "Phạm vi hiệu lực",
    "dossier_code": "Mã hồ sơ",
    "procedure_code": "Mã thủ tục",
    "type": "Loại giấy tờ",
    "code": "Mã số hóa",
    "image": "Hình ảnh",
}
_PAIR: Final = (2.0, 5.0)


def minutes_blocks(data: MinutesData) -> list[Block]:
    """The text of the minutes."""
    blocks: list[Block] = [
        Paragraph("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc", "centred"),
        Paragraph("BIÊN BẢN NGHIỆM THU KẾT QUẢ SỐ HÓA", "title"),
        Paragraph(f"Lô {data.inspection.batch_id}, lần {data.inspection.round}", "centred"),
        *_parties(data),
        Paragraph("1. Lô nghiệm thu", "bold"),
        _lot(data),
        Paragraph("2. Phương án kiểm tra", "bold"),
        *_plan(data),
        Paragraph("3. Kết quả", "bold"),
        *_result(data),
        Paragraph("4. Kết luận", "bold"),
        *_decision(data),
        *_signatures(data),
        Paragraph("Phụ lục. Mẫu và kết quả kiểm tra từng giấy tờ", "bold"),
        _sample(data),
    ]
    return blocks


def _parties(data: MinutesData) -> Iterator[Block]:
    said, day = data.statement, data.at.astimezone(VIETNAM)
    yield Paragraph(f"Ngày {day:%d} tháng {day:%m} năm {day:%Y}, căn cứ hợp đồng {said.contract}, các bên gồm:")
    for side, party, person in (("A", said.party_a, said.person_a), ("B", said.party_b, said.person_b)):
        yield Paragraph(f"Bên {side}: {party}" + (f"; đại diện: {person}" if person else ""))


def _lot(data: MinutesData) -> Grid:
    lot, said = data.inspection, data.statement
    rows = [
        ("Nội dung", "Giá trị"),
        ("Số giấy tờ", _number(lot.papers)),
        ("Số trang", _number(lot.pages)),
        ("Số tờ", _number(said.sheets) if said.sheets else "không ghi nhận"),
        ("Hộp, cặp", said.boxes or "không ghi nhận"),
        ("SHA-256 của danh sách mã tài liệu", lot.list_sha256),
    ]
    return Grid(rows, _PAIR)


def _plan(data: MinutesData) -> Iterator[Block]:
    plan = data.inspection
    is_whole = not plan.letter
    rows = [
        ("Nội dung", "Giá trị"),
        ("Tiêu chuẩn", f"{plan.plan_source}; lấy mẫu một lần, kiểm tra thường"),
        ("AQL", f"{_decimal(plan.aql)} %"),
        ("Bậc kiểm tra", plan.level),
        ("Cách kiểm tra", "toàn bộ lô" if is_whole else f"theo mẫu, chữ mã {plan.letter}"),
        ("Cỡ mẫu", _number(plan.sample)),
        ("Số giấy tờ có lỗi được chấp nhận (Ac)", _number(plan.allowed)),
        ("Số giấy tờ có lỗi bị bác bỏ (Re)", _number(plan.allowed + 1)),
        ("Lỗi nghiêm trọng", ", ".join(_KINDS.get(kind, kind) for kind in plan.critical) or "không quy định"),
        ("Số giấy tờ có lỗi nghiêm trọng được chấp nhận", _number(plan.critical_allowed)),
        ("Mầm ngẫu nhiên", plan.seed),
        ("Rút mẫu lúc", f"{_moment(plan.opened_at)}, bởi {plan.opened_by}"),
    ]
    yield Grid(rows, _PAIR)
    yield Paragraph(
        "Đơn vị kiểm tra là giấy tờ; giấy tờ có lỗi là giấy tờ có bất kỳ trường nào sai hoặc hình ảnh không đạt. Mẫu "
        "gồm các giấy tờ đứng đầu khi xếp theo SHA-256 của chuỗi ghép mầm ngẫu nhiên và mã tài liệu; ai có danh sách "
        "của lô đều rút lại được."
    )
    if not plan.plan_confirmed:
        yield Paragraph("Bảng phương án trong hệ thống chưa được đối chiếu với văn bản tiêu chuẩn.")


def _result(data: MinutesData) -> Iterator[Block]:
    counted, plan = data.tally, data.inspection
    checkers = Counter(check.who for check in newest_checks(data.checks).values())
    again = len(data.checks) - len(newest_checks(data.checks))
    who = ", ".join(f"{name} ({number})" for name, number in sorted(checkers.items()))
    yield Paragraph(f"Đã kiểm tra {counted.checked}/{plan.sample} giấy tờ. Người kiểm tra (số giấy tờ): {who}.")
    if again:
        yield Paragraph(f"Số lần kiểm tra lại, có nêu lý do: {again}.")
    yield from _taken_out(data)
    rows = [("Loại lỗi", "Nghiêm trọng", "Số giấy tờ", "Tỷ lệ", "Khoảng tin cậy 95 %")]
    rows += [
        (_KINDS.get(kind, kind), "có" if kind in plan.critical else "", *_rate(data, number))
        for kind, number in sorted(counted.kinds.items(), key=lambda item: (-item[1], item[0]))
    ]
    rows.append(("Có lỗi nghiêm trọng", "có", *_rate(data, counted.critical)))
    rows.append(("Có lỗi (bất kỳ)", "", *_rate(data, counted.defective)))
    yield Grid(rows, (3, 1.5, 1.4, 1.4, 2.4))
    if plan.sample < plan.papers:
        yield Paragraph("Khoảng tin cậy của tỷ lệ trong lô, tính chính xác theo Clopper - Pearson (1934).")
    else:
        yield Paragraph("Kiểm tra toàn bộ lô nên tỷ lệ là của chính lô.")


def _taken_out(data: MinutesData) -> Iterator[Paragraph]:
    """What left the sample; why it is held no more is no business of the parties."""
    if data.out:
        yield Paragraph(
            f"{_number(len(data.out))} giấy tờ của mẫu không còn trong kho trước khi được kiểm tra nên được đưa ra "
            "khỏi mẫu; thay vào là giấy tờ đứng kế tiếp theo thứ tự rút mẫu, nếu lô còn giấy tờ."
        )
    if data.inspection.short:
        yield Paragraph(f"Mẫu thiếu {_number(data.inspection.short)} giấy tờ vì lô không còn giấy tờ để thay.")


def _rate(data: MinutesData, number: int) -> tuple[str, str, str]:
    looked = data.tally.checked
    rate = _percent(number / looked) if looked else "-"
    if data.inspection.sample >= data.inspection.papers:
        return _number(number), rate, "-"
    low, high = clopper_pearson(number, looked)
    return _number(number), rate, f"{_percent(low)} đến {_percent(high)}"


def _decision(data: MinutesData) -> Iterator[Block]:
    counted, plan, said = data.tally, data.inspection, data.statement
    numbers = (
        f"{counted.defective} giấy tờ có lỗi (được chấp nhận đến {plan.allowed}), trong đó {counted.critical} có lỗi "
        f"nghiêm trọng (được chấp nhận đến {plan.critical_allowed})."
    )
    if counted.state == "accepted":
        lost = f", trong đó {_number(data.lost)} giấy tờ không còn trong kho" if data.lost else ""
        size = f"{_number(plan.papers)} giấy tờ, {_number(plan.pages)} trang"
        yield Paragraph(f"CHẤP NHẬN LÔ: {size}{lost}.", "bold")
    else:
        yield Paragraph("KHÔNG CHẤP NHẬN LÔ.", "bold")
    yield Paragraph(numbers)
    if plan.reason:
        yield Paragraph(f"Kiểm tra lại lần {plan.round} vì: {plan.reason}")
    if counted.state != "accepted":
        yield Paragraph(f"Yêu cầu khắc phục: {said.rework or 'kiểm tra, sửa toàn bộ lô và đề nghị rút mẫu lần sau.'}")
    if said.rework_until:
        yield Paragraph(f"Thời hạn khắc phục: {said.rework_until:%d/%m/%Y}.")
    yield Paragraph("Việc bàn giao lại bản giấy được lập biên bản riêng.")


def _signatures(data: MinutesData) -> Iterator[Block]:
    said = data.statement
    yield Grid(
        [
            ("ĐẠI DIỆN BÊN A", "ĐẠI DIỆN BÊN B"),
            ("(Ký, ghi rõ họ tên)\n\n\n\n", "(Ký, ghi rõ họ tên)\n\n\n\n"),
            (said.person_a, said.person_b),
        ],
        (1, 1),
        "columns",
    )


def _sample(data: MinutesData) -> Grid:
    counting = newest_checks(data.checks)
    rows = [("STT", "Mã tài liệu", "Kết quả", "Người kiểm tra", "Lúc")]
    for place, name in enumerate(data.sample, 1):
        check = counting.get(name)
        told = (_found(check), check.who, _moment(check.at)) if check else ("chưa kiểm tra", "", "")
        rows.append((str(place), name, *told))
    left = "đưa ra khỏi mẫu: không còn trong kho"
    rows += [("-", item.paper_id, left, "", _moment(item.out_at)) for item in data.out]
    return Grid(rows, (0.7, 2.3, 3.2, 2, 1.9))


def _found(check: PaperCheck) -> str:
    """What was wrong, one line each; identity numbers are masked already."""
    lines = []
    for item in check.defects:
        arrow = f"{item.found} → {item.right}" if item.found and item.right else item.right or item.found
        lines.append(_KINDS.get(item.kind, item.kind) + (f": {arrow}" if arrow else ""))
    return "\n".join(lines) or "đạt"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(VIETNAM):%d/%m/%Y %H:%M}"


def _number(number: int) -> str:
    """As Vietnamese write it: 12.345."""
    return f"{number:,}".replace(",", ".")


def _decimal(number: float) -> str:
    return f"{number:g}".replace(".", ",")


def _percent(rate: float) -> str:
    return f"{100 * rate:.2f} %".replace(".", ",")
