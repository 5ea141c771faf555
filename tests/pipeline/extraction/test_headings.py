"""On which pages more than one paper begins, by the headings of the nation."""

from collections.abc import Sequence

import pytest

from pipeline.extraction import crowded_pages, laid_out
from tests.support.laid_out import LEFT, MIDDLE, Piece, administrative, body, certificate, page, paper

BIRTH = certificate("GIẤY KHAI SINH", "Họ, chữ đệm, tên: HOÀNG ĐỨC DŨNG", "Số định danh cá nhân: 048219469062")
MARRIAGE = certificate("GIẤY CHỨNG NHẬN KẾT HÔN", "Họ, chữ đệm, tên vợ: LÊ THỊ HỒNG", "Dân tộc: Kinh")
GAP: list[Sequence[Piece]] = [[]] * 4


def crowded(*lines: Sequence[Piece]) -> bool:
    """Whether more than one paper begins on a page of these lines."""
    return crowded_pages(laid_out(paper(page(*lines)))) == (1,)


def narrow(lines: Sequence[Sequence[Piece]], left: float) -> list[list[tuple[float, str]]]:
    """Lines of a certificate on the left or right half of a page."""
    return [[(left, text) for _, text in line] for line in lines]


def test_papers_below_each_other() -> None:
    """A certificate above a certificate, and a letter below one, are two papers."""
    assert crowded(*BIRTH, *GAP, *MARRIAGE)
    assert crowded(*BIRTH, *GAP, *administrative("QUYẾT ĐỊNH", *body("Điều 1.")))


def test_papers_beside_each_other() -> None:
    """Two small sheets side by side are two papers, at whatever height they begin."""
    level = [[*one, *other] for one, other in zip(narrow(BIRTH, 0.25), narrow(MARRIAGE, 0.75), strict=True)]
    assert crowded(*level)
    lower = [*narrow(BIRTH, 0.25), *[[] for _ in range(3)]]
    assert crowded(*([*a, *b] for a, b in zip(lower, [*[[]] * 3, *narrow(MARRIAGE, 0.75)], strict=True)))


@pytest.mark.parametrize("kept", ["nation", "motto"])
def test_one_line_of_a_heading_is_enough(kept: str) -> None:
    """Below the first paper a heading of which one line was read begins another."""
    second = MARRIAGE[:1] if kept == "nation" else MARRIAGE[1:2]
    assert crowded(*BIRTH, *GAP, *second, *MARRIAGE[2:])


def test_one_paper() -> None:
    """A certificate, a letter, and a paper that goes on for a page have one heading."""
    assert not crowded(*BIRTH)
    assert not crowded(*administrative("QUYẾT ĐỊNH", *body(*["Điều 1. Ban hành kèm theo Quyết định này"] * 20)))


def test_a_heading_in_two_languages() -> None:
    """Another language between the lines of a heading parts it in no two."""
    both = [
        [(MIDDLE, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")],
        [(MIDDLE, "SOCIALIST REPUBLIC OF VIET NAM")],
        [(MIDDLE, "Độc lập - Tự do - Hạnh phúc")],
        [(MIDDLE, "Independence - Freedom - Happiness")],
    ]
    assert not crowded(*both, [], *BIRTH[3:])
    assert crowded(*both, [], *BIRTH[3:], *GAP, *both, [], *MARRIAGE[3:])


def test_both_sides_of_a_card() -> None:
    """The back of an identity card has no heading: both sides on one page are one paper."""
    back = [
        [(MIDDLE, "BỘ CÔNG AN / MINISTRY OF PUBLIC SECURITY")],
        [(MIDDLE, "CỤC TRƯỞNG CỤC CẢNH SÁT QUẢN LÝ HÀNH CHÍNH VỀ TRẬT TỰ XÃ HỘI")],
        [(MIDDLE, "IDVNM0900012347048090001234<<0")],
    ]
    assert not crowded(*certificate("CĂN CƯỚC CÔNG DÂN", "Số: 048090001234"), *GAP, *back)


@pytest.mark.parametrize(
    "cited",
    [
        "Căn cứ Hiến pháp nước Cộng hòa xã hội chủ nghĩa Việt Nam năm 2013;",
        "Công dân nước CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM có quyền khiếu nại",
        "trình bày Quốc hiệu và Tiêu ngữ: Độc lập - Tự do - Hạnh phúc",
    ],
)
def test_what_is_quoted(cited: str) -> None:
    """The nation's name and its motto within a sentence are no heading."""
    assert not crowded(*BIRTH, *body("Điều 1.", "Điều 2.", cited, "Điều 3."))


def test_an_agency_that_bears_the_nations_name() -> None:
    """An embassy's own name in the letterhead, beside the heading, is no second one."""
    lines = administrative("GIẤY XÁC NHẬN", *body("Điều 1."), agency=("ĐẠI SỨ QUÁN",), number="7/GXN")
    embassy = [(LEFT - 0.05, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")]
    assert not crowded(lines[0], [*embassy, *lines[1][1:]], *lines[2:])
