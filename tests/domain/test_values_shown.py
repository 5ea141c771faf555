"""How values are shown: days as they are read in Vietnam, and the roles of owners by their names."""

import pytest

from domain.messages.told import told
from domain.messages.values import day_shown

DAYS = {
    "2019-06-26": "26/06/2019",
    "2019-06-26 14:05": "26/06/2019 14:05",
    "2019-06-26T14:05:09+07:00": "26/06/2019 14:05:09",
    "2019-06-26T14:05:09+00:00": "2019-06-26T14:05:09+00:00",
    "H17.12-250901-0001": "H17.12-250901-0001",
    "quét 2019-06-26": "quét 2019-06-26",
    "": "",
}


@pytest.mark.parametrize("text", DAYS)
def test_a_day_is_shown_as_it_is_read(text: str) -> None:
    """What is a day and nothing else; a moment of another zone stays, and so does all in English."""
    assert (day_shown(text, "vi"), day_shown(text, "en")) == (DAYS[text], text)


def test_a_change_is_told_as_people_read_it() -> None:
    """Roles of owners by their names, days in their order."""
    roles = told("corrected_from_to", field="owner_role", old="husband", new="wife", why="sai")
    line = told("corrected_now", field="further_owners", old="wife: Lê Hoa, ***; child: Lê An", new="mother: Lê Hoa")
    days = told("corrected_now", field="issued_date", old="2019-06-26", new="2019-07-26")
    assert "chồng → vợ: sai" in roles.text("vi").lower()
    assert "vợ: lê hoa, ***; con: lê an nay là mẹ: lê hoa" in line.text("vi").lower()
    assert "26/06/2019 nay là 26/07/2019" in days.text("vi")
    assert "husband → wife" in roles.text("en")
    assert "2019-06-26" in days.text("en")
