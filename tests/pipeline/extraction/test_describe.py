"""Paper type, fields and first pages, on pages laid out as the law lays them out (Decree 30, annex I)."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.settings import Settings
from domain.clock import today
from domain.readings import Description, FieldName, PageReading, Word
from pipeline.extraction import first_pages, laid_out, read_fields
from pipeline.extraction.wording import WordIndex, agency_name, folded_words
from pipeline.stages.describe import doubts_of_fields
from services.context import open_services
from tests.support.laid_out import (
    LEFT,
    MARGIN,
    MIDDLE,
    RIGHT,
    TYPES,
    Piece,
    administrative,
    body,
    certificate,
    described,
    page,
    paper,
)

BIRTH = certificate(
    "GIẤY KHAI SINH",
    "Số: 259/2019",
    "Họ, chữ đệm, tên: HOÀNG ĐỨC DŨNG",
    "Ngày, tháng, năm sinh: 22/11/2019",
    "Số định danh cá nhân: 048219469062",
    "Họ, chữ đệm, tên người mẹ: BÙI THỊ HÀ",
    "Họ, chữ đệm, tên người cha: HOÀNG VĂN BÌNH",
    "Họ, chữ đệm, tên người đi khai sinh: Hoàng Văn Bình",
    "Giấy tờ tùy thân: Căn cước công dân số 045085844358",
    "Nơi đăng ký khai sinh: Ủy ban nhân dân phường Hòa Khánh Bắc, quận Liên Chiểu",
    "Ngày, tháng, năm đăng ký: 29/11/2019",
    "NGƯỜI KÝ GIẤY KHAI SINH",
)


# Types.


@pytest.mark.parametrize("code", [type_.code for type_ in TYPES if type_.titles])
def test_every_type_is_known_by_title_and_keywords(code: str) -> None:
    """A paper with the title and the phrases of a type is of that type, without doubt."""
    type_ = next(t for t in TYPES if t.code == code)
    if type_.titles == ("CÔNG VĂN",):
        lines = administrative("", [(LEFT, "V/v báo cáo")], *body(*type_.keywords), number="699/UBND-VP")
    else:
        lines = administrative(type_.titles[0], *body(*type_.keywords))
    found = described(*lines)
    assert found.type_code == code
    assert found.type_confidence >= 0.75


def test_accents_and_slips_are_forgiven() -> None:
    """A title without accents and with a wrong letter is still the title, and is written as the catalogue has it."""
    lines = [line if line != [(MIDDLE, "GIẤY KHAI SINH")] else [(MIDDLE, "GIAY KHAl SINH")] for line in BIRTH]
    found = described(*lines)
    assert found.type_code == "KQ.G15.000031"
    assert found.value("title") == "GIẤY KHAI SINH"


def test_same_title_told_apart_by_keywords() -> None:
    """Two types share the title of a decision; land in the text makes it a land use decision."""
    subject = [(MIDDLE, "Về việc cho phép chuyển mục đích sử dụng đất")]
    land = described(*administrative("QUYẾT ĐỊNH", subject, *body("thửa đất số 1, tờ bản đồ số 2")))
    rules = described(*administrative("QUYẾT ĐỊNH", *body("Ban hành kèm theo Quyết định này Quy chế hoạt động")))
    assert (land.type_code, rules.type_code) == ("KQ.G10.000868", "KQ.H17.990009")


@pytest.mark.parametrize(
    ("title", "below", "code"),
    [
        ("BÁO CÁO", "DỰ ÁN ĐẦU TƯ XÂY DỰNG", "TP.H17.990109"),
        ("GIẤY KHAI SINH", "CHƯƠNG TRÌNH CHUYỂN ĐỔI SỐ", "KQ.G15.000031"),
        ("THÔNG BÁO", "HƯỚNG DẪN NỘP HỒ SƠ", "TP.H17.990103"),
        ("QUYẾT ĐỊNH", "QUY CHẾ LÀM VIỆC", "KQ.H17.990009"),
    ],
)
def test_the_topmost_title_is_the_papers(title: str, below: str, code: str) -> None:
    """What is called like another kind of document further down is what the paper is about: it raises no doubt."""
    keywords = next(type_.keywords for type_ in TYPES if type_.code == code)
    found = described(*administrative(title, [(MIDDLE, below)], *body(*keywords[:1])))
    alone = described(*administrative(title, *body(*keywords[:1])))
    assert (found.type_code, found.type_confidence) == (code, alone.type_confidence)


def test_every_kind_of_document_has_a_type() -> None:
    """The 29 kinds of Decree 30 and the archive's list of them; maps and drawings have no title (law 4B, L5.7)."""
    assert {f"{n:02}" for n in range(1, 30)} | {"32"} == {type_.archive_kind for type_ in TYPES}


