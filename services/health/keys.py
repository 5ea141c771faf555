"""Whether a store can sign: its keys, until when their certificates last, and what its signatures prove."""

from datetime import timedelta

from archive.epoch import Epoch
from config.settings import Settings
from config.signing import SigningSettings
from domain.clock import now
from domain.errors import KhosoError
from services.health.interface import Finding
from signing.keys.kinds import ANEW, are_lost, key_kind
from signing.keys.terms import EARLY, URGENT, configured_terms, term_text


def key_findings(settings: Settings) -> list[Finding]:
    """The keys of each role, those that are gone, their terms, and the level of signatures; no key is used or made."""
    signing = settings.signing
    return [*_keys(signing), *_lost_keys(settings), *_terms(signing), _level(signing)]


def _keys(settings: SigningSettings) -> list[Finding]:
    rows: list[Finding] = []
    for place in settings.places():
        kind = key_kind(place)
        name = kind.name.format(role=place.title)
        if place.is_own and place.title not in name:
            name = f"{name} of the {place.title}"
        try:
            row = Finding.of(name, "ok", kind.present(settings, place), kind.advice)
        except KhosoError as error:
            row = Finding.missing(name, error)
        if row not in rows:  # officer and agency of the store may share what there is to tell
            rows.append(row)
    return rows


def _lost_keys(settings: Settings) -> list[Finding]:
    """Keys that a store needs which has signed; without them nothing is signed, and its papers are not trusted."""
    if not are_lost(settings.signing) or not Epoch(settings.home, settings.vault).is_used:
        return []
    return [
        Finding.of("keys folder", "missing", f"{settings.signing.keys} is gone", f"Put it back from a copy, {ANEW}")
    ]


def _terms(settings: SigningSettings) -> list[Finding]:
    """Until when the certificates last; one that has ended counts as missing."""
    try:
        terms = configured_terms(settings)
    except KhosoError as error:
        return [Finding.missing("certificates", error)]
    rows, at = [], now()
    for term in terms:
        left, name, text = term.ends - at, "certificate", term_text(term, at)
        if left > EARLY:
            rows.append(Finding.of(name, "ok", text))
            continue
        remedy = "Ask its issuer for a new one" + (" now" if left <= URGENT else "")
        rows.append(Finding.of(name, "missing" if left <= timedelta(0) else "ends soon", text, remedy))
    return rows


def _level(settings: SigningSettings) -> Finding:
    level, name = settings.level_for(None), "signature level"
    if settings.time_stamps:
        return Finding.of(name, "ok", f"{level}, {len(settings.time_stamps)} time stamp authorities")
    return Finding.of(name, "ok", f"{level}, development time stamps", "Real authorities: deploy/pki/README.md")
