"""What a store of a former release never had, as the journal says of its upgrade: none of it is lost."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Final, NamedTuple

from archive.journal import HEADLESS
from archive.upgrades.lacking import FIRST_VERSION
from domain.messages.told import told
from services.health.interface import Finding

_LATE: Final = timedelta(minutes=1)


class NeverHad(NamedTuple):
    """The line before which nothing told how far the journal reached, and how many questions no desk kept then.

    ``late``: how much later than the first paper the journal may begin; those releases noted what was done a moment
    after it counted.
    """

    headless: int | None = None
    asked: int = 0
    late: timedelta = timedelta()

    def findings(self) -> Iterator[Finding]:
        """What is true of it."""
        if self.headless is not None:
            yield Finding.of("audit journal", "ok", told("health_headless_former", line=self.headless))
        if self.asked:
            yield Finding.of("desk", "ok", told("health_asked_former", count=self.asked))


def never_had(events: Sequence[Mapping[str, object]]) -> NeverHad:
    """By its first upgrade.  Of lines without a head only the first is meant: a later one lost what was there."""
    end = next((number for number, event in enumerate(events, 1) if event["event"] == "upgraded"), 0)
    without = events[end - 1].get("without") if end and events[end - 1].get("former") == FIRST_VERSION else None
    if not isinstance(without, list):
        return NeverHad()
    before = events[:end]
    headless = [number for number, event in enumerate(before, 1) if event.items() >= HEADLESS.items()]
    asked = sum(event["event"] == "asked" for event in before)
    return NeverHad(
        headless=headless[0] if headless and "journal head" in without else None,
        asked=asked if "desk" in without else 0,
        late=_LATE,
    )
