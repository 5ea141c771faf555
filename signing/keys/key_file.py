"""Keys in PKCS#12 files (RFC 7292), as authorities give them to people who have no token; the password opens one."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from config.signing import KeyFileSettings, KeyPlace
from domain.messages.told import told
from signing.errors import KeysUnusable
from signing.keys.chains import chain_of, read_certificates
from signing.keys.credentials import Algorithm, Credential, SoftwareKey
from signing.keys.kinds import KeyKind, roots_of
from signing.keys.pins import PASSWORD, from_file, keep_secret, kept, typed

_PADDINGS = {"pss": Algorithm.PSS, "pkcs1": Algorithm.PKCS1}
_REMEDY = "put_key_file_back"


@contextmanager
def open_key_file(settings: KeyFileSettings) -> Iterator[Credential]:
    """The key of a file with its certificate.

    Raises:
        KeysUnusable: the file cannot be read or is open to others, its password is wrong, or issuers are missing.
    """
    name, path = told("named_key_file", name=settings.path.name), settings.path
    content, asked = _private(path), path.resolve().as_posix().encode().hex()
    secret = from_file(settings.pin_file, PASSWORD) if settings.pin_file else kept(asked) or typed(name, PASSWORD)
    try:
        held = pkcs12.load_pkcs12(content, secret.value.get_secret_value().encode())
    except ValueError:
        raise KeysUnusable("key_file_closed", remedy="correct_key_password", path=path) from None
    if not secret.source:
        keep_secret(asked, secret.value)
    key, own = held.key, held.cert
    if own is None or not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise KeysUnusable("key_file_without_key", remedy=_REMEDY, path=path)
    pool = [*(item.certificate for item in held.additional_certs), *read_certificates(settings.certificates)]
    algorithm = _PADDINGS[settings.padding] if isinstance(key, rsa.RSAPrivateKey) else Algorithm.ECDSA
    yield Credential(own.certificate, chain_of(own.certificate, pool, name), SoftwareKey(key), algorithm)


def _private(path: Path) -> bytes:
    """What stands in a file that nobody else may read.

    Raises:
        KeysUnusable: it cannot be read, or others can.
    """
    try:
        with path.open("rb") as file:
            status, content = os.fstat(file.fileno()), file.read()
    except OSError as error:
        raise KeysUnusable("key_file_not_read", remedy=_REMEDY, path=path, error=type(error).__name__) from None
    if stat.S_IMODE(status.st_mode) & 0o077:
        raise KeysUnusable("key_file_open", remedy="close_key_file", path=path)
    return content


def _state(settings: KeyFileSettings) -> str:
    _private(settings.path)
    return str(settings.path)


def _settings(place: KeyPlace) -> KeyFileSettings:
    assert place.file is not None  # noqa: S101 (the settings were refused without it)
    return place.file


def _certificates(settings: KeyFileSettings) -> list[x509.Certificate]:
    """What can be read without a person: those of the file with them, and of the key file when a file opens it."""
    listed = read_certificates(settings.certificates)
    if settings.pin_file is None:
        return listed
    with open_key_file(settings) as credential:
        return [credential.certificate, *credential.chain]


KEY_FILE = KeyKind(
    name="key file of the {role}",
    open=lambda _, place: open_key_file(_settings(place)),
    present=lambda _, place: _state(_settings(place)),
    certificates=lambda _, place: _certificates(_settings(place)),
    anchors=lambda _, place: roots_of(_certificates(_settings(place))),
    advice="key_file_can_be_copied",
)