def test_close_runner_up_lowers_confidence() -> None:
    """A bare decision could be either kind: the confidence says so."""
    assert described(*administrative("QUYẾT ĐỊNH")).type_confidence < 0.75


def test_title_missing() -> None:
    """A paper whose title was not read is recognised by its phrases, but a person looks at it."""
    found = described(*[line for line in BIRTH if line != [(MIDDLE, "GIẤY KHAI SINH")]])
    assert found.type_code == "KQ.G15.000031"
    assert found.type_confidence < 0.75
    assert found.value("title") is None


def test_unknown_paper() -> None:
    """A paper like none in the catalogue has no type."""
    assert described(*body("Thực đơn trong tuần", "Thứ hai: phở bò")).type_code is None


def test_form_keeps_its_whole_title() -> None:
    """A form is known by the first words of its title; the title goes on over two lines."""
    lines = certificate("TỜ KHAI CẤP BẢN SAO", "")
    lines[4] = [(MIDDLE, "TRÍCH LỤC HỘ TỊCH")]
    found = described(*lines, *body("Kính gửi: Ủy ban nhân dân phường An Khê", "Tôi cam đoan"))
    assert found.type_code == "TP.H17.990101"
    assert found.value("title") == "TỜ KHAI CẤP BẢN SAO TRÍCH LỤC HỘ TỊCH"


# Fields of the agency.


@pytest.mark.parametrize(
    ("printed", "value"),
    [
        ("12/QĐ-UBND", "12/QĐ-UBND"),
        ("60/ATTP-NĐTP", "60/ATTP-NĐTP"),
        ("110/T.Tr-CC", "110/T.Tr-CC"),
        ("12 / QĐ - UBND", "12/QĐ-UBND"),
        ("05/QÐ-UBND", "05/QĐ-UBND"),
        ("05/QD-UBND", "05/QĐ-UBND"),
        ("32E8033798", "32E8033798"),
        ("45/2023", "45/2023"),
    ],
)
def test_number_and_symbol(printed: str, value: str) -> None:
    """The number is read with the types of Annex III, of registers and of registrations; a lost bar is put back."""
    assert described(*administrative("QUYẾT ĐỊNH", number=printed)).value("number_symbol") == value


def test_misread_number_is_doubted() -> None:
    """A symbol with letters that no symbol has is not cut short: it is kept as read, with little confidence."""
    field = described(*administrative("QUYẾT ĐỊNH", number="12/QĐ-ƯBND")).fields["number_symbol"]
    assert field.value == "12/QĐ-ƯBND"
    assert field.confidence < 0.75


def test_number_of_incoming_mail_is_not_the_number() -> None:
    """The bare number in a clerk's stamp is no number of the paper."""
    lines = administrative("THÔNG BÁO", [(LEFT, "ĐẾN")], [(LEFT, "Số: 815")], number="")
    assert described(*lines).value("number_symbol") is None


def test_date_beside_the_heading() -> None:
    """The day of issue comes from zone 4, not from a law that the paper cites."""
    found = described(*administrative("QUYẾT ĐỊNH", *body("Căn cứ Luật Đất đai ngày 18 tháng 01 năm 2024;")))
    assert found.value("issued_date") == "2025-04-09"


def test_date_of_registration() -> None:
    """A certificate is issued on the day of registration, not on the day of birth."""
    assert described(*BIRTH).value("issued_date") == "2019-11-29"


