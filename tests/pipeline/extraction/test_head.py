"""Number and day of issue come from the lines that state them, never from what the text cites."""

import pytest

from tests.support.laid_out import LEFT, MARGIN, MIDDLE, RIGHT, administrative, body, certificate, described

CITED_DAYS = (
    "Căn cứ Quyết định số 12/QĐ-UBND ngày 03 tháng 5 năm 2019 của Ủy ban nhân dân thành phố;",
    "Theo đề nghị của Ủy ban nhân dân thành phố, ngày 03 tháng 5 năm 2019",
    "thành phố, ngày 03 tháng 5 năm 2019.",
    "Thành phố Đà Nẵng, ngày 03 tháng 5 năm 2019",
    "đăng ký lần đầu ngày 03 tháng 5 năm 2019, cấp tại Sở Tài chính",
    "ngày 03 tháng 5 năm 2019",
)
CITED_NUMBERS = (
    "số 57/TB-UBND ngày 03 tháng 5 năm 2019 của Ủy ban nhân dân thành phố",
    "số 57/TB-UBND",
    "Số 57/TB-UBND ngày 03 tháng 5 năm 2019 của Ủy ban nhân dân thành phố",
    "Số: 57/TB-UBND của Ủy ban nhân dân thành phố",
)
UNREADABLE = (
    "Đà Nẵng, ngày tháng 3 năm 2026",
    "Đà Nẵng, ngày Ø5 tháng 3 năm 2026",
    "Đà Nẵng, ngày 5 tháng năm 2026",
    "Đà Nẵng, ngày 5 tháng 3 năm 20",
    "Đà Nẵng,",
    "",
)


@pytest.mark.parametrize("cited", CITED_DAYS)
@pytest.mark.parametrize("day", UNREADABLE)
def test_a_cited_day_is_never_the_day_of_issue(day: str, cited: str) -> None:
    """When the paper's own day cannot be read, it is missing, wherever the text cites another one."""
    for title in ("THÔNG BÁO", ""):
        lines = administrative(title, [(LEFT, "V/v báo cáo")], *body(cited), *[[]] * 20, *body(cited))
        lines[2] = [lines[2][0], (RIGHT, day)]
        assert described(*lines).value("issued_date") is None


@pytest.mark.parametrize("cited", CITED_DAYS)
def test_the_own_day_stands_beside_cited_ones(cited: str) -> None:
    """The line of place and day is known among lines that cite."""
    lines = administrative("THÔNG BÁO", *body(cited, cited), *[[]] * 20, *body(cited))
    assert described(*lines).value("issued_date") == "2025-04-09"


@pytest.mark.parametrize("cited", CITED_DAYS)
def test_the_day_of_registration_cannot_be_read(cited: str) -> None:
    """A certificate whose own day is written by hand does not take one from its text."""
    lines = certificate(
        "GIẤY KHAI SINH", "Số: 259/2019", cited, "Ngày, tháng, năm đăng ký: /11/2019", *[""] * 12, cited
    )
    assert described(*lines).value("issued_date") is None


@pytest.mark.parametrize("cited", CITED_DAYS[:3])
def test_the_end_of_a_sentence_is_no_closing_line(cited: str) -> None:
    """A form is dated by a line of its own on the right, not by the last line of a paragraph."""
    assert described(*certificate("ĐƠN ĐỀ NGHỊ", *[""] * 18, cited)).value("issued_date") is None


@pytest.mark.parametrize("cited", CITED_NUMBERS)
@pytest.mark.parametrize("number", ["", "/TB-UBND", "lf/"])
def test_a_cited_number_is_never_the_number(number: str, cited: str) -> None:
    """When the paper's own number cannot be read, no cited one takes its place: in the text or under ``V/v``."""
    for title in ("THÔNG BÁO", ""):
        subject = [(LEFT, "V/v trả lời Công văn")], [(LEFT, cited)]
        lines = administrative(title, *subject, *body(cited, cited), number=number)
        assert described(*lines).value("number_symbol") is None


