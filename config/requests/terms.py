"""Within what time a request of an owner about his data is answered and settled (law L8.3), as data."""

from datetime import date, timedelta
from functools import cache
from pathlib import Path

import yaml
from pydantic import Field, ValidationError

from config.loader import FOLDER
from domain.errors import SetupError
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
    try:
        return RequestTerms.model_validate(yaml.safe_load(path.read_text(encoding="utf-8"))["requests"])
    except FileNotFoundError:
        raise SetupError("release_file_missing", remedy="restore_from_release", path=path) from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise SetupError(
            "file_says_wrong", remedy="compare_with_release", path=path, place=place, why=first["msg"]
        ) from None
    except (yaml.YAMLError, ValueError, TypeError, LookupError) as error:
        raise SetupError("file_says_wrong", remedy="compare_with_release", path=path, place="", why=error) from None