def test_date_above_the_signature() -> None:
    """A form is dated where it is signed."""
    lines = certificate("ĐƠN ĐỀ NGHỊ", *[""] * 18, "Làm tại: Đà Nẵng, ngày 16 tháng 8 năm 2023")
    assert described(*lines).value("issued_date") == "2023-08-16"


def test_impossible_date() -> None:
    """A day that the calendar does not have is no value."""
    lines = administrative("QUYẾT ĐỊNH")
    lines[2] = [(RIGHT, "Đà Nẵng, ngày 31 tháng 02 năm 2025")]
    assert described(*lines).value("issued_date") is None


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (["ỦY BAN NHÂN DÂN", "QUẬN HẢI CHÂU"], "Ủy ban nhân dân quận Hải Châu"),
        (["UBND THÀNH PHỐ ĐÀ NẴNG", "SỞ TƯ PHÁP"], "Sở Tư pháp"),
        (["UBND THÀNH PHỐ ĐÀ NẴNG", "SỞ THÔNG TIN", "VÀ TRUYỀN THÔNG"], "Sở Thông tin và Truyền thông"),
        (
            ["UBND PHƯỜNG HÒA KHÁNH", "PHÒNG KINH TẾ, HẠ TẦNG", "VÀ ĐÔ THỊ"],
            "Phòng Kinh tế, Hạ tầng và Đô thị phường Hòa Khánh",
        ),
        (["UBND QUẬN THANH KHÊ", "PHÒNG TÀI CHÍNH - KẾ HOẠCH"], "Phòng Tài chính - Kế hoạch quận Thanh Khê"),
        (
            ["ỦY BAN NHÂN DÂN QUẬN THANH", "KHÊ", "BỘ PHẬN TIẾP NHẬN", "VÀ TRẢ KẾT QUẢ"],
            "Ủy ban nhân dân quận Thanh Khê",
        ),
    ],
)
def test_issuer(header: list[str], name: str) -> None:
    """The last agency of zone 2, in normal case; a desk speaks for its agency, a division bears its place."""
    assert described(*administrative("THÔNG BÁO", agency=header)).value("issuer") == name


def test_issuer_of_a_certificate() -> None:
    """A certificate without zone 2 names its registry in the text."""
    assert described(*BIRTH).value("issuer") == "Ủy ban nhân dân phường Hòa Khánh Bắc"


def test_issuer_is_spelled_as_the_paper_spells_it() -> None:
    """An accent misread in capitals is outvoted by the body."""
    text = body("Nộp tại quận Liên Chiểu hoặc UBND quận Liên Chiểu.")
    found = described(*administrative("THÔNG BÁO", *text, agency=["ỦY BAN NHÂN DÂN", "QUẬN LIÊN CHIẾU"]))
    assert found.value("issuer") == "Ủy ban nhân dân quận Liên Chiểu"


def test_issuer_in_doubt() -> None:
    """Two accents on a letter, seen in capitals only, or a name that breaks off, are no certain reading."""
    for header in (["ỦY BAN NHÂN DÂN", "QUẬN LIÊN CHIẾU"], ["UBND PHƯỜNG HẢI VÂN", "PHÒNG KINH TẾ, HẠ TẦNG VÀ"]):
        assert described(*administrative("THÔNG BÁO", agency=header)).fields["issuer"].confidence < 0.75


def test_abstract_over_two_lines() -> None:
    """The abstract takes all its lines and ends before the body."""
    found = described(
        *administrative(
            "QUYẾT ĐỊNH",
            [(MIDDLE, "Về việc kiện toàn Tổ triển khai số hóa hồ sơ,")],
            [(MIDDLE, "kết quả giải quyết")],
            [],
            [(MIDDLE, "GIÁM ĐỐC SỞ TƯ PHÁP")],
            *body("Căn cứ Luật Tổ chức chính quyền địa phương;"),
        )
    )
    assert found.value("abstract") == "Về việc kiện toàn Tổ triển khai số hóa hồ sơ, kết quả giải quyết"


