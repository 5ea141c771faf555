"""Numbers, days, abbreviations and keyboards as clerks type them: the paper meant comes first, and no other for it."""

from collections.abc import Iterator
from datetime import date, datetime

import pytest

from config.settings import SearchSettings
from domain.clock import VIETNAM, set_to
from search.engines import open_index
from search.interface import IndexEntry, SearchIndex
from search.loosening.keyboard import typed_anew
from search.query import parse


def entry(name: str, title: str, body: str, number: str, issued: date, **more: str) -> IndexEntry:
    """A paper."""
    return IndexEntry(
        id=name,
        title=title,
        body=body,
        number_symbol=number,
        codes=(f"{name}.01",),
        type_code="KQ.G15.000001",
        type_name=title,
        dossier=more.get("dossier"),
        issuer=more.get("issuer", "Ủy ban nhân dân phường Hải Châu"),
        issued=issued,
    )


PAPERS = [
    entry(
        "notice",
        "Thông báo",
        "Số: 641/TB-UBND ngày 26 tháng 6 năm 2019 về việc cấp giấy chứng nhận quyền sử dụng đất",
        "641/TB-UBND",
        date(2019, 6, 26),
        dossier="H17.40.36-250616-0163",
    ),
    entry(
        "other",
        "Thông báo",
        "Số: 641/TB-SXD ngày 06 tháng 12 năm 2021, họp ngày 26/6/2020",
        "641/TB-SXD",
        date(2021, 12, 6),
        issuer="Sở Xây dựng",
        dossier="H17.40.36-250616-0164",
    ),
    entry(
        "house",
        "Giấy phép xây dựng",
        "Số: 288/GPXD-UBND ngày 21/07/2025, chủ hộ ông Đoàn Tấn Lộc, thửa đất 12 tờ 26 tháng nộp 6",
        "288/GPXD-UBND",
        date(2025, 7, 21),
    ),
    entry(
        "birth",
        "Giấy khai sinh",
        "Số: 15/2022, sinh ngày 30 tháng 08 năm 2021, cấp tháng 5 năm 2022, ủy ban nhân dân phường",
        "15/2022",
        date(2022, 5, 9),
    ),
    entry(
        "business",
        "Giấy chứng nhận đăng ký hộ kinh doanh",
        "Số: 4512/HKD, hộ kinh doanh, CMND 201234567",
        "4512/HKD",
        date(2021, 1, 15),
    ),
]


@pytest.fixture
def index(engine: SearchSettings) -> Iterator[SearchIndex]:
    """An engine with the papers."""
    with open_index(engine, make=True) as opened:
        opened.add(PAPERS)
        yield opened


def found(index: SearchIndex, text: str) -> list[str]:
    """What is found with everything that was typed, best first."""
    answer = index.search(text, 5)
    return [] if answer.loose else [hit.id for hit in answer.hits]


NUMBERS = {
    "641 / TB - UBND": "notice",
    "641/TB - UBND": "notice",
    "641-TB-UBND": "notice",
    "641 TB UBND": "notice",
    "641tbubnd": "notice",
    "641\\TB-UBND": "notice",
    "641_TB_UBND": "notice",
    "64l/TB-UBND": "notice",
    "số 641 / TB - SXD": "other",
    "thông báo 641 tb ubnd": "notice",
    "h17.40.36 - 250616 - 0163": "notice",
    "H17.40.36-2506l6-Ol63": "notice",
    "h17 40 36 250616 0164": "other",
    "H17.40.36-250616-163": "notice",
    "hồ sơ 250616-0164": "other",
    "mã hs 250616 - 0163": "notice",
    "15 / 2022": "birth",
    "15-2022": "birth",
    "６４１/TB-UBND": "notice",
    "4512 hkd": "business",
    "288 gpxd ubnd": "house",
    "HKD 4512": "business",
    "số 15/22": "birth",
    "15/2o22": "birth",
    "giấy khai sinh 15/22": "birth",
}


def test_a_number_however_its_parts_are_held_together(index: SearchIndex) -> None:
    """With blanks around its signs, with others or none, with letters for digits."""
    assert {text: found(index, text)[:1] for text in NUMBERS} == {text: [name] for text, name in NUMBERS.items()}


OTHERS = ["642 / TB - UBND", "64 1/TB-UBNDX", "641 / TB - UBNN", "1641tbubnd", "15 / 2023"]


