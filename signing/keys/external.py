"""Keys that lie outside: on a token for one role, with a remote service for the other, as the settings say."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import NameOID

from config.settings import RemoteSettings, SigningSettings, TokenSettings
from signing.interface import Anchors
from signing.keys.chains import read_certificates
from signing.keys.credentials import Credential
from signing.keys.remote import open_remote
from signing.keys.software import DEVELOPMENT
from signing.keys.token import open_token


@contextmanager
def open_credentials(settings: SigningSettings) -> Iterator[tuple[Credential, Credential]]:
    """The credentials of officer and agency; both may have the same token or service, or each its own.

    Raises:
        TokenAway, RemoteAway: a token is not there, or a service does not answer.
        KeysUnusable: something else is missing, or does not belong together.
        PinRefused: a PIN was not taken.
    """
    notes = settings.keys.parent
    roles = settings.external
    with _open(roles["officer"], notes) as officer, _open(roles["agency"], notes) as agency:
        yield officer, agency


def _open(settings: TokenSettings | RemoteSettings, notes: Path) -> AbstractContextManager[Credential]:
    return open_token(settings, notes) if isinstance(settings, TokenSettings) else open_remote(settings, notes)


def is_development(certificate: x509.Certificate) -> bool:
    """Whether the certificate says of itself that it has no legal value."""
    units = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
    return any(unit.value == DEVELOPMENT for unit in units)


def is_trial(settings: SigningSettings) -> bool:
    """Whether what is signed with these settings has no legal value; neither key, token nor service is needed."""
    return settings.kind == "software" or any(is_development(item) for item in external_certificates(settings))


def external_certificates(settings: SigningSettings) -> list[x509.Certificate]:
    """The certificates in the files that the settings name; neither token nor service is needed."""
    return [item for place in settings.external.values() for item in read_certificates(place.certificates)]


def external_anchors(settings: SigningSettings) -> Anchors:
    """The root certificates among them."""
    roots = (item for item in external_certificates(settings) if item.issuer == item.subject)
    return tuple(dict.fromkeys(root.public_bytes(serialization.Encoding.DER) for root in roots))
