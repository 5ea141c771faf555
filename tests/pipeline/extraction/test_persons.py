"""Whose number stands on a paper that names several persons, and a name that a line breaks."""

import pytest

from domain.readings import Description
from tests.support.laid_out import MARGIN, MIDDLE, Piece, administrative, body, certificate, described

OWN, OTHERS = "048171010951", "048071000212"
OWNED = f"Điều 1. Cho phép bà Trần Thị Minh, số định danh cá nhân: {OWN},"
SUBJECT: Piece = (MIDDLE, "Về việc cho phép bà Trần Thị Minh chuyển mục đích sử dụng đất")
LAND = "địa chỉ thửa đất số 3, tờ bản đồ số 4, chuyển mục đích sử dụng đất."
OTHER_PERSONS = (
    f"Theo đơn của ông Lê Văn Bình, số định danh cá nhân: {OTHERS}, được bà Minh ủy quyền;",
    f"Theo giấy chuyển nhượng của bà Lê Thị Hoa, Số định danh cá nhân: {OTHERS};",
    f"Giao ông Phạm Quốc Hùng, công chức địa chính, căn cước công dân số {OTHERS}, đo đạc;",
    f"1. Ông Phạm Quốc Hùng, căn cước công dân số {OTHERS}, nộp hồ sơ thay;",
    f"Người được ủy quyền: Lê Văn Bình, số định danh cá nhân: {OTHERS};",
    f"Theo giấy chuyển nhượng của bà Trần Thị Minh Anh, số định danh cá nhân: {OTHERS};",
    f"Người nộp hồ sơ: Lê Bình, số định danh cá nhân: {OTHERS};",
    f"Căn cứ giấy ủy quyền, căn cước công dân số {OTHERS} (bà Lê Hoa);",
    f"Căn cứ giấy ủy quyền, căn cước công dân số {OTHERS} của ông Lê Văn Bình;",
)


def decided(*texts: str, subject: Piece = SUBJECT) -> Description:
    """A decision with this subject and text."""
    return described(*administrative("QUYẾT ĐỊNH", [subject], [], *body(*texts, LAND)))


@pytest.mark.parametrize("other", OTHER_PERSONS)
def test_a_number_belongs_to_the_person_named_before_it(other: str) -> None:
    """The number of a person whom the paper names first is not the owner's, whose own follows."""
    field = decided(other, OWNED).fields["owner_id"]
    assert field.value == OWN
    assert field.confidence > 0.9


@pytest.mark.parametrize("other", OTHER_PERSONS)
def test_the_only_number_of_another_person_is_never_proposed(other: str) -> None:
    """A paper that tells another person's number alone has no number of its owner."""
    assert decided(other, "Điều 1. Cho phép bà Trần Thị Minh,").value("owner_id") is None


def test_several_numbers_by_no_name_are_doubted() -> None:
    """Of different numbers that stand by no name, any may be the owner's."""
    lines = (f"Căn cứ giấy tờ kèm theo, số định danh cá nhân: {number};" for number in (OTHERS, OWN))
    field = decided("Căn cứ Luật Đất đai và các văn bản quy định chi tiết thi hành;" * 4, *lines).fields["owner_id"]
    assert field.confidence < 0.7


@pytest.mark.parametrize("street", ["12 Nguyễn Văn Linh", "đường Ông Ích Khiêm", "phường Trần Hưng Đạo"])
def test_a_street_is_no_other_person(street: str) -> None:
    """Streets are named after persons, and no number is theirs."""
    field = decided(f"Điều 1. Cho phép bà Trần Thị Minh, trú tại {street}, số định danh cá nhân: {OWN},").fields[
        "owner_id"
    ]
    assert field.value == OWN
    assert field.confidence > 0.9


WHOLE = "Điều 2. Ông Tạ Bá Toàn có trách nhiệm nộp tiền sử dụng đất theo quy định."