def test_another_number_is_not_taken_for_it(index: SearchIndex) -> None:
    """What no paper bears finds none with everything that was typed."""
    assert {text: found(index, text) for text in OTHERS} == {text: [] for text in OTHERS}


DAYS = {
    "26-6-2019": ["notice"],
    "26.06.2019": ["notice"],
    "26 - 6 - 2019": ["notice"],
    "2019-06-26": ["notice"],
    "26/6/19": ["notice"],
    "26062019": ["notice"],
    "thông báo từ 1/6 đến 30/6/2019": ["notice"],
    "ngày 26 tháng 6 năm 2019": ["notice"],
    "ngày 26 tháng 06 năm 2019": ["notice"],
    "26 tháng 6, năm 2019": ["notice"],
    "ngày 26 tháng 6": ["notice", "other"],
    "thông báo ngày 26/6": ["notice", "other"],
    "ngày 26/06": ["notice", "other"],
    "ngày 21 tháng 7": ["house"],
    "21 tháng 07": ["house"],
    "ngày 9 tháng 5": ["birth"],
    "26.6.2020": ["other"],
    "21/07/25": ["house"],
    "21-7-2025 giấy phép": ["house"],
    "30/8/2021": ["birth"],
    "tháng 5/2022": ["birth"],
    "tháng 5 năm 2022": ["birth"],
    "T5/2022": ["birth"],
    "thg 5 2022": ["birth"],
    "T1/2021": ["business"],
    "thông báo từ 1/6/2019 đến 30/6/2019": ["notice"],
    "thông báo từ ngày 01-12-2021 đến hết ngày 31.12.2021": ["other"],
    "thông báo từ tháng 6 năm 2019 đến tháng 7 năm 2019": ["notice"],
    "từ năm 2019 đến năm 2020": ["notice"],
    "từ 2021 tới 2021": ["other", "business"],
    "27-6-2019": [],
    "ngày 27 tháng 6": [],
    "ngày 27/6": [],
    "tháng 7/2019": [],
    "31/2/2019": [],
}


def test_a_day_however_it_is_written(index: SearchIndex) -> None:
    """Papers that were issued then or say so, and no others: words that stand apart are no day."""
    assert {text: set(found(index, text)) for text in DAYS} == {text: {*names} for text, names in DAYS.items()}


def test_the_paper_of_the_day_comes_before_one_that_names_it(index: SearchIndex) -> None:
    """As with a number."""
    index.add([PAPERS[1].model_copy(update={"id": "naming", "body": "họp ngày 26 tháng 6 năm 2019"})])
    assert found(index, "26-6-2019") == ["notice", "naming"]
    index.remove([("naming", 0)])


def test_a_number_that_no_paper_has_may_be_a_month(index: SearchIndex) -> None:
    """Unless it is called a number, or some paper has it."""
    assert found(index, "khai sinh 5/2022") == found(index, "khai sinh 05.2022") == ["birth"]
    assert found(index, "khai sinh số 5/2022") == found(index, "khai sinh 13/2022") == []
    index.add([PAPERS[0].model_copy(update={"id": "numbered", "number_symbol": "5/2022", "version": 1})])
    assert found(index, "5/2022") == ["numbered"]
    index.remove([("numbered", 1)])


def test_the_motto_of_every_paper_is_no_name(index: SearchIndex) -> None:
    """Nation and motto head nearly all papers: who is called Phúc or Hạnh is not found on each of them."""
    head = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\n"
    index.add([PAPERS[3].model_copy(update={"id": "headed", "body": f"{head}{PAPERS[3].body} Lê Thị Hạnh"})])
    assert (found(index, "khai sinh Phúc"), found(index, "khai sinh Hạnh")) == ([], ["headed"])
    pasted = f"{head}{PAPERS[3].body} Lê Thị Hạnh"
    assert found(index, pasted)[:1] == found(index, "Cộng hoà xã hội chủ nghĩa Việt Nam khai sinh Hạnh") == ["headed"]
    index.remove([("headed", 0)])


def test_a_cited_number_is_found_without_its_symbol(index: SearchIndex) -> None:
    """Decrees and circulars are called by number and year."""
    index.add(
        [PAPERS[1].model_copy(update={"id": "citing", "body": "Căn cứ Nghị định số 15/2021/NĐ-CP của Chính phủ"})]
    )
    assert found(index, "nghị định 15/2021") == found(index, "NĐ 15/2021") == ["citing"]
    index.remove([("citing", 0)])


