"""Time in Viet Nam.  Every time that khoso writes carries +07:00 (law L4.3: ISO 8601, Vietnam time zone).

All ask ``now`` or ``today``, which ask one source: the machine's clock, or what a test sets by ``set_to``.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta, timezone
from typing import Annotated

from pydantic import PlainSerializer

VIETNAM = timezone(timedelta(hours=7))
_TIMEX_BYTES, _TIME_ERROR = 512, 5  # room for the kernel's structure, all zero: nothing is set by it


def stated(moment: datetime) -> str:
    """A moment as scripts are told it, whatever its zone is; without a zone, where none is known."""
    return _here(moment).isoformat()


def listed(moment: datetime) -> str:
    """A moment as tables show it, to the minute."""
    return f"{_here(moment):%Y-%m-%d %H:%M}"


def _here(moment: datetime) -> datetime:
    """In Viet Nam's zone; at the ends of the calendar, where a damaged record may lie, it stays in its own.

    What somebody else wrote without a zone stays without: that of this machine says nothing of it.
    """
    try:
        return moment.astimezone(VIETNAM) if moment.tzinfo else moment
    except OverflowError:
        return moment


Moment = Annotated[datetime, PlainSerializer(stated, when_used="json")]
"""A moment that others told, such as an authority: it may be of another zone, and is told as all are."""


def _of_machine() -> datetime:
    return datetime.now(VIETNAM)


_sources: list[Callable[[], datetime]] = [_of_machine]  # the last one counts


def now() -> datetime:
    """The present second in Viet Nam, without a fraction (the mark on the page and /M show seconds)."""
    return _sources[-1]().astimezone(VIETNAM).replace(microsecond=0)


def is_synchronised() -> bool:
    """Whether the machine's clock is kept right by time servers, as its kernel says (adjtimex(2): TIME_ERROR)."""
    import ctypes  # noqa: PLC0415 (the program opens fast)

    return bool(ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES)) != _TIME_ERROR)


def today() -> date:
    """The present day in Viet Nam."""
    return now().date()


@contextmanager
def set_to(source: Callable[[], datetime]) -> Iterator[None]:
    """Have all threads of this process ask another source; it may give a time that stands still, or moves."""
    _sources.append(source)
    try:
        yield
    finally:
        _sources.remove(source)
