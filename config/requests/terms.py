"""Within what time a request of an owner about his data is answered and settled (law L8.3), as data."""

from datetime import date, timedelta
from functools import cache
from pathlib import Path

from pydantic import Field

from config.loader import FOLDER
from config.release import read_release
from domain.record import Frozen

_FILE = FOLDER / "requests.yaml"
_SATURDAY = 5


class RequestTerm(Frozen):
    """What holds for requests that are received from a day on."""

    valid_from: date
    answer_working_days: int = Field(ge=1, le=60)
    correct_days: int = Field(ge=1, le=120)
    confirmed: bool
    source: str


class RequestTerms(Frozen):
    """The terms by date; ``days_off`` are those on which nobody works besides Saturdays and Sundays."""

    terms: tuple[RequestTerm, ...] = Field(min_length=1)
    days_off: tuple[date, ...] = ()

    def of(self, received: date) -> RequestTerm | None:
        """The term of a request that was received on a day; None before the first."""
        found = [item for item in self.terms if item.valid_from <= received]
        return max(found, key=lambda item: item.valid_from, default=None)

    def working_day(self, received: date, number: int) -> date:
        """The day on which so many working days after that of the receipt are over."""
        day = received
        while number:
            day += timedelta(days=1)
            if day.weekday() < _SATURDAY and day not in self.days_off:
                number -= 1
        return day


@cache
def load_request_terms(path: Path = _FILE) -> RequestTerms:
    """The terms of the release, or of a file.

    Raises:
        SetupError: it is missing, or does not say what it must.
    """
    return read_release(path, "requests", RequestTerms.model_validate)