EQUALS = {
    "UBND phường Hải Châu khai sinh": "birth",
    "GCN QSDĐ thông báo": "notice",
    "GCNQSDĐ": "notice",
    "gpxd đoàn tấn lộc": "house",
    "GKS": "birth",
    "gcn ĐKHKD": "business",
    "chứng minh nhân dân 4512/HKD": "business",
    "UBND P. Hải Châu 15/2022": "birth",
    "UBND P.Hải Châu khai sinh": "birth",
}


def test_an_abbreviation_and_what_it_stands_for_are_equal(index: SearchIndex) -> None:
    """In questions, in both directions; the index has what papers say."""
    assert {text: found(index, text)[:1] for text in EQUALS} == {text: [name] for text, name in EQUALS.items()}


def test_what_says_the_same_is_marked(index: SearchIndex) -> None:
    """Not only what was typed: the run of words, the day in the paper's own form, the number with its signs."""
    for text, shown in (
        ("QSDĐ 641/TB-UBND", "quyền sử dụng đất"),
        ("thông báo 26-6-2019", "26 tháng 6 năm 2019"),
        ("641 TB UBND", "641/TB-UBND"),
    ):
        passage = index.search(text, 1).hits[0].passages[0]
        assert shown in [passage.snippet[start:end] for start, end in passage.marks]


@pytest.mark.parametrize("text", ['"26 tháng 6" 2019', '"ngày 26"'])
def test_quoted_words_are_no_day(text: str) -> None:
    """They are looked for as they stand."""
    assert parse(text).days == ()
    assert parse(text).phrases


KEYS = {
    "Ddoanf Taans Loocj": "house",
    "ddoan tan looc": "house",
    "giaays phep xaay duwngj": "house",
    "Doan2 Ta61n Lo65c": "house",
    "thoong bao cap giaays chuwngs nhaanj": "notice",
    "quyeenf suwr dungj ddaats": "notice",
}


def test_the_keyboard_was_set_wrong(index: SearchIndex) -> None:
    """Telex and VNI that nobody turned into letters are read, and it is told how."""
    answers = {text: index.search(text, 1) for text in KEYS}
    assert {text: answer.hits[0].id for text, answer in answers.items()} == KEYS
    assert all(answer.read_as and not answer.loose for answer in answers.values())
    assert answers["Ddoanf Taans Loocj"].read_as == "doan tan loc"
    assert index.search("Đoàn Tấn Lộc", 1).read_as == ""


@pytest.mark.parametrize(("typed", "read"), [("Triinhj", "trinh"), ("Dddoox", "do")])
def test_a_letter_of_telex_too_many_is_read_over(typed: str, read: str) -> None:
    """A key that was held down."""
    meant = typed_anew(parse(typed))
    assert meant is not None
    assert [word.folded for word in meant.words] == [read]


@pytest.mark.parametrize(
    "text", ["đoàn tấn lộc", "doan tan loc", "h17", "abc1", "HKD 4512", "Wifi", '" OR 1=1 --', "or"]
)
def test_what_may_stand_as_it_is_typed_is_not_read_otherwise(text: str) -> None:
    """Syllables, codes and foreign words."""
    assert typed_anew(parse(text)) is None


OPEN = {
    "giấy phép trước năm 2023": (date(1900, 1, 1), date(2022, 12, 31)),
    "giay phep truoc 2023": (date(1900, 1, 1), date(2022, 12, 31)),
    "kết hôn sau năm 2023": (date(2024, 1, 1), date(2100, 12, 31)),
    "kết hôn sau 30/6/2020": (date(2020, 7, 1), date(2100, 12, 31)),
    "hộ kinh doanh từ năm 2025": (date(2025, 1, 1), date(2100, 12, 31)),
    "thông báo từ tháng 5/2022": (date(2022, 5, 1), date(2100, 12, 31)),
    "trước ngày 1/6/2019 khai sinh": (date(1900, 1, 1), date(2019, 5, 31)),
    "khai sinh trong năm 2018": (date(2018, 1, 1), date(2018, 12, 31)),
    "từ năm 2019 đến năm 2020": (date(2019, 1, 1), date(2020, 12, 31)),
}


