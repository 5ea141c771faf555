"""Small repairs: joined words, days and years that stick to their word, mail addresses, Đ, and words under seals."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.readings import Settled
from pipeline.recognition.context.lattice import CHANGED, SURE
from pipeline.recognition.context.model import language_model
from pipeline.recognition.context.repairs import repair, under_seal
from pipeline.recognition.context.syllables import known_syllables
from pipeline.recognition.tesseract import ReadToken, tesseract
from tests.support import drawn_pages

TEXT = ("ngày", "tháng", "Chi", "cục", "thuế", "12", "45/TB-UBND")
JOINED = {
    "CHICỤC": ["CHI", "CỤC"],
    "“nhândân,": ["“nhân", "dân,"],
    "tháng3": ["tháng", "3"],
    "năm2025,": ["năm", "2025,"],
    "12tháng": ["12", "tháng"],
}


def tokens(*texts: str, confidence: float = 0.8) -> tuple[ReadToken, ...]:
    """Words of one line, each 100 pixels wide."""
    return tuple(ReadToken(text, (100 * i, 0, 100 * i + 100, 20), confidence, 0) for i, text in enumerate(texts))


def repaired(
    words: tuple[ReadToken, ...], settled: tuple[Settled, ...] = (), alike: tuple[int, ...] = ()
) -> tuple[tuple[ReadToken, ...], tuple[Settled, ...], tuple[int, ...]]:
    """The words after repair."""
    return repair(words, settled, alike, language_model(), known_syllables())


@pytest.mark.parametrize("joined", JOINED)
def test_joined_words_are_parted(joined: str) -> None:
    """Each part has its share of the box, none is sure, and what was read is kept with each."""
    words, settled, _ = repaired(tokens("và", joined, "của"))
    assert [word.text for word in words] == ["và", *JOINED[joined], "của"]
    first, second = words[1:3]
    assert (first.box[0], first.box[2], second.box[2]) == (100, second.box[0], 200)
    assert 100 < first.box[2] < 200
    assert all(word.confidence <= CHANGED for word in words[1:3])
    assert [(item.word, item.first, item.written) for item in settled] == [
        (1, joined, JOINED[joined][0]),
        (2, joined, JOINED[joined][1]),
    ]


def test_places_after_a_parted_word_move_on() -> None:
    """What was settled and read alike behind it is told of the same words as before."""
    said = Settled(word=2, first="giây", second="giấy", chosen="second")
    words, settled, alike = repaired(tokens("CHICỤC", "và", "giấy", "048171010951"), (said,), (3,))
    assert words[settled[-1].word].text == "giấy"
    assert [words[place].text for place in alike] == ["048171010951"]


WHOLE = ("Canada", "logo", "Online", "UBND", "nghiêng", "quyêt", "M2", "TP.H17", "30/6", "G15", "năm", "tháng/năm")


@pytest.mark.parametrize("text", WHOLE)
def test_other_words_stay_whole(text: str) -> None:
    """Foreign words, abbreviations, syllables, codes and what is no syllable by a slip are left as they are."""
    assert repaired(tokens(text)) == (tokens(text), (), ())


@pytest.mark.parametrize("text", [*JOINED, "a.b(danang.gov.vn"])
def test_what_is_sure_is_not_repaired(text: str) -> None:
    """A word that Tesseract is sure of stays."""
    assert repaired(tokens(text, confidence=SURE)) == (tokens(text, confidence=SURE), (), ())


@given(texts=st.lists(st.one_of(st.sampled_from([*TEXT, *JOINED]), st.text(max_size=9)), max_size=8))
def test_no_letter_and_no_digit_comes_or_goes(texts: list[str]) -> None:
    """Whatever is parted, the signs of the line are the same, one after the other."""
    words, settled, _ = repaired(tokens(*[text for text in texts if "(" not in text and text.strip()]))
    joined = "".join(word.text for word in words)
    assert joined == "".join(text for text in texts if "(" not in text and text.strip())
    assert all(words[item.word].text == item.written for item in settled)


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("motcua(danang.gov.vn", "motcua@danang.gov.vn"),
        ("mot-cua.1(ngoaivu.gov.vn;", "mot-cua.1@ngoaivu.gov.vn;"),
        ("Điều(2", "Điều(2"),
        ("12(a.b", "12(a.b"),
        ("f(x)", "f(x)"),
        ("nhà(đất.vn", "nhà(đất.vn"),
    ],
)
def test_a_bracket_is_the_at_sign_in_addresses_alone(read: str, meant: str) -> None:
    """Where a name of Latin letters and a domain stand around it, and nowhere else."""
    words, _, _ = repaired(tokens(read))
    assert [word.text for word in words] == [meant]


def test_a_syllable_under_a_seal_is_kept_and_hardly_believed() -> None:
    """Known syllables from 0.85, other words and single letters from 0.93 only."""
    words = tokens("PHÓ", "XZQ", "Ý", confidence=0.9)
    kept = [under_seal(word, known_syllables()) for word in words]
    assert kept == [words[0]._replace(confidence=0.5), None, None]
    assert under_seal(words[0]._replace(confidence=0.84), known_syllables()) is None
    sure = words[1]._replace(confidence=0.93)
    assert under_seal(sure, known_syllables()) == sure


def test_no_icelandic_letter_is_read() -> None:
    """Đ is the Vietnamese letter whatever Tesseract takes it for: heads and codes with Đ can be searched."""
    lines = ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "QUYẾT ĐỊNH Đ13 ĐĐ ĐẢNG ĐOÀN", "Điều Đ1 Đ2 Đ3 Đ4 Đ5 Đ13")
    found = tesseract("Vietnamese+vie").read(drawn_pages.grey(drawn_pages.sheet(lines).image), drawn_pages.DPI, 60)
    assert found is not None
    read = "".join(word.text for word in found)
    assert "Đ" in read
    assert not set(read) & set("ÐðƉ")
