"""A number that finds a paper has two readings, or a person looks at it."""

from collections.abc import Iterator, Sequence

import pytest

from config.settings import Settings
from domain.clock import today
from domain.readings import Description, DocumentReading, PageReading
from pipeline.context import Context, open_context
from pipeline.extraction import laid_out, read_fields
from pipeline.extraction.owner import NUMBER
from pipeline.stages.describe import doubts_of_fields
from tests.support.laid_out import TYPES, Piece, administrative, body, page, paper

OWN, WIFE, HUSBAND = "048171010951", "048194003421", "048091007756"
LINES = (
    f"Điều 1. Cho phép bà Trần Thị Minh, số định danh cá nhân: {OWN},",
    "địa chỉ thửa đất số 3, tờ bản đồ số 4, chuyển mục đích sử dụng đất.",
)
AGAIN = f"Điều 3. Bà Trần Thị Minh, số định danh cá nhân: {OWN}, thi hành Quyết định này."
SUBJECT: Piece = (0.5, "Về việc cho phép bà Trần Thị Minh chuyển mục đích sử dụng đất")
COUPLE = (
    "Họ, chữ đệm, tên vợ: Nguyễn Thị Thu Hà",
    f"Số định danh cá nhân: {WIFE}",
    "Họ, chữ đệm, tên chồng: Phan Văn Dũng",
    f"Số định danh cá nhân: {HUSBAND}",
)


@pytest.fixture
def ctx(settings: Settings) -> Iterator[Context]:
    """An opened store."""
    with open_context(settings) as opened:
        yield opened


def scanned(*texts: str) -> PageReading:
    """A decision that was read from its pixels."""
    return page(*administrative("QUYẾT ĐỊNH", [SUBJECT], [], *body(*texts))).model_copy(update={"coverage": 1.0})


def certificate(title: str, *texts: str) -> Sequence[Sequence[Piece]]:
    """The lines of a form of civil status."""
    return [[(0.5, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")], [(0.5, "Độc lập - Tự do - Hạnh phúc")], [],
            [(0.5, title)], [], *body(*texts)]  # fmt: skip


def alike(read: PageReading, *but: str) -> PageReading:
    """The page, all long numbers of which but these were read alike by a second reader."""
    places = [i for i, word in enumerate(read.words) if NUMBER.search(word.text) and word.text.strip(",") not in but]
    return read.model_copy(update={"alike": tuple(places)})


def differing(read: PageReading, number: str, place: int, other: str) -> PageReading:
    """The page, one place of a number on which the second reader read otherwise."""
    places = [i for i, word in enumerate(read.words) if number in word.text]
    settled = {"word": places[place], "first": number, "second": other, "chosen": "first"}
    return PageReading.model_validate({**read.model_dump(), "settled": [settled]})


def fields(read: PageReading) -> Description:
    """What is found on the page."""
    return read_fields(laid_out(paper(read)), TYPES)


def is_once(read: PageReading) -> bool:
    """Whether the owner's number counts as read once only."""
    found = fields(read).fields["owner_id"]
    assert found.value == OWN
    return found.read_once


def test_a_number_that_was_read_once_is_not_sure_whatever_its_confidence() -> None:
    """One reader, one place."""
    assert is_once(scanned(*LINES))
    assert fields(scanned(*LINES)).fields["owner_id"].confidence > 0.95


def test_what_a_second_reader_or_a_program_says_too_is_read_twice() -> None:
    """The model read the same; the page was written by a program, and its text is what it shows."""
    assert not is_once(alike(scanned(*LINES)))
    assert not is_once(scanned(*LINES).model_copy(update={"coverage": None}))


def test_a_second_place_of_the_paper_says_the_same() -> None:
    """Unless a reader read another number at one of the places."""
    read = scanned(*LINES, AGAIN)
    assert not is_once(read)
    for place in (0, 1):
        assert is_once(differing(read, OWN, place, "048171O1O951"))


def unlike(read: PageReading, place: int) -> PageReading:
    """The page, one place of the number on which has a digit that looks odd."""
    places = [i for i, word in enumerate(read.words) if OWN in word.text]
    return read.model_copy(update={"unlike": (places[place],)})


def test_a_number_of_which_a_digit_looks_odd_is_not_sure_though_two_read_it_alike() -> None:
    """Another place of the paper where it is sound says the same, and then nobody is asked."""
    assert is_once(unlike(alike(scanned(*LINES)), 0))
    assert fields(unlike(alike(scanned(*LINES)), 0)).fields["owner_id"].unlike
    assert not is_once(unlike(alike(scanned(*LINES, AGAIN)), 0))


def test_a_number_in_groups_is_read_alike_as_a_whole() -> None:
    """All of its groups, not the first alone."""
    groups = " ".join(OWN[i : i + 3] for i in range(0, 12, 3))
    read = scanned(LINES[0].replace(OWN, groups), LINES[1])
    places = [i for i, word in enumerate(read.words) if word.text.strip(",") in groups.split()][:4]
    assert is_once(read.model_copy(update={"alike": tuple(places[:1])}))
    assert not is_once(read.model_copy(update={"alike": tuple(places)}))


@pytest.mark.parametrize(("once", "asked"), [((), []), ((WIFE,), ["owner_id"]), ((HUSBAND,), ["further_owners"]),
                                             ((WIFE, HUSBAND), ["owner_id", "further_owners"])])  # fmt: skip
def test_a_person_is_asked_for_the_number_of_each_owner(once: Sequence[str], asked: list[str], ctx: Context) -> None:
    """The first owner's and the other's, with the digits masked, and for none that was read twice."""
    read = page(*certificate("GIẤY CHỨNG NHẬN KẾT HÔN", *COUPLE)).model_copy(update={"coverage": 1.0})
    found = fields(alike(read, *once))
    rules = ctx.catalogues.profile(today())
    doubts = [item for item in doubts_of_fields(found, ctx, rules, today()) if item.code == "owner_read_once"]
    assert [item.about for item in doubts] == asked
    assert not any(number in str(item.params) for item in doubts for number in (WIFE, HUSBAND))


def test_the_number_of_a_person_who_is_only_named_is_taken_when_it_was_read_twice() -> None:
    """Nobody is asked for it, and it would find the paper for whose it is."""
    birth = (
        "Họ, chữ đệm, tên: Trần Minh Khôi", f"Số định danh cá nhân: {OWN}",
        "Họ, chữ đệm, tên người mẹ: Nguyễn Thị Thu Hà", f"Số định danh cá nhân: {WIFE}",
    )  # fmt: skip
    read = page(*certificate("GIẤY KHAI SINH", *birth)).model_copy(update={"coverage": 1.0})
    twice, once = (fields(item).fields["further_owners"].value for item in (alike(read), alike(read, WIFE)))
    assert (twice, once) == (f"mother: Nguyễn Thị Thu Hà, {WIFE}", "mother: Nguyễn Thị Thu Hà")


def test_a_reading_of_a_whole_document_keeps_who_read_what() -> None:
    """Written and read again, as the file of words is."""
    reading = DocumentReading(pages=(alike(scanned(*LINES)),))
    assert DocumentReading.model_validate_json(reading.model_dump_json()) == reading
