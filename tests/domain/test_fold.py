"""Folding: Vietnamese text compared without accents, place by place."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.fold import canonical, fold

VIETNAMESE = st.text(
    st.sampled_from("aăâeêioôơuưyđqghntm AĐOUQY\u0300\u0301\u0302\u0303\u0306\u0309\u031b\u0323Ððhoàthuỷ")
)
TEXTS = st.one_of(st.text(), VIETNAMESE)


def nfc(text: str) -> str:
    """The text in NFC."""
    return unicodedata.normalize("NFC", text)


@given(TEXTS)
def test_length(text: str) -> None:
    """Both functions keep the length of the NFC text, so places in one are places in the other."""
    assert len(fold(text)) == len(canonical(text)) == len(nfc(text))


@given(TEXTS)
def test_idempotent(text: str) -> None:
    """Doing it twice changes nothing more, and the canonical spelling folds as the text itself does."""
    assert fold(fold(text)) == fold(text)
    assert canonical(canonical(text)) == canonical(text)
    assert fold(canonical(text)) == fold(text)


@given(TEXTS)
def test_normal_forms(text: str) -> None:
    """Composed and decomposed input give the same, and the result is composed."""
    assert fold(unicodedata.normalize("NFD", text)) == fold(text) == nfc(fold(text))
    assert canonical(unicodedata.normalize("NFD", text)) == canonical(text) == nfc(canonical(text))


def test_every_character() -> None:
    """There is no character in Unicode that folding lengthens, shortens or folds further the second time."""
    characters = (c for c in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(c) not in {"Cn", "Co", "Cs"})
    assert [c for c in characters if len(fold(c)) != len(nfc(c)) or fold(fold(c)) != fold(c)] == []


def test_vietnamese_letters() -> None:
    """Every Vietnamese letter becomes one of the letters without accents, đ included."""
    vowels = [nfc(v + tone) for v in "aăâeêioôơuưy" for tone in ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")]
    letters = "".join([*vowels, "đ"])
    assert len(letters) == 73
    assert set(fold(letters)) == set(fold(letters.upper())) == set("aeiouyd")


@pytest.mark.parametrize("letter", ["Đ", "đ", "Ð", "ð", "Ɖ"])
def test_lookalikes_of_d(letter: str) -> None:
    """Icelandic eth and African D are Đ in old encodings and recognised text."""
    assert fold(letter) == "d"
    assert canonical(letter) in "Đđ"


@pytest.mark.parametrize("dash", "-‐‑‒–—")
def test_dashes(dash: str) -> None:
    """All dashes are one dash."""
    assert fold(f"QĐ{dash}UBND") == "qd-ubnd"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("hoà bình", "hòa bình"),
        ("HOÁ", "HÓA"),
        ("Xoè", "Xòe"),
        ("thuỷ", "thủy"),
        ("Uỷ ban", "Ủy ban"),
        ("luỹ", "lũy"),
        ("thuỵ, hoạ.", "thụy, họa."),
        ("qúy", "quý"),
    ],
)
def test_tone_is_moved(old: str, new: str) -> None:
    """The tone of an open oa, oe, uy stands on the first vowel; after q on the y."""
    assert canonical(old) == canonical(new) == new


@pytest.mark.parametrize(
    "word", ["quý", "Quỳ", "hoàn", "toán", "khuỷu", "huỳnh", "ngoéo", "quả", "loại", "hoài", "quýt"]
)
def test_tone_stays(word: str) -> None:
    """Where a letter follows, or the u belongs to qu, there is only one spelling."""
    assert canonical(word) == word
