"""Whether a store can sign: its keys, until when their certificates last, and what its signatures prove."""

from datetime import timedelta

from archive.epoch import Epoch
from config.settings import Settings
from config.signing import SigningSettings
from domain.clock import now
from domain.errors import KhosoError
from domain.messages.told import told
from services.health.interface import Finding
from signing.keys.kinds import are_lost, key_kind
from signing.keys.software import keys_open_to_others
from signing.keys.terms import EARLY, URGENT, configured_terms, term_text


def key_findings(settings: Settings) -> list[Finding]:
    """The keys of each role, those that are gone, their terms, and the level of signatures; no key is used or made."""
    signing = settings.signing
    return [*_keys(signing), *_lost_keys(settings), *_open_keys(signing), *_terms(signing), _level(signing)]


def _keys(settings: SigningSettings) -> list[Finding]:
    rows: list[Finding] = []
    for place in settings.places():
        kind = key_kind(place)
        name = kind.name.format(role=place.title)
        if place.is_own and place.title not in name:
            name = f"{name} of the {place.title}"
        try:
            row = Finding.of(name, "ok", kind.present(settings, place), told(kind.advice) if kind.advice else "")
        except KhosoError as error:
            row = Finding.missing(name, error)
        if row not in rows:  # officer and agency of the store may share what there is to tell
            rows.append(row)
    return rows


def _lost_keys(settings: Settings) -> list[Finding]:
    """Keys that a store needs which has signed; without them nothing is signed, and its papers are not trusted."""
    if not are_lost(settings.signing) or not Epoch(settings.home, settings.vault).is_used:
        return []
    detail, remedy = told("health_keys_gone", folder=settings.signing.keys), told("health_keys_back")
    return [Finding.of("keys folder", "missing", detail, remedy)]


def _open_keys(settings: SigningSettings) -> list[Finding]:
    """Development keys with which others on this machine could sign."""
    try:
        found = keys_open_to_others(settings)
    except OSError:  # told of the keys themselves
        return []
    return [Finding.of("keys folder", "missing", told("key_open_to_others", path=path)) for path in found]


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
        remedy = told("health_renew_now" if left <= URGENT else "health_renew")
        rows.append(Finding.of(name, "missing" if left <= timedelta(0) else "ends soon", text, remedy))
    return rows


def _level(settings: SigningSettings) -> Finding:
    level, name = settings.level_for(None), "signature level"
    if settings.time_stamps:
        return Finding.of(name, "ok", told("health_level", level=level, count=len(settings.time_stamps)))
    return Finding.of(name, "ok", told("health_level_development", level=level), told("health_real_stamps"))
