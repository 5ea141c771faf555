"""Keys on PKCS#11 tokens: USB tokens, smart cards and HSMs, through the maker's module."""

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pkcs11
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from pkcs11 import MGF, Attribute, CertificateType, KeyType, Mechanism, ObjectClass
from pkcs11 import exceptions as p11
from pkcs11.types import SignMixin
from pkcs11.util.ec import encode_ecdsa_signature

from config.signing import KeyPlace, TokenSettings
from domain.messages.told import told
from signing.errors import KeysUnusable, TokenAway
from signing.keys.chains import chain_of, read_certificates
from signing.keys.credentials import Algorithm, Credential, SigningKey, is_signature
from signing.keys.kinds import KeyKind, roots_of
from signing.keys.token_module import LOCK, Module, means_away, open_module, present

T = TypeVar("T")

_PUT_IN = "put_in_or_correct"
_TRIAL = b"khoso: trial of a key; this is no document"
_START_S = 1.0  # SoftHSM loses sight of its tokens while another process logs in
_PAUSE_S = 0.25  # before the second new try; each further pause is twice as long
_LONGEST_PAUSE_S = 5.0
_DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")  # RFC 8017 9.2, note 1: SHA-256
_PADDINGS = {"pss": Algorithm.PSS, "pkcs1": Algorithm.PKCS1}
_PSS = (Mechanism.SHA256, MGF.SHA256, hashes.SHA256.digest_size)


def _digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _as_is(data: bytes) -> bytes:
    return data


@dataclass(frozen=True, slots=True)
class _Way:
    """How a token makes a signature: its mechanism, what is given to it, and what becomes of the answer."""

    mechanism: Mechanism
    parameter: Any
    prepare: Callable[[bytes], bytes]
    encode: Callable[[bytes], bytes] = _as_is


# A token need not know the mechanisms that digest as well; the first that it knows is taken.
_WAYS = {
    Algorithm.PSS: (
        _Way(Mechanism.SHA256_RSA_PKCS_PSS, _PSS, _as_is),
        _Way(Mechanism.RSA_PKCS_PSS, _PSS, _digest),
    ),
    Algorithm.PKCS1: (
        _Way(Mechanism.SHA256_RSA_PKCS, None, _as_is),
        _Way(Mechanism.RSA_PKCS, None, lambda data: _DIGEST_INFO + _digest(data)),
    ),
    Algorithm.ECDSA: (
        _Way(Mechanism.ECDSA, None, _digest, encode_ecdsa_signature),
        _Way(Mechanism.ECDSA_SHA256, None, _as_is, encode_ecdsa_signature),
    ),
}


class TokenKey(SigningKey):
    """A private key on a token; it cannot be read, only asked to sign.  Usable from any thread."""

    def __init__(self, module: Module, settings: TokenSettings, notes: Path) -> None:
        """Log in to the token and find the key."""
        self._module = module
        self._settings = settings
        self._notes = notes
        self._start = 0
        self._patiently(lambda: None, is_first=True)

    def raw_sign(self, data: bytes, algorithm: Algorithm) -> bytes:
        """The signature of the data; waits a while for a token that was taken out.

        Raises:
            TokenAway: the token did not come back in time.
            PinRefused: it came back, but did not take the PIN.
            KeysUnusable: the key cannot sign, now or later.
        """
        return self._patiently(lambda: self._sign(data, algorithm))

    def certificates(self) -> list[x509.Certificate]:
        """The certificates on the token."""
        return self._patiently(self._certificates)

    @property
    def is_rsa(self) -> bool:
        """Whether it is an RSA key, not one on an elliptic curve."""
        return self._key.key_type is KeyType.RSA

    def _patiently(self, act: Callable[[], T], *, is_first: bool = False) -> T:
        """Do something with the open key; wait for the token, at the start only as long as others may disturb it."""
        with LOCK:
            for is_new, pause in _tries(_START_S if is_first else self._settings.patience_s):
                try:
                    if is_new or not self._module.is_of_this_process():
                        self._module.restart()
                    if self._start != self._module.starts:
                        self._open()
                    return act()
                except p11.PKCS11Error as error:
                    if not means_away(error):
                        raise _unusable(self._settings, error) from None
                time.sleep(pause)
        raise TokenAway("token_not_there", remedy=_PUT_IN if is_first else "", token=self._settings.name)

    def _sign(self, data: bytes, algorithm: Algorithm) -> bytes:
        way = self._way(algorithm)
        answer = self._key.sign(way.prepare(data), mechanism=way.mechanism, mechanism_param=way.parameter)
        return way.encode(answer)

    def _certificates(self) -> list[x509.Certificate]:
        kind = {Attribute.CLASS: ObjectClass.CERTIFICATE, Attribute.CERTIFICATE_TYPE: CertificateType.X_509}
        found = self._key.session.get_objects(kind)
        return [x509.load_der_x509_certificate(item[Attribute.VALUE]) for item in found]

    def _open(self) -> None:
        token = self._module.find(self._settings)
        session = self._module.session(token, self._settings.pin_file, self._notes)
        # from now on another token of the same label may not take its place
        self._settings = self._settings.model_copy(update={"serial": token.serial.decode()})
        self._key = _private_key(session, self._settings)
        self._mechanisms = token.slot.get_mechanisms()
        self._start = self._module.starts

    def _way(self, algorithm: Algorithm) -> _Way:
        for way in _WAYS[algorithm]:
            if way.mechanism in self._mechanisms:
                return way
        raise KeysUnusable("token_cannot_sign", remedy="set_padding", token=self._settings.name, algorithm=algorithm)


