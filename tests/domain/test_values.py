"""What passes the gate of values can be entered as it is; what cannot be is refused with what to write instead."""

import unicodedata
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import UsageError
from domain.readings import FieldName
from domain.values import as_read, checked, fault_of
from tests.support.values import any_value


@pytest.mark.parametrize(
    ("name", "written", "entered"),
    [
        ("issued_date", "12/03/2026", "2026-03-12"),
        ("issued_date", "5/3/2026", "2026-03-05"),
        ("issued_date", "20-1-2026", "2026-01-20"),
        ("issued_date", "ngày 20 tháng 01 năm 2026", "2026-01-20"),
        ("valid_until", "Ngày 5 tháng 3, năm 2026", "2026-03-05"),
        ("owner_id", "048 201 000 123", "048201000123"),
        ("owner_id", "0100109106 – 001", "0100109106-001"),
        ("owner_name", unicodedata.normalize("NFD", "Nguyễn\u00a0 Thị  Ổn"), "Nguyễn Thị Ổn"),
        ("owner_name", "Công ty 29/3 (chi nhánh 2)", "Công ty 29/3 (chi nhánh 2)"),
        ("number_symbol", "\ufeff12/QĐ\u00ad-UBND\u200b", "12/QĐ-UBND"),
        ("dossier_code", "000.00.01.H17-210831-0001", "000.00.01.H17-210831-0001"),
        ("agency", "H17.12", "H17.12"),
    ],
)
def test_a_value_is_entered_in_its_form(name: FieldName, written: str, entered: str) -> None:
    """Blanks, accents that were taken apart and invisible signs make no other value."""
    assert checked(name, written) == entered == checked(name, entered)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("issued_date", "03.12.2026"),
        ("issued_date", "31-02-2026"),
        ("issued_date", "ngày 31 tháng 02 năm 2026"),
        ("issued_date", "tháng 02 năm 2026"),
        ("issued_date", "1026-03-12"),
        ("issued_date", "9999-12-31"),
        ("owner_id", "48201000123"),
        ("owner_id", "4.8201E+10"),
        ("owner_id", "000000000000"),
        ("owner_name", "An\x00"[:3] + "Văn"),
        ("owner_name", "An\nVăn"),
        ("owner_name", "An\u2028Văn"),
        ("owner_name", "=HYPERLINK(1)"),
        ("owner_name", "Lê 048 090 001 239"),
        ("owner_name", "17"),
        ("owner_name", "An \u202enăV"),
        ("owner_name", "An \ud800"),
        ("owner_name", "An \ue000"),
        ("owner_name", "\u200b "),
        ("title", "a" * 1_000_000),
        ("number_symbol", "1" * 1_000_000),
        ("number_symbol", "ΐ" * 60),  # in capitals it has three times as many signs
        ("number_symbol", "../../etc/passwd"),
        ("dossier_code", "hồ sơ 17"),
        ("dossier_code", "HS-2025/17"),
        ("dossier_code", f"H17-250901-{'9' * 5000}"),
        ("procedure_code", "1.004194.H17"),
        ("scope", "H17/12"),
        ("agency", "H17.12.34.56"),
        ("agency", "H17.AB"),
    ],
)
def test_what_cannot_be_is_refused_with_a_remedy(name: FieldName, written: str) -> None:
    """The message names the field, is short, shows signs escaped and no identifier."""
    with pytest.raises(UsageError) as got:
        checked(name, written)
    message = str(got.value)
    assert message.startswith(f"{name}: ")
    assert message.isprintable()
    assert len(message) < 160
    assert "48201000123" not in message
    assert got.value.advice


@given(st.data(), st.sampled_from(get_args(FieldName)))
def test_what_is_entered_is_entered_again_unchanged(data: st.DataObject, name: FieldName) -> None:
    """The gate settles a value at once, so a record may pass it as often as it likes."""
    try:
        value = checked(name, data.draw(any_value(name)))
    except UsageError:
        return
    assert checked(name, value) == value
    assert fault_of(name, value) is None
    assert unicodedata.is_normalized("NFC", value)
    assert value.isprintable()
    assert value.encode()


@given(st.text(st.characters()))
def test_what_was_read_holds_no_signs_that_no_page_shows(text: str) -> None:
    """Text that a PDF brings is cleaned, not refused: nobody wrote it for us."""
    assert as_read(text) == as_read(as_read(text))
    assert all(unicodedata.category(sign)[0] != "C" for sign in as_read(text))
