"""What is tried when no paper has everything: without words of asking, slips in short syllables, the rarest half."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.questions import load_asking
from config.settings import SearchSettings
from search.engines import open_index
from search.interface import Fit, SearchIndex
from search.loosening.keyboard import neighbours
from tests.support.indexed import entry


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
    runs = load_asking()
    assert len(set(runs)) == len(runs)
    assert all(word == word.lower() for run in runs for word in run)