def test_abstract_of_a_letter() -> None:
    """A letter has its abstract under the number, and no title."""
    lines = administrative("", number="699/UBND-CNTT")
    lines[3:] = [[(LEFT, "V/v phối hợp số hóa")], [(LEFT, "kết quả")], [], [], *body("Kính gửi: Sở Tư pháp.")]
    found = described(*lines)
    assert (found.type_code, found.value("title")) == ("TP.H17.990105", None)
    assert found.value("abstract") == "V/v phối hợp số hóa kết quả"


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("Giấy phép này có hiệu lực khởi công trong thời hạn 12 tháng kể từ ngày ký", "2026-04-09"),
        ("Giấy này có giá trị 06 (sáu) tháng, kể từ ngày cấp.", "2025-10-09"),
        ("Giấy chứng nhận có hiệu lực đến ngày 05 tháng 01 năm 2028.", "2028-01-05"),
        ("Có giá trị đến hết ngày 31/12/2025", "2025-12-31"),
        ("Quyết định này có hiệu lực kể từ ngày ký.", None),
        ("Có hiệu lực từ ngày 01 tháng 7 năm 2024.", None),
        ("Thời hạn sử dụng đất: lâu dài.", None),
    ],
)
def test_valid_until(text: str, last: str | None) -> None:
    """Printed terms and last days give the end of validity; a beginning gives none."""
    assert described(*administrative("GIẤY PHÉP XÂY DỰNG", *body(text))).value("valid_until") == last


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Mã hồ sơ: 000.00.31.H17-250409-0228", "000.00.31.H17-250409-0228"),
        ("Mã hồ sơ: H17.17.35-250905-0013", "H17.17.35-250905-0013"),
        ("Mã hồ sơ: H17.17.35 - 250905 - 0013", "H17.17.35-250905-0013"),
        ("Mã hồ sơ: H17.17.35-251305-0013", None),
    ],
)
def test_dossier_code(text: str, code: str | None) -> None:
    """Both grammars are read, spaces forgiven, and a code with an impossible day is none."""
    lines = administrative("GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ", *body(text))
    assert described(*lines).value("dossier_code") == code


# The owner.


def test_owner_of_a_birth_certificate() -> None:
    """The child is the owner, neither a parent nor the declarant."""
    found = described(*BIRTH)
    assert (found.value("owner_name"), found.value("owner_id")) == ("Hoàng Đức Dũng", "048219469062")
    assert found.fields["owner_id"].confidence >= 0.75


def test_number_of_another_person_is_doubted() -> None:
    """When the child's number was not read, the declarant's may be given, but never with confidence."""
    lines = [line for line in BIRTH if "048219469062" not in str(line)]
    field = described(*lines).fields.get("owner_id")
    assert field is None or field.confidence < 0.75


def test_number_against_the_year_of_birth() -> None:
    """A number that tells another year of birth than the paper is in doubt."""
    lines = [[(MARGIN, "Ngày, tháng, năm sinh: 22/11/2018")] if "22/11/2019" in str(line) else line for line in BIRTH]
    assert described(*lines).fields["owner_id"].confidence < 0.75


def test_couple_in_two_columns() -> None:
    """A marriage certificate names the wife on the left; her name and number stand under one another."""
    lines: list[Sequence[Piece]] = certificate("GIẤY CHỨNG NHẬN KẾT HÔN", "Số: 157/2022")
    for wife, husband in [
        ("Họ, chữ đệm, tên vợ:", "Họ, chữ đệm, tên chồng:"),
        ("BÙI THỊ LINH", "BÙI ĐÌNH QUÂN"),
        ("CCCD số 048196141137", "CCCD số 048098214781"),
    ]:
        lines.append([(0.3, wife), (0.75, husband)])
    found = described(*lines)
    assert (found.value("owner_name"), found.value("owner_id")) == ("Bùi Thị Linh", "048196141137")
    assert found.value("owner_role") == "wife"
    assert found.value("further_owners") == "husband: Bùi Đình Quân, 048098214781"


