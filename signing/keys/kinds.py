"""The kinds of keys, and what each of them brings.

A new kind is a module here with a ``KeyKind`` of its own, a line in the table below, and its settings in
``config/signing.py``, which alone asks besides which kind a key is of: what it needs, and what its signatures reach.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pkgutil import resolve_name
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import NameOID

from config.signing import KEY_ROLES, KeyRole, SigningSettings
from signing.interface import Anchors
from signing.keys.credentials import Credential

DEVELOPMENT = "DEVELOPMENT ONLY"
ANEW = (
    "or leave an empty folder in its place to have new keys made: papers of the old ones are then not trusted any more"
)


class KeyKind(NamedTuple):
    """What a kind of key brings; each function is given the settings and the role whose key is meant.

    Attributes:
        name: how `doctor` calls the key of a ``{role}``.
        open: the key with its certificate and chain, ready to sign, until the end of the ``with``.
        present: what `doctor` tells of the key; nobody is asked for a PIN, and none is used up.
        certificates: what can be read of the key's certificates and their issuers without the key: their ends are told.
        anchors: the roots that papers signed by the key are traced back to; none before there is a key.
        advice: what `doctor` says to do about keys of this kind.
        is_made_here: whether the program makes such keys itself, for development only.
    """

    name: str
    open: Callable[[SigningSettings, KeyRole], AbstractContextManager[Credential]]
    present: Callable[[SigningSettings, KeyRole], str]
    certificates: Callable[[SigningSettings, KeyRole], list[x509.Certificate]]
    anchors: Callable[[SigningSettings, KeyRole], Anchors]
    advice: str = ""
    is_made_here: bool = False


# Imported when asked for: the modules of tokens and services take long to import.
_KINDS = {
    "software": "signing.keys.software:SOFTWARE",
    "token": "signing.keys.token:TOKEN",
    "remote": "signing.keys.remote:REMOTE",
}


def key_kind(settings: SigningSettings, role: KeyRole) -> KeyKind:
    """The kind of a role's key."""
    found: KeyKind = resolve_name(_KINDS[settings.kind_of(role)])
    return found


@contextmanager
def open_credentials(settings: SigningSettings) -> Iterator[tuple[Credential, Credential]]:
    """The credentials of officer and agency; both may have the same token or service, or each its own.

    Raises:
        TokenAway, RemoteAway: a token is not there, or a service does not answer.
        KeysUnusable: something else is missing, or does not belong together.
        PinRefused: a PIN was not taken.
    """
    with (
        key_kind(settings, "officer").open(settings, "officer") as officer,
        key_kind(settings, "agency").open(settings, "agency") as agency,
    ):
        yield officer, agency


def key_certificates(settings: SigningSettings) -> list[x509.Certificate]:
    """The certificates that lie in files; no key is opened, and none is made."""
    found = [item for role in KEY_ROLES for item in key_kind(settings, role).certificates(settings, role)]
    return list(dict.fromkeys(found))


def key_anchors(settings: SigningSettings) -> Anchors:
    """The roots of the keys, without those of time stamps."""
    return tuple(dict.fromkeys(root for role in KEY_ROLES for root in key_kind(settings, role).anchors(settings, role)))


def roots_of(certificates: list[x509.Certificate]) -> Anchors:
    """The root certificates among them."""
    return tuple(item.public_bytes(serialization.Encoding.DER) for item in certificates if item.issuer == item.subject)


def is_development(certificate: x509.Certificate) -> bool:
    """Whether the certificate says of itself that it has no legal value."""
    units = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
    return any(unit.value == DEVELOPMENT for unit in units)


def are_lost(settings: SigningSettings) -> bool:
    """Whether keys that the program makes itself were made, but are gone: of a store that has signed already."""
    makes = any(key_kind(settings, role).is_made_here for role in KEY_ROLES) or not settings.time_stamps
    return makes and not settings.keys.exists()