@pytest.mark.parametrize("typed", OPEN)
def test_times_that_are_open_at_one_end(typed: str) -> None:
    """As people say them; a year that belongs to a span is no other time."""
    (day,) = parse(typed).days
    assert (day.low, day.high) == OPEN[typed]


@pytest.mark.parametrize(
    "typed", ["Nguyễn Thị Sáu 2019", "anh Tú năm 2025", "độ sâu 2019", "khai sinh năm 2018", "từ 2019", '"trước 2020"']
)
def test_words_that_are_folded_alike_open_no_time(typed: str) -> None:
    """How they are spelled decides, and a year alone is a word."""
    assert parse(typed).days == ()


@pytest.mark.parametrize("typed", ["sau 2012 34567", "trước 2012 34567 khai sinh", "từ năm 2012 34567"])
def test_a_number_behind_such_a_word_is_still_seen(typed: str) -> None:
    """A person's number in two groups is one, whatever stands before it."""
    assert parse(typed).owners == ("201234567",)


LATELY = {
    "khai sinh hôm nay": (date(2026, 3, 5), date(2026, 3, 5)),
    "hom qua": (date(2026, 3, 4), date(2026, 3, 4)),
    "thông báo tháng này": (date(2026, 3, 1), date(2026, 3, 31)),
    "quyết định tháng trước": (date(2026, 2, 1), date(2026, 2, 28)),
    "3 tháng trước": (date(2025, 12, 1), date(2025, 12, 31)),
    "kế hoạch năm nay": (date(2026, 1, 1), date(2026, 12, 31)),
    "ket hon nam ngoai": (date(2025, 1, 1), date(2025, 12, 31)),
    "2 năm trước": (date(2024, 1, 1), date(2024, 12, 31)),
    "khai sinh tháng 6/19": (date(2019, 6, 1), date(2019, 6, 30)),
    "T6/19": (date(2019, 6, 1), date(2019, 6, 30)),
}


@pytest.mark.parametrize("typed", LATELY)
def test_times_counted_from_the_day_of_the_question(typed: str) -> None:
    """And months with two digits of their year."""
    with set_to(lambda: datetime(2026, 3, 5, 9, tzinfo=VIETNAM)):
        (day,) = parse(typed).days
    assert (day.low, day.high) == LATELY[typed]


@pytest.mark.parametrize("typed", ["Hôm nay, ngày 5 tháng 6 năm 2020", '"năm ngoái"', "5 năm nay", "tháng 13/19"])
def test_what_tells_no_such_time(typed: str) -> None:
    """Words beside a day, in quotes, of how long it is since, and of no month."""
    with set_to(lambda: datetime(2026, 3, 5, 9, tzinfo=VIETNAM)):
        assert not [day for day in parse(typed).days if day.low and day.low.year in {2019, 2025, 2026}]


DOSSIERS = ["hs: H17.40.36-250616-0163", "hs:250616-0163", "mã hs: H17.40.36 - 250616 - 0163", "hs: 250616 – 163"]


@pytest.mark.parametrize("typed", DOSSIERS)
def test_a_dossier_as_a_filter_however_it_is_written(index: SearchIndex, typed: str) -> None:
    """By its end, with blanks, after `mã`."""
    assert found(index, typed) == ["notice"]


def test_a_dossier_that_a_paper_only_says_is_told_so(index: SearchIndex) -> None:
    """As a receipt does that nobody filed under it."""
    said = entry("receipt", "Giấy hẹn", "Mã hồ sơ: H17.40.36-260101-0007", "7/GH", date(2026, 1, 1))
    index.add([said])
    for typed in ("hs: H17.40.36-260101-0007", "hs: 260101-0007"):
        answer = index.search(typed)
        assert [(hit.id, hit.fit.how) for hit in answer.hits] == [("receipt", "mentioned")]
        assert answer.loose


def test_an_abbreviation_of_several_things_is_all_of_them(index: SearchIndex) -> None:
    """In questions alone: papers have it for something else as well."""
    index.add([entry("wed", "Giấy chứng nhận kết hôn", "Số 1, Trịnh Việt", "1/2020", date(2020, 1, 1))])
    index.add([entry("signed", "Thông báo", "KT. CHỦ TỊCH, Trịnh Việt", "9/TB", date(2020, 1, 1))])
    assert found(index, "KH Trịnh Việt") == ["wed"]
    assert found(index, "khai tử Trịnh Việt") == []
    assert found(index, "gp xd Đoàn Tấn Lộc") == ["house"]
