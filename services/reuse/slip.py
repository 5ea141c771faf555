"""The answers of a look-up on paper, for the citizen: what need not be brought, what must, why, and until when.

It is in Vietnamese, whatever the clerk's screen speaks.  Identity numbers are masked, for it is carried about; the
owner's name stands there only where the dossier tells it, so that nobody learns a name by typing numbers.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from archive.interface import Dossier
from config.owners import APPLICANT, role_name, with_roles
from config.registers import database_name
from domain.clock import VIETNAM, now
from domain.events import SlipPrinted
from domain.messages.told import told
from domain.owners import OwnerKind, identifier_kind, mask, mask_text
from files.outside import new_file
from services.context import Services
from services.dossiers.owners import portal_fields
from services.permissions import Asker
from services.printing.pdfa import Block, Grid, Paragraph, print_pdfa
from services.registers.interface import ComponentAnswer, ComponentView
from services.reuse.on_way import UNCHECKED
from services.reuse.wording import ANSWERS, NOT_BROUGHT

_NUMBERS: Final[dict[OwnerKind, str]] = {
    "personal": "số định danh",
    "old_identity": "số CMND",
    "tax": "mã số thuế",
}
_NUMBER, _NAME, _SOURCE, _UNTIL = 0.7, 3.6, 3.4, 1.8  # shares of the width


class OwnerSlip(NamedTuple):
    """What a slip says; ``dossier`` is None where the asker may not know it, or it is another owner's.

    ``people`` are the numbers of those who were asked about, by their roles.
    """

    people: Mapping[str, str]
    code: str
    dossier: Dossier | None
    procedure: str | None
    answers: Sequence[ComponentAnswer]


def printed_slip(ctx: Services, asker: Asker, slip: OwnerSlip) -> bytes:
    """The slip as PDF/A-2b.

    Raises:
        SetupError: the typeface is not installed.
        NotConforming, NotChecked: it is not PDF/A-2b.
    """
    at = now()
    texts = [*_head(ctx, asker, slip), *_answers(slip.answers)]
    hour, day = f"{at.astimezone(VIETNAM):%H:%M}", f"{at.astimezone(VIETNAM):%d/%m/%Y}"
    texts += [
        Paragraph(
            f"Trả lời lúc {hour} ngày {day} theo dữ liệu đang lưu. Số thứ tự là số của câu trả lời trong lần tra cứu; "
            "khi lấy giấy tờ cho hồ sơ, cơ quan kiểm tra lại."
        ),
        Grid(
            [
                ("NGƯỜI NHẬN PHIẾU", "NGƯỜI TRA CỨU"),
                ("(Ký, ghi rõ họ tên)\n\n\n", "(Ký, ghi rõ họ tên)\n\n\n"),
                ("", mask_text(asker.who)),
            ],
            (1, 1),
            "columns",
        ),
    ]
    return print_pdfa(f"Phiếu trả lời về giấy tờ, hồ sơ {slip.code}", texts, at)


def write_slip(ctx: Services, asker: Asker, slip: OwnerSlip, pdf: bytes, target: Path) -> None:
    """Write a slip, recorded before it takes its place.

    Raises:
        UsageError: it cannot be written, or something is there.
    """
    with new_file(target, ctx.settings.home) as file:
        file.write(pdf)
        file.flush()
        os.fsync(file.fileno())
        ctx.journal.record(
            SlipPrinted(
                **dict(asker),
                subject=mask(slip.people.get(APPLICANT, "")),
                dossier=slip.code,
                answers=len(slip.answers),
            )
        )


def _head(ctx: Services, asker: Asker, slip: OwnerSlip) -> list[Block]:
    name = _owner_name(slip.dossier)
    applicant = _number(slip.people.get(APPLICANT, ""))
    others = [
        Paragraph(f"{role_name(role, 'vi')}: {_number(number)}")
        for role, number in slip.people.items()
        if role != APPLICANT
    ]
    of_procedure = [Paragraph(f"Thủ tục: {_procedure(ctx, slip)}")] if slip.procedure else []
    return [
        Grid(
            [
                (_office(ctx, asker.office).upper(), "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
                ("Bộ phận Một cửa", "Độc lập - Tự do - Hạnh phúc"),
            ],
            (2, 3),
            "columns",
        ),
        Paragraph("PHIẾU TRẢ LỜI VỀ GIẤY TỜ CỦA HỒ SƠ", "title"),
        Paragraph(f"Mã hồ sơ: {slip.code}"),
        *of_procedure,
        *([Paragraph(f"Chủ hồ sơ: {name}, {applicant}")] if name and applicant else []),
        *([Paragraph(f"Giấy tờ của người có {applicant}")] if applicant and not name else []),
        *others,
    ]


def _number(owner_id: str) -> str:
    kind = identifier_kind(owner_id)
    return f"{_NUMBERS[kind] if kind else 'số'} {mask(owner_id)}" if owner_id else ""


def _answers(answers: Sequence[ComponentAnswer]) -> list[Block]:
    numbered = [(number, answer, answer.view(number)) for number, answer in enumerate(answers, start=1)]
    held = [
        (str(number), mask_text(answer.name), _source(view), _until(view))
        for number, answer, view in numbered
        if answer.answer in NOT_BROUGHT
    ]
    brought = [
        (str(number), mask_text(answer.name) + ("" if answer.required else " (nếu có)"), _why(answer, view))
        for number, answer, view in numbered
        if answer.answer not in {*NOT_BROUGHT, UNCHECKED, "owner-unknown"}
    ]
    unchecked = [
        (str(number), mask_text(answer.name), mask_text(answer.on_way.what.text("vi")))
        for number, answer, _ in numbered
        if answer.answer == UNCHECKED and answer.on_way
    ]
    open_ = [
        (str(number), mask_text(answer.name), with_roles(told("numbers_of_needed", roles=answer.ask_with), "vi"))
        for number, answer, _ in numbered
        if answer.answer == "owner-unknown"
    ]
    widths = (_NUMBER, _NAME, _SOURCE + _UNTIL)
    further = [
        ("Giấy tờ đã nhận, chưa kiểm tra xong: nên hỏi lại trước khi nộp", "Đang ở đâu", unchecked),
        ("Giấy tờ chưa tra cứu được", "Cần thêm", open_),
    ]
    return [
        Paragraph("1. Giấy tờ không phải nộp", "bold"),
        _listed(("Số", "Giấy tờ", "Đang lưu", "Dùng được đến"), held, (_NUMBER, _NAME, _SOURCE, _UNTIL)),
        Paragraph("2. Giấy tờ phải nộp hoặc xuất trình", "bold"),
        _listed(("Số", "Giấy tờ", "Lý do"), brought, widths),
        *(
            block
            for number, (title, column, rows) in enumerate((item for item in further if item[2]), start=3)
            for block in (Paragraph(f"{number}. {title}", "bold"), _listed(("Số", "Giấy tờ", column), rows, widths))
        ),
    ]


def _listed(head: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float]) -> Block:
    return Grid([head, *rows], widths) if rows else Paragraph("Không có.")


def _office(ctx: Services, office: str) -> str:
    try:
        return ctx.catalogues.agency(office).name
    except KeyError:
        return office


def _procedure(ctx: Services, slip: OwnerSlip) -> str:
    code = slip.procedure or ""
    day = slip.dossier.received if slip.dossier else now().date()
    try:
        return f"{ctx.catalogues.procedure(code, day).name} ({code})"
    except KeyError:
        return code


def _owner_name(dossier: Dossier | None) -> str:
    """The owner's name as the one-stop system wrote it."""
    name = portal_fields(dossier).get("ChuHoSo") if dossier else None
    return mask_text(name.strip()) if isinstance(name, str) else ""


