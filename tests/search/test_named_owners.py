"""Identifiers of persons and organisations in what people type to search."""

import re
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.fold import fold
from search.filters import Filters
from search.query import parse

PERSON, OLD, COMPANY = "048219001275", "201234567", "0400101394"
_SIGNS = st.text(st.characters(exclude_categories=["L", "N", "M"]), max_size=3)
_DATE = re.compile(r"[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{4}|[0-9]{4}-[0-9]{2}-[0-9]{2}")


@given(
    owner=st.sampled_from([PERSON, OLD]),
    cuts=st.sets(st.integers(1, 11)),
    signs=st.lists(_SIGNS, min_size=12, max_size=12),
    before=st.text(st.characters(exclude_categories=["Nd"])),
    behind=st.text(st.characters(exclude_categories=["Nd"])),
)
def test_no_signs_hide_an_identifier(owner: str, cuts: set[int], signs: list[str], before: str, behind: str) -> None:
    """Whatever stands around it, and whatever signs within it."""
    typed = "".join(signs[place] * (place in cuts) + digit for place, digit in enumerate(owner))
    assume(not _DATE.search(typed))
    assert owner in parse(f"{before}|{typed}|{behind}").owners


@given(st.text(st.characters(exclude_categories=["Nd"])), st.text(st.characters(exclude_categories=["Nd"])))
def test_letters_beside_it_hide_none_either(before: str, behind: str) -> None:
    """But for what is a digest as documents go by, in which digits tell nothing."""
    assume(not re.search("[0-9a-f]{16}", fold(f"{before}{PERSON}{behind}")))
    assert PERSON in parse(f"{before}{PERSON}{behind}").owners


@pytest.mark.parametrize(
    "text",
    [
        "48219001275",
        "0048219001275",
        "48.219.001.275",
        "số:048219001275",
        "hs:048.219.001.275",
        'cq:"048 219 001 275"',
        "9" * 64 + PERSON,
        f"{PERSON}.KQ.G15.000031.215/2019.01",
        f'"ông {PERSON[:6]}" {PERSON[6:]}',
    ],
)
def test_what_an_engine_takes_for_it_is_it(text: str) -> None:
    """Engines compare numbers without leading zeros, cut junk into words, and filter by numbers and names."""
    assert PERSON in parse(text).owners


@pytest.mark.parametrize("filters", [Filters(agencies=(PERSON,)), Filters(types=(PERSON,)), Filters(dossier=PERSON)])
def test_filters_given_apart_name_it_too(filters: Filters) -> None:
    """Not only those that are typed among the words."""
    assert parse("khai sinh", filters).owners == (PERSON,)


def test_identifiers_of_organisations_count_as_well() -> None:
    """A tax number has its check digit; with another one it is none, but it may be an old number without zeros."""
    assert parse(f"mst {COMPANY}").owners == (COMPANY,)
    assert parse("4400101394 4").owners == ("004400101394",)


@pytest.mark.parametrize(
    "text",
    [
        "H17.12-250901-0001",
        "hs:H01-250901-0001-KQ1",
        "000.34.12.H17-180901-0001",
        "250901-0001",
        "123 5/6/2025",
        "số 1234 ngày 05/06/2025",
        "05/06/2025 07/08/2026",
        "2025-06-05 12",
        "nghị định 123 năm 2020 điều 45",
        "KQ.G15.000031",
        "12/QĐ-UBND 2025",
        "AB 12345678",
        "51b6a088be439a92",
        "0123456789abcdef-2",
    ],
)
def test_other_numbers_are_no_identifiers(text: str) -> None:
    """Codes, dates, numbers of papers and ids of documents are looked for by everybody."""
    assert parse(text).owners == ()


@pytest.mark.parametrize(
    "text",
    [
        "30082021",
        "hồ sơ 190620",
        "tờ khai 190123",
        "1.500.000 đồng",
        "80.000.000 đồng",
        "123.456.789 đồng",
        "500.000.000",
        "12.000.000.000",
        "0905123456",
        "0905 123 456",
        "+84 905 123 456",
        "+84.905.123.456",
        "02363822888",
        "biên lai số 001234567",
        "số seri 123456789",
        "QĐ 123456789/QĐ-UBND",
        "tài khoản 0041000123456",
        "hộ kinh doanh 0400 101 394",
    ],
)
def test_numbers_of_other_things_are_no_identifiers(text: str) -> None:
    """Days, sums, telephones, receipts and accounts; an organisation's number in groups that nothing calls so."""
    assert parse(text).owners == ()


@given(
    st.dates(date(2010, 1, 1), date(2035, 12, 31)),
    st.integers(1, 99999),
    st.sampled_from(["{}-{}", "H17.40.36-{}-{}", "hs:H17.40.36-{}-{}", "h17.40.36 - {} - {}", "hồ sơ {} - {}"]),
)
def test_no_code_of_a_dossier_is_one(day: date, serial: int, written: str) -> None:
    """Of any month and with any serial number, also in parts."""
    assert parse(written.format(f"{day:%y%m%d}", f"{serial:04}")).owners == ()


@given(st.from_regex("[1-9][0-9]{4,7}", fullmatch=True))
def test_few_digits_are_none(digits: str) -> None:
    """Five to eight digits lack more than the zeros that a spreadsheet takes."""
    assert parse(digits).owners == ()


@pytest.mark.parametrize("text", ["tài khoản 048219001275", "biên lai 048219001275", "+84 048 219 001 275 000 đồng"])
def test_a_whole_personal_number_is_one_whatever_it_is_called(text: str) -> None:
    """Nothing beside it makes twelve digits something else."""
    assert PERSON in parse(text).owners


@pytest.mark.parametrize("text", ["201.234.567", "số 201234567", "MST 0400 101 394", "0400 101 394", "0400101394 khai"])
def test_old_numbers_and_tax_numbers_are_still_known(text: str) -> None:
    """An old identity number as it is; a tax number that is called so, in one piece, or alone."""
    assert parse(text).owners in {(OLD,), (COMPANY,)}


@pytest.mark.parametrize("text", ["B1234567", "hộ chiếu B 1234567", "b123 4567", '"hộ chiếu số B1234567"'])
def test_a_passports_number_is_one(text: str) -> None:
    """A letter and seven digits."""
    assert parse(text).owners == ("B1234567",)