@pytest.mark.parametrize("number", [(), ("Số định danh cá nhân: 048194003421",)])
def test_couple_under_one_another(number: tuple[str, ...]) -> None:
    """An extract names both one after the other; a number that stands in the other's lines is nobody else's."""
    text = (
        "Họ, chữ đệm, tên chồng: PHAN VĂN DŨNG",
        "Số định danh cá nhân: 048091007756",
        "Họ, chữ đệm, tên vợ: NGUYỄN THỊ THU HÀ",
        *number,
    )
    found = described(*certificate("TRÍCH LỤC KẾT HÔN", "Số: 12/TLKH", *text))
    assert (found.value("owner_name"), found.value("owner_role")) == ("Nguyễn Thị Thu Hà", "wife")
    assert found.value("further_owners") == "husband: Phan Văn Dũng, 048091007756"
    assert found.value("owner_id") == ("048194003421" if number else None)
    assert not number or found.fields["owner_id"].confidence >= 0.75


def test_parents_of_a_child() -> None:
    """A birth certificate names both parents, of whom one has a number; who declared the birth is no owner."""
    text = (
        "Họ, chữ đệm, tên: TRẦN MINH KHÔI",
        "Số định danh cá nhân: 048219001275",
        "Họ, chữ đệm, tên người mẹ: LÊ THỊ NHUNG",
        "Năm sinh: 1992",
        "Số định danh cá nhân: 048192001230",
        "Họ, chữ đệm, tên người cha: TRẦN QUỐC BẢO",
        "Năm sinh: 1990",
        "Họ, chữ đệm, tên người đi khai sinh: TRẦN VĂN HAI",
        "Số định danh cá nhân: 048060001111",
    )
    found = described(*certificate("GIẤY KHAI SINH", "Số: 215/2019", *text))
    assert (found.value("owner_id"), found.value("owner_role")) == ("048219001275", "child")
    assert found.value("further_owners") == "mother: Lê Thị Nhung, 048192001230; father: Trần Quốc Bảo"


def test_who_is_dead_is_the_owner_and_not_who_says_so() -> None:
    """A death extract is about the deceased alone."""
    text = (
        "Họ, chữ đệm, tên người chết: HỒ VĂN THÀNH",
        "Số định danh cá nhân: 048044002318",
        "Họ, chữ đệm, tên người đi khai tử: HỒ THỊ ÁNH TUYẾT",
        "Số định danh cá nhân: 048175001234",
    )
    found = described(*certificate("TRÍCH LỤC KHAI TỬ", "Số: 57/TLKT", *text))
    assert (found.value("owner_id"), found.value("owner_role")) == ("048044002318", "deceased")
    assert "further_owners" not in found.fields


def test_owner_in_a_sentence() -> None:
    """A decision names its owner in the text, with the number on the next line."""
    text = body(
        "Điều 1. Cho phép ông/bà Đặng Văn An, số định danh cá nhân",
        "048068077634, địa chỉ thửa đất số 3, tờ bản đồ số 4",
    )
    found = described(*administrative("QUYẾT ĐỊNH", *text))
    assert (found.value("owner_name"), found.value("owner_id")) == ("Đặng Văn An", "048068077634")


def test_name_in_capitals_goes_on_below() -> None:
    """A name that fills its column ends on the next line."""
    text = body("Họ và tên chủ hộ kinh doanh: HOÀNG PHƯƠNG", "CHI", "Số định danh cá nhân: 001176675141")
    found = described(*administrative("GIẤY CHỨNG NHẬN ĐĂNG KÝ HỘ KINH DOANH", *text))
    assert found.value("owner_name") == "Hoàng Phương Chi"


LABELLED: Piece = (MARGIN, "Họ, chữ đệm, tên: Tạ Bá")
GRANTED: Piece = (MARGIN, "Điều 1. Giấy phép xây dựng công trình nhà ở riêng lẻ này do phường cấp cho ông Tạ Bá")