def _source(view: ComponentView) -> str:
    """By what the citizen knows the paper: number, day, who gave it."""
    parts = [
        f"số {view.number}" if view.number else "",
        f"cấp ngày {view.issued:%d/%m/%Y}" if view.issued else "",
        view.issuer or "",
        f"theo cơ sở dữ liệu {database_name(view.source or '')}" if view.answer == "held-elsewhere" else "",
    ]
    return mask_text(", ".join(filter(None, parts)))


def _until(view: ComponentView) -> str:
    if view.valid_until is None or view.valid_until == "permanent":
        return "không thời hạn"
    return f"{view.valid_until:%d/%m/%Y}"


def _why(answer: ComponentAnswer, view: ComponentView) -> str:
    """Why it is to be brought; of what is never kept, how.

    That another database could not be asked is told, but not what was wrong with it: that is for the clerk.
    """
    if answer.answer == "must-be-brought" and answer.why:
        return answer.why.text("vi")
    parts = [told(ANSWERS[answer.answer]).text("vi")]
    if answer.answer == "held-but-expired":
        parts[0] += f" ngày {_until(view)}"
    elif answer.why:
        parts.append(answer.why.text("vi"))
    if answer.elsewhere and answer.elsewhere.state in {"unavailable", "not_connected"}:
        parts.append("chưa hỏi được cơ sở dữ liệu có thể có giấy tờ này")
    if answer.on_way:
        parts.append(answer.on_way.what.text("vi"))
    return mask_text("; ".join(parts))
