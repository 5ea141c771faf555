"""The parser of what people type, and the highlighting of what was found."""

import time
import unicodedata
from collections.abc import Iterator
from datetime import date
from typing import Literal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from config.settings import SearchSettings
from domain.codes import normal_number
from domain.fold import canonical, fold
from search.engines import open_index
from search.filters import Filters
from search.highlight import looked_for, snippet_of, within_one_slip
from search.interface import IndexEntry, SearchIndex
from search.query import parse
from search.words import number_key, numbers, split_words, tokens
from tests.support.junk import JUNK

PAPER = IndexEntry(
    id="paper",
    title="Quyết định",
    body="Số: 12/QĐ-UBND ngày 05/06/2025, bản đồ, ông Nguyễn",
    number_symbol=None,
    codes=(),
    type_code="KQ.G15.000031",
    type_name="",
    dossier=None,
    issuer=None,
    issued=None,
)


def words(text: str) -> list[str]:
    """The words of the query, as spelled."""
    return [word.spelled for word in parse(text).words]


def test_words_and_phrases() -> None:
    """Words stand alone, quotes of any kind hold words together, and a quoted word is a word."""
    query = parse('Giấy “khai sinh” «Đà Nẵng» "bản" giấy')
    assert [word.spelled for word in query.words] == ["giấy", "bản"]
    assert [[word.folded for word in phrase] for phrase in query.phrases] == [["khai", "sinh"], ["da", "nang"]]


@pytest.mark.parametrize("text", ['"khai sinh', 'khai" sinh', '"khai" "sinh', '""khai sinh'])
def test_open_quote(text: str) -> None:
    """An open quote is no quote."""
    assert sorted(words(text)) == ["khai", "sinh"]
    assert parse(text).phrases == ()


@pytest.mark.parametrize("text", ["", "   ", '""', '"', "./-", "\u0301", "()"])
def test_nothing_asked(text: str) -> None:
    """A text without a word asks for nothing."""
    assert parse(text).empty


@pytest.mark.parametrize(
    "number",
    [
        "12/QĐ-UBND",
        "12/2025/QĐ-SGD&ĐT",
        "KQ.G15.000031",
        "H17.12-250901-0001",
        "000.00.01.H17-210831-0001",
        "048085001234.KQ.G15.000031.12/QĐ-UBND.01",
    ],
)
def test_number_is_one_thing(number: str) -> None:
    """Numbers and codes are compared as a whole; nothing of them is left among the words."""
    query = parse(f"bản {number}, ngày")
    assert query.numbers == (number_key(number),)
    assert [word.spelled for word in query.words] == ["bản", "ngày"]


@pytest.mark.parametrize("other", ["12/qd-ubnd", "012/QĐ-UBND", "12 /QĐ-UBND", "12/ QÐ–UBND", "12/QĐ\u2011UBND"])
def test_spellings_of_a_number(other: str) -> None:
    """Accents, case, blanks at the slash, leading zeros and kinds of dashes do not tell numbers apart."""
    assert parse(other).numbers == parse("12/QĐ-UBND").numbers


@pytest.mark.parametrize("other", ["112/QĐ-UBND", "12/QĐ-SXD", "12/QĐ-UBND-VP", "1.12/QĐ-UBND", "12/2025/QĐ-UBND"])
def test_different_numbers(other: str) -> None:
    """A number that only contains another is another number."""
    assert parse(other).numbers != parse("12/QĐ-UBND").numbers


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("số: 12 /QĐ-UBND", Filters(numbers=("12/QD-UBND",))),
        ("SỐ:012/qd-ubnd.", Filters(numbers=("12/QD-UBND",))),
        ("so:0315", Filters(numbers=("315",))),
        ('Loại: "Giấy khai sinh" loai:KQ.G15.000031', Filters(types=("Giấy khai sinh", "KQ.G15.000031"))),
        ("từ:2025 đến: 6/2025", Filters(issued_from=date(2025, 1, 1), issued_to=date(2025, 6, 30))),
        ("tu: 5/6/2025 den:2025-06-05", Filters(issued_from=date(2025, 6, 5), issued_to=date(2025, 6, 5))),
        ("từ:2/2024 đến:2/2024", Filters(issued_from=date(2024, 2, 1), issued_to=date(2024, 2, 29))),
        ('cq:"Sở Tư pháp" hs:H17.12-250901-0001', Filters(agencies=("Sở Tư pháp",), dossier="H17.12-250901-0001")),
    ],
)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_typed_filters(text: str, wanted: Filters, form: Literal["NFC", "NFD"]) -> None:
    """Filters are read with and without accents, in any case, with or without a blank; nothing of them is a word."""
    query = parse(unicodedata.normalize(form, text))
    assert query.filters == wanted
    assert query.wordless


