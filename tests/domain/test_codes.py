"""The standard codes: every code that is minted is read back, and no two things share one (law table 2B)."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.codes import (
    NO_NUMBER,
    digitisation_code,
    digitisation_prefix,
    file_name,
    from_file_name,
    mask_code,
    normal_number,
    parse_dossier,
    parse_file_code,
    parse_result,
    write_file_code,
    written_number,
)
from domain.errors import UsageError

TEMPLATE = "{agency}.{year}.SH{serial:06d}"

agencies = st.one_of(
    st.from_regex(r"[A-Y][0-9]{2}(\.[0-9]{1,3}){0,2}", fullmatch=True),
    st.from_regex(r"[0-9]{3}\.[0-9]{2}\.[0-9]{2}\.[A-Y][0-9]{2}", fullmatch=True),
)
# TT 01/2018 is the first grammar; two digits of a year are read as 2068 at the latest.
days = st.dates(min_value=date(2018, 1, 1), max_value=date(2068, 12, 31))
serials = st.integers(min_value=1, max_value=10**7)
owners = st.from_regex(r"0[0-9]{11}|[0-9]{9}|[0-9]{10}(-[0-9]{3})?", fullmatch=True)
types = st.from_regex(r"[A-Z]{2}\.[A-Z0-9]{2,3}\.[0-9]{6}", fullmatch=True)
numbers = st.text("0123456789/-.QĐKHUBNDqđ ", max_size=20)
# Few values, so that equal codes are met often; dots and zeros could be mistaken for the counter.
papers = st.tuples(
    st.sampled_from(["048193442112", "0100109106", "0100109106-001"]),
    st.sampled_from(["KQ.G15.000031", "KQ.G15.990002"]),
    st.text("01. /", max_size=4),
    st.integers(min_value=1, max_value=11),
)


@given(agencies, days, serials)
def test_a_dossier_code_is_read_back(agency: str, day: date, serial: int) -> None:
    """The parser gives back the agency, day and serial of which a code was made."""
    read = parse_dossier(f"{agency}-{day:%y%m%d}-{serial:04d}")
    assert (read.agency, read.day, read.serial) == (agency, day, serial)


@given(agencies, st.integers(min_value=1800, max_value=2200), serials)
def test_a_file_code_is_read_back_and_is_no_code_of_the_one_stop_system(agency: str, year: int, serial: int) -> None:
    """Agency, year and serial come back; neither a dossier nor a result can be called so (law L2.8, L2.13)."""
    code = write_file_code(TEMPLATE, agency, year, serial)
    read = parse_file_code(code)
    assert (read.agency, read.year, read.serial) == (agency, year, serial)
    assert code.startswith(read.series)
    for parse in (parse_dossier, parse_result):
        with pytest.raises(UsageError):
            parse(code)


@pytest.mark.parametrize("code", ["H49.64.33.2001.160", "000.00.00.G09.2010.01.TH", "H17.12-250901-0001", "SH000123"])
def test_the_archives_own_file_numbers_are_none_of_ours(code: str) -> None:
    """What an archive writes by hand is read as no code that we gave (law L2.13, L3.5)."""
    with pytest.raises(UsageError):
        parse_file_code(code)


@pytest.mark.parametrize(
    ("code", "agency", "serial"),
    [
        ("000.00.01.H17-210831-0001", "000.00.01.H17", 1),
        ("H17.12.34-250901-0001", "H17.12.34", 1),
        ("H17.12-250901-12345", "H17.12", 12345),
        ("G15.1.2-260126-010007", "G15.1.2", 10007),
        ("G09.20-20260609-0092637", "G09.20", 92637),
    ],
)
def test_the_forms_of_the_law_are_read(code: str, agency: str, serial: int) -> None:
    """The forms of 2018, of 2025 and of a central system are read; the two central digits stay in the serial."""
    read = parse_dossier(code)
    assert (read.agency, read.serial) == (agency, serial)


@pytest.mark.parametrize(
    "code",
    [
        "",
        "H17.12.34",
        "H17.12.34-250901-001",
        "H17.12.34-250231-0001",
        "H17.12.34-20250231-0001",
        "H17.12.34-19990101-0001",
        "Z17.12.34-250901-0001",
        "H17.12.34.56-250901-0001",
        "h17.12.34-250901-0001",
        "H17.12.34-250901-0001\n",
        "H17.12.34-250901-٠٠٠١",
        "000.00.01.H17.2-210831-0001",
    ],
)
def test_anything_else_is_no_dossier_code(code: str) -> None:
    """A text outside the grammar, or with a day that does not exist, is refused with an example of a right one."""
    with pytest.raises(UsageError) as caught:
        parse_dossier(code)
    assert "H17.12.34-250901-0001" in caught.value.advice


@given(agencies, days, serials, st.integers(min_value=1, max_value=999))
def test_a_result_code_is_read_back(agency: str, day: date, serial: int, n: int) -> None:
    """A result code gives back its dossier and its ordinal."""
    dossier = f"{agency}-{day:%y%m%d}-{serial:04d}"
    assert parse_result(f"{dossier}-KQ{n}") == (dossier, n)


def test_a_single_result_may_come_without_ordinal() -> None:
    """A bare -KQ is read as -KQ1 (law L1.1)."""
    assert parse_result("H17.12-250901-0001-KQ") == ("H17.12-250901-0001", 1)


@pytest.mark.parametrize(
    "code",
    ["H17.12-250901-0001", "H17.12-250901-0001-KQ0", "H17.12-250901-0001-KQ01", "x-KQ1", "H17.12-250901-0001-KQ-1"],
)
def test_anything_else_is_no_result_code(code: str) -> None:
    """A result code needs a true dossier code and an ordinal from 1 on, without leading zeros."""
    with pytest.raises(UsageError):
        parse_result(code)


def test_the_digitisation_code_has_four_parts() -> None:
    """Owner, paper type, number/symbol and a counter of at least two digits make the code."""
    prefix = digitisation_prefix("048193442112", "KQ.G15.000031", "05 / qđ–UBND")
    assert digitisation_code(prefix, 1) == "048193442112.KQ.G15.000031.05/QĐ-UBND.01"
    assert digitisation_code(prefix, 100).endswith(".100")


@pytest.mark.parametrize("number", [None, "", " \t", "\u00ad"])
def test_a_paper_without_number_is_coded_with_ks(number: str | None) -> None:
    """Where no number is printed, or only white space was read, KS (không số) stands in its place."""
    assert digitisation_prefix("048193442112", "KQ.G15.000031", number).endswith(f".{NO_NUMBER}")


@given(*[papers] * 2)
def test_no_two_digitisation_codes_collide(one: tuple[str, str, str, int], other: tuple[str, str, str, int]) -> None:
    """Codes are equal only when owner, type, number (as it is printed) and counter are."""

    def code(owner: str, type_: str, number: str, n: int) -> str:
        return digitisation_code(digitisation_prefix(owner, type_, number), n)

    def same(owner: str, type_: str, number: str, n: int) -> tuple[str, str, str, int]:
        return owner, type_, written_number(number) or NO_NUMBER, n

    assert (code(*one) == code(*other)) == (same(*one) == same(*other))


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("5/QĐ-UBND", "5/QĐ-UBND"),
        ("05/QĐ", "5/QĐ"),
        (" 005 / qđ – ubnd ", "5/QĐ-UBND"),
        ("05/QÐ-UBND", "5/QĐ-UBND"),  # the Icelandic letter
        ("12/Q\u00adĐ\u200b-UBND", "12/QĐ-UBND"),
        ("12/TBa\u0300", "12/TBÀ"),
        ("50/QĐ", "50/QĐ"),
        ("0", "0"),
    ],
)
def test_numbers_have_one_normal_form(written: str, normal: str) -> None:
    """Spelling, spaces, dashes and leading zeros do not make another number; zeros elsewhere do."""
    assert normal_number(written) == normal


@pytest.mark.parametrize("number", ["0400512348-001/GCN-CN", "0400512348/GCN", "05/QĐ-UBND", "005/TB", "0"])
def test_no_zero_is_lost_in_a_code(number: str) -> None:
    """What is printed before the symbol stands in the code, and is compared without its zeros."""
    assert digitisation_prefix("0400512348", "KQ.G12.001044", number) == f"0400512348.KQ.G12.001044.{number}"
    assert normal_number(number) == normal_number(f"0{number}")


@given(st.text())
def test_the_normal_number_is_final(text: str) -> None:
    """The normal form of a normal form is itself, so stored and typed numbers compare equal."""
    once = normal_number(text)
    assert normal_number(once) == once


@given(st.text())
def test_a_file_name_gives_the_code_back(code: str) -> None:
    """The file name is plain ASCII without separators, and is reversible."""
    name = file_name(code)
    assert re.fullmatch(r"[A-Za-z0-9._~=-]*", name)
    assert from_file_name(name) == code


def test_a_file_name_can_be_read_by_people() -> None:
    """Only what ASCII file names cannot hold is encoded."""
    assert file_name("048193442112.KQ.G15.000031.5/QĐ-UBND.01") == "048193442112.KQ.G15.000031.5=2FQ=C4=90-UBND.01"


@given(owners, types, numbers)
def test_a_masked_code_hides_the_owner_only(owner: str, type_: str, number: str) -> None:
    """The owner's number is nowhere at the front of a masked code; type, number and counter stay readable."""
    code = digitisation_code(digitisation_prefix(owner, type_, number), 1)
    shown = mask_code(code)
    assert not shown.startswith(owner)
    assert shown[len(owner) :] == code[len(owner) :]


@pytest.mark.parametrize("code", ["H17.12.34-250901-0001", "000.00.01.H17-210831-0001", "H17.12.KQ.G15.000031.KS.01"])
def test_codes_without_a_person_are_shown_whole(code: str) -> None:
    """Dossier codes and the codes of an agency's own papers name no person, so nothing is masked."""
    assert mask_code(code) == code
