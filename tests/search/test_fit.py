"""How each hit fits what was typed, and what of it is marked."""

from collections.abc import Iterator
from datetime import date

import pytest

from config.settings import SearchSettings
from search.engines import open_index
from search.highlight import looked_for, passages, snippet_of
from search.interface import Fit, FoundPassage, SearchIndex
from search.query import parse
from tests.support.indexed import entry


@pytest.fixture
def index(engine: SearchSettings) -> Iterator[SearchIndex]:
    """An engine with a paper, and one that cites its number."""
    with open_index(engine, make=True) as opened:
        opened.add(
            [
                entry("a", "Ông Nguyễn Lân, UBND phường Hải Châu, cấp đất ở", "Giấy phép", number="12/QĐ-UBND"),
                entry("b", "Căn cứ Quyết định 30/QĐ-UBND", "Thông báo", number="31/TB-UBND"),
            ]
        )
        yield opened


FITS: dict[str, Fit | None] = {
    "nguyễn lân": Fit(),
    "ủy ban nhân dân hải châu": Fit(),
    "cập đất ở": Fit(),  # beside a word of the question it is another spelling
    "cập hải châu": Fit(how="accents", slips=(("cập", "cấp"),)),
    "nguyêen lân": Fit(how="letter", slips=(("nguyêen", "nguyễn"),)),
    "cấp đất theo hải châu": Fit(how="missing", lacks=("theo",)),
    "cấp đất theo hải chauu": Fit(how="missing", lacks=("theo",), slips=(("chauu", "châu"),)),
    "cấp đất theo hải phườngg": Fit(how="missing", lacks=("theo",), slips=(("phườngg", "phường"),)),
    "giấy khai sinh nguyễn văn lân": Fit(how="missing", lacks=("văn",)),
    "giấy pháp khai sinh nguyễn lân": Fit(),
    "tư pháp nguyenn lân": Fit(how="letter", slips=(("nguyenn", "nguyễn"),)),
    "cấp đất theo chợ": Fit(how="missing", lacks=("theo", "chợ")),
    "ông Nguyennn lân trích": None,
    "cấp đất theo ủy ban nhân dân": Fit(how="missing", lacks=("theo",)),
    "GCN ông nguyễn lân hải châu": Fit(how="missing", lacks=("gcn",)),
    "số:30/QĐ-UBND": Fit(how="mentioned"),
    "DDaats owr nguyeenx laan": Fit(how="keyboard"),
}


@pytest.mark.parametrize("text", FITS)
def test_each_hit_says_how_it_fits(index: SearchIndex, text: str) -> None:
    """Words that stand in the paper's other names, in the type's or the issuer's, are not told as missing."""
    wanted = FITS[text]
    assert [hit.fit for hit in index.search(text, 1).hits] == [wanted] * (wanted is not None)


def test_a_slip_in_another_name_is_told_as_one(index: SearchIndex) -> None:
    """What stands there is not kept for display."""
    assert index.search("nguyễn lân giayy", 1).hits[0].fit == Fit(how="letter", slips=(("giayy", "giấy"),))
    assert index.search("nguyễn lân khaii", 1).hits[0].fit == Fit(how="letter", slips=(("khaii", ""),))


def test_of_very_many_words_the_hit_says_so(index: SearchIndex) -> None:
    """The rarest of them decided: nobody knows of the others."""
    answer = index.search("ông nguyễn lân ubnd phường hải châu cấp đất ở giấy phép chợ búa", 1)
    assert (answer.left_out, answer.hits[0].fit) == (("chợ", "búa"), Fit(how="rarest"))


def marks(text: str, typed: str) -> list[str]:
    """What is marked."""
    snippet = snippet_of(text, looked_for(parse(typed)))
    return [snippet.text[start:end] for start, end in snippet.marks]


@pytest.mark.parametrize(
    ("text", "typed", "wanted"),
    [
        ("Bản đồ này bán ở bàn", "bản", ["Bản"]),
        ("bán ở bàn", "bản", ["bán", "bàn"]),
        ("Bản đồ này bán ở bàn", "ban", ["Bản", "bán", "bàn"]),
        ("sinh ngày 5, giấy khai sinh", "khai sinh", ["khai", "sinh"]),
        ("bà Lê Minh, ông Trần Minh Khôi", "trần minh khôi", ["Trần", "Minh", "Khôi"]),
        ("Minh và Khôi", "trần minh khôi", ["Minh", "Khôi"]),
        ("Nguyen, Nguyeen", "nguyen", ["Nguyen"]),
    ],
)
def test_only_what_matched_is_marked(text: str, typed: str, wanted: list[str]) -> None:
    """No other spelling where the typed one stands, and no word alone where it stands beside its neighbours."""
    assert marks(text, typed) == wanted


@pytest.mark.parametrize(
    ("text", "typed", "wanted"),
    [
        ("Đà Nẵng, ngày 09 tháng 05 năm 2022", "tháng 5/2022", ["09 tháng 05 năm 2022"]),
        ("cấp 9.5.2022", "9-5-2022", ["9.5.2022"]),
        ("cấp 9/5/2022, họp 1/7/2023", "từ 1/1/2022 đến 31/12/2022", ["9/5/2022"]),
        ("cấp ngày 9/5/2022", "ngày 9 tháng 5", ["9/5/2022"]),
        ("cấp 10/5/2022", "9/5/2022", []),
    ],
)
def test_days_are_marked_in_whatever_form_they_stand(text: str, typed: str, wanted: list[str]) -> None:
    """A month or a span: the days in it."""
    assert marks(text, typed) == wanted


def opened_on(body: str, typed: str) -> list[FoundPassage]:
    """The pages that are shown."""
    return list(passages("", body, looked_for(parse(typed))))


@pytest.mark.parametrize("typed", ['"sổ gốc" giấy khai sinh bản sao', "giấy khai sinh bản sao 12/QĐ-UBND"])
def test_the_page_with_the_phrase_or_number_is_opened(typed: str) -> None:
    """Though another has more of the words."""
    first, *_ = opened_on("giấy khai sinh bản sao, gốc và sổ\fgiấy 12/QĐ-UBND theo sổ gốc\fbản", typed)
    assert first.page == 2


def test_the_stretch_with_the_phrase_is_shown() -> None:
    """On a long page, too."""
    (passage,) = opened_on("giấy khai sinh bản sao " + "khác " * 100 + "sổ gốc", '"sổ gốc" giấy khai sinh bản sao')
    assert "sổ gốc" in [passage.snippet[start:end] for start, end in passage.marks]


def test_day_of_issue_alone_marks_nothing() -> None:
    """Found by what the archive knows of a paper, not by its text."""
    body = "văn bản"
    assert passages("", body, looked_for(parse(date(2022, 5, 9).strftime("%d/%m/%Y"))))[0].marks == ()
