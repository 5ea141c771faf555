"""Time in Viet Nam.  Every time that khoso writes carries +07:00 (law L4.3: ISO 8601, Vietnam time zone)."""

from datetime import date, datetime, timedelta, timezone

VIETNAM = timezone(timedelta(hours=7))


def now() -> datetime:
    """The present second in Viet Nam, without a fraction (the mark on the page and /M show seconds)."""
    return datetime.now(VIETNAM).replace(microsecond=0)


def today() -> date:
    """The present day in Viet Nam."""
    return now().date()
