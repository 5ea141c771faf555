"""Whether samples and minutes are those of which the audit journal tells."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from hashlib import sha256

from archive.database import is_made
from archive.inspections.inspections import open_inspections
from archive.vault import open_vault
from config.settings import Settings
from domain.errors import KhosoError
from domain.messages.told import told
from services.health.interface import Finding
from services.quality.kept import MINUTES_PDF, minutes_id


def accepted_findings(settings: Settings, events: Sequence[dict[str, str]]) -> Iterator[Finding]:
    """One of each part that lacks something."""
    yield from _checks(settings, sum(event["event"] in {"checked", "quality_opened"} for event in events))
    signed = {f"{event['subject']}:{event['round']}": event["sha256"] for event in events if _is_signed(event)}
    if not signed:
        return
    lost = sorted(name for name, digest in signed.items() if digest not in _digests(settings, name))
    if lost:
        detail = told("health_minutes_lost", count=len(lost), signed=len(signed), first=lost[0])
        yield Finding.of("minutes", "missing", detail, told("health_minutes_back"))


def _is_signed(event: dict[str, str]) -> bool:
    return event["event"] == "minutes_signed"


def _checks(settings: Settings, recorded: int) -> Iterator[Finding]:
    """Samples and checks of which the journal tells, and the database does not know."""
    known = 0
    if is_made(settings.quality_url):
        try:
            with open_inspections(settings.quality_url) as quality:
                known = quality.count_checks() + len(quality.all())
        except (KhosoError, OSError):
            return  # its own row says what is wrong with it
    if known < recorded:
        detail = told("health_checks_lost", count=recorded - known)
        yield Finding.of("quality", "absent", detail, told("health_checks_back"))


def _digests(settings: Settings, name: str) -> set[str]:
    """The digests of the minutes of a round, of every version; none when a file of the newest is not as it was."""
    if not settings.minutes.is_dir():
        return set()
    with suppress(KhosoError, OSError, KeyError), open_vault(settings.minutes, settings.scratch) as minutes:
        stored = minutes.versions(minutes.path(minutes_id(name)))
        minutes.compare(stored[0])
        return {sha256(item.files[MINUTES_PDF].read_bytes()).hexdigest() for item in stored}
    return set()
