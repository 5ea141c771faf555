"""The kinds of keys, and what each of them brings.

A new kind is a module here with a ``KeyKind`` of its own, a line in the table below, and its settings in
``config/signing.py``, which alone asks besides which kind a key is of: what it needs, and what its signatures reach.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import chain
from pkgutil import resolve_name
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import NameOID

from config.signing import KEY_ROLES, KeyPlace, SigningSettings
from signing.errors import KeysUnusable
from signing.interface import Anchors
from signing.keys.credentials import Credential

_log = logging.getLogger("khoso.keys")
DEVELOPMENT = "DEVELOPMENT ONLY"


class KeyKind(NamedTuple):
    """What a kind of key brings; each function is given the settings and the place of the key that is meant.

    Attributes:
        name: how `doctor` calls the key of a ``{role}``, or of an officer or a seal of the tables.
        open: the key with its certificate and chain, ready to sign, until the end of the ``with``.
        present: what `doctor` tells of the key; nobody is asked for a PIN, and none is used up.
        certificates: what can be read of the key's certificates and their issuers without the key: their ends are told.
        anchors: the roots that papers signed by the key are traced back to; none before there is a key.
        advice: what `doctor` says to do about keys of this kind.
        is_made_here: whether the program makes such keys itself, for development only.
    """

    name: str
    open: Callable[[SigningSettings, KeyPlace], AbstractContextManager[Credential]]
    present: Callable[[SigningSettings, KeyPlace], str]
    certificates: Callable[[SigningSettings, KeyPlace], list[x509.Certificate]]
    anchors: Callable[[SigningSettings, KeyPlace], Anchors]
    advice: str = ""  # a code
    is_made_here: bool = False


# Imported when asked for: the modules of tokens and services take long to import.
_KINDS = {
    "software": "signing.keys.software:SOFTWARE",
    "token": "signing.keys.token:TOKEN",
    "remote": "signing.keys.remote:REMOTE",
    "file": "signing.keys.key_file:KEY_FILE",
}


def key_kind(place: KeyPlace) -> KeyKind:
    """The kind of a key."""
    found: KeyKind = resolve_name(_KINDS[place.kind])
    return found


def open_key(settings: SigningSettings, place: KeyPlace) -> AbstractContextManager[Credential]:
    """The key of a place, until the end of the ``with``.

    Raises:
        TokenAway, RemoteAway: its token is not there, or its service does not answer.
        KeysUnusable: something else is missing, or does not belong together.
        PinRefused: a PIN was not taken.
    """
    return key_kind(place).open(settings, place)


@contextmanager
def open_credentials(settings: SigningSettings) -> Iterator[tuple[Credential, Credential]]:
    """The credentials of the store's own officer and agency; both may have the same token or service, or each its own.

    Raises:
        TokenAway, RemoteAway, KeysUnusable, PinRefused: see ``open_key``.
    """
    own = (settings.place(role) for role in KEY_ROLES)
    with open_key(settings, next(own)) as officer, open_key(settings, next(own)) as agency:
        yield officer, agency


def key_certificates(settings: SigningSettings) -> list[x509.Certificate]:
    """The certificates that lie in files; no key is opened, and none is made."""
    found = (key_kind(place).certificates(settings, place) for place in settings.places())
    return list(dict.fromkeys(chain.from_iterable(found)))


def key_anchors(settings: SigningSettings) -> Anchors:
    """The roots of the keys, without those of time stamps: also of the store's own, which signed before the tables."""
    places = (*settings.places(), *map(settings.place, KEY_ROLES))
    return tuple(dict.fromkeys(root for place in places for root in _roots(settings, place)))


def _roots(settings: SigningSettings, place: KeyPlace) -> Anchors:
    """The roots of a key; one of the tables whose certificates are gone does not keep the others from being trusted."""
    try:
        return key_kind(place).anchors(settings, place)
    except KeysUnusable as error:
        if not place.is_own:
            raise
        _log.warning("Papers of the %s are not trusted: %s", place.title, error.explain())
        return ()


def roots_of(certificates: list[x509.Certificate]) -> Anchors:
    """The root certificates among them."""
    return tuple(item.public_bytes(serialization.Encoding.DER) for item in certificates if item.issuer == item.subject)


def is_development(certificate: x509.Certificate) -> bool:
    """Whether the certificate says of itself that it has no legal value."""
    units = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
    return any(unit.value == DEVELOPMENT for unit in units)


def are_lost(settings: SigningSettings) -> bool:
    """Whether keys that the program makes itself were made, but are gone: of a store that has signed already."""
    makes = any(key_kind(place).is_made_here for place in settings.places()) or not settings.time_stamps
    return makes and not settings.keys.exists()