@pytest.mark.parametrize(
    "text", ["từ: hôm qua", "từ:31/2/2025", "đến:13/2025", "số: không", "số:", "loại: ...", "từ:0000", "sở:12", "cơ số"]
)
def test_unreadable_filters_are_words(text: str) -> None:
    """What cannot be read as a filter is looked for as text."""
    query = parse(text)
    assert query.filters == Filters()
    assert not query.empty


def test_typed_filters_narrow_given_ones() -> None:
    """A filter that is typed takes the place of the given one of its kind; the others stay."""
    query = parse("khai từ:2025", Filters(issued_from=date(2020, 1, 1), owners=("key",)))
    assert query.filters == Filters(issued_from=date(2025, 1, 1), owners=("key",))


def test_quoted_number() -> None:
    """A quoted number is the number; in a longer phrase it must be found as a number too."""
    assert parse('"12/QĐ-UBND"') == parse("12/QĐ-UBND")
    query = parse('"Quyết định 12/QĐ-UBND"')
    assert (len(query.phrases), query.numbers) == (1, (number_key("12/QĐ-UBND"),))


@given(JUNK)
def test_key_of_a_number(text: str) -> None:
    """The short way to the key of a number gives what the normal number gives."""
    assert number_key(text) == normal_number(fold(text))


def test_not_a_number() -> None:
    """Joined words without a digit are words."""
    assert parse("QĐ-UBND và/hoặc").numbers == ()
    assert words("QĐ-UBND và/hoặc") == ["qđ", "ubnd", "và", "hoặc"]


@given(JUNK)
def test_any_text_is_a_query(text: str) -> None:
    """The parser never raises, and every word typed is in the query as a word, in a phrase or in a number."""
    query = parse(text)
    assert query.empty == (not list(tokens(text)))


@given(JUNK)
def test_places(text: str) -> None:
    """Tokens and numbers lie in order, without overlap, at their places in the NFC text."""
    for found in (list(tokens(text)), list(numbers(text))):
        places = [place for item in found for place in item[:2]]
        assert places == sorted(places)
        assert all(0 <= place <= len(unicodedata.normalize("NFC", text)) for place in places)


@given(
    st.one_of(
        JUNK,
        st.text(st.sampled_from("12aĐ\u0111/.-–⁄&\u0301\u00e1\u0302 “\n")),
        st.text(st.sampled_from("ẰỗưĐÝèoaQu17 /.,-_'()“…\t\f"), max_size=200),
    )
)
@example("ủy " + "b" * 130 + " €")
@example("ủy ban © nhân dân")
def test_papers_are_split_as_questions_are(text: str) -> None:
    """The quick ways by which papers are split give the words and numbers that a question has."""
    folded, spelled, plain = split_words(canonical(text))
    assert spelled.split() == [token.spelled for token in tokens(text)]
    assert folded == [token.folded for token in tokens(text)]
    quick = [number.key for number in numbers(canonical(text), plain=plain)]
    assert quick == [number.key for number in numbers(fold(text))]


@pytest.mark.parametrize("junk", ["a" * 100_000, "1-" * 50_000, "a/ " * 33_000, '"' * 100_000, "1 /" * 33_000])
def test_junk_takes_no_time(junk: str) -> None:
    """A hundred thousand characters of junk are parsed in a moment."""
    start = time.process_time()
    parse(junk)
    assert time.process_time() - start < 2


