"""Family names of Viet Nam: by which a misread name of a person is told.

Those of the Kinh, of the larger other peoples and of the Cơ Tu, as they are spelled officially.  The list is not
complete and need not be: a name that is not here is only shown to a person, who confirms it.
"""

from collections import defaultdict

from domain.readings import FieldReading
from pipeline.extraction.spelling import without_tones

_NAMES = """
Nguyễn Trần Lê Phạm Huỳnh Hoàng Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý An Ân Âu Bạc Bạch Bàn Bành Bế Biện Bồ Ca
Cái Cam Cao Cát Cấn Cầm Chang Chảo Châu Chế Chu Chung Chúng Cồ Cổ Công Cù Cung Cư Cự Danh Diêm Diệp Doãn Dư Đái
Đàm Đan Đàng Đào Đầu Đậu Đèo Điền Điểu Điêu Đinh Đoàn Đồng Đổng Đới Đường Giả Giang Giàng Giáp Hà Hạ Hán Hàn
Hàng Hầu Hình Hoa Hoắc Hờ Hứa Hùng Hướng Kha Khổng Khuất Khúc Khương Khưu Kiều Kim Kỷ La Lã Lai Lại Lam Lâm Lang
Lành Lăng Lầu Lều Liên Liêu Liễu Lô Lò Lộc Lù Luân Lục Luyện Lư Lữ Lưu Lương Lường Ly Ma Mạc Mạch Mã Mai Man
Mạnh Mẫn Mâu Mậu Miêu Mông Mùa Nghị Nghiêm Ngọ Ngân Ngụy Nguỵ Nhan Nhâm Nhữ Ninh Nông Ôn Ông Phí Phó Phù Phú
Phùng Phương Quách Quan Quản Quàng Quảng Sái Sầm Sơn Sùng Sử Tạ Tán Tào Tăng Tằng Tất Thạch Thái Thân Thang Thào
Thẩm Thi Thiều Thôi Tiền Tiêu Tiết Tô Tôn Tống Tòng Trà Trác Trang Triệu Trình Trịnh Trưng Trương Từ Tưởng Ty
Ung Uông Ưng Văn Vàng Vi Viên Vòng Vừ Vương Xa Xung Y Yên Trầm Hồng Lỗ Lôi Vĩnh Bửu Quyền Mộc Khâu A Alăng Arất
Ating Bling Bhling Bríu Coor Hiên Hôih Hốih Kring Pơloong Ploong Zơ Zơrâm
"""
_FAMILIES = frozenset(_NAMES.lower().split())
# A name whose family lost its tone may have lost others; one of no family is misread more often than it is rare.
_LOST, _NONE = 0.8, 0.6


def _by_letters() -> dict[str, str]:
    """The families that no other one is like but for the tone."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for family in _FAMILIES:
        found[without_tones(family)].append(family)
    return {letters: families[0] for letters, families in found.items() if len(families) == 1}


_BY_LETTERS = _by_letters()


def is_family(word: str) -> bool:
    """Whether a family is called so, in capitals or not."""
    return word.lower() in _FAMILIES


def settle_family(name: FieldReading) -> FieldReading:
    """A person's name with its family's tone put right, or with little confidence when no family is called so.

    Recognisers lose the tone above a capital that has another mark (NGUYÊN for NGUYỄN), and then the family is known
    all the same.  Another tone than the right one (ĐỒ for ĐỖ) tells that the line was read badly.
    """
    first, *others = name.value.split()
    read = first.lower()
    if read in _FAMILIES:
        return name
    letters = without_tones(read)
    family = _BY_LETTERS.get(letters)
    value = " ".join((family.capitalize() if family else first, *others))
    sure = _LOST if family and read == letters else _NONE
    return name.model_copy(update={"value": value, "confidence": min(name.confidence, sure)})