def test_a_cited_number_under_the_title_of_a_certificate() -> None:
    """A certificate's number stands by itself under its title."""
    lines = certificate("GIẤY KHAI SINH", "số 12/2018 ngày 03 tháng 5 năm 2019", "Số: 259/2019")
    assert described(*lines).value("number_symbol") == "259/2019"
    for cited in CITED_NUMBERS:
        assert described(*certificate("GIẤY KHAI SINH", cited)).value("number_symbol") is None


def test_two_different_numbers_are_doubted() -> None:
    """A paper has one number: of two in its place a person says which, and a number that stands twice is no doubt."""
    for second, sure in (("Số: 223/TB-UBND", False), ("Số: 999/TB-UBND", True)):
        head = administrative("THÔNG BÁO", number="999/TB-UBND")
        field = described(*head[:3], [(LEFT, second)], *head[3:]).fields["number_symbol"]
        assert field.value == "999/TB-UBND"
        assert (field.confidence >= 0.75) is sure
    lines = certificate("GIẤY KHAI SINH", "Số: 259/2019", "Số: 260/2019")
    assert described(*lines).fields["number_symbol"].confidence < 0.75


def test_number_and_day_in_one_line() -> None:
    """Where the columns run together, both are still known."""
    lines = administrative("THÔNG BÁO")
    lines[2] = [(MARGIN, "Số: 45/TB-UBND Hải Châu, ngày 12 tháng 3 năm 2026")]
    found = described(*lines)
    assert (found.value("number_symbol"), found.value("issued_date")) == ("45/TB-UBND", "2026-03-12")


def test_a_form_dated_under_the_heading() -> None:
    """A form without a letterhead may have its line of place and day right under the motto."""
    lines = certificate("ĐƠN ĐỀ NGHỊ", "Kính gửi: Ủy ban nhân dân phường Hải Châu")
    lines[2] = [(MIDDLE + 0.15, "Hải Châu, ngày 12 tháng 3 năm 2026")]
    assert described(*lines).value("issued_date") == "2026-03-12"


RECEIVED = (
    "Thời gian nhận hồ sơ: 10 giờ 01 phút, ngày 09 tháng 4 năm 2025",
    "Thời gian nhận hồ sơ: 10:01 09/04/2025",
    "Ngày tiếp nhận hồ sơ: 9/4/2025",
)
RETURNED = "Thời gian trả kết quả: 08 giờ 00 phút, ngày 19 tháng 4 năm 2025"


@pytest.mark.parametrize("received", RECEIVED)
def test_a_receipt_is_of_the_day_on_which_the_dossier_was_taken_in(received: str) -> None:
    """Many receipts have no line of place and day; what they say of other days counts no more than elsewhere."""
    title = "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ"
    lines = administrative(title, *body(RETURNED, received, CITED_DAYS[0]))
    lines[2] = lines[2][:1]
    assert described(*lines).value("issued_date") == "2025-04-09"
    twice = administrative(title, *body(received, "Thời gian nhận hồ sơ: 11/4/2025"))
    twice[2] = twice[2][:1]
    assert described(*twice).value("issued_date") is None
    other = administrative("THÔNG BÁO", *body(received))
    other[2] = other[2][:1]
    assert described(*other).value("issued_date") is None


@pytest.mark.parametrize(
    "number", ["0400512348/GCN", "0400512348-001/GCN-CN", "0400512348", "0400512348-001", "32D8007761/HKD"]
)
def test_the_number_of_an_enterprise_is_read_with_its_symbol(number: str) -> None:
    """Ten places, those of a branch, and what stands behind them, with every zero."""
    found = described(*administrative("GIẤY CHỨNG NHẬN ĐĂNG KÝ DOANH NGHIỆP", number=number))
    assert found.value("number_symbol") == number
    assert found.fields["number_symbol"].confidence >= 0.75