@pytest.mark.parametrize(
    ("first", "second", "name", "sure"),
    [
        (GRANTED, (MARGIN, "Toàn, địa chỉ tại phường Hải Châu"), "Tạ Bá Toàn", True),
        (GRANTED, (MARGIN, "Toàn sinh năm 1980 tại phường Hải Châu"), "Tạ Bá Toàn", False),
        (LABELLED, (0.296, "Toàn"), "Tạ Bá Toàn", True),
        (LABELLED, (MARGIN, "Toàn"), "Tạ Bá Toàn", False),
        (LABELLED, (MARGIN, "Sinh ngày: 02/03/1980"), "Tạ Bá", True),
        (LABELLED, (MARGIN, "GIẤY TỜ TÙY THÂN"), "Tạ Bá", True),
    ],
    ids=["ends with a comma", "goes on", "under the name", "under the label", "label", "capitals"],
)
def test_name_in_small_letters_goes_on_below(first: Piece, second: Piece, name: str, sure: bool) -> None:
    """A name at the end of its line takes its last syllable from the next one; where that may be none, review asks."""
    lines: list[list[Piece]] = [[first], [second], [(MARGIN, "Số định danh cá nhân: 001176675141")]]
    field = described(*administrative("GIẤY PHÉP XÂY DỰNG", *lines)).fields["owner_name"]
    assert (field.value, field.confidence >= 0.75) == (name, sure)


@pytest.mark.parametrize(
    ("behind", "sure"),
    [
        (" - Anna", False),
        ("-Anna", False),
        ("- Anna", False),
        (" – Anna Maria", False),
        (" -", False),
        (" - Ngày sinh: 01/02/1990", True),
        (" - 01/02/1990", True),
        ("", True),
    ],
)
def test_a_name_with_a_dash_and_more_letters_is_doubted(behind: str, sure: bool) -> None:
    """What a dash joins to a name may be a part of it; the next entry of a form is none."""
    read = page(*certificate("GIẤY KHAI SINH", f"Họ, chữ đệm, tên: Nguyễn Thị Thu Hà{behind}"))
    found = read_fields(laid_out(paper(read)), TYPES).fields["owner_name"]
    assert (found.confidence > 0.75) is sure


def test_a_name_beside_unread_ink_is_doubted() -> None:
    """Ink that nobody read behind a name may be its last syllable."""
    whole = page(*certificate("GIẤY KHAI SINH", "Họ, chữ đệm, tên: TẠ BÁ"))
    cut = whole.model_copy(update={"cut_short": (len(whole.words) - 1,)})
    sure, doubted = (read_fields(laid_out(paper(one)), TYPES).fields["owner_name"] for one in (whole, cut))
    assert (sure.value, doubted.value) == ("Tạ Bá", "Tạ Bá")
    assert sure.confidence > 0.9
    assert doubted.confidence < 0.75


@pytest.mark.parametrize(
    ("read", "value", "sure"),
    [
        ("ĐỖ ĐÌNH HẢI", "Đỗ Đình Hải", True),
        ("NGUYÊN PHƯƠNG TRANG", "Nguyễn Phương Trang", True),
        ("ĐỒ ĐÌNH HẢI", "Đỗ Đình Hải", False),
        ("NGU YÊN BẢO LAN", "Ngu Yên Bảo Lan", False),
    ],
)
def test_a_persons_name_begins_with_a_family(read: str, value: str, sure: bool) -> None:
    """A family's tone is put right; only a name whose family lost none, or just that, is not in doubt."""
    found = described(*certificate("GIẤY KHAI SINH", f"Họ, chữ đệm, tên: {read}")).fields["owner_name"]
    assert (found.value, found.confidence >= 0.75) == (value, sure)


@pytest.mark.parametrize(("type_code", "asked"), [("KQ.G15.000031", True), ("TP.H17.990104", False)])
def test_whose_paper_it_is_is_asked_for(type_code: str, asked: bool, settings: Settings) -> None:
    """A person's paper is not archived without number and name of its owner; an agency's has none."""
    with open_services(settings) as ctx:
        nothing = Description(type_code=type_code, type_confidence=1.0, fields={})
        doubts = doubts_of_fields(nothing, ctx, ctx.catalogues.profile(today()), today())
    assert ({"owner_id: missing", "owner_name: missing"} <= set(map(str, doubts))) is asked


