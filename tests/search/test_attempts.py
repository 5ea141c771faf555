"""What is tried when no paper has everything: without words of asking, slips in short syllables, the rarest half."""

from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.questions import load_asking, load_asking_of_names
from config.settings import SearchSettings
from domain.fold import fold
from search.engines import open_index
from search.interface import Fit, SearchIndex
from search.loosening.keyboard import neighbours
from tests.support.indexed import entry

DAY = date(2023, 6, 5)


@pytest.fixture
def index(engine: SearchSettings) -> Iterator[SearchIndex]:
    """An engine with papers of persons, and one of a place."""
    with open_index(engine, make=True) as opened:
        opened.add(
            [
                entry("khoi", "Họ và tên Trần Minh Khôi, nơi sinh Hải Châu"),
                entry("khoa", "Họ và tên Trần Minh Khoa, nơi sinh Sơn Trà"),
                entry("loc", "Giấy phép cấp ông Đoàn Tấn Lộc, thửa đất 12", number="641/TB-UBND"),
                entry("chau", "Ủy ban nhân dân phường Hải Châu", "Thông báo"),
                entry("nam", "Trích lục khai tử Số: 19/TLKT-UBND, nhắc 87/2023", number="19/TLKT-UBND", issued=DAY),
                entry("other", "Trích lục khai tử Số: 19/TLKT-UBND", number="19/TLKT-UBND", issued=date(2021, 3, 2)),
                entry("mentions", "Biên bản họp 19/2024, theo 21/QĐ-UBND", number="21/BB", issued=DAY),
            ]
        )
        yield opened


ASKED = {
    "tìm giúp giấy khai sinh của cháu Trần Minh Khôi": ("khoi", ("tìm", "giúp", "của", "cháu")),
    "tim giup giay khai sinh cua chau tran minh khoi": ("khoi", ("tim", "giup", "cua", "chau")),
    "cho tôi xin thông báo của phường Hải Châu với ạ": ("chau", ("cho", "tôi", "xin", "của", "với", "ạ")),
    "tìm giúp em 641/TB-UBND": ("loc", ("tìm", "giúp", "em")),
}


@pytest.mark.parametrize("text", ASKED)
def test_words_of_asking_do_not_count(index: SearchIndex, text: str) -> None:
    """They are left out when no paper has them, and told; `Châu` is no word of asking, `cháu` is one."""
    answer = index.search(text, 1)
    name, left = ASKED[text]
    assert ([hit.id for hit in answer.hits], answer.loose) == ([name], True)
    assert answer.asking == left
    assert answer.hits[0].fit == Fit(how="asking")


def test_what_papers_say_is_no_word_of_asking(index: SearchIndex) -> None:
    """Where a paper has everything that was typed nothing is left out; nor out of quotes, nor where little is left."""
    assert (index.search("ông Đoàn Tấn Lộc").asking, index.search("ông Đoàn Tấn Lộc").loose) == ((), False)
    assert index.search('"của cháu" Trần Minh Khôi').hits == ()
    assert index.search("xin Khoai").hits == ()


ISSUED = {
    "trích lục cấp ngày 5/6/2023": ("nam", ("cấp",)),
    "trích lục được cấp ngày 5/6/2023": ("nam", ("được", "cấp")),
    "trích lục ký ngày 2/3/2021": ("other", ("ký",)),
    "trich luc khai tu cap 5/6/2023": ("nam", ("cap",)),
    "thông báo do UBND phường Hải Châu ban hành": ("chau", ("do", "ban", "hành")),
}


@pytest.mark.parametrize("text", ISSUED)
def test_words_of_issue_do_not_count_beside_a_day_or_who_issued(index: SearchIndex, text: str) -> None:
    """`cấp ngày …`, `do … cấp`: papers say it in other words, if at all."""
    answer, (name, left) = index.search(text, 1), ISSUED[text]
    assert ([hit.id for hit in answer.hits], answer.asking) == ([name], left)


def test_words_of_issue_count_where_nothing_was_issued(index: SearchIndex) -> None:
    """What a paper is about may be called so (`cấp đất`)."""
    assert index.search("cấp khai tử Trần").asking == ()


KEPT = {
    "giay khai sinh chau minh khoa": ("khoa", ("chau",)),
    "giay khai sinh loc hai chau": ("chau", ("loc",)),
}


