"""Days as the systems of the administration write them."""

from datetime import date, datetime

_FORMS = ("%Y-%m-%d", "%d/%m/%Y", "%Y%m%d", "%Y%m%d%H%M%S", "%d/%m/%Y %H:%M:%S", "%Y-%m-%dT%H:%M:%S")


def parse_day(text: str) -> date | None:
    """The day of 2025-07-01, 01/07/2025 or 20250701, with a time or without; None when it is none of them."""
    for form in _FORMS:
        try:
            return datetime.strptime(text.strip(), form).date()  # noqa: DTZ007 (a day has no zone)
        except ValueError:
            continue
    return None