@pytest.mark.parametrize(
    ("first", "second", "more", "name", "sure"),
    [
        ("Về việc cho phép ông Tạ Bá", "Toàn chuyển mục đích sử dụng đất", WHOLE, "Tạ Bá Toàn", True),
        ("Về việc cho phép ông Tạ Bá", "Toàn chuyển mục đích sử dụng đất", "", "Tạ Bá", False),
        ("VỀ VIỆC CHO PHÉP ÔNG TẠ BÁ", "TOÀN CHUYỂN MỤC ĐÍCH SỬ DỤNG ĐẤT", WHOLE, "Tạ Bá Toàn", True),
        ("VỀ VIỆC CHO PHÉP ÔNG TẠ BÁ", "TOÀN CHUYỂN MỤC ĐÍCH SỬ DỤNG ĐẤT", "", "Tạ Bá", False),
        ("Về việc cho phép ông Tạ Bá", "", WHOLE, "Tạ Bá Toàn", False),
        ("Về việc cho phép ông Tạ Bá", "Toàn", WHOLE, "Tạ Bá Toàn", True),
        ("Về việc cho phép ông Tạ Bá", "Căn cứ Luật Đất đai và Nghị định kèm theo", "", "Tạ Bá", True),
        ("Về việc cho phép ông Tạ Bá", "Luật Đất đai và Nghị định", "Điều 1. Ông Tạ Bá nộp tiền.", "Tạ Bá", True),
    ],
    ids=["goes on", "alone", "capitals", "capitals alone", "lost", "nothing else", "next part", "whole elsewhere"],
)
def test_a_name_that_a_line_breaks(first: str, second: str, more: str, name: str, sure: bool) -> None:
    """Another mention tells how a name goes on; without one a name that its line may have cut is doubted."""
    lines: list[list[Piece]] = [[(MIDDLE, first)], [(MIDDLE, second)], [], *body(more, LAND)]
    field = described(*administrative("QUYẾT ĐỊNH", *lines)).fields["owner_name"]
    assert (field.value, field.confidence >= 0.75) == (name, sure)


def test_a_name_broken_in_the_text() -> None:
    """A line that was ended early cuts a name too."""
    text = (
        "Điều 1. Theo đơn xin chuyển mục đích sử dụng đất, cho phép ông Tạ Bá",
        f"Toàn, số định danh cá nhân: {OWN},",
        "địa chỉ thường trú tại tổ 5 phường Hải Châu, chuyển mục đích sử dụng 120 m2 đất thuộc tờ bản đồ số 4.",
    )
    alone = described(*administrative("QUYẾT ĐỊNH", *body(*text))).fields["owner_name"]
    got = described(*administrative("QUYẾT ĐỊNH", *body(*text, WHOLE)))
    assert alone.confidence < 0.75
    assert got.value("owner_name") == "Tạ Bá Toàn"
    assert got.fields["owner_name"].confidence > 0.9
    assert got.fields["owner_id"].confidence > 0.9


def test_another_persons_longer_name_elsewhere() -> None:
    """A name that ends within its line is whole, whoever else is called so and longer."""
    field = decided(OWNED, "Theo đơn của bà Trần Thị Minh Anh gửi phường;").fields["owner_name"]
    assert field.value == "Trần Thị Minh"
    assert field.confidence > 0.9


def test_what_a_form_states_behind_a_name_is_none_of_it() -> None:
    """A label that follows a name in its line has a capital too."""
    lines = [[(MARGIN, "Họ, chữ đệm, tên: Tạ Bá")], *body("Sinh ngày: 02/03/1980", "Ông Tạ Bá Sinh ngày 02/03/1980")]
    field = described(*administrative("GIẤY PHÉP XÂY DỰNG", *lines)).fields["owner_name"]
    assert field.value == "Tạ Bá"
    assert field.confidence > 0.9


def test_columns_of_a_form_that_run_together() -> None:
    """Where the lines of wife and husband were read as one, her name and number still come first."""
    text = "NGUYỄN THỊ THU HÀ PHAN VĂN DŨNG", f"Số định danh cá nhân: {OWN} Số định danh cá nhân: {OTHERS}"
    field = described(*certificate("GIẤY CHỨNG NHẬN KẾT HÔN", "Họ, chữ đệm, tên vợ:", *text)).fields["owner_id"]
    assert field.value == OWN
    assert field.confidence > 0.9


def test_a_number_in_words_is_no_courtesy() -> None:
    """Three, `ba`, at the end of a line names no woman."""
    text = "Họ, chữ đệm, tên: PHẠM THỊ BẢO NGỌC", "Ghi bằng chữ: năm hai nghìn không trăm lẻ ba", "Giới tính: Nữ"
    found = described(*certificate("GIẤY KHAI SINH", *text, f"Số định danh cá nhân: {OWN}"))
    assert found.fields["owner_id"].confidence > 0.9


def test_a_name_that_begins_like_the_owners() -> None:
    """Half the country is called Nguyễn Văn: only the whole name, or its end, is the owner's."""
    subject = (MIDDLE, "Về việc cho phép ông Nguyễn Văn An chuyển mục đích sử dụng đất")
    found = decided(f"Theo đơn của ông Nguyễn Văn, số định danh cá nhân: {OTHERS};", subject=subject)
    assert found.value("owner_id") is None