def test_head_of_a_table_is_no_label() -> None:
    """Below the column title `Họ và tên` stand other persons."""
    lines = certificate("ĐƠN ĐỀ NGHỊ", "Kính gửi: UBND phường An Khê")
    table: list[Sequence[Piece]] = [
        [(0.3, "Họ và tên"), (0.8, "Số giấy tờ")],
        [(0.3, "Phan Thị Hà"), (0.8, "051304885656")],
    ]
    found = described(*lines, *table)
    assert found.value("owner_name") is None
    assert found.value("owner_id") is None


@pytest.mark.parametrize("text", ["Mã số thuế: 0100109106", "Số điện thoại: 0987228254", "Tài khoản: 048219469062"])
def test_numbers_that_are_not_the_persons(text: str) -> None:
    """Tax numbers of a business, telephones and accounts are not taken for the number of a person with confidence."""
    lines = certificate("GIẤY KHAI SINH", "Họ, chữ đệm, tên: HOÀNG ĐỨC DŨNG", text)
    field = described(*lines).fields.get("owner_id")
    assert field is None or field.confidence < 0.75


def test_an_organisation_is_not_its_representative() -> None:
    """An enterprise is known by its own number and name, though the paper names a person too."""
    text = [
        "Mã số doanh nghiệp: 0100109106",
        "Đăng ký lần đầu, ngày 05 tháng 01 năm 2024",
        "Đăng ký thay đổi lần thứ: 2, ngày 07 tháng 3 năm 2025",
        "Tên công ty viết bằng tiếng Việt: CÔNG TY TNHH AN BÌNH",
        "Vốn điều lệ: 1.000.000.000 đồng",
        "Họ và tên: NGUYỄN VĂN AN",
        "Số định danh cá nhân: 048090123456",
    ]
    found = described(*certificate("GIẤY CHỨNG NHẬN ĐĂNG KÝ DOANH NGHIỆP", *text))
    assert (found.value("owner_name"), found.value("owner_id")) == ("CÔNG TY TNHH AN BÌNH", "0100109106")
    assert found.value("issued_date") == "2025-03-07"
    without = described(*certificate("GIẤY CHỨNG NHẬN ĐĂNG KÝ DOANH NGHIỆP", *text[1:]))
    assert without.value("owner_id") is None


def test_agencies_own_their_papers() -> None:
    """A notice is about nobody: persons named in it are not its owner."""
    text = body("Họ và tên: NGUYỄN VĂN AN", "Số định danh cá nhân: 048219469062", "Thông báo này được niêm yết")
    found = described(*administrative("THÔNG BÁO", *text))
    assert found.value("owner_id") is None


# Confidence and places.


def test_fields_tell_where_and_how_sure() -> None:
    """A field has page and box of its words, and bad reading lowers its confidence."""
    good = read_fields(laid_out(paper(page(*BIRTH))), TYPES).fields["owner_id"]
    bad = read_fields(laid_out(paper(page(*BIRTH, confidence=0.5))), TYPES).fields["owner_id"]
    assert good.page == 1
    assert good.box is not None
    assert good.box[0] > MARGIN
    assert bad.confidence < 0.75 < good.confidence


# First pages.


def separator() -> list[list[Piece]]:
    """A separator sheet."""
    return [[(MIDDLE, "TỜ PHÂN CÁCH HỒ SƠ")], [], [(MIDDLE, "KHOSO:DOSSIER=H17.21.27-251216-0036")]]


def test_first_pages() -> None:
    """Papers begin under the heading; continuation pages, blank pages and separators begin none."""
    first = administrative("THÔNG BÁO", *body("một hai ba bốn năm"))
    onward = body("2", "Tiếp theo của văn bản có tên Việt Nam", "và các điều khoản còn lại")
    noise = page([(MIDDLE, "ÔH ỐT àii ván")], number=3, confidence=0.2)
    reading = paper(
        page(*first, number=1),
        page(*onward, number=2),
        noise,
        page(*BIRTH, number=4),
        page(*separator(), number=5),
        page(*onward, number=6),
    )
    assert first_pages(laid_out(reading)) == (1, 4, 6)


