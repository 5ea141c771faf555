"""How values that are kept for programs are shown to people: days, moments, and the roles of owners."""

import re
from typing import Final

from domain.messages.language import Language, worded

_DAY: Final = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"
    r"(?:[T ](?P<time>\d\d:\d\d(?::\d\d)?)(?:\+07:00)?)?",  # of Viet Nam: another zone stays as it is told
    re.ASCII,
)
_ROLE: Final = re.compile(r"(?P<before>(?:^|;)\s*)(?P<role>[a-z_]+)(?=\s*:)")


def day_shown(text: str, language: Language) -> str:
    """A text that is a day or moment and nothing else, as it is read in a language: ``26/06/2019`` in Vietnamese."""
    found = _DAY.fullmatch(text) if language == "vi" else None
    if found is None:
        return text
    return f"{found['day']}/{found['month']}/{found['year']}" + (f" {found['time']}" if found["time"] else "")


def value_shown(field: str, text: str, language: Language) -> str:
    """The value of a paper's field as it is read: days, and roles of owners by what they are called."""
    if language == "en":
        return text
    if field == "owner_role":
        return _role(text, language)
    if field == "further_owners":
        return _ROLE.sub(lambda found: found["before"] + _role(found["role"], language), text)
    return day_shown(text, language)


def _role(code: str, language: Language) -> str:
    return worded(f"owner_role_{code}", None, language) or code
