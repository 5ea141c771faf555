"""Abstracts and issuers as offices set them: in brackets, without ``V/v``, under parents and in several lines."""

import pytest

from tests.support.laid_out import LEFT, MARGIN, MIDDLE, Piece, administrative, body, described

LONG = "Căn cứ Luật Tổ chức chính quyền địa phương ngày 16 tháng 6 năm 2025, sau khi xem xét hồ sơ"
PLAIN = "Kiện toàn Bộ phận Tiếp nhận và Trả kết quả phường Hải Châu"


def decision(*lines: list[Piece]) -> str | None:
    """The abstract of a decision with these lines under its name."""
    return described(*administrative("QUYẾT ĐỊNH", *lines, [], *body(LONG, LONG))).value("abstract")


def test_the_abstract_of_a_letter_may_stand_in_brackets() -> None:
    """It is known by its V/v, and the brackets, which hold several lines, are no part of it."""
    letter = administrative("", number="57/STP-HCTP")
    lines = [*letter[:3], [(LEFT, "(V/v báo cáo kết quả")], [(LEFT, "số hóa quý I)")], [], *body(LONG, LONG)]
    found = described(*lines)
    assert found.value("abstract") == "V/v báo cáo kết quả số hóa quý I"
    assert found.value("number_symbol") == "57/STP-HCTP"


def test_an_abstract_in_brackets_may_stand_under_the_name_of_a_kind() -> None:
    """So do some offices with notices and decisions."""
    assert decision([(MIDDLE, "(V/v kiện toàn Bộ phận Tiếp nhận và Trả kết quả)")]) == (
        "V/v kiện toàn Bộ phận Tiếp nhận và Trả kết quả"
    )


def test_a_plain_abstract_stands_in_the_middle_under_the_name_of_a_kind() -> None:
    """In one line and in two."""
    assert decision([(MIDDLE, PLAIN)]) == PLAIN
    assert decision([(MIDDLE, PLAIN)], [(MIDDLE, "thành phố Đà Nẵng")]) == f"{PLAIN} thành phố Đà Nẵng"


def test_a_plain_abstract_is_shown_and_not_sure() -> None:
    """Nothing says that it is one but its place."""
    found = described(*administrative("QUYẾT ĐỊNH", [(MIDDLE, PLAIN)], [], *body(LONG, LONG)))
    assert 0.75 <= found.fields["abstract"].confidence < 0.9


@pytest.mark.parametrize(
    "line",
    [
        [(MARGIN, LONG)],
        [(MIDDLE, LONG)],
        [(MIDDLE, "của Ủy ban nhân dân phường Hải Châu")],
        [(MIDDLE, "CHỦ TỊCH ỦY BAN NHÂN DÂN PHƯỜNG HẢI CHÂU")],
        [(MIDDLE, "Kính gửi: Sở Tư pháp thành phố Đà Nẵng")],
        [(MIDDLE, "Số: 12/QĐ-UBND")],
        [(MIDDLE, "(Bản sao)")],
    ],
)
def test_what_stands_under_the_name_of_a_kind_and_is_no_abstract(line: list[Piece]) -> None:
    """Text, who decides, who is addressed, and numbers."""
    title = "QUYẾT ĐỊNH"
    lines = administrative(title, line, [], *body("Về việc khác: bà Trần Thị Minh, số định danh cá nhân: 048171010951"))
    assert described(*lines, *body(LONG, LONG)).value("abstract") in {None, "CHỦ TỊCH ỦY BAN NHÂN DÂN PHƯỜNG HẢI CHÂU"}


@pytest.mark.parametrize(
    ("agency", "issuer"),
    [
        (("BỘ Y TẾ", "BỆNH VIỆN C ĐÀ NẴNG"), "Bệnh viện C Đà Nẵng"),
        (("SỞ Y TẾ ĐÀ NẴNG", "TRƯỜNG TRUNG CẤP Y TẾ"), "Trường trung cấp y tế"),
    ],
)
def test_the_issuer_stands_under_its_parent(agency: tuple[str, str], issuer: str) -> None:
    """The last agency above the number issues the paper, whatever kind of agency it is."""
    found = described(*administrative("THÔNG BÁO", *body(LONG, LONG), agency=agency)).value("issuer")
    assert (found or "").lower() == issuer.lower()


def test_an_office_is_named_with_the_council_in_the_next_line() -> None:
    """An office and the councils that it serves are one agency, not three."""
    agency = ("VĂN PHÒNG", "HỘI ĐỒNG NHÂN DÂN VÀ", "ỦY BAN NHÂN DÂN QUẬN HẢI CHÂU")
    found = described(*administrative("THÔNG BÁO", *body(LONG, LONG), agency=agency)).value("issuer")
    assert (found or "").lower() == "văn phòng hội đồng nhân dân và ủy ban nhân dân quận hải châu"
