"""One person is one, however the name is spelt."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.secrecy.persons import person_of
from tests.support.spellings import SPELLINGS

NAME = "Nguyễn Văn A"


@pytest.mark.parametrize("spelt", SPELLINGS.values(), ids=SPELLINGS)
def test_every_spelling_is_the_same_person(spelt: str) -> None:
    """Without accents, decomposed, with blanks too many, full-width, in letters of another script that look so."""
    assert person_of(spelt) == person_of(NAME)


@pytest.mark.parametrize("other", ["Nguyễn Văn B", "Trần Văn A", "Nguyễn Văn", "Nguyễn Văn A2", ""])
def test_another_name_is_another_person(other: str) -> None:
    """Other letters, more of them, or fewer."""
    assert person_of(other) != person_of(NAME)


@pytest.mark.parametrize("name", ["李小龙", "...", "Ёж"])
def test_a_name_of_no_latin_letter_is_somebody(name: str) -> None:
    """Nobody is taken for nobody, nor for another one."""
    assert person_of(name)
    assert person_of(name) != person_of(NAME)


@given(st.text(alphabet="Nguyễn Thị Ước Đỗ Hà abcxyz", min_size=1).filter(str.strip), st.data())
def test_what_keyboards_do_to_a_name_changes_nobody(name: str, data: st.DataObject) -> None:
    """Any of it after any other: form of the letters, capitals, blanks."""
    spelt = name
    for change in data.draw(st.lists(st.sampled_from(range(5)), max_size=4)):
        spelt = (
            unicodedata.normalize("NFD", spelt),
            unicodedata.normalize("NFC", spelt),
            spelt.upper(),
            f" {spelt.replace(' ', '  ')} ",
            "\u200b".join(spelt),
        )[change]
    assert person_of(spelt) == person_of(name)