def _tries(patience_s: float) -> Iterator[tuple[bool, float]]:
    """Whether a try is a new one, and the pause after it: a new try at once, then ever longer pauses."""
    yield False, 0
    pause = _PAUSE_S
    while patience_s > 0:
        yield True, min(pause, patience_s)
        patience_s -= pause
        pause = min(2 * pause, _LONGEST_PAUSE_S)
    yield True, 0


def _private_key(session: pkcs11.Session, settings: TokenSettings) -> SignMixin:
    """The only private key that answers to label and id, and may sign."""
    wanted: dict[Attribute, Any] = {Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.SIGN: True}
    if settings.key:
        wanted[Attribute.LABEL] = settings.key
    if settings.key_id:
        wanted[Attribute.ID] = bytes.fromhex(settings.key_id)
    found = list(session.get_objects(wanted))
    if len(found) != 1:
        raise KeysUnusable("token_keys", remedy="name_key", number=len(found) or "none", token=settings.name)
    (key,) = found
    if not isinstance(key, SignMixin) or key.key_type not in {KeyType.RSA, KeyType.EC}:
        raise KeysUnusable("token_key_kind", remedy="name_another_key", token=settings.name)
    return key


def _unusable(settings: TokenSettings, error: p11.PKCS11Error) -> KeysUnusable:
    return KeysUnusable("token_not_working", remedy="try_token", token=settings.name, error=type(error).__name__)


@contextmanager
def open_token(settings: TokenSettings, notes: Path) -> Iterator[Credential]:
    """The key on a token with its certificate, which is told by a trial signature.

    Raises:
        TokenAway: the token is not there.
        KeysUnusable: module, key or certificate is not there, or they do not belong together.
        PinRefused: the PIN was not taken.
    """
    with open_module(settings.module) as module:
        key = TokenKey(module, settings, notes)
        pool = [*read_certificates(settings.certificates), *key.certificates()]
        algorithm = _PADDINGS[settings.padding] if key.is_rsa else Algorithm.ECDSA
        trial = key.raw_sign(_TRIAL, algorithm)
        own = next((item for item in pool if is_signature(trial, _TRIAL, item, algorithm)), None)
        if own is None:
            raise KeysUnusable("token_certificates", remedy="put_certificate", number=len(pool), token=settings.name)
        yield Credential(own, chain_of(own, pool, told("named_token", name=settings.name)), key, algorithm)


def _settings(place: KeyPlace) -> TokenSettings:
    token = place.token
    assert token is not None  # noqa: S101 (the settings were refused without it)
    return token


TOKEN = KeyKind(
    name="token of the {role}",
    open=lambda _, place: open_token(_settings(place), place.notes),
    present=lambda _, place: present(_settings(place)),
    certificates=lambda _, place: read_certificates(_settings(place).certificates),
    anchors=lambda _, place: roots_of(read_certificates(_settings(place).certificates)),
)
