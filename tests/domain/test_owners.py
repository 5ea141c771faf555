"""Identifiers of persons and organisations (law section 8B)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.owners import identifier_kind, mask, mask_text, normal_owner

WEIGHTS = (31, 29, 23, 19, 17, 13, 7, 5, 3)


@pytest.mark.parametrize(
    ("owner_id", "kind"),
    [
        ("048193442112", "personal"),
        ("001176675141", "personal"),
        ("096000000000", "personal"),
        ("201234567", "old_identity"),
        ("0100109106", "tax"),
        ("0100109106-001", "tax"),
    ],
)
def test_the_kind_is_told_by_the_form(owner_id: str, kind: str) -> None:
    """Twelve digits are a personal id, nine an old identity number, ten with a right check digit a tax number."""
    assert identifier_kind(owner_id) == kind


@pytest.mark.parametrize(
    "owner_id",
    [
        "",
        "000193442112",
        "097193442112",
        "148193442112",
        "04819344211",
        "0100109107",
        "0100109106-000",
        "0100109106001",
        "04819344211x",
        "048193442１12",
        "048193442112\n",
    ],
)
def test_anything_else_is_no_identifier(owner_id: str) -> None:
    """A wrong length, province, check digit, branch 000 or a digit that is not ASCII gives no kind."""
    assert identifier_kind(owner_id) is None


@given(st.from_regex(r"[0-9]{9}", fullmatch=True))
def test_at_most_one_check_digit_is_right(front: str) -> None:
    """Of the ten possible last digits one makes a tax number, or none where the rule gives 10 (law 8B)."""
    right = [digit for digit in "0123456789" if identifier_kind(front + digit) == "tax"]
    rest = 10 - sum(weight * int(digit) for weight, digit in zip(WEIGHTS, front, strict=True)) % 11
    assert right == ([str(rest)] if rest < 10 else [])


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("048 193 442 112", "048193442112"),
        ("048.193.442.112", "048193442112"),
        ("048-193-442-112", "048193442112"),
        ("0100109106 – 001", "0100109106-001"),
        ("0100109106-001", "0100109106-001"),
        ("\u00a0201 234 567\n", "201234567"),
        ("0100109106001", "0100109106-001"),
        ("0100109106 001", "0100109106-001"),
        ("0100109107001", "0100109107001"),
        ("CCCD 048 193 442 112", "048193442112"),
        ("số CCCD: 048193442112", "048193442112"),
        ("MST 0100109106 - 001", "0100109106-001"),
        ("０４８１９３４４２１１２", "048193442112"),
        ("CCCD", "CCCD"),
    ],
)
def test_signs_between_the_digits_are_dropped(written: str, normal: str) -> None:
    """Spaces, dots, dashes and labels go, save the dash before the branch of a tax number."""
    assert normal_owner(written) == normal


@given(st.text())
def test_the_normal_owner_is_final(text: str) -> None:
    """The normal form of a normal form is itself."""
    once = normal_owner(text)
    assert normal_owner(once) == once


@given(st.text("0123456789-", max_size=14))
def test_a_mask_keeps_the_length_and_hides_the_middle(owner_id: str) -> None:
    """A mask has the length of the identifier, shows at most three signs in front and two behind."""
    shown = mask(owner_id)
    assert len(shown) == len(owner_id)
    assert set(shown[3:-2]) <= {"*"}


def test_a_mask_looks_like_this() -> None:
    """The province and the last two digits remain; what is short is hidden whole."""
    assert mask("048193442134") == "048*******34"
    assert mask("12345") == "*****"


def test_identifiers_in_a_text_are_masked() -> None:
    """Identifiers within a text are masked; years, dates and document numbers stay."""
    assert mask_text("CCCD 048199003378, Số: 12/QĐ-UBND năm 2024") == "CCCD 048*******78, Số: 12/QĐ-UBND năm 2024"


@pytest.mark.parametrize(
    ("written", "masked"),
    [
        ("Số: 048 199 003 378, cấp", "Số: 048 *** *** *78, cấp"),
        ("048.199.003.378", "048.***.***.*78"),
        ("0481-9900-3378", "048*-****-**78"),
        ("048\u00a0199\u00a0003\u00a0378", "048\u00a0***\u00a0***\u00a0*78"),
        ("CMND 201 045 667", "CMND 201 *** *67"),
        ("CMND số: 2010 45 667", "CMND số: 201* ** *67"),
        ("201.045.667", "201.***.*67"),
        ("048193 003366", "048*** ****66"),
        ("048-193-003366", "048-***-****66"),
        ("048193.003366", "048***.****66"),
        ("Số 0 4 8 1 9 3 0 0 3 3 6 6", "Số 0 4 * * * * * * * * * 6"),
        ("2 0 1 0 4 5 6 6 7", "2 0 * * * * * * 7"),
        ("MST 0400 512 348", "MST 040* *** *48"),
        ("048193O03366", "048*******66"),
        ("Hộ chiếu số B1234567 cấp", "Hộ chiếu số B12***67 cấp"),
        ("passport: B 1234567", "passport: B 1****67"),
    ],
)
def test_a_number_in_groups_is_masked(written: str, masked: str) -> None:
    """As people and forms write it."""
    assert mask_text(written) == masked


@pytest.mark.parametrize(
    "text",
    ["01.02.2026 13.45", "2026-11-29 10:00", "0236 3821 234", "999 199 003 378", "1.048.199.003", "500.000.000 đồng",
     "201.045.667 đồng", "12.000.000.000", "0905 123 456", "+84 905 123 456", "H17.40.36-190620-0044",
     "30/08/2021 0905", "hs 190620-0044", "thửa đất số 123, tờ 45, 2019"],
)  # fmt: skip
def test_days_times_and_sums_stay(text: str) -> None:
    """What is no personal number is not hidden."""
    assert mask_text(text) == text


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("04821900127520240101.pdf", "048***************01.pdf"),
        ("0482190012752024 (1).jpg", "048***********24 (1).jpg"),
        ("a048219001275bcd.pdf", "a048*******75bcd.pdf"),
        ("/in/a048219001275bcd-2.pdf: cut off", "/in/a048*******75bcd-2.pdf: cut off"),
        ("20240101048219001275", "202***************75"),
    ],
)
def test_a_number_within_the_name_of_a_file_is_masked(name: str, masked: str) -> None:
    """Whatever stands before or behind it."""
    assert mask_text(name) == masked


@pytest.mark.parametrize(
    "text",
    [
        "a048219001275bcd",
        "a048219001275bcd-12",
        "1048219001275123",
        "The same paper as a048219001275bcd. Compare both",
        "/store/a048219001275bcd/text.txt",
        "b" + "048219001275" * 5 + "abc.pdf",
    ],
)
def test_ids_and_digests_stay(text: str) -> None:
    """By them a person finds a paper again; digits in them are nobody's number."""
    assert mask_text(text) == text