def test_excerpt_keeps_the_spelling() -> None:
    """What was typed without accents is marked in the spelling of the paper."""
    snippet = snippet_of("Ủy ban nhân dân\nthành phố Đà Nẵng", looked_for(parse("da nang uy ban")))
    assert snippet.text == "Ủy ban nhân dân thành phố Đà Nẵng"
    assert [snippet.text[a:b] for a, b in snippet.marks] == ["Ủy", "ban", "Đà", "Nẵng"]


def test_excerpt_shows_the_best_place() -> None:
    """The stretch shown has most of the words, wherever it lies, and begins and ends between words."""
    filler = "khai báo lẻ tẻ " * 100
    snippet = snippet_of(
        f"{filler}giấy khai sinh số 12/QĐ-UBND {filler}", looked_for(parse("giay khai sinh 12/qd-ubnd"))
    )
    assert [snippet.text[a:b] for a, b in snippet.marks if b - a > 4] == ["12/QĐ-UBND"]
    assert "giấy khai sinh số 12/QĐ-UBND" in snippet.text
    assert set(snippet.text.split()) <= set(f"{filler} giấy sinh số 12/QĐ-UBND".split())


def test_excerpt_marks_phrases_as_one() -> None:
    """A phrase is marked where it stands whole, and only there."""
    snippet = snippet_of("sinh khai, khai sinh", looked_for(parse('"khai sinh"')))
    assert [snippet.text[a:b] for a, b in snippet.marks] == ["khai sinh"]


def test_excerpt_marks_slips_when_asked() -> None:
    """A word with one slip is marked in the fuzzy attempt only."""
    assert snippet_of("ông Nguyeen", looked_for(parse("nguyen"))).marks == ()
    assert snippet_of("ông Nguyeen", looked_for(parse("nguyen")), slips={"nguyeen"}).marks == ((4, 11),)


@given(JUNK, JUNK)
def test_excerpt_of_anything(text: str, typed: str) -> None:
    """A snippet is a piece of the text, and marks lie in it, in order and apart."""
    text = unicodedata.normalize("NFC", text)
    snippet = snippet_of(text, looked_for(parse(typed)), slips={"nguyeen"})
    assert "".join(snippet.text.split()) in "".join(text.split())
    places = [place for mark in snippet.marks for place in mark]
    assert places == sorted(set(places))
    assert all(0 <= place <= len(snippet.text) for place in places)


LETTERS = st.text("abc", max_size=6)


@given(LETTERS, LETTERS)
def test_one_slip(a: str, b: str) -> None:
    """One slip is a letter more, less or other, or two neighbours swapped."""
    spots = range(len(a) + 1)
    less = {a[:i] + a[i + 1 :] for i in spots}
    more = {a[:i] + c + a[i:] for i in spots for c in "abc"}
    other = {a[:i] + c + a[i + 1 :] for i in range(len(a)) for c in "abc"}
    swapped = {a[:i] + a[i : i + 2][::-1] + a[i + 2 :] for i in spots}
    assert within_one_slip(a, b) == (b in {a} | less | more | other | swapped)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchIndex]:
    """An index for many queries."""
    with open_index(SearchSettings(path=tmp_path_factory.mktemp("index")), make=True) as opened:
        opened.add([PAPER])
        yield opened


@given(JUNK)
def test_any_text_can_be_searched(index: SearchIndex, typed: str) -> None:
    """No text that is typed is refused by the engine."""
    assert PAPER.id in index.ids()
    index.search(typed)


@pytest.mark.long
@given(JUNK, st.sampled_from(["", "loại:", "số: ", "từ:", "đến:", "cq:", "hs:", '"']))
@settings(max_examples=10_000)
def test_ten_thousand_junk_questions(index: SearchIndex, typed: str, key: str) -> None:
    """Nothing that is typed, with or without the keys of filters, raises; times are told by benchmarks.junk."""
    index.search(f"{typed} {key}{typed}", counted=True)


@given(JUNK, JUNK)
@settings(max_examples=20)
def test_any_paper_can_be_found(index: SearchIndex, title: str, body: str) -> None:
    """Any text can be indexed, and is found by all of its own words and numbers."""
    index.add([PAPER.model_copy(update={"id": "junk", "title": title, "body": body})])
    assert parse(body).empty or "junk" in {hit.id for hit in index.search(body).hits}