@pytest.mark.parametrize(
    "text",
    [
        "Căn cứ Hiến pháp nước Cộng hòa xã hội chủ nghĩa Việt Nam năm 2013;",
        "thể thức gồm Quốc hiệu và Tiêu ngữ Độc lập - Tự do - Hạnh phúc được trình bày",
    ],
)
def test_quoting_the_heading_begins_no_paper(text: str) -> None:
    """A sentence at the top of a page that names the nation, or its motto, is no heading."""
    assert first_pages(laid_out(paper(page(*BIRTH), page(*body("2", text, "Điều 3. Hiệu lực."), number=2)))) == (1,)


def test_two_dossier_codes_are_in_doubt() -> None:
    """A paper that names two dossiers leaves the choice to a person."""
    lines = body("Mã hồ sơ: H17.17.35-250905-0013", "Mã hồ sơ: H17.17.35-250905-0014")
    found = described(*administrative("GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ", *lines))
    assert found.fields["dossier_code"].confidence < 0.75


def test_one_paper() -> None:
    """A paper of many pages begins once, even behind a separator."""
    onward = body("2", "Tiếp theo của văn bản", "và các điều khoản còn lại")
    pages = [page(*separator(), number=1), page(*BIRTH, number=2), page(*onward, number=3), page(*onward, number=4)]
    assert first_pages(laid_out(paper(*pages))) == (2,)


# Rules.

TEXTS = st.text(st.sampled_from("aăâđêôơưẾỂẬ ÐQĐUBND/-:.,0123456789Sốhọtên"), min_size=1, max_size=12).filter(str.strip)
PLACES = st.floats(0, 0.9)
WORDS = st.builds(
    lambda text, x, y, c, line: Word(text=text, box=(x, y, x + 0.1, y + 0.02), confidence=c, line=line),
    TEXTS, PLACES, PLACES, st.floats(0, 1), st.integers(0, 3),
)  # fmt: skip


@given(st.lists(st.lists(WORDS, max_size=12), min_size=1, max_size=3))
def test_any_page_can_be_described(pages: list[list[Word]]) -> None:
    """Whatever the recogniser gives, there is a description, with confidences between 0 and 1."""
    reading = paper(*(PageReading(number=i, words=tuple(words)) for i, words in enumerate(pages, 1)))
    found = read_fields(laid_out(reading), TYPES)
    assert 0 <= found.type_confidence <= 1
    assert all(0 <= field.confidence <= 1 and field.value for field in found.fields.values())
    assert set(first_pages(laid_out(reading))) <= {p.number for p in reading.pages}


@given(
    st.lists(st.sampled_from(["mã", "hồ", "sơ", "tiếp", "nhận", "kết", "quả", "giấy", "tờ"]), min_size=1, max_size=30),
    st.data(),
)
def test_contains(words: list[str], data: st.DataObject) -> None:
    """Any run of the words is found among them."""
    start = data.draw(st.integers(0, len(words) - 1))
    run = words[start : data.draw(st.integers(start + 1, len(words)))]
    assert WordIndex(folded_words(" ".join(words))).contains(folded_words(" ".join(run)))


@pytest.mark.parametrize(
    "name", ["Ủy ban nhân dân quận Hải Châu", "Phòng Tài chính - Kế hoạch quận Sơn Trà", "Sở Tư pháp"]
)
def test_agency_name_is_stable(name: str) -> None:
    """A name in normal case stays as it is, and its capitals give it back."""
    assert agency_name(name) == agency_name(name.upper()) == name


def test_required_fields_are_known() -> None:
    """Every type asks for fields once, and an agency's paper for nothing but number, day, issuer and abstract."""
    administrative_fields: set[FieldName] = {"number_symbol", "issued_date", "issuer", "abstract"}
    for type_ in TYPES:
        assert len(set(type_.required)) == len(type_.required)
        assert type_.owner != "agency" or set(type_.required) <= administrative_fields