@pytest.mark.parametrize("text", KEPT)
def test_a_word_of_asking_that_may_be_a_name_is_told_as_missing(index: SearchIndex, text: str) -> None:
    """Without accents `chau` is Châu as well: it is left out with other words of asking alone."""
    answer, (name, lacks) = index.search(text), KEPT[text]
    fits = {hit.id: hit.fit for hit in answer.hits}
    assert answer.asking == ()
    assert fits[name] == Fit(how="missing", lacks=lacks)


def test_a_word_that_may_be_a_name_is_left_out_at_last(index: SearchIndex) -> None:
    """Where nothing else finds anything."""
    answer = index.search("chau 641/TB-UBND")
    assert ([hit.id for hit in answer.hits], answer.asking) == (["loc"], ("chau",))


IN_PART = {
    "trích lục 19/2023": ["nam"],
    "trích lục 19/21": ["other"],
    "tìm giúp em trích lục 19/2023": ["nam"],
    "19/TLKT": ["nam", "other"],
    "19tlkt": ["nam", "other"],
    "641/TB": ["loc"],
    "trích lục 19/2022": [],
    "trích lục 1/2023": [],
    "19/TLKS": [],
    "9/TLKT": [],
    "trích lục 87/2021": [],
    "21/QĐ": [],
}


@pytest.mark.parametrize("text", IN_PART)
def test_a_number_of_which_a_part_was_typed(index: SearchIndex, text: str) -> None:
    """With half of its symbol, or with its year in its place: told as such; never one that papers only mention."""
    answer = index.search(text, 5)
    assert sorted(hit.id for hit in answer.hits) == IN_PART[text]
    assert {(answer.loose, hit.fit.how) for hit in answer.hits} <= {(True, "number")}


def test_a_number_of_which_a_part_was_typed_is_marked(index: SearchIndex) -> None:
    """As the paper has it."""
    (hit,) = index.search("trích lục 19/2023").hits
    (passage, *_) = hit.passages
    assert "19/TLKT-UBND" in [passage.snippet[start:end] for start, end in passage.marks]


def test_with_a_slip_too(index: SearchIndex) -> None:
    """Words of asking and a wrong letter."""
    (hit, *_) = index.search("tìm giúp giấy khai sinh của cháu Trần Minh Khôii").hits
    assert (hit.id, hit.fit.slips) == ("khoi", (("khôii", "khôi"),))


SLIPS = {
    "Trần Mnh Khôi": ("khoi", ("mnh", "minh")),
    "Trần Minnh Khoa": ("khoa", ("minnh", "minh")),
    "Đoàn Tấn Lộcc": ("loc", ("lộcc", "lộc")),
    "Đon Tấn Lộc": ("loc", ("đon", "đoàn")),
    "Trần Minh Kohi": ("khoi", ("kohi", "khôi")),
    "Đoàn Tấn Kộc": ("loc", ("kộc", "lộc")),
    "Trần Mynh Khôi": ("khoi", ("mynh", "minh")),
    "Đoàn Tâbs Lộc": None,
    "giấy khai sinh Trần Mnih Khoa Sơn Trà": ("khoa", ("mnih", "minh")),
    "Mnh": None,
}


@pytest.mark.parametrize("text", SLIPS)
def test_a_slip_in_a_short_syllable(index: SearchIndex, text: str) -> None:
    """A letter missing, doubled, swapped or beside it on the keyboard, where a paper has the word beside another."""
    answer, wanted = index.search(text, 2), SLIPS[text]
    found = [(hit.id, hit.fit) for hit in answer.hits]
    assert found == ([] if wanted is None else [(wanted[0], Fit(how="letter", slips=(wanted[1],)))])
    assert answer.loose == (wanted is not None)


def test_the_rarest_half_decides_at_last(index: SearchIndex) -> None:
    """And each hit tells what it lacks."""
    (hit,) = index.search("Đoàn Tấn Lộc thửa vườn rộng lắm nhé").hits
    assert (hit.id, hit.fit) == ("loc", Fit(how="missing", lacks=("vườn", "rộng", "lắm", "nhé")))


@given(st.sampled_from("abcdefghijklmnopqrstuvwxyz"))
def test_neighbours_are_mutual(letter: str) -> None:
    """A key lies beside those that lie beside it, and not beside itself."""
    assert 2 <= len(neighbours(letter)) <= 6
    assert all(letter in neighbours(other) for other in neighbours(letter))
    assert letter not in neighbours(letter)


def test_words_of_asking_are_written_once() -> None:
    """Each in lower case, as it is compared."""
    runs = (*load_asking(), *load_asking(key="issuing"))
    assert len(set(runs)) == len(runs)
    assert all(word == word.lower() for run in runs for word in run)
    assert load_asking_of_names() <= {fold(word) for run in runs for word in run}
